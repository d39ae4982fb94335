"""Ratings: a number, a day, an arm. Counted apart until the day on which they came is over, then held together.

None can be told from another. Nothing joins a rating to a person, a session or a request: not its place in the journal, not the instant of its
receipt. Erasure cannot reach it, and exports say so. Source: design 0003.
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
Shuffle = Callable[[list[tuple[Case, Owner, bytes]]], None]
SHUFFLE: Shuffle = random.SystemRandom().shuffle


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
        store: where they wait for the end of the day on which they came.
        intake: the way in.
        time: what time it is.
        shuffle: puts a list into an order of chance.
    """

    def __init__(self, store: Store, intake: Intake, time: Timekeeper, shuffle: Shuffle = SHUFFLE) -> None:
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
                told: dict[str, Plain] = {"rating": rating.rating, "day": rating.day.isoformat(), "arm": rating.arm}
                self._count(today.isoformat(), canonical_bytes({"case": render_case(_bare(case)), "org": org, "told": told}))
        return answer

    def close_days(self) -> int:
        """Hold the ratings that came on days that are over, and return how many there were."""
        today = self._time.now.date()
        came = sorted({note.key for note in self._store.journal.notes(TOPIC)})
        count = sum(self._close(day) for day in came if date.fromisoformat(day) < today)
        if count:
            self._store.keys.scrub()
        return count

    def _count(self, came: str, body: bytes) -> None:
        """Add one to the count of such ratings. All of a day stand in one fact, in order of their bytes: none has a place of its own."""
        counts = self._counts(came)
        counts[body] = counts.get(body, 0) + 1
        plain: list[Plain] = [[json.loads(each), counts[each]] for each in sorted(counts)]
        self._store.journal.remove(TOPIC, came)
        self._store.journal.add(TOPIC, came, canonical_bytes(plain))

    def _counts(self, came: str) -> dict[bytes, int]:
        notes = self._store.journal.notes(TOPIC, came)
        return {canonical_bytes(body): count for note in notes for body, count in json.loads(note.body)}

    def _close(self, came: str) -> int:
        found: list[tuple[Case, Owner, bytes]] = []
        for body, count in self._counts(came).items():
            plain = json.loads(body)
            case = parse_case({**plain["case"], "purpose": str(Purpose.COLLECT)})
            dated = _case(case, date.fromisoformat(plain["told"]["day"]))
            found += [(dated, Owner(None, plain["org"], None), canonical_bytes(plain["told"]))] * count
        self._shuffle(found)
        items: dict[tuple[bytes, str | None], tuple[Case, Owner, list[bytes]]] = {}
        for case, owner, content in found:
            items.setdefault((canonical_bytes(render_case(case)), owner.org), (case, owner, []))[2].append(content)
        self._intake.put_all([Item(*each) for each in items.values()], then=lambda _: self._store.journal.remove(TOPIC, came))
        return len(found)


def _bare(case: Case) -> Case:
    """Return a case without any time of its session."""
    return replace(case, collected_at=None, session_started_at=None, session_resumed_at=None, run_started_at=None)


def _case(case: Case, day: date) -> Case:
    return replace(_bare(case), kind=Kind.SURVEY_RATING, collected_at=datetime.combine(day, time(), UTC))
