"""Every endpoint: what it does, with whose token, and what it answers when it does not."""

import io
import json
import tarfile
from collections import Counter

import pytest
from tests.unit.server.desk import AT, CASE, LINE, OF_A_PERSON, TOLD, Desk, code_of, feedback, yes_to
from tests.unit.server.otlp.payloads import CAPTURES

from tenure.errors import ConfigError, DataError, IntegrityError, TermsError, VaultError
from tenure.records.facts import ATTEMPT, USAGE
from tenure.server.answers import STATUSES, error_answer
from tenure.services.tokens import Scope, Tokens

DAY = AT.date().isoformat()
CANARY = "CaNaRy7f3a"
SURVEY = {"rating": 3, "day": DAY, "arm": None}
REPORT = {"type": "ValueError", "frames": [{"module": "a.b", "function": "f", "line": 3}], "version": "2.1.200"}
USED = {"model": "sonnet-4", "tokens": {"input": 10, "output": 3}, "request": "req-1"}
TRANSCRIPT = "/v1/sessions/s1/transcript"
METRICS = json.loads((CAPTURES / "claude_code.default.jsonl").read_text().splitlines()[0])["data"]


@pytest.fixture
def desk():
    with Desk().open() as desk:
        yield desk


ENDPOINTS = [
    ("POST", "/v1/feedback", ("ingest",), {"json": feedback()}),
    ("POST", "/v1/survey", ("survey",), {"json": SURVEY}),
    ("POST", TRANSCRIPT, ("ingest",), {"content": LINE, "headers": TOLD}),
    ("DELETE", "/v1/sessions/s1", ("rights",), {}),
    ("POST", "/v1/errors", ("ingest",), {"json": REPORT, "headers": TOLD}),
    ("GET", "/v1/consents", ("consent",), {}),
    ("POST", "/v1/consents/questions", ("consent",), {"json": {"name": "training"}}),
    ("POST", "/v1/consents", ("consent",), {"json": {"name": "training", "value": False}}),
    ("GET", "/v1/subjects/me/export", ("rights",), {}),
    ("DELETE", "/v1/subjects/me", ("rights",), {}),
    ("POST", "/v1/metrics", ("ingest",), {"json": {}}),
    ("POST", "/v1/logs", ("ingest",), {"json": {}}),
    ("POST", "/v1/traces", ("ingest",), {"json": {}}),
    ("POST", "/v1/usage", ("ingest",), {"json": USED}),
    ("GET", "/metrics", ("operate",), {}),
]
IDS = [f"{method} {path}" for method, path, _, _ in ENDPOINTS]


@pytest.mark.parametrize(("method", "path", "scopes", "sent"), ENDPOINTS, ids=IDS)
def test_endpoint_is_for_its_scope_and_no_other(desk, method, path, scopes, sent):
    for scope in Scope:
        answer = desk.sends(method, path, scope, **sent)
        if scope in scopes:
            assert answer.status_code in (200, 201), answer.text
        else:
            assert code_of(answer) == (403, "server/scope")


@pytest.mark.parametrize(("method", "path", "scopes", "sent"), ENDPOINTS, ids=IDS)
def test_endpoint_asks_for_a_token_before_anything_else(desk, method, path, scopes, sent):
    before = desk.raw()
    for token in (
        "",
        "Bearer",
        "Bearer ",
        "Basic dTpw",
        "Bearer tn_ingest_" + "A" * 43,
        "Bearer " + "x" * 5000,
        desk.tokens["operate", ""],
        "Bearer é",
    ):
        more = {**sent, "headers": {**sent.get("headers", {}), "authorization": token.encode()}}
        answer = desk.sends(method, path, **more)
        assert code_of(answer) == (401, "server/no-token")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert desk.raw() == before


