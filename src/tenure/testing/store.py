"""A fake of the store, for tests of whatever stands on `ports.Store`. It keeps the contract that `store_checks` states, in memory."""

import contextlib
import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, datetime
from itertools import count

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.permits import check_receipt
from tenure.ledger.tiles import LONGEST
from tenure.ledger.tree import leaf_hash, node_hash, range_hash
from tenure.ports import Note
from tenure.records.held import KeyId, Permit, Sealed
from tenure.records.note import sign_note, verifier_key
from tenure.testing.keys import MemoryKeyRing


class MemoryJournal:
    """A journal that forgets."""

    def __init__(self) -> None:
        self.facts: list[Note] = []
        self.last = 0

    def add(self, topic: str, key: str, body: bytes) -> int:
        """Add a fact and return its number."""
        self.last += 1
        self.facts.append(Note(self.last, topic, key, body))
        return self.last

    def notes(self, topic: str, key: str | None = None) -> Iterator[Note]:
        """Yield the facts of a topic, of one key or of all, in order."""
        yield from [note for note in self.facts if note.topic == topic and key in (None, note.key)]

    def remove(self, topic: str, key: str) -> int:
        """Remove the facts of one key and return how many there were."""
        before = len(self.facts)
        self.facts = [note for note in self.facts if (note.topic, note.key) != (topic, key)]
        return before - len(self.facts)


