"""Ratings: a number, a day, an arm, and nothing anywhere in a store that joins one to a session or a person."""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.services.house import CASE, House
from tests.unit.terms.rules import book, clause

from tenure.errors import DataError
from tenure.ports import Selection
from tenure.records.held import Owner
from tenure.records.kinds import Kind, Verdict
from tenure.services.keeping import keep
from tenure.services.surveys import LATEST, TOPIC, Rating, Surveys
from tenure.services.uploads import Uploads
from tenure.terms.cases import parse_case
from tenure.testing.store import MemoryStore
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

START = datetime(2026, 9, 1, 12, tzinfo=UTC)
TERMS = book(
    clause("rating", permit=["collect", "serve", "improve"], keep="P5Y", kinds=["survey_rating"], when={"tier": ["pro", "api"]}, begins="2025->"),
    clause("no-rating", refuse=["collect"], kinds=["survey_rating"], when={"tier": "team"}, begins="2025->"),
    clause("transcript", permit=["collect", "serve"], keep="P60D", kinds=["transcript", "prompt"], begins="2025->"),
)
SAID = {name: value for name, value in CASE.items() if name not in ("kind", "session")}


class Surveyed(House):
    """A house whose terms know ratings."""

    def open(self):
        super().open()
        self.keeping = keep(self.store, TERMS, self.clock, lambda: self.ran)

    def surveys(self, **how) -> Surveys:
        return Surveys(self.store, self.keeping.intake, self.keeping.time, **how)

    def rates(self, rating=3, *, days_ago=0, arm=None, org=None, tier="pro"):
        case = parse_case({**SAID, "tier": tier, "kind": "survey_rating", "purpose": "collect"})
        return self.surveys().add(case, org, Rating(rating, self.keeping.at.date() - timedelta(days=days_ago), arm))

    def held_ratings(self) -> list[dict]:
        job = self.job("serve", name=f"reader-{self.store.ledger.size}")
        batches = [batch for batch in self.keeping.uses.read(job, Selection(kinds=[Kind.SURVEY_RATING])) if hasattr(batch, "records")]
        return [json.loads(bytes(content)) for batch in batches for _, content in batch.records()]


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    store = MemoryStore(START)
    is_on_disk = request.param == "disk"
    house = Surveyed(lambda: SqliteStore(Folder(str(tmp_path)), at=START) if is_on_disk else store, tmp_path if is_on_disk else None)
    yield house
    house.close()


def test_rating_is_held_when_the_day_on_which_it_came_is_over(house):
    assert house.rates(2, arm="a").verdict is Verdict.PERMIT
    assert house.surveys().close_days() == 0
    house.later(hours=11, minutes=59)
    assert house.surveys().close_days() == 0
    house.later(minutes=1)
    assert house.surveys().close_days() == 1
    assert house.held_ratings() == [{"rating": 2, "day": "2026-09-01", "arm": "a"}]


def test_rating_is_held_after_a_restart(house):
    house.rates(1)
    house.later(days=2)
    house.reopen()
    assert house.surveys().close_days() == 1
    assert house.surveys().close_days() == 0
    assert len(house.held_ratings()) == 1


def test_journal_keeps_nothing_of_a_day_that_was_held(house):
    house.rates(3, arm="arm-of-the-day")
    house.later(days=1)
    house.surveys().close_days()
    assert not list(house.store.journal.notes(TOPIC))
    assert b"arm-of-the-day" not in house.raw()


def test_fault_while_a_day_is_held_loses_no_rating_and_doubles_none(house):
    house.rates(1)
    house.rates(2)
    house.later(days=1)
    write = house.store.frames.write

    def fails(day, frames):
        raise OSError("no disk")

    house.store.frames.write = fails
    with pytest.raises(OSError, match="no disk"):
        house.surveys().close_days()
    house.store.frames.write = write
    assert house.surveys().close_days() == 2
    assert sorted(each["rating"] for each in house.held_ratings()) == [1, 2]


def test_record_of_a_rating_holds_number_day_and_arm_alone(house):
    house.rates(0, arm="b", org=None)
    house.later(days=1)
    house.surveys().close_days()
    (found,) = house.held_ratings()
    assert set(found) == {"rating", "day", "arm"}
    buckets = list(house.store.keys.buckets(Selection(kinds=[Kind.SURVEY_RATING])))
    assert {(bucket.owner.subject, bucket.owner.session) for bucket in buckets} == {(None, None)}
    assert {bucket.collected_at.time().isoformat() for bucket in buckets} == {"00:00:00"}