@pytest.mark.parametrize("end", ["revoked", "over", "of another store"])
def test_token_that_is_worth_nothing_opens_nothing(desk, end):
    text = desk.tokens["ingest", "ann"]
    if end == "revoked":
        tokens = Tokens(desk.store, desk.keeping.time)
        tokens.revoke(tokens.find(text).id)
    elif end == "over":
        desk.later(days=401)
    else:
        desk.tokens["ingest", "ann"] = Desk().tokens["ingest", "ann"]
    assert code_of(desk.sends("POST", TRANSCRIPT, "ingest", content=LINE, headers=TOLD)) == (401, "server/no-token")
    assert desk.exported() == []


def test_report_is_held_with_the_sessions_that_were_chosen(desk):
    answer = desk.sends("POST", "/v1/feedback", "ingest", json=feedback(scope="24h", sessions=[("s1", b"one"), ("s2", b"two")]))
    assert answer.status_code == 201
    assert answer.json()["verdict"] == "permit"
    text, *parts = desk.exported()
    assert json.loads(text) == {"scope": "24h", "text": "it broke", "sessions": ["s1", "s2"]}
    assert parts == [b"one", b"two"]


def test_report_of_one_session_has_one(desk):
    answer = desk.sends("POST", "/v1/feedback", "ingest", json=feedback(sessions=[("s1", b"one"), ("s2", b"two")]))
    assert code_of(answer) == (400, "server/malformed")


def test_what_the_terms_refuse_is_answered_with_the_clause_and_kept_nowhere(desk):
    sent = feedback(text=CANARY, sessions=[("s1", CANARY.encode())], env={"DISABLE_FEEDBACK_COMMAND": "1"})
    answer = desk.sends("POST", "/v1/feedback", "ingest", json=sent)
    assert answer.status_code == 403
    assert answer.json()["verdict"] == "deny"
    assert answer.json()["because"][0]["clause"]
    assert CANARY.encode() not in desk.raw()
    assert CANARY not in answer.text


def test_rating_is_taken_with_the_token_of_the_survey(desk):
    answer = desk.sends("POST", "/v1/survey", "survey", json={**SURVEY, "arm": "b"})
    assert answer.status_code == 201
    assert answer.json()["records"] == []


@pytest.mark.parametrize(
    "more",
    [
        {"session": "s1"},
        {"user": "ann"},
        {"request": "r"},
        {"rating": 4},
        {"rating": -1},
        {"rating": True},
        {"rating": 2.5},
        {"rating": "3"},
        {"day": "2026-09-28T10:00:00Z"},
        {"day": "2026-10-05"},
        {"day": "2025-01-01"},
        {"day": "today"},
        {"arm": "2a594641-dbdb-416a-9d73-5ea347f00db0"},
        {"arm": "2a594641dbdb416a9d735ea347f00db0"},
        {"arm": "b\n"},
        {"arm": ""},
        {"arm": 7},
        {"text": "it was good"},
    ],
)
def test_rating_has_no_room_for_anything_else(desk, more):
    before = desk.raw()
    answer = desk.sends("POST", "/v1/survey", "survey", json={**SURVEY, **more})
    assert answer.status_code == 400
    assert desk.raw() == before


def test_rating_has_no_room_for_a_case(desk):
    answer = desk.sends(
        "POST", "/v1/survey", "survey", json=SURVEY, headers={"tenure-case": json.dumps({**CASE, "session": {"started_at": "2026-09-28T09:00:00Z"}})}
    )
    assert answer.status_code == 201
    assert b"09:00:00" not in desk.raw()


def test_parts_of_a_transcript_are_held_once(desk):
    for start, content, is_repeated in ((0, b"one\n", False), (4, b"two\n", False), (0, b"one\n", True), (4, b"two\n", True)):
        answer = desk.sends("POST", f"{TRANSCRIPT}?from={start}", "ingest", content=content, headers=TOLD)
        assert answer.status_code == 201
        assert (answer.json()["repeated"], answer.json()["length"]) == (is_repeated, 8 if is_repeated or start else 4)
    assert desk.exported() == [b"one\n", b"two\n"]


