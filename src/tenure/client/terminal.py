"""Who is there: a person at a terminal, or nobody. A question counts only what is typed after it was shown."""

import re
from typing import Protocol, TextIO

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class Terminal(Protocol):
    """Where the agent talks."""

    @property
    def is_person(self) -> bool:
        """Whether a person can be asked."""
        ...

    def say(self, text: str) -> None:
        """Show a line."""
        ...

    def write(self, text: str) -> None:
        """Show a part of a line, as it comes."""
        ...

    def prompt(self) -> str | None:
        """Return the next prompt, typed ahead or not; None when there is none any more."""
        ...

    def ask(self, question: str) -> str | None:
        """Return what was typed after the question was shown; None when nobody answers. What was typed before is thrown away."""
        ...


class Person:
    """A person at a terminal.

    Args:
        typed: what the person types; a terminal.
        shown: what the person sees.
    """

    is_person = True

    def __init__(self, typed: TextIO, shown: TextIO) -> None:
        self._typed = typed
        self._shown = shown

    def say(self, text: str) -> None:
        """Show a line."""
        self.write(f"{text}\n")

    def write(self, text: str) -> None:
        """Show a part of a line, without what could steer the terminal."""
        self._shown.write(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
        self._shown.flush()

    def prompt(self) -> str | None:
        """Return the next line."""
        self.write("\n> ")
        line = self._typed.readline()
        return line.rstrip("\n") if line else None

    def ask(self, question: str) -> str | None:
        """Return the line that was typed after the question; None where what was typed ahead cannot be thrown away."""
        self.say(question)
        if not _flushed(self._typed):
            return None
        self.write("? ")
        line = self._typed.readline()
        return line.strip() if line else None


class Nobody:
    """No person: what is said goes to the log, every question stays without an answer."""

    is_person = False

    def __init__(self, log: TextIO) -> None:
        self._log = log

    def say(self, text: str) -> None:
        """Write a line to the log."""
        self._log.write(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text) + "\n")

    def write(self, text: str) -> None:
        """Nothing is shown as it comes."""

    def prompt(self) -> str | None:
        """There is none."""
        return None

    def ask(self, question: str) -> str | None:
        """Nobody answers."""
        return None


def is_yes(answer: str | None) -> bool:
    """Tell whether an answer is a plain yes; anything else is a no."""
    return answer is not None and answer.lower() in ("y", "yes")


def _flushed(stream: TextIO) -> bool:
    try:
        import termios
    except ImportError:
        return False
    try:
        termios.tcflush(stream.fileno(), termios.TCIFLUSH)
    except (OSError, ValueError, termios.error):
        return False
    return True
