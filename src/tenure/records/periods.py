"""Calendar periods: ISO 8601 durations of whole years, months and days, and the instant at which one ends.

Not a `timedelta`: P6M from 31 August ends on the last day of February, P5Y from 29 February on the 28th.
Source: ISO 8601-1:2019, 5.5.2.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from tenure.errors import DataError

_ISO = re.compile(r"P(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,3})W)?(?:(\d{1,7})D)?", re.ASCII)
_DAYS_PER_YEAR = 365.2425
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period.

    Attributes:
        months: whole months, years included.
        days: whole days, weeks included.
    """

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if self.months < 0 or self.days < 0:
            raise DataError(f"period: expected months and days of at least 0, got {self.months} and {self.days}", code="data/period")

    def __str__(self) -> str:
        if not self.months and not self.days:
            return "P0D"
        years, months = divmod(self.months, 12)
        return "P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "") + (f"{self.days}D" if self.days else "")

    @property
    def approximate_days(self) -> float:
        """Length in mean Gregorian days, for ordering periods where no date is known."""
        return self.months * _DAYS_PER_YEAR / 12 + self.days

    def after(self, at: datetime) -> datetime:
        """Return the instant at which data of `at` has been held for this period: floored to 00:00 UTC, except P0D, which is `at` itself.

        Periods that end past the year 9999 end on its last instant.
        """
        if not self.months and not self.days:
            return at
        moment = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        year, month = divmod(moment.year * 12 + moment.month - 1 + self.months, 12)
        if year > _LAST.year:
            return _LAST
        day = min(moment.day, calendar.monthrange(year, month + 1)[1])
        try:
            return moment.replace(year=year, month=month + 1, day=day) + timedelta(days=self.days)
        except OverflowError:
            return _LAST


def parse_period(text: str) -> Period:
    """Parse an ISO 8601 duration of years, months, weeks and days, such as `P5Y` or `P0D`.

    Raises:
        DataError: the text is not such a duration.
    """
    match = _ISO.fullmatch(text)
    if match is None or text == "P":
        raise DataError(f"period: expected an ISO 8601 period of years, months and days such as P30D, got {text[:40]!r}", code="data/period")
    years, months, weeks, days = (int(part or 0) for part in match.groups())
    return Period(months=12 * years + months, days=7 * weeks + days)
