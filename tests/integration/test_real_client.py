"""The real Claude Code with Tenure's plugin, in a namespace whose only network is the loopback, beside a scripted model and `tenure serve`.

What is asserted is what a person sees, what the model is asked, what is on the wire, and what the store holds; never an answer of our own alone.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from tests.integration.real_client import CANARY, PLUGIN, ROOT, SECRET, exported

from tenure.services.usage_rows import parse_columns, rows_of

pytestmark = pytest.mark.machine
HOUSE = ROOT / ".venv" / "claude-code" / "node_modules" / "@anthropic-ai"
NAMESPACE = ("unshare", "--net", "--pid", "--fork", "--mount-proc", "--kill-child", *(() if os.getuid() == 0 else ("--map-root-user",)))
HOUSE_BOUND_S = 420


@cache
def client() -> str:
    """The client's program; the test is skipped where there is none, or no namespace for it."""
    found = next((str(path) for path in sorted(HOUSE.glob("claude-code-*/claude")) if os.access(path, os.X_OK)), None)
    if found is None:
        pytest.skip("the real Claude Code is not installed: `bin/test --set-up` does that where npm is")
    if shutil.which("unshare") is None or subprocess.run([*NAMESPACE, "true"], capture_output=True, timeout=60).returncode:
        pytest.skip("no namespace with a network of its own can be made here")
    if subprocess.run([found, "--version"], capture_output=True, timeout=60, env={"HOME": "/nonexistent", "PATH": os.environ["PATH"]}).returncode:
        pytest.skip("the real Claude Code does not start on this machine")
    return found


@dataclass(frozen=True)
class Ran:
    """What came of a scenario."""

    folder: Path
    outcome: dict[str, object]

    @property
    def asked(self) -> str:
        """Everything that the model was asked."""
        return "".join(self.outcome["asked"])

    @property
    def records(self) -> list[tuple[dict[str, object], bytes]]:
        return exported(self.folder)

    def of(self, kind: str) -> list[tuple[dict[str, object], bytes]]:
        return [(record, content) for record, content in self.records if record["kind"] == kind]

    @property
    def stamps(self) -> list[dict[str, object]]:
        path = self.folder / "home" / ".local" / "share" / "tenure" / "stamps.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def raw(self) -> bytes:
        """Every byte that the service has on disk."""
        return b"".join(path.read_bytes() for path in sorted((self.folder / "store").rglob("*")) if path.is_file())


def run(scenario: str, folder: Path) -> Ran:
    command = [*NAMESPACE, sys.executable, "-m", "tests.integration.real_client", scenario, str(folder / "house"), client()]
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=HOUSE_BOUND_S, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return Ran(folder / "house", json.loads((folder / "house" / "outcome.json").read_text()))


def shared(scenario: str, factory: pytest.TempPathFactory) -> Ran:
    """Run a scenario once for all processes that run tests."""
    base = factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (root / f"{scenario}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        house = root / scenario / "house"
        if (house / "outcome.json").exists():
            return Ran(house, json.loads((house / "outcome.json").read_text()))
        (root / scenario).mkdir()
        return run(scenario, root / scenario)


@pytest.fixture(scope="module")
def telemetry(tmp_path_factory):
    return shared("telemetry", tmp_path_factory)


@pytest.fixture(scope="module")
def consented(tmp_path_factory):
    return shared("consented", tmp_path_factory)


@pytest.fixture(scope="module")
def terminal(tmp_path_factory):
    return shared("terminal", tmp_path_factory)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return shared("archive", tmp_path_factory)


def forms(text: str) -> list[bytes]:
    """A text as it may stand in a file: plain, in two bytes per letter, in base64 at each offset."""
    packed = [base64.b64encode(b"x" * shift + text.encode())[4 if shift else 0 : -4] for shift in range(3)]
    return [text.encode(), text.encode("utf-16-le"), text.encode().hex().encode(), *packed]


def wire(ran: Ran) -> list[tuple[str, bytes, int]]:
    return [(path, base64.b64decode(body), status) for path, body, status in ran.outcome["wire"]]


def test_plugin_is_one_by_the_clients_own_check(tmp_path):
    for folder in (PLUGIN, ROOT):
        command = [*NAMESPACE, client(), "plugin", "validate", str(folder)]
        done = subprocess.run(command, env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]}, capture_output=True, text=True, timeout=60)
        assert "Validation passed" in done.stdout, done.stdout
        assert "warning" not in done.stdout, done.stdout


