"""Segments against their catalogue and their keys: each frame in its place, whole, and counted by a bucket; everything else is residue."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

from tenure.errors import IntegrityError
from tenure.records.upkeep import Finding, Level
from tenure.vault.database import Database
from tenure.vault.disk import Disk
from tenure.vault.examination.keys import Lid
from tenure.vault.sealing import HEADER_SIZE, Header, open_frame, parse_header
from tenure.vault.segments import segment_name

_BACKUP = "restore it from a backup of the data: tenure vault restore"
_REPAIR = "tenure vault doctor --repair"


@dataclass(frozen=True, slots=True)
class Row:
    """A frame as the catalogue has it.

    Attributes:
        key: of its bucket.
        batch: its number there.
        offset: in the segment.
        length: in bytes.
    """

    key: bytes
    batch: int
    offset: int
    length: int


def rows_by_segment(catalogue: Database) -> dict[int, list[Row]]:
    """Return the frames of each segment in order."""
    found: dict[int, list[Row]] = {}
    for segment, *row in catalogue.rows("SELECT segment, key, batch, offset, length FROM frames ORDER BY segment, offset"):
        found.setdefault(cast(int, segment), []).append(Row(*cast(tuple[bytes, int, int, int], tuple(row))))
    return found


def check_frames(
    disk: Disk, catalogue: Database, files: list[str], buckets: Mapping[bytes, Lid] | None, checked: dict[str, int]
) -> Iterator[Finding]:
    """Look at every segment.

    Args:
        disk: the store's.
        catalogue: of its segments.
        files: the segments that there are.
        buckets: what is known of each bucket; None = not known, so that nothing can be said to have no key.
        checked: counts the frames.
    """
    rows = rows_by_segment(catalogue)
    names = {cast(int, number): segment_name(cast(str, day), cast(int, number)) for number, day in catalogue.run("SELECT number, day FROM segments")}
    found: dict[bytes, int] = {}
    checked["frames"] = sum(map(len, rows.values()))
    for number, name in names.items():
        yield from _check_segment(disk, name, rows.get(number, []), buckets, found)
    for name in sorted(set(files) - set(names.values())):
        yield Finding("integrity/residue", disk.path(name), "segments that the catalogue knows", "another", _REPAIR, Level.WARNING, True)
    for key, lid in {} if buckets is None else buckets.items():
        if found.get(key, 0) < lid.batches:
            text = f"{lid.batches} frames of the bucket {key.hex()}"
            yield Finding("integrity/no-frames", disk.path("segments"), text, str(found.get(key, 0)), _BACKUP)


def _check_segment(disk: Disk, name: str, rows: list[Row], buckets: Mapping[bytes, Lid] | None, found: dict[bytes, int]) -> Iterator[Finding]:
    path, size = disk.path(name), disk.size(name)
    if size is None:
        if rows:
            yield Finding("integrity/segment", path, f"a segment of {len(rows)} frames", "no file", _BACKUP)
        return
    place = residue = 0
    for row in rows:
        residue += max(0, row.offset - place)
        place = max(place, row.offset + row.length)
        lid = None if buckets is None else buckets.get(row.key)
        if buckets is not None and (lid is None or row.batch >= lid.batches):
            residue += row.length
            continue
        found[row.key] = found.get(row.key, 0) + 1
        yield from _check_frame(disk, name, row, lid)
    residue += max(0, size - place)
    if residue:
        yield Finding("integrity/residue", path, "frames that have a key", f"{residue} dead bytes", _REPAIR, Level.WARNING, True)


def _check_frame(disk: Disk, name: str, row: Row, lid: Lid | None) -> Iterator[Finding]:
    where = f"{disk.path(name)} at {row.offset}"
    content = disk.read(name, row.offset, row.length)
    try:
        header = parse_header(content)
        is_right = (header.key, header.batch, header.length + HEADER_SIZE, len(content)) == (row.key, row.batch, row.length, row.length)
        if is_right and lid is not None and lid.secret is not None:
            open_frame(lid.secret, content)
    except IntegrityError as error:
        yield Finding(error.code, where, "the frame that was sealed", "changed or cut bytes", _BACKUP)
        return
    if not is_right:
        yield Finding("integrity/segment", where, f"the frame {row.key.hex()}.{row.batch} of {row.length} bytes", "another", _BACKUP)


def frames_in(disk: Disk, name: str, start: int, stop: int) -> Iterator[tuple[int, Header]]:
    """Yield the frames that lie whole in a stretch of a segment, by their headers, up to the first bytes that are none."""
    while start + HEADER_SIZE <= stop:
        try:
            header = parse_header(disk.read(name, start, HEADER_SIZE))
        except IntegrityError:
            return
        if start + HEADER_SIZE + header.length > stop:
            return
        yield start, header
        start += HEADER_SIZE + header.length
