"""The operator's overview: what is held under which terms, what goes when, what was refused, how the ledger and the clock stand."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tenure.console.held import calendar
from tenure.records.instants import parse_time
from tenure.services.holdings import Status
from tenure.services.keeping import Keeping

REFUSALS = timedelta(days=7)
"""How far back refusals are shown."""
_MOST_ENTRIES = 100_000
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was refused, and how often.

    Attributes:
        verdict: deny or gap.
        clauses: that decided; empty = no clause permits it.
        kinds: of the data.
        times: how often.
        records: how many.
        last: when it was the last time.
    """

    verdict: str
    clauses: Sequence[str]
    kinds: Sequence[str]
    times: int
    records: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Overview:
    """The page.

    Attributes:
        status: what is held.
        calendar: what goes when.
        refusals: the most frequent first.
        since: since when those are counted.
        is_cut: whether the ledger holds more entries since then than were looked at.
        size: entries of the ledger.
        root: its hash.
        origin: the store's name in checkpoints.
        verifier_key: what its checkpoints are verified with.
    """

    status: Status
    calendar: Sequence[tuple[str, int]]
    refusals: Sequence[Refusal]
    since: datetime
    is_cut: bool
    size: int
    root: str
    origin: str
    verifier_key: str


def look(keeping: Keeping) -> Overview:
    """Return how the store stands."""
    status, ledger = keeping.holdings.status(), keeping.store.ledger
    since = status.at - REFUSALS
    found = dict[tuple[str, tuple[str, ...]], list[Mapping[str, object]]]()
    for entry in _since(keeping, since):
        found.setdefault((str(entry["verdict"]), tuple(_texts(entry["because"]))), []).append(entry)
    refusals = [_refusal(verdict, clauses, entries) for (verdict, clauses), entries in found.items()]
    return Overview(
        status,
        calendar(Counter(dict(status.calendar))),
        sorted(refusals, key=lambda each: -each.times),
        since,
        _is_cut(keeping, since),
        ledger.size,
        ledger.root().hex(),
        keeping.store.id,
        keeping.store.verifier_key,
    )


def _since(keeping: Keeping, since: datetime) -> Iterator[Mapping[str, object]]:
    """Yield the refusals since an instant, from the newest chunk back."""
    stop, least = keeping.store.ledger.size, max(0, keeping.store.ledger.size - _MOST_ENTRIES)
    while stop > least:
        start = max(least, stop - _CHUNK)
        contents = list(keeping.store.ledger.entries(start, stop))
        for content in contents:
            entry = json.loads(content) if b'"refused"' in content else {}
            if entry.get("type") == "refused" and parse_time(entry["at"]) >= since:
                yield entry
        if parse_time(json.loads(contents[0])["at"]) < since:
            return
        stop = start


def _is_cut(keeping: Keeping, since: datetime) -> bool:
    first = keeping.store.ledger.size - _MOST_ENTRIES
    return first > 0 and parse_time(json.loads(next(keeping.store.ledger.entries(first, first + 1)))["at"]) >= since


def _refusal(verdict: str, clauses: tuple[str, ...], entries: Sequence[Mapping[str, object]]) -> Refusal:
    kinds, records = dict[str, None](), 0
    for entry in entries:
        cells, count = entry["cells"], entry["records"]
        kinds |= {str(cell["kind"]): None for cell in cells if isinstance(cell, dict) and "kind" in cell} if isinstance(cells, list) else {}
        records += count if isinstance(count, int) else 0
    return Refusal(verdict, clauses, sorted(kinds), len(entries), records, max(parse_time(str(entry["at"])) for entry in entries))


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
