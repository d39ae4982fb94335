"""SQLite as the vault uses it: one connection, the whole file locked, durable commits, nothing left of deleted bytes; its errors as Tenure's.

Source: https://sqlite.org/pragma.html (locking_mode, synchronous, secure_delete), https://sqlite.org/wal.html.
"""

import contextlib
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar
from urllib.parse import quote

import apsw

from tenure.errors import Error, IntegrityError, VaultError
from tenure.vault.blanking import BlankingVfs
from tenure.vault.disk import Disk

Value = None | int | float | str | bytes
Row = tuple[Value, ...]
_Each = TypeVar("_Each")
_GROUP = 500

_PRAGMAS = (
    "PRAGMA locking_mode=EXCLUSIVE",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA cache_size=-65536",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA wal_autocheckpoint=1000",
)


def groups(values: Collection[_Each]) -> Iterator[list[_Each]]:
    """Yield values in groups that fit into one statement."""
    listed = list(values)
    for start in range(0, len(listed), _GROUP):
        yield listed[start : start + _GROUP]


class Database:
    """One SQLite file of a store.

    Args:
        disk: where it lies.
        name: of the file.

    Raises:
        VaultError: it cannot be opened or is in use.
        IntegrityError: it is no database, or a damaged one.
    """

    def __init__(self, disk: Disk, name: str) -> None:
        self.path = disk.path(name)
        self._disk, self._log = disk, f"{name}-wal"
        self._vfs = BlankingVfs(disk.vfs)
        with self._translated(), contextlib.ExitStack() as stack:
            stack.callback(self._vfs.unregister)
            self._connection = self._looked_at(disk) if disk.is_read_only else apsw.Connection(self.path, vfs=self._vfs.name)
            stack.callback(self._connection.close)
            for pragma in () if disk.is_read_only else _PRAGMAS:
                self._connection.execute(pragma).fetchall()
            self._connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
            self._open = stack.pop_all()

    def _looked_at(self, disk: Disk) -> apsw.Connection:
        """Open a file that nobody writes to; what stands in a log beside it would not be seen, so there may be none."""
        if disk.size(self._log):
            message = f"{self.path}: expected a store that was closed, found one with changes in {self._log}, which cannot be written here"
            raise VaultError(message, code="vault/read-only", remedy="copy the store to where it can be written, and look at it there")
        flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        return apsw.Connection(f"file:{quote(self.path)}?immutable=1", flags=flags, vfs=self._vfs.name)

    @property
    def connection(self) -> apsw.Connection:
        """The connection, for parts that bring their own statements."""
        return self._connection

    @property
    def is_in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._connection.in_transaction

    def run(self, statement: str, values: Sequence[Value] = ()) -> list[Row]:
        """Run a statement and return all of its rows."""
        with self._translated():
            return self._connection.execute(statement, values).fetchall()

    def many(self, statement: str, rows: Sequence[Sequence[Value]]) -> None:
        """Run a statement once per row of values."""
        with self._translated():
            self._connection.executemany(statement, rows)

    def value(self, statement: str, values: Sequence[Value] = ()) -> Value:
        """Return the first value of the first row; None when there is no row."""
        rows = self.run(statement, values)
        return rows[0][0] if rows else None

    def rows(self, statement: str, values: Sequence[Value] = ()) -> Iterator[Row]:
        """Yield the rows of a statement, in groups, so that other statements may run in between."""
        with self._translated():
            cursor = self._connection.execute(statement, values)
        while True:
            with self._translated():
                group = [row for _, row in zip(range(1000), cursor, strict=False)]
            yield from group
            if len(group) < 1000:
                return

    def among(self, statement: str, values: Collection[Value], further: Sequence[Value] = ()) -> Iterator[list[Row]]:
        """Run a statement for values in groups, and yield the rows of each group.

        Args:
            statement: with a list `IN ({})`, whose place the values of a group take.
            values: any number of them.
            further: values for the places before the list.
        """
        for group in groups(values):
            yield self.run(statement.format(",".join("?" * len(group))), (*further, *group))

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit at the end, or roll back when it fails."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._roll_back()
            raise
        try:
            self.run("COMMIT")
        except BaseException:
            self._roll_back()
            with contextlib.suppress(Error):
                self.truncate_log()  # a commit whose sync failed may lie there whole, and would come back after a crash
            raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            with contextlib.suppress(Error):
                self.run("ROLLBACK")

    def truncate_log(self) -> None:
        """Move everything out of the write-ahead log and leave it empty, durably."""
        if self.run("PRAGMA wal_checkpoint(TRUNCATE)")[0][0]:
            message = f"{self.path}: expected to empty its log, found a reader of it"
            raise VaultError(message, code="vault/busy", remedy="wait for that command, or stop it, and try again")
        if self._disk.size(self._log) is not None:
            self._disk.sync(self._log)  # SQLite does not, so a power cut would bring back what stood in it
        self.run("PRAGMA shrink_memory")  # pages in memory still have what was blanked on its way to the file, and would go into the log as they are

    def content(self) -> bytes:
        """Return every byte of the file as it lies on the disk; call it with an empty log."""
        self.run("PRAGMA shrink_memory")  # a page in memory may still have what was blanked on its way to the disk
        with self._translated():
            return self._connection.serialize("main")

    def close(self) -> None:
        """Close the file."""
        with self._translated():
            self._open.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except apsw.FullError as error:
            message = f"{self.path}: expected space on the disk, found none left"
            raise VaultError(message, code="vault/full", remedy="make room and try again; nothing was lost") from error
        except (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError) as error:  # a damaged header has bytes read as text
            message = f"{self.path}: expected an SQLite database, found a damaged file"
            remedy = "tenure vault doctor says what is affected; restore from a backup"
            raise IntegrityError(message, code="integrity/database", remedy=remedy) from error
        except (apsw.BusyError, apsw.LockedError) as error:
            message = f"{self.path}: expected a store that nobody else writes to, found it in use by another process"
            raise VaultError(message, code="vault/busy", remedy="wait for that command, or stop it, and try again") from error
        except (apsw.CantOpenError, apsw.IOError, apsw.ReadOnlyError, apsw.PermissionsError, apsw.AuthError) as error:
            message = f"{self.path}: expected a database that can be read and written, found: {type(error).__name__}"
            raise VaultError(message, code="vault/unusable", remedy="look at the modes and owners of its files, and at the disk") from error
        except apsw.Error as error:
            message = f"{self.path}: expected an answer from SQLite, found: {type(error).__name__}"
            raise VaultError(message, code="vault/unusable", remedy="tenure vault doctor looks at every file of the store") from error
