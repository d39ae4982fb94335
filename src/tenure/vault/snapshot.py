"""A database as bytes, and in memory: so that a backup is looked at, and cleared of what was destroyed, before any of it lies on a disk."""

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

from tenure.errors import IntegrityError
from tenure.vault.blanking import blanked_file
from tenure.vault.database import Database
from tenure.vault.disk import Folder

_JOURNAL = slice(18, 20)
_ROLLBACK = b"\x01\x01"


class _Memory(Folder):
    """No folder: SQLite takes this path for a database in memory."""

    def __init__(self, shown: str) -> None:
        super().__init__(shown)

    def path(self, name: str) -> str:
        return ":memory:"


def snapshot(database: Database) -> bytes:
    """Return a database as SQLite writes it, with what its log holds. Call it outside of a transaction.

    It is written anew in memory: only rows that there are get into it, and no free page. The gaps in its pages are blanked: what lies there once is
    a second copy of a row, which would outlive it in a store that is restored from this.
    """
    content = database.connection.serialize("main")
    with in_memory(content, database.path) as copy:
        copy.run("VACUUM")
        return blanked_file(_rollback(copy.connection.serialize("main")))


@contextmanager
def in_memory(content: bytes, shown: str) -> Iterator[Database]:
    """Open a database from bytes, in memory.

    Args:
        content: as `snapshot` returns it.
        shown: where the bytes come from, for messages.

    Raises:
        IntegrityError: it is no whole database.
    """
    database = Database(_Memory(shown), shown)
    try:
        database.path = shown
        try:
            database.connection.deserialize("main", _rollback(content))
            found = database.run("PRAGMA integrity_check")
        except (apsw.Error, IntegrityError) as error:
            raise _damaged(shown) from error
        if found != [("ok",)]:
            raise _damaged(shown)
        yield database
    finally:
        database.close()


def _rollback(content: bytes) -> bytes:
    """Mark a database as one without a write-ahead log, which in memory there is none of; opened as a file it gets one again."""
    return content[: _JOURNAL.start] + _ROLLBACK + content[_JOURNAL.stop :]


def _damaged(shown: str) -> IntegrityError:
    return IntegrityError(f"{shown}: expected a whole database, found a damaged one", code="backup/damaged", remedy="use another backup")
