"""Backups of a store: the data to one place, the keys to another, the root key to a third. None of them opens anything without the others.

    DATA/manifest.json, catalogue-N.db, segments/      sealed frames and their catalogue, each with its digest
    KEYS/TIME-RANDOM.keys                              a snapshot of keys.db, sealed under an epoch key that lies elsewhere (`epochs`)

Source: design 0002, Backups.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tenure.errors import IntegrityError, VaultError
from tenure.records.instants import parse_time, render_time
from tenure.records.upkeep import BackedUp
from tenure.vault import epochs
from tenure.vault.disk import Disk
from tenure.vault.sealed_file import read_head, seal_file
from tenure.vault.segments import FOLDER

if TYPE_CHECKING:
    from tenure.records.canonical import Plain

MANIFEST = "manifest.json"
SUFFIX = ".keys"
_DATA_FORMAT = _KEYS_FORMAT = 1
_PIECE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup of data consists of.

    Attributes:
        store: its id.
        at: when it was made, aware.
        catalogue: name of the catalogue's file.
        files: size and SHA-256 of each file; a segment may have grown since, what lies behind its size does not count.
    """

    store: str
    at: datetime
    catalogue: str
    files: dict[str, tuple[int, str]]


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


def back_up_data(source: Disk, catalogue: bytes, store: str, to: Disk, at: datetime) -> BackedUp:
    """Bring a backup of data up to date. Until its manifest is replaced, the one before stays whole.

    Args:
        source: the store's folder.
        catalogue: the store's catalogue as SQLite writes it.
        store: its id.
        to: where to; empty, or an earlier backup of the same store.
        at: the present.

    Raises:
        VaultError: it is the backup of another store, or of a newer format.
    """
    before = read_manifest(to)
    if before is not None and before.store != store:
        message = f"{to.path(MANIFEST)}: expected a backup of the store {store}, found one of {before.store}"
        raise VaultError(message, code="backup/other-store", remedy="give each store a folder of its own")
    known = {} if before is None else before.files
    files, copied = {}, 0
    for name in list(source.names(FOLDER)):
        files[name], written = _copied(source, to, name, known.get(name))
        copied += written
    number = 1 if before is None else int(before.catalogue.partition("-")[2].partition(".")[0]) + 1
    name = f"catalogue-{number}.db"
    to.replace(name, catalogue)
    files[name] = (len(catalogue), hashlib.sha256(catalogue).hexdigest())
    form = {"tenure_data_backup": _DATA_FORMAT, "store": store, "at": render_time(at), "catalogue": name, "files": files}
    to.replace(MANIFEST, json.dumps(form, indent=1).encode() + b"\n")
    for old in list(to.names()):
        if old not in files and (old.startswith((FOLDER, "catalogue-", ".new-"))):
            to.remove(old)
    return BackedUp("data", to.path(""), len(files), sum(size for size, _ in files.values()), copied + len(catalogue))


def _copied(source: Disk, to: Disk, name: str, known: tuple[int, str] | None) -> tuple[tuple[int, str], int]:
    """Copy what a segment has more than its backup; return its size, digest, and how much was copied."""
    size, there = source.size(name) or 0, to.size(name)
    if known is not None and known[0] == there == size:
        return known, 0
    if known is not None and size < known[0]:
        message = f"{source.path(name)}: expected a segment of at least {known[0]} bytes, as it was backed up, found {size}"
        raise IntegrityError(message, code="integrity/segment", remedy="tenure vault doctor says what is affected; the backup still has it whole")
    if there is not None and (known is None or known[0] != there):
        to.remove(name)  # what a run that was interrupted left
        there = None
    digest, start = hashlib.sha256(), there or 0
    for place in range(0, size, _PIECE):
        piece = source.read(name, place, min(_PIECE, size - place))
        digest.update(piece)
        if place + len(piece) > start:
            to.append(name, piece[max(0, start - place) :])
    to.sync(name)
    return (size, digest.hexdigest()), size - start


def read_manifest(disk: Disk) -> Manifest | None:
    """Return what a backup of data consists of; None where there is none.

    Raises:
        VaultError: a format that this Tenure does not know.
        IntegrityError: a damaged file.
    """
    if disk.size(MANIFEST) is None:
        return None
    path = disk.path(MANIFEST)
    try:
        form = json.loads(disk.read(MANIFEST))
        version = form["tenure_data_backup"]
        if version == _DATA_FORMAT:
            files = {str(name): (int(size), str(digest)) for name, (size, digest) in form["files"].items()}
            return Manifest(str(form["store"]), parse_time(form["at"]), str(form["catalogue"]), files)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise IntegrityError(f"{path}: expected the list of a backup, found a damaged file", code="backup/damaged", remedy="take another") from error
    raise _unknown(path)


def back_up_keys(snapshot: bytes, store: str, entries: int, to: Disk, keys: Disk, at: datetime, random: Callable[[int], bytes]) -> BackedUp:
    """Seal a snapshot of the keys under the epoch of an instant, after destroying the epochs that are over and what was sealed under them.

    Args:
        snapshot: keys.db as SQLite writes it.
        store: its id.
        entries: how many the ledger has.
        to: where to.
        keys: where the epoch keys lie; other storage than `to`.
        at: the present.
        random: source of random bytes.
    """
    gone = epochs.purge(keys, at)
    epoch = epochs.current(keys, store, at, random)
    head: dict[str, Plain] = {
        "tenure_keys_backup": _KEYS_FORMAT,
        "store": store,
        "at": render_time(at),
        "epoch": epoch.id.hex(),
        "entries": entries,
    }
    name = f"{at:%Y%m%dT%H%M%SZ}-{random(4).hex()}{SUFFIX}"
    sealed = seal_file(epoch.secret, head, snapshot, random)
    to.replace(name, sealed)
    living = {each.id for each in epochs.epochs(keys)}
    kept = []
    for each in list(keys_backups(to)):
        if each.store == store and each.epoch not in living:
            to.remove(each.name)
        else:
            kept.append(each.name)
    return BackedUp("keys", to.path(""), len(kept), sum(to.size(each) or 0 for each in kept), len(sealed), gone)


def keys_backups(disk: Disk) -> Iterator[KeysBackup]:
    """Yield the backups of keys in a folder, the oldest first.

    Raises:
        VaultError: a format that this Tenure does not know.
        IntegrityError: a damaged file.
    """
    for name in list(disk.names()):
        if not name.endswith(SUFFIX) or "/" in name:
            continue
        path = disk.path(name)
        head = read_head(disk.read(name, 0, 4096), path)
        if head.get("tenure_keys_backup") != _KEYS_FORMAT:
            raise _unknown(path)
        try:
            at, epoch = parse_time(cast(str, head["at"])), bytes.fromhex(cast(str, head["epoch"]))
            yield KeysBackup(name, str(head["store"]), at, epoch, cast(int, head["entries"]))
        except (ValueError, KeyError, TypeError) as error:
            raise IntegrityError(f"{path}: expected a backup of keys, found a damaged file", code="backup/damaged", remedy="remove it") from error


def _unknown(path: str) -> VaultError:
    message = f"{path}: expected a backup of format 1, found another"
    return VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
