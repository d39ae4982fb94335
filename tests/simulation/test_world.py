"""Five years on several seeds: what is held opens for exactly what the model lets it, through crashes, wrong clocks, disasters and restores."""

import pytest
from tests.oracle import claude_code, naive
from tests.simulation.guarantees import Guarantees
from tests.simulation.town import END, START
from tests.simulation.world import World, borders

pytestmark = pytest.mark.usefixtures("power_cuts")


def live(seed: int, *, sessions: int = 40, steps: int = 60, crashes: float = 0.02, every: int = 25) -> World:
    """Live five years, and check everything at the end."""
    world = World(seed, sessions=sessions, crashes=crashes)
    guarantees = Guarantees(world)
    try:
        world.run(lambda: guarantees.check(sample=20), steps=steps, every=every)
        guarantees.check(sample=300, is_thorough=True)
    except BaseException as error:
        error.add_note(f"seed {seed}; the last of what was done:\n" + "\n".join(world.log[-12:]))
        raise
    assert guarantees.batches > 100, "next to nothing was read"
    return world


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.soak] if seed > 2 else []) for seed in range(1, 5)])
def test_five_years_break_no_guarantee(seed: int) -> None:
    world = live(seed)
    assert world.sessions > 5_000
    assert world.house.crashes > 0


def test_same_seed_is_the_same_life() -> None:
    def told(seed: int) -> list[str]:
        world = World(seed, sessions=6)
        world.run(lambda: None, steps=0)
        return world.log

    assert told(9) == told(9) != told(10)


def test_both_sides_of_every_dated_change_are_lived_through() -> None:
    instants = set(borders())
    for sighting in claude_code.RULES.sightings:
        for border in naive.interval(sighting):
            assert not START < border < END or border in instants
    assert len(instants) > 150
