"""Merkle tree hashes, inclusion and consistency proofs.

The hashes of complete subtrees come from a function `hash(level, index)`: that of the entries from `index << level` on, `1 << level` of them.
Source: RFC 9162, section 2.1.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from tenure.errors import DataError
from tenure.records.held import KeyId

SubtreeHash = Callable[[int, int], bytes]

EMPTY = hashlib.sha256(b"").digest()
"""The root over no entries."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def complete_subtrees(start: int, stop: int) -> list[tuple[int, int]]:
    """Return the complete subtrees, as (level, index), that make up a range of entries, from left to right.

    Args:
        start: of a range that a node of the tree covers, so that it begins at a multiple of its size.
        stop: its end.
    """
    found = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def range_hash(start: int, stop: int, subtree: SubtreeHash) -> bytes:
    """Return the hash of the node that covers a range of entries; that of no entries is `EMPTY`."""
    parts = [subtree(level, index) for level, index in complete_subtrees(start, stop)]
    return fold(parts)


def fold(parts: Sequence[bytes]) -> bytes:
    """Return the hash over complete subtrees of falling size, from left to right."""
    if not parts:
        return EMPTY
    found = parts[-1]
    for part in reversed(parts[:-1]):
        found = node_hash(part, found)
    return found


def inclusion_proof(index: int, size: int, subtree: SubtreeHash) -> list[bytes]:
    """Return the hashes that lead from an entry to the root, the nearest first.

    Raises:
        DataError: the log of that size has no such entry.
    """
    if not 0 <= index < size:
        raise DataError(f"proof: expected an entry below {size}, got {index}", code="ledger/no-entry")
    start, stop, found = 0, size, list[bytes]()
    while stop - start > 1:
        split = start + _split(stop - start)
        if index < split:
            found.append(range_hash(split, stop, subtree))
            stop = split
        else:
            found.append(range_hash(start, split, subtree))
            start = split
    return found[::-1]


def consistency_proof(older: int, newer: int, subtree: SubtreeHash) -> list[bytes]:
    """Return the hashes that show that a log of one size begins as it did at another.

    Raises:
        DataError: sizes that are not in order, or an older size of 0.
    """
    if not 0 < older <= newer:
        raise DataError(f"proof: expected an older size from 1 to {newer}, got {older}", code="ledger/no-entry")
    start, stop, is_whole, found = 0, newer, True, list[bytes]()
    while older != stop:
        split = start + _split(stop - start)
        if older <= split:
            found.append(range_hash(split, stop, subtree))
            stop = split
        else:
            found.append(range_hash(start, split, subtree))
            start, is_whole = split, False
    if not is_whole:
        found.append(range_hash(start, stop, subtree))
    return found[::-1]


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof leads from a leaf's hash to a root. Source: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size:
        return False
    first, last, found = index, size - 1, leaf
    for part in proof:
        if last == 0:
            return False
        if first & 1 or first == last:
            found = node_hash(part, found)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            found = node_hash(found, part)
        first, last = first >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(older: int, newer: int, older_root: bytes, newer_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the newer log begins with the older one. Source: RFC 9162, 2.1.4.2."""
    if older == newer:
        return not proof and older_root == newer_root
    if not 0 < older < newer or not proof:
        return False
    parts = list(proof) if older & (older - 1) else [older_root, *proof]
    first, last = older - 1, newer - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    old = new = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            new = node_hash(new, part)
        first, last = first >> 1, last >> 1
    return last == 0 and old == older_root and new == newer_root


class Edge:
    """The right edge of a tree that grows leaf by leaf: its complete subtrees, from left to right.

    Args:
        size: how many leaves there are.
        parts: the hashes of `complete_subtrees(0, size)`.

    Attributes:
        size: how many leaves were added.
    """

    __slots__ = ("_parts", "size")

    def __init__(self, size: int = 0, parts: Iterable[bytes] = ()) -> None:
        self.size = size
        self._parts = list(parts)

    def add(self, leaf: bytes) -> None:
        """Add the hash of the next entry."""
        size, parts = self.size, self._parts
        while size & 1:
            leaf, size = node_hash(parts.pop(), leaf), size >> 1
        parts.append(leaf)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over what was added."""
        return fold(self._parts)


def root_of(entries: Iterable[bytes]) -> bytes:
    """Return the root over entries."""
    edge = Edge()
    for entry in entries:
        edge.add(leaf_hash(entry))
    return edge.root


def keys_digest(keys: Iterable[KeyId]) -> bytes:
    """Return the root over key ids in order: how a receipt names many keys in 32 bytes."""
    return root_of(sorted(keys))


def _split(size: int) -> int:
    """The largest power of two below a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)