def test_part_that_does_not_fit_is_a_conflict_that_says_from_where(desk):
    desk.sends("POST", TRANSCRIPT, "ingest", content=b"one\n", headers=TOLD)
    answer = desk.sends("POST", f"{TRANSCRIPT}?from=2", "ingest", content=b"x", headers=TOLD)
    assert code_of(answer) == (409, "server/conflict")
    assert answer.json()["error"]["remedy"] == "go on from byte 4"


@pytest.mark.parametrize("start", ["-1", "x", "1.0", "", "٣", "9" * 16, "0x1"])
def test_offset_is_a_number(desk, start):
    answer = desk.sends("POST", TRANSCRIPT, "ingest", params={"from": start}, content=b"x", headers=TOLD)
    assert code_of(answer) == (400, "server/malformed")


def test_session_of_the_same_id_is_another_one_for_another_person(desk):
    desk.sends("POST", TRANSCRIPT, "ingest", content=b"one\n", headers=TOLD)
    answer = desk.sends("POST", TRANSCRIPT, "ingest", of="bob", content=b"two\n", headers=TOLD)
    assert answer.status_code == 201
    assert (desk.exported("ann"), desk.exported("bob")) == ([b"one\n"], [b"two\n"])


@pytest.mark.parametrize(
    "told",
    [
        "{",
        "[]",
        "7",
        '"x"',
        "[" * 5000,
        json.dumps({**CASE, "tier": "api"}),
        json.dumps({**CASE, "consents": []}),
        json.dumps({**CASE, "kind": "code"}),
        '{"env": 7}',
    ],
    ids=["cut", "list", "number", "text", "deep", "tier", "consents", "kind", "env"],
)
def test_client_says_only_what_is_its_own_to_say(desk, told):
    answer = desk.sends("POST", TRANSCRIPT, "ingest", content=LINE, headers={"tenure-case": told})
    assert answer.status_code == 400
    assert desk.exported() == []


def test_client_without_a_case_is_not_permitted_by_what_is_not_known(desk):
    answer = desk.sends("POST", "/v1/feedback", "ingest", json={"scope": "session", "text": CANARY})
    assert answer.status_code in (201, 403)
    assert answer.status_code == 201 or CANARY.encode() not in desk.raw()


def test_erasing_a_session_leaves_the_others_and_lets_it_begin_anew(desk):
    for session in ("s1", "s2"):
        desk.sends("POST", f"/v1/sessions/{session}/transcript", "ingest", content=session.encode(), headers=TOLD)
    answer = desk.sends("DELETE", "/v1/sessions/s1", "rights")
    assert answer.json()["records"] == 1
    assert desk.exported() == [b"s2"]
    assert not desk.sends("POST", TRANSCRIPT, "ingest", content=b"s1", headers=TOLD).json()["repeated"]


def test_session_of_another_person_is_not_erased(desk):
    desk.sends("POST", TRANSCRIPT, "ingest", content=b"one\n", headers=TOLD)
    assert desk.sends("DELETE", "/v1/sessions/s1", "rights", of="bob").json()["records"] == 0
    assert desk.exported() == [b"one\n"]


def test_error_report_has_a_type_and_places_and_no_message(desk):
    assert desk.sends("POST", "/v1/errors", "ingest", json=REPORT, headers=TOLD).status_code == 201
    assert [json.loads(each) for each in desk.exported()] == [REPORT]
    for wrong in ({"message": CANARY}, {"type": "A B"}, {"frames": [{"module": "/home/ann/x.py", "function": "f"}]}, {"type": "ValueError\n"}):
        answer = desk.sends("POST", "/v1/errors", "ingest", json={**REPORT, **wrong}, headers=TOLD)
        assert code_of(answer) == (400, "server/malformed")
        assert CANARY not in answer.text
    assert len(desk.exported()) == 1


