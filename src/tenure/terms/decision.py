"""A decision: what the terms answer to a case."""

from dataclasses import dataclass
from datetime import date, datetime

from tenure.records.kinds import Destination, Verdict
from tenure.records.periods import Period


@dataclass(frozen=True, slots=True)
class Because:
    """A clause that the decision rests on.

    Attributes:
        clause: its id in the pack.
        source: page or file that says so.
        as_of: day on which that was last read.
    """

    clause: str
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Decision:
    """What the terms answer.

    Attributes:
        verdict: permit, deny or gap.
        keep: the period; `indefinite` = stated, no limit; None = not stated.
        expires_at: when it becomes unreadable, aware UTC; None = no such instant is known.
        destination: where it goes when it is collected.
        promises: what the terms promise about it.
        because: the clauses that decided.
        table: `sha256:` of the compiled terms.
        known_to: the day up to which the terms were read, where the case is later; else None.
        warnings: clauses that need a fresh look, in words.
    """

    verdict: Verdict
    keep: Period | str | None
    expires_at: datetime | None
    destination: Destination
    promises: tuple[str, ...]
    because: tuple[Because, ...]
    table: str
    known_to: date | None = None
    warnings: tuple[str, ...] = ()
