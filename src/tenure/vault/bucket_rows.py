"""Rows of buckets: what each column means, which rows a selection names, and the bucket that a row describes.

Source: design 0002.
"""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

from tenure.ports import Selection
from tenure.records.held import NO_LIMIT, Bucket, KeyId, Owner
from tenure.records.kinds import Kind
from tenure.vault.database import Value, groups

COLUMNS = "key, subject, org, session, kind, terms, collected, expires, day, records, size, dead"
"""What describes a bucket."""
Described = tuple[KeyId, str | None, str | None, str | None, str, int, int, int | None, str, int, int, int]
"""A row of `COLUMNS`."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """Return an instant in microseconds since 1970-01-01 UTC."""
    return (at - _EPOCH) // _MICROSECOND


def instant(value: int) -> datetime:
    """Return the instant of a number of microseconds."""
    return _EPOCH + value * _MICROSECOND


def day_of(expires_at: datetime | None) -> date:
    """Return the day under whose key something stands."""
    return NO_LIMIT if expires_at is None else expires_at.astimezone(UTC).date()


def bucket_of(row: Described, cells: Callable[[int], tuple[bytes, ...]], holds: tuple[str, ...]) -> Bucket:
    """Return the bucket that a row describes.

    Args:
        row: of `COLUMNS`.
        cells: returns those of terms.
        holds: names of those on it.
    """
    key, subject, org, session, kind, terms, collected, expires, day, records, size, dead = row
    ends = None if expires is None else instant(expires)
    owner, starts = Owner(subject, org, session), instant(collected)
    return Bucket(key, owner, Kind(kind), cells(terms), starts, ends, date.fromisoformat(day), records, size, holds, bool(dead))


def conditions(selection: Selection) -> Iterator[tuple[str, list[Value]]]:
    """Yield the WHERE clauses of a selection; more than one where it names many keys."""
    parts, values = ["1"], list[Value]()
    lists = {"subject": selection.subjects, "org": selection.orgs, "session": selection.sessions, "kind": selection.kinds}
    for column, wanted in lists.items():
        if wanted is not None:
            parts.append(f"{column} IN (SELECT value FROM json_each(?))")  # noqa: S608 - one of four literals
            values.append(json.dumps([str(each) for each in wanted]))
    if selection.due is not None:
        parts.append("expires <= ?")
        values.append(micros(selection.due))
    if selection.hold is not None:
        parts.append("key IN (SELECT held.key FROM held JOIN holds ON holds.id = held.hold WHERE name = ?)")
        values.append(selection.hold)
    if selection.keys is None:
        yield " AND ".join(parts), values
        return
    for group in groups(dict.fromkeys(selection.keys)):
        marks = ",".join("?" * len(group))
        yield " AND ".join([*parts, f"key IN ({marks})"]), [*values, *group]
