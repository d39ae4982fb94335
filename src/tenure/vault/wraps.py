"""Wrapping keys: those of days and of holds, themselves wrapped by the root key. AES key wrap, which needs no nonce.

Every wrapped key begins with `MARK`, so that a search of the file finds each one that still lies there. Source: RFC 3394; design 0002.
"""

import contextlib
from collections.abc import Callable
from datetime import date
from typing import cast

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from tenure.errors import IntegrityError, VaultError
from tenure.records.held import NO_LIMIT, KeyId
from tenure.vault import row_seals
from tenure.vault.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS days(id BLOB PRIMARY KEY, day TEXT NOT NULL UNIQUE, wrapped BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS holds(id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, wrapped BLOB NOT NULL) STRICT;
"""
MARK = b"TNRW"
SIZE = 32
KINDS = ("legal", "safety")
"""Of holds."""


def wrap(wrapper: bytes, secret: bytes) -> bytes:
    """Return a key as it is stored."""
    return MARK + aes_key_wrap(wrapper, secret)


def unwrap(wrapper: bytes, wrapped: bytes, what: str) -> bytes:
    """Return a stored key.

    Raises:
        IntegrityError: changed bytes, or another wrapper.
    """
    try:
        return aes_key_unwrap(wrapper, wrapped.removeprefix(MARK))
    except (InvalidUnwrap, ValueError) as error:
        message = f"{what}: expected a key under its wrapper, found changed bytes"
        raise IntegrityError(message, code="integrity/key", remedy="restore from a backup") from error


class Wrapping:
    """The keys of days and holds.

    Args:
        database: with the tables of `SCHEMA`.
        root: the root key.
        random: source of random bytes.
    """

    def __init__(self, database: Database, root: bytes, random: Callable[[int], bytes]) -> None:
        self._database = database
        self._root = root
        self._random = random
        self._secrets: dict[bytes, bytes] = {}
        with contextlib.suppress(VaultError, IntegrityError):  # not the tables of a store, or not its root key
            for (signer,) in database.run("SELECT value FROM meta WHERE name = 'signer'"):
                row_seals.register(database, unwrap(root, cast(bytes, signer), database.path))

    def forget(self) -> None:
        """Drop what was unwrapped."""
        self._secrets.clear()

    def day(self, day: date) -> KeyId:
        """Return the id of a day's key, made when it is first asked for."""
        found = self._database.value("SELECT id FROM days WHERE day = ?", (day.isoformat(),))
        return KeyId(cast(bytes, found)) if found is not None else self._make("INSERT INTO days(id, wrapped, day) VALUES (?, ?, ?)", day.isoformat())

    def days(self) -> list[tuple[date, KeyId]]:
        """Return the days that have a key, in order."""
        rows = self._database.run("SELECT day, id FROM days ORDER BY day")
        return [(date.fromisoformat(cast(str, day)), KeyId(cast(bytes, key))) for day, key in rows]

    def hold(self, name: str, kind: str) -> KeyId:
        """Return the id of a hold's key, made when it is first asked for.

        Raises:
            VaultError: there is a hold of that name and another kind, or the kind is none.
        """
        if kind not in KINDS:
            raise VaultError(f"hold {name}: expected a legal or a safety hold, got another kind", code="hold/kind")
        rows = self._database.run("SELECT id, kind FROM holds WHERE name = ?", (name,))
        if not rows:
            return self._make("INSERT INTO holds(id, wrapped, name, kind) VALUES (?, ?, ?, ?)", name, kind)
        if rows[0][1] != kind:
            message = f"hold {name}: expected a {cast(str, rows[0][1])} hold, as it was made, got {kind}"
            raise VaultError(message, code="hold/kind", remedy="choose another name")
        return KeyId(cast(bytes, rows[0][0]))

    def destroy_days(self, until: date) -> list[tuple[date, KeyId]]:
        """Destroy the keys of days up to and with one; what has no limit is on none of them."""
        rows = self._database.run("DELETE FROM days WHERE day <= ? AND day <> ? RETURNING day, id", (until.isoformat(), NO_LIMIT.isoformat()))
        gone = sorted((date.fromisoformat(cast(str, day)), KeyId(cast(bytes, key))) for day, key in rows)
        for _, key in gone:
            self._secrets.pop(key, None)
        return gone

    def destroy_hold(self, key: KeyId) -> None:
        """Destroy the key of a hold."""
        self._database.run("DELETE FROM holds WHERE id = ?", (key,))
        self._secrets.pop(key, None)

    def secret(self, wrapper: bytes) -> bytes:
        """Return the key of a day or a hold.

        Raises:
            IntegrityError: there is none, or it is damaged.
        """
        found = self._secrets.get(wrapper)
        if found is None:
            rows = self._database.run("SELECT wrapped FROM days WHERE id = ?1 UNION ALL SELECT wrapped FROM holds WHERE id = ?1", (wrapper,))
            if not rows:
                message = f"{self._database.path}: expected the key {wrapper.hex()} of a day or a hold, found none"
                raise IntegrityError(message, code="integrity/key", remedy="tenure vault doctor says what is affected")
            found = self._secrets[wrapper] = unwrap(self._root, cast(bytes, rows[0][0]), f"{self._database.path}: {wrapper.hex()}")
        return found

    def rewrap(self, root: bytes) -> None:
        """Put all keys under another root key."""
        for table in ("days", "holds"):
            for key, wrapped in self._database.run(f"SELECT id, wrapped FROM {table}"):  # noqa: S608 - one of two literals
                secret = unwrap(self._root, cast(bytes, wrapped), self._database.path)
                self._database.run(f"UPDATE {table} SET wrapped = ? WHERE id = ?", (wrap(root, secret), key))  # noqa: S608 - one of two literals
        self._root = root

    def adopt(self, root: bytes) -> None:
        """Go on with a root key after a rewrap that was undone."""
        self._root = root

    def _make(self, statement: str, *values: str) -> KeyId:
        key, secret = KeyId(self._random(16)), self._random(SIZE)
        self._database.run(statement, (key, wrap(self._root, secret), *values))
        self._secrets[key] = secret
        return key
