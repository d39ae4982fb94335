"""Where hashes and entries of a log lie as files: tiles of 256 hashes and bundles of 256 entries.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from tenure.errors import DataError

WIDTH = 256
HEIGHT = 8
LONGEST = 65_535
"""Bytes of one entry."""


class Log(Protocol):
    """A log that can be written as files."""

    @property
    def size(self) -> int:
        """How many entries there are."""
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the entries of a range, in order."""
        ...

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree of `1 << level` entries."""
        ...


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile of hashes, partial where it has fewer than 256."""
    return f"tile/{level}/{_numbered(index, width)}"


def bundle_path(index: int, width: int = WIDTH) -> str:
    """Return the path of a bundle of entries."""
    return f"tile/entries/{_numbered(index, width)}"


def tiles_of(size: int, since: int = 0) -> Iterator[tuple[int, int, int]]:
    """Yield the tiles of a log of a size, as (level, index, width); those that were full at the size `since` are left out."""
    level, count = 0, size
    while count:
        full, rest = divmod(count, WIDTH)
        yield from ((level, index, WIDTH) for index in range(since >> HEIGHT * (level + 1), full))
        if rest:
            yield level, full, rest
        level, count = level + 1, full


def log_files(log: Log, size: int, since: int = 0) -> Iterator[tuple[str, bytes]]:
    """Yield the tiles and bundles of the first `size` entries of a log, by path; those that were full at the size `since` are left out."""
    for level, index, width in tiles_of(size, since):
        first = index * WIDTH
        yield tile_path(level, index, width), b"".join([log.hash(level * HEIGHT, first + place) for place in range(width)])
        if level == 0:
            yield bundle_path(index, width), render_bundle(list(log.entries(first, first + width)))


def render_bundle(entries: Sequence[bytes]) -> bytes:
    """Return entries, each after its length in two bytes.

    Raises:
        DataError: an entry of more than 65,535 bytes.
    """
    if any(len(entry) > LONGEST for entry in entries):
        raise DataError(f"entry: expected at most {LONGEST} bytes, got more", code="ledger/entry-too-long")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def parse_bundle(content: bytes) -> list[bytes]:
    """Parse a bundle.

    Raises:
        DataError: it is cut short.
    """
    found, place = [], 0
    while place < len(content):
        length = int.from_bytes(content[place : place + 2], "big")
        entry = content[place + 2 : place + 2 + length]
        if place + 2 > len(content) or len(entry) != length:
            raise DataError("bundle: expected whole entries, found one that is cut short", code="ledger/bundle")
        found.append(entry)
        place += 2 + length
    return found


def _numbered(index: int, width: int) -> str:
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    groups = [digits[start : start + 3] for start in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"
