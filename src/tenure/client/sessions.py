"""Where Claude Code's transcripts lie, and those of one project."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

_VERSION = re.compile(rb'"version":"(\d{1,4}\.\d{1,4}\.\d{1,5})"', re.ASCII)
_END = 256 * 1024


def project_folder(home: Path, cwd: str) -> Path:
    """Return where the sessions of a working folder lie."""
    return home / "projects" / re.sub(r"[^A-Za-z0-9]", "-", cwd)


def sessions_since(folder: Path, since: datetime) -> Iterator[tuple[str, bytes]]:
    """Yield the sessions of a project that were written to since an instant: id and lines."""
    for path in sorted(folder.glob("*.jsonl")):
        if path.stat().st_mtime >= since.timestamp():
            yield path.stem, path.read_bytes()


SCOPES = {"session": None, "24h": timedelta(hours=24), "7d": timedelta(days=7)}
"""What a report may cover: this session, or those of the same project of the last day or week."""


def branch_of(cwd: str) -> str:
    """Return the branch that is checked out; empty when there is none."""
    try:
        head = (Path(cwd) / ".git" / "HEAD").read_text("utf-8", "replace")
    except OSError:
        return ""
    return head.strip().removeprefix("ref: refs/heads/") if head.startswith("ref: ") else ""


def version_of(path: Path) -> str | None:
    """Return the release of the client that wrote a transcript last, as its end tells; None when it does not."""
    try:
        with path.open("rb") as file:
            file.seek(max(file.seek(0, 2) - _END, 0))
            found = _VERSION.findall(file.read(_END))
    except OSError:
        return None
    return found[-1].decode() if found else None
