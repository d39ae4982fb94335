"""Budgets under any sequence of releases, and suppression against an adversary who subtracts."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

from hypothesis import example, given
from hypothesis import strategies as st

from tenure.release.budget import Allowance
from tenure.release.declassifier import Released
from tenure.release.declassify import declassify
from tenure.release.private import PrivateCount, PrivateSum
from tenure.release.threshold import ThresholdCount
from tenure.testing.noise import NoNoise

START = datetime(2026, 9, 1, tzinfo=UTC)
ALLOWANCE = Allowance(micro_epsilon=1_000, counts=2, window=timedelta(days=30))
FEW = st.frozensets(st.sampled_from("abcdef"))
EPSILON = st.integers(1, 1_200)
CROWD = frozenset(f"s{number}" for number in range(30))
QUERIES = st.one_of(
    st.builds(lambda few: ThresholdCount({"x": CROWD | few, "y": few}), FEW),
    st.builds(lambda few, epsilon: PrivateCount({"x": few}, epsilon), FEW, EPSILON),
    st.builds(lambda few, epsilon: PrivateSum({"x": dict.fromkeys(few, 3)}, 0, 2, epsilon), FEW, EPSILON),
)


@given(st.lists(st.tuples(QUERIES, st.integers(-20, 40)), max_size=25))
def test_no_window_holds_more_than_the_allowance_under_any_sequence(steps) -> None:
    charges, at = [], START
    for number, (query, days) in enumerate(steps):
        at += timedelta(days=days)
        outcome = declassify(query, NoNoise(), charges, ALLOWANCE, at, f"r{number}")
        charges += outcome.spent if isinstance(outcome, Released) else ()
    for subject in {charge.subject for charge in charges}:
        own = [charge for charge in charges if charge.subject == subject]
        for end in {charge.at for charge in own}:
            within = [charge.cost for charge in own if end - ALLOWANCE.window < charge.at <= end]
            assert sum(cost.micro_epsilon for cost in within) <= ALLOWANCE.micro_epsilon
            assert sum(cost.counts for cost in within) <= ALLOWANCE.counts


@given(st.lists(st.tuples(FEW, st.integers(0, 2)), min_size=2, max_size=10))
def test_counts_of_one_window_never_differ_by_few_subjects(steps) -> None:
    charges, counted, at = [], [], START
    for number, (few, days) in enumerate(steps):
        at += timedelta(days=days)
        query = ThresholdCount({"x": CROWD | few})
        outcome = declassify(query, NoNoise(), charges, Allowance(counts=100), at, f"r{number}")
        if isinstance(outcome, Released):
            charges += outcome.spent
            counted.append(query.subjects)
    assert all(one == other or len(one ^ other) >= 25 for one, other in combinations(counted, 2))


@example([0, 30, 60], True)
@given(st.lists(st.integers(0, 60), min_size=1, max_size=8), st.booleans())
def test_total_less_what_is_shown_is_never_one_cell_nor_few_subjects(sizes, has_total) -> None:
    cells, start = {}, 0
    for number, size in enumerate(sizes):
        cells[f"c{number}"] = frozenset(f"s{index}" for index in range(start, start + size))
        start += size
    outcome = declassify(ThresholdCount(cells, has_total=has_total), NoNoise(), [], Allowance(), START, "r")
    if not isinstance(outcome, Released):
        return
    assert all(count >= 25 and count == len(cells[label]) for label, count in outcome.value.cells.items())
    hidden = [size for label, size in zip(cells, sizes, strict=True) if label not in outcome.value.cells]
    if outcome.value.total is not None and outcome.value.cells and hidden:
        assert outcome.value.total - sum(outcome.value.cells.values()) >= 25
        assert sum(1 for size in hidden if size) >= 2
