"""The stage of the walk: a temporary home folder, a virtual clock, and a way to run a public command in both."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec


class VirtualClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        """Return the instant that it stands at."""
        return self._at

    def move_to(self, at: datetime) -> None:
        """Stand at another instant."""
        self._at = at


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command said.

    Attributes:
        code: its exit code.
        out: its standard output.
        err: its standard error.
    """

    code: int
    out: str
    err: str

    @property
    def json(self) -> Mapping[str, object]:
        """The output as JSON."""
        return msgspec.json.decode(self.out, type=dict[str, object])


Run = Callable[[Sequence[str], str], Outcome]
"""Runs `tenure ARGUMENTS` with a standard input."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step has to work with.

    Attributes:
        home: an empty folder, the home of the people of the walk.
        clock: the virtual clock that commands see.
        run: runs a public command.
        answer: runs one on a terminal and types a line when it is asked.
    """

    home: Path
    clock: VirtualClock
    run: Run
    answer: Run

    def decide(self, case: Mapping[str, object]) -> Mapping[str, object]:
        """Ask `tenure terms decide` about a case."""
        return self.run(["terms", "decide"], msgspec.json.encode(case).decode()).json
