"""JSON that people and programs hand in: a name that stands twice in an object is an error, never silently the last one; so are NaN and Infinity."""

import json
from collections.abc import Sequence
from typing import NoReturn

from tenure.errors import TermsError


class _Refused(ValueError):
    """The text is JSON of a kind that is not taken."""


def read_case_json(content: bytes) -> object:
    """Parse JSON that holds cases.

    Raises:
        TermsError: it is none, or holds a name twice (`case/not-json`).
    """
    try:
        return json.loads(content, object_pairs_hook=_once, parse_constant=_no_constant)
    except _Refused as error:
        raise TermsError(f"case: expected JSON, found {error}", code="case/not-json") from error
    except json.JSONDecodeError as error:
        raise TermsError(f"case: expected JSON, found: {error.msg} (line {error.lineno})", code="case/not-json") from error
    except (ValueError, RecursionError) as error:
        raise TermsError(f"case: expected JSON, found: {type(error).__name__}", code="case/not-json") from error


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _Refused("an object in which a name stands twice")
    return found


def _no_constant(_: str) -> NoReturn:
    raise _Refused("a number that is none in JSON")
