"""Backups of keys: snapshots of keys.db, each sealed under an epoch key that lies elsewhere (`epochs`).

    KEYS/TIME-RANDOM.keys

Source: design 0002, Backups.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tenure.errors import Error, IntegrityError
from tenure.records.instants import parse_time, render_time
from tenure.records.upkeep import BackedUp
from tenure.vault.backups import epochs
from tenure.vault.backups.data import unknown_format
from tenure.vault.backups.sealed_file import read_head, seal_file
from tenure.vault.disk import Disk, is_unfinished

if TYPE_CHECKING:
    from tenure.records.canonical import Plain

_SUFFIX = ".keys"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class KeysBackup:
    """A backup of keys, not opened yet.

    Attributes:
        name: of its file.
        store: id of the store.
        at: when it was made, aware.
        epoch: id of the epoch key that opens it.
        entries: how many the ledger had.
    """

    name: str
    store: str
    at: datetime
    epoch: bytes
    entries: int


def back_up_keys(snapshot: bytes, store: str, entries: int, to: Disk, beside: Disk, at: datetime, random: Callable[[int], bytes]) -> BackedUp:
    """Seal a snapshot of the keys under the epoch of an instant, after destroying the epochs that are over and what was sealed under them.

    Args:
        snapshot: keys.db as SQLite writes it.
        store: its id.
        entries: how many the ledger has.
        to: where to.
        beside: where the epoch keys lie; other storage than `to`.
        at: the present.
        random: source of random bytes.
    """
    gone = epochs.purge(beside, at)
    epoch = epochs.current(beside, store, at, random)
    head: dict[str, Plain] = {
        "tenure_keys_backup": _FORMAT,
        "store": store,
        "at": render_time(at),
        "epoch": epoch.id.hex(),
        "entries": entries,
    }
    name = f"{at:%Y%m%dT%H%M%SZ}-{random(4).hex()}{_SUFFIX}"
    sealed = seal_file(epoch.secret, head, snapshot, random)
    to.replace(name, sealed)
    there = epochs.ids(beside)
    kept = []
    for each in list(keys_backups(to, skip_others=True)):
        if each.store == store and each.epoch not in there:
            to.remove(each.name)
        else:
            kept.append(each.name)
    for unfinished in [each for each in to.names() if is_unfinished(each)]:
        to.remove(unfinished)
    return BackedUp("keys", to.path(""), len(kept), sum(to.size(each) or 0 for each in kept), len(sealed), gone)


def keys_backups(disk: Disk, *, skip_others: bool = False) -> Iterator[KeysBackup]:
    """Yield the backups of keys in a folder, the oldest first.

    Args:
        disk: the folder.
        skip_others: pass over what is damaged or of another format, which may be anybody's.

    Raises:
        VaultError: a format that this Tenure does not know.
        IntegrityError: a damaged file.
    """
    for name in list(disk.names()):
        if not name.endswith(_SUFFIX) or "/" in name:
            continue
        with contextlib.suppress(*((Error,) if skip_others else ())):
            yield _read(disk, name)


def _read(disk: Disk, name: str) -> KeysBackup:
    path = disk.path(name)
    head = read_head(disk.read(name, 0, 4096), path)
    if "tenure_keys_backup" not in head:
        raise _damaged(path)
    if head["tenure_keys_backup"] != _FORMAT:
        raise unknown_format(path)
    try:
        at, epoch = parse_time(cast(str, head["at"])), bytes.fromhex(cast(str, head["epoch"]))
        return KeysBackup(name, str(head["store"]), at, epoch, cast(int, head["entries"]))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def _damaged(path: str) -> IntegrityError:
    return IntegrityError(f"{path}: expected a backup of keys, found a damaged file", code="backup/damaged", remedy="move it away")
