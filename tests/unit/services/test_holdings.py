"""What a store says that it holds, and what became of a record."""

from datetime import date

import pytest
from tests.unit.services.house import in_memory, on_disk

from tenure.ports import Selection
from tenure.records.kinds import Kind, Purpose, Verdict

ANNA = Selection(subjects=["anna"])


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def kinds(house):
    return [event.kind for event in house.keeping.holdings.story(house.record.key).events]


def test_empty_store_holds_nothing(house) -> None:
    status = house.keeping.holdings.status()
    assert (status.held.records, status.held.size, dict(status.by_kind), dict(status.calendar)) == (0, 0, {}, {})
    assert status.residue == (0, 0)


def test_what_can_open_is_counted_by_kind_terms_and_day(house) -> None:
    house.held(b"12345")
    house.held(b"123", subject="ben", tier="team")
    house.held(b"1", kind="output", subject="carla")
    house.handed(kind="feedback_report", tier="api", subject="dora")
    status = house.keeping.holdings.status()
    assert {kind: (amount.records, amount.size) for kind, amount in status.by_kind.items()} == {
        Kind.FEEDBACK_REPORT: (1, 12),
        Kind.OUTPUT: (1, 1),
        Kind.PROMPT: (2, 8),
    }
    assert {length: amount.records for length, amount in status.by_terms.items()} == {"P10D": 1, "P60D": 1, "indefinite": 1, "unstated": 1}
    assert list(status.calendar.items()) == [(date(2026, 9, 11), 1), (date(2026, 10, 1), 1), (date(2026, 10, 31), 1), (None, 1)]
    assert status.held.records == sum(status.calendar.values())


def test_what_only_a_hold_keeps_is_not_held(house) -> None:
    house.held()
    house.keeping.disposition.hold("case", ANNA, "legal")
    assert house.keeping.holdings.status().held.records == 1
    house.later(days=60)
    status = house.keeping.holdings.status()
    assert (status.held.records, status.on_hold.records, dict(status.holds)) == (0, 1, {"case": "legal"})


def test_refused_intake_is_not_held(house) -> None:
    house.handed(flags=["zdr"])
    assert house.keeping.holdings.status().held.records == 0


def test_story_of_a_record_is_that_of_the_ledger(house) -> None:
    house.record = house.held()
    house.held(subject="ben", session="other")
    story = house.keeping.holdings.story(house.record.key)
    assert story.can_open
    assert (story.decisions[Purpose.SERVE].verdict, story.decisions[Purpose.DEBUG].verdict) == (Verdict.PERMIT, Verdict.DENY)
    house.keeping.disposition.hold("case", ANNA, "legal")
    house.keeping.disposition.release("case")
    house.later(days=60)
    house.keeping.settle()

    story = house.keeping.holdings.story(house.record.key)
    assert (story.bucket, story.can_open, dict(story.decisions)) == (None, False, {})
    assert kinds(house) == ["ingested", "held", "released", "expired"]


def test_story_follows_a_record_to_an_earlier_day(house) -> None:
    house.person()
    house.says_yes()
    house.record = house.held()
    house.says_no()
    house.later(days=30)
    house.keeping.settle()
    assert kinds(house) == ["ingested", "tightened", "expired"]


def test_story_of_what_was_never_here_is_empty(house) -> None:
    house.held()
    story = house.keeping.holdings.story(type(house.held().key)(bytes(16)))
    assert (story.bucket, story.can_open, story.events) == (None, False, ())
