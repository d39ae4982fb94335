"""The reference agent as it runs: what each opt-out leaves on the wire, what the survey carries, and that nothing typed ahead is an answer."""

import io
import json
import os
import pty
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from tests.integration.recorder import QUESTION, Recorder
from tests.unit.demo.agent.people import Counted, Ticking, redact

from tenure.client.feedback import CONFIRM, SCOPE_QUESTION
from tenure.client.survey import QUESTION as RATE
from tenure.client.survey import SHARE_QUESTION
from tenure.demo.agent.program import World, main
from tenure.demo.model import ScriptedModel, calls, refuses, says
from tenure.server import wire

CANARY = "canary-4c1e"
TOKENS = {"survey": "tn_survey_made_up", "consent": "tn_consent_made_up", "rights": "tn_rights_made_up"}
WIRE = {
    "/v1/metrics": "metrics",
    "/v1/logs": "metrics",
    "/v1/errors": "errors",
    "/v1/feedback": "feedback",
    "/v1/survey": "rating",
    "/v1/survey/transcript": "transcript",
    "/v1/usage": "usage",
}
ANSWERS = {SCOPE_QUESTION: "1", CONFIRM: "y", RATE: "3", QUESTION["text"]: "y", SHARE_QUESTION: "y"}

# terms.md 10, written out: what each variable switches off, and with which of these values
VALUES = ("0", "1", "false", "true", "", "junk")
NON_EMPTY = {"0", "1", "false", "true", "junk"}
BOOLEAN = {"1", "true", "junk"}
SURVEY = {"rating", "transcript"}
EVERYTHING = {"history", "metrics", "errors", "feedback", "rating", "transcript", "upload", "usage"}
OFF = {
    "DISABLE_TELEMETRY": (NON_EMPTY, SURVEY | {"metrics"}),
    "DO_NOT_TRACK": (BOOLEAN, SURVEY | {"metrics"}),
    "DISABLE_ERROR_REPORTING": (NON_EMPTY, {"errors"}),
    "DISABLE_BUG_COMMAND": (BOOLEAN, {"feedback"}),
    "DISABLE_FEEDBACK_COMMAND": (BOOLEAN, {"feedback"}),
    "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": (BOOLEAN, SURVEY),
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": (NON_EMPTY, SURVEY | {"metrics", "errors", "feedback", "upload"}),
    "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": (BOOLEAN, set()),
    "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": (BOOLEAN, set()),
    "DISABLE_GROWTHBOOK": (BOOLEAN, set()),
}
THIRD_PARTY = {
    "CLAUDE_CODE_USE_BEDROCK": {"history", "rating", "feedback archive", "survey archive"},
    "CLAUDE_CODE_USE_VERTEX": {"history", "rating", "feedback archive", "survey archive"},
    "CLAUDE_CODE_USE_FOUNDRY": {"history", "rating", "survey archive"},
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": {"history", "rating"},
}


class Person:
    """Answers each question in one way, types prompts, and once something breaks while they type."""

    is_person = True

    def __init__(self) -> None:
        self._prompts = iter(["Write it", "/feedback it is slow", RuntimeError(f"/home/{CANARY}"), "/quit"])

    def say(self, text: str) -> None:
        """Nobody reads it."""

    def write(self, text: str) -> None:
        """Nobody reads it."""

    def prompt(self) -> str | None:
        found = next(self._prompts)
        if isinstance(found, Exception):
            raise found
        return found

    def ask(self, question: str) -> str | None:
        return next((answer for asked, answer in ANSWERS.items() if question.startswith(asked)), None)


@dataclass
class Ran:
    """A session in this process: the service, the person's own collector, the model, the agent's folder."""

    service: Recorder
    collector: Recorder
    model: ScriptedModel
    home: Path

    @property
    def seen(self) -> set[str]:
        """What was seen on the wire and on the disk."""
        found = {WIRE.get(path, "upload" if path.endswith("/transcript?from=0") else "") for path in self.service.paths()}
        found |= {"own collector" for _ in self.collector.requests}
        found |= {f"{path.name.partition('-')[0]} archive" for path in (self.home / ".tenure-agent" / "archive").glob("*")}
        found |= {"history" for _ in (self.home / ".tenure-agent" / "projects").glob("*/*.jsonl")}
        return found - {""}


