"""A made-up home folder for the walk: a few transcripts of Claude Code in the form of its files."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

SESSIONS = (("cli", "cli", 27), ("claude-vscode", "ide", 12), ("claude-code-github-action", "ci", 1))
"""Per transcript: the entry point that it names, the surface that this is, its age in days. The first goes within a week."""


def write_home(home: Path, at: datetime) -> None:
    """Write the transcripts below `home`, as old as they should be at `at`; the first can be read by others."""
    project = home / ".claude" / "projects" / "-home-dev-shop"
    project.mkdir(parents=True, exist_ok=True)
    for number, (entrypoint, _, age) in enumerate(SESSIONS):
        begun = at - timedelta(days=age)
        name = f"00000000-0000-4000-8000-00000000000{number}"
        line = {
            "type": "user",
            "sessionId": name,
            "version": "2.1.198",
            "entrypoint": entrypoint,
            "cwd": "/home/dev/shop",
            "timestamp": begun.isoformat().replace("+00:00", "Z"),
            "message": {"role": "user", "content": "Add a button"},
        }
        path = project / f"{name}.jsonl"
        path.write_bytes(msgspec.json.encode(line) + b"\n")
        path.chmod(0o600 if number else 0o644)
        os.utime(path, (begun.timestamp(), begun.timestamp()))
    for folder in (home, home / ".claude", project.parent, project):
        folder.chmod(0o755)
