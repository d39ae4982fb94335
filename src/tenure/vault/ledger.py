"""The ledger in SQLite: entries by number, and the hashes over them in tiles of 256, so that an append touches few rows.

Source: design 0002; C2SP tlog-tiles for the shape of the tiles.
"""

from collections.abc import Iterator, Sequence

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.tiles import HEIGHT, LONGEST, WIDTH
from tenure.ledger.tree import EMPTY, Edge, complete_subtrees, leaf_hash, node_hash, range_hash
from tenure.vault.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries(number INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tiles(
    level INTEGER NOT NULL, number INTEGER NOT NULL, hashes BLOB NOT NULL, PRIMARY KEY (level, number)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS newest(id INTEGER PRIMARY KEY CHECK (id = 0), size INTEGER NOT NULL, root BLOB NOT NULL) STRICT;
"""
_HASH = 32
_TILE = WIDTH * _HASH
_TILES_KEPT = 512
_GROUP = 1000


class SqliteLedger:
    """A ledger in a database, inside whatever transaction is open there. Only whole tiles are stored; the rest is made from the entries.

    The size and the root stand in a row of their own, so that what was cut off or changed behind the last whole tile is noticed on opening.

    Args:
        database: with the tables of `SCHEMA`.

    Raises:
        IntegrityError: entries or tiles are missing, cut short or changed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tiles: dict[tuple[int, int], bytes] = {}
        self.reset()

    def reset(self) -> None:
        """Read the end of the log anew, after a transaction that was undone."""
        self._tiles.clear()
        size, root = (self._database.run("SELECT size, root FROM newest") or [(0, EMPTY)])[0]
        ends = "SELECT (SELECT min(number) FROM entries), (SELECT max(number) FROM entries)"  # together SQLite would look at every row
        first, last = self._database.run(ends)[0]
        if not isinstance(size, int):
            raise self._missing("its size")
        if (first, last) != ((0, size - 1) if size else (None, None)):
            raise self._missing(f"the first {size} entries")
        self._size = size
        self._edge = [bytearray() for _ in range(9)]
        for level in range(1, len(self._edge)):
            whole = self._size >> (HEIGHT * level)
            first = whole // WIDTH * WIDTH
            for index in range(first, whole):
                self._edge[level] += self._tile_root(level - 1, index)
        first = self._size // WIDTH * WIDTH
        self._edge[0] += b"".join([leaf_hash(entry) for entry in self.entries(first)])
        self._newest = Edge(self._size, [self.hash(*each) for each in complete_subtrees(0, self._size)])
        if self._newest.root != root:
            raise self._missing(f"the root over {self._size} entries")

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._size

    def append(self, entries: Sequence[bytes]) -> int:
        """Append entries in order and return the index of the first."""
        if any(len(entry) > LONGEST for entry in entries):
            raise VaultError(f"ledger: expected entries of at most {LONGEST} bytes, got a longer one", code="ledger/entry-too-long")
        first = self._size
        self._database.many("INSERT INTO entries(number, entry) VALUES (?, ?)", list(enumerate(entries, first)))
        self._size += len(entries)
        leaves = [leaf_hash(entry) for entry in entries]
        self._push(first, b"".join(leaves))
        for leaf in leaves:
            self._newest.add(leaf)
        if entries:
            self._database.run("INSERT OR REPLACE INTO newest(id, size, root) VALUES (0, ?, ?)", (self._size, self._newest.root))
        return first

    def _push(self, count: int, hashes: bytes) -> None:
        """Add hashes behind the `count` of the lowest level; what fills a tile goes into the tables, and its root to the level above."""
        for level, edge in enumerate(self._edge):
            edge += hashes
            full = len(edge) // _TILE
            if not full:
                return
            whole = [bytes(edge[place * _TILE : (place + 1) * _TILE]) for place in range(full)]
            first = count >> HEIGHT
            rows = [(level, first + place, tile) for place, tile in enumerate(whole)]
            self._database.many("INSERT INTO tiles(level, number, hashes) VALUES (?, ?, ?)", rows)
            hashes, count = b"".join([_over(tile, HEIGHT, 0) for tile in whole]), first
            del edge[: full * _TILE]

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the entries of a range, in order."""
        end = self._size if stop is None else min(stop, self._size)
        for first in range(start, end, _GROUP):
            last = min(first + _GROUP, end)
            rows = self._database.run("SELECT number, entry FROM entries WHERE number >= ? AND number < ? ORDER BY number", (first, last))
            for expected in range(first, last):
                number, entry = rows[expected - first] if expected - first < len(rows) else (None, None)
                if number != expected or not isinstance(entry, bytes):
                    raise self._missing(f"entry {expected}")
                yield entry

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        if (index + 1) << level > self._size or index < 0:
            raise IntegrityError(f"ledger: expected a subtree below entry {self._size}, got one beyond", code="ledger/no-entry")
        tile_level, height = divmod(level, HEIGHT)
        number, place = divmod(index << height, WIDTH)
        edge = self._edge[tile_level]
        whole = self._size >> (HEIGHT * tile_level)
        return _over(edge if number == whole // WIDTH else self._tile(tile_level, number), height, place)

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` entries; None = over all."""
        return self._newest.root if size in (None, self._size) else range_hash(0, size, self.hash)

    def _tile_root(self, level: int, index: int) -> bytes:
        return _over(self._tile(level, index), HEIGHT, 0)

    def _tile(self, level: int, number: int) -> bytes:
        found = self._tiles.get((level, number))
        if found is None:
            stored = self._database.value("SELECT hashes FROM tiles WHERE level = ? AND number = ?", (level, number))
            if not isinstance(stored, bytes) or len(stored) != _TILE:
                raise self._missing(f"tile {level}/{number}")
            if len(self._tiles) > _TILES_KEPT:
                self._tiles.clear()
            found = self._tiles[level, number] = stored
        return found

    def _missing(self, what: str) -> IntegrityError:
        message = f"{self._database.path}: {what}: expected it whole, found it missing, cut short or changed"
        return IntegrityError(message, code="ledger/damaged", remedy="restore from a backup: tenure vault restore")


def _over(hashes: bytes | bytearray, height: int, place: int) -> bytes:
    """Return the hash over `1 << height` hashes from a place on."""
    parts = [bytes(hashes[at * _HASH : (at + 1) * _HASH]) for at in range(place, place + (1 << height))]
    while len(parts) > 1:
        parts = [node_hash(left, right) for left, right in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]
