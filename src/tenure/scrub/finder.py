"""The finder port: where in a text something is that must not leave. Adapters: engines/finder.py; for tests: testing/finder.py."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

MASK = 0
"""A byte that stands where something was replaced before; whatever a finder reports over it is dropped."""

PERSONAL = frozenset({"email", "home"})
"""Rules that find personal data; every other rule finds a secret."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place, never the value that stands there.

    Attributes:
        start: offset of the first byte.
        end: offset behind the last byte.
        rule: what it was found by: lower-case letters, digits and hyphens.
    """

    start: int
    end: int
    rule: str


class Finder(Protocol):
    """Finds secrets or personal data in a text."""

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where something was found; spans may overlap.

        Args:
            text: UTF-8 where it is text at all, with line ends and quotes as they are, not as JSON writes them. Never raises for what it holds.
        """
        ...


class Together:
    """Several finders as one.

    Args:
        finders: each is given the same text.
    """

    def __init__(self, finders: Iterable[Finder]) -> None:
        self._finders = tuple(finders)

    def find(self, text: bytes) -> Sequence[Span]:
        """Return what any of them found."""
        return [span for finder in self._finders for span in finder.find(text)]