def test_yes_to_a_question_stands_on_record(desk):
    question = desk.asks("training")
    desk.later(seconds=2)
    answer = desk.sends("POST", "/v1/consents", "consent", json=yes_to(question))
    assert (answer.status_code, answer.json()["value"]) == (200, True)
    shown = desk.sends("GET", "/v1/consents", "consent").json()["answers"]
    assert [(each["name"], each["value"]) for each in shown] == [("training", True)]


@pytest.mark.parametrize(
    ("seconds", "changes", "clause"),
    [
        (0, {}, "consent/too-early"),
        (0.9, {}, "consent/too-early"),
        (601, {}, "consent/too-late"),
        (2, {"flushed": False}, "consent/typed-ahead"),
        (2, {"nonce": "0" * 32}, "consent/no-question"),
        (2, {"shown": {"name": "training", "text_sha256": "0" * 64, "default": False, "scope": "from_now"}}, "consent/not-bound"),
    ],
)
def test_yes_that_answers_no_question_that_was_read_does_not_count(desk, seconds, changes, clause):
    question = desk.asks("training")
    desk.later(seconds=seconds)
    answer = desk.sends("POST", "/v1/consents", "consent", json=yes_to(question, **changes))
    assert answer.status_code == 403
    assert answer.json()["clauses"] == [clause]
    assert desk.sends("GET", "/v1/consents", "consent").json()["answers"] == []


def test_answer_counts_once(desk):
    question = desk.asks("training")
    desk.later(seconds=2)
    assert desk.sends("POST", "/v1/consents", "consent", json=yes_to(question)).status_code == 200
    again = desk.sends("POST", "/v1/consents", "consent", json=yes_to(question))
    assert again.json()["clauses"] == ["consent/no-question"]


def test_question_of_another_person_is_not_answered(desk):
    question = desk.asks("training", of="bob")
    desk.later(seconds=2)
    answer = desk.sends("POST", "/v1/consents", "consent", of="ann", json=yes_to(question))
    assert answer.json()["clauses"] == ["consent/not-bound"]
    for of in ("ann", "bob"):
        assert desk.sends("GET", "/v1/consents", "consent", of=of).json()["answers"] == []


@pytest.mark.parametrize("left_out", ["nonce", "shown"])
def test_yes_needs_its_question(desk, left_out):
    sent = yes_to(desk.asks("training"))
    del sent[left_out]
    desk.later(seconds=2)
    assert code_of(desk.sends("POST", "/v1/consents", "consent", json=sent)) == (400, "server/malformed")


def test_no_needs_no_question(desk):
    answer = desk.sends("POST", "/v1/consents", "consent", json={"name": "training", "value": False})
    assert (answer.status_code, answer.json()["value"]) == (200, False)


def test_consent_that_there_is_not_is_refused(desk):
    assert code_of(desk.sends("POST", "/v1/consents/questions", "consent", json={"name": "everything"})) == (400, "consent/unknown")


def shares(desk, question, of="ann", **changes):
    agreed = {"nonce": question["nonce"], "shown": question["shown"], "flushed": True, **changes}
    return desk.sends("POST", "/v1/survey/transcript", "consent", of=of, json={**agreed, "session": feedback()["sessions"][0], "case": CASE})


def test_transcript_after_a_rating_is_held_with_its_own_yes_for_six_months(desk):
    question = desk.asks()
    desk.later(seconds=2)
    answer = shares(desk, question)
    assert answer.status_code == 201
    assert answer.json()["expires_at"].startswith("2027-03-")
    assert desk.exported() == [LINE]