def settle(home: Path, service: str, **settings: object) -> Path:
    """Write the settings and a ready file into a home, and return the latter."""
    folder = home / ".tenure-agent"
    folder.mkdir(parents=True)
    account = {"tier": "pro", "subject": "ann"}
    (folder / "settings.json").write_text(
        json.dumps({"account": account, "feedbackSurveyRate": 1, "shareSessions": True, "partnerProgram": True, **settings})
    )
    ready = home / "ready.json"
    ready.write_text(json.dumps({"url": service, "otlp_http": service, "otlp_grpc": "", "ca": "", "token": "tn_ingest_made_up", "tokens": TOKENS}))
    return ready


@contextmanager
def session(home: Path, env: dict[str, str], **settings: object) -> Iterator[Ran]:
    """Run a session: a task, a rating, a report, an error."""
    with ScriptedModel([calls("Write", file_path="a.txt", content=CANARY), says(CANARY)]) as model, Recorder() as service, Recorder() as collector:
        ready = settle(home, service.url, **settings)
        work = home / "work"
        work.mkdir()
        given = {
            "HOME": str(home),
            "ANTHROPIC_BASE_URL": model.url,
            "ANTHROPIC_API_KEY": "made-up",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            **env,
        }
        nothing = io.StringIO()
        world = World(
            given,
            str(work),
            nothing,
            nothing,
            nothing,
            Person(),
            now=Ticking(),
            chance=lambda: 0.5,
            new_id=Counted(),
            stamp=lambda *_: None,
            redact=redact,
        )
        assert main(["--tenure", str(ready)], world) == 0
        yield Ran(service, collector, model, home)


def test_without_any_opt_out_everything_is_seen(tmp_path):
    with session(tmp_path, {}) as ran:
        assert ran.seen == EVERYTHING


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("variable", OFF)
def test_each_variable_switches_off_exactly_its_services(tmp_path, variable, value):
    values, services = OFF[variable]

    with session(tmp_path, {variable: value}) as ran:
        assert ran.seen == EVERYTHING - (services if value in values else set())


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("variable", THIRD_PARTY)
def test_each_provider_leaves_its_own_defaults(tmp_path, variable, value):
    with session(tmp_path, {variable: value}) as ran:
        assert ran.seen == (THIRD_PARTY[variable] if value in BOOLEAN else EVERYTHING)


