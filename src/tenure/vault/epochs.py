"""Epoch keys: they seal the backups of keys, lie on other storage than those, and live 24 hours.

A new one is made every 12 hours, so that they overlap. When one is destroyed, whatever was sealed under it opens nowhere: so a key that was
destroyed in the store is gone from every backup within 24 hours, as soon after as anything runs that sees the folder of the epochs.
Source: design 0002, Backups.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tenure.errors import VaultError
from tenure.records.instants import parse_time, render_time
from tenure.records.upkeep import EPOCH_LIFE, EPOCH_TURN
from tenure.vault.disk import Disk

_PREFIX, _SUFFIX = "epoch-", ".key"
_FORMAT = 1


@dataclass(frozen=True, slots=True, repr=False)
class Epoch:
    """An epoch key.

    Attributes:
        id: 16 random bytes.
        store: whose.
        secret: 32 random bytes.
        made_at: aware.
        ends_at: aware; from then on it opens nothing and is destroyed.
    """

    id: bytes
    store: str
    secret: bytes
    made_at: datetime
    ends_at: datetime

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{_PREFIX}{self.id.hex()}{_SUFFIX}"


def current(disk: Disk, store: str, at: datetime, random: Callable[[int], bytes]) -> Epoch:
    """Return the epoch under which to seal at an instant; one is made where the newest is 12 hours old."""
    usable = [epoch for epoch in epochs(disk) if epoch.store == store and epoch.made_at <= at < epoch.made_at + EPOCH_TURN]
    if usable:
        return max(usable, key=lambda epoch: epoch.made_at)
    made = Epoch(random(16), store, random(32), at, at + EPOCH_LIFE)
    form = {
        "tenure_epoch": _FORMAT,
        "id": made.id.hex(),
        "store": store,
        "key": made.secret.hex(),
        "made_at": render_time(at),
        "ends_at": render_time(made.ends_at),
    }
    disk.replace(made.name, json.dumps(form).encode() + b"\n")
    return made


def living(disk: Disk, epoch: bytes, at: datetime) -> Epoch | None:
    """Return the epoch of an id; None where it is over or gone."""
    return next((each for each in epochs(disk) if each.id == epoch and at < each.ends_at), None)


def purge(disk: Disk, at: datetime) -> int:
    """Destroy the epochs that are over, and files that can be no epoch; return how many."""
    gone = [name for name in _names(disk) if (epoch := _read(disk, name)) is None or epoch.ends_at <= at]
    for name in gone:
        disk.shred(name)
    return len(gone)


def epochs(disk: Disk) -> Iterator[Epoch]:
    """Yield the epochs, those included that are over and were not destroyed yet.

    Raises:
        VaultError: one is of a version that this Tenure does not know.
    """
    for name in _names(disk):
        epoch = _read(disk, name)
        if epoch is not None:
            yield epoch


def _names(disk: Disk) -> list[str]:
    return [name for name in disk.names() if name.startswith((_PREFIX, ".new-")) and "/" not in name]


def _read(disk: Disk, name: str) -> Epoch | None:
    """Return an epoch; None where its file is damaged or was never finished, so that it could open nothing."""
    try:
        form = json.loads(disk.read(name))
        if not name.startswith(_PREFIX) or not isinstance(form, dict):
            return None
        version = form.get("tenure_epoch")
        if isinstance(version, int) and version > _FORMAT:
            message = f"{disk.path(name)}: expected an epoch key of version {_FORMAT}, found {version}"
            raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
        made, ends = parse_time(form["made_at"]), parse_time(form["ends_at"])
        found = Epoch(bytes.fromhex(form["id"]), str(form["store"]), bytes.fromhex(form["key"]), made, min(ends, made + EPOCH_LIFE))
    except (ValueError, KeyError, TypeError):
        return None
    return found if len(found.secret) == 32 and found.name == name else None