@pytest.mark.parametrize("how", ["too early", "again", "another's", "typed ahead", "made up", "question to something else"])
def test_transcript_after_a_rating_is_not_held_without_its_own_yes(desk, how):
    first = desk.asks()
    desk.later(seconds=2)
    assert shares(desk, first).status_code == 201
    question = desk.asks("training" if how == "question to something else" else "transcript_share", of="bob" if how == "another's" else "ann")
    desk.later(seconds=0 if how == "too early" else 2)
    changes = {"typed ahead": {"flushed": False}, "made up": {"nonce": "0" * 32}}.get(how, {})
    answer = shares(desk, first if how == "again" else question, **changes)
    assert answer.status_code in (400, 403)
    assert desk.exported() == [LINE]


def test_export_holds_everything_and_of_nobody_else(desk):
    desk.sends("POST", "/v1/feedback", "ingest", json=feedback(text="of ann"))
    desk.sends("POST", "/v1/feedback", "ingest", of="bob", json=feedback(text="of bob"))
    desk.sends("POST", TRANSCRIPT, "ingest", content=b"one\n", headers=TOLD)
    desk.sends("POST", "/v1/metrics", "ingest", json=METRICS)
    answer = desk.sends("GET", "/v1/subjects/me/export", "rights")
    with tarfile.open(fileobj=io.BytesIO(answer.content)) as archive:
        files = {entry.name: archive.extractfile(entry).read() for entry in archive}
    manifest = json.loads(files.pop("manifest.json"))
    assert {each["file"] for each in manifest["records"]} == set(files)
    assert Counter(files.values()) == Counter(desk.exported())
    assert b"of ann" in b"".join(files.values())
    assert b"of bob" not in answer.content
    assert "survey ratings" in manifest["notes"][0]
    assert desk.sends("GET", "/v1/subjects/ann/export", "rights").status_code == 200


@pytest.mark.parametrize("subject", ["bob", "nobody", "ANN", "%61nn%00", "ann%20"])
@pytest.mark.parametrize(("method", "rest"), [("GET", "/export"), ("DELETE", "")])
def test_rights_are_over_the_person_whose_token_it_is(desk, subject, method, rest):
    desk.sends("POST", "/v1/feedback", "ingest", of="bob", json=feedback(text="of bob"))
    assert code_of(desk.sends(method, f"/v1/subjects/{subject}{rest}", "rights")) == (403, "server/scope")
    assert len(desk.exported("bob")) == 2


def test_erasing_a_person_leaves_nothing_of_them_and_all_of_the_others(desk):
    desk.sends("POST", "/v1/feedback", "ingest", json=feedback(text=CANARY))
    desk.sends("POST", "/v1/sessions/session-of-ann/transcript", "ingest", content=b"one\n", headers=TOLD)
    desk.sends("POST", "/v1/usage", "ingest", json=USED)
    desk.asks("training")
    desk.sends("POST", "/v1/feedback", "ingest", of="bob", json=feedback(text="of bob"))
    answer = desk.sends("DELETE", "/v1/subjects/me", "rights")
    assert (answer.status_code, answer.json()["applied"]) == (200, True)
    for trace in (b"session-of-ann", CANARY.encode(), b'"ann"'):
        assert trace not in desk.raw()
    assert not [note for note in desk.store.journal.facts if note.key == "ann" and note.topic in (USAGE, ATTEMPT)]
    assert len(desk.exported("bob")) == 2
    for scope in OF_A_PERSON:
        assert code_of(desk.sends("GET", "/v1/consents", scope))[0] == 401


def test_use_counts_once_and_anew_for_another_person(desk):
    assert desk.sends("POST", "/v1/usage", "ingest", json=USED).status_code == 201
    again = desk.sends("POST", "/v1/usage", "ingest", json=USED)
    assert (again.status_code, again.json()["counted"]) == (200, False)
    assert desk.sends("POST", "/v1/usage", "ingest", of="bob", json=USED).status_code == 201


def test_use_that_was_erased_is_not_remembered(desk):
    desk.sends("POST", "/v1/usage", "ingest", json=USED)
    desk.sends("DELETE", "/v1/subjects/me", "rights")
    desk.keeping.accounts.create_account("ann", agent="claude_code", tier="pro", provider="first_party", at=AT)
    desk.mint(Scope.INGEST, subject="ann")
    assert desk.sends("POST", "/v1/usage", "ingest", json=USED).json()["counted"]


