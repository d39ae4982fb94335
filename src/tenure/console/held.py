"""What is held of me: how much of which kind, until when, under which clauses. Opens nothing."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from tenure.console.identity import Grant
from tenure.ports import Selection
from tenure.records.held import Bucket
from tenure.records.kinds import Kind, Purpose
from tenure.services.disposition import Erased
from tenure.services.keeping import Keeping
from tenure.services.ruling import is_open
from tenure.terms.decision import Because

MOST_SESSIONS = 50
_MOST_DAYS = 31


@dataclass(slots=True)
class OfKind:
    """What is held of one kind.

    Attributes:
        kind: of the data.
        records: how many.
        size: bytes.
        ends: the first and the last day; None = no end.
        because: the clauses by which it is held.
        keeps: for how long, such as `P30D`.
        holds: names of the holds on some of it.
    """

    kind: Kind
    records: int = 0
    size: int = 0
    ends: list[date | None] = field(default_factory=list)
    because: dict[Because, None] = field(default_factory=dict)
    keeps: dict[str, None] = field(default_factory=dict)
    holds: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfSession:
    """What is held of one session."""

    session: str
    records: int
    size: int
    ends: date | None


@dataclass(frozen=True, slots=True)
class Held:
    """The page.

    Attributes:
        subject: whose.
        at: the present.
        kinds: by kind.
        calendar: what goes when: the day or month in words, and how many records.
        sessions: those that began to be held last, at most 50.
        more_sessions: how many others there are.
        records: of all kinds.
        size: of all kinds.
        unopened: records that a hold alone keeps: nothing of them can be handed over.
        is_in_doubt: whether the clock is.
    """

    subject: str
    at: datetime
    kinds: Sequence[OfKind]
    calendar: Sequence[tuple[str, int]]
    sessions: Sequence[OfSession]
    more_sessions: int
    records: int
    size: int
    unopened: int
    is_in_doubt: bool


def look(keeping: Keeping, grant: Grant) -> Held:
    """Return what is held of a person."""
    now = keeping.at
    chosen = keeping.accounts.whole(Selection(subjects=[grant.subject or ""]), now)
    kinds, sessions, days, unopened = dict[Kind, OfKind](), dict[str, OfSession](), Counter[date | None](), 0
    for bucket in keeping.store.keys.buckets(chosen):
        if not is_open(bucket, now):
            unopened += bucket.records
            continue
        ends = None if bucket.expires_at is None else bucket.day
        days[ends] += bucket.records
        _add(keeping, kinds.setdefault(bucket.kind, OfKind(bucket.kind)), bucket, ends)
        session = bucket.owner.session
        if session is not None:
            before = sessions.pop(session, OfSession(session, 0, 0, ends))
            first = min((each for each in (before.ends, ends) if each is not None), default=None)
            sessions[session] = OfSession(session, before.records + bucket.records, before.size + bucket.size, first)
    found = [kinds[kind] for kind in sorted(kinds)]
    newest = list(reversed(sessions.values()))
    records, size = sum(each.records for each in found), sum(each.size for each in found)
    more = max(0, len(newest) - MOST_SESSIONS)
    doubt = keeping.time.is_in_doubt
    return Held(grant.subject or "", now, found, calendar(days), newest[:MOST_SESSIONS], more, records, size, unopened, doubt)


def erase(keeping: Keeping, grant: Grant) -> Erased:
    """Erase all that is held of a person, and what is known about them."""
    subject = grant.subject or ""
    return keeping.disposition.erase(Selection(subjects=[subject]), "request", subject=subject)


def calendar(days: Counter[date | None]) -> list[tuple[str, int]]:
    """Return what goes when: by day, or by month where that would be more lines than a month has days; what has no end comes last."""
    dated = sorted((day, count) for day, count in days.items() if day is not None)
    shown = Counter[str]()
    for day, count in dated:
        shown[f"{day:%Y-%m-%d}" if len(dated) <= _MOST_DAYS else f"{day:%Y-%m}"] += count
    return [*shown.items(), *([("no end", days[None])] if None in days else [])]


def _add(keeping: Keeping, of_kind: OfKind, bucket: Bucket, ends: date | None) -> None:
    of_kind.records += bucket.records
    of_kind.size += bucket.size
    known = [*of_kind.ends, ends]
    of_kind.ends = [min(known, key=_last), max(known, key=_last)]
    decision = keeping.judge.of_bucket(bucket, Purpose.COLLECT, keeping.at)
    of_kind.because |= dict.fromkeys(decision.because)
    of_kind.keeps |= {"unstated" if decision.keep is None else str(decision.keep): None}
    of_kind.holds |= dict.fromkeys(bucket.holds)


def _last(day: date | None) -> date:
    return date.max if day is None else day
