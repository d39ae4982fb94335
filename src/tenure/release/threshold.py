"""Threshold counts: figures over at least k distinct subjects each. Not differentially private; docs/reference/derive.md says what that leaves open.

Source: Hundepool and others 2012, Statistical disclosure control, chapter 4 (primary and complementary suppression), doi:10.1002/9781118348239.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from tenure.errors import DataError
from tenure.release.budget import Allowance, Cost, Spending, exhausted, nearest, spend
from tenure.release.declassifier import Declassifier, Figures, Outcome, Released, Withheld

LEAST_K = 25
COST = Cost(counts=1)
THRESHOLD_COUNT = Declassifier(
    "threshold_count",
    1,
    "counts of distinct subjects per cell, a cell only from k of them on; what is suppressed is two cells or more with k subjects together; "
    "sets of subjects that differ by fewer than k are not both counted in a window",
)


@dataclass(frozen=True, slots=True)
class ThresholdCount:
    """A table of counts to be released.

    Attributes:
        cells: label -> the subjects in it; a subject may be in several. Left out of the repr.
        k: at least 25.
        has_total: whether the number of distinct subjects over all cells is asked for.
        others: subjects in no cell whose data was read for it; they are charged, and not counted. Left out of the repr.
    """

    cells: Mapping[str, Set[str]] = field(repr=False)
    k: int = LEAST_K
    has_total: bool = False
    others: Set[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        if self.k < LEAST_K:
            raise DataError(f"k: expected at least {LEAST_K}, got {self.k}", code="release/parameters")

    @property
    def counted(self) -> frozenset[str]:
        """The subjects of all cells, suppressed ones included."""
        return frozenset().union(*self.cells.values())

    @property
    def subjects(self) -> frozenset[str]:
        """All who are charged."""
        return self.counted | self.others


def threshold_count(query: ThresholdCount, earlier: Iterable[Spending], allowance: Allowance, at: datetime, release: str) -> Outcome:
    """Release those cells that at least k subjects are in.

    Args:
        query: the table.
        earlier: the charges on record, of all subjects.
        allowance: what each subject can be charged.
        at: the present instant, aware.
        release: a name that no other release has.

    Returns:
        The counts with the charges, or why there are none.
    """
    subjects, charges = query.subjects, list(earlier)
    if exhausted(allowance, charges, subjects, COST, at):
        return Withheld("budget", "a subject's budget does not bear another count; leave out those who are exhausted")
    difference = nearest(allowance, charges, subjects, at)
    if difference is not None and difference < query.k:
        return Withheld("difference", f"an earlier count is over a set that differs by fewer than {query.k} subjects")
    shown = _shown(query)
    total = len(query.counted) if query.has_total and len(query.counted) >= query.k else None
    if not shown and total is None:
        return Withheld("empty", f"no cell has {query.k} subjects")
    parameters = {"k": query.k, "total": int(query.has_total)}
    figures = Figures({label: len(query.cells[label]) for label in shown}, total)
    name, version, digest = THRESHOLD_COUNT.name, THRESHOLD_COUNT.version, THRESHOLD_COUNT.digest(parameters)
    return Released(figures, name, version, digest, parameters, spend(subjects, COST, at, release))


def _shown(query: ThresholdCount) -> list[str]:
    """Return the labels to release, in order. Without a total there is nothing to subtract from; with one, the rest must hide one another."""
    largest_first = sorted(query.cells, key=lambda label: (-len(query.cells[label]), label))
    shown = [label for label in largest_first if len(query.cells[label]) >= query.k]
    if query.has_total:
        while shown and not _is_hidden(query, largest_first[len(shown) :]):
            shown.pop()
    return sorted(shown)


def _is_hidden(query: ThresholdCount, suppressed: list[str]) -> bool:
    """Whether the total less what is shown says nothing of one cell: nothing is suppressed, or two cells with k subjects that are in no other."""
    if not suppressed:
        return True
    rest = query.counted.difference(*(query.cells[label] for label in query.cells if label not in suppressed))
    inhabited = sum(1 for label in suppressed if query.cells[label] & rest)
    return inhabited >= 2 and len(rest) >= query.k
