from datetime import UTC, datetime

import pytest
from tests.unit.agents.cases import NOW

from tenure.agents import opencode
from tenure.testing.machine import FakeMachine


@pytest.mark.parametrize(("count", "shown"), [(2, "(2 B)"), (4000, "(4.0 kB)"), (2_500_000, "(2.5 MB)")])
def test_a_small_database_is_not_shown_as_nothing(count: int, shown: str) -> None:
    machine = FakeMachine({"~/.local/share/opencode/opencode.db": "x" * count})
    evidence = opencode.examine(machine, datetime.fromtimestamp(NOW, UTC))

    assert evidence is not None
    assert [finding.title for finding in evidence.findings if shown in finding.title]
