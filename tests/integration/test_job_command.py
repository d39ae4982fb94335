"""`tenure job` as a person uses it."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest

from tenure.cli.main import main
from tenure.demo.stage import VirtualClock

CLOCK = VirtualClock(datetime(2026, 2, 1, 10, tzinfo=UTC))
CODE = b"print('a job')"


@pytest.fixture
def tenure(home, capsys):
    def run(*argv, clock=CLOCK):
        code = main([str(part) for part in argv], clock=clock)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def code(tmp_path):
    file = tmp_path / "job.py"
    file.write_bytes(CODE)
    return file


def register(tenure, code, *options, name="server", sink="table", clock=CLOCK):
    return tenure("job", "register", name, "--code", code, "--sink", sink, *options, clock=clock)


def test_job_is_registered_with_the_hash_of_its_code(tenure, code) -> None:
    exit_code, out, err = register(tenure, code, "--purpose", "serve", "--purpose", "improve", "--json")
    found = json.loads(out)
    assert (exit_code, err) == (0, "")
    assert list(found) == ["schema", "name", "code", "sink", "purposes", "registered_at", "digest"]
    assert (found["schema"], found["code"]) == ("tenure.job/1", f"sha256:{hashlib.sha256(CODE).hexdigest()}")
    assert (found["purposes"], found["registered_at"]) == (["improve", "serve"], "2026-02-01T10:00:00Z")


def test_jobs_are_listed(tenure, code) -> None:
    tenure("account", "create", "zoe", "--tier", "pro")
    assert json.loads(tenure("job", "list", "--json")[1]) == {"schema": "tenure.job/1", "jobs": []}
    assert "tenure job register" in tenure("job", "list")[1]
    register(tenure, code, "--purpose", "serve")
    register(tenure, code, "--purpose", "debug", name="debugger")
    assert [job["name"] for job in json.loads(tenure("job", "list", "--json")[1])["jobs"]] == ["server", "debugger"]
    assert tenure("job", "list")[1].splitlines()[0].startswith("server  serve  -> table  sha256:")


def test_registered_anew_it_replaces_the_one_before(tenure, code) -> None:
    first = json.loads(register(tenure, code, "--purpose", "serve", "--json")[1])
    later = VirtualClock(CLOCK.now() + timedelta(days=1))
    second = json.loads(register(tenure, code, "--purpose", "serve", "--json", clock=later)[1])
    assert first["digest"] != second["digest"]
    assert [job["digest"] for job in json.loads(tenure("job", "list", "--json")[1])["jobs"]] == [second["digest"]]


@pytest.mark.parametrize(
    ("name", "sink", "purpose"),
    [
        ("Server", "out", "serve"),
        ("", "out", "serve"),
        ("a b", "out", "serve"),
        ("a" * 65, "out", "serve"),
        ("server", "", "serve"),
        ("server", "a b", "serve"),
        ("server", "out", "collect"),
        ("server", "out", "sell"),
    ],
)
def test_malformed_is_a_usage_error_and_registers_nothing(tenure, code, name, sink, purpose) -> None:
    tenure("account", "create", "zoe", "--tier", "pro")
    assert register(tenure, code, "--purpose", purpose, name=name, sink=sink)[:2] == (2, "")
    assert json.loads(tenure("job", "list", "--json")[1])["jobs"] == []


def test_purpose_code_and_sink_are_needed(tenure, code, tmp_path) -> None:
    assert register(tenure, code)[0] == 2
    assert tenure("job", "register", "server", "--sink", "out", "--purpose", "serve")[0] == 2
    assert tenure("job", "register", "server", "--code", code, "--purpose", "serve")[0] == 2
    assert register(tenure, tmp_path / "none.py", "--purpose", "serve")[0] == 2


def test_nothing_is_registered_while_the_clock_is_in_doubt(tenure, code) -> None:
    register(tenure, code, "--purpose", "serve")
    exit_code, out, err = register(tenure, code, "--purpose", "serve", name="late", clock=VirtualClock(CLOCK.now() + timedelta(days=31)))
    assert (exit_code, out) == (1, "")
    assert "--confirm-clock" in err


def test_name_and_sink_of_a_job_are_not_in_the_ledger(tenure, code, tmp_path) -> None:
    register(tenure, code, "--purpose", "serve", name="canary-job", sink="canary-sink")
    tenure("ledger", "export", tmp_path / "ledger")
    published = b"".join(path.read_bytes() for path in (tmp_path / "ledger").rglob("*") if path.is_file())
    assert b"registered" in published
    assert b"canary" not in published
