"""`tenure audit` and `tenure why` as a person meets them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.integration.machines import plant, tenure, write

from tenure.cli.main import main


@pytest.fixture
def planted(home: Path) -> Path:
    plant(home)
    return home


def test_without_agents_it_says_so_and_points_to_the_sample(home: Path) -> None:
    done = tenure(home, "audit")
    assert done.returncode == 0
    assert "tenure audit --sample" in done.stdout
    assert json.loads(tenure(home, "audit", "--json").stdout)["agents"] == []


def test_sample_has_every_agent_and_findings(home: Path) -> None:
    found = json.loads(tenure(home, "audit", "--sample", "--json").stdout)
    assert len(found["agents"]) == 7
    assert len(found["findings"]) >= 15
    assert all(each["terms"] for each in found["agents"])


def test_the_form_is_the_documented_one(planted: Path) -> None:
    found = json.loads(tenure(planted, "audit", "--json").stdout)
    assert set(found) == {"schema", "at", "scope", "agents", "findings", "read"}
    for each in found["agents"]:
        assert set(each) == {"agent", "title", "version", "surfaces", "facts", "holdings", "leaves", "kept", "terms"}
        assert all(set(fact) == {"name", "value", "state", "proof"} for fact in each["facts"] + each["leaves"])
        assert all(fact["state"] in {"measured", "default", "attested", "inferred", "unknown"} for fact in each["facts"] + each["leaves"])
        assert all(fact["proof"] for fact in each["facts"] + each["leaves"])
        assert all(fact["value"] is None for fact in each["facts"] if fact["state"] == "unknown")
        needed = {"path", "kind", "count", "bytes", "oldest", "newest", "swept", "expires_next"}
        assert all(needed <= set(holding) for holding in each["holdings"])
        assert all(decision["schema"] == "tenure.decision/1" for decision in each["terms"].values())
    for number, finding in enumerate(found["findings"], 1):
        assert (finding["number"], finding["severity"] in {"high", "medium", "low"}) == (number, True)
        assert {"id", "agent", "severity", "title", "proof", "remedy"} <= set(finding)


def test_the_terminal_view_fits_100_columns(home: Path, planted: Path) -> None:
    for arguments in (("audit", "--sample"), ("audit",), ("why", "1", "--sample")):
        lines = tenure(home, *arguments).stdout.splitlines()
        assert max(len(line) for line in lines) <= 100
        assert len(lines) > 3


def test_another_home_has_an_empty_environment(home: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    write(other / ".claude/settings.json", '{"env": {"DO_NOT_TRACK": "0"}}')
    found = json.loads(tenure(home, "audit", "--home", str(other), "--json", env={"DISABLE_TELEMETRY": "0", "CLAUDE_CONFIG_DIR": str(home)}).stdout)
    names = {fact["name"] for each in found["agents"] for fact in each["facts"]}
    assert "env.DO_NOT_TRACK" in names
    assert "env.DISABLE_TELEMETRY" not in names
    assert "empty environment" in found["scope"]
    assert tenure(home, "audit", "--home", str(tmp_path / "none")).returncode == 2


def test_variables_of_this_process_count_for_the_own_home(home: Path) -> None:
    write(home / ".claude/settings.json", "{}")
    found = json.loads(tenure(home, "audit", "--json", env={"DISABLE_TELEMETRY": "0"}).stdout)
    finding = next(finding for finding in found["findings"] if finding["id"] == "claude_code/telemetry-zero-still-opts-out")
    assert finding["proof"] == "environment:DISABLE_TELEMETRY"


def test_output_goes_to_files(planted: Path) -> None:
    assert tenure(planted, "audit", "--json", "-o", "a.json").stdout == ""
    assert json.loads((planted / "a.json").read_text())["schema"] == "tenure.audit/1"
    assert tenure(planted, "audit", "-o", "a.txt").stdout == ""
    assert "CLAUDE CODE" in (planted / "a.txt").read_text()
    assert tenure(planted, "audit", "-o", "none/a.txt").returncode == 1


def test_the_page_is_self_contained_and_escapes_what_others_wrote(home: Path) -> None:
    folder = home / "<script>alert(1)</script>"
    write(folder / ".claude/settings.json", '{"env": {"DISABLE_TELEMETRY": "0"}}')
    write(home / ".claude/projects/p/s.jsonl", json.dumps({"version": "2.1.291", "entrypoint": "cli", "cwd": str(folder)}) + "\n")
    done = tenure(home, "audit", "--html", "page.html")
    assert (done.returncode, done.stdout) == (0, "")
    page = (home / "page.html").read_text()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert not re.findall(r"""(?:src|href)="(?!#)|url\(|@import|https?://""", page), "nothing comes from elsewhere"
    assert "prefers-color-scheme: dark" in page
    assert ".finding .chip { justify-self: start; }" in page.partition("@media (max-width: 40rem)")[2], "on a narrow page a pill stays a pill"


def test_why_explains_by_number_and_by_id(planted: Path) -> None:
    found = json.loads(tenure(planted, "audit", "--json").stdout)["findings"]
    for number, finding in list(enumerate(found, 1))[:2]:
        for name in (str(number), finding["id"]):
            done = tenure(planted, "why", name)
            assert done.returncode == 0
            assert finding["id"] in done.stdout
            assert "what to do" in done.stdout
    assert json.loads(tenure(planted, "why", "1", "--json").stdout)["findings"][0]["id"] == found[0]["id"]
    assert tenure(planted, "why", "999").returncode == 1


def test_the_clock_of_the_caller_is_the_only_one(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Fixed:
        def now(self) -> datetime:
            return datetime(2026, 10, 1, 12, tzinfo=UTC)

    write(home / ".claude/history.jsonl", "x")
    assert main(["audit", "--json"], clock=Fixed()) == 0
    assert json.loads(capsys.readouterr().out)["at"] == "2026-10-01T12:00:00Z"


def test_it_exits_0_whatever_it_finds(planted: Path) -> None:
    done = tenure(planted, "audit")
    assert done.returncode == 0
    assert "other than it seems" in done.stdout
