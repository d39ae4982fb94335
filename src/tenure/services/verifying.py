"""Does the ledger hold: is every hash that of its entries, and is what the ledger says true of the keys and frames that are there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tenure.errors import Error, IntegrityError
from tenure.ledger.checkpoint import Checkpoint, open_checkpoint
from tenure.ledger.entries import parse_entry
from tenure.ledger.lives import Lives
from tenure.ledger.tiles import HEIGHT, WIDTH
from tenure.ledger.tree import Edge, leaf_hash, node_hash
from tenure.ports import Store
from tenure.records.note import parse_verifier_key

MOST_PROBLEMS = 100
"""What is listed; a log that is damaged all over has more."""
Progress = Callable[[int, int], None]
_STEP = 4096


@dataclass(frozen=True, slots=True)
class Verified:
    """What became of the check.

    Attributes:
        size: entries of the log.
        root: over them as they are, 32 bytes.
        problems: in words; none where everything holds.
    """

    size: int
    root: bytes
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether everything holds."""
        return not self.problems


def verify(store: Store, *, anchored: str | None = None, progress: Progress | None = None) -> Verified:
    """Compute the whole tree anew from the entries, and compare it with what is stored, what was seen before, and what is held.

    Args:
        store: whose ledger.
        anchored: the newest signed checkpoint that was seen of it; None = none.
        progress: is told how many entries of how many are done.
    """
    lives, edge, problems = Lives(), Edge(), list[str]()
    for problem in _problems(store, anchored, lives, edge, progress or _silent):
        if len(problems) == MOST_PROBLEMS:
            problems.append("further problems are left out")
            break
        problems.append(problem)
    return Verified(edge.size, edge.root, tuple(problems))


def _problems(store: Store, anchored: str | None, lives: Lives, edge: Edge, progress: Progress) -> Iterator[str]:
    seen = None
    if anchored is not None:
        try:
            seen = open_checkpoint(anchored, (parse_verifier_key(store.verifier_key),))
        except Error as error:
            yield f"newest checkpoint: {error.message}"
    try:
        yield from _entries(store, seen, lives, edge, progress)
    except IntegrityError as error:
        yield error.message
        return
    if store.ledger.root() != edge.root:
        yield "root: expected that of the entries, found another"
    if seen is not None and seen.size > edge.size:
        yield f"newest checkpoint: expected a log of at least {seen.size} entries, found {edge.size}"
    try:
        yield from store.changed()
        yield from _keys(store, lives)
    except Error as error:
        yield error.message


def _entries(store: Store, seen: Checkpoint | None, lives: Lives, edge: Edge, progress: Progress) -> Iterator[str]:
    size, stored = store.ledger.size, _Stored(store)
    progress(0, size)
    for index, content in enumerate(store.ledger.entries()):
        try:
            lives.take(parse_entry(content))
        except IntegrityError as error:
            yield f"entry {index}: {error.message}"
        leaf = leaf_hash(content)
        edge.add(leaf)
        yield from stored.add(0, leaf)
        if seen is not None and seen.size == edge.size and seen.root != edge.root:
            yield f"newest checkpoint: expected the first {seen.size} entries as they were seen, found others"
        if index % _STEP == 0:
            progress(index, size)
    progress(size, size)


class _Stored:
    """Compares what is stored, half a tile at a time, with what the entries make: no byte of a whole tile stays unread."""

    def __init__(self, store: Store) -> None:
        self._ledger = store.ledger
        self._levels: list[list[bytes]] = []
        self._lefts: list[bytes | None] = []
        self._counts: list[int] = []

    def add(self, level: int, found: bytes) -> Iterator[str]:
        if level == len(self._levels):
            self._levels.append([])
            self._lefts.append(None)
            self._counts.append(0)
        self._levels[level].append(found)
        if len(self._levels[level]) < WIDTH // 2:
            return
        half = _over(self._levels[level])
        self._levels[level].clear()
        left, place = self._lefts[level], self._counts[level]
        self._counts[level] += 1
        try:
            if self._ledger.hash(level * HEIGHT + HEIGHT - 1, place) != half:
                yield f"tile {level}/{place // 2}: expected the hashes of what is below it, found others"
        except IntegrityError as error:
            yield error.message
        self._lefts[level] = half if left is None else None
        if left is not None:
            yield from self.add(level + 1, node_hash(left, half))


def _over(parts: list[bytes]) -> bytes:
    while len(parts) > 1:
        parts = [node_hash(left, right) for left, right in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def _keys(store: Store, lives: Lives) -> Iterator[str]:
    held = set[str]()
    for bucket in store.keys.buckets():
        key = bucket.key.hex()
        held.add(key)
        if key not in lives.keys:
            yield f"bucket {key}: expected an entry about its ingestion, found none"
        elif lives.is_destroyed(key):
            yield f"bucket {key}: expected no key, as the ledger says that it is destroyed, found one"
        elif lives.keys[key].is_erased and not bucket.is_dead:
            yield f"bucket {key}: expected a dead one, as the ledger says that it is erased, found a living one"
    for name, life in lives.keys.items():
        if name not in held and not life.is_uncertain and not lives.is_destroyed(name):
            yield f"bucket {name}: expected a key, as the ledger says nothing of its destruction, found none"
    for _, day in store.keys.days():
        if day.hex() in lives.gone:
            yield f"day key {day.hex()}: expected none, as the ledger says that it is destroyed, found one"
    for framed in store.frames.keys():  # noqa: SIM118 - a port, no dict
        if framed.hex() not in held:
            yield f"frames of {framed.hex()}: expected none without a key, found some"


def _silent(done: int, total: int) -> None:
    pass
