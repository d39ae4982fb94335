"""Stored rows of telemetry: one record holds many rows of one session, by column, each name and each attribute set once.

A record explains itself: it holds the words of the schema that it was written under, so that a later schema reads it too. The bytes are MessagePack.
"""

from collections.abc import Iterator
from itertools import accumulate
from typing import NamedTuple

import msgspec

from tenure.errors import DataError

FORMAT = 1

Plain = bool | int | float | str | bytes
"""A word, a number or a keyed hash."""


class Spread(msgspec.Struct, frozen=True, array_like=True):
    """Many measurements in one row: count, sum, smallest, largest; n bounds and n + 1 counts, or none; pairs of a quantile and its value."""

    count: int
    total: float | None
    least: float | None
    most: float | None
    bounds: tuple[float, ...]
    counts: tuple[int, ...]
    quantiles: tuple[tuple[float, float], ...]


class Set(msgspec.Struct, frozen=True, array_like=True):
    """An attribute set: places of keys with words and numbers, places of keys with hashes, and what tells its series from others."""

    values: tuple[tuple[int, bool | int | float | str], ...]
    hashes: tuple[tuple[int, bytes], ...]
    series: bytes


class Columns(msgspec.Struct, frozen=True, array_like=True):
    """The form of a record.

    Attributes:
        form: `FORMAT`.
        names: triples of signal, client and name.
        keys: of attributes.
        sets: of attributes.
        name: of each of n rows, its place in `names`.
        labels: of each row, its place in `sets`.
        at: of each row, nanoseconds since that of the row before; of the first, since 1970.
        length: of each row, nanoseconds from its start to `at`; None = the start is not told.
        detail: of each row: temporality, severity number or status code.
        value: of each row.
    """

    form: int
    names: tuple[tuple[str, str, str], ...]
    keys: tuple[str, ...]
    sets: tuple[Set, ...]
    name: tuple[int, ...]
    labels: tuple[int, ...]
    at: tuple[int, ...]
    length: tuple[int | None, ...]
    detail: tuple[int, ...]
    value: tuple[int | float | Spread, ...]


class UsageRow(NamedTuple):
    """One row, as it is read back.

    Attributes:
        signal: metrics, logs or traces.
        client: whose name it is.
        name: of the metric, the event or the span.
        attributes: by key.
        series: tells series of the same attributes apart.
        start: nanoseconds since 1970; 0 = not told.
        at: nanoseconds since 1970.
        detail: temporality (1 delta, 2 cumulative), severity number or status code.
        value: a number or a spread.
    """

    signal: str
    client: str
    name: str
    attributes: dict[str, Plain]
    series: bytes
    start: int
    at: int
    detail: int
    value: int | float | Spread


def render_columns(columns: Columns) -> bytes:
    """Render a record."""
    return msgspec.msgpack.encode(columns)


def parse_columns(data: bytes | memoryview) -> Columns:
    """Parse a record.

    Raises:
        DataError: it is none, or of a newer form.
    """
    try:
        found = msgspec.msgpack.decode(data, type=Columns)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise _unreadable() from None
    columns = (found.labels, found.at, found.length, found.detail, found.value)
    if found.form != FORMAT or any(len(column) != len(found.name) for column in columns):
        raise _unreadable()
    places = (
        (found.name, found.names),
        (found.labels, found.sets),
        ([key for each in found.sets for key, _ in (*each.values, *each.hashes)], found.keys),
    )
    if any(not 0 <= place < len(table) for column, table in places for place in column):
        raise _unreadable()
    return found


def rows_of(columns: Columns) -> Iterator[UsageRow]:
    """Go through the rows of a record; rows of one attribute set share the mapping."""
    sets = [({columns.keys[key]: value for key, value in (*each.values, *each.hashes)}, each.series) for each in columns.sets]
    every = zip(columns.name, columns.labels, accumulate(columns.at), columns.length, columns.detail, columns.value, strict=True)
    for name, labels, at, length, detail, value in every:
        start = 0 if length is None else at - length
        (signal, client, text), (attributes, series) = columns.names[name], sets[labels]
        yield UsageRow(signal, client, text, attributes, series, start, at, detail, value)


def _unreadable() -> DataError:
    return DataError("telemetry record: expected rows of a known form, got other bytes", code="otlp/batch")
