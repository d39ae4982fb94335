from tests.unit.demo.agent.people import ALWAYS, SESSION, NotingServer, Ticking, Typist, surroundings

from tenure.client.opt_outs import Account, Settings
from tenure.client.telemetry import Telemetry
from tenure.demo.agent.desk import HELP, Desk
from tenure.demo.agent.loop import Done

SHARING = Settings(feedback_survey_rate=0, share_sessions=True)


class Tasks:
    """Does a task by writing its prompt into the transcript; raises where the prompt is an error."""

    def __init__(self, here):
        self._here = here
        self.done = []

    def run(self, prompt):
        self.done.append(prompt)
        if prompt == "stop":
            raise KeyboardInterrupt
        if prompt == "break":
            raise TypeError("canary")
        self._here.transcript.prompt(prompt)
        return Done("Done.", 1)


def desk(tmp_path, person, server, **more):
    here = surroundings(tmp_path, person, server, **more)
    tasks = Tasks(here)
    return Desk(here, tasks, Telemetry(SESSION, "0.1.0", "xterm", Ticking(), None), "ann"), tasks, here


def test_a_session_is_appended_to_at_the_service_without_gap_or_repetition(tmp_path):
    server = NotingServer()
    served, _, here = desk(tmp_path, Typist(prompts=["one secret", "two", "/quit"]), server, settings=SHARING)

    served.serve()

    sent = [call[2:] for call in server.calls if call[0] == "transcript"]
    assert [start for start, _ in sent] == [0, len(sent[0][1])]
    assert b"".join(lines for _, lines in sent) == here.redact(here.transcript.path.read_bytes())[0]


def test_lines_that_were_not_taken_are_sent_again(tmp_path):
    server = NotingServer("busy")
    served, _, _ = desk(tmp_path, Typist(prompts=["one", "two", "/quit"]), server, settings=SHARING)

    served.serve()

    first, second = (call[2:] for call in server.calls if call[0] == "transcript")
    assert first[0] == second[0] == 0
    assert second[1].startswith(first[1])


def test_an_interruption_and_an_error_end_the_task_and_not_the_session(tmp_path):
    server = NotingServer()
    person = Typist(prompts=["stop", "break", "go on", "/quit"])
    served, tasks, _ = desk(tmp_path, person, server, settings=SHARING)

    served.serve()

    assert tasks.done == ["stop", "break", "go on"]
    assert "Stopped." in person.seen
    assert "Something went wrong in the agent (TypeError)." in person.seen
    assert server.names.count("errors") == 1


def test_an_error_is_told_to_the_person_only_where_reports_are_off(tmp_path):
    for more in ({"env": {"DISABLE_ERROR_REPORTING": "0"}}, {"account": Account(tier="team")}, {"account": Account()}):
        person, server = Typist(prompts=["break", "/quit"]), NotingServer()
        desk(tmp_path, person, server, settings=SHARING, **more)[0].serve()
        assert "errors" not in server.names
        assert "TypeError" in person.seen


def test_what_is_typed_at_the_survey_is_the_next_task(tmp_path):
    served, tasks, _ = desk(tmp_path, Typist(["fix the test"], ["one", "/quit"]), NotingServer(), settings=ALWAYS)

    served.serve()

    assert tasks.done == ["one", "fix the test"]


def test_an_unknown_command_is_no_task(tmp_path):
    person = Typist(prompts=["/delete", "", "   ", "/quit"])
    served, tasks, _ = desk(tmp_path, person, NotingServer())

    served.serve()

    assert tasks.done == []
    assert person.seen.count(HELP) == 2
