"""Each control that the guarantees rest on is taken away once, and the simulation has to notice."""

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.simulation.controls import CONTROLS, Control, render_controls
from tests.simulation.guarantees import Guarantees
from tests.simulation.town import DAY
from tests.simulation.world import World

from tenure.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("power_cuts")
NOTICED = (AssertionError, Error, ValueError, KeyError, pytest.fail.Exception)


def short_life(seed: int = 5) -> None:
    """A year in which everything happens."""
    world = World(seed, sessions=20, crashes=0.0)
    guarantees = Guarantees(world)
    acts: list[Callable[[], None]] = [
        world.answer_yes, world.hand_in, world.join, world.hand_in, world.derive, world.hold, world.use, world.hand_in, world.withdraw, world.lag,
        world.zero_retention, world.program, world.hand_in, world.train, world.export, world.set_tier, world.erase, world.merge, world.erase_session,
        world.back_up, world.rush, world.early, world.release, world.restart, world.old_copy, world.use, world.leap, world.get_one,
    ]  # fmt: skip
    for round_ in range(3):
        for act in acts:
            world.go_on(world.now + timedelta(days=1, hours=7))
            act()
        guarantees.check(sample=30, is_thorough=round_ == 2)
        world.go_on(world.now + 25 * DAY)
    world.disaster()
    guarantees.check(sample=30, is_thorough=True)


def test_with_all_controls_nothing_is_broken() -> None:
    short_life()


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_without_it_the_simulation_fails(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    control.remove(monkeypatch)
    assert any(_is_noticed(seed) for seed in range(5, 10)), f"nothing fails without: {control.name}"


def _is_noticed(seed: int) -> bool:
    try:
        short_life(seed)
    except NOTICED:
        return True
    return False


def test_the_table_of_controls_is_the_one_that_is_tested() -> None:
    assert (Path(__file__).parents[2] / "docs" / "controls.md").read_text(encoding="utf-8") == render_controls()
