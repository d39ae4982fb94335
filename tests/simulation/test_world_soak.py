"""More seeds, more sessions, more power cuts: what does not fit into the time of CI."""

import pytest
from tests.simulation.test_world import live

pytestmark = pytest.mark.usefixtures("power_cuts")


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 112))
def test_busy_years_break_no_guarantee(seed: int) -> None:
    assert live(seed, sessions=60, steps=120).sessions > 10_000


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(200, 206))
def test_years_of_bad_power_break_no_guarantee(seed: int) -> None:
    assert live(seed, sessions=12, crashes=0.3, every=10).house.crashes > 80
