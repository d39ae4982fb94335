import json

import pytest
from tests.unit.demo.agent.people import ALWAYS, AT, PRO, SESSION, NotingServer, Ticking, surroundings

from tenure.client.hooks import QUESTION, Event, Plugin, read_event
from tenure.client.kept import progress
from tenure.client.opt_outs import OPT_OUTS, Settings
from tenure.client.service import Reply
from tenure.errors import DataError
from tenure.testing.state import MemoryState

SHARING = Settings(feedback_survey_rate=1, share_sessions=True)


class Agreeing(NotingServer):
    """A service with a yes on record, or a no, or neither."""

    def __init__(self, value: bool | None = True) -> None:
        super().__init__()
        self._value = value

    def consents(self):
        self._note("consents")
        return {"transcript_share": self._value}


class Desk:
    """A plugin with everything around it."""

    def __init__(self, tmp_path, server=None, *, env=None, settings=ALWAYS, is_person=True, account=PRO) -> None:
        self.server = server if server is not None else NotingServer()
        self.state = MemoryState()
        self.seen: list[str] = []

        def furnish(event, listener):
            return surroundings(tmp_path, listener, self.server, env=env, settings=settings, account=account)

        self._plugin = Plugin(self.state, furnish, Ticking(), is_person=is_person)

    def hears(self, name: str, session: str = SESSION, **more: str):
        return self._plugin.heard(Event(name, session, **more))

    def runs(self, command: str, words: str = "", session: str = SESSION) -> str:
        answer = self.hears("UserPromptExpansion", session, command_name=f"tenure:{command}", command_args=words)
        assert answer is not None
        assert answer["decision"] == "block", "the model would be asked"
        return str(answer["reason"])


def test_rating_is_asked_for_once_in_a_session(tmp_path):
    desk = Desk(tmp_path)

    assert desk.hears("Stop") == {"systemMessage": QUESTION}
    assert desk.hears("Stop") is None
    assert desk.hears("Stop", "another") == {"systemMessage": QUESTION}


def test_rating_is_not_asked_for_where_chance_says_no(tmp_path):
    assert Desk(tmp_path, settings=Settings(feedback_survey_rate=0.4)).hears("Stop") is None


def test_nobody_is_asked_where_no_person_is(tmp_path):
    desk = Desk(tmp_path, is_person=False)

    assert desk.hears("Stop") is None
    assert "a rating is a person's" in desk.runs("rate", "3")
    assert desk.server.calls == []


@pytest.mark.parametrize("name", [name for name, services in OPT_OUTS.items() if "rating" in services])
def test_an_opt_out_of_the_rating_asks_and_sends_nothing(tmp_path, name):
    desk = Desk(tmp_path, env={name: "1"})

    assert desk.hears("Stop") is None
    assert name in desk.runs("rate", "3")
    assert desk.server.calls == []


def test_a_rating_goes_once_with_its_day_and_nothing_of_the_session(tmp_path):
    desk = Desk(tmp_path)

    assert "Thank you" in desk.runs("rate", "2")
    assert "has its rating" in desk.runs("rate", "3")
    assert desk.hears("Stop") is None, "who has rated is not asked"
    assert desk.server.calls == [("survey", 2, AT.date(), "b")]


@pytest.mark.parametrize("words", ["", "4", "-1", "good", "2 3", "²", "\u0663"])
def test_what_is_no_rating_is_not_sent(tmp_path, words):
    desk = Desk(tmp_path)

    assert "A rating is a number" in desk.runs("rate", words)
    assert desk.server.calls == []


def test_a_rating_that_was_refused_can_be_given_again(tmp_path):
    desk = Desk(tmp_path, NotingServer("zero retention"))

    assert "zero retention" in desk.runs("rate", "2")
    assert not progress(desk.state, SESSION, AT).rated


def test_feedback_is_never_sent_by_a_hook(tmp_path):
    desk = Desk(tmp_path)

    said = desk.runs("feedback", "it's $(slow)")

    assert said.splitlines()[-1].strip() == f"tenure client feedback --session {SESSION} 'it'\"'\"'s $(slow)'"
    assert desk.server.calls == []


@pytest.mark.parametrize("name", [name for name, services in OPT_OUTS.items() if "feedback" in services])
def test_feedback_that_is_switched_off_says_by_what(tmp_path, name):
    assert name in Desk(tmp_path, env={name: "1"}).runs("feedback")


def test_privacy_is_shown_and_a_no_counts_at_once(tmp_path):
    desk = Desk(tmp_path)

    assert "training             False" in desk.runs("privacy")
    assert "training is off." in desk.runs("privacy", "training off")
    assert desk.server.calls[-1] == ("answer", "training", None)


@pytest.mark.parametrize("words", ["training on", "erase", "forget", "export all.tar", "training off now", "training"])
def test_a_hook_gives_no_yes_and_takes_nothing_away(tmp_path, words):
    desk = Desk(tmp_path)

    assert f"tenure client privacy {words}" in desk.runs("privacy", words)
    assert desk.server.calls == []


def test_a_command_of_others_is_left_alone(tmp_path):
    assert Desk(tmp_path).hears("UserPromptExpansion", command_name="review") is None


def test_a_session_is_uploaded_with_the_setting_and_the_consent_on_record(tmp_path):
    desk = Desk(tmp_path, Agreeing(), settings=SHARING)

    assert desk.hears("SessionEnd") is None

    [(_, session, start, lines)] = [call for call in desk.server.calls if call[0] == "transcript"]
    assert (session, start) == (SESSION, 0)
    assert b"secret" not in lines
    assert b"[redacted]" in lines
    assert all(json.loads(line) for line in lines.splitlines())


@pytest.mark.parametrize(
    ("value", "settings", "env"),
    [
        (True, ALWAYS, {}),
        (False, SHARING, {}),
        (None, SHARING, {}),
        (True, SHARING, {"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "0"}),
        (True, SHARING, {"CLAUDE_CODE_SKIP_PROMPT_HISTORY": "1"}),
    ],
)
def test_without_either_nothing_is_uploaded(tmp_path, value, settings, env):
    desk = Desk(tmp_path, Agreeing(value), settings=settings, env=env)

    desk.hears("SessionEnd")

    assert "transcript" not in desk.server.names


def test_what_is_new_of_a_resumed_session_is_appended(tmp_path):
    desk = Desk(tmp_path, Agreeing(), settings=SHARING)
    desk.hears("SessionEnd")
    [first] = [call for call in desk.server.calls if call[0] == "transcript"]
    desk.hears("SessionEnd")
    desk.hears("SessionEnd")

    parts = [call for call in desk.server.calls if call[0] == "transcript"]
    assert parts[1][2] == len(first[3]), "it goes on where the service's text ends, not where the file's did"
    assert b"".join(part[3] for part in parts).count(b'"enqueue"') == 3


def test_what_was_refused_goes_again(tmp_path):
    desk = Desk(tmp_path, Agreeing(), settings=SHARING)
    desk.server._reply = Reply(False, "busy")
    desk.hears("SessionEnd")

    assert (progress(desk.state, SESSION, AT).read, progress(desk.state, SESSION, AT).sent) == (0, 0)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b'{"hook_event_name": "Stop"}', b'{"hook_event_name": "Stop", "session_id": "../x"}'])
def test_what_is_no_event_is_refused(content):
    with pytest.raises(DataError) as caught:
        read_event(content)
    assert caught.value.code == "client/event"
