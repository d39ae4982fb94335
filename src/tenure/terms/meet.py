"""The meet of decisions: what holds for data that was made of other data. A lower semilattice; tests/property/test_lattice.py checks its laws.

Source: design.md, idea 3; Denning 1976, A lattice model of secure information flow, doi:10.1145/360051.360056.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import reduce

from tenure.records.kinds import Destination, Verdict
from tenure.records.periods import Period
from tenure.terms.cells import STRICTEST
from tenure.terms.decision import Because, Decision
from tenure.terms.keeping import INDEFINITE, NOTHING

_NEAREST = tuple(Destination)


def derived(own: Decision, sources: Iterable[Decision]) -> Decision:
    """Return the terms of data made of sources: the meet of its own and theirs. What must not outlive a response carries nothing on."""
    return reduce(meet, (carried(source) for source in sources), own)


def carried(source: Decision) -> Decision:
    """Return what a source lets through to what is made of it: nothing, where it may not be kept at all."""
    return replace(source, verdict=Verdict.DENY) if source.keep == NOTHING else source


def meet(one: Decision, other: Decision) -> Decision:
    """Return the greatest terms that are within both: the worse verdict, the earlier expiry, the nearer destination, the promises of both."""
    kept = min(one, other, key=longevity)
    return Decision(
        verdict=min(one.verdict, other.verdict, key=STRICTEST.index),
        keep=kept.keep,
        expires_at=kept.expires_at,
        destination=min(one.destination, other.destination, key=_NEAREST.index),
        promises=tuple(sorted(set(one.promises) & set(other.promises))),
        because=tuple(sorted({*one.because, *other.because}, key=_by_clause)),
        table=one.table,
        known_to=min((day for day in (one.known_to, other.known_to) if day is not None), default=None),
        warnings=tuple(sorted({*one.warnings, *other.warnings})),
    )


def longevity(decision: Decision) -> tuple[int, float, float, str]:
    """Order by how long data lives: by instant, then by length where no day is known, then without limit, then unstated."""
    keep = decision.keep
    if not isinstance(keep, Period):
        return (2 if keep == INDEFINITE else 3, 0.0, 0.0, "")
    if decision.expires_at is None:
        return (1, 0.0, keep.approximate_days, str(keep))
    return (0, decision.expires_at.timestamp(), keep.approximate_days, str(keep))


def _by_clause(part: Because) -> tuple[str, str, str]:
    return (part.clause, part.source, part.as_of.isoformat())
