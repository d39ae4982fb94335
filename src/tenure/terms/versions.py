"""Client versions: dotted numbers, compared part by part."""

import re

_VERSION = re.compile(r"v?(\d{1,6}(?:\.\d{1,6}){0,3})(?:[-+ ].*)?", re.ASCII | re.DOTALL)


def parse_version(text: str) -> tuple[int, ...] | None:
    """Return the numbers of `2.1.198`, padded to four parts; None if it is not a version. A pre-release counts as its release."""
    match = _VERSION.fullmatch(text.strip())
    if match is None:
        return None
    parts = [int(part) for part in match[1].split(".")]
    return tuple(parts + [0] * (4 - len(parts)))
