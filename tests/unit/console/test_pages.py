"""What a browser may send and what it gets, without a browser."""

import asyncio
import re
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlencode

import httpx
import pytest

from tenure import wiring
from tenure.console.pages import Console
from tenure.console.sessions import Sessions
from tenure.demo.stage import VirtualClock
from tenure.server.app import make_app, make_telling
from tenure.server.telemetry import Telemetry
from tenure.server.writer import Writer
from tenure.services.keeping import keep
from tenure.services.tokens import Scope, Tokens
from tenure.terms.decide import open_book
from tenure.terms.parse import parse_pack
from tenure.testing.store import MemoryStore

AT = datetime(2026, 9, 28, 10, tzinfo=UTC)
BOOK = open_book([parse_pack(wiring.packaged_packs()["claude_code.toml"])])
FORM = {"content-type": "application/x-www-form-urlencoded"}
POSTS = ("privacy/ask", "privacy/answer", "privacy/withdraw", "held/export", "held/erase", "telemetry", "sign-out", "sign-in")


class Browser:
    """Sends requests to an application and keeps its cookies.

    Args:
        app: the application.
    """

    def __init__(self, app):
        self.cookies = httpx.Cookies()
        self._app = app

    def get(self, path):
        return asyncio.run(self._send("GET", path))

    def post(self, path, content, headers):
        return asyncio.run(self._send("POST", path, content=content, headers=headers))

    async def _send(self, method, path, **sent):
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="https://testserver", cookies=self.cookies) as client:
            answer = await client.request(method, path, **sent)
            self.cookies = client.cookies
            return answer


class House:
    """A service in memory, with a browser's requests."""

    def __init__(self):
        self.clock = VirtualClock(AT)
        self.keeping = keep(MemoryStore(AT), BOOK, self.clock, lambda: 0.0)
        self.keeping.accounts.create_account("ann", agent="claude_code", tier="pro", provider="first_party", at=AT)
        self.keeping.accounts.create_org("acme", owner="olga", agent="claude_code", tier="team", provider="first_party", at=AT)
        self.keeping.accounts.set_member("acme", "mia", "member", actor="olga", at=AT)
        self.tokens = Tokens(self.keeping.store, self.keeping.time)
        self.writer = Writer(self.opened, lambda _: None, lambda: 0.0)
        self.sessions = Sessions()
        routes = Console(self.writer, Telemetry(), sessions=self.sessions).routes()
        self.app = make_app(self.writer, Telemetry(), make_telling(), routes)
        self.client = self.fresh()

    @contextmanager
    def opened(self):
        yield self.keeping

    def fresh(self):
        return Browser(self.app)

    def get(self, path):
        return self.client.get(f"/console/{path}")

    def code(self, path):
        return re.search('name="code" value="([0-9a-f]{64})"', self.get(path).text)[1]

    def post(self, path, headers=FORM, **fields):
        return self.client.post(f"/console/{path}", content=urlencode(fields), headers=headers)

    def sign_in(self, scope, subject=None, org=None):
        text, token = self.tokens.mint(scope, "claude_code", subject=subject, org=org)
        answer = self.post("sign-in", code=self.code("sign-in"), token=text)
        assert answer.status_code == 303, answer.text
        return token


@pytest.fixture
def house():
    found = House()
    found.writer.start()
    yield found
    found.writer.stop()


def facts(house):
    return house.keeping.store.ledger.size


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("code", ["", "0" * 64, "of another session"])
def test_form_without_the_code_of_its_session_changes_nothing(house, path, code):
    house.sign_in(Scope.CONSENT, "ann")
    house.sign_in(Scope.RIGHTS, "ann")
    house.sign_in(Scope.OPERATE)
    before = facts(house)
    if code == "of another session":
        code = house.sessions.code(house.sessions.fresh_name())

    answer = house.post(path, code=code, name="training", understood="yes")

    assert answer.status_code == 403
    assert "console/not-this-page" in answer.text
    assert facts(house) == before


@pytest.mark.parametrize(
    "sent",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://elsewhere.example"},
        {"origin": "null"},
    ],
)
def test_form_from_elsewhere_is_refused_though_its_code_is_right(house, sent):
    house.sign_in(Scope.CONSENT, "ann")
    before = facts(house)

    assert house.post("privacy/withdraw", {**FORM, **sent}, code=house.code("privacy"), name="training").status_code == 403
    assert facts(house) == before


def test_form_of_this_origin_is_taken(house):
    house.sign_in(Scope.CONSENT, "ann")
    sent = {**FORM, "sec-fetch-site": "same-origin", "origin": "https://testserver"}

    assert house.post("privacy/withdraw", sent, code=house.code("privacy"), name="training").status_code == 303


MANY = b"&".join(b"a%d=1" % each for each in range(40))


@pytest.mark.parametrize("body", [b"code=a&code=b", MANY, b"\xff=1", b"a=%ff", b"x" * 20_000, b"noequals"])
def test_malformed_form_is_refused_with_a_page(house, body):
    house.sign_in(Scope.CONSENT, "ann")
    answer = house.client.post("/console/privacy/withdraw", content=body, headers=FORM)

    assert answer.status_code in (400, 403, 413)
    assert "<h1>That did not work</h1>" in answer.text


def test_form_of_another_type_is_refused(house):
    house.sign_in(Scope.CONSENT, "ann")

    assert house.post("privacy/withdraw", {"content-type": "text/plain"}, code=house.code("privacy"), name="training").status_code == 400


