"""What the tests that cut the power share."""

import gc
from collections.abc import Iterator

import pytest
from tests.simulation.house import unheard


@pytest.fixture
def power_cuts() -> Iterator[None]:
    """Let go of what SQLite has nobody to tell of while a file of a disk without power is closed, whenever that is."""
    with unheard():
        yield
        gc.collect()
