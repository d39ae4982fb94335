from datetime import UTC, datetime, timedelta

import pytest

from tenure.errors import DataError
from tenure.release.budget import Allowance
from tenure.release.declassifier import Released, Withheld
from tenure.release.threshold import ThresholdCount, threshold_count

AT = datetime(2026, 9, 1, tzinfo=UTC)
ALLOWANCE = Allowance()


def people(first: int, last: int) -> frozenset[str]:
    return frozenset(f"s{number:04}" for number in range(first, last))


def count(cells, earlier=(), *, at=AT, total=False, allowance=ALLOWANCE, release="r1"):
    return threshold_count(ThresholdCount(cells, has_total=total), earlier, allowance, at, release)


def test_cell_is_released_from_25_subjects_on() -> None:
    outcome = count({"yes": people(0, 25), "no": people(25, 49)})

    assert isinstance(outcome, Released)
    assert outcome.value.cells == {"yes": 25}


def test_count_of_one_is_withheld() -> None:
    assert count({"yes": people(0, 1)}) == Withheld("empty", "no cell has 25 subjects")


def test_k_cannot_be_lowered() -> None:
    with pytest.raises(DataError) as caught:
        ThresholdCount({"yes": people(0, 30)}, k=24)

    assert caught.value.code == "release/parameters"


def test_label_of_a_suppressed_cell_is_not_said() -> None:
    outcome = count({"common": people(0, 40), "my secret": people(40, 41)})

    assert "my secret" not in repr(outcome.value)


def test_suppressed_cell_cannot_be_got_from_the_total() -> None:
    outcome = count({"a": people(0, 60), "b": people(60, 90), "c": people(90, 100)}, total=True)

    assert outcome.value.cells == {"a": 60}, "b goes too, so that total less a is b and c together"
    assert outcome.value.total == 100


def test_two_suppressed_cells_of_few_subjects_take_a_third_with_them() -> None:
    outcome = count({"a": people(0, 60), "b": people(60, 90), "c": people(90, 95), "d": people(95, 100)}, total=True)

    assert outcome.value.cells == {"a": 60}


def test_suppressed_cell_hides_among_subjects_that_no_shown_cell_names() -> None:
    outcome = count({"a": people(0, 60), "b": people(0, 30) | people(99, 100), "c": people(0, 10)}, total=True)

    assert outcome.value.cells == {}, "all of c is in a: the total less a would be the one person of b alone"


def test_complete_table_shows_everything() -> None:
    outcome = count({"a": people(0, 60), "b": people(60, 90)}, total=True)

    assert (outcome.value.cells, outcome.value.total) == ({"a": 60, "b": 30}, 90)


def test_everyone_in_it_is_charged_those_of_suppressed_cells_too() -> None:
    outcome = count({"yes": people(0, 30), "no": people(30, 31)})

    assert [charge.subject for charge in outcome.spent] == sorted(people(0, 31))


def test_replay_of_the_same_count_is_charged_again() -> None:
    cells, spent = {"yes": people(0, 30)}, []
    for number in range(ALLOWANCE.counts):
        outcome = count(cells, spent, release=f"r{number}")
        assert isinstance(outcome, Released)
        spent += outcome.spent

    assert count(cells, spent, release="over").reason == "budget"


def test_counts_over_sets_that_differ_by_one_are_not_both_released() -> None:
    first = count({"yes": people(0, 60)})

    assert count({"yes": people(0, 59)}, first.spent, release="r2").reason == "difference"
    assert count({"yes": people(0, 61)}, first.spent, release="r2").reason == "difference"
    assert isinstance(count({"yes": people(0, 60)}, first.spent, release="r2"), Released)
    assert isinstance(count({"yes": people(0, 85)}, first.spent, release="r2"), Released)


def test_forgotten_subject_cannot_be_got_by_counting_again() -> None:
    first = count({"yes": people(0, 60)})
    left = [charge for charge in first.spent if charge.subject != "s0007"]

    assert count({"yes": people(0, 60) - {"s0007"}}, left, release="r2").reason == "difference"


def test_charges_count_for_one_window_and_a_clock_that_runs_back_refunds_nothing() -> None:
    allowance = Allowance(counts=1)
    first = count({"yes": people(0, 30)}, allowance=allowance)

    for at in (AT - timedelta(days=400), AT, AT + timedelta(days=29)):
        assert count({"yes": people(0, 30)}, first.spent, at=at, allowance=allowance, release="r2").reason == "budget"
    assert isinstance(count({"yes": people(0, 30)}, first.spent, at=AT + timedelta(days=30), allowance=allowance, release="r2"), Released)


def test_what_is_withheld_says_no_subject_and_no_label() -> None:
    outcome = count({"my secret": people(0, 1)})

    assert "s0000" not in repr(outcome)
    assert "my secret" not in repr(outcome)
    assert "s0000" not in repr(ThresholdCount({"my secret": people(0, 1)}))
