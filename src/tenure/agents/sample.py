"""A made-up home folder with every agent and several findings, for `tenure audit --sample`. Nobody's data; its dates count back from the present."""

import json
from collections.abc import Iterator
from datetime import datetime

from tenure.agents.memory import MemoryMachine, StoredFile
from tenure.agents.view import Scope

HOME = "/home/sam"
_DAY = 86400.0


def sample(at: datetime) -> MemoryMachine:
    """Return the made-up machine.

    Args:
        at: the time that its dates count back from, aware UTC.
    """
    now = at.timestamp()
    files = {f"{HOME}/{path}": StoredFile(content, now - days * _DAY, mode, size) for path, content, days, mode, size in _files()}
    tables = {
        "ItemTable": {
            "cursorai/donotchange/privacyMode": "false",
            "cursorAuth/stripeMembershipType": "pro",
        }
    }
    database = f"{HOME}/.config/Cursor/User/globalStorage/state.vscdb"
    files[database] = StoredFile(b"", now - 3 * _DAY, 0o600, 412_000_000, tables=tables)
    folders = {f"{HOME}/.claude": 0o755, f"{HOME}/.claude/projects": 0o755, f"{HOME}/.claude/projects/shop": 0o755}
    return MemoryMachine(Scope(HOME, "linux", None, is_own=True, home_is_open=True, is_sample=True), files, {}, folders)


_File = tuple[str, bytes, float, int, int | None]


def _files() -> Iterator[_File]:
    yield from _claude_code()
    yield from _codex()
    yield from _others()


def _plain(path: str, content: object, days: float = 10.0) -> _File:
    text = content if isinstance(content, str) else json.dumps(content, indent=2)
    return path, text.encode(), days, 0o600, None


def _claude_code() -> Iterator[_File]:
    yield _plain(".claude.json", {
        "oauthAccount": {"organizationType": "claude_max", "emailAddress": "sam@example.org", "organizationUuid": "sample"},
        "cachedGrowthBookFeatures": {"sample_compact_mode": True, "sample_hint": "b", "sample_rate": 0.05, "sample_layout": {"width": 80}},
        "cachedStatsigGates": {"sample_gate": False},
    })  # fmt: skip
    yield _plain(".claude/settings.json", {"env": {"DISABLE_TELEMETRY": "0", "CLAUDE_CODE_ENABLE_TELEMETRY": "0"}, "feedbackSurveyRate": 0})
    line = {"type": "user", "entrypoint": "cli", "version": "2.1.291", "cwd": f"{HOME}/shop"}
    for number in range(48):
        surface = {"entrypoint": "claude-vscode"} if number % 6 == 0 else {"entrypoint": "claude-desktop"} if number % 16 == 1 else {}
        content = (json.dumps(line | surface) + "\n").encode()
        mode = 0o644 if number < 7 else 0o600
        yield f".claude/projects/shop/session-{number:02}.jsonl", content, 0.4 + number * 0.63, mode, 900_000 + number * 37_000
    yield ".claude/history.jsonl", b"", 1.0, 0o600, 2_400_000
    yield ".claude/projects/shop/memory/MEMORY.md", b"", 12.0, 0o600, 4_100
    yield ".claude/file-history/one/two", b"", 8.0, 0o600, 61_000
    yield _plain("shop/.claude/settings.json", {"env": {"OTEL_LOG_USER_PROMPTS": "1"}, "cleanupPeriodDays": 365})


def _codex() -> Iterator[_File]:
    yield _plain(".codex/config.toml", 'model = "a-model"\n\n[history]\npersistence = "none"\n\n[otel]\nexporter = "none"\n')
    meta = {"type": "session_meta", "payload": {"originator": "codex_cli_rs", "source": "cli", "cli_version": "0.169.0", "model_provider": "openai"}}
    event = {"type": "event_msg", "payload": {"type": "token_count", "rate_limits": {"plan_type": "plus"}}}
    content = (json.dumps(meta) + "\n" + json.dumps(event) + "\n").encode()
    for number in range(23):
        yield f".codex/sessions/2026/07/{number + 1:02}/rollout-{number:02}.jsonl", content, 4.0 + number * 9, 0o600, 1_300_000 + number * 80_000
    yield ".codex/archived_sessions/rollout-old.jsonl", b"", 220.0, 0o600, 700_000


def _others() -> Iterator[_File]:
    yield _plain(".gemini/settings.json", '{\n  // export to the team\'s collector\n  "telemetry": {"enabled": true},\n'
                 '  "security": {"auth": {"selectedType": "gemini-api-key"}}\n}\n')  # fmt: skip
    yield ".gemini/tmp/shop/chats/session-1.json", b"", 26.0, 0o600, 210_000
    yield ".gemini/tmp/shop/logs.json", b"", 2.0, 0o600, 33_000
    yield _plain(".config/opencode/opencode.json", {"share": "auto", "model": "anthropic/a-model", "small_model": "opencode/a-small-model"})
    yield ".local/share/opencode/opencode.db", b"", 5.0, 0o600, 88_000_000
    yield ".copilot/session-state/one/events.jsonl", b"", 6.0, 0o600, 540_000
    yield _plain(".copilot/settings.json", {"remoteExport": False})
    yield _plain(".config/Code/User/settings.json", '{\n  "telemetry.telemetryLevel": "off", // nothing leaves?\n}\n')
    yield ".config/Code/User/workspaceStorage/one/chatSessions/a.json", b"", 3.0, 0o600, 120_000
    yield "shop/.aider.chat.history.md", b"", 90.0, 0o600, 310_000
    yield "shop/.aider.input.history", b"", 90.0, 0o600, 9_000
