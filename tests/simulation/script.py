"""A short life of a store: everything that it can do, step by step, and what must be held after each step."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from tests.simulation.disk import SimulatedDisk

from tenure.ledger.entries import render_entry
from tenure.ports import Selection
from tenure.records.held import KeyId, Owner, Sealed
from tenure.records.kinds import Kind
from tenure.vault.store import SqliteStore

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SOON, LATER = AT + timedelta(days=5), AT + timedelta(days=30)

Step = tuple[str, Callable[[], None]]


class _UndoneError(Exception):
    """Undoes a transaction."""


@dataclass
class Life:
    """A store on a disk, and what it holds as far as it has said so.

    Attributes:
        disk: where it lies.
        random: source of its keys.
        texts: for each bucket the records that open, in order.
        keys: of the buckets of each label.
    """

    disk: SimulatedDisk
    random: Random
    texts: dict[KeyId, list[bytes]] = field(default_factory=dict)
    keys: dict[str, set[KeyId]] = field(default_factory=dict)
    store: SqliteStore | None = None
    written: int = 0

    def steps(self) -> Iterator[Step]:
        """Yield the steps; each is done or not done when it fails, and may then be tried again."""
        yield "open", self.open
        yield "put a", lambda: self.put({"a": LATER})
        yield "put more of a, and others", lambda: self.put({"a": LATER, "b": LATER, "c": None, "d": SOON, "e": SOON, "f": SOON})
        yield "put many", lambda: self.put({f"many-{number}": SOON if number % 3 else LATER for number in range(24)})
        yield "hold a and e for a court", lambda: self.hold("court", "legal", "a", "e")
        yield "hold f for safety", lambda: self.hold("flag", "safety", "f")
        yield "tighten b", lambda: self.tighten("b")
        yield "scrub after tightening", self.scrub
        yield "note facts", self.note
        yield "undo", self.undo
        yield "remove a fact", self.remove
        yield "erase c and e", lambda: self.erase("c", "e")
        yield "scrub after erasing", self.scrub
        yield "forget after erasing", self.forget
        yield "expire what ends soon", lambda: self.expire(SOON)
        yield "scrub after expiry", self.scrub
        yield "forget after expiry", self.forget
        yield "close", self.close
        yield "open again", self.open
        yield "put more of a, and g", lambda: self.put({"a": LATER, "g": LATER})
        yield "release", self.release
        yield "scrub after release", self.scrub
        yield "forget after release", self.forget
        yield "close again", self.close
        yield "open a third time", self.open
        yield "expire the rest", lambda: self.expire(LATER)
        yield "scrub the rest", self.scrub
        yield "forget the rest", self.forget
        yield "close for good", self.close

    @property
    def opened(self) -> SqliteStore:
        if self.store is None:
            self.open()
        assert self.store is not None
        return self.store

    def open(self) -> None:
        self.store = SqliteStore(self.disk, at=AT, random=self.random.randbytes)

    def close(self) -> None:
        store, self.store = self.opened, None
        store.close()

    def put(self, ends: dict[str, datetime | None]) -> None:
        store, made, texts = self.opened, dict[str, KeyId](), dict[str, list[bytes]]()
        with store.transaction():
            by_day: dict[date, list[Sealed]] = {}
            for label, end in ends.items():
                bucket = store.keys.make(Owner(f"PERSON-{label}.", "acme", f"SESSION-{label}."), Kind.PROMPT, [b"{}"], AT, end)
                texts[label] = [self._text(label) for _ in range(2)]
                by_day.setdefault(bucket.day, []).append(store.keys.seal(bucket.key, texts[label], [AT, AT]))
                made[label] = bucket.key
            for day, frames in by_day.items():
                store.frames.write(day, frames)
            self._enter("put")
        for label, key in made.items():
            self.keys.setdefault(label, set()).add(key)
            self.texts[key] = self.texts.get(key, []) + texts[label]

    def _keys(self, *labels: str) -> list[KeyId]:
        return sorted(key for label in labels for key in self.keys[label])

    def _text(self, label: str) -> bytes:
        self.written += 1
        return b"CANARY %d of %s " % (self.written, label.encode()) * 9

    def hold(self, name: str, kind: str, *labels: str) -> None:
        with self.opened.transaction():
            self.opened.keys.hold(name, self._keys(*labels), kind)
            self._enter(f"hold {name}")

    def tighten(self, label: str) -> None:
        with self.opened.transaction():
            self.opened.keys.tighten(self._keys(label), [b'{"tier":"free"}'], SOON)
            self._enter("tighten")

    def note(self) -> None:
        with self.opened.transaction():
            self.opened.journal.add("account", "ann", b"FACT-ann.")
            self.opened.journal.add("account", "bob", b"FACT-bob.")
            self.opened.raise_to(AT + timedelta(minutes=self.written))
            self._enter("note")

    def remove(self) -> None:
        with self.opened.transaction():
            self.opened.journal.remove("account", "bob")
            self._enter("remove")

    def undo(self) -> None:
        store = self.opened
        try:
            with store.transaction():
                bucket = store.keys.make(Owner("PERSON-undone.", "acme", "SESSION-undone."), Kind.PROMPT, [b"{}"], AT, LATER)
                store.frames.write(bucket.day, [store.keys.seal(bucket.key, [self._text("undone")], [AT])])
                self._enter("undone")
                raise _UndoneError
        except _UndoneError:
            pass

    def erase(self, *labels: str) -> None:
        with self.opened.transaction():
            self.opened.keys.destroy(self._keys(*labels))
            self._enter("erase")
        for key in self._keys(*labels):
            del self.texts[key]

    def expire(self, until: datetime) -> None:
        store = self.opened
        with store.transaction():
            due = {bucket.key for bucket in store.keys.buckets(Selection(due=until))}
            store.keys.destroy_days(until.date())
            left = {bucket.key for bucket in store.keys.buckets() if not bucket.is_dead}
            self._enter("expire")
        for key in due - left:
            self.texts.pop(key, None)

    def release(self) -> None:
        with self.opened.transaction():
            self.opened.keys.release("court")
            self._enter("release")

    def scrub(self) -> None:
        self.opened.keys.scrub()

    def forget(self) -> None:
        live = {bucket.key for bucket in self.opened.keys.buckets()}
        self.opened.frames.forget(set(self.opened.frames.keys()) - live)

    def abandon(self) -> None:
        """Let go of the store as the end of its process does."""
        if self.store is not None:
            with contextlib.suppress(BaseException):  # the power is off: whatever closing says is not heard
                self.store.close()
            self.store = None

    def _enter(self, what: str) -> None:
        self.opened.ledger.append([render_entry("registered", AT, code=what, job="", purposes=[], sink="")])
