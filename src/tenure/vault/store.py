"""A store on disk: the databases and segments behind `ports.Store`, opened, recovered and closed.

Source: docs/design/0002-held-data.md.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import cast

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenure.errors import Error, IntegrityError, VaultError
from tenure.ledger.checkpoint import Checkpoint, render_checkpoint
from tenure.ledger.entries import render_entry
from tenure.ledger.permits import check_receipt
from tenure.records.held import KeyId, Permit
from tenure.records.note import sign_note, verifier_key
from tenure.vault import journal, keys, ledger, root, row_seals, segments, wraps
from tenure.vault.anchor import Anchor, newest_seen
from tenure.vault.database import Database
from tenure.vault.disk import Disk, is_unfinished
from tenure.vault.layout import CATALOGUE as CATALOGUE
from tenure.vault.layout import DATABASES as DATABASES
from tenure.vault.layout import KEYS as KEYS
from tenure.vault.layout import LOCK as LOCK
from tenure.vault.layout import RESTORING as RESTORING
from tenure.vault.layout import has_frames, need_store, need_whole, no_catalogue, no_root_key
from tenure.vault.looked_at import read_only
from tenure.vault.snapshot import snapshot
from tenure.vault.tiles import write_tiles

FORMAT = 1
_META = "CREATE TABLE IF NOT EXISTS meta(name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;"


class SqliteStore:
    """Everything that is held in one folder.

    Args:
        disk: the folder.
        at: the present, for a store that is made now.
        passphrase: opens the root key; for a new store it seals it.
        anchor: the newest checkpoint seen; None = no check against an older copy.
        random: source of random bytes.
        may_make: whether a store is made where there is none.

    Raises:
        VaultError: no store, in use, missing or wrong root key, unknown format.
        IntegrityError: damaged files, or a ledger that is older than the newest checkpoint.
    """

    def __init__(
        self,
        disk: Disk,
        *,
        at: datetime,
        passphrase: bytes | None = None,
        anchor: Anchor | None = None,
        random: Callable[[int], bytes] = os.urandom,
        may_make: bool = True,
    ) -> None:
        self._disk, self._anchor, self._random = disk, anchor, random
        self._undone = 0
        self.warnings: list[Error] = []
        """What failed beside what was asked for: not worth losing an answer for, and worth saying."""
        need_store(disk, may_make=may_make)
        with contextlib.ExitStack() as stack:
            stack.enter_context(disk.lock(LOCK))
            need_whole(disk)
            roots = _root_keys(disk, passphrase, random)
            self._root = next(iter(roots.values()))
            for name in () if disk.is_read_only else (KEYS, CATALOGUE):
                is_new = disk.size(name) is None
                disk.append(name, b"")  # by us, so that its mode is ours
                if is_new:
                    disk.sync(name)
            self._keys_db = stack.enter_context(contextlib.closing(Database(disk, KEYS)))
            self._catalogue = stack.enter_context(contextlib.closing(Database(disk, CATALOGUE)))
            if not disk.is_read_only:
                self._create(at)
            self._check_format()
            chosen = self._choose(roots)
            if not disk.is_read_only:
                root.settle_root(disk, chosen)
            self._wire()
            self._compare()
            if not disk.is_read_only:
                self._recover()
            self._open = stack.pop_all()

    def _create(self, at: datetime) -> None:
        if self._catalogue.value("SELECT 1 FROM sqlite_schema WHERE name = 'frames'") is None and has_frames(self._disk):
            raise no_catalogue(self._disk)  # an empty one would make residue of all that there is
        with self._catalogue.transaction():
            self._catalogue.run(segments.SCHEMA)
        with self._keys_db.transaction():
            for schema in (_META, journal.SCHEMA, wraps.SCHEMA, keys.SCHEMA, ledger.SCHEMA):
                self._keys_db.run(schema)
            if self._meta("format") is None:
                self._found(at)

    def _check_format(self) -> None:
        if self._meta("format") != str(FORMAT).encode():
            message = f"{self._keys_db.path}: expected a store of format {FORMAT}, found another"
            raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")

    def _found(self, at: datetime) -> None:
        """Make a new store: its id, its signing key and its first instant."""
        if self._catalogue.value("SELECT 1 FROM frames LIMIT 1") is not None:
            message = f"{self._keys_db.path}: expected the keys of the segments beside it, found a new file"
            raise IntegrityError(message, code="integrity/keys", remedy="restore it from a backup: tenure vault restore")
        seed = self._random(32)
        self._set("format", str(FORMAT).encode())
        self._set("id", self._random(8).hex().encode())
        self._set("signer", wraps.wrap(self._root, seed).removeprefix(wraps.MARK))  # kept for good: no key to look for when keys are destroyed
        self._set("highest", at.astimezone(UTC).isoformat().encode())
        row_seals.register(self._keys_db, seed)
        row_seals.install(self._keys_db)

    def _wire(self) -> None:
        self._id = cast(bytes, self._meta("id")).decode()
        self._signer = Ed25519PrivateKey.from_private_bytes(self._unwrapped_signer())
        self._highest = datetime.fromisoformat(cast(bytes, self._meta("highest")).decode())
        self._wrapping = wraps.Wrapping(self._keys_db, self._root, self._random)
        if not self._disk.is_read_only and not row_seals.are_installed(self._keys_db):
            with self._keys_db.transaction():
                row_seals.install(self._keys_db)
        for error in row_seals.changed(self._keys_db, ("meta",)):
            raise error
        self.journal = journal.SqliteJournal(self._keys_db)
        self.ledger = ledger.SqliteLedger(self._keys_db)
        self.keys = keys.SqliteKeyRing(
            self._keys_db, self._wrapping, self._random, self._check_permit, lambda key, batch: self.frames.where(key, batch)
        )
        self.frames = segments.Segments(self._disk, self._catalogue, self.keys.batches, lambda: self.keys.destructions)
        self._durable = self.ledger.size
        self._is_marked, self._written = False, self.keys.destructions

    def _choose(self, roots: Mapping[str, bytes]) -> str:
        """Take the root key that is this store's: two are there when a replacement was interrupted. Return its file."""
        for name, self._root in roots.items():
            with contextlib.suppress(VaultError):
                self._unwrapped_signer()
                return name
        if self._disk.size(root.NEXT) is not None:
            message = f"{self._disk.path(root.NEXT)}: expected the passphrase of the root key that was about to take over, got another"
            raise VaultError(message, code="vault/passphrase", remedy="give the newer passphrase with --passphrase-file FILE; nothing was changed")
        self._unwrapped_signer()
        return root.NAME

    def _unwrapped_signer(self) -> bytes:
        try:
            return wraps.unwrap(self._root, cast(bytes, self._meta("signer")), self._keys_db.path)
        except IntegrityError as error:
            message = f"{self._disk.path(root.NAME)}: expected the root key of this store, found that of another"
            raise VaultError(message, code="vault/root-key", remedy="put back the root key that belongs to it, from a backup") from error

    def _compare(self) -> None:
        """Refuse a ledger that is older than, or differs from, the newest checkpoint that was seen."""
        seen = newest_seen(self._anchor, self._id, self.verifier_key)
        if seen is None:
            return
        remedy = "this is an older copy: tenure vault restore brings it back without what was destroyed since"
        if seen.size > self.ledger.size:
            message = f"{self._keys_db.path}: expected a ledger of at least {seen.size} entries, as last seen here, found {self.ledger.size}"
            raise IntegrityError(message, code="ledger/rolled-back", remedy=remedy)
        if self.ledger.root(seen.size) != seen.root:
            message = f"{self._keys_db.path}: expected the first {seen.size} entries of the ledger as last seen here, found others"
            raise IntegrityError(message, code="ledger/forked", remedy=remedy)

    def _recover(self) -> None:
        """Finish what a crash interrupted: frames that no key row counts, key bytes in the log."""
        if not self.frames.is_settled:
            rows = cast(list[tuple[KeyId, int]], self._keys_db.run("SELECT key, batches FROM buckets"))
            self.frames.cut(dict(rows))
            _sweep(self._disk)
            self.keys.scrub()
            self.frames.settle()  # last: until then the next start does all of it again

    @property
    def id(self) -> str:
        """A random name, which the checkpoints of the ledger carry as their origin."""
        return self._id

    @property
    def highest(self) -> datetime:
        """The highest instant that was made durable."""
        return self._highest

    @property
    def undone(self) -> int:
        """How many transactions failed since the store was opened."""
        return self._undone

    def raise_to(self, at: datetime) -> None:
        """Make an instant the highest, if it is."""
        if at > self._highest:
            self._set("highest", at.astimezone(UTC).isoformat().encode())
            self._highest = at

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Make all that is done to journal, keys and ledger inside durable together, or undo it."""
        if self._disk.is_read_only:
            raise read_only(self._disk.path(""))
        if self._keys_db.is_in_transaction:
            raise VaultError("store: expected no open transaction, found one", code="vault/nested")
        if not self._is_marked:
            self.frames.unsettle()
            self._is_marked = True
        if self.frames.is_unsure:
            self.frames.drop()
        highest = self._highest
        try:
            with self._keys_db.transaction():
                yield
        except BaseException:
            self._highest = highest
            self._undone += 1
            self.ledger.reset()
            self.keys.forget_rolled_back()
            with contextlib.suppress(Error):  # tried again before the next transaction, and at the next start
                self.frames.drop()
            raise
        self.frames.keep()
        self._durable = self.ledger.size
        if self._written != self.keys.destructions:
            self._write_tiles()

    def sign(self, text: str) -> str:
        """Return a text as a signed note under the store's own key."""
        return sign_note(text, self._name, self._signer)

    def changed(self) -> Iterator[str]:
        """Yield what of the journal and the keys is not as it was written, in words."""
        for error in row_seals.changed(self._keys_db):
            yield error.message

    @property
    def verifier_key(self) -> str:
        """The public half of the store's own key."""
        return str(verifier_key(self._name, self._signer))

    @property
    def _name(self) -> str:
        return f"tenure/{self._id}"

    def checkpoint(self) -> str:
        """Return a signed checkpoint of the ledger as it stands."""
        return self.sign(render_checkpoint(Checkpoint(self._name, self.ledger.size, self.ledger.root())))

    def anchor(self) -> None:
        """Keep the newest checkpoint outside of the store."""
        if self._anchor is not None and self.ledger.size:
            self._anchor.write(self._id, self.checkpoint(), self._disk.path(""))

    def _write_tiles(self) -> None:
        """Write the ledger as files: what was destroyed has to be known when keys.db is lost."""
        self._written = self.keys.destructions
        if self.ledger.size:
            with contextlib.suppress(Error):  # made from the ledger, and allowed to be behind
                write_tiles(self._disk, self.ledger, self.checkpoint(), self.verifier_key)

    def close(self) -> None:
        """Let go of the store."""
        try:
            if self._is_marked:
                self._write_tiles()
                self._try(self.anchor)
                if not self.frames.is_unsure and not self.keys.is_stale:
                    self._try(self.frames.settle)  # else the next start does it
        finally:
            self._open.close()

    def _try(self, action: Callable[[], object]) -> None:
        """Do something that nobody waits for: what was asked for is durable by now."""
        try:
            action()
        except Error as error:
            self.warnings.append(error)

    @property
    def is_read_only(self) -> bool:
        """Whether it can only be looked at."""
        return self._disk.is_read_only

    @property
    def disk(self) -> Disk:
        """The folder."""
        return self._disk

    @property
    def random(self) -> Callable[[int], bytes]:
        """The source of random bytes."""
        return self._random

    @property
    def root_path(self) -> str:
        """The path of the root key."""
        return self._disk.path(root.NAME)

    def keys_snapshot(self) -> bytes:
        """Return keys.db as SQLite writes it, without a byte of what was destroyed. Call it outside of a transaction."""
        return snapshot(self._keys_db)

    def catalogue_snapshot(self) -> bytes:
        """Return the catalogue as SQLite writes it. Call it outside of a transaction."""
        return snapshot(self._catalogue)

    def sealed_root(self, passphrase: bytes) -> bytes:
        """Return the content of a file that holds the root key, sealed under a passphrase."""
        return root.render_root(self._root, passphrase, self._random, is_store_sealed=root.is_sealed(self._disk))

    def recall(self, name: str) -> bytes | None:
        """Return what the store was told to remember under a name; None when it was not."""
        return self._meta(name)

    def remember(self, name: str, value: bytes) -> None:
        """Remember something under a name. Call it inside of a transaction."""
        self._set(name, value)

    def rotate(self, passphrase: bytes | None, at: datetime, notes: Mapping[str, bytes]) -> tuple[int, int]:
        """Replace the root key: all keys under it are wrapped anew, and the old one is gone from every file of the store.

        The next key is durable before the keys are under it, and the old one goes after, so that at each step one of the two files opens the store.

        Args:
            passphrase: seals the new one; None = it stands in the clear.
            at: the present.
            notes: what to remember with it, by name.

        Returns:
            How many keys were wrapped anew, and the index of the receipt.
        """
        old, new = self._root, self._random(wraps.SIZE)
        root.write_root(self._disk, new, passphrase, self._random, root.NEXT)
        try:
            with self.transaction():
                seed = wraps.unwrap(old, cast(bytes, self._meta("signer")), self._keys_db.path)
                self._wrapping.rewrap(new)
                self._set("signer", wraps.wrap(new, seed).removeprefix(wraps.MARK))
                self.raise_to(at)
                receipt = self.ledger.append([render_entry("rotated", at, what="root")])
                for name, value in notes.items():
                    self._set(name, value)
        except BaseException:
            self._wrapping.adopt(old)
            raise
        self._root = new
        root.settle_root(self._disk, root.NEXT)
        self.keys.scrub()
        count = self._keys_db.value("SELECT (SELECT count(*) FROM days) + (SELECT count(*) FROM holds) + 1")
        return cast(int, count), receipt

    def _check_permit(self, permit: Permit) -> None:
        """Let only a permit pass whose receipt is in the ledger, durable, and says what the permit says."""
        durable = self._durable if self._keys_db.is_in_transaction else self.ledger.size
        is_there = 0 <= permit.index < durable
        check_receipt(permit, next(self.ledger.entries(permit.index, permit.index + 1), None) if is_there else None)

    def _meta(self, name: str) -> bytes | None:
        return cast(bytes | None, self._keys_db.value("SELECT value FROM meta WHERE name = ?", (name,)))

    def _set(self, name: str, value: bytes) -> None:
        self._keys_db.run("INSERT OR REPLACE INTO meta(name, value) VALUES (?, ?)", (name, value))


def _root_keys(disk: Disk, passphrase: bytes | None, random: Callable[[int], bytes]) -> dict[str, bytes]:
    """Return the root keys that may be the store's, by file; one is made for a new store."""
    if disk.size(root.NAME) is None and disk.size(root.NEXT) is None:
        if disk.size(KEYS):
            raise no_root_key(disk)
        _sweep(disk)  # before: after it no start would know; `need_store` has seen that nothing else is in this folder
        root.write_root(disk, random(32), passphrase, random)
    return root.read_roots(disk, passphrase)


def _sweep(disk: Disk) -> None:
    """Remove what an interrupted `replace` left: it may hold a root key."""
    for name in [name for name in disk.names() if is_unfinished(name)]:
        disk.shred(name)
