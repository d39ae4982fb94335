"""The parts that all agents are read with: credentials by name, decoding, lines for proofs, what may be shown, where things lie."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.agents.cases import NOW, account, claude, codex, gemini, rollout

from tenure.agents import decode, shown
from tenure.agents.claude_code.account import read_account
from tenure.agents.codex.sessions import read_rollouts
from tenure.agents.credentials import is_credential, is_secret_variable
from tenure.agents.facts import State
from tenure.agents.locate import json_line, json_lines_under, toml_line, yaml_line
from tenure.agents.memory import StoredFile
from tenure.agents.places import Place, Sweep, hold, sort
from tenure.agents.registry import AGENTS
from tenure.agents.view import Entry, Unreadable
from tenure.testing.machine import HOME, FakeMachine

AT = datetime.fromtimestamp(NOW, UTC)


@pytest.mark.parametrize(
    "path",
    [
        *("/h/.claude/.credentials.json", "/h/.codex/auth.json", "/h/.local/share/opencode/mcp-auth.json", "/h/.gemini/oauth_creds.json"),
        *("/h/.copilot/config.json", "/h/.ssh/anything", "/h/Library/Keychains/login.keychain-db", "/h/.config/gh/hosts.yml", "/h/x/server.pem"),
        *("/h/x/id_rsa", "/h/x/.env", "/h/.claude/../.claude/.credentials.json", "/h/.claude/.CREDENTIALS.json", "/h/.aws/config"),
    ],
)
def test_credentials_are_known_by_name(path: str) -> None:
    assert is_credential(path)


@pytest.mark.parametrize("path", ["/h/.claude.json", "/h/.claude/settings.json", "/h/.codex/config.toml", "/h/.gemini/config.json"])
def test_settings_are_no_credentials(path: str) -> None:
    assert not is_credential(path)


def test_secret_variables_are_known_by_name() -> None:
    secret = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_CUSTOM_HEADERS", "X_SECRET", "PGPASSWORD")
    assert all(is_secret_variable(name) for name in secret)
    assert not any(is_secret_variable(name) for name in ("DISABLE_TELEMETRY", "CODEX_HOME", "ANTHROPIC_BASE_URL"))


def test_an_unknown_kind_of_account_or_plan_is_other() -> None:
    machine = FakeMachine({"~/.claude.json": json.dumps(account("CANARY")), "~/.codex/s.jsonl": rollout("CANARY")})
    assert read_account(machine, f"{HOME}/.claude").kind == "other"
    assert read_rollouts(machine, f"{HOME}/.codex", "~/.codex", [Entry("s.jsonl", 1, NOW)]).plan == "other"


def test_json_with_comments() -> None:
    text = b'{\n  // a "comment"\n  "a": "http://x", /* two\n lines */ "b": [1, 2,],\n}'
    assert decode.parse(text, decode.jsonc) == {"a": "http://x", "b": [1, 2]}
    assert isinstance(decode.parse(text, decode.json), Unreadable)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert decode.parse(b'\xef\xbb\xbf{"a": 1}', decode.json) == {"a": 1}


def test_flat_yaml() -> None:
    text = b"# c\na: true # yes\nb: 'off'\nc:\n  - d: 1\ne: word word\n"
    assert decode.parse(text, decode.flat_yaml) == {"a": True, "b": "off", "c": "", "e": "word word"}


def test_errors_never_quote_what_they_found() -> None:
    for content in (b'{"a": CANARY}', b'{"CANARY": }', b"CANARY"):
        for decoder in (decode.json, decode.jsonc, decode.toml):
            assert "CANARY" not in str(decode.parse(content, decoder))


def test_lines_of_json() -> None:
    text = '{\n "env": {\n  "A": "env", "x": {"A": 1}\n },\n "B": ["A", {"A": 2}],\n "env2": {"A": 1},\n "A": 3\n}'
    assert json_line(text, ("env", "A")) == 3
    assert json_line(text, ("env", "x", "A")) == 3
    assert json_line(text, ("A",)) == 7
    assert json_line(text, ("env", "none")) is None
    assert json_lines_under(text, "env") == {"A": 3, "x": 3}
    assert json_line('{"A": 1,\n"A": 2}', ("A",)) == 2, "the last of two counts"


def test_lines_of_toml_and_yaml() -> None:
    text = 'a = 1\n[b]\nc = 2\n[b.d]\ne = 3\n[p."/x.y"]\nf = 4\n'
    assert [toml_line(text, keys) for keys in (("a",), ("b", "c"), ("b", "d", "e"), ("p", "/x.y", "f"), ("z",))] == [1, 3, 5, 7, None]
    assert yaml_line("x: 1\na: 2\n", ("a",)) == 2


def test_what_may_be_shown() -> None:
    assert [shown.scalar(value, ("word",)) for value in (True, 3, 0.5, "word", "OFF", "text", None, [], {}, 10**20, float("nan"))] == [
        *(True, 3, 0.5, "word", "OFF", "other", None, "other", "other", "other", "other")
    ]
    assert (shown.version("2.1.291"), shown.version("2.1.291 CANARY"), shown.version("x"), shown.version(2)) == ("2.1.291", None, None, None)


def test_places() -> None:
    places = (Place("a/*/x.txt", "log"), Place("a/**", "cache"), Place("*.db", "database"))
    entries = [Entry(path, 1, NOW) for path in ("a/b/x.txt", "a/b/c/x.txt", "one.db", "a/b.db", "other")]
    entries.append(Entry("two.db", 1, NOW, regular=False))
    found = {place.pattern: sorted(entry.path for entry in held) for place, held in sort(entries, places).items()}
    assert found == {"a/*/x.txt": ["a/b/x.txt"], "a/**": ["a/b.db", "a/b/c/x.txt"], "*.db": ["one.db"]}


def test_what_goes_when() -> None:
    day = 86400.0
    entries = [Entry(str(age), 10, NOW - age * day, shared=age > 30) for age in (1, 24, 29.5, 31, 40)]
    held = hold(Place("p/*", "log"), entries, "~/r", Sweep("30 days", 30), AT)
    assert (held.count, held.bytes, held.vanishing, held.past_due, held.world_readable) == (5, 50, 2, 2, 2)
    assert held.expires_next == AT + timedelta(days=0.5), "the next that is still ahead"
    late = hold(Place("p/*", "log"), entries[3:], "~/r", Sweep("30 days", 30), AT)
    assert late.expires_next == AT - timedelta(days=10), "what is due already, where nothing is ahead"
    assert hold(Place("p/*", "log"), entries, "~/r", Sweep("never"), AT).expires_next is None


def test_times_outside_of_the_calendar() -> None:
    entries = [Entry("a", 1, 1e20), Entry("b", 1, -1e20)]
    held = hold(Place("*", "log"), entries, "~/r", Sweep("30 days", 30), AT)
    assert held.oldest is not None
    assert held.newest is not None
    assert held.newest.year == 9999


def test_a_file_that_only_stands_for_a_larger_one() -> None:
    machine = FakeMachine({"~/s": StoredFile(b"x", size=10**12)})
    assert isinstance(machine.read(f"{HOME}/s"), Unreadable)


def test_defaults_are_in_doubt_where_a_settings_file_cannot_be_read() -> None:
    for machine, agent in ((claude("{", state=account("claude_max")), "claude_code"), (codex("["), "codex"), (gemini("{"), "gemini_cli")):
        evidence = AGENTS[agent](machine, AT)
        assert evidence is not None
        assert evidence.leaves
        assert all(fact.state is State.UNKNOWN for fact in evidence.leaves), agent
        assert any("cannot be read" in fact.proof for fact in evidence.leaves), agent
    evidence = AGENTS["claude_code"](claude("{", state=account("claude_max")), AT)
    assert evidence is not None
    facts = {fact.name: fact for fact in evidence.facts}
    assert facts["provider"].state is State.UNKNOWN
    assert (facts["tier"].value, facts["tier"].state) == ("max", State.INFERRED), "the login is still the login"
