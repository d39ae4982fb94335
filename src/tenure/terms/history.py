"""Terms over time: the timeline of a pack, and what changed between two days or two packs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tenure.terms.pack import Clause, Pack, Sighting


@dataclass(frozen=True, slots=True)
class Event:
    """A clause comes into force or ends.

    Attributes:
        sighting: when that was first seen.
        change: `begins` or `ends`.
        clause: which.
    """

    sighting: Sighting
    change: str
    clause: Clause


def timeline(pack: Pack) -> list[Event]:
    """Return a pack's events, the earliest first."""
    return sorted(_events(pack), key=lambda event: (event.sighting.latest, event.change == "begins", event.clause.id))


def _events(pack: Pack) -> Iterator[Event]:
    for clause in pack.clauses:
        if clause.begins is not None:
            yield Event(clause.begins, "begins", clause)
        if clause.ends is not None:
            yield Event(clause.ends, "ends", clause)


def in_force(clause: Clause, at: datetime) -> bool | None:
    """Whether a clause is in force; None while one of its dates is in doubt."""
    begun = True if clause.begins is None else _came(clause.begins, at)
    ended = False if clause.ends is None else _came(clause.ends, at)
    if begun is False or ended is True:
        return False
    return True if begun and ended is False else None


def _came(sighting: Sighting, at: datetime) -> bool | None:
    if at >= sighting.latest:
        return True
    if sighting.earliest is not None and at < sighting.earliest:
        return False
    return None


@dataclass(frozen=True, slots=True)
class Change:
    """A clause that differs.

    Attributes:
        what: `added`, `removed`, `changed`, or between days `begun`, `ended`, `in doubt`.
        clause: as it is afterwards; as it was, for a removed or ended one.
        before: as it was, for a changed one.
    """

    what: str
    clause: Clause
    before: Clause | None = None


def diff_days(pack: Pack, before: datetime, after: datetime) -> list[Change]:
    """Return the clauses that are in force on one day and not on the other."""
    words = {True: "begun", False: "ended", None: "in doubt"}
    changes = []
    for clause in pack.clauses:
        then, now = in_force(clause, before), in_force(clause, after)
        if then is not now:
            changes.append(Change(words[now], clause))
    return changes


def diff_packs(before: Pack, after: Pack) -> list[Change]:
    """Return the clauses that differ between two packs of one agent."""
    old = {clause.id: clause for clause in before.clauses}
    new = {clause.id: clause for clause in after.clauses}
    removed = [Change("removed", clause) for name, clause in old.items() if name not in new]
    added = [Change("added", clause) for name, clause in new.items() if name not in old]
    changed = [Change("changed", clause, old[name]) for name, clause in new.items() if name in old and old[name] != clause]
    return [*removed, *changed, *added]