@pytest.mark.parametrize(
    "wrong", [{"tokens": {"thoughts": 3}}, {"tokens": {"input": -1}}, {"tokens": {"input": 1.5}}, {"model": "a b"}, {"request": ""}, {"cost": 1}]
)
def test_use_has_the_kinds_of_the_price_table(desk, wrong):
    assert code_of(desk.sends("POST", "/v1/usage", "ingest", json={**USED, **wrong})) == (400, "server/malformed")


def test_telemetry_of_a_type_that_is_none_is_refused(desk):
    for kind in ("text/plain", "", "application/octet-stream"):
        answer = desk.sends("POST", "/v1/metrics", "ingest", content=b"{}", headers={"content-type": kind})
        assert code_of(answer) == (400, "server/malformed")


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/feedback/", "/v1/nothing", "/v1/sessions//transcript", "/v1/sessions/a/b/transcript", "/V1/feedback"]
)
def test_path_that_there_is_not_is_said_in_json(desk, path):
    answer = desk.sends("POST", path, "ingest", json={}, follow_redirects=False)
    assert code_of(answer) == (404, "server/unknown")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", CANARY.upper()])
def test_method_that_there_is_not_is_said_in_json_and_not_logged(desk, method):
    answer = desk.sends(method, "/v1/feedback", "ingest")
    assert code_of(answer) == (405, "server/method")
    assert answer.headers["allow"] == "POST"
    assert CANARY.upper() not in "".join(desk.log)


@pytest.mark.parametrize("id", ["%00", "a%0Ab", "%1b%5b31m", "x" * 201, "%ff", "%ed%a0%80"])
def test_id_of_a_session_is_printable_and_short(desk, id):
    answer = desk.sends("POST", f"/v1/sessions/{id}/transcript", "ingest", content=LINE, headers=TOLD)
    assert code_of(answer) == (400, "server/malformed")
    assert desk.exported() == []


@pytest.mark.parametrize("id", ["a b", "é", "会", "..", "%2e%2e", "a;b", "a'b\"", "x" * 200])
def test_any_other_id_is_an_id(desk, id):
    answer = desk.sends("POST", f"/v1/sessions/{id}/transcript", "ingest", content=LINE, headers=TOLD)
    assert answer.status_code in (201, 404)
    assert len(desk.exported()) == (answer.status_code == 201)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"a":1}',
        b"\xff\xfe",
        b'{"scope":"session","text":"\xff"}',
        b"[" * 100_000,
        b'{"scope":' + b'{"a":' * 50_000,
        b'{"scope":"session\\n"}',
    ],
    ids=["empty", "cut", "null", "list", "unknown", "no utf-8", "no utf-8 inside", "deep", "deeper", "line feed"],
)
def test_body_of_another_form_is_refused(desk, body):
    before = desk.raw()
    assert code_of(desk.sends("POST", "/v1/feedback", "ingest", content=body)) == (400, "server/malformed")
    assert desk.raw() == before


def test_case_of_great_depth_is_refused(desk):
    case = {**CASE, "env": {}}
    for _ in range(400):
        case = {"env": case}
    assert desk.sends("POST", "/v1/feedback", "ingest", json={"scope": "session", "case": case}).status_code == 400


def test_refusal_of_a_case_repeats_nothing_of_its_values(desk):
    for case in (
        {"surface": CANARY},
        {"env": {CANARY: 7}},
        {"settings": {CANARY: CANARY}},
        {"attributes": {CANARY: CANARY}},
        {CANARY: 1},
        {"session": {CANARY: 1}},
    ):
        answer = desk.sends("POST", "/v1/feedback", "ingest", json=feedback() | {"case": {**CASE, **case}})
        assert CANARY not in answer.text, case
        assert CANARY not in "".join(desk.log)


