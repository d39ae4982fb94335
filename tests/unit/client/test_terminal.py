import io
import os
import pty
import termios

import pytest

from tenure.client.terminal import Nobody, Person, is_yes


class Screen(io.StringIO):
    """What a person sees; when a text is shown, they type."""

    def __init__(self, keys: int, *scripted: tuple[str, bytes]) -> None:
        super().__init__()
        self._keys = keys
        self._scripted = dict(scripted)

    def write(self, text: str) -> int:
        typed = self._scripted.pop(text, None)
        if typed is not None:
            os.write(self._keys, typed)
        return super().write(text)


@pytest.fixture
def line():
    """A pseudo-terminal: the person's end, and the program's as a stream."""
    keys, program = pty.openpty()
    settings = termios.tcgetattr(program)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(program, termios.TCSANOW, settings)
    with os.fdopen(program, "r", encoding="utf-8") as typed:
        yield keys, typed
    os.close(keys)


def test_an_answer_typed_ahead_does_not_count(line):
    keys, typed = line
    person = Person(typed, Screen(keys, ("Send?\n", b"y\n"), ("? ", b"n\n")))

    assert person.ask("Send?") == "n"


def test_half_an_answer_typed_ahead_does_not_count(line):
    keys, typed = line
    person = Person(typed, Screen(keys, ("Send?\n", b"y"), ("? ", b"\n")))

    assert person.ask("Send?") == ""


def test_a_prompt_typed_ahead_counts(line):
    keys, typed = line
    os.write(keys, b"fix it\n")

    assert Person(typed, io.StringIO()).prompt() == "fix it"


def test_the_end_of_input_is_no_answer(line):
    keys, typed = line
    person = Person(typed, Screen(keys, ("? ", b"\x04")))

    assert person.ask("Send?") is None


def test_a_pipe_cannot_answer_a_question():
    reader, writer = os.pipe()
    os.write(writer, b"y\ny\n")
    os.close(writer)
    with os.fdopen(reader, "r", encoding="utf-8") as typed:
        assert Person(typed, io.StringIO()).ask("Send?") is None


def test_what_could_steer_the_terminal_is_replaced():
    shown = io.StringIO()

    Person(io.StringIO(), shown).say("a\x1b[2Jb\x07c\u202ed\te")

    assert shown.getvalue() == "a\ufffd[2Jb\ufffdc\ufffdd\te\n"


def test_nobody_answers_nothing():
    log = io.StringIO()
    nobody = Nobody(log)

    assert (nobody.ask("Send?"), nobody.prompt(), nobody.is_person) == (None, None, False)
    assert log.getvalue() == ""


def test_only_yes_is_yes():
    assert [word for word in ("y", "Y", "yes", "YES", "", "n", "ye", "1", "true", " y") if is_yes(word)] == ["y", "Y", "yes", "YES"]
    assert not is_yes(None)
