"""The audit opens no credential, makes no connection and shows no content."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.integration.machines import CANARY, plant, tenure

from tenure.agents.credentials import is_credential

FORMS = {"terminal": ("audit",), "json": ("audit", "--json"), "why": ("why", "1"), "home": ("audit", "--home", ".", "--json")}


@pytest.fixture
def planted(home: Path) -> Path:
    plant(home)
    return home


@pytest.mark.parametrize("form", FORMS)
def test_no_content_is_shown(planted: Path, form: str) -> None:
    done = tenure(planted, *FORMS[form], env={"ANTHROPIC_API_KEY": CANARY, "OTEL_EXPORTER_OTLP_HEADERS": CANARY, "DISABLE_TELEMETRY": CANARY})
    assert done.returncode == 0, done.stderr
    assert CANARY not in done.stdout + done.stderr


def test_no_content_is_shown_in_the_page(planted: Path) -> None:
    done = tenure(planted, "audit", "--html", "page.html")
    assert done.returncode == 0, done.stderr
    assert CANARY not in (planted / "page.html").read_text() + done.stdout + done.stderr


def test_the_canary_is_where_the_audit_reads(planted: Path) -> None:
    """The test above would pass for an audit that reads nothing."""
    found = json.loads(tenure(planted, "audit", "--json").stdout)
    assert {each["agent"] for each in found["agents"]} == {"claude_code", "codex", "gemini_cli", "opencode", "cursor", "copilot", "aider"}
    assert found["read"]["settings"] >= 10
    assert found["read"]["sessions"] >= 2
    assert found["read"] | {"credentials": 0, "connections": 0, "content_bytes": 0} == found["read"]
    assert any(fact["name"] == "account.has_email" and fact["value"] for fact in found["agents"][0]["facts"])


def opened(log: Path) -> Iterator[str]:
    for line in log.read_text().splitlines():
        match = re.search(r'(?:open|openat|openat2)\([^"]*"([^"]*)"', line)
        if match and "ENOENT" not in line:
            yield match[1]


@pytest.mark.machine
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_a_trace_has_no_credential_file_and_no_connection(planted: Path, tmp_path: Path) -> None:
    log = tmp_path / "trace"
    done = tenure(planted, "audit", "--json", wrap=["strace", "-f", "-qq", "-o", str(log), "-e", "trace=open,openat,openat2,connect,sendto"])
    if "PTRACE" in done.stderr or not log.exists():
        pytest.skip("tracing is not permitted here")
    assert done.returncode == 0, done.stderr
    paths = [path for path in opened(log) if path.startswith(str(planted))]
    assert any(path.endswith(".claude.json") for path in paths), "the trace sees what is opened"
    assert not [path for path in paths if is_credential(path)]
    assert not [line for line in log.read_text().splitlines() if re.search(r"\bconnect\(|\bsendto\(", line)]


def can_unshare() -> bool:
    return shutil.which("unshare") is not None and subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False).returncode == 0


@pytest.mark.machine
@pytest.mark.skipif(not can_unshare(), reason="no network namespace can be made here")
def test_it_works_without_a_network(planted: Path) -> None:
    done = tenure(planted, "audit", "--json", wrap=["unshare", "-rn"])
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["schema"] == "tenure.audit/1"


def test_nothing_is_left_behind(planted: Path) -> None:
    def listing() -> dict[str, tuple[int, int]]:
        return {str(path): (path.lstat().st_size, path.lstat().st_mtime_ns) for path in planted.rglob("*") if not path.is_dir()}

    before = listing()
    assert tenure(planted, "audit").returncode == 0
    assert listing() == before
