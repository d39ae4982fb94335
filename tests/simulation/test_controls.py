"""Each control that the guarantees rest on is taken away once, and the simulation has to notice."""

import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.simulation.content import Fate
from tests.simulation.controls import CONTROLS, CRASH_CONTROLS, Control
from tests.simulation.guarantees import Guarantees
from tests.simulation.test_crash_everywhere import crash_at, writes
from tests.simulation.town import DAY
from tests.simulation.world import World

from tenure.errors import Error

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.usefixtures("power_cuts")


def short_life(seed: int = 5) -> None:
    """Two years in which everything happens."""
    world = World(seed, sessions=20, crashes=0.0)
    guarantees = Guarantees(world)
    acts: list[Callable[[], None]] = [
        world.answer_yes, world.zero_retention, world.hand_in, world.join, world.hand_in, world.derive, world.hold, world.use, world.hand_in,
        world.outlive, world.withdraw, world.lag, world.program, world.hand_in, world.train, world.export, world.set_tier, world.erase, world.merge,
        world.erase_session, world.back_up, world.hold, world.hand_in, world.rush, world.hold_and_erase, world.merge, world.withdraw, world.early,
        world.release, world.restart, world.old_copy, world.forge, world.use, world.leap, world.get_one,
    ]  # fmt: skip
    for round_ in range(3):
        for act in acts:
            world.go_on(world.now + timedelta(days=1, hours=7))
            act()
        guarantees.check(sample=30, is_thorough=round_ == 2)
        world.go_on(world.now + (25 * DAY if round_ else 300 * DAY))  # into the time in which what is flagged is kept under zero retention
    world.disaster()
    guarantees.check(sample=30, is_thorough=True)


def test_with_all_controls_nothing_is_broken() -> None:
    short_life()


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control.name)
def test_without_it_the_simulation_fails(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    control.remove_all(monkeypatch)
    assert any(_is_noticed(partial(short_life, seed), control) for seed in range(5, 11)), f"nothing fails without: {control.name}"


@pytest.mark.parametrize("control", CRASH_CONTROLS, ids=lambda control: control.name)
def test_without_it_a_crash_breaks_a_guarantee(control: Control, monkeypatch: pytest.MonkeyPatch) -> None:
    first, last = writes(1)
    control.remove_all(monkeypatch)
    crashes = (partial(crash_at, 1, number, Fate.LOST) for number in range(first + 1, last, 2))
    assert any(_is_noticed(crash, control) for crash in crashes), f"nothing fails without: {control.name}"


def _is_noticed(live: "Callable[[], object]", control: Control) -> bool:
    """Whether a guarantee is violated; an error counts only where that is how the control is known to be missed."""
    try:
        live()
    except (AssertionError, pytest.fail.Exception):
        return True
    except Error as error:
        if error.code not in (control.code, control.cover and control.cover.code):
            raise
        return True
    return False


ROOT = Path(__file__).parents[2]
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def test_the_page_of_controls_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    named = _NAMED.findall(page)
    assert len(named) == page.count("\n| ") - 2, "a row without a test"
    missing = [name for file, name in named if f"def {name}(" not in (ROOT / file).read_text(encoding="utf-8")]
    assert missing == []


def test_the_page_of_controls_has_each_that_is_taken_away() -> None:
    page = (ROOT / "docs" / "controls.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in page.splitlines() if "tests/simulation/test_controls.py" in line]
    assert [(row[0].removeprefix("| "), row[1]) for row in rows] == [(control.name, control.guarantee) for control in (*CONTROLS, *CRASH_CONTROLS)]
    for row, control in zip(rows, (*CONTROLS, *CRASH_CONTROLS), strict=True):
        assert (control.cover.name if control.cover else control.code or "a violation") in row[2]
