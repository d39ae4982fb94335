"""`tenure metrics` as a person uses it."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.consoles import CASE, PROVIDER

from tenure import wiring
from tenure.cli.main import main
from tenure.demo.stage import VirtualClock
from tenure.services.usage_rows import FORMAT, Columns, Set, render_columns

AT = datetime(2026, 9, 28, 10, tzinfo=UTC)
OPEN = b'permit = ["collect", "debug"]'


@pytest.fixture
def tenure(home, capsys):
    def run(*argv):
        code = main([*argv], clock=VirtualClock(AT))
        return code, *capsys.readouterr()

    return run


def hold(home, tenure, monkeypatch):
    """Hold the telemetry of one session: one request of 2 s, and 40 tokens."""
    names = (("logs", "claude_code", "api_request"), ("metrics", "claude_code", "claude_code.token.usage"))
    sets = (Set(((0, 2000), (1, "opus")), (), b""), Set(((1, "opus"), (2, "input")), (), b""))
    at = int((AT - timedelta(hours=1)).timestamp()) * 10**9
    columns = Columns(FORMAT, names, ("duration_ms", "model", "type"), sets, (0, 1), (0, 1), (at, 0), (None, None), (0, 1), (0, 40))
    (home / "case.json").write_text(json.dumps({**CASE, **PROVIDER, "kind": "usage_metric", "flags": [], "consents": [], "subject": "ann"}))
    (home / "rows").write_bytes(render_columns(columns))
    with (home / "rows").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        code, _, err = tenure("vault", "put", "--case", str(home / "case.json"), "--json")
    assert (code, err) == (0, "")


def permit_debug(monkeypatch):
    """Use terms under which metrics are open for `debug`: the packaged ones, changed."""
    packs = wiring.packaged_packs()
    before, after = packs["claude_code.toml"].split(b'id = "metrics-on"', 1)
    changed = before + b'id = "metrics-on"' + after.replace(b'permit = ["collect"]', OPEN, 1)
    monkeypatch.setattr(wiring, "packaged_packs", lambda: {**packs, "claude_code.toml": changed})


def test_figures_are_printed_where_the_terms_permit_it(home, tenure, monkeypatch):
    permit_debug(monkeypatch)
    hold(home, tenure, monkeypatch)
    code, out, err = tenure("metrics")
    assert (code, err) == (0, "")
    assert ["opus", "claude_code", "1", "0", *["2.0", "s"] * 3] in [line.split() for line in out.splitlines()]
    assert "40 tokens" in out

    found = json.loads(tenure("metrics", "--json")[1])

    assert (found["schema"], found["job"], found["records"], found["denied"]) == ("tenure.metrics/1", "tenure/telemetry", 1, [])
    (request,) = found["requests"]
    assert (request["model"], request["count"], request["failure_rate"]) == ("opus", 1, 0.0)
    assert request["p50_ms"] == pytest.approx(2000, rel=0.02)
    assert found["usage"] == [{"client": "claude_code", "model": "opus", "part": "input", "unit": "tokens", "value": 40.0}]


def test_what_the_terms_keep_is_denied_with_exit_10(home, tenure, monkeypatch):
    hold(home, tenure, monkeypatch)
    code, out, _ = tenure("metrics")
    assert code == 10
    assert "deny: 1 records not read: no clause permits debug of usage metrics" in out

    code, out, _ = tenure("metrics", "--json")

    assert code == 10
    assert json.loads(out)["denied"] == [{"verdict": "deny", "records": 1, "because": [], "reason": ""}]


def test_where_there_is_no_store_none_is_made(home, tenure):
    code, out, err = tenure("metrics")

    assert (code, out) == (1, "")
    assert "tenure" in err
    assert not (home / ".local" / "share" / "tenure" / "store").exists()
