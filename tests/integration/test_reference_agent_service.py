"""The reference agent's side of the service against the service itself: everything that it sends is taken, by the terms of its case."""

import socket
import threading
from contextlib import contextmanager
from datetime import timedelta

import httpx
import pytest
import uvicorn
from tests.unit.demo.agent.people import AT, SESSION, Ticking, Typist, surroundings

from tenure import wiring
from tenure.client.feedback import feedback
from tenure.client.privacy import privacy
from tenure.client.reports import describe
from tenure.client.service import Access, Client, Reply
from tenure.client.survey import Survey
from tenure.client.telemetry import Telemetry
from tenure.demo.agent.program import FOLLOWS
from tenure.demo.stage import VirtualClock
from tenure.server.app import make_app, make_telling
from tenure.server.telemetry import Telemetry as Way
from tenure.server.writer import Writer
from tenure.services.keeping import keep
from tenure.services.tokens import Scope, Tokens
from tenure.terms.decide import open_book
from tenure.terms.parse import parse_pack
from tenure.testing.store import MemoryStore

CASE = {"surface": "cli", "client_version": FOLLOWS, "env": {}, "settings": {}}
TAKEN = Reply(True)
LINE = b'{"type":"user"}\n'


class Reading(Typist):
    """A person who takes two seconds to read a question."""

    def __init__(self, clock: VirtualClock, answers: list[str]) -> None:
        super().__init__(answers)
        self._clock = clock

    def ask(self, question: str) -> str | None:
        self._clock.move_to(self._clock.now() + timedelta(seconds=2))
        return super().ask(question)


@pytest.fixture
def service():
    """A service with one account, what the agent uses of it, its clock, and its store."""
    clock = VirtualClock(AT)
    keeping = keep(MemoryStore(AT), open_book([parse_pack(wiring.packaged_packs()["claude_code.toml"])]), clock, lambda: 0.0)
    keeping.accounts.create_account("ann", agent="claude_code", tier="pro", provider="first_party", at=AT)
    tokens = Tokens(keeping.store, keeping.time)
    made = {str(scope): tokens.mint(scope, "claude_code", subject="ann")[0] for scope in (Scope.INGEST, Scope.CONSENT, Scope.RIGHTS)}
    made["survey"] = tokens.mint(Scope.SURVEY, "claude_code", tier="pro", provider="first_party")[0]

    @contextmanager
    def opened():
        yield keeping

    writer = Writer(opened, lambda _: None, lambda: 0.0)
    writer.start()
    with serving(make_app(writer, Way(), make_telling())) as url:
        yield Client(Access(url, made["ingest"], tokens=made), lambda: httpx.Client(base_url=url, timeout=30)), clock, keeping
    writer.stop()


@contextmanager
def serving(app):
    """Serve an application on this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def here(tmp_path, server, person):
    found = surroundings(tmp_path, person, server, arm=None)
    object.__setattr__(found, "case", CASE)
    return found


def test_a_rating_and_then_the_transcript_are_taken(tmp_path, service):
    server, clock, _ = service
    person = Reading(clock, ["3", "y"])

    Survey(here(tmp_path, server, person)).after_task()

    assert "Sent. Thank you." in person.seen
    assert server.consents() == {"transcript_share": True}


def test_a_report_is_taken(tmp_path, service):
    server, clock, _ = service
    person = Reading(clock, ["1", "y"])

    feedback(here(tmp_path, server, person), "it is slow")

    assert "Sent. Thank you." in person.seen


def test_a_consent_is_given_and_taken_back(tmp_path, service):
    server, clock, _ = service
    person = Reading(clock, ["y"])
    found = here(tmp_path, server, person)

    privacy(found, ["training", "on"], "ann")
    assert server.consents() == {"training": True}
    privacy(found, ["training", "off"], "ann")
    assert server.consents() == {"training": False}


def test_telemetry_errors_usage_and_the_session_are_taken(service):
    server, _, _ = service
    replies = []
    telemetry = Telemetry(SESSION, "0.1.0", "xterm", Ticking(), lambda signal, payload: replies.append(server.telemetry(signal, payload)))
    telemetry.count("claude_code.session.count", 1, start_type="fresh")
    telemetry.event("api_request", model="claude-opus-4-8", duration_ms=5, input_tokens=1, output_tokens=1)
    telemetry.flush()

    assert replies == [TAKEN, TAKEN]
    assert server.errors(describe(TypeError("x"), "0.1.0"), CASE) == TAKEN
    assert server.usage("claude-opus-4-8", {"input": 1, "output": 2, "read": 0, "write_5m": 0}, "req_1") == TAKEN
    assert server.transcript(SESSION, 0, LINE, CASE) == TAKEN
    assert server.transcript(SESSION, len(LINE), LINE, CASE) == TAKEN
    assert not server.transcript(SESSION, 3 * len(LINE), LINE, CASE).is_taken


def test_what_is_held_is_handed_over_and_erased(service):
    server, _, keeping = service
    server.transcript(SESSION, 0, LINE, CASE)

    assert LINE.strip() in (server.export("ann") or b"")
    assert server.delete_session(SESSION) == TAKEN
    assert server.erase("ann") == TAKEN
    assert keeping.holdings.status().held.records == 0
