"""The power goes at each write of a short life over the services, and all guarantees are checked after each recovery."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from tests.simulation.content import Fate
from tests.simulation.disk import Crash
from tests.simulation.guarantees import Guarantees
from tests.simulation.house import unheard
from tests.simulation.town import DAY, SECOND
from tests.simulation.world import World

pytestmark = pytest.mark.usefixtures("power_cuts")


FATES: tuple[Fate | None, ...] = (*Fate, None)


@dataclass
class Plot:
    """A short life that goes the same way each time, up to its crash.

    Attributes:
        world: who lives it.
        guarantees: what is checked.
    """

    world: World
    guarantees: Guarantees

    def steps(self) -> list[Callable[[], object]]:
        """Put, consent, tighten, hold, derive, read, erase, expire, back up, restart."""
        world = self.world
        return [
            lambda: world.hand_in(6), world.answer_yes, lambda: world.hand_in(6), world.derive, world.hold, world.withdraw, world.use,
            world.zero_retention, world.erase_session, world.train, world.erase, lambda: world.hand_in(3), world.export,
            lambda: world.go_on(world.now + 25 * DAY), world.rotate, lambda: world.go_on(world.now + 10 * DAY), world.early, world.release,
            world.back_up, world.restart, world.expire, lambda: world.hand_in(3),
        ]  # fmt: skip


def begun(seed: int) -> Plot:
    world = World(seed, sessions=6, crashes=0.0)
    for _ in range(5):
        world.go_on(world.now + timedelta(days=24))
        world.hand_in(2)
    return Plot(world, Guarantees(world))


def writes(seed: int) -> tuple[int, int]:
    """Return at which change the short life begins, and at which it ends."""
    plot = begun(seed)
    first = plot.world.house.disk.events
    for step in plot.steps():
        step()
    return first, plot.world.house.disk.events


def crash_at(seed: int, number: int, fate: Fate | None) -> None:
    """Live up to a change, lose the power there, and look."""
    plot = begun(seed)
    world, house = plot.world, plot.world.house
    house.disk.fail_at(number, is_applied=number % 2 == 0)
    pending: list[Callable[[bool], None]] = []
    _remember(world, pending)
    try:
        with unheard():
            for step in plot.steps():
                step()
    except Crash:
        house.recover(fate)
        if pending:
            pending[-1](house.store.ledger.size > world.size_before)
        house.keeping.settle()
        world.model.sweep(world.now)
        house.later(SECOND)
        plot.guarantees.check(sample=12, is_thorough=True)
        house.later(DAY)
        world.hand_in(2)
        plot.guarantees.check(sample=6)


def _remember(world: World, pending: list[Callable[[bool], None]]) -> None:
    """Have the world say what it was about to learn, so that a crash leaves nothing unclear."""

    def do(what: str, act: Callable[[], object], learn: Callable[[object], None]) -> None:
        world.log.append(what)
        world.size_before = world.store.ledger.size
        pending.append(lambda done: learn(None) if done else None)
        result = act()
        pending.clear()
        learn(result)
        world.house.later(SECOND)

    world.do = do  # type: ignore[method-assign]  # it is the same but for the crash


def crash_everywhere(seed: int, *, stride: int, start: int = 0) -> int:
    first, last = writes(seed)
    for place, number in enumerate(range(first + 1 + start, last + 1, stride)):
        fate = FATES[(place + seed) % len(FATES)]
        try:
            crash_at(seed, number, fate)
        except Exception as error:
            error.add_note(f"seed {seed}, change {number} of {first} to {last}, unsynced changes {fate}")
            raise
    return last - first


@pytest.mark.parametrize("seed", [1])
def test_a_crash_at_a_write_breaks_no_guarantee(seed: int) -> None:
    assert crash_everywhere(seed, stride=6) > 150


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1, 7))
def test_a_crash_at_each_write_breaks_no_guarantee(seed: int) -> None:
    crash_everywhere(seed, stride=1)
