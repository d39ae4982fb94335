"""Rows of one session to the bytes of one record, with the words of the schema in place of its numbers."""

from collections.abc import Sequence

from tenure.errors import DataError
from tenure.server.otlp.rows import Distribution, Row
from tenure.server.otlp.schema import Schema
from tenure.services.usage_rows import FORMAT, Columns, Set, Spread, render_columns

_CUMULATIVE = 2


def render_batch(schema: Schema, rows: Sequence[Row]) -> bytes:
    """Render rows as one record; `tenure.services.usage_rows` reads it.

    Raises:
        DataError: they are of several sessions.
    """
    if len({row.labels.session for row in rows}) > 1:
        raise DataError("telemetry record: expected rows of one session, got several", code="otlp/batch")
    names: dict[tuple[str, str, str], int] = {}
    keys: dict[str, int] = {}
    sets: dict[Set, int] = {}
    known: dict[tuple[int, bool], int] = {}
    columns: list[tuple[int, int, int, int | None, int, int | float | Spread]] = []
    before = 0
    for row in rows:
        is_series = row.detail == _CUMULATIVE and row.name.signal == "metrics"
        place = known.get((id(row.labels), is_series))
        if place is None:
            plain = [(keys.setdefault(schema.keys[key].name, len(keys)), schema.plain(value)) for key, value in row.labels.values]
            values = tuple((key, value) for key, value in plain if not isinstance(value, bytes))
            hashes = tuple((key, value) for key, value in plain if isinstance(value, bytes))
            place = known[id(row.labels), is_series] = sets.setdefault(Set(values, hashes, row.labels.mark if is_series else b""), len(sets))
        name = names.setdefault((str(row.name.signal), row.name.client.name, row.name.text), len(names))
        columns.append((name, place, row.at - before, row.at - row.start if row.start else None, row.detail, _value(row.value)))
        before = row.at
    name_column, labels, at, length, detail, value = zip(*columns, strict=True) if columns else ((), (), (), (), (), ())
    return render_columns(Columns(FORMAT, tuple(names), tuple(keys), tuple(sets), name_column, labels, at, length, detail, value))


def _value(value: int | float | Distribution) -> int | float | Spread:
    if not isinstance(value, Distribution):
        return value
    return Spread(value.count, value.total, value.least, value.most, value.bounds, value.counts, value.quantiles)
