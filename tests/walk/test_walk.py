"""One test per step of the walk. A step whose part cannot be shown yet must say so; nobody marks a step by hand."""

import msgspec
import pytest

from tenure.cli.main import main
from tenure.demo.walk import STEPS

SEEN = ("W1", "W2", "W3", "W5", "W7", "W8", "W9", "W30")
PART = ("W4", "W6", "W15", "W29")
EXPECTED = {**{step.id: "not yet" for step in STEPS}, **dict.fromkeys(PART, "part"), **dict.fromkeys(SEEN, "seen")}


@pytest.mark.parametrize("step", [step.id for step in STEPS])
def test_step(step, capsys):
    code = main(["demo", "--step", step, "--json"])
    played = msgspec.json.decode(capsys.readouterr().out)["steps"][0]
    assert (played["state"], played["wrong"], code) == (EXPECTED[step], [], 0)
    assert bool(played["evidence"]) is (played["state"] != "not yet")


def test_the_walk_has_a_step_per_sentence():
    assert [step.id for step in STEPS] == [f"W{number}" for number in range(1, 31)]


def test_an_unknown_step_is_a_usage_error(capsys):
    assert main(["demo", "--step", "W99"]) == 2
    assert "W1 to W30" in capsys.readouterr().err
