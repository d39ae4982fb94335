"""Backups of data: the sealed segments as far as they have grown, and their catalogue, each with its digest.

    DATA/manifest.json, catalogue-N.db, segments/

A segment that grew gets what it has more. One that was cut and written to again since (a crash, a restore) gets another file: what lies there already
is another past. Only what a manifest names is ever changed or removed there: the folder may be anybody's. Source: design 0002, Backups.
"""

import hashlib
import json
from dataclasses import dataclass, field, replace
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
_TAIL = 4096
"""So many bytes before an end tell whether two segments are the same up to there: they hold a salt or a ciphertext, or all that is new."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup of data consists of.

    Attributes:
        store: its id.
        at: when it was made, aware.
        catalogue: name of the catalogue's file; empty while the first backup is not finished.
        files: size and SHA-256 of each file; a segment may have grown since, what lies behind its size does not count.
        others: names of files that a run of ours may have left, beside those.
        moved: the files in which segments stand whose own name was taken by what they were before, by segment.
    """

    store: str
    at: datetime
    catalogue: str
    files: dict[str, tuple[int, str]]
    others: tuple[str, ...] = ()
    moved: dict[str, str] = field(default_factory=dict)

    def place(self, name: str) -> str:
        """Return the name of the file that a segment or catalogue stands in."""
        return self.moved.get(name, name)

    @property
    def places(self) -> set[str]:
        """The names of all files that it consists of."""
        return {self.place(name) for name in self.files}


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
    ours = {*before.places, *before.others}
    number = 1 + max((_number(name) for name in ours), default=0)
    name = f"catalogue-{number}.db"
    chosen = {segment: _chosen(source, to, segment, before, number) for segment in source.names(FOLDER)}
    written = {name, *(place for place, _ in chosen.values())}
    _need_free(to, written - ours)
    _write(to, replace(before, others=tuple(sorted({*before.others, *written} - before.places))))
    files, copied = {}, 0
    for segment, (place, known) in chosen.items():
        files[segment], more = _copied(source, to, segment, place, known)
        copied += more
    to.replace(name, catalogue)
    files[name] = (len(catalogue), hashlib.sha256(catalogue).hexdigest())
    made = Manifest(store, at, name, files, moved={segment: place for segment, (place, _) in chosen.items() if place != segment})
    stale = sorted(ours - made.places)
    _write(to, replace(made, others=tuple(stale)))
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


def _chosen(source: Disk, to: Disk, name: str, before: Manifest, number: int) -> tuple[str, tuple[int, str] | None]:
    """Return the file for a segment, and what is known of it: one that the segment goes on from, or one that is not there."""
    known, place = before.files.get(name), before.place(name)
    if known is None:
        return name, None
    end = min(known[0], source.size(name) or 0)
    start = max(0, end - _TAIL)
    is_same = (to.size(place) or 0) >= known[0] and source.read(name, start, end - start) == to.read(place, start, end - start)
    if is_same and (known[0] == source.size(name) or _digest_of(to, place, known[0]).hexdigest() == known[1]):
        return place, known
    return f"{name}.{number}", None


def _copied(source: Disk, to: Disk, name: str, place: str, known: tuple[int, str] | None) -> tuple[tuple[int, str], int]:
    """Copy what a segment has more than its backup; return its size, digest, and how much was copied."""
    size, start = source.size(name) or 0, 0 if known is None else known[0]
    if known is not None and size == start:
        return known, 0
    if size < start:  # it was cut: what lies behind does not count
        return (size, _digest_of(to, place, size).hexdigest()), 0
    if known is None:
        to.remove(place)  # what a run that was interrupted left
    elif to.size(place) != start:
        to.cut(place, start)
    digest = _digest_of(to, place, start)
    for at in range(start, size, _PIECE):
        piece = source.read(name, at, min(_PIECE, size - at))
        digest.update(piece)
        to.append(place, piece)
    to.sync(place)
    return (size, digest.hexdigest()), size - start


def _digest_of(disk: Disk, name: str, size: int) -> "hashlib._Hash":
    """Return the digest of the first bytes of a file as it stands in a backup: what was copied then, whatever became of the segment."""
    digest = hashlib.sha256()
    for at in range(0, size, _PIECE):
        digest.update(disk.read(name, at, min(_PIECE, size - at)))
    return digest


def _write(disk: Disk, manifest: Manifest) -> None:
    form: dict[str, Plain] = {
        "tenure_data_backup": _FORMAT,
        "store": manifest.store,
        "at": render_time(manifest.at),
        "catalogue": manifest.catalogue,
        "files": {name: list(each) for name, each in manifest.files.items()},
        "others": list(manifest.others),
        "moved": dict(manifest.moved),
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
            moved = {str(name): str(place) for name, place in form.get("moved", {}).items()}
            return Manifest(str(form["store"]), parse_time(form["at"]), str(form["catalogue"]), files, others, moved)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        message = f"{path}: expected the list of a backup, found a damaged file"
        raise IntegrityError(message, code="backup/damaged", remedy="take another backup, into another folder") from error
    raise unknown_format(path)


def unknown_format(path: str) -> VaultError:
    """Return the error of a backup that this Tenure does not know."""
    message = f"{path}: expected a backup of format 1, found another"
    return VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
