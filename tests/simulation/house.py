"""A store with its services on a simulated disk, under two clocks that the simulation sets: it is started, crashed, and started again."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from random import Random

from tests.simulation.disk import Crash, Fate, SimulatedDisk

from tenure.services.keeping import Keeping, keep
from tenure.services.packs import make_book, read_packs
from tenure.terms.decide import Book
from tenure.vault.store import SqliteStore
from tenure.wiring import packaged_packs


@cache
def terms() -> Book:
    return make_book(read_packs({"claude_code.toml": packaged_packs()["claude_code.toml"]}), [])


class Wall:
    """The wall clock, which may be wrong.

    Attributes:
        true: what time it is.
        error: how far ahead of it the clock is.
    """

    def __init__(self, at: datetime) -> None:
        self.true, self.error = at, timedelta()

    def now(self) -> datetime:
        return self.true + self.error


class Anchors:
    """The newest checkpoint that the machine has seen."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def read(self, store: str) -> str | None:
        return self.kept.get(store)

    def write(self, store: str, checkpoint: str, place: str) -> None:
        self.kept[store] = checkpoint

    def path(self, store: str) -> str:
        return f"anchors/{store}.checkpoint"

    def place(self, store: str) -> str | None:
        return None


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """Let go of what SQLite has nobody to tell of: a power cut in a call that cannot fail."""
    kept, sys.unraisablehook = sys.unraisablehook, lambda _: None
    try:
        yield
    finally:
        sys.unraisablehook = kept


class House:
    """A store that runs.

    Args:
        at: when it is made.
        random: of everything.
        disk: where it lies.
    """

    def __init__(self, at: datetime, random: Random, disk: SimulatedDisk | None = None) -> None:
        self.wall, self.ran, self.random = Wall(at), 0.0, random
        self.disk = disk or SimulatedDisk()
        self.anchor = Anchors()
        self.crashes = 0
        self.opened: list[Callable[[], None]] = []
        self.open(settle=False)

    def open(self, *, settle: bool = True) -> None:
        """Start a process over the store, as commands do: what is due goes first."""
        self.store = SqliteStore(self.disk, at=self.wall.now(), anchor=self.anchor, random=self.random.randbytes)
        self.keeping: Keeping = keep(self.store, terms(), self.wall, lambda: self.ran)
        if settle:
            self.keeping.settle()

    def close(self) -> None:
        self.store.close()

    def abandon(self) -> None:
        """Let go as the end of a process does."""
        with contextlib.suppress(BaseException):  # the power is off: whatever closing says is not heard
            self.store.close()

    def later(self, delta: timedelta) -> None:
        """Let time go by, on both clocks."""
        self.wall.true += delta
        self.ran += delta.total_seconds()

    def survive(self, act: Callable[[], object], *, after: int, fate: Fate | None = None) -> tuple[object, bool | None]:
        """Do something, and cut the power at a change.

        Args:
            act: one transaction that the ledger tells of.
            after: so many changes from now; a few of them may come while the store recovers.
            fate: of what is not durable.

        Returns:
            What it returned, and None; or, after a crash, None, and whether it was done all the same.
        """
        size = self.store.ledger.size
        self.disk.fail_at(self.disk.events + after, is_applied=self.random.random() < 0.5)
        try:
            with unheard():
                result = act()
        except Crash:
            self.recover(fate)
            done = self.store.ledger.size > size
            self.keeping.settle()
            return None, done
        self.disk.files.off_at(-1)
        return result, None

    def recover(self, fate: Fate | None = None) -> None:
        """Find the disk after a power cut, and start again; sometimes the power goes once more meanwhile."""
        self.crashes += 1
        found = self.disk.crash(self.random, fate)
        self.disk.files.is_off = False  # what the old process writes from here on nobody finds
        self.disk.files.off_at(-1)
        self.abandon()
        self.disk = found
        if self.random.random() < 0.3:
            self.disk.fail_at(self.disk.events + self.random.randrange(1, 12))
            try:
                with unheard():
                    self.open(settle=False)
            except Crash:
                return self.recover(fate)
            self.disk.files.off_at(-1)
            return None
        return self.open(settle=False)
