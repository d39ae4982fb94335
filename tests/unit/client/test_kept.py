from datetime import UTC, datetime, timedelta

import pytest

from tenure.client.kept import Agreed, Choices, Progress, choices, choose, note, progress
from tenure.errors import ConfigError
from tenure.testing.state import MemoryState

AT = datetime(2026, 12, 1, tzinfo=UTC)
YES = Agreed("a" * 64, AT, "/run/ready.json")


def test_nothing_is_set_to_begin_with():
    assert choices(MemoryState()) == Choices()
    assert not Choices().uploads


def test_a_yes_counts_for_the_service_that_it_was_given_for_alone():
    state = MemoryState()
    choose(state, Choices("/run/ready.json", YES))

    assert choices(state).uploads
    assert not Choices("/elsewhere/ready.json", YES).uploads


@pytest.mark.parametrize("content", [b"", b"[]", b'{"upload": true}', b"\xff"])
def test_damaged_choices_are_no_choices(content):
    with pytest.raises(ConfigError) as caught:
        choices(MemoryState({"client.json": content}))
    assert caught.value.code == "client/state"


def test_a_damaged_note_of_a_session_has_nobody_asked_twice():
    assert progress(MemoryState({"client/sessions/a.json": b"{"}), "a", AT).asked


def test_notes_of_sessions_go_after_ninety_days():
    state = MemoryState()
    note(state, "old", Progress(AT))
    note(state, "young", Progress(AT + timedelta(days=89), rated=True))
    note(state, "new", Progress(AT + timedelta(days=91)))

    assert set(state.places()) == {"client/sessions/young.json", "client/sessions/new.json"}
    assert progress(state, "young", AT).rated
