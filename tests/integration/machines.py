"""A home folder on disk with every agent, and a canary in every place whose content must not be shown."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

CANARY = "CaNaRy7f3a"
TENURE = Path(sys.executable).parent / "tenure"


def write(path: Path, content: str | bytes, mode: int = 0o600) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(mode)


def plant(home: Path) -> None:
    """Plant a home folder with seven agents; every value that is not documented as shown holds the canary."""
    words = f"my secret is {CANARY}"
    secret = {"token": CANARY, "refresh": words}
    session = [
        {"type": "queue-operation", "content": words},
        {"type": "user", "entrypoint": "cli", "version": "2.1.291", "cwd": str(home / "work"), "message": {"content": words}, "gitBranch": CANARY},
        {"type": "assistant", "entrypoint": words, "version": words, "message": {"content": [{"text": words}]}},
    ]
    state = {
        "oauthAccount": {"organizationType": "claude_max", "organizationUuid": CANARY, "emailAddress": f"{CANARY}@example.org", "displayName": words},
        "mcpServers": {CANARY: {"env": {"KEY": CANARY}}},
        "projects": {f"/{CANARY}": {"history": [words]}},
        "cachedGrowthBookFeatures": {"a_flag": True, "a_text": words},
        "primaryApiKey": CANARY,
    }
    settings = {
        "env": {"DISABLE_TELEMETRY": "0", "DO_NOT_TRACK": CANARY, "ANTHROPIC_API_KEY": CANARY, CANARY: words, "ANTHROPIC_BASE_URL": CANARY},
        "apiKeyHelper": words,
        "feedbackDrafts": CANARY,
        "forceLoginOrgUUID": CANARY + "2",
        "forceLoginMethod": words,
        "model": words,
        CANARY: words,
    }
    claude = home / ".claude"
    write(home / ".claude.json", json.dumps(state))
    write(claude / "settings.json", json.dumps(settings, indent=1))
    write(claude / "remote-settings.json", json.dumps({"permissions": {"deny": [words]}}))
    write(claude / ".credentials.json", json.dumps(secret))
    write(claude / "projects" / "p" / "s.jsonl", "".join(json.dumps(line) + "\n" for line in session), 0o644)
    write(claude / "history.jsonl", json.dumps({"display": words}))
    write(claude / "projects" / "p" / "memory" / "M.md", words)
    write(home / "work" / ".claude" / "settings.json", json.dumps({"env": {"OTEL_LOG_USER_PROMPTS": CANARY, "ANTHROPIC_API_KEY": CANARY}}))
    write(home / "work" / ".aider.chat.history.md", words)
    write(home / ".codex" / "auth.json", json.dumps(secret))
    write(home / ".codex" / "config.toml", f'model = "{CANARY}"\nmodel_provider = "{CANARY}"\nprofile = "{CANARY}"\n[otel]\nexporter = "{CANARY}"\n')
    rollout = {"type": "session_meta", "payload": {"source": CANARY, "originator": words, "cli_version": words, "instructions": words}}
    event = {"type": "event_msg", "payload": {"type": "token_count", "rate_limits": {"plan_type": CANARY}}}
    write(home / ".codex" / "sessions" / "2026" / "rollout-1.jsonl", json.dumps(rollout) + "\n" + json.dumps(event) + "\n")
    write(home / ".codex" / "history.jsonl", words)
    write(home / ".gemini" / "oauth_creds.json", json.dumps(secret))
    write(home / ".gemini" / "settings.json", json.dumps({"security": {"auth": {"selectedType": CANARY}}, "telemetry": {"target": CANARY}}))
    write(home / ".gemini" / "tmp" / "p" / "logs.json", words)
    write(home / ".config" / "opencode" / "opencode.json", json.dumps({"share": CANARY, "model": f"{CANARY}/m", "small_model": f"{words}/s"}))
    write(home / ".local" / "share" / "opencode" / "auth.json", json.dumps(secret))
    write(home / ".local" / "share" / "opencode" / "storage" / "s.json", words)
    write(home / ".copilot" / "config.json", json.dumps(secret))
    write(home / ".copilot" / "settings.json", json.dumps({"remoteExport": CANARY, CANARY: words}))
    editor = {"chat.sessionSync.excludeRepositories": [CANARY], "telemetry.telemetryLevel": CANARY}
    write(home / ".config" / "Code" / "User" / "settings.json", json.dumps(editor))
    write(home / ".config" / "Code" / "User" / "workspaceStorage" / "w" / "chatSessions" / "a.json", words)
    write(home / ".aider.conf.yml", f"llm-history-file: {CANARY}\nopenai-api-key: {CANARY}\nanalytics: {CANARY}\n")
    write(home / ".aider" / "analytics.json", json.dumps({"uuid": CANARY, "asked_opt_in": True}))
    database(home / ".config" / "Cursor" / "User" / "globalStorage" / "state.vscdb")


def database(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = {
        "cursorai/donotchange/privacyMode": "true",
        "cursorAuth/stripeMembershipType": CANARY,
        "cursorAuth/accessToken": CANARY,
        "cursorAuth/refreshToken": CANARY,
    }
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE ItemTable (key TEXT UNIQUE, value BLOB)")
        connection.executemany("INSERT INTO ItemTable VALUES (?, ?)", list(rows.items()))
        connection.commit()


def tenure(home: Path, *arguments: str, env: Mapping[str, str] | None = None, wrap: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
    """Run Tenure in an environment of its own, with a home folder."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    surroundings = {**kept, "HOME": str(home), **(env or {})}
    command = [*wrap, str(TENURE), *arguments]
    return subprocess.run(command, env=surroundings, cwd=home, capture_output=True, text=True, timeout=60, check=False)
