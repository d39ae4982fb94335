"""What a file holds, in pages that copies share, and what of it is found after a power cut."""

import sys
from collections.abc import Iterator
from enum import StrEnum
from random import Random

PAGE = 4096
SECTOR = 512
_ZERO = bytes(PAGE)

Change = tuple[int, bytes | None]
"""Bytes written at an offset, or, where there are none, a file cut to that size."""


class Fate(StrEnum):
    """What becomes of changes that were not synced."""

    LOST = "lost"
    KEPT = "kept"
    PREFIX = "prefix"
    """Those up to one are there, and a part of that one."""
    SECTORS = "sectors"
    """Each sector is as it was at some time since the last sync, and so is the size."""
    GARBAGE = "garbage"
    """The same, and some sectors that were being written hold other bytes."""


class Content:
    """The bytes of a file. Copies are cheap: they share pages."""

    __slots__ = ("pages", "size")

    def __init__(self, pages: list[bytes] | None = None, size: int = 0) -> None:
        self.pages = [] if pages is None else pages
        self.size = size

    def copy(self) -> "Content":
        return Content(self.pages.copy(), self.size)

    def whole(self) -> bytes:
        return b"".join(self.pages)[: self.size]

    def read(self, offset: int, length: int) -> bytes:
        end = min(offset + length, self.size)
        if offset >= end:
            return b""
        first, last = offset // PAGE, (end - 1) // PAGE
        found = self.pages[first] if first == last else b"".join(self.pages[first : last + 1])
        return found[offset - first * PAGE : end - first * PAGE]

    def write(self, offset: int, data: bytes) -> None:
        if not data:
            return
        end = offset + len(data)
        if end > self.size:
            self._grow(end)
        first, last = offset // PAGE, (end - 1) // PAGE
        whole = self.pages[first][: offset - first * PAGE] + data + self.pages[last][end - last * PAGE :]
        self.pages[first : last + 1] = [whole[at : at + PAGE] for at in range(0, len(whole), PAGE)]

    def truncate(self, size: int) -> None:
        if size >= self.size:
            self._grow(size)
            return
        del self.pages[-(-size // PAGE) :]
        if size % PAGE:
            self.pages[-1] = self.pages[-1][: size % PAGE].ljust(PAGE, b"\0")
        self.size = size

    def apply(self, change: Change) -> None:
        offset, data = change
        if data is None:
            self.truncate(offset)
        else:
            self.write(offset, data)

    def _grow(self, size: int) -> None:
        self.pages += [_ZERO] * (-(-size // PAGE) - len(self.pages))
        self.size = size


class Inode:
    """A file, whatever its names: as programs see it, as the medium has it, and what lies between."""

    __slots__ = ("content", "durable", "pending")

    def __init__(self, content: Content | None = None) -> None:
        self.content = Content() if content is None else content
        self.durable = self.content.copy()
        self.pending: list[Change] = []

    def change(self, change: Change) -> None:
        self.content.apply(change)
        self.pending.append(change)

    def sync(self) -> None:
        if self.pending:
            self.durable = self.content.copy()
            self.pending = []

    def copy(self) -> "Inode":
        other = Inode(self.content.copy())
        other.durable = self.durable.copy()
        other.pending = self.pending.copy()
        return other

    def after_crash(self, random: Random, fate: Fate) -> Content:
        """Return what is found after a power cut."""
        if fate is Fate.KEPT:
            return self.content.copy()
        found = self.durable.copy()
        if fate is Fate.LOST or not self.pending:
            return found
        if fate is Fate.PREFIX:
            _keep_prefix(found, self.pending, random)
        else:
            _keep_sectors(found, self.pending, random, is_garbage=fate is Fate.GARBAGE)
        return found


def _keep_prefix(found: Content, pending: list[Change], random: Random) -> None:
    stop = random.randrange(len(pending) + 1)
    for change in pending[:stop]:
        found.apply(change)
    if stop < len(pending):
        offset, data = pending[stop]
        if data is not None:
            torn = (offset // SECTOR + random.randrange(len(data) // SECTOR + 1)) * SECTOR - offset
            found.write(offset, data[: max(0, torn)])


def _keep_sectors(found: Content, pending: list[Change], random: Random, *, is_garbage: bool) -> None:
    """Each sector keeps the writes up to a moment of its own; the size, and what is cut off, is that of one moment for the whole file."""
    size, hidden, cuts = found.size, sys.maxsize, dict[int, int]()
    sized_at = _moment(random, len(pending))
    for number, (offset, data) in enumerate(pending):
        if data is None and number < sized_at:
            found.truncate(offset)
            size = offset
        elif data is None:
            hidden = min(hidden, offset)  # what is written there from now on lies in blocks that nothing leads to
        else:
            size = max(size, offset + len(data)) if number < sized_at else size
            for at, piece in _pieces(offset, data):
                cut = cuts.setdefault(at // SECTOR, _moment(random, len(pending)))
                if at < hidden and number < cut:
                    found.write(at, piece)
                elif at < hidden and is_garbage and random.random() < 0.2:
                    found.write(at, random.randbytes(len(piece)))
    found.truncate(size)


def _moment(random: Random, changes: int) -> int:
    return random.choice((0, changes, random.randrange(changes + 1)))


def _pieces(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the parts of a write by sector."""
    at = 0
    while at < len(data):
        length = SECTOR - (offset + at) % SECTOR
        yield offset + at, data[at : at + length]
        at += length
