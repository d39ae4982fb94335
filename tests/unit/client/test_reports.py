import json

import msgspec
from tests.unit.demo.agent.people import SESSION, NotingServer, Typist, surroundings

from tenure.client.feedback import feedback
from tenure.client.reports import describe
from tenure.errors import ConfigError

CANARY = "canary-8b2d"


class Canary8b2dError(ValueError):
    """An error whose name somebody chose."""


def raised(error, tmp_path):
    """Return the error, raised below the agent's own code by a redactor that fails."""
    here = surroundings(tmp_path, Typist(["1", "y"]), NotingServer())

    def fails(_):
        raise error

    object.__setattr__(here, "redact", fails)
    try:
        feedback(here, CANARY)
    except Exception as found:
        return found
    raise AssertionError("nothing was raised")


def test_a_report_is_the_type_and_places_of_its_own_code(tmp_path):
    report = describe(raised(TypeError(f"/home/{CANARY}"), tmp_path), "0.1.0")

    assert (report.type, report.version) == ("TypeError", "0.1.0")
    assert [(frame.module, frame.function) for frame in report.frames] == [
        ("tenure.client.feedback", "feedback"),
        ("tenure.client.feedback", "report"),
        ("tenure.client.feedback", "_redacted"),
    ]
    assert all(frame.line > 0 for frame in report.frames)


def test_it_holds_no_message_no_path_and_no_name_of_others(tmp_path):
    for error in (Canary8b2dError(CANARY), OSError(2, CANARY, f"/home/{CANARY}"), KeyError(CANARY)):
        said = json.dumps(msgspec.to_builtins(describe(raised(error, tmp_path), "0.1.0")))
        assert "8b2d" not in said
        assert "/" not in said
        assert SESSION not in said


def test_the_type_is_the_nearest_that_is_pythons_or_tenures_own():
    assert describe(Canary8b2dError("x"), "0").type == "ValueError"
    assert describe(ConfigError("x"), "0").type == "ConfigError"
    assert describe(json.JSONDecodeError("x", "y", 0), "0").type == "ValueError"
