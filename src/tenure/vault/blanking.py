"""A SQLite VFS that writes pages without leftovers.

`secure_delete` overwrites what is deleted, but not the copies that stay behind in the unallocated space of a b-tree page when its cells move
to another page. That space means nothing to SQLite, so it is zeroed on its way to the file.

With it, and with an empty write-ahead log, no byte of a deleted row stands in a database file, by construction: there is nothing to search for.
It lies over another VFS and is not one for storage. Source: https://sqlite.org/fileformat2.html#b_tree_pages; sqlite3.c, rebuildPage.
"""

import os
from itertools import count

import apsw

_INTERIOR = (2, 5)
_BTREE = (*_INTERIOR, 10, 13)
_FILE_HEADER = 100
_NAMES = count()


def blanked(page: bytes, number: int) -> bytes:
    """Return a page of a database file with its unallocated space zeroed; other pages than those of b-trees as they are.

    Args:
        page: the whole page.
        number: its place in the file, from 0.
    """
    gap = _gap(page, _FILE_HEADER if number == 0 else 0)
    if gap is None:
        return page
    zeros = bytes(gap.stop - gap.start)
    return page if page[gap] == zeros else page[: gap.start] + zeros + page[gap.stop :]


def blanked_file(content: bytes) -> bytes:
    """Return a whole database file with the unallocated space of its pages zeroed."""
    size = int.from_bytes(content[16:18], "big")
    size = 65_536 if size == 1 else size
    if size < 512:
        return content
    return b"".join([blanked(content[start : start + size], start // size) for start in range(0, len(content), size)])


def _gap(page: bytes, start: int) -> slice | None:
    """Return where the unallocated space of a b-tree page lies; None where the page is none.

    An overflow or a free page begins with the four bytes of a page number, so it cannot look like a b-tree before the file has 2**25 pages, 128 GiB.
    """
    if len(page) < start + 8 or page[start] not in _BTREE:
        return None
    cells = int.from_bytes(page[start + 3 : start + 5], "big")
    content = int.from_bytes(page[start + 5 : start + 7], "big") or 65_536
    first = start + (12 if page[start] in _INTERIOR else 8) + 2 * cells
    return slice(first, content) if first <= content <= len(page) else None


class BlankingVfs(apsw.VFS):
    """A VFS of its own name over another one.

    Args:
        below: the VFS that stores; None = SQLite's own.
    """

    def __init__(self, below: str | None) -> None:
        self.name = f"tenure-blanking-{next(_NAMES)}"
        self._below = below or ""
        super().__init__(self.name, self._below)

    def xFullPathname(self, name: str) -> str:
        """Return an absolute path without links: SQLite says of a path with one that it has one, which apsw takes for an error."""
        if self._below:
            return super().xFullPathname(name)
        folder, file = os.path.split(os.path.abspath(name))
        return os.path.join(os.path.realpath(folder), file)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        """Open a file; only that of a database itself is written in another way."""
        kind = _BlankingFile if flags[0] & apsw.SQLITE_OPEN_MAIN_DB else apsw.VFSFile
        return kind(self._below, name, flags)


class _BlankingFile(apsw.VFSFile):
    """A database file, written in whole pages."""

    def xWrite(self, data: bytes, offset: int) -> None:
        """Write a page without leftovers."""
        super().xWrite(blanked(data, offset // len(data)), offset)
