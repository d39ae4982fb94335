"""What a payload becomes: rows of typed values, each of one session or of none."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import NewType

import msgspec

from tenure.server.otlp.schema import Name
from tenure.server.otlp.values import DIGEST_BYTES, Value

SessionId = NewType("SessionId", str)
"""A session's id: a lower-case uuid."""


class Labels(msgspec.Struct, frozen=True, eq=False, gc=False):
    """The attributes of rows, shared by all rows that have the same.

    Attributes:
        session: whose rows they are; None = the session is not known.
        values: places of keys in the schema and what may be kept, by place.
        mark: keyed hash of all attributes that came, those that were dropped too. It tells series apart; it is nothing without the key.
    """

    session: SessionId | None
    values: tuple[tuple[int, Value], ...]
    mark: bytes


class Distribution(msgspec.Struct, frozen=True, gc=False):
    """Many measurements in one row.

    Attributes:
        count: how many.
        total: their sum; None = not told.
        least: the smallest; None = not told.
        most: the largest; None = not told.
        bounds: n of them, ascending.
        counts: n + 1: up to and with each bound, and above the last; or none at all.
        quantiles: pairs of a quantile in [0, 1] and its value.
    """

    count: int
    total: float | None = None
    least: float | None = None
    most: float | None = None
    bounds: tuple[float, ...] = ()
    counts: tuple[int, ...] = ()
    quantiles: tuple[tuple[float, float], ...] = ()


class Row(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One point of a metric, one event or one span.

    Attributes:
        name: what it is of.
        labels: its attributes and session.
        start: nanoseconds since 1970; 0 = not told.
        at: nanoseconds since 1970.
        value: of a point; 1 for an event; the nanoseconds that a span took.
        detail: temporality of a point (1 delta, 2 cumulative), severity number of an event, status code of a span.
    """

    name: Name
    labels: Labels
    start: int
    at: int
    value: int | float | Distribution
    detail: int = 0

    def digest(self) -> bytes:
        """Return 16 bytes that a replay of this row has too, and no other row of its session."""
        text = b"%s|%s|%d|%d" % (self.name.text.encode(), self.name.signal.encode(), self.start, self.at)
        return blake2b(text, digest_size=DIGEST_BYTES, key=self.labels.mark).digest()


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of one payload.

    Attributes:
        rows: in the order in which they came.
        rejected: how many points, events or spans were not kept.
    """

    rows: list[Row]
    rejected: int


def by_session(rows: Iterable[Row]) -> dict[SessionId | None, list[Row]]:
    """Group rows by session; those under None belong to no known session of their subject."""
    groups: dict[SessionId | None, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.labels.session, []).append(row)
    return groups
