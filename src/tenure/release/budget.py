"""Budgets per subject: facts that are only ever added, so that composition is a sum and nothing is ever refunded.

Source: Dwork and Roth 2014, The algorithmic foundations of differential privacy, theorem 3.16 (composition), doi:10.1561/0400000042.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from tenure.errors import DataError, IntegrityError
from tenure.records.canonical import Plain
from tenure.records.instants import parse_time, render_time

MICRO = 1_000_000
"""Epsilon is counted in millionths, in whole numbers: sums of those have no rounding that could hide a charge."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one release takes from each subject in it.

    Attributes:
        micro_epsilon: millionths of epsilon, at least 0.
        counts: threshold counts, at least 0.
    """

    micro_epsilon: int = 0
    counts: int = 0

    def __post_init__(self) -> None:
        if self.micro_epsilon < 0 or self.counts < 0 or not (self.micro_epsilon or self.counts):
            raise DataError("cost: expected a charge above 0, got none", code="release/parameters")

    def plus(self, other: "Cost") -> "Cost":
        """Return both charges together."""
        return Cost(self.micro_epsilon + other.micro_epsilon, self.counts + other.counts)


@dataclass(frozen=True, slots=True)
class Allowance:
    """How much of a subject may be given away.

    Attributes:
        micro_epsilon: per window.
        counts: threshold counts per window.
        window: that length; it slides.
    """

    micro_epsilon: int = MICRO
    counts: int = 12
    window: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Spending:
    """One charge to one subject.

    Attributes:
        subject: whose budget.
        at: when, aware.
        cost: how much.
        release: which release, unique.
        of: how many subjects were in that release.
    """

    subject: str
    at: datetime
    cost: Cost
    release: str
    of: int


def spend(subjects: Set[str], cost: Cost, at: datetime, release: str) -> tuple[Spending, ...]:
    """Return the charges of a release, one per subject, in order."""
    return tuple(Spending(subject, at, cost, release, len(subjects)) for subject in sorted(subjects))


def exhausted(allowance: Allowance, earlier: Iterable[Spending], subjects: Set[str], cost: Cost, at: datetime) -> frozenset[str]:
    """Return the subjects whose budget does not bear another such charge.

    A charge counts from its own instant on for one window. One that lies ahead of `at` counts too: a clock that runs back refunds nothing.
    """
    spent: dict[str, Cost] = {}
    for charge in current(allowance, earlier, at):
        if charge.subject in subjects:
            spent[charge.subject] = charge.cost.plus(spent[charge.subject]) if charge.subject in spent else charge.cost
    after = {subject: spent[subject].plus(cost) if subject in spent else cost for subject in subjects}
    return frozenset(one for one, sum_ in after.items() if sum_.micro_epsilon > allowance.micro_epsilon or sum_.counts > allowance.counts)


def nearest(allowance: Allowance, earlier: Iterable[Spending], subjects: Set[str], at: datetime) -> int | None:
    """Return by how few subjects an earlier threshold count differs from these, where it does differ; None = no such count.

    Two counts over sets that differ by one person say what that person's cell is. Subjects of whom no charge is left were forgotten
    since; they count as differing.
    """
    left: dict[str, list[Spending]] = {}
    for charge in current(allowance, earlier, at):
        if charge.cost.counts:
            left.setdefault(charge.release, []).append(charge)
    differences = (charges[0].of - len(charges) + len({charge.subject for charge in charges} ^ subjects) for charges in left.values())
    return min((difference for difference in differences if difference), default=None)


def current(allowance: Allowance, earlier: Iterable[Spending], at: datetime) -> Iterator[Spending]:
    """Yield the charges that count at an instant."""
    return (charge for charge in earlier if charge.at > at - allowance.window)


def render_spending(charge: Spending) -> dict[str, Plain]:
    """Return the plain form of a charge, without its subject, under whose id it is kept."""
    return {
        "at": render_time(charge.at),
        "micro_epsilon": charge.cost.micro_epsilon,
        "counts": charge.cost.counts,
        "release": charge.release,
        "of": charge.of,
    }


def parse_spending(subject: str, value: Mapping[str, Plain]) -> Spending:
    """Return the charge that `render_spending` wrote.

    Raises:
        IntegrityError: another form: a charge that cannot be read must not pass for none.
    """
    match value:
        case {"at": str(at), "micro_epsilon": int(epsilon), "counts": int(counts), "release": str(release), "of": int(size)}:
            return Spending(subject, parse_time(at), Cost(epsilon, counts), release, size)
        case _:
            raise IntegrityError("budget: expected a charge as it was written, found another form", code="release/budget")
