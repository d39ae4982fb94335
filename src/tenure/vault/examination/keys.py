"""The keys of a store that is looked at, without the services of an open store: nothing can be read through it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.checkpoint import Checkpoint, render_checkpoint
from tenure.records.held import KeyId
from tenure.records.note import sign_note, verifier_key
from tenure.vault import wraps
from tenure.vault.backups.record import NAME, Made, parse_record
from tenure.vault.bucket_rows import micros
from tenure.vault.database import Database

if TYPE_CHECKING:
    from tenure.vault.ledger import SqliteLedger


@dataclass(frozen=True, slots=True, repr=False)
class Lid:
    """What the doctor knows of a bucket.

    Attributes:
        batches: how many frames it has.
        secret: its key, to check seals with; None where its time is over, or it is dead or damaged.
    """

    batches: int
    secret: bytes | None


class OpenedKeys:
    """Keys under a root key.

    Args:
        database: with them.
        roots: the root keys that may be theirs, by file.

    Raises:
        VaultError: none of them is.

    Attributes:
        root: the one that is.
        ledger: the ledger, where its hashes are whole.
        entries_root: the root over its entries.
    """

    def __init__(self, database: Database, roots: Mapping[str, bytes]) -> None:
        self.database = database
        self.ledger: SqliteLedger | None = None
        self.entries_root = b""
        for self.root in roots.values():
            try:
                seed = wraps.unwrap(self.root, self._meta("signer"), database.path)
            except IntegrityError:
                continue
            self._signer = Ed25519PrivateKey.from_private_bytes(seed)
            self.wrapping = wraps.Wrapping(database, self.root, no_chance)
            return
        message = f"{database.path}: expected keys under the root key beside it, found others"
        raise VaultError(message, code="vault/root-key", remedy="put back the root key that belongs to them, from a backup")

    @property
    def id(self) -> str:
        """The store's."""
        return self._meta("id").decode()

    @property
    def highest(self) -> datetime:
        """The highest durable instant."""
        return datetime.fromisoformat(self._meta("highest").decode())

    @property
    def backups(self) -> dict[str, Made]:
        """The record of the backups."""
        found = self.database.value("SELECT value FROM meta WHERE name = ?", (NAME,))
        return parse_record(found if isinstance(found, bytes) else None)

    @property
    def verifier_key(self) -> str:
        """The public half of the store's own key."""
        return str(verifier_key(f"tenure/{self.id}", self._signer))

    def checkpoint(self, ledger: "SqliteLedger") -> str:
        """Return a signed checkpoint of the ledger."""
        origin = f"tenure/{self.id}"
        return sign_note(render_checkpoint(Checkpoint(origin, ledger.size, ledger.root())), origin, self._signer)

    def buckets(self, at: datetime) -> dict[bytes, Lid]:
        """Return what is known of each bucket at an instant."""
        now, found = micros(max(at, self.highest)), {}
        for row in self.database.rows("SELECT key, batches, wrapped, wrapper, expires, dead FROM buckets"):
            key, batches, wrapped, wrapper, expires, dead = cast(tuple[bytes, int, bytes, bytes, int | None, int], row)
            is_over = bool(dead) or (expires is not None and expires <= now)
            found[KeyId(key)] = Lid(batches, None if is_over else self._secret(wrapped, wrapper))
        return cast(dict[bytes, Lid], found)

    def _secret(self, wrapped: bytes, wrapper: bytes) -> bytes | None:
        try:
            return wraps.unwrap(self.wrapping.secret(wrapper), wrapped, self.database.path)
        except IntegrityError:
            return None

    def _meta(self, name: str) -> bytes:
        found = self.database.value("SELECT value FROM meta WHERE name = ?", (name,))
        if not isinstance(found, bytes):
            message = f"{self.database.path}: expected the keys of a store, found none"
            raise IntegrityError(message, code="integrity/keys", remedy="restore from a backup")
        return found


def no_chance(_: int) -> bytes:
    """Give no random bytes: nothing is made here."""
    raise VaultError("keys: expected none to be made while a store is looked at, found one", code="vault/failed")