def test_fault_is_answered_without_a_trace_and_costs_nobody_else_anything(desk):
    def fails(*_):
        raise RuntimeError(CANARY)

    type(desk.keeping.rights).export, kept = fails, type(desk.keeping.rights).export
    try:
        answer = desk.sends("GET", "/v1/subjects/me/export", "rights")
    finally:
        type(desk.keeping.rights).export = kept
    assert code_of(answer) == (500, "server/fault")
    assert CANARY not in answer.text
    assert "Traceback" not in answer.text
    assert json.loads(desk.log[-1]) | {"ms": 0} == {
        "method": "GET",
        "route": "/v1/subjects/{subject}/export",
        "status": 500,
        "ms": 0,
        "code": "server/fault",
        "fault": "RuntimeError",
    }
    assert desk.sends("GET", "/v1/subjects/me/export", "rights").status_code == 200


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (VaultError("/home/ann/store: in use", code="vault/busy", remedy="/home/ann"), 503),
        (VaultError("/home/ann/store: no space", code="vault/full", remedy="/home/ann"), 507),
        (VaultError("/home/ann/store: clock", code="vault/clock", remedy="/home/ann"), 503),
        (VaultError("/home/ann/store: other", code="vault/unusable", remedy="/home/ann"), 500),
        (IntegrityError("/home/ann/store: row", code="integrity/row", remedy="/home/ann"), 500),
        (ConfigError("/home/ann/x: unreadable", code="config/unreadable", remedy="/home/ann"), 500),
        (DataError("transcript: other", code="server/conflict", remedy="go on"), 409),
        (DataError("slow", code="server/too-slow", remedy="again"), 408),
        (TermsError("case: wrong", code="case/ahead", remedy="less"), 400),
    ],
)
def test_status_comes_from_one_table_and_no_path_from_anywhere(error, status):
    answer = error_answer(error)
    body = json.loads(bytes(answer.body))["error"]
    assert answer.status_code == status
    assert body["code"] == error.code
    assert "/home" not in bytes(answer.body).decode()
    assert (answer.headers.get("retry-after") == "1") is (status == 503)


def test_every_status_of_the_table_is_of_a_refusal():
    assert all(400 <= status < 600 for status in STATUSES.values())


def test_log_and_figures_name_routes_and_nothing_of_content(desk):
    desk.sends("POST", f"/v1/sessions/{CANARY}/transcript", "ingest", content=CANARY.encode(), headers={**TOLD, "x-canary": CANARY})
    desk.sends("POST", f"/{CANARY}", "ingest", params={CANARY: CANARY})
    desk.sends("POST", "/v1/feedback", "ingest", json={"scope": CANARY})
    figures = desk.sends("GET", "/metrics", "operate").text
    told = "".join(desk.log) + figures
    assert CANARY not in told
    assert "/v1/sessions/{session}/transcript" in told
    assert 'tenure_requests_total{route="unknown",status="404"} 1.0' in figures
    assert "tenure_held_records 1.0" in figures


@pytest.mark.parametrize("path", ["/healthz", "/v1/nothing", "/openapi.json"])
def test_answers_are_not_for_caches(desk, path):
    answer = desk.sends("GET", path)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_openapi_names_every_operation_and_its_statuses(desk):
    document = desk.sends("GET", "/openapi.json").json()
    described = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    assert described >= {
        (method, path.replace("s1", "{session}").replace("me", "{subject}", 1) if "/v1/s" in path else path)
        for method, path, _, _ in ENDPOINTS
        if "survey" not in path and "metrics" not in path
    }
    assert {("GET", "/healthz"), ("GET", "/openapi.json"), ("GET", "/metrics"), ("POST", "/v1/survey"), ("POST", "/v1/metrics")} <= described
    for methods in document["paths"].values():
        for operation in methods.values():
            assert all(status.isdigit() for status in operation["responses"])
