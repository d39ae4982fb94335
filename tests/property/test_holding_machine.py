"""Whatever is done in whatever order, what is held opens for exactly what the model of `tests/simulation` lets it.

The steps are those of the simulation; here they are chosen so that a sequence that fails is found small.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, cast

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from tests.simulation.guarantees import Guarantees
from tests.simulation.house import House, terms, unheard
from tests.simulation.town import DAY, HOUR, SECOND, START
from tests.simulation.world import World

from tenure.services.keeping import keep
from tenure.testing.store import MemoryStore

if TYPE_CHECKING:
    from tenure.vault.store import SqliteStore

SEEDS = st.integers(0, 2**20)
AGREEMENTS = ["answer_yes", "withdraw", "set_tier", "set_org_tier", "join", "leave", "zero_retention", "merge", "program"]


class MemoryHouse(House):
    """A house over the store that others test with."""

    def open(self, *, settle: bool = True) -> None:
        if not hasattr(self, "store"):
            self.store = cast("SqliteStore", MemoryStore(self.wall.now(), self.random.randbytes))  # what is asked of it here both have
        self.keeping = keep(self.store, terms(), self.wall, lambda: self.ran)
        if settle:
            self.keeping.settle()

    def close(self) -> None:
        """It goes on."""


class MemoryWorld(World):
    def built(self) -> House:
        return MemoryHouse(START, self.random)


class Holding(RuleBasedStateMachine):
    """What happens to what is held, over the fake."""

    world_of: type[World] = MemoryWorld

    @initialize(seed=SEEDS)
    def begin(self, seed: int) -> None:
        self.world = self.world_of(seed, sessions=6, crashes=0.0)
        self.guarantees = Guarantees(self.world)
        self.prepare()
        self.world.hand_in(6)

    def prepare(self) -> None:
        self.world.watch = lambda batch: None  # the fake has no bytes to look at

    @rule(seed=SEEDS, number=st.integers(1, 6))
    def collect(self, seed: int, number: int) -> None:
        self._seed(seed)
        self.world.hand_in(number)

    @rule(seed=SEEDS, act=st.sampled_from(AGREEMENTS))
    def agree(self, seed: int, act: str) -> None:
        """Consent, revoke, change a tier, come and go, switch zero retention, merge."""
        self._do(seed, act)

    @rule(seed=SEEDS, act=st.sampled_from(["hold", "release", "erase", "erase_session", "hold_and_erase", "expire", "early"]))
    def end(self, seed: int, act: str) -> None:
        self._do(seed, act)

    @rule(seed=SEEDS, act=st.sampled_from(["derive", "outlive", "train", "count", "use", "get_one", "export", "forge"]))
    def use(self, seed: int, act: str) -> None:
        self._do(seed, act)

    @rule(delta=st.sampled_from([SECOND, HOUR, DAY, 29 * DAY, 400 * DAY]))
    def tick(self, delta: timedelta) -> None:
        until = self.world.now + delta
        while self.world.now < until:  # a store in which nothing happens for 30 days is in doubt when it is opened next
            self.world.go_on(min(until, self.world.now + 25 * DAY))
            self.world.expire()

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "guarantees"):
            self.guarantees.g9_time_goes_on()
            self.guarantees.g8_g2_buckets()
            self.guarantees.g2_g3_readable(4)
            self.guarantees.g6_entries()

    def _seed(self, seed: int) -> None:
        """Begin anew with chance, in a way of this step's own: no key comes twice."""
        self.world.random.seed(f"{seed} {len(self.world.log)}")

    def _do(self, seed: int, act: str) -> None:
        self._seed(seed)
        getattr(self.world, act)()


class HoldingOnDisk(Holding):
    """The same over the store itself, with its backups, on a disk that loses power."""

    world_of = World

    def prepare(self) -> None:
        """It is looked at as it is."""

    @rule(seed=SEEDS, act=st.sampled_from(["back_up", "disaster", "old_copy", "restart", "rotate", "rush", "leap", "lag"]))
    def keep_up(self, seed: int, act: str) -> None:
        self._do(seed, act)

    @rule(seed=SEEDS, act=st.sampled_from(["hand_in", "withdraw", "zero_retention", "merge", "derive", "hold", "erase", "early", "rotate"]))
    def crash(self, seed: int, act: str) -> None:
        """The power goes while something is done."""
        self.world.crash_rate = 1.0
        self._do(seed, act)
        self.world.crash_rate = 0.0

    @invariant()
    def no_byte_is_left(self) -> None:
        if hasattr(self, "guarantees"):
            self.guarantees.g2_bytes()
            self.guarantees.g4_g5_nothing_of_what_was_refused()


def test_what_is_held_in_memory_follows_the_model() -> None:
    run_state_machine_as_test(Holding, settings=settings(max_examples=16, stateful_step_count=15, deadline=None))


def test_what_is_held_on_disk_follows_the_model_through_crashes_and_restores() -> None:
    with unheard():
        run_state_machine_as_test(HoldingOnDisk, settings=settings(max_examples=16, stateful_step_count=15, deadline=None))


@pytest.mark.soak
@pytest.mark.parametrize("machine", [Holding, HoldingOnDisk])
def test_long_lives_follow_the_model(machine: type[Holding]) -> None:
    with unheard():
        run_state_machine_as_test(machine, settings=settings(max_examples=200, stateful_step_count=40, deadline=None))
