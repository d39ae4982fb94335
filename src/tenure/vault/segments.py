"""Segments and their catalogue: which frame of which file belongs to which key. Nothing here tells whose data it is.

Frames that end on the same day share files, so that an expired day goes by unlinking. Source: design 0002.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import cast

from tenure.errors import IntegrityError
from tenure.records.held import KeyId, Sealed
from tenure.vault.database import Database
from tenure.vault.disk import Disk
from tenure.vault.sealing import parse_header

SCHEMA = """
CREATE TABLE IF NOT EXISTS segments(number INTEGER PRIMARY KEY AUTOINCREMENT, day TEXT NOT NULL, size INTEGER NOT NULL, live INTEGER NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS segments_day ON segments(day, number);
CREATE TABLE IF NOT EXISTS frames(
    key BLOB NOT NULL, batch INTEGER NOT NULL, segment INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL,
    PRIMARY KEY (key, batch)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS state(name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
"""
FULL = 64 * 1024 * 1024
"""A segment of this size takes no more frames."""
FOLDER = "segments/"


class Segments:
    """The sealed frames of a store.

    Args:
        disk: where the segments lie.
        catalogue: with the tables of `SCHEMA`.
    """

    def __init__(self, disk: Disk, catalogue: Database) -> None:
        self._disk = disk
        self._catalogue = catalogue

    def write(self, day: date, frames: Sequence[Sealed]) -> None:
        """Store frames that end on a day, durably."""
        if not frames:
            return
        with self._catalogue.transaction():
            segment = self._segment(day.isoformat())
            name = segment_name(day.isoformat(), segment)
            place = self._disk.append(name, b"".join(frame.content for frame in frames))
            self._disk.sync(name)
            rows = []
            for frame in frames:
                rows.append((frame.key, frame.batch, segment, place, len(frame.content)))
                place += len(frame.content)
            self._catalogue.many("INSERT OR REPLACE INTO frames(key, batch, segment, offset, length) VALUES (?, ?, ?, ?, ?)", rows)
            live = sum(len(frame.content) for frame in frames)
            self._catalogue.run("UPDATE segments SET size = ?, live = live + ? WHERE number = ?", (place, live, segment))

    def _segment(self, day: str) -> int:
        found = self._catalogue.value("SELECT max(number) FROM segments WHERE day = ? AND size < ?", (day, FULL))
        if found is None:
            found = self._catalogue.value("INSERT INTO segments(day, size, live) VALUES (?, 0, 0) RETURNING number", (day,))
        return cast(int, found)

    def read(self, keys: Collection[KeyId], batch: int | None = None) -> Iterator[bytes]:
        """Yield the frames of buckets, those of one after those of the other; of one batch, or of all in order."""
        statement = "SELECT frames.batch, day, segment, offset, length FROM frames JOIN segments ON number = segment WHERE key = ?"
        for key in keys:
            if batch is None:
                rows = self._catalogue.run(f"{statement} ORDER BY frames.batch", (key,))
            else:
                rows = self._catalogue.run(f"{statement} AND frames.batch = ?", (key, batch))
            for row in rows:
                yield self._frame(key, *cast(tuple[int, str, int, int, int], row))

    def _frame(self, key: KeyId, batch: int, day: str, segment: int, offset: int, length: int) -> bytes:
        name = segment_name(day, segment)
        path = self._disk.path(name)
        remedy = "restore it from a backup; tenure vault doctor says what is affected"
        if self._disk.size(name) is None:
            raise IntegrityError(f"{path}: expected a segment, found no file", code="integrity/segment", remedy=remedy)
        content = self._disk.read(name, offset, length)
        if len(content) != length:
            message = f"{path}: expected a frame of {length} bytes at {offset}, found {len(content)} bytes"
            raise IntegrityError(message, code="integrity/segment", remedy=remedy)
        try:
            header = parse_header(content)
        except IntegrityError as error:
            raise IntegrityError(f"{path} at {offset}: {error.message}", code=error.code, remedy=error.remedy or remedy) from error
        if (header.key, header.batch) != (key, batch):
            message = f"{path} at {offset}: expected the frame {key.hex()}.{batch}, found another"
            raise IntegrityError(message, code="integrity/segment", remedy=remedy)
        return content

    def forget(self, keys: Collection[KeyId]) -> None:
        """Drop the frames of destroyed buckets; segments without a live frame are removed."""
        with self._catalogue.transaction():
            for key in keys:
                rows = self._catalogue.run("DELETE FROM frames WHERE key = ? RETURNING segment, length", (key,))
                self._catalogue.many("UPDATE segments SET live = live - ? WHERE number = ?", [(length, segment) for segment, length in rows])
            empty = cast(list[tuple[int, str]], self._catalogue.run("SELECT number, day FROM segments WHERE live <= 0"))
        for number, day in empty:
            self._disk.remove(segment_name(day, number))
        self._catalogue.many("DELETE FROM segments WHERE number = ? AND live <= 0", [(number,) for number, _ in empty])

    def keys(self) -> Iterator[KeyId]:
        """Yield every bucket that has a frame."""
        for (key,) in self._catalogue.rows("SELECT DISTINCT key FROM frames"):
            yield KeyId(cast(bytes, key))

    def residue(self) -> tuple[int, int]:
        """Return how many segments hold dead bytes, and how many bytes those are."""
        rows = self._catalogue.run("SELECT count(*), ifnull(sum(size - live), 0) FROM segments WHERE size > live")
        return cast(tuple[int, int], rows[0])

    @property
    def is_settled(self) -> bool:
        """Whether every frame was known to have a key when the store was last closed."""
        return not self._catalogue.value("SELECT value FROM state WHERE name = 'unsettled'")

    def unsettle(self) -> None:
        """Say that frames and keys may differ from now on, until they are settled."""
        self._catalogue.run("INSERT OR REPLACE INTO state(name, value) VALUES ('unsettled', 1)")

    def settle(self) -> None:
        """Say that every frame has a key, and remove files that the catalogue does not know."""
        rows = cast(list[tuple[str, int]], self._catalogue.run("SELECT day, number FROM segments"))
        known = {segment_name(day, number) for day, number in rows}
        for name in list(self._disk.names(FOLDER)):
            if name not in known:
                self._disk.remove(name)
        self._catalogue.run("INSERT OR REPLACE INTO state(name, value) VALUES ('unsettled', 0)")


def segment_name(day: str, number: int) -> str:
    """Return the name of a segment's file."""
    return f"{FOLDER}{day}/{number:06d}.seg"
