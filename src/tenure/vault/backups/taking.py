"""Backups of a store that is open. When each was made stands in its keys.db. Source: design 0002, Backups."""

from collections.abc import Callable
from datetime import datetime

from tenure.errors import VaultError
from tenure.records.instants import render_time
from tenure.records.upkeep import BackedUp, Rotated, is_in_doubt
from tenure.vault.backups import data, keys, record
from tenure.vault.backups.record import Made, parse_record, render_record
from tenure.vault.disk import Disk
from tenure.vault.store import SqliteStore


def places(store: SqliteStore) -> dict[str, str]:
    """Return where the newest backups lie: `data`, `keys`, `epochs`, `root`."""
    made = parse_record(store.recall(record.NAME))
    epochs = made["keys"].epochs if "keys" in made else None
    return {what: each.place for what, each in made.items() if what != "rotated"} | ({} if epochs is None else {"epochs": epochs})


def back_up_data(store: SqliteStore, to: Disk, at: datetime) -> BackedUp:
    """Bring a backup of the data up to date. One that lost bytes replaces no backup that has them."""
    _need_certain(store, at)
    store.frames.need_whole()
    made = data.back_up_data(store.disk, store.catalogue_snapshot(), store.id, to, at)
    _remember(store, "data", Made(render_time(at), made.place), at)
    return made


def back_up_keys(store: SqliteStore, to: Disk, epochs: Disk, at: datetime) -> BackedUp:
    """Seal a snapshot of the keys under an epoch key, after destroying the epochs that are over."""
    _need_certain(store, at)
    _remember(store, "keys", Made(render_time(at), to.path(""), epochs.path("")), at)
    store.keys.scrub()
    try:
        return keys.back_up_keys(store.keys_snapshot(), store.id, store.ledger.size, to, epochs, at, store.random)
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
    content = store.sealed_root(passphrase)
    write(content)
    _remember(store, "root", Made(render_time(at), path), at)
    return BackedUp("root", path, 1, len(content), len(content))


def rotate(store: SqliteStore, passphrase: bytes | None, at: datetime) -> Rotated:
    """Replace the root key: all keys under it are wrapped anew, and the old one is gone from every file of the store.

    Args:
        store: whose.
        passphrase: seals the new one; None = it stands in the clear.
        at: the present.
    """
    _need_certain(store, at)
    made = parse_record(store.recall(record.NAME))
    made.pop("root", None)
    made["rotated"] = Made(render_time(at), store.root_path)
    count, receipt = store.rotate(passphrase, at, {record.NAME: render_record(made)})
    return Rotated(count, receipt, passphrase is not None)


def purge_epochs(store: SqliteStore, at: datetime, folder: Callable[[str], Disk | None]) -> int:
    """Destroy the epoch keys that are over, where the last backup of the keys left them; return how many.

    Args:
        store: whose.
        at: the present.
        folder: returns what lies at a path; None = nothing does.
    """
    return record.purge_epochs(parse_record(store.recall(record.NAME)), at, store.highest, folder)


def _remember(store: SqliteStore, what: str, made: Made | None, at: datetime) -> None:
    with store.transaction():
        store.raise_to(at)
        found = parse_record(store.recall(record.NAME))
        found.pop(what, None)
        if made is not None:
            found[what] = made
        store.remember(record.NAME, render_record(found))


def _need_certain(store: SqliteStore, at: datetime) -> None:
    """Refuse while the clock is in doubt: an epoch that was made by a clock that is ahead would live on after it."""
    if is_in_doubt(at, store.highest):
        message = f"clock: expected a time near {store.highest:%Y-%m-%d}, when this store was last used, found {at:%Y-%m-%d}"
        raise VaultError(message, code="vault/clock", remedy="if the clock is right: tenure vault expire --confirm-clock")
