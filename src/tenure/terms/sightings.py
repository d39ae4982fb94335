"""Dates as the packs write them, and the interval in which a text may have come into force.

Source: docs/design/0001-dated-terms.md, rule 1.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tenure.errors import TermsError
from tenure.terms.pack import Sighting

Margins = Sequence[tuple[datetime | None, timedelta]]

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)Z)?", re.ASCII)
_SPAN = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", re.ASCII)
_HOURS = re.compile(r"P(?:(\d+)D)?(?:T(\d+)H)?", re.ASCII)


def parse_margin(text: str) -> timedelta:
    """Parse a margin of days and hours, such as `P1D` or `PT6H`.

    Raises:
        TermsError: it is something else.
    """
    match = _HOURS.fullmatch(text)
    if match is None or text in {"P", "PT"}:
        raise TermsError(f"margin: expected days and hours such as P1D or PT6H, got {text[:40]!r}", code="terms/date")
    return timedelta(days=int(match[1] or 0), hours=int(match[2] or 0))


def parse_sighting(text: str, margins: Margins) -> Sighting:
    """Parse a first sighting: `2025-08-28`, `2025-10-17T18:01Z`, `A..B`, `<=D`, `D->`, `~2025-05`.

    Args:
        text: one of the forms of docs/reference/packs.md.
        margins: pairs of an end (exclusive; None for the last) and the margin that holds for sightings before it.

    Raises:
        TermsError: it is something else.
    """
    if text.startswith("<="):
        return Sighting(text, None, _span(text[2:], text)[1])
    if text.endswith("->"):
        return Sighting(text, None, _span(text[:-2], text)[0])
    if text.startswith("~"):
        first, last = _span(text[1:], text)
        return Sighting(text, first, last)
    first_seen, _, last_seen = text.partition("..")
    begin = _day(first_seen, text)[0]
    end = _day(last_seen or first_seen, text)[1]
    if end < begin:
        raise _bad(text)
    return Sighting(text, begin - _margin(begin, margins), end)


def _margin(seen: datetime, margins: Margins) -> timedelta:
    return next((margin for until, margin in margins if until is None or seen < until), timedelta())


def _day(text: str, whole: str) -> tuple[datetime, datetime]:
    match = _DAY.fullmatch(text)
    if match is None:
        raise _bad(whole)
    year, month, day, hour, minute = (None if part is None else int(part) for part in match.groups())
    try:
        begin = datetime(year or 0, month or 0, day or 0, hour or 0, minute or 0, tzinfo=UTC)
    except ValueError as error:
        raise _bad(whole) from error
    return begin, begin if hour is not None else begin + timedelta(days=1)


def _span(text: str, whole: str) -> tuple[datetime, datetime]:
    match = _SPAN.fullmatch(text)
    if match is None:
        return _day(text, whole)
    year, month, day = int(match[1]), match[2], match[3]
    if day is not None:
        return _day(text, whole)
    try:
        if month is None:
            return datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
        following = divmod(year * 12 + int(month), 12)
        return datetime(year, int(month), 1, tzinfo=UTC), datetime(following[0], following[1] + 1, 1, tzinfo=UTC)
    except ValueError as error:
        raise _bad(whole) from error


def _bad(text: str) -> TermsError:
    remedy = "forms: 2025-08-28, 2025-10-17T18:01Z, A..B, <=D, D->, ~2025-05"
    return TermsError(f"date: expected a first sighting, got {text[:60]!r}", code="terms/date", remedy=remedy)
