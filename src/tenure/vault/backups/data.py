"""Backups of data: the sealed segments as far as they have grown, and their catalogue, each with its digest.

    DATA/manifest.json, catalogue-N.db, segments/

Only what a manifest names is ever changed or removed there: the folder may be anybody's. Source: design 0002, Backups.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, cast

from tenure.errors import IntegrityError, VaultError
from tenure.records.canonical import canonical_bytes
from tenure.records.instants import parse_time, render_time
from tenure.records.upkeep import BackedUp
from tenure.vault.disk import Disk, is_unfinished
from tenure.vault.segments import FOLDER

if TYPE_CHECKING:
    from tenure.records.canonical import Plain

MANIFEST = "manifest.json"
_FORMAT = 1
_PIECE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup of data consists of.

    Attributes:
        store: its id.
        at: when it was made, aware.
        catalogue: name of the catalogue's file; empty while the first backup is not finished.
        files: size and SHA-256 of each file; a segment may have grown since, what lies behind its size does not count.
        others: names of files that a run of ours may have left, beside those.
    """

    store: str
    at: datetime
    catalogue: str
    files: dict[str, tuple[int, str]]
    others: tuple[str, ...] = ()


def back_up_data(source: Disk, catalogue: bytes, store: str, to: Disk, at: datetime) -> BackedUp:
    """Bring a backup of data up to date. Until its manifest is replaced, the one before stays whole.

    Args:
        source: the store's folder.
        catalogue: the store's catalogue as SQLite writes it.
        store: its id.
        to: where to; empty, or an earlier backup of the same store.
        at: the present.

    Raises:
        VaultError: it is no backup, that of another store, or of a newer format.
    """
    before = _before(to, store, at)
    ours = {*before.files, *before.others}
    names = list(source.names(FOLDER))
    number = 1 + max((_number(name) for name in ours), default=0)
    name = f"catalogue-{number}.db"
    _need_free(to, {*names, name} - ours)
    _write(to, Manifest(store, before.at, before.catalogue, before.files, tuple(sorted({*before.others, *names, name} - before.files.keys()))))
    files, copied = {}, 0
    for segment in names:
        files[segment], written = _copied(source, to, segment, before.files.get(segment))
        copied += written
    to.replace(name, catalogue)
    files[name] = (len(catalogue), hashlib.sha256(catalogue).hexdigest())
    stale = sorted(ours - files.keys())
    _write(to, Manifest(store, at, name, files, tuple(stale)))
    for old in [*stale, *(each for each in to.names() if is_unfinished(each))]:
        to.remove(old)
    return BackedUp("data", to.path(""), len(files), sum(size for size, _ in files.values()), copied + len(catalogue))


def _before(to: Disk, store: str, at: datetime) -> Manifest:
    """Return the backup that there is, or an empty one.

    Raises:
        VaultError: something else lies there.
    """
    before = read_manifest(to)
    if before is None:
        names = [name for name in to.names() if not is_unfinished(name)]
        if names:
            message = f"{to.path('')}: expected an empty folder or an earlier backup, found {len(names)} other files"
            raise VaultError(message, code="backup/not-empty", remedy="give a folder of its own; nothing there was changed")
        return Manifest(store, at, "", {})
    if before.store != store:
        message = f"{to.path(MANIFEST)}: expected a backup of the store {store}, found one of {before.store}"
        raise VaultError(message, code="backup/other-store", remedy="give each store a folder of its own")
    return before


def _need_free(to: Disk, names: set[str]) -> None:
    for name in sorted(names):
        if to.size(name) is not None:
            message = f"{to.path(name)}: expected no file, since no backup made it, found one"
            raise VaultError(message, code="backup/not-empty", remedy="move it away, or give a folder of its own; nothing was changed")


def _number(name: str) -> int:
    number = name.removeprefix("catalogue-").removesuffix(".db")
    return int(number) if number.isdecimal() else 0


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


def _write(disk: Disk, manifest: Manifest) -> None:
    form: dict[str, Plain] = {
        "tenure_data_backup": _FORMAT,
        "store": manifest.store,
        "at": render_time(manifest.at),
        "catalogue": manifest.catalogue,
        "files": {name: list(each) for name, each in manifest.files.items()},
        "others": list(manifest.others),
    }
    disk.replace(MANIFEST, json.dumps({**form, "sha256": _digest(form)}, indent=1).encode() + b"\n")


def _digest(form: "dict[str, Plain]") -> str:
    return hashlib.sha256(canonical_bytes(form)).hexdigest()


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
        if form["tenure_data_backup"] == _FORMAT:
            if form.pop("sha256") != _digest(form):
                raise ValueError("changed")
            files = {str(name): (int(size), str(digest)) for name, (size, digest) in form["files"].items()}
            others = tuple(str(name) for name in cast(list[str], form["others"]))
            return Manifest(str(form["store"]), parse_time(form["at"]), str(form["catalogue"]), files, others)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{path}: expected the list of a backup, found a damaged file"
        raise IntegrityError(message, code="backup/damaged", remedy="take another backup, into another folder") from error
    raise unknown_format(path)


def unknown_format(path: str) -> VaultError:
    """Return the error of a backup that this Tenure does not know."""
    message = f"{path}: expected a backup of format 1, found another"
    return VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
