"""Differentially private counts and sums; the unit is a whole subject: one person more or less changes the odds of any answer by at most e**epsilon.

Source: Ghosh, Roughgarden and Sundararajan 2012, doi:10.1137/09076828X (discrete Laplace); Canonne and others 2020 (exact sampling).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction

from tenure.errors import DataError
from tenure.release.budget import MICRO, Allowance, Cost, Spending, exhausted, spend
from tenure.release.declassifier import Declassifier, Figures, Outcome, Released, Withheld
from tenure.release.noise import Noise

LARGEST = 2**53
PRIVATE_COUNT = Declassifier(
    "private_count",
    1,
    "counts of distinct subjects over declared cells, each subject in the first most_cells of its cells, with discrete Laplace noise",
)
PRIVATE_SUM = Declassifier(
    "private_sum",
    1,
    "sums over declared cells of one number per subject, clipped to lower and upper, each subject in the first most_cells of its cells, "
    "with discrete Laplace noise",
)


@dataclass(frozen=True, slots=True)
class PrivateSum:
    """A table of sums to be released.

    Attributes:
        cells: label -> subject -> number. The labels are declared, not found in the data: an empty cell is released too. Left out of the repr.
        lower: the least that one subject can add to a cell.
        upper: the most.
        micro_epsilon: millionths of epsilon for the table as a whole, above 0.
        most_cells: in how many cells one subject counts, at least 1.
        others: subjects in no cell whose data was read for it; they are charged too. Left out of the repr.
    """

    cells: Mapping[str, Mapping[str, int]] = field(repr=False)
    lower: int
    upper: int
    micro_epsilon: int
    most_cells: int = 1
    others: Set[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        if self.micro_epsilon < 1 or self.most_cells < 1:
            raise DataError("private release: expected an epsilon of a millionth and one cell at least, got less", code="release/parameters")
        if not self.lower <= self.upper or not 0 < self.reach < LARGEST:
            raise DataError("private release: expected bounds in order that let a number through, got others", code="release/parameters")

    @property
    def reach(self) -> int:
        """By how much one subject can move one cell."""
        return max(abs(self.lower), abs(self.upper))

    @property
    def subjects(self) -> frozenset[str]:
        """All who are charged."""
        return frozenset(self.others).union(*self.cells.values())

    @property
    def scale(self) -> Fraction:
        """Of the noise: the sensitivity over epsilon."""
        return Fraction(self.reach * self.most_cells * MICRO, self.micro_epsilon)


@dataclass(frozen=True, slots=True)
class PrivateCount:
    """A table of counts to be released.

    Attributes:
        cells: label -> the subjects in it. The labels are declared, not found in the data. Left out of the repr.
        micro_epsilon: millionths of epsilon for the table as a whole, above 0.
        most_cells: in how many cells one subject counts, at least 1.
        others: subjects in no cell whose data was read for it; they are charged too. Left out of the repr.
    """

    cells: Mapping[str, Set[str]] = field(repr=False)
    micro_epsilon: int
    most_cells: int = 1
    others: Set[str] = field(default=frozenset(), repr=False)

    def __post_init__(self) -> None:
        self.as_sum()

    def as_sum(self) -> PrivateSum:
        """Return the sum of ones that it is."""
        ones = {label: dict.fromkeys(subjects, 1) for label, subjects in self.cells.items()}
        return PrivateSum(ones, 0, 1, self.micro_epsilon, self.most_cells, self.others)

    @property
    def subjects(self) -> frozenset[str]:
        """All who are charged."""
        return frozenset(self.others).union(*self.cells.values())


def private_count(query: PrivateCount, noise: Noise, earlier: Iterable[Spending], allowance: Allowance, at: datetime, release: str) -> Outcome:
    """Release noisy counts; as `private_sum`."""
    parameters = {"micro_epsilon": query.micro_epsilon, "most_cells": query.most_cells}
    return _noisy(PRIVATE_COUNT, parameters, query.as_sum(), noise, earlier, allowance, at, release)


def private_sum(query: PrivateSum, noise: Noise, earlier: Iterable[Spending], allowance: Allowance, at: datetime, release: str) -> Outcome:
    """Release noisy sums.

    Args:
        query: the table.
        noise: where the noise comes from.
        earlier: the charges on record, of all subjects.
        allowance: what each subject can be charged.
        at: the present instant, aware.
        release: a name that no other release has.

    Returns:
        The sums with the charges, or why there are none. Asked twice, it charges twice: the noise is fresh each time.
    """
    parameters = {"lower": query.lower, "upper": query.upper, "micro_epsilon": query.micro_epsilon, "most_cells": query.most_cells}
    return _noisy(PRIVATE_SUM, parameters, query, noise, earlier, allowance, at, release)


def _noisy(
    by: Declassifier,
    parameters: Mapping[str, int],
    query: PrivateSum,
    noise: Noise,
    earlier: Iterable[Spending],
    allowance: Allowance,
    at: datetime,
    release: str,
) -> Outcome:
    cost = Cost(micro_epsilon=query.micro_epsilon)
    # Without subjects there is nobody to refuse for, so the bound stands by itself.
    if cost.micro_epsilon > allowance.micro_epsilon or exhausted(allowance, earlier, query.subjects, cost, at):
        return Withheld("budget", "a subject's budget does not bear this epsilon; leave out those who are exhausted, or ask for less")
    sums = _clipped(query)
    if any(abs(value) > LARGEST for value in sums.values()):
        raise DataError("private release: expected sums within 2**53 of 0, got a larger one", code="release/parameters")
    labels = sorted(sums)
    figures = Figures(dict(zip(labels, noise.discrete_laplace([sums[label] for label in labels], query.scale), strict=True)))
    return Released(figures, by.name, by.version, by.digest(parameters), parameters, spend(query.subjects, cost, at, release))


def _clipped(query: PrivateSum) -> dict[str, int]:
    """Return the sums, each subject clipped, in its first cells only. Which those are depends on the labels alone, never on other subjects."""
    seen: dict[str, int] = {}
    sums = dict.fromkeys(query.cells, 0)
    for label in sorted(query.cells):
        for subject, value in query.cells[label].items():
            seen[subject] = seen.get(subject, 0) + 1
            if seen[subject] <= query.most_cells:
                sums[label] += min(max(value, query.lower), query.upper)
    return sums