@pytest.mark.parametrize("path", ["privacy", "privacy/question", "held", "held/erase", "overview", "telemetry", "organisation"])
def test_whoever_is_not_signed_in_is_asked_to(house, path):
    answer = house.get(path)

    assert (answer.status_code, answer.headers["location"]) == (303, "/console/sign-in")


@pytest.mark.parametrize(
    ("scope", "opens"),
    [
        (Scope.CONSENT, {"privacy"}),
        (Scope.RIGHTS, {"held", "held/erase"}),
        (Scope.OPERATE, {"overview", "telemetry", "organisation"}),
    ],
)
def test_token_opens_its_own_pages_alone(house, scope, opens):
    house.sign_in(scope, None if scope is Scope.OPERATE else "ann")
    found = {path for path in ("privacy", "held", "held/erase", "overview", "telemetry", "organisation") if house.get(path).status_code == 200}

    assert found == opens


@pytest.mark.parametrize("scope", [Scope.INGEST, Scope.SURVEY])
def test_token_of_a_client_opens_no_page(house, scope):
    text, _ = house.tokens.mint(scope, "claude_code", subject="ann" if scope is Scope.INGEST else None)

    assert house.post("sign-in", code=house.code("sign-in"), token=text).status_code == 403


def test_token_that_is_revoked_opens_no_further_page(house):
    token = house.sign_in(Scope.CONSENT, "ann")
    assert house.get("privacy").status_code == 200
    house.tokens.revoke(token.id)

    assert house.get("privacy").headers["location"] == "/console/sign-in"


def test_after_signing_out_the_cookie_is_worth_nothing(house):
    house.sign_in(Scope.CONSENT, "ann")
    name = house.client.cookies["__Host-tenure"]
    house.post("sign-out", code=house.code("privacy"))
    house.client.cookies = httpx.Cookies({"__Host-tenure": name})

    assert house.get("privacy").headers["location"] == "/console/sign-in"


def test_cookie_is_for_this_origin_alone(house):
    cookie = house.get("sign-in").headers["set-cookie"].lower()

    assert cookie.startswith("__host-tenure=")
    assert all(part in cookie for part in ("httponly", "secure", "samesite=strict", "path=/"))
    assert "domain" not in cookie


def test_question_of_another_session_is_not_answered(house):
    house.sign_in(Scope.CONSENT, "ann")
    house.post("privacy/ask", code=house.code("privacy"), name="training")
    nonce = re.search('name="nonce" value="([0-9a-f]{32})"', house.get("privacy/question").text)[1]
    house.client = house.fresh()
    house.sign_in(Scope.CONSENT, "ann")
    house.clock.move_to(AT.replace(second=5))

    answer = house.post("privacy/answer", code=house.code("privacy"), nonce=nonce, answer="yes")

    assert answer.status_code == 403
    assert house.keeping.accounts.agreement("claude_code", "ann", None, house.keeping.at).consents == ()


def test_page_of_a_question_that_was_asked_again_is_worth_nothing(house):
    house.sign_in(Scope.CONSENT, "ann")
    nonces = []
    for _ in range(2):
        house.post("privacy/ask", code=house.code("privacy"), name="training")
        nonces.append(re.search('name="nonce" value="([0-9a-f]{32})"', house.get("privacy/question").text)[1])
    house.clock.move_to(AT.replace(second=5))

    assert house.post("privacy/answer", code=house.code("privacy"), nonce=nonces[0], answer="yes").status_code == 403
    assert house.post("privacy/answer", code=house.code("privacy"), nonce=nonces[1], answer="yes").status_code == 303
    assert [each.value for each in house.keeping.accounts.agreement("claude_code", "ann", None, house.keeping.at).consents] == [True]


def test_answer_that_is_neither_counts_for_nothing(house):
    house.sign_in(Scope.CONSENT, "ann")
    house.post("privacy/ask", code=house.code("privacy"), name="training")
    page = house.get("privacy/question").text
    nonce = re.search('name="nonce" value="([0-9a-f]{32})"', page)[1]

    assert house.post("privacy/answer", code=house.code("privacy"), nonce=nonce, answer="maybe").status_code == 403


def test_erasing_without_the_tick_erases_nothing(house):
    house.sign_in(Scope.RIGHTS, "ann")

    assert house.post("held/erase", code=house.code("held/erase")).status_code == 400
    assert house.keeping.accounts.knows("ann")


def test_member_does_not_see_the_use_of_the_organisation(house):
    house.sign_in(Scope.CONSENT, "mia", "acme")
    assert "/console/organisation" not in house.get("privacy").text

    assert house.get("organisation").status_code == 403


def test_owner_sees_their_own_organisation_whatever_the_address_names(house):
    house.sign_in(Scope.CONSENT, "olga", "acme")

    assert ">acme</bdi>" in house.client.get("/console/organisation?org=other").text


def test_operator_of_one_organisation_sees_no_other(house):
    house.keeping.accounts.create_org("other", owner="olga", agent="claude_code", tier="team", provider="first_party", at=AT)
    house.sign_in(Scope.OPERATE, org="acme")

    assert ">other</bdi>" not in house.client.get("/console/organisation?org=other").text


def test_organisation_that_is_none_is_no_page(house):
    house.sign_in(Scope.OPERATE)

    assert house.client.get("/console/organisation?org=nobody").status_code == 400


def test_every_answer_forbids_scripts(house):
    seen = [house.get("sign-in"), house.get("privacy"), house.client.get("/"), house.get("static/console.css"), house.get("static/nothing")]
    house.sign_in(Scope.CONSENT, "ann")
    seen += [house.get("privacy"), house.get("held"), house.client.get("/console")]

    assert [each.url.path for each in seen if "default-src 'none'" not in each.headers.get("content-security-policy", "")] == []
