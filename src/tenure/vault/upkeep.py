"""The upkeep of a store that is open: its backups, and another root key.

When each backup was made stands in keys.db, so that `doctor` can say when one is due. Source: design 0002, Backups.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from tenure.errors import VaultError
from tenure.ledger.entries import render_entry
from tenure.records.instants import render_time
from tenure.records.upkeep import BackedUp, Rotated
from tenure.vault import backup, root, wraps
from tenure.vault.database import Database
from tenure.vault.disk import Disk
from tenure.vault.epochs import purge
from tenure.vault.snapshot import snapshot
from tenure.vault.store import SqliteStore

if TYPE_CHECKING:
    from tenure.records.canonical import Plain

_BACKUPS = "backups"
_MOST_AHEAD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Made:
    """When a backup was made, and where.

    Attributes:
        at: as `records.instants` writes it.
        place: the folder or file.
        epochs: the folder of the epoch keys, for a backup of keys.
    """

    at: str
    place: str
    epochs: str | None = None


def backups_made(keys: Database) -> dict[str, Made]:
    """Return the newest backup of each sort: `data`, `keys`, `root`; and `rotated`, when the root key was replaced."""
    found = keys.value("SELECT value FROM meta WHERE name = ?", (_BACKUPS,))
    return {} if not isinstance(found, bytes) else {what: Made(**made) for what, made in json.loads(found).items()}


def places(store: SqliteStore) -> dict[str, str]:
    """Return where the newest backups lie: `data`, `keys`, `epochs`, `root`."""
    made = backups_made(store._keys_db)
    epochs = made["keys"].epochs if "keys" in made else None
    return {what: each.place for what, each in made.items() if what != "rotated"} | ({} if epochs is None else {"epochs": epochs})


def is_in_doubt(at: datetime, highest: datetime) -> bool:
    """Whether an instant is too far past the highest durable one to destroy anything by it."""
    return at - highest > _MOST_AHEAD  # a sum could pass the last year that there is


def back_up_data(store: SqliteStore, to: Disk, at: datetime) -> BackedUp:
    """Bring a backup of the data up to date."""
    _need_certain(store, at)
    made = backup.back_up_data(store._disk, snapshot(store._catalogue), store.id, to, at)
    _remember(store, "data", Made(render_time(at), made.place), at)
    return made


def back_up_keys(store: SqliteStore, to: Disk, epochs: Disk, at: datetime) -> BackedUp:
    """Seal a snapshot of the keys under an epoch key, after destroying the epochs that are over."""
    _need_certain(store, at)
    _remember(store, "keys", Made(render_time(at), to.path(""), epochs.path("")), at)
    store.keys.scrub()
    try:
        return backup.back_up_keys(snapshot(store._keys_db), store.id, store.ledger.size, to, epochs, at, store._random)
    except BaseException:
        _remember(store, "keys", None, at)
        raise


def back_up_root(store: SqliteStore, path: str, write: Callable[[bytes], None], passphrase: bytes, at: datetime) -> BackedUp:
    """Write the root key, sealed under a passphrase.

    Args:
        store: whose.
        path: of the file, for the record.
        write: writes it durably.
        passphrase: seals it.
        at: the present.
    """
    content = root.render_root(store._root, passphrase, store._random, is_store_sealed=root.is_sealed(store._disk))
    write(content)
    _remember(store, "root", Made(render_time(at), path), at)
    return BackedUp("root", path, 1, len(content), len(content))


def rotate(store: SqliteStore, passphrase: bytes | None, at: datetime) -> Rotated:
    """Replace the root key: all keys under it are wrapped anew, and the old one is gone from every file of the store.

    The next key is durable before the keys are under it, and the old one goes after, so that at each step one of the two files opens the store.

    Args:
        store: whose.
        passphrase: seals the new one; None = it stands in the clear.
        at: the present.
    """
    _need_certain(store, at)
    old, new = store._root, store._random(32)
    root.write_root(store._disk, new, passphrase, store._random, root.NEXT)
    try:
        with store.transaction():
            seed = wraps.unwrap(old, cast(bytes, store._meta("signer")), store._keys_db.path)
            store._wrapping.rewrap(new)
            store._set("signer", wraps.wrap(new, seed).removeprefix(wraps.MARK))
            store.raise_to(at)
            what: Plain = "root"
            receipt = store.ledger.append([render_entry("rotated", at, what=what)])
            _note(store, "root", None)
            _note(store, "rotated", Made(render_time(at), store._disk.path(root.NAME)))
    except BaseException:
        store._wrapping.adopt(old)
        raise
    store._root = new
    root.settle_root(store._disk, root.NEXT)
    store.keys.scrub()
    count = store._keys_db.value("SELECT (SELECT count(*) FROM days) + (SELECT count(*) FROM holds) + 1")
    return Rotated(cast(int, count), receipt, passphrase is not None)


def purge_epochs(store: SqliteStore, at: datetime, folder: Callable[[str], Disk | None]) -> int:
    """Destroy the epoch keys that are over, where the last backup of the keys left them; return how many.

    Args:
        store: whose.
        at: the present.
        folder: returns what lies at a path; None = nothing does.
    """
    made = backups_made(store._keys_db).get("keys")
    if made is None or made.epochs is None or is_in_doubt(at, store.highest):
        return 0
    disk = folder(made.epochs)
    return 0 if disk is None else purge(disk, max(at, store.highest))


def _remember(store: SqliteStore, what: str, made: Made | None, at: datetime) -> None:
    with store.transaction():
        store.raise_to(at)
        _note(store, what, made)


def _note(store: SqliteStore, what: str, made: Made | None) -> None:
    found = backups_made(store._keys_db)
    found.pop(what, None)
    if made is not None:
        found[what] = made
    form = {name: {"at": each.at, "place": each.place, "epochs": each.epochs} for name, each in found.items()}
    store._set(_BACKUPS, json.dumps(form).encode())


def _need_certain(store: SqliteStore, at: datetime) -> None:
    """Refuse while the clock is in doubt: an epoch that was made by a clock that is ahead would live on after it."""
    if is_in_doubt(at, store.highest):
        message = f"clock: expected a time near {store.highest:%Y-%m-%d}, when this store was last used, found {at:%Y-%m-%d}"
        raise VaultError(message, code="vault/clock", remedy="if the clock is right: tenure vault expire --confirm-clock")
