import io
import json
from dataclasses import replace
from datetime import date

import pytest
from tests.unit.demo.agent.people import ASKED, SESSION, NotingServer, Typist, surroundings

from tenure.client.opt_outs import Account, Settings
from tenure.client.survey import QUESTION, Survey
from tenure.client.terminal import Nobody
from tenure.records.kinds import Flag

BLOCKED = {"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": "1"}


@pytest.mark.parametrize(("typed", "rating"), [("1", 1), ("2", 2), ("3", 3), ("0", 0), ("", 0)])
def test_a_rating_goes_with_the_day_and_the_arm_only(tmp_path, typed, rating):
    server = NotingServer()

    Survey(surroundings(tmp_path, Typist([typed]), server)).after_task()

    assert server.calls[0] == ("survey", rating, date(2026, 12, 1), "b")


def test_it_is_asked_once_per_session(tmp_path):
    person, server = Typist(["0", "0", "0"]), NotingServer()
    survey = Survey(surroundings(tmp_path, person, server))

    for _ in range(3):
        survey.after_task()

    assert person.asked == [QUESTION]


def test_the_rate_decides_and_chance_below_it_asks(tmp_path):
    for rate, is_asked in ((0.5, False), (0.51, True), (1, True)):
        person = Typist(["0"])
        Survey(surroundings(tmp_path, person, NotingServer(), settings=Settings(feedback_survey_rate=rate))).after_task()
        assert bool(person.asked) == is_asked, rate


def test_nobody_is_never_asked(tmp_path):
    server, log = NotingServer(), io.StringIO()

    Survey(replace(surroundings(tmp_path, Typist(), server), terminal=Nobody(log))).after_task()

    assert server.calls == []
    assert log.getvalue() == ""


def test_it_is_not_asked_where_nobody_would_get_the_answer(tmp_path):
    for env in ({}, BLOCKED):
        person = Typist(["3"])
        Survey(surroundings(tmp_path, person, None, env=env)).after_task()
        assert person.asked == []


def test_what_is_no_number_is_the_next_prompt_and_rates_nothing(tmp_path):
    server = NotingServer()

    assert Survey(surroundings(tmp_path, Typist(["fix the test"]), server)).after_task() == "fix the test"
    assert server.calls == []


def test_no_answer_sends_nothing(tmp_path):
    server = NotingServer()

    assert Survey(surroundings(tmp_path, Typist([None]), server)).after_task() is None
    assert server.calls == []


def test_the_transcript_goes_after_its_own_yes_with_the_question_that_was_shown(tmp_path):
    person, server = Typist(["3", "y"]), NotingServer()

    Survey(surroundings(tmp_path, person, server)).after_task()

    assert server.names == ["survey", "question", "survey_transcript"]
    _, question, session, lines, _ = server.calls[-1]
    assert (question, session) == (ASKED, SESSION)
    assert b"secret" not in lines
    assert ASKED.text in person.asked[1]


def test_no_sends_nothing_more(tmp_path):
    for answer in (None, "", "n", "3", "d", "ye"):
        server = NotingServer()
        Survey(surroundings(tmp_path / str(answer), Typist(["3", answer]), server)).after_task()
        assert server.names == ["survey", "question"], answer


def test_a_dismissal_asks_for_no_transcript(tmp_path):
    person = Typist(["0", "y"])

    Survey(surroundings(tmp_path, person, NotingServer())).after_task()

    assert person.asked == [QUESTION]


def test_not_asking_again_lasts_beyond_the_session(tmp_path):
    Survey(surroundings(tmp_path, Typist(["3", "d"]), NotingServer())).after_task()
    person, server = Typist(["3", "y"]), NotingServer()

    Survey(surroundings(tmp_path, person, server)).after_task()

    assert (server.names, person.asked) == (["survey"], [QUESTION])


@pytest.mark.parametrize("flag", [Flag.ZDR, Flag.FEEDBACK_DISABLED])
def test_a_policy_asks_for_no_transcript(tmp_path, flag):
    person, server = Typist(["3", "y"]), NotingServer()

    Survey(surroundings(tmp_path, person, server, account=Account(tier="team", flags=frozenset({flag})))).after_task()

    assert server.names == (["survey"] if flag is Flag.ZDR else [])


def test_on_a_cloud_a_yes_writes_the_transcript_to_this_machine(tmp_path):
    server = NotingServer()

    Survey(surroundings(tmp_path, Typist(["2", "y"]), server, env={"CLAUDE_CODE_USE_VERTEX": "1"})).after_task()

    [path] = (tmp_path / "archive").iterdir()
    assert server.names == ["survey"]
    assert b"secret" not in path.read_bytes()


def test_a_blocked_rating_reaches_only_the_own_collector_and_names_no_session(tmp_path):
    server, collected = NotingServer(), []

    Survey(surroundings(tmp_path, Typist(["1", "y"]), server, env=BLOCKED, collected=collected)).after_task()

    [record] = json.loads(collected[0])["resourceLogs"][0]["scopeLogs"][0]["logRecords"]
    said = {entry["key"]: entry["value"]["stringValue"] for entry in record["attributes"]}
    assert server.calls == []
    assert said == {"event.name": "feedback_survey", "event_type": "responded", "survey_type": "session", "response": "bad"}
    assert record["timeUnixNano"] == "1796083200000000000"
    assert SESSION.encode() not in collected[0]


def test_the_survey_variable_is_stronger_than_the_own_collector(tmp_path):
    person, collected = Typist(["1"]), []
    env = {**BLOCKED, "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": "1"}

    Survey(surroundings(tmp_path, person, NotingServer(), env=env, collected=collected)).after_task()

    assert (person.asked, collected) == ([], [])
