"""A store in a folder, and every byte of it."""

import os
from pathlib import Path

from tenure.testing.keys_checks import START
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore


def open_store(folder: Path, passphrase: bytes | None = None) -> SqliteStore:
    """Open, or make, the store of a folder."""
    return SqliteStore(Folder(str(folder)), at=START, passphrase=passphrase)


def raw(folder: Path) -> bytes:
    """Return the bytes of all files, the logs of SQLite among them."""
    return b"".join((Path(place) / name).read_bytes() for place, _, names in os.walk(folder) for name in sorted(names))


def segment(folder: Path) -> Path:
    """Return the one segment that there is."""
    (found,) = folder.rglob("*.seg")
    return found
