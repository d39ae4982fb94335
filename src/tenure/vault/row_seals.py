"""Seals of rows: beside each row of keys.db a keyed hash of it, so that a changed bit in what stands there in the clear is noticed.

Triggers write them, so no statement can forget to. What has a root or a seal of its own has none here: the ledger, and frames.
The key comes from that of the signer, which outlives a root key. Source: RFC 7693, keyed BLAKE2b; design 0002, Keys.
"""

import hashlib
from collections.abc import Iterator, Mapping

import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenure.errors import IntegrityError
from tenure.vault.database import Database, Value

SEALED: Mapping[str, tuple[str, ...]] = {
    "buckets": (
        *("number", "key", "wrapped", "wrapper", "day", "expires", "collected", "subject", "org", "session", "kind", "terms"),
        *("batches", "records", "size", "dead", "dayless"),
    ),
    "terms": ("id", "digest", "cells"),
    "days": ("id", "day", "wrapped"),
    "holds": ("id", "name", "kind", "wrapped"),
    "held": ("key", "hold"),
    "journal": ("number", "topic", "key", "body"),
    "meta": ("name", "value"),
}
"""The columns of each table that its seals bind; the first names a row in messages, together with the second in `held`."""
_NAMED_BY_TWO = ("held",)
_SIZE = 16
_FUNCTION = "tenure_row_seal"


def register(database: Database, seed: bytes) -> None:
    """Let a connection compute seals, without which it can change no sealed row.

    Args:
        database: with the tables of a store.
        seed: of the store's signer.
    """
    secret = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"tenure row seals").derive(seed)

    def seal(*values: Value) -> bytes:
        return hashlib.blake2b(msgspec.msgpack.encode(values), digest_size=_SIZE, key=secret).digest()

    database.connection.create_scalar_function(_FUNCTION, seal, -1, deterministic=True)


def are_installed(database: Database) -> bool:
    """Whether the rows of a store have seals."""
    return database.value("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE 'seal_%'") == 2 * len(SEALED)


def install(database: Database) -> None:
    """Seal the rows of a store that has no seals yet. A row that lost its seal later gets none. Call it inside of a transaction."""
    for table, columns in SEALED.items():
        if database.value("SELECT 1 FROM pragma_table_info(?) WHERE name = 'seal'", (table,)) is None:
            database.run(f"ALTER TABLE {table} ADD COLUMN seal BLOB")
            database.run(f"UPDATE {table} SET seal = {_expression(table)}")  # noqa: S608 - literals only
        row = " AND ".join(f"{column} = new.{column}" for column in _names(table))
        body = f"BEGIN UPDATE {table} SET seal = {_expression(table, 'new.')} WHERE {row}; END"  # noqa: S608 - literals only
        database.run(f"CREATE TRIGGER IF NOT EXISTS seal_{table}_made AFTER INSERT ON {table} {body}")
        database.run(f"CREATE TRIGGER IF NOT EXISTS seal_{table}_changed AFTER UPDATE OF {','.join(columns)} ON {table} {body}")


def is_whole(table: str) -> str:
    """Return an SQL expression that says whether a row of a table is as it was written."""
    return f"({table}.seal IS {_expression(table, f'{table}.')})"


def changed(database: Database, tables: tuple[str, ...] = tuple(SEALED)) -> Iterator[IntegrityError]:
    """Yield each row that is not as it was written."""
    for table in tables:
        columns = ",".join(_names(table))
        for row in database.rows(f"SELECT {columns} FROM {table} WHERE NOT {is_whole(table)}"):  # noqa: S608 - literals only
            yield broken(database, table, *row)


def broken(database: Database, table: str, *names: Value) -> IntegrityError:
    """Return the error that a row of a table is not as it was written. Names of holds and settings stay out of it, as all text does."""
    shown = " ".join(name.hex() if isinstance(name, bytes) else str(name) if isinstance(name, int) else "of text" for name in names)
    message = f"{database.path}: {table}: {shown}: expected the row as it was written, found a changed one"
    return IntegrityError(message, code="integrity/row", remedy="restore it from a backup: tenure vault restore")


def _names(table: str) -> tuple[str, ...]:
    return SEALED[table][: 2 if table in _NAMED_BY_TWO else 1]


def _expression(table: str, prefix: str = "") -> str:
    return f"{_FUNCTION}('{table}',{','.join(prefix + column for column in SEALED[table])})"


def renew(database: Database, seed: bytes) -> None:
    """Seal all rows of a database that has seals under another signer. Call it inside of a transaction."""
    register(database, seed)
    for table, columns in SEALED.items():
        if database.value("SELECT 1 FROM pragma_table_info(?) WHERE name = 'seal'", (table,)) is not None:
            database.run(f"UPDATE {table} SET {columns[0]} = {columns[0]}")  # noqa: S608 - literals only; the trigger seals
