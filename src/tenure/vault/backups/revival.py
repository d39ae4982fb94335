"""The keys of a backup, in memory: checked, brought up to a newer ledger, cleared of what is due, and the ledger told of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.checkpoint import Checkpoint, render_checkpoint
from tenure.ledger.entries import render_about, render_entry, render_expired
from tenure.ports import Selection
from tenure.records.held import Permit
from tenure.records.note import sign_note, verifier_key
from tenure.vault import row_seals, wraps
from tenure.vault.anchor import Anchor, newest_seen
from tenure.vault.backups import record
from tenure.vault.backups.published import read_published
from tenure.vault.backups.replay import Replay
from tenure.vault.database import Database
from tenure.vault.disk import Disk
from tenure.vault.keys import SqliteKeyRing
from tenure.vault.ledger import SqliteLedger
from tenure.vault.store import FORMAT


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """The keys as they are to be restored.

    Attributes:
        store: its id.
        now: the present: the latest of the clock, the backup and the ledger.
        batches: how many frames each bucket has, by key.
        records: in all of them.
        destroyed: how many buckets of the backup are gone.
        entries: how many of a newer ledger were replayed.
        lost_records: taken in since the backup.
        lost_facts: changes to accounts and answers since the backup.
        narrowed: how many buckets open for less than they did.
        is_anchored: whether the ledger reaches the newest checkpoint seen; None = none was seen.
        checkpoint: of the ledger, signed.
    """

    store: str
    now: datetime
    batches: dict[bytes, int]
    records: int
    destroyed: int
    entries: int
    lost_records: int
    lost_facts: int
    narrowed: int
    is_anchored: bool | None
    checkpoint: str


class Revival:
    """Opens the keys of a backup for what they still are.

    Args:
        database: with the keys, in memory.
        root: the root key.
        ledger: a newer ledger; None = there is none.
        anchor: the newest checkpoint seen.
        random: source of random bytes.
        is_copy: whether the store itself goes on: then these keys get an id, a signing key and a log of their own from here on.

    Raises:
        VaultError: an unknown format, or another store's root key.
    """

    def __init__(
        self, database: Database, root: bytes, ledger: Disk | None, anchor: Anchor | None, random: Callable[[int], bytes], *, is_copy: bool = False
    ) -> None:
        self._root, self._random, self._is_copy = root, random, is_copy
        self._database, self._published, self._anchor = database, ledger, anchor
        if self._meta("format") != str(FORMAT):
            message = f"{database.path}: expected keys of format {FORMAT}, found another"
            raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
        self._id = self._meta("id")
        self._name = f"tenure/{self._id}"
        try:
            self._signer = Ed25519PrivateKey.from_private_bytes(wraps.unwrap(root, self._value("signer"), database.path))
        except IntegrityError as error:
            message = f"{database.path}: expected the root key of this store as it was at the backup, got another"
            raise VaultError(message, code="vault/root-key", remedy="give the backup of the root key from before it, with --root FILE") from error
        self._wrapping = wraps.Wrapping(database, root, random)
        self._ring = SqliteKeyRing(database, self._wrapping, random, refuse)
        self._ledger = SqliteLedger(database)
        self._replay = Replay(database, self._ring, root, random)

    def run(self, at: datetime) -> KeptKeys:
        """Bring the keys up to the present.

        Raises:
            IntegrityError: a ledger that is damaged, older than the newest checkpoint, or another.
        """
        size = self._ledger.size
        older = Checkpoint(self._name, size, self._ledger.root())
        tail = [] if self._published is None else read_published(self._published, str(verifier_key(self._name, self._signer)), older)
        before = self._database.value("SELECT count(*) FROM buckets")
        with self._database.transaction():
            self._ledger.append(tail)
            is_anchored = self._compare()
            self._replay.run(tail)
            highest = datetime.fromisoformat(self._meta("highest"))
            now = max(at, highest, self._replay.highest or highest).astimezone(UTC)
            self._expire(now)
            gone = cast(int, before) - cast(int, self._database.value("SELECT count(*) FROM buckets"))
            origin = self._part() if self._is_copy else None
            self._ledger.append([render_entry("restored", now, entries=len(tail), keys=gone, origin=origin)])
            self._database.run("INSERT OR REPLACE INTO meta(name, value) VALUES ('highest', ?)", (now.isoformat().encode(),))
        self._ring.scrub()
        rows = self._database.run("SELECT key, batches, records FROM buckets WHERE dead = 0")
        return KeptKeys(
            store=self._id,
            now=now,
            batches={cast(bytes, key): cast(int, batches) for key, batches, _ in self._database.run("SELECT key, batches, 0 FROM buckets")},
            records=sum(cast(int, records) for _, _, records in rows),
            destroyed=gone,
            entries=len(tail),
            lost_records=self._replay.lost,
            lost_facts=self._replay.facts,
            narrowed=self._replay.narrowed,
            is_anchored=is_anchored,
            checkpoint=sign_note(render_checkpoint(Checkpoint(self._name, self._ledger.size, self._ledger.root())), self._name, self._signer),
        )

    def _compare(self) -> bool | None:
        """Refuse a ledger that does not reach the newest checkpoint that this machine has seen."""
        seen = newest_seen(self._anchor, self._id, str(verifier_key(self._name, self._signer)))
        if seen is None:
            return None
        if seen.size > self._ledger.size:
            message = f"{self._database.path}: expected a ledger of at least {seen.size} entries, as last seen here, found {self._ledger.size}"
            remedy = "give a newer one with --ledger DIR: what was published or exported last, or the folder tiles of the store that was lost"
            raise IntegrityError(message, code="ledger/rolled-back", remedy=remedy)
        if self._ledger.root(seen.size) != seen.root:
            message = f"{self._database.path}: expected the first {seen.size} entries of the ledger as last seen here, found others"
            raise IntegrityError(message, code="ledger/forked", remedy="give the ledger of this very store with --ledger DIR")
        return True

    def _expire(self, now: datetime) -> None:
        """Destroy what is due: the days that are over, and buckets of today whose time has come."""
        days = self._ring.destroy_days(now.date() - timedelta(days=1))
        self._ledger.append(render_expired(now, days, records=0, early=False, confirmed=False))
        due = [bucket for bucket in self._ring.buckets(Selection(due=now)) if not bucket.holds]
        if due:
            self._ring.destroy([bucket.key for bucket in due])
            self._ledger.append(render_about("erased", now, [bucket.key for bucket in due], records=0, reason="expired"))

    def _part(self) -> str:
        """Give the keys an id and a signing key of their own; return the name of the log that they come from."""
        origin, seed = self._name, self._random(wraps.SIZE)
        self._id = self._random(8).hex()
        self._name, self._signer = f"tenure/{self._id}", Ed25519PrivateKey.from_private_bytes(seed)
        values = {"id": self._id.encode(), "signer": wraps.wrap(self._root, seed).removeprefix(wraps.MARK)}
        self._database.many("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)", list(values.items()))
        self._database.run("DELETE FROM meta WHERE name = ?", (record.NAME,))  # those are backups of the store that it comes from
        row_seals.renew(self._database, seed)
        return origin

    def _meta(self, name: str) -> str:
        return self._value(name).decode()

    def _value(self, name: str) -> bytes:
        found = self._database.value("SELECT value FROM meta WHERE name = ?", (name,))
        if not isinstance(found, bytes):
            message = f"{self._database.path}: expected the keys of a store, found none"
            raise IntegrityError(message, code="backup/damaged", remedy="use another backup")
        return found


def refuse(permit: Permit) -> None:
    """Let no permit pass: nothing is read here."""
    raise VaultError("permit: expected a store that is open, found a backup", code="vault/no-permit")