@pytest.mark.parametrize("value", VALUES)
def test_a_host_that_manages_the_provider_keeps_metrics_and_nothing_else(tmp_path, value):
    for number, (variable, services) in enumerate(THIRD_PARTY.items()):
        with session(tmp_path / str(number), {variable: "1", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": value}) as ran:
            assert ran.seen == services | ({"metrics"} if value in {"1", "true"} else set())


def test_an_opt_out_is_stronger_than_the_host(tmp_path):
    with session(tmp_path, {"CLAUDE_CODE_USE_BEDROCK": "1", "CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1", "DISABLE_TELEMETRY": "0"}) as ran:
        assert ran.seen == {"history", "feedback archive"}


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("blocked", ["DISABLE_TELEMETRY", "DO_NOT_TRACK", "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"])
def test_a_blocked_rating_reaches_the_own_collector_only_where_that_is_set(tmp_path, blocked, value):
    with session(tmp_path, {blocked: "1", "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": value}) as ran:
        assert ran.seen == (EVERYTHING - OFF[blocked][1]) | ({"own collector"} if value in {"1", "true"} else set())


@pytest.mark.parametrize("value", VALUES)
def test_the_survey_opt_out_is_stronger_than_the_own_collector(tmp_path, value):
    env = {"DISABLE_TELEMETRY": "1", "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": "1", "CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY": value}

    with session(tmp_path, env) as ran:
        assert ("own collector" in ran.seen) == (value not in BOOLEAN)


@pytest.mark.parametrize("env", [{}, {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1"}, {"CLAUDE_CODE_USE_BEDROCK": "1"}])
def test_the_credential_of_a_gateway_forces_metrics_errors_and_the_rating_off(tmp_path, env):
    with session(tmp_path, env, account={"tier": "pro", "gateway": True}) as ran:
        assert ran.seen == {"history", "feedback archive"}


@pytest.mark.parametrize(
    ("flag", "off"),
    [
        ("zdr", {"errors", "feedback", "transcript", "upload"}),
        ("hipaa", SURVEY | {"errors", "feedback", "upload"}),
        ("feedback_disabled", SURVEY | {"feedback"}),
    ],
)
def test_a_policy_is_stronger_than_everything(tmp_path, flag, off):
    env = {"CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST": "1", "CLAUDE_CODE_ENABLE_FEEDBACK_SURVEY_FOR_OTEL": "1"}

    with session(tmp_path, env, account={"tier": "pro", "flags": [flag]}) as ran:
        assert ran.seen == EVERYTHING - off


@pytest.mark.parametrize(("rate", "is_asked"), [(0, False), ("0", False), ("junk", False), (2, False), (0.5, False), (0.6, True), ("1", True)])
def test_the_rate_decides_over_the_survey(tmp_path, rate, is_asked):
    with session(tmp_path, {}, feedbackSurveyRate=rate) as ran:
        assert ran.seen == EVERYTHING - (set() if is_asked else SURVEY)


def test_the_rating_carries_rating_day_and_arm_and_no_token_of_the_person(tmp_path):
    with session(tmp_path, {"TENURE_ARM": "b"}) as ran:
        [seen] = [seen for seen in ran.service.requests if seen.path == "/v1/survey"]

    assert seen.json == {"rating": 3, "day": "2026-12-01", "arm": "b"}
    assert set(seen.headers) == {"host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type", "content-length"}
    assert (seen.headers["authorization"], seen.headers["user-agent"]) == (f"Bearer {TOKENS['survey']}", "tenure-agent")


def test_every_request_has_the_form_that_the_service_takes(tmp_path):
    forms = {
        "/v1/feedback": wire.Feedback,
        "/v1/survey": wire.Survey,
        "/v1/survey/transcript": wire.SurveyTranscript,
        "/v1/errors": wire.ErrorReport,
        "/v1/usage": wire.Usage,
        "/v1/consents/questions": wire.Ask,
    }
    with session(tmp_path, {"TENURE_ARM": "b"}) as ran:
        seen = [seen for seen in ran.service.requests if seen.path in forms]

    assert {one.path for one in seen} == set(forms)
    for one in seen:
        msgspec.json.decode(one.body, type=forms[one.path])


def test_no_content_is_in_metrics_errors_usage_or_the_rating(tmp_path):
    with session(tmp_path, {}) as ran:
        quiet = [seen for seen in ran.service.requests if seen.path in ("/v1/metrics", "/v1/logs", "/v1/errors", "/v1/usage", "/v1/survey")]

    assert {seen.path for seen in quiet} == {"/v1/metrics", "/v1/logs", "/v1/errors", "/v1/usage", "/v1/survey"}
    for seen in quiet:
        assert CANARY.encode() not in seen.body
        assert str(tmp_path).encode() not in seen.body
        assert b"Write it" not in seen.body


def test_keys_of_the_model_and_of_the_service_do_not_meet(tmp_path):
    with session(tmp_path, {}) as ran:
        for seen in ran.model.requests:
            assert "tn_" not in str(seen.headers) + seen.body.decode()
        for seen in (*ran.service.requests, *ran.collector.requests):
            assert "made-up" not in str(seen.headers)


# what follows runs the agent as a process of its own


def surroundings_of(home: Path, model: ScriptedModel, **env: str) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "ANTHROPIC_BASE_URL": model.url, "ANTHROPIC_API_KEY": "made-up", **env}


def in_ci(home: Path, model: ScriptedModel, *options: str, **env: str) -> subprocess.CompletedProcess[str]:
    work = home / "work"
    work.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tenure.demo.agent", "-p", "Write it", *options]
    return subprocess.run(command, env=surroundings_of(home, model, **env), cwd=work, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("variable", "value", "is_sent"), [("DISABLE_TELEMETRY", "false", False), ("DO_NOT_TRACK", "0", True)])
def test_a_process_reads_its_variables_by_their_grammar(tmp_path, variable, value, is_sent):
    with ScriptedModel([says("Done.")]) as model, Recorder() as service:
        done = in_ci(tmp_path, model, "--tenure", str(settle(tmp_path, service.url)), **{variable: value})

    assert (done.returncode, done.stdout) == (0, "Done.\n")
    assert ("/v1/metrics" in service.paths()) == is_sent
    assert "/v1/survey" not in service.paths()


def test_in_ci_it_prints_json_keeps_its_transcript_and_stamps_the_session(tmp_path):
    script = [calls("Write", file_path="a.txt", content="x"), calls("Bash", command="touch b.txt"), says("Done.")]
    with ScriptedModel(script) as model:
        done = in_ci(tmp_path, model, "--json", TENURE_ARM="b")

    said = json.loads(done.stdout)
    [path] = (tmp_path / ".tenure-agent" / "projects").glob("*/*.jsonl")
    [stamp] = [json.loads(line) for line in (tmp_path / ".local" / "share" / "tenure" / "stamps.jsonl").read_text().splitlines()]
    assert (said["schema"], said["result"], said["turns"], said["refusal"]) == ("tenure.agent/1", "Done.", 3, "")
    assert said["usage"]["output_tokens"] == 126
    assert path.stem == said["session"] == stamp["session"]
    assert (stamp["arm"], stamp["surface"], stamp["source"]) == ("b", "cli", "startup")
    assert (tmp_path / "work" / "a.txt").read_text() == "x"
    assert not (tmp_path / "work" / "b.txt").exists(), "a command ran without a yes"


def test_in_ci_a_refusal_of_the_gateway_is_one_request_and_exit_1(tmp_path):
    with ScriptedModel([refuses(400, "not in this repository")]) as model:
        done = in_ci(tmp_path, model)
        attempts = len(model.requests)

    assert (done.returncode, attempts) == (1, 1)
    assert "not in this repository" in done.stderr


def test_malformed_settings_start_nothing(tmp_path):
    (tmp_path / ".tenure-agent").mkdir()
    (tmp_path / ".tenure-agent" / "settings.json").write_text('{"account": {"flags": ["zero"]}}')
    with ScriptedModel([says("Done.")]) as model:
        done = in_ci(tmp_path, model)

    assert (done.returncode, model.requests) == (2, [])
    assert "settings.json" in done.stderr


class Screen:
    """The agent in a pseudo-terminal: what a person types, and what they see."""

    def __init__(self, home: Path, model: ScriptedModel, *options: str) -> None:
        work = home / "work"
        work.mkdir(parents=True, exist_ok=True)
        self.keys, program = pty.openpty()
        command = [sys.executable, "-m", "tenure.demo.agent", *options]
        self.process = subprocess.Popen(
            command, env=surroundings_of(home, model), cwd=work, stdin=program, stdout=program, stderr=program, start_new_session=True
        )
        os.close(program)
        self._seen = ""

    def until(self, text: str) -> str:
        """Read until a text is shown and return what came up to it."""
        while text not in self._seen:
            ready, _, _ = select.select([self.keys], [], [], 60)
            assert ready, f"expected {text!r}, saw {self._seen!r}"
            self._seen += os.read(self.keys, 4096).decode(errors="replace")
        before, found, self._seen = self._seen.partition(text)
        return before + found

    def type(self, text: str) -> None:
        os.write(self.keys, text.encode())

    def leave(self) -> int:
        self.type("/quit\n")
        return self.process.wait(timeout=60)

    def close(self) -> None:
        self.process.kill()
        self.process.wait(timeout=60)
        os.close(self.keys)


@pytest.fixture
def screens() -> Iterator[list[Screen]]:
    """The terminals of a test, which end with it whatever happens."""
    opened: list[Screen] = []
    yield opened
    for screen in opened:
        screen.close()


def test_an_answer_typed_ahead_confirms_nothing(tmp_path, screens):
    def while_the_model_thinks(_: object) -> None:
        screens[0].type("3\ny\ny\n")

    def while_the_question_is_fetched(seen) -> None:
        if seen.path == "/v1/consents/questions":
            screens[0].type("y\n")

    with ScriptedModel([says("Done.")], while_the_model_thinks) as model, Recorder(while_the_question_is_fetched) as service:
        screens.append(Screen(tmp_path, model, "--tenure", str(settle(tmp_path, service.url, shareSessions=False, partnerProgram=False))))
        [screen] = screens
        screen.until("> ")
        screen.type("Write it\n")
        screen.until(RATE)
        screen.until("? ")
        screen.type("2\n")
        screen.until(QUESTION["text"])
        screen.until("? ")
        screen.type("\n")
        screen.until("> ")
        screen.type("/feedback slow\n")
        screen.until(SCOPE_QUESTION)
        screen.until("? ")
        screen.type("1\ny\n")
        screen.until(CONFIRM)
        screen.until("? ")
        screen.type("\n")
        screen.until("Nothing is sent.")
        screen.until("> ")
        screen.type("/privacy training on\n")
        screen.until("Without an answer it stays no")
        screen.until("? ")
        screen.type("\n")
        screen.until("It stays as it was.")
        screen.until("> ")

        assert screen.leave() == 0

    [rating] = [seen.json["rating"] for seen in service.requests if seen.path == "/v1/survey"]
    answers = [seen for seen in service.requests if seen.path == "/v1/consents"]
    assert rating == 2
    assert answers == []
    assert not {"/v1/survey/transcript", "/v1/feedback"} & set(service.paths())


def test_what_a_person_confirms_on_the_terminal_is_sent(tmp_path, screens):
    with ScriptedModel([calls("Bash", command="touch ran.txt"), says("Done.")]) as model, Recorder() as service:
        screen = Screen(tmp_path, model, "--tenure", str(settle(tmp_path, service.url)))
        screens.append(screen)
        screen.until("> ")
        for text, shown in [
            ("Write it\n", "touch ran.txt"),
            ("", "? "),
            ("y\n", RATE),
            ("", "? "),
            ("3\n", QUESTION["text"]),
            ("", "? "),
            ("y\n", "Sent."),
            ("", "> "),
            ("/feedback slow\n", SCOPE_QUESTION),
            ("", "? "),
            ("1\n", CONFIRM),
            ("", "? "),
            ("y\n", "Sent."),
            ("", "> "),
        ]:
            screen.type(text)
            screen.until(shown)
        assert screen.leave() == 0

    shared = next(seen.json for seen in service.requests if seen.path == "/v1/survey/transcript")
    assert (tmp_path / "work" / "ran.txt").exists()
    assert shared["nonce"] == QUESTION["nonce"]
    assert (shared["shown"], shared["flushed"]) == (QUESTION["shown"], True)
    assert "/v1/feedback" in service.paths()


def test_a_person_can_stop_a_task_and_go_on(tmp_path, screens):
    asked, go_on = threading.Event(), threading.Event()

    def slow_once(_: object) -> None:
        if not asked.is_set():
            asked.set()
            go_on.wait(60)

    with ScriptedModel([says("too late"), says("Done.")], slow_once) as model:
        screen = Screen(tmp_path, model)
        screens.append(screen)
        screen.until("> ")
        screen.type("Write it\n")
        assert asked.wait(60)
        screen.process.send_signal(signal.SIGINT)
        screen.until("Stopped.")
        go_on.set()
        screen.until("> ")
        screen.type("Go on\n")
        screen.until("Done.")
        screen.until("> ")

        assert screen.leave() == 0
        assert [message["content"] for message in model.requests[-1].json["messages"]] == ["Go on"]

    [path] = (tmp_path / ".tenure-agent" / "projects").glob("*/*.jsonl")
    assert "[Request interrupted by user]" in path.read_text()
