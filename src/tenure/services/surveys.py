"""Ratings: a number, a day, an arm. Kept apart until their day is over, then held together in shuffled order, so that none can be told from another.

Nothing joins a rating to a person, a session or a request; erasure cannot reach it, and exports say so. Source: design 0003.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from tenure.errors import DataError
from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.case import Case
from tenure.records.held import Owner
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.intake import Intake, Item, Put
from tenure.services.timekeeping import Timekeeper
from tenure.terms.cases import parse_case, render_case

TOPIC = "survey"
LATEST = timedelta(days=7)
"""A rating that is older is not taken."""
SHUFFLE: Callable[[list[bytes]], None] = random.SystemRandom().shuffle


@dataclass(frozen=True, slots=True)
class Rating:
    """One answer to the survey.

    Attributes:
        rating: 1 bad, 2 fine, 3 good, 0 dismissed.
        day: in UTC.
        arm: of an experiment; None = none.
    """

    rating: int
    day: date
    arm: str | None


class Surveys:
    """The ratings of a store.

    Args:
        store: where they wait for the end of their day.
        intake: the way in.
        time: what time it is.
        shuffle: puts a list into an order of chance.
    """

    def __init__(self, store: Store, intake: Intake, time: Timekeeper, shuffle: Callable[[list[bytes]], None] = SHUFFLE) -> None:
        self._store = store
        self._intake = intake
        self._time = time
        self._shuffle = shuffle

    def add(self, case: Case, org: str | None, rating: Rating) -> Put:
        """Take a rating, durably, or refuse it.

        Args:
            case: what the survey token says: agent, tier, provider.
            org: whose survey it is; None = nobody's.
            rating: the answer.

        Raises:
            DataError: the day lies ahead, or too far back.
        """
        with self._store.transaction():
            today = self._time.keep().date()
            if not today - LATEST <= rating.day <= today:
                message = f"day: expected one of the last {LATEST.days} days, got another"
                raise DataError(message, code="data/invalid", remedy="send a rating on its day, in UTC")
            answer = self._intake.preview(Item(_case(case, rating.day), Owner(None, org, None), [b""]))
            if answer.verdict is Verdict.PERMIT:
                body: dict[str, Plain] = {"case": render_case(case), "org": org, "rating": rating.rating, "arm": rating.arm}
                self._store.journal.add(TOPIC, rating.day.isoformat(), canonical_bytes(body))
        return answer

    def close_days(self) -> int:
        """Hold the ratings of the days that are over, and return how many there were."""
        today, count = self._time.now.date(), 0
        for day in sorted({note.key for note in self._store.journal.notes(TOPIC)}):
            if date.fromisoformat(day) < today:
                count += self._close(day)
        return count

    def _close(self, day: str) -> int:
        grouped: dict[tuple[bytes, str | None], list[bytes]] = {}
        for note in self._store.journal.notes(TOPIC, day):
            body = json.loads(note.body)
            content = canonical_bytes({"rating": body["rating"], "day": day, "arm": body["arm"]})
            grouped.setdefault((canonical_bytes(body["case"]), body["org"]), []).append(content)
        items = []
        for (case, org), contents in grouped.items():
            self._shuffle(contents)
            plain = {**json.loads(case), "purpose": str(Purpose.COLLECT)}
            items.append(Item(_case(parse_case(plain), date.fromisoformat(day)), Owner(None, org, None), contents))
        self._intake.put_all(items, then=lambda _: self._store.journal.remove(TOPIC, day))
        return sum(len(item.contents) for item in items)


def _case(case: Case, day: date) -> Case:
    return replace(case, kind=Kind.SURVEY_RATING, collected_at=datetime.combine(day, time(), UTC))
