"""Named keys of an SQLite table of others, read-only and leaving nothing behind.

A database with a write-ahead log is opened only where its index (`-shm`) is there too: without it SQLite would create one.
Source: sqlite.org/wal.html, section 5 (read-only databases); sqlite.org/uri.html (mode, immutable).
"""

import os
import re
import sqlite3
import stat
from collections.abc import Mapping, Sequence
from contextlib import closing
from urllib.parse import quote

from tenure.agents.credentials import is_credential
from tenure.agents.view import Unreadable
from tenure.machine.files import REFUSED, reason

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}", re.ASCII)
_STEPS = 200_000
_LONGEST = 4096


def read_rows(path: str, table: str, keys: Sequence[str]) -> Mapping[str, str] | Unreadable:
    """Select named keys from a table with the columns `key` and `value`. Values longer than 4096 characters are left out.

    What is no UTF-8 text is given with replacement characters, so that no reader takes it for a word that it knows.
    """
    if is_credential(path):
        return REFUSED
    if not _NAME.fullmatch(table):
        return Unreadable("not a possible table")
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return Unreadable("not a regular file")
        uri = _uri(path)
        if isinstance(uri, Unreadable):
            return uri
        with closing(sqlite3.connect(uri, uri=True, timeout=0.2, isolation_level=None)) as connection:
            return _select(connection, table, keys)
    except sqlite3.Error as error:
        return Unreadable(f"not a readable database ({getattr(error, 'sqlite_errorname', 'SQLITE_ERROR')})")
    except (OSError, ValueError) as error:
        return reason(error)


def _uri(path: str) -> str | Unreadable:
    base = "file:" + quote(os.fsencode(path)) + "?mode=ro"
    if _size(path + "-wal") == 0:
        return base + "&immutable=1"
    if _size(path + "-shm") == 0:
        return Unreadable("it has a write-ahead log without its index; reading it would create one")
    return base


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def _select(connection: sqlite3.Connection, table: str, keys: Sequence[str]) -> Mapping[str, str] | Unreadable:
    budget = iter(range(_STEPS))
    connection.set_progress_handler(lambda: 1 if next(budget, None) is None else 0, 100)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 1 << 24)
    connection.text_factory = lambda value: value.decode("utf-8", "replace")
    connection.execute("PRAGMA query_only = on")
    connection.execute("PRAGMA trusted_schema = off")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone() is None:
        return Unreadable(f"it has no table {table}")
    marks = ", ".join("?" * len(keys))
    rows = connection.execute(f'SELECT key, CAST(value AS TEXT) FROM "{table}" WHERE key IN ({marks})', tuple(keys))  # noqa: S608 - the table is a name, the keys are bound
    return {str(key): value for key, value in rows if isinstance(value, str) and len(value) <= _LONGEST}
