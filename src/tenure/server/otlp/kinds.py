"""The types that a key of the schema can have: each takes a value as it came and gives what may be kept of it, or None.

A type for free text does not exist. Numbers and booleans that arrive as text are taken, since real clients send them so.
"""

import math
import re
from collections.abc import Callable

from tenure.server.otlp.values import Given, Identifier, Judged, Member, Model, Version

Kind = Callable[[Given], Judged | None]

_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_VERSION = re.compile(r"v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:-([A-Za-z][0-9A-Za-z-]{0,30}?)(?:\.\d{1,9}){0,2})?", re.ASCII)
_LONGEST = 128


def number(given: Given) -> int | float | None:
    """Take a finite number of 64 bits, or its decimal spelling."""
    if type(given) is int:
        return given
    if type(given) is float:
        return given if math.isfinite(given) else None
    if type(given) is str and len(given) <= _LONGEST and _NUMBER.fullmatch(given):
        return _whole(given)
    return None


def _whole(text: str) -> int | float:
    return int(text) if text.lstrip("-").isdigit() else float(text)


def duration(given: Given) -> int | float | None:
    """Take a number that is not negative."""
    found = number(given)
    return found if found is not None and found >= 0 else None


def boolean(given: Given) -> bool | None:
    """Take true or false, or their spelling."""
    if type(given) is bool:
        return given
    return {"true": True, "false": False}.get(given) if type(given) is str else None


def enumeration(place: int, words: tuple[str, ...], prefixes: dict[str, str]) -> Kind:
    """Make the type of one closed list.

    Args:
        place: of the list in the schema.
        words: what it holds.
        prefixes: what begins so is taken for the word that it is mapped to.
    """
    members = {word: Member(place, index) for index, word in enumerate(words)}
    starts = tuple((prefix, members[word]) for prefix, word in prefixes.items())

    def read(given: Given) -> Member | None:
        if type(given) is not str:
            return None
        found = members.get(given)
        if found is None and starts:
            return next((member for prefix, member in starts if given.startswith(prefix)), None)
        return found

    return read


def version(suffixes: tuple[str, ...]) -> Kind:
    """Make the type of a version whose suffix is one of a closed list."""
    places = {suffix: index for index, suffix in enumerate(suffixes)}

    def read(given: Given) -> Version | None:
        match = _VERSION.fullmatch(given) if type(given) is str and len(given) <= _LONGEST else None
        suffix = places.get(match[2] or "") if match else None
        if match is None or suffix is None:
            return None
        return Version(tuple(int(part) for part in match[1].split(".")), suffix)

    return read


def model(families: tuple[tuple[int, re.Pattern[str]], ...], long: str) -> Kind:
    """Make the type of a model's name: the family and the numbers of the first pattern that takes all of it."""

    def read(given: Given) -> Model | None:
        if type(given) is not str or len(given) > _LONGEST:
            return None
        name = given.removesuffix(long)
        for family, pattern in families:
            match = pattern.fullmatch(name)
            if match:
                return Model(family, tuple(int(part) for part in match.groups() if part is not None), is_long=name != given)
        return None

    return read


def identifier(pattern: re.Pattern[str]) -> Kind:
    """Make the type of an id: what its pattern takes, to be hashed under the session's key."""

    def read(given: Given) -> Identifier | None:
        return Identifier(given) if type(given) is str and len(given) <= _LONGEST and pattern.fullmatch(given) else None

    return read


def either(kinds: tuple[Kind, ...]) -> Kind:
    """Make the type of what is of one of several types, tried in their order."""

    def read(given: Given) -> Judged | None:
        return next((found for kind in kinds if (found := kind(given)) is not None), None)

    return read
