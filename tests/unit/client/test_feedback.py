import os
from datetime import timedelta

from tests.unit.demo.agent.people import AT, PRO, SESSION, NotingServer, Typist, surroundings

from tenure.client.feedback import CONFIRM, feedback
from tenure.client.opt_outs import Account
from tenure.records.kinds import Flag


def test_what_was_shown_is_what_is_sent_and_nothing_else(tmp_path):
    person, server = Typist(["1", "y"]), NotingServer()

    feedback(surroundings(tmp_path, person, server), "it is slow, secret")

    [(_, scope, text, sessions, case)] = server.calls
    assert (scope, text, case, list(sessions)) == ("session", "it is slow, [redacted]", {"agent": "claude_code"}, [SESSION])
    assert b"secret" not in sessions[SESSION]
    assert b"[redacted]" in sessions[SESSION]
    for line in sessions[SESSION].decode().splitlines():
        assert line[:160] in person.seen
    assert "secret" not in person.seen.replace("[redacted]", "")


def test_only_a_plain_yes_sends(tmp_path):
    for answer in (None, "", "n", "no", "yep", "send", "1", "yy"):
        server = NotingServer()
        feedback(surroundings(tmp_path, Typist(["1", answer]), server), "words")
        assert server.calls == [], answer


def test_no_answer_to_the_scope_is_no(tmp_path):
    for answer in (None, "0", "4", "y"):
        person, server = Typist([answer, "y"]), NotingServer()
        feedback(surroundings(tmp_path, person, server), "words")
        assert server.calls == []
        assert CONFIRM not in person.asked


def test_all_of_it_can_be_seen_before_the_answer(tmp_path):
    person, server = Typist(["", "a", "y"]), NotingServer()
    here = surroundings(tmp_path, person, server)
    for number in range(20):
        here.transcript.prompt(f"prompt {number} " + "x" * 300)

    feedback(here, "words")

    sent = server.calls[0][3][SESSION].decode().splitlines()
    assert all(line in person.seen for line in sent)
    assert person.asked.count(CONFIRM) == 2


def test_a_scope_holds_the_sessions_of_the_project_that_are_not_older(tmp_path):
    folder = tmp_path / "projects" / "-p"
    folder.mkdir(parents=True)
    for name, age in (("hour", timedelta(hours=1)), ("days", timedelta(days=2)), ("month", timedelta(days=30))):
        path = folder / f"{name}.jsonl"
        path.write_bytes(b"{}\n")
        os.utime(path, ((AT - age).timestamp(),) * 2)
    expected = {"1": {SESSION}, "2": {SESSION, "hour"}, "3": {SESSION, "hour", "days"}}

    for answer, sessions in expected.items():
        server = NotingServer()
        feedback(surroundings(tmp_path, Typist([answer, "y"]), server), "words")
        assert set(server.calls[0][3]) == sessions


def test_zero_retention_is_told_and_asks_nothing(tmp_path):
    person, server = Typist(["1", "y"]), NotingServer()
    zdr = Account(tier="team", flags=frozenset({Flag.ZDR}))

    feedback(surroundings(tmp_path, person, server, account=zdr), "words")

    assert (server.calls, person.asked) == ([], [])
    assert "policy of your organisation (zdr)" in person.seen


def test_a_refusal_of_the_service_is_shown_as_one(tmp_path):
    person = Typist(["1", "y"])

    feedback(surroundings(tmp_path, person, NotingServer("zero retention")), "words")

    assert "It was not taken, nothing of it is kept: zero retention" in person.seen
    assert "Sent." not in person.seen


def test_on_a_cloud_the_report_stays_on_this_machine(tmp_path):
    person, server = Typist(["1", "y"]), NotingServer()

    feedback(surroundings(tmp_path, person, server, env={"CLAUDE_CODE_USE_BEDROCK": "1"}), "words")

    [path] = (tmp_path / "archive").iterdir()
    assert server.calls == []
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert b"secret" not in path.read_bytes()
    assert "Nothing is sent" in person.seen


def test_without_a_history_only_the_words_go(tmp_path):
    server = NotingServer()
    here = surroundings(tmp_path, Typist(["3", "y"]), server, account=PRO)
    here.transcript.path = None

    feedback(here, "words")

    assert server.calls[0][1:4] == ("7d", "words", {})
