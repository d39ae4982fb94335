"""How long a piece of data may be held, in each completion of what is not known: for who needs the longest where `decide` reports the shortest."""

from collections.abc import Mapping

from tenure.records.case import Case
from tenure.records.periods import Period
from tenure.terms.decide import Book, cells
from tenure.terms.keeping import Kept
from tenure.terms.pack import Clause

Length = Period | str | None
"""A period, `indefinite`, or None = not stated."""


def possible_lengths(book: Book, case: Case) -> Mapping[Length, tuple[Clause, ...]]:
    """Return every length that the terms may mean for a case, each with the clauses that say so.

    Holds on flagged content count where the case does not exclude flagging.

    Args:
        book: the terms.
        case: what is known.

    Raises:
        TermsError: no pack for the agent.
    """
    table = book.table(case.agent)
    kind = table.kinds[case.kind]
    found: dict[Length, dict[int, None]] = {}
    for cell, _ in cells(kind, case, table):
        for candidates in (cell.keeps, cell.holds if case.safety_flagged is not False else ()):
            if candidates or candidates is cell.keeps:
                kept = Kept.of(candidates, case, table.pack.vocabulary)
                found.setdefault(kept.keep, {}).update(dict.fromkeys(kept.because))
    return {length: tuple(kind.clauses[index] for index in because) for length, because in found.items()}
