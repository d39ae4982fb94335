"""Segments and their catalogue: which frame of which file belongs to which key. Nothing here tells whose data it is.

Frames that end on the same day share files, so that an expired day goes by unlinking. Source: design 0002.
"""

import contextlib
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import cast

from tenure.errors import Error, IntegrityError
from tenure.records.held import KeyId, Sealed
from tenure.vault.database import Database, groups
from tenure.vault.disk import Disk
from tenure.vault.places import BACKUP, Place, need_frame, runs
from tenure.vault.sealing import HEADER_SIZE, parse_header

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
SEGMENT = re.compile(re.escape(FOLDER) + r"(\d{4}-\d\d-\d\d)/(\d{6,})\.seg", re.ASCII)
"""The names of segments: day and number."""

Batches = Callable[[Collection[KeyId]], Mapping[KeyId, int]]


class Segments:
    """The sealed frames of a store.

    Args:
        disk: where the segments lie.
        catalogue: with the tables of `SCHEMA`.
        batches: how many frames buckets should have; one that there is not is left out.
        destructions: how often buckets were destroyed.
    """

    def __init__(self, disk: Disk, catalogue: Database, batches: Batches = lambda _: {}, destructions: Callable[[], int] = lambda: 0) -> None:
        self._disk = disk
        self._catalogue = catalogue
        self._batches = batches
        self._destructions, self._followed = destructions, destructions()
        self._unsure: list[tuple[KeyId, int]] = []
        self._is_torn = False

    def write(self, day: date, frames: Sequence[Sealed]) -> None:
        """Store frames that end on a day, durably."""
        if not frames:
            return
        content = b"".join(frame.content for frame in frames)
        with contextlib.ExitStack() as undo:
            with self._catalogue.transaction():
                segment = self._segment(day.isoformat())
                name = segment_name(day.isoformat(), segment)
                start = place = self._disk.append(name, content)
                undo.callback(self._shorten, name, start)
                self._disk.sync(name)
                rows = []
                for frame in frames:
                    rows.append((frame.key, frame.batch, segment, place, len(frame.content)))
                    place += len(frame.content)
                self._catalogue.many("INSERT INTO frames(key, batch, segment, offset, length) VALUES (?, ?, ?, ?, ?)", rows)
                self._catalogue.run("UPDATE segments SET size = ?, live = live + ? WHERE number = ?", (place, len(content), segment))
            undo.pop_all()
        self._unsure += [(frame.key, frame.batch) for frame in frames]

    @property
    def is_unsure(self) -> bool:
        """Whether frames may lie here that no key row counts: written and not confirmed, half written, or of destroyed keys and not forgotten."""
        return bool(self._unsure) or self._is_torn or self._followed != self._destructions()

    def keep(self) -> None:
        """Say that the key rows count what was written: the transaction was committed."""
        self._unsure.clear()

    def drop(self) -> None:
        """Take back what was written: the transaction was undone, and the next batch of a bucket takes the same number."""
        if not self._unsure:
            return
        with self._catalogue.transaction():
            starts = [start for key, batch in self._unsure for start in self._take_back(key, batch, batch)]
            self._catalogue.many("UPDATE segments SET size = min(size, ?) WHERE number = ?", [(offset, segment) for segment, offset in starts])
        self.forget(())
        self._trim({segment for segment, _ in starts})
        self._unsure.clear()

    def cut(self, counted: Mapping[KeyId, int]) -> None:
        """Drop the frames that the key rows do not count; those of keys that are not named go whole.

        Args:
            counted: how many batches each bucket has.
        """
        rows = cast(list[tuple[KeyId, int]], self._catalogue.run("SELECT key, max(batch) FROM frames GROUP BY key"))
        with self._catalogue.transaction():
            for key, last in rows:
                if last >= counted.get(key, 0):
                    self._take_back(key, counted.get(key, 0), last)
            ends = self._catalogue.run("SELECT max(offset + length), segment FROM frames GROUP BY segment")
            self._catalogue.many("UPDATE segments SET size = ? WHERE number = ?", ends)
        self.forget(())
        self._trim(None)

    def _take_back(self, key: KeyId, first: int, last: int) -> list[tuple[int, int]]:
        """Drop frames; return where they stood, as segment and offset."""
        statement = "DELETE FROM frames WHERE key = ? AND batch BETWEEN ? AND ? RETURNING segment, offset, length"
        gone = cast(list[tuple[int, int, int]], self._catalogue.run(statement, (key, first, last)))
        self._catalogue.many("UPDATE segments SET live = live - ? WHERE number = ?", [(length, segment) for segment, _, length in gone])
        return [(segment, offset) for segment, offset, _ in gone]

    def _trim(self, segments: Collection[int] | None) -> None:
        """Cut segments (None = all) behind their last frame: what was taken back leaves no bytes."""
        for day, number, size in cast(list[tuple[str, int, int]], self._catalogue.run("SELECT day, number, size FROM segments")):
            name = segment_name(day, number)
            if (segments is None or number in segments) and (self._disk.size(name) or 0) > size and not self._is_counted(name, size):
                self._disk.cut(name, size)

    def _is_counted(self, name: str, start: int) -> bool:
        """Whether a key row counts a frame that lies from a place on: then the catalogue is an older copy, and only `doctor` may touch the file."""
        with contextlib.suppress(IntegrityError):
            while header := self._disk.read(name, start, HEADER_SIZE):
                found = parse_header(header)
                if found.batch < self._batches([found.key]).get(found.key, 0):
                    return True
                start += HEADER_SIZE + found.length
        return False

    def _shorten(self, name: str, size: int) -> None:
        """Take back what could not be written to the end; where that fails too, the next start does it."""
        self._is_torn = True
        with contextlib.suppress(Error):
            if size:
                self._disk.cut(name, size)
            else:
                self._disk.remove(name)
            self._is_torn = False

    def _segment(self, day: str) -> int:
        found = self._catalogue.value("SELECT max(number) FROM segments WHERE day = ? AND size < ?", (day, FULL))
        if found is None:
            found = self._catalogue.value("INSERT INTO segments(day, size, live) VALUES (?, 0, 0) RETURNING number", (day,))
        return cast(int, found)

    def read(self, keys: Collection[KeyId], batch: int | None = None) -> Iterator[bytes]:
        """Yield the frames of buckets, those of one after those of the other; of one batch, or of all in order."""
        statement = (
            "SELECT key, frames.batch, day, segment, offset, length FROM frames JOIN segments ON number = segment"
            " WHERE (?1 IS NULL OR frames.batch = ?1) AND key IN ({}) ORDER BY key, frames.batch"
        )
        for group in groups(keys):
            found, expected = dict[KeyId, list[Place]](), self._batches(group)
            for rows in self._catalogue.among(statement, group, (batch,)):
                for place in map(Place._make, rows):
                    found.setdefault(place.key, []).append(place)
            for key in group:
                self._check(key, batch, [place.batch for place in found.get(key, ())], expected.get(key, 0))
            for run in runs(place for key in group for place in found.get(key, ())):
                yield from self._frames(run)

    def _check(self, key: KeyId, batch: int | None, found: Sequence[int], expected: int) -> None:
        """Notice frames that the key row counts and the catalogue does not know."""
        if found and batch is not None:
            return
        if len(found) < (expected if batch is None else batch < expected):
            missing = next(number for number in (range(expected) if batch is None else (batch,)) if number not in found)
            message = f"{self._catalogue.path}: expected the frame {key.hex()}.{missing}, found no trace of it"
            raise IntegrityError(message, code="integrity/segment", remedy="tenure vault doctor says what is affected; restore from a backup")

    def _frames(self, run: Sequence[Place]) -> Iterator[bytes]:
        """Yield frames that lie end to end."""
        first, name = run[0], segment_name(run[0].day, run[0].segment)
        path = self._disk.path(name)
        if self._disk.size(name) is None:
            raise IntegrityError(f"{path}: expected a segment, found no file", code="integrity/segment", remedy=BACKUP)
        content = self._disk.read(name, first.offset, run[-1].end - first.offset)
        for place in run:
            frame = content[place.offset - first.offset : place.end - first.offset]
            need_frame(frame, place, path)
            yield frame

    def need_whole(self) -> None:
        """Refuse segments that are shorter than the frames in them.

        Raises:
            IntegrityError: one is; the message names it.
        """
        statement = "SELECT max(offset + length), day, number FROM frames JOIN segments ON number = segment GROUP BY number"
        for end, day, number in cast(list[tuple[int, str, int]], self._catalogue.run(statement)):
            name = segment_name(day, number)
            size = self._disk.size(name) or 0
            if size < end:
                message = f"{self._disk.path(name)}: expected a segment of at least {end} bytes, as its catalogue says, found {size}"
                raise IntegrityError(message, code="integrity/segment", remedy=BACKUP)

    def where(self, key: KeyId, batch: int) -> str:
        """Return the path of the segment that a frame lies in; that of all segments where the catalogue does not know it."""
        statement = "SELECT day, number FROM segments JOIN frames ON segment = number WHERE key = ? AND batch = ?"
        found = cast(list[tuple[str, int]], self._catalogue.run(statement, (key, batch)))
        return self._disk.path(segment_name(*found[0]) if found else FOLDER.rstrip("/"))

    def forget(self, keys: Collection[KeyId]) -> None:
        """Drop the frames of destroyed buckets; segments without a live frame are removed."""
        dead = Counter[int]()
        with self._catalogue.transaction():
            for rows in cast(
                Iterator[list[tuple[int, int]]], self._catalogue.among("DELETE FROM frames WHERE key IN ({}) RETURNING segment, length", keys)
            ):
                for segment, length in rows:
                    dead[segment] += length
            self._catalogue.many("UPDATE segments SET live = live - ? WHERE number = ?", [(size, segment) for segment, size in dead.items()])
            empty = cast(list[tuple[int, str]], self._catalogue.run("SELECT number, day FROM segments WHERE live <= 0"))
        for number, day in empty:
            self._disk.remove(segment_name(day, number))
        self._catalogue.many("DELETE FROM segments WHERE number = ? AND live <= 0", [(number,) for number, _ in empty])
        if keys:
            self._followed = self._destructions()

    def keys(self) -> Iterator[KeyId]:
        """Yield every bucket that has a frame."""
        last = b""
        while found := self._catalogue.run("SELECT DISTINCT key FROM frames WHERE key > ? ORDER BY key LIMIT 1000", (last,)):
            yield from [KeyId(cast(bytes, key)) for (key,) in found]
            last = cast(bytes, found[-1][0])

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
        """Say that every frame has a key, and remove files that the catalogue does not know, unless a key row counts what is in them."""
        rows = cast(list[tuple[str, int]], self._catalogue.run("SELECT day, number FROM segments"))
        known = {segment_name(day, number) for day, number in rows}
        for name in list(self._disk.names(FOLDER)):
            if name not in known and not self._is_counted(name, 0):
                self._disk.remove(name)
        self._catalogue.run("INSERT OR REPLACE INTO state(name, value) VALUES ('unsettled', 0)")


def segment_name(day: str, number: int) -> str:
    """Return the name of a segment's file."""
    return f"{FOLDER}{day}/{number:06d}.seg"