def test_order_in_which_ratings_came_stands_nowhere(house):
    one = Surveyed(lambda: MemoryStore(START))
    other = Surveyed(lambda: MemoryStore(START))
    for each, order in ((one, (1, 2, 3, 3, 0)), (other, (3, 0, 3, 2, 1))):
        for rating in order:
            each.rates(rating)
    assert [note.body for note in one.store.journal.notes(TOPIC)] == [note.body for note in other.store.journal.notes(TOPIC)]


def test_ratings_of_a_day_have_one_place_in_the_journal(house):
    for rating in (1, 2, 3):
        house.rates(rating)
        house.later(minutes=5)
    assert len(list(house.store.journal.notes(TOPIC))) == 1
    assert not re.search(rb"\d\d:\d\d", b"".join(note.body for note in house.store.journal.notes(TOPIC)))


def test_ledger_says_nothing_while_a_day_lasts_and_one_receipt_after(house):
    before = house.store.ledger.size
    for rating in (1, 2, 3, 3):
        house.rates(rating)
    assert house.store.ledger.size == before
    house.later(days=1)
    house.surveys().close_days()
    (receipt,) = house.entries("ingested")
    assert receipt["records"] == 4
    assert datetime.fromisoformat(receipt["at"]).date().isoformat() == "2026-09-02"


def test_records_of_a_day_are_held_in_an_order_of_chance(house):
    for rating in (0, 1, 2, 3):
        house.rates(rating)
    house.later(days=1)
    house.surveys(shuffle=lambda found: found.reverse()).close_days()
    assert [each["rating"] for each in house.held_ratings()] == [3, 2, 1, 0]


def test_late_rating_is_held_with_those_of_the_day_on_which_it_came(house):
    house.later(days=5)
    house.rates(1, days_ago=3)
    assert house.surveys().close_days() == 0
    house.rates(2)
    house.later(days=1)
    assert house.surveys().close_days() == 2
    assert Counter(each["day"] for each in house.held_ratings()) == {"2026-09-03": 1, "2026-09-06": 1}
    assert len({entry["at"] for entry in house.entries("ingested")}) == 1


@pytest.mark.parametrize("days_ago", [-1, LATEST.days + 1])
def test_day_ahead_or_too_far_back_is_refused_and_nothing_kept(house, days_ago):
    with pytest.raises(DataError) as raised:
        house.rates(days_ago=days_ago)
    assert raised.value.code == "data/invalid"
    assert not list(house.store.journal.notes(TOPIC))


def test_refused_rating_leaves_nothing(house):
    assert house.rates(3, arm="refused-arm", tier="team").verdict is Verdict.DENY
    assert not list(house.store.journal.notes(TOPIC))
    assert b"refused-arm" not in house.raw()


def test_ratings_of_organisations_stay_apart(house):
    house.org("acme")
    for org in (None, "acme", None):
        house.rates(3, org=org, tier="api")
    house.later(days=1)
    assert house.surveys().close_days() == 3
    owners = Counter()
    for bucket in house.store.keys.buckets(Selection(kinds=[Kind.SURVEY_RATING])):
        owners[bucket.owner.org] += bucket.records
    assert owners == {None: 2, "acme": 1}


def test_nothing_in_the_store_joins_a_rating_to_the_session_that_was_rated(house):
    uploads = Uploads(house.store, house.keeping.intake, house.keeping.accounts, house.keeping.time)
    case = parse_case({**SAID, "kind": "transcript", "purpose": "collect"})
    for session, rating in (("session-one", 1), ("session-two", 3)):
        uploads.add(case, Owner("anna", None, session), 0, b"x")
        house.rates(rating)
    for note in house.store.journal.notes(TOPIC):
        assert not re.search(b"session|anna", note.body)
    house.later(days=1)
    house.surveys().close_days()
    (rated,) = house.store.keys.buckets(Selection(kinds=[Kind.SURVEY_RATING]))
    assert (rated.owner.subject, rated.owner.session, rated.records) == (None, None, 2)
    assert {entry["at"] for entry in house.entries("ingested")} == {"2026-09-01T12:00:00Z", "2026-09-02T12:00:00Z"}


def test_erasure_of_a_person_leaves_ratings_as_they_are(house):
    house.person("anna")
    house.rates(3)
    house.later(days=1)
    house.surveys().close_days()
    house.keeping.disposition.erase(Selection(subjects=["anna"]), "request", subject="anna")
    assert len(house.held_ratings()) == 1
