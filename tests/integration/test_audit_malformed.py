"""What is malformed, unreadable or strange is unknown with its reason: never a crash, never a hang, never a guess."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console
from tests.integration.machines import plant, tenure, write

from tenure import wiring
from tenure.cli.audit.page import render_page
from tenure.cli.audit.plain import plain_audit
from tenure.cli.audit.view import show_audit
from tenure.errors import TermsError
from tenure.records.case import Case
from tenure.services.audit import audit
from tenure.terms.decision import Decision

SETTINGS = {
    "claude_code": ".claude/settings.json",
    "codex": ".codex/config.toml",
    "gemini_cli": ".gemini/settings.json",
    "opencode": ".config/opencode/opencode.json",
    "copilot": ".copilot/settings.json",
    "aider": ".aider.conf.yml",
}
NOT_TEXT = {
    "utf-16": '{"cleanupPeriodDays": 3}'.encode("utf-16"),
    "latin-1": b'{"a": "caf\xe9"}',
    "nul": b'{"a": "\0"}',
}
NOT_JSON = {
    "half": b'{"cleanupPeriodDays": ',
    "list": b"[1, 2]",
    "number": b"3",
    "deep": b"[" * 200_000,
    "deep object": b'{"a":' * 50_000,
    "duplicate brackets": b"}}}}",
}


def look(home: Path, agent: str | None = None) -> dict[str, object]:
    """Audit in this process, with all ways of showing it, and without terms: what is tested is the reading."""

    def decide(case: Case) -> Decision:
        raise TermsError(f"no terms for {case.agent}")

    assert os.environ["HOME"] == str(home)
    found = audit(wiring.this_machine(), datetime(2026, 10, 1, tzinfo=UTC), decide, {}, agent=agent)
    show_audit(Console(file=StringIO(), width=100), found)
    render_page(found)
    return json.loads(msgspec.json.encode(plain_audit(found)))  # type: ignore[no-any-return]


def unknown(found: dict[str, object], agent: str, name: str) -> str:
    """Return the reason why a fact of an agent is unknown."""
    each = next(each for each in found["agents"] if each["agent"] == agent)  # type: ignore[attr-defined]
    return next(str(fact["proof"]) for fact in each["facts"] if fact["name"].startswith(name) and fact["state"] == "unknown")


@pytest.mark.parametrize("agent", SETTINGS)
@pytest.mark.parametrize("content", [*NOT_TEXT.values()], ids=[*NOT_TEXT])
def test_what_is_not_text_is_unknown(home: Path, agent: str, content: bytes) -> None:
    write(home / SETTINGS[agent], content)
    assert unknown(look(home), agent, "settings.").partition(": ")[2]


@pytest.mark.parametrize("content", [*NOT_JSON.values()], ids=[*NOT_JSON])
def test_what_is_not_well_formed_is_unknown(home: Path, content: bytes) -> None:
    for agent in ("claude_code", "gemini_cli", "opencode", "copilot"):
        write(home / SETTINGS[agent], content)
    write(home / ".codex/config.toml", b"[history\npersistence")
    write(home / ".claude.json", content)
    found = look(home)
    for agent in ("claude_code", "codex", "gemini_cli", "opencode", "copilot"):
        assert unknown(found, agent, "settings.")
    assert unknown(found, "claude_code", "tier")
    assert unknown(found, "claude_code", "account.signed_in")


def test_settings_of_the_wrong_types_never_crash(home: Path) -> None:
    for value in ([], {}, 1, "x", None, True, [{}], {"a": {"b": []}}):
        keys = ("env", "cleanupPeriodDays", "attribution", "apiKeyHelper", "forceLoginOrgUUID", "forceLoginMethod", "feedbackSurveyRate")
        write(home / ".claude/settings.json", json.dumps(dict.fromkeys(keys, value)))
        write(home / ".claude/remote-settings.json", json.dumps(dict.fromkeys((*keys, "settings"), value)))
        write(home / ".claude.json", json.dumps(dict.fromkeys(("oauthAccount", "cachedGrowthBookFeatures", "cachedStatsigGates"), value)))
        write(home / ".gemini/settings.json", json.dumps(dict.fromkeys(("general", "privacy", "telemetry", "security"), value)))
        write(home / ".config/opencode/opencode.json", json.dumps(dict.fromkeys(("share", "autoshare", "model", "small_model"), value)))
        write(home / ".copilot/settings.json", json.dumps(dict.fromkeys(("remoteExport", "remoteSessions"), value)))
        write(home / ".aider/analytics.json", json.dumps(value))
        look(home)
    config = ("otel = 1", "history = []", 'analytics = "x"', "model_provider = {}", "profile = 3", "profiles = 4", "projects = 5", "memories = 1")
    write(home / ".codex/config.toml", "\n".join(config))
    look(home)


SPECIAL: dict[str, Callable[[Path], None]] = {
    "folder": lambda path: path.mkdir(),
    "pipe": lambda path: os.mkfifo(path),
    "loop": lambda path: path.symlink_to(path.name),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "credential": lambda path: path.symlink_to(".credentials.json"),
}


REASONS = {"folder": "a folder", "pipe": "a pipe", "loop": "a loop of links", "device": "a device", "credential": "a credential file"}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_regular_file_is_unknown(home: Path, kind: str) -> None:
    for agent, name in SETTINGS.items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "credential":
            write(path.parent / ".credentials.json", '{"cleanupPeriodDays": 3}')
        SPECIAL[kind](path)
        found = look(home, agent)
        assert REASONS[kind] in unknown(found, agent, "settings."), agent
        path.rmdir() if kind == "folder" else path.unlink()


def test_a_root_that_is_no_folder_is_unknown(home: Path) -> None:
    for name in (".claude", ".codex", ".gemini", ".copilot"):
        write(home / name, "not a folder")
    found = look(home)
    for agent in ("claude_code", "codex", "gemini_cli", "copilot"):
        assert "not a folder" in unknown(found, agent, "files")


def test_loops_of_links_are_not_followed(home: Path) -> None:
    projects = home / ".claude/projects"
    projects.mkdir(parents=True)
    (projects / "self").symlink_to(projects)
    (projects / "up").symlink_to(home)
    write(projects / "p/s.jsonl", '{"version":"2.1.291","entrypoint":"cli"}\n')
    found = look(home)
    assert found["agents"][0]["holdings"][0]["count"] == 1  # type: ignore[index]
    assert "2 links" in unknown(found, "claude_code", "files")


def test_a_line_of_a_gigabyte_costs_two_windows(home: Path) -> None:
    path = home / ".claude/projects/p/s.jsonl"
    write(path, '{"type":"user","message":"')
    os.truncate(path, 1_000_000_000)
    rollout = home / ".codex/sessions/rollout-1.jsonl"
    write(rollout, '{"type":"session_meta","payload":{"x":"')
    os.truncate(rollout, 1_000_000_000)
    found = look(home)
    assert found["agents"][0]["surfaces"] == {"unknown": 1}  # type: ignore[index]
    assert "longer than what is read" in unknown(found, "codex", "sessions")


def test_a_settings_file_that_is_too_large_is_unknown(home: Path) -> None:
    write(home / ".claude/settings.json", "{}")
    os.truncate(home / ".claude/settings.json", 20_000_000)
    assert "larger than 16 MiB" in unknown(look(home), "claude_code", "settings.")


def test_lines_that_are_malformed_are_passed_over(home: Path) -> None:
    bad = [b"\xff\xfe", b"{", b'{"version": 3}', b'{"version": "2.1.291", "entrypoint": 5}', b"", b"null", b"[]"]
    lines = [*bad, b'{"version":"2.1.291","entrypoint":"cli"}', *bad]
    write(home / ".claude/projects/p/s.jsonl", b"\n".join(lines))
    write(home / ".claude/projects/p/empty.jsonl", b"")
    assert look(home)["agents"][0]["surfaces"] == {"cli": 1, "unknown": 1}  # type: ignore[index]


def test_databases(home: Path) -> None:
    plant(home)
    path = home / ".config/Cursor/User/globalStorage/state.vscdb"
    whole = path.read_bytes()
    half, wild = whole[: len(whole) // 2], b"SQLite format 3\0" + b"\xff" * 4000
    for content, reason in ((half, "database"), (b"", "no table"), (wild, "database"), (b"x" * 9000, "NOTADB")):
        path.write_bytes(content)
        assert reason in unknown(look(home, "cursor"), "cursor", "tier")
        assert sorted(each.name for each in path.parent.iterdir()) == ["state.vscdb"]


def test_a_value_that_is_no_text_spoils_only_itself(home: Path) -> None:
    path = home / ".config/Cursor/User/globalStorage/state.vscdb"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        rows = [("cursorai/donotchange/privacyMode", b"\xff\xfe"), ("cursorAuth/stripeMembershipType", b"pro")]
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", rows)
        connection.commit()
    found = look(home, "cursor")
    assert "privacyMode is neither true nor false" in unknown(found, "cursor", "attribute.mode")
    facts = {fact["name"]: fact["value"] for fact in found["agents"][0]["facts"]}  # type: ignore[index]
    assert facts["tier"] == "pro"


def test_a_database_that_is_in_use_is_read_without_leaving_anything(home: Path) -> None:
    path = home / ".config/Cursor/User/globalStorage/state.vscdb"
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = wal")
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        connection.execute("INSERT INTO ItemTable VALUES ('cursorai/donotchange/privacyMode', 'false')")
        connection.commit()
        before = sorted(each.name for each in path.parent.iterdir())
        found = look(home, "cursor")
        assert any(finding["id"] == "cursor/data-is-shared" for finding in found["findings"])  # type: ignore[attr-defined]
        assert sorted(each.name for each in path.parent.iterdir()) == before
        (path.parent / "state.vscdb-shm").rename(path.parent / "elsewhere")
        assert "index" in unknown(look(home, "cursor"), "cursor", "tier")
        assert not (path.parent / "state.vscdb-shm").exists()
        (path.parent / "elsewhere").rename(path.parent / "state.vscdb-shm")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can read everything")
def test_what_may_not_be_read_is_unknown(home: Path) -> None:
    write(home / ".claude/settings.json", "{}", 0o000)
    assert "permission denied" in unknown(look(home), "claude_code", "settings.")


def test_names_that_steer_a_terminal_are_cleaned(home: Path) -> None:
    folder = home / "work\x1b[31m\u202e"
    write(folder / ".claude/settings.json", '{"env": {"DISABLE_TELEMETRY": "0"}}')
    write(home / ".claude/projects/p/s.jsonl", json.dumps({"version": "2.1.291", "entrypoint": "cli", "cwd": str(folder)}) + "\n")
    for arguments in (("audit",), ("audit", "--json"), ("why", "project-settings-change-privacy")):
        done = tenure(home, *arguments)
        assert done.returncode == 0, done.stderr
        assert "work" in done.stdout
        assert "\x1b" not in done.stdout
        assert "\u202e" not in done.stdout


def test_file_names_that_are_no_text(home: Path) -> None:
    folder = os.fsencode(home / ".claude/projects/p")
    os.makedirs(folder)
    Path(os.fsdecode(folder + b"/\xff\xfe.jsonl")).write_bytes(b"{}")
    assert look(home)["agents"][0]["holdings"][0]["count"] == 1  # type: ignore[index]
    assert tenure(home, "audit").returncode == 0