def test_client_sends_content_with_every_flag_on(telemetry):
    assert telemetry.outcome["done"] == [0, f"{CANARY}answer\n", ""]
    found = Counter(path for path, body, _ in wire(telemetry) if CANARY.encode() in body)
    assert set(found) == {"/v1/logs", "/v1/metrics", "/v1/traces"}
    bodies = b"".join(body for _, body, _ in wire(telemetry))
    for part in ("prompt", "name", "content", "written", "bash", "answer", "team"):
        assert f"{CANARY}{part}".encode() in bodies, part


def test_no_content_reaches_the_store(telemetry):
    assert {status for _, _, status in wire(telemetry)} == {200}
    assert telemetry.records
    raw = telemetry.raw()
    for form in forms(CANARY):
        assert form not in raw
        assert [record["kind"] for record, content in telemetry.records if form in content] == []


def test_numbers_are_kept(telemetry):
    sent: Counter[str] = Counter()
    for path, body, _ in wire(telemetry):
        if path == "/v1/metrics":
            for resource in ExportMetricsServiceRequest.FromString(body).resource_metrics:
                for metric in (metric for scope in resource.scope_metrics for metric in scope.metrics):
                    sent[metric.name] += len(metric.sum.data_points) + len(metric.gauge.data_points)
    kept = Counter(row.name for _, content in telemetry.of("usage_metric") for row in rows_of(parse_columns(content)) if row.signal == "metrics")
    assert sent["claude_code.token.usage"] > 0
    assert kept == sent


def test_start_is_stamped_and_nothing_is_uploaded_unasked(telemetry):
    [stamp] = telemetry.stamps
    assert (stamp["source"], stamp["surface"], stamp["agent"]) == ("startup", "cli", "claude_code")
    assert telemetry.of("transcript") == []


def test_session_is_uploaded_only_with_a_yes_on_record(consented):
    assert [consented.outcome[name][:2] for name in ("before", "after", "withdrawn")] == [
        [0, f"answer {name}\n"] for name in ("before", "after", "withdrawn")
    ]
    assert "Sessions are sent when they end." in consented.outcome["agreeing"]
    assert consented.outcome["taken back"] is True
    [(record, content)] = consented.of("transcript")
    sessions = [stamp["session"] for stamp in consented.stamps]
    assert len(sessions) == 3
    assert record["session"] == sessions[1]
    assert b"answer after" in content
    assert b"answer before" not in content
    assert b"answer withdrawn" not in content


def test_uploaded_session_is_redacted_and_stays_json(consented):
    [(_, content)] = consented.of("transcript")
    assert SECRET.encode() not in content
    assert b"prompt after [redacted:" in content
    assert all(isinstance(json.loads(line), dict) for line in content.splitlines())
    assert SECRET.encode() not in consented.raw()


def test_telemetry_is_taken_over_tls_from_the_client_itself(consented):
    assert {record["session"] for record, _ in consented.of("usage_metric")} == {stamp["session"] for stamp in consented.stamps}


def test_person_sees_their_privacy_and_the_model_does_not(terminal):
    assert {step for step, is_shown in terminal.outcome["steps"].items() if not is_shown} == set()
    assert terminal.outcome["asked for privacy"] == 0
    assert terminal.outcome["asked for the rest"] == 0
    for text in ("session_upload", "NAME on|off", "/tenure:", "needs your own yes", "How is Claude doing"):
        assert text not in terminal.asked, text


def test_rating_is_asked_for_once_and_counted_once(terminal):
    assert terminal.outcome["screen"].count("How is Claude doing this session?") == 1
    log = (terminal.folder / "serve.log").read_text()
    assert log.count('"/v1/survey"') == 1


def test_report_is_what_the_person_confirmed(terminal):
    status, seen = terminal.outcome["feedback"]
    assert (status, "Send exactly this?" in seen) == (0, True)
    words, transcript = (content for _, content in terminal.of("feedback_report"))
    assert json.loads(words) == {"scope": "session", "text": "it went well", "sessions": [terminal.outcome["session"]]}
    assert b"do something" in transcript
    assert f"session {terminal.outcome['session']}: {len(transcript.splitlines())} lines, {len(transcript)} bytes" in seen


def test_model_cannot_say_yes_for_the_person(terminal):
    assert "a person at a terminal, found none" in terminal.asked
    assert "found one inside of an agent" in terminal.asked
    assert terminal.of("transcript") == []
    assert "consents" not in (terminal.folder / "serve.log").read_text().replace('"GET", "route": "/v1/consents"', "")


def test_report_of_the_clients_own_archive_is_handed_in(archive):
    assert archive.outcome["saved"] is True, archive.outcome["screen"]
    status, seen = archive.outcome["import"]
    assert (status, "your words: it broke" in seen) == (0, True)
    words, transcript = (content for _, content in archive.of("feedback_report"))
    assert json.loads(words)["text"].startswith("it broke ")
    assert b"do something to archive" in transcript
    assert SECRET.encode() not in words + transcript
