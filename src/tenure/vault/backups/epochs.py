"""Epoch keys: they seal the backups of keys, lie on other storage than those, and live 24 hours.

A new one is made every 12 hours, so that they overlap. When one is destroyed, whatever was sealed under it opens nowhere: so a key that was
destroyed in the store is gone from every backup within 24 hours, as soon after as anything runs that sees the folder of the epochs.
Source: design 0002, Backups.
"""

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tenure.errors import VaultError
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.instants import parse_time, render_time
from tenure.records.upkeep import EPOCH_LIFE, EPOCH_TURN
from tenure.vault.disk import Disk, is_unfinished

_NAME = re.compile(r"epoch-([0-9a-f]{32})\.key", re.ASCII)
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
        return name_of(self.id)


def name_of(epoch: bytes) -> str:
    """Return the name of the file of an epoch."""
    return f"epoch-{epoch.hex()}.key"


def current(disk: Disk, store: str, at: datetime, random: Callable[[int], bytes]) -> Epoch:
    """Return the epoch under which to seal at an instant; one is made where the newest is 12 hours old."""
    usable = [epoch for epoch in epochs(disk) if epoch.store == store and epoch.made_at <= at < epoch.made_at + EPOCH_TURN]
    if usable:
        return max(usable, key=lambda epoch: epoch.made_at)
    made = Epoch(random(16), store, random(32), at, at + EPOCH_LIFE)
    form: dict[str, Plain] = {
        "tenure_epoch": _FORMAT,
        "id": made.id.hex(),
        "store": store,
        "key": made.secret.hex(),
        "made_at": render_time(at),
        "ends_at": render_time(made.ends_at),
    }
    disk.replace(made.name, json.dumps({**form, "check": _check(form)}).encode() + b"\n")
    return made


def living(disk: Disk, epoch: bytes, at: datetime) -> Epoch | None:
    """Return the epoch of an id; None where it is over or gone."""
    return next((each for each in epochs(disk) if each.id == epoch and at < each.ends_at), None)


def purge(disk: Disk, at: datetime) -> int:
    """Destroy the epochs that are over; return how many.

    A file that only has the name of one is left: the folder may be anybody's. What a crash left of one goes too: nothing is sealed under it.
    """
    gone = [epoch.name for epoch in epochs(disk) if epoch.ends_at <= at]
    for name in [*gone, *(name for name in disk.names() if "/" not in name and is_unfinished(name))]:
        disk.shred(name)
    return len(gone)


def ids(disk: Disk) -> set[bytes]:
    """Return the ids of the epochs whose files are there, damaged ones included."""
    return {bytes.fromhex(match[1]) for name in disk.names() if (match := _NAME.fullmatch(name)) is not None}


def damaged(disk: Disk) -> list[str]:
    """Return the paths of files that have the name of an epoch and are none."""
    return [disk.path(name) for name in _names(disk) if _is_damaged(disk, name)]


def _is_damaged(disk: Disk, name: str) -> bool:
    with contextlib.suppress(VaultError):  # one of a later version is whole, as far as can be told
        return _read(disk, name) is None
    return False


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
    return [name for name in disk.names() if _NAME.fullmatch(name) is not None]


def _read(disk: Disk, name: str) -> Epoch | None:
    """Return an epoch; None where its file is damaged, or anybody else's."""
    try:
        form = json.loads(disk.read(name))
        if not isinstance(form, dict):
            return None
        version = form.get("tenure_epoch")
        if isinstance(version, int) and version > _FORMAT:
            message = f"{disk.path(name)}: expected an epoch key of version {_FORMAT}, found {version}"
            raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
        if form.pop("check") != _check(form):
            return None
        made, ends = parse_time(form["made_at"]), parse_time(form["ends_at"])
        found = Epoch(bytes.fromhex(form["id"]), str(form["store"]), bytes.fromhex(form["key"]), made, min(ends, made + EPOCH_LIFE))
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if len(found.secret) == 32 and found.name == name else None


def _check(form: dict[str, Plain]) -> str:
    """Return a digest by which a changed file is told from one of another key."""
    return hashlib.sha256(canonical_bytes(form)).hexdigest()[:16]
