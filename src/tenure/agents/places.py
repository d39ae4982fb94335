"""Places: where an agent keeps data, what removes it, and what a walk over its folder says about that."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenure.agents.facts import Holding
from tenure.agents.view import Entry

SOON = timedelta(days=7)
NEVER = "never"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Place:
    """A kind of file of an agent.

    Attributes:
        pattern: relative to the agent's folder; `*` is one name, a final `/**` everything below.
        kind: a data kind of the terms, or `cache`, `log`, `memory`, `database`.
        swept: whether the agent's own sweep removes it; None = not known.
    """

    pattern: str
    kind: str
    swept: bool | None = False


@dataclass(frozen=True, slots=True)
class Sweep:
    """What removes old files.

    Attributes:
        words: in words, for people.
        days: after so many days without change; None when nothing does or it is not known.
    """

    words: str
    days: float | None = None


def sort(entries: Iterable[Entry], places: Sequence[Place]) -> dict[Place, list[Entry]]:
    """Give each regular file to the first place that it fits; what fits nowhere is left out."""
    by_start: dict[str, list[tuple[re.Pattern[str], Place]]] = {}
    for place in places:
        by_start.setdefault(place.pattern.split("/", 1)[0], []).append((_compile(place.pattern), place))
    found: dict[Place, list[Entry]] = {place: [] for place in places}
    anywhere = [rule for start, rules in by_start.items() if "*" in start for rule in rules]
    for entry in entries:
        rules = by_start.get(entry.path.split("/", 1)[0], ())
        for pattern, place in (*rules, *anywhere):
            if entry.regular and pattern.fullmatch(entry.path):
                found[place].append(entry)
                break
    return found


def _compile(pattern: str) -> re.Pattern[str]:
    text = re.escape(pattern).replace(r"/\*\*", r"/.+").replace(r"\*", r"[^/]*")
    return re.compile(text, re.DOTALL)


def hold(place: Place, entries: Sequence[Entry], root: str, sweep: Sweep, at: datetime) -> Holding:
    """Describe what lies at a place.

    Args:
        place: the place.
        entries: its files.
        root: the agent's folder, as shown.
        sweep: what removes it.
        at: the time of the audit, aware UTC.
    """
    path = f"{root}/{place.pattern}"
    if not entries:
        return Holding(path, place.kind, 0, 0, swept=sweep.words)
    times = [entry.modified for entry in entries]
    ends = sorted(time + sweep.days * 86400 for time in times) if sweep.days is not None else []
    now = at.timestamp()
    coming = next((end for end in ends if end > now), ends[0] if ends else None)
    return Holding(
        path=path,
        kind=place.kind,
        count=len(entries),
        bytes=sum(entry.size for entry in entries),
        oldest=instant(min(times)),
        newest=instant(max(times)),
        swept=sweep.words,
        expires_next=None if coming is None else instant(coming),
        vanishing=sum(1 for end in ends if now < end <= now + SOON.total_seconds()),
        past_due=sum(1 for end in ends if end <= now),
        world_readable=sum(1 for entry in entries if entry.shared),
    )


def hold_all(found: Mapping[Place, Sequence[Entry]], root: str, sweeps: Mapping[bool | None, Sweep], at: datetime) -> tuple[Holding, ...]:
    """Describe all places that hold something, each swept as its `swept` says."""
    return tuple(hold(place, entries, root, sweeps[place.swept], at) for place, entries in found.items() if entries)


def instant(seconds: float) -> datetime:
    """Return an instant of seconds since 1970 as aware UTC, held within what a date can be."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=min(max(seconds, -62135596800.0), 253402300799.0))
