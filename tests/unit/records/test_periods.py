from datetime import UTC, datetime

import pytest

from tenure.errors import DataError
from tenure.records.periods import Period, parse_period


def after(period, at):
    return parse_period(period).after(datetime.fromisoformat(at).astimezone(UTC)).isoformat()[:16]


@pytest.mark.parametrize(
    ("period", "at", "expected"),
    [
        ("P30D", "2025-08-29T00:00:00+00:00", "2025-09-28T00:00"),
        ("P5Y", "2025-10-17T20:00:00+00:00", "2030-10-17T00:00"),
        ("P5Y", "2024-02-29T09:00:00+00:00", "2029-02-28T00:00"),
        ("P4Y", "2024-02-29T09:00:00+00:00", "2028-02-29T00:00"),
        ("P6M", "2025-08-31T23:59:59+00:00", "2026-02-28T00:00"),
        ("P1M", "2026-01-31T01:00:00+00:00", "2026-02-28T00:00"),
        ("P1Y1M1D", "2025-12-31T01:00:00+00:00", "2027-02-01T00:00"),
        ("P2W", "2026-01-01T00:00:00+00:00", "2026-01-15T00:00"),
        ("P1D", "2026-03-01T23:30:00-05:00", "2026-03-03T00:00"),
    ],
)
def test_periods_are_calendar_periods_floored_to_the_day(period, at, expected):
    assert after(period, at) == expected


def test_nothing_ends_at_once_without_flooring():
    at = datetime(2026, 3, 1, 12, 34, 56, 7, tzinfo=UTC)
    assert parse_period("P0D").after(at) == at


def test_a_period_past_the_calendar_ends_on_its_last_instant():
    assert Period(months=12 * 9000).after(datetime(2026, 1, 1, tzinfo=UTC)).year == 9999
    assert Period(days=9_000_000).after(datetime(2026, 1, 1, tzinfo=UTC)).year == 9999


@pytest.mark.parametrize("text", ["", "P", "30D", "P-1D", "P1H", "PT1H", "P1.5D", "p30d", "P30D ", "P１D", "P1D1Y"])
def test_other_texts_are_errors(text):
    with pytest.raises(DataError):
        parse_period(text)


@pytest.mark.parametrize("text", ["P0D", "P30D", "P6M", "P5Y", "P1Y6M10D"])
def test_text_and_value_round_trip(text):
    assert str(parse_period(text)) == text
