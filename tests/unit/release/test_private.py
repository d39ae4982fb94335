from datetime import UTC, datetime
from fractions import Fraction

import pytest

from tenure.errors import DataError, IntegrityError
from tenure.release import DECLASSIFIERS
from tenure.release.budget import MICRO, Allowance, Cost, Spending, exhausted, parse_spending, render_spending
from tenure.release.declassifier import Released
from tenure.release.declassify import declassify
from tenure.release.private import PrivateCount, PrivateSum
from tenure.release.threshold import ThresholdCount
from tenure.testing.noise import NoNoise, SeededNoise

AT = datetime(2026, 9, 1, tzinfo=UTC)
ALLOWANCE = Allowance()


def release(query, earlier=(), *, noise=None, name="r1", allowance=ALLOWANCE):
    return declassify(query, noise or NoNoise(), earlier, allowance, AT, name)


class _Asked(NoNoise):
    scale = Fraction(0)

    def discrete_laplace(self, values, scale):
        self.scale = scale
        return super().discrete_laplace(values, scale)


def test_each_subject_is_clipped_to_the_bounds() -> None:
    outcome = release(PrivateSum({"minutes": {"a": 1_000, "b": -50, "c": 7}}, 0, 60, MICRO))

    assert outcome.value.cells == {"minutes": 67}


@pytest.mark.parametrize(
    ("query", "scale"),
    [
        (PrivateSum({"x": {"a": 1}}, 0, 60, MICRO), Fraction(60)),
        (PrivateSum({"x": {"a": 1}}, -100, 60, MICRO), Fraction(100)),
        (PrivateSum({"x": {"a": 1}}, 0, 60, MICRO // 4, most_cells=3), Fraction(720)),
        (PrivateCount({"x": {"a"}}, 3 * MICRO // 10, most_cells=2), Fraction(20, 3)),
    ],
)
def test_noise_grows_with_what_one_subject_can_move(query, scale) -> None:
    noise = _Asked()

    release(query, noise=noise)

    assert noise.scale == scale


def test_subject_counts_in_its_first_cells_only() -> None:
    outcome = release(PrivateCount({"a": {"x", "y"}, "b": {"x"}, "c": {"x", "z"}}, MICRO, most_cells=2))

    assert outcome.value.cells == {"a": 2, "b": 1, "c": 1}


def test_empty_cell_is_released_like_any_other() -> None:
    outcome = release(PrivateCount({"a": {"x"}, "b": set()}, MICRO), noise=SeededNoise(3))

    assert set(outcome.value.cells) == {"a", "b"}


def test_noise_is_in_the_figures() -> None:
    cells = {f"c{number:03}": {"x"} for number in range(100)}

    figures = release(PrivateCount(cells, MICRO, most_cells=100), noise=SeededNoise(3)).value.cells

    assert len(set(figures.values())) > 20


def test_epsilon_adds_up_and_ends() -> None:
    first = release(PrivateCount({"a": {"x", "y"}}, 600_000))

    assert release(PrivateCount({"a": {"x"}}, 400_001), first.spent, name="r2").reason == "budget"
    assert isinstance(release(PrivateCount({"a": {"x"}}, 400_000), first.spent, name="r2"), Released)
    assert isinstance(release(PrivateCount({"a": {"z"}}, MICRO), first.spent, name="r2"), Released), "another subject has a budget of its own"


def test_epsilon_above_the_allowance_is_withheld_from_an_empty_table_too() -> None:
    assert release(PrivateCount({"a": set()}, MICRO + 1)).reason == "budget"


def test_replay_is_charged_again() -> None:
    query = PrivateCount({"a": {"x"}}, MICRO // 2)
    first = release(query)
    second = release(query, first.spent, name="r2")

    assert release(query, [*first.spent, *second.spent], name="r3").reason == "budget"


def test_those_who_are_exhausted_can_be_left_out() -> None:
    first = release(PrivateCount({"a": {"x"}}, MICRO))

    assert exhausted(ALLOWANCE, first.spent, {"x", "y"}, Cost(1), AT) == {"x"}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: PrivateCount({"a": {"x"}}, 0),
        lambda: PrivateCount({"a": {"x"}}, MICRO, most_cells=0),
        lambda: PrivateSum({"a": {"x": 1}}, 2, 1, MICRO),
        lambda: PrivateSum({"a": {"x": 1}}, 0, 0, MICRO),
        lambda: PrivateSum({"a": {"x": 1}}, 0, 2**53, MICRO),
        lambda: Cost(-1),
        lambda: Cost(),
        lambda: release(PrivateSum({"a": {f"s{number}": 2**53 - 1 for number in range(2)}}, 0, 2**53 - 1, MICRO)),
    ],
)
def test_parameters_that_would_not_protect_are_refused(wrong) -> None:
    with pytest.raises(DataError) as caught:
        wrong()

    assert caught.value.code == "release/parameters"


def test_charge_is_written_without_its_subject_and_read_back() -> None:
    charge = Spending("anna", AT, Cost(5, 1), "r1", 30)

    assert "anna" not in repr(render_spending(charge))
    assert parse_spending("anna", render_spending(charge)) == charge


@pytest.mark.parametrize("spoiled", [{}, {**render_spending(Spending("a", AT, Cost(5), "r", 1)), "micro_epsilon": "5"}])
def test_charge_that_cannot_be_read_never_passes_for_none(spoiled) -> None:
    with pytest.raises(IntegrityError):
        parse_spending("a", spoiled)


def test_release_says_what_released_it() -> None:
    queries = [ThresholdCount({"a": {f"s{n}" for n in range(30)}}), PrivateCount({"a": {"x"}}, MICRO), PrivateSum({"a": {"x": 1}}, 0, 1, MICRO)]

    outcomes = [release(query) for query in queries]

    assert [outcome.declassifier for outcome in outcomes] == list(DECLASSIFIERS)
    assert len({outcome.digest for outcome in outcomes}) == 3
    for outcome in outcomes:
        assert outcome.digest == DECLASSIFIERS[outcome.declassifier].digest(outcome.parameters)


def test_digest_tells_parameters_apart() -> None:
    one, other = (release(PrivateCount({"a": {"x"}}, epsilon)) for epsilon in (MICRO, MICRO // 2))

    assert one.digest != other.digest