class MemoryLedger:
    """A ledger that forgets."""

    def __init__(self) -> None:
        self._entries: list[bytes] = []
        self._hashes: dict[tuple[int, int], bytes] = {}

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self._entries)

    def cut(self, size: int) -> None:
        """Go back to an older size, for a transaction that was undone."""
        if size < self.size:
            del self._entries[size:]
            self._hashes.clear()

    def append(self, entries: Sequence[bytes]) -> int:
        """Append entries in order and return the index of the first."""
        if any(len(entry) > LONGEST for entry in entries):
            raise VaultError(f"ledger: expected entries of at most {LONGEST} bytes, got a longer one", code="ledger/entry-too-long")
        first = self.size
        self._entries += entries
        return first

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the entries of a range, in order."""
        yield from self._entries[start:stop]

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree."""
        if index < 0 or (index + 1) << level > self.size:
            raise IntegrityError(f"ledger: expected a subtree below entry {self.size}, got one beyond", code="ledger/no-entry")
        if (level, index) not in self._hashes:
            self._hashes[level, index] = (
                leaf_hash(self._entries[index]) if level == 0 else node_hash(self.hash(level - 1, 2 * index), self.hash(level - 1, 2 * index + 1))
            )
        return self._hashes[level, index]

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` entries; None = over all."""
        return range_hash(0, self.size if size is None else size, self.hash)


class MemoryFrames:
    """Frames that are forgotten; each day has one segment.

    Args:
        batches: how many frames a bucket should have.
    """

    def __init__(self, batches: Callable[[KeyId], int]) -> None:
        self.stored: dict[KeyId, dict[int, tuple[date, bytes]]] = {}
        self.written: list[tuple[KeyId, int]] = []
        self._dead: dict[date, int] = {}
        self._batches = batches

    def write(self, day: date, frames: Sequence[Sealed]) -> None:
        """Store frames that end on a day."""
        for frame in frames:
            self.stored.setdefault(frame.key, {})[frame.batch] = day, frame.content
            self.written.append((frame.key, frame.batch))

    def read(self, keys: Collection[KeyId], batch: int | None = None) -> Iterator[bytes]:
        """Yield the frames of buckets, those of one after those of the other; of one batch, or of all in order."""
        for key in keys:
            found = self.stored.get(key, {})
            for number in sorted({*range(self._batches(key)), *found}):
                if batch in (None, number):
                    if number not in found:
                        message = f"memory: expected the frame {key.hex()}.{number}, found none"
                        raise IntegrityError(message, code="integrity/segment", remedy="restore it from a backup")
                    yield found[number][1]

    def forget(self, keys: Collection[KeyId]) -> None:
        """Drop the frames of destroyed buckets; segments without a live frame are removed."""
        for key in keys:
            for day, content in self.stored.pop(key, {}).values():
                self._dead[day] = self._dead.get(day, 0) + len(content)
        live = {day for frames in self.stored.values() for day, _ in frames.values()}
        self._dead = {day: size for day, size in self._dead.items() if day in live}

    def keys(self) -> Iterator[KeyId]:
        """Yield every bucket that has a frame."""
        yield from sorted(self.stored)

    def residue(self) -> tuple[int, int]:
        """Return how many segments hold dead bytes, and how many bytes those are."""
        return len(self._dead), sum(self._dead.values())

    def take_back(self) -> None:
        """Drop what was written since `written` was emptied."""
        for key, batch in self.written:
            self.stored[key].pop(batch, None)
            if not self.stored[key]:
                del self.stored[key]


class MemoryStore:
    """A store that forgets.

    Args:
        at: the first instant.
        random: source of random bytes; None = the same ones in every store, so that a test can be repeated.
    """

    def __init__(self, at: datetime, random: Callable[[int], bytes] | None = None) -> None:
        random = _sequence() if random is None else random
        self._id = random(8).hex()
        self._signer = Ed25519PrivateKey.from_private_bytes(random(32))
        self._highest = at
        self._durable: int | None = None
        self._undone = 0
        self._keys = MemoryKeyRing(random, self._check)
        self._journal, self._ledger, self._frames = MemoryJournal(), MemoryLedger(), MemoryFrames(self._batches)

    @property
    def journal(self) -> MemoryJournal:
        """Small facts."""
        return self._journal

    @property
    def ledger(self) -> MemoryLedger:
        """The receipts."""
        return self._ledger

    @property
    def keys(self) -> MemoryKeyRing:
        """The keys."""
        return self._keys

    @property
    def frames(self) -> MemoryFrames:
        """The sealed data."""
        return self._frames

    @property
    def id(self) -> str:
        """A random name."""
        return self._id

    @property
    def highest(self) -> datetime:
        """The highest instant that was made durable."""
        return self._highest

    @property
    def undone(self) -> int:
        """How many transactions failed."""
        return self._undone

    def raise_to(self, at: datetime) -> None:
        """Make an instant the highest, if it is."""
        self._highest = max(self._highest, at)

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is done to journal, keys and ledger inside, or undo it when it fails."""
        if self._durable is not None:
            raise VaultError("store: expected no open transaction, found one", code="vault/nested")
        self._durable = self._ledger.size
        highest, keys, facts, last = self._highest, self._keys.kept.copy(), list(self._journal.facts), self._journal.last
        self._frames.written = []
        try:
            yield
        except BaseException:
            self._highest, self._keys.kept, self._journal.facts, self._journal.last = highest, keys, facts, last
            self._undone += 1
            self._ledger.cut(self._durable)
            self._frames.take_back()
            raise
        finally:
            self._durable = None

    def changed(self) -> Iterator[str]:
        """Nothing here can be changed from outside."""
        yield from ()

    def sign(self, text: str) -> str:
        """Return a text as a signed note under the store's own key."""
        return sign_note(text, f"tenure/{self._id}", self._signer)

    @property
    def verifier_key(self) -> str:
        """The public half of the store's own key."""
        return str(verifier_key(f"tenure/{self._id}", self._signer))

    def close(self) -> None:
        """Nothing is held open."""

    def _check(self, permit: Permit) -> None:
        durable = self._ledger.size if self._durable is None else self._durable
        is_there = 0 <= permit.index < durable
        check_receipt(permit, next(self._ledger.entries(permit.index, permit.index + 1), None) if is_there else None)

    def _batches(self, key: KeyId) -> int:
        row = self._keys.kept.rows.get(key)
        return 0 if row is None else row.batches


def _sequence() -> Callable[[int], bytes]:
    numbers = count()

    def random(size: int) -> bytes:
        return hashlib.shake_256(next(numbers).to_bytes(8, "big")).digest(size)

    return random
