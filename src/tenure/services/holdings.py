"""Holdings: what a store holds, by kind and day, and what became of one record."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tenure.ledger.lives import Lives, days_of, entries_about
from tenure.ports import Selection, Store
from tenure.records.held import Bucket, KeyId
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.cells import Judge
from tenure.services.ruling import Ruling, rule
from tenure.services.ruling import is_open as is_open
from tenure.services.timekeeping import Timekeeper
from tenure.terms.decision import Decision


@dataclass(frozen=True, slots=True)
class Amount:
    """How much.

    Attributes:
        records: how many.
        size: bytes of plaintext.
    """

    records: int = 0
    size: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.records + other.records, self.size + other.size)


@dataclass(frozen=True, slots=True)
class Status:
    """What is held at an instant.

    Attributes:
        at: the instant.
        by_kind: what can still open.
        by_terms: the same by length of retention, such as `P30D`.
        on_hold: what holds alone keep: it opens for safety or for nothing.
        calendar: records by the day on which they go; None = held without limit.
        residue: segments with dead bytes that are not unlinked yet, and how many bytes those are.
        holds: names, with their kind.
        is_in_doubt: whether the clock is.
    """

    at: datetime
    by_kind: Mapping[Kind, Amount]
    by_terms: Mapping[str, Amount]
    on_hold: Amount
    calendar: Mapping[date | None, int]
    residue: tuple[int, int]
    holds: Mapping[str, str]
    is_in_doubt: bool

    @property
    def held(self) -> Amount:
        """All that can still open."""
        return sum(self.by_kind.values(), Amount())


def nothing_held(at: datetime) -> Status:
    """Return what is held where there is no store."""
    return Status(at, {}, {}, Amount(), {}, (0, 0), {}, is_in_doubt=False)


@dataclass(frozen=True, slots=True)
class Event:
    """What the ledger says about a key.

    Attributes:
        index: of the entry.
        at: when, as it stands there.
        kind: its type.
        detail: what else it says, in words.
    """

    index: int
    at: str
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Story:
    """What became of a record.

    Attributes:
        bucket: what holds it; None = gone, or never here.
        can_open: whether anything can still read it.
        decisions: per purpose, what a job of that purpose alone would be answered now.
        events: what the ledger says, in order.
    """

    bucket: Bucket | None
    can_open: bool
    decisions: Mapping[Purpose, Ruling]
    events: tuple[Event, ...]


class Holdings:
    """Looks at what is held; opens nothing.

    Args:
        store: where it is held.
        judge: decides.
        time: what time it is.
    """

    def __init__(self, store: Store, judge: Judge, time: Timekeeper) -> None:
        self._store = store
        self._judge = judge
        self._time = time

    def status(self) -> Status:
        """Return what is held now."""
        now = self._time.now
        by_kind, by_terms, calendar, on_hold = dict[Kind, Amount](), dict[str, Amount](), Counter[date | None](), Amount()
        lengths: dict[tuple[tuple[bytes, ...], str | None, str | None], str] = {}
        for bucket in self._store.keys.buckets():
            amount = Amount(bucket.records, bucket.size)
            if not is_open(bucket, now):
                on_hold += amount if bucket.holds else Amount()
                continue
            by_kind[bucket.kind] = by_kind.get(bucket.kind, Amount()) + amount
            asked = bucket.cells, bucket.owner.subject, bucket.owner.org  # a decision turns on nothing else of a bucket
            if asked not in lengths:
                lengths[asked] = _length(self._judge.of_bucket(bucket, Purpose.COLLECT, now))
            by_terms[lengths[asked]] = by_terms.get(lengths[asked], Amount()) + amount
            calendar[None if bucket.expires_at is None else bucket.day] += bucket.records
        holds = {name: kind for name, (_, kind) in self._store.keys.holds().items()}
        ordered = dict(sorted(calendar.items(), key=lambda each: each[0] or date.max))
        residue, doubt = self._store.frames.residue(), self._time.is_in_doubt
        return Status(now, dict(sorted(by_kind.items())), dict(sorted(by_terms.items())), on_hold, ordered, residue, holds, doubt)

    def story(self, key: KeyId) -> Story:
        """Return what became of the records under a key."""
        now = self._time.now
        bucket = next(self._store.keys.buckets(Selection(keys=[key])), None)
        decisions = {} if bucket is None else {purpose: rule(self._store, self._judge, bucket, [purpose], now, now) for purpose in Purpose}
        can_open = bucket is not None and (is_open(bucket, now) or decisions[Purpose.SAFETY].verdict is Verdict.PERMIT)
        return Story(bucket, can_open, decisions, tuple(self._events(key.hex())))

    def _events(self, key: str) -> Iterator[Event]:
        lives = Lives()
        for index, _, entry in entries_about(self._store.ledger.entries(), key, lives):
            at, kind = str(entry["at"]), str(entry["type"])
            if kind != "expired":
                yield Event(index, at, kind, _detail(entry))
            elif lives.keys[key].day in list(days_of(entry)):  # not: a day that it had left by then
                yield Event(index, at, kind, "before its day" if entry["early"] else "")


def _length(decision: Decision) -> str:
    return "unstated" if decision.keep is None else str(decision.keep)


def _detail(entry: Mapping[str, object]) -> str:
    parts = [str(entry[name]) for name in ("reason", "kind") if entry.get(name)]
    if entry.get("expires"):
        parts.append(f"until {entry['expires']}")
    if entry.get("records"):
        parts.append("1 record" if entry["records"] == 1 else f"{entry['records']} records")
    return ", ".join(parts)
