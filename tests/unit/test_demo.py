"""A step is judged by what was seen: a scene that sees something else fails it."""

from datetime import UTC, datetime
from pathlib import PurePath

from tenure.demo.scenes import NotSeen
from tenure.demo.stage import Outcome, Stage, VirtualClock
from tenure.demo.walk import STEPS, Part, Step, walk


def answers_nothing(argv, stdin):
    return Outcome(0, "{}", "")


STAGE = Stage(PurePath("nowhere"), VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), answers_nothing, answers_nothing)


def shows(stage):
    return "there"


def sees_else(stage):
    raise NotSeen("expected this, saw that")


def states(*parts):
    return [seen.state for seen in walk(STAGE, [Step("W0", "a sentence", parts)])]


def test_states_follow_from_the_parts():
    assert states(Part("a", shows)) == ["seen"]
    assert states(Part("a", shows), Part("b")) == ["part"]
    assert states(Part("a")) == ["not yet"]
    assert states(Part("a", shows), Part("b", sees_else)) == ["failed"]


def test_every_scene_fails_when_the_command_answers_something_else():
    shown = [part.scene for step in STEPS for part in step.parts if part.scene is not None and step.id in {"W1", "W2", "W3", "W4", "W7"}]
    scenes = [scene for scene in shown if scene.__module__ == NotSeen.__module__]
    assert states(*(Part("a", scene) for scene in scenes)) == ["failed"]
    assert len(next(walk(STAGE, [Step("W0", "", tuple(Part("a", scene) for scene in scenes))])).wrong) == len(scenes)
