"""The clock of a store: it never runs backwards, and one that is far ahead destroys nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.services.house import DAY, HOUR, START, in_memory, is_denied, on_disk

from tenure.errors import VaultError
from tenure.ports import Selection


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def is_refused_for_the_clock(house):
    with pytest.raises(VaultError) as caught:
        house.handed(subject="ben")
    return caught.value.code == "vault/clock" and "--confirm-clock" in caught.value.remedy


def test_clock_that_runs_backwards_extends_no_life(house) -> None:
    record = house.held()
    house.later(days=60)
    house.keeping.settle()
    assert house.bucket(record) is None
    other = house.held()
    house.jump(days=-59)
    assert house.keeping.at >= START + 60 * DAY - HOUR
    assert house.bucket(house.held(session="s2")).expires_at == house.bucket(other).expires_at


def test_what_was_unreadable_stays_so_when_the_clock_steps_back(house) -> None:
    record = house.held()
    house.later(days=60)
    assert is_denied(house.gets(record), "its time is over")
    house.jump(days=-30)
    assert is_denied(house.gets(record), "its time is over")


def test_pause_of_thirty_days_is_no_doubt_and_a_second_more_is(house) -> None:
    house.held()
    house.jump(days=30)
    house.reopen()
    assert not house.keeping.time.is_in_doubt
    house.jump(seconds=1)
    house.reopen()
    assert house.keeping.time.is_in_doubt


def test_after_too_long_a_pause_what_is_due_is_unreadable_and_nothing_is_destroyed(house) -> None:
    record = house.held()
    house.jump(days=61)
    house.reopen()
    house.keeping.settle()

    assert house.keeping.time.is_in_doubt
    assert house.bucket(record) is not None
    assert is_refused_for_the_clock(house)
    with pytest.raises(VaultError) as caught:
        house.keeping.disposition.expire()
    assert caught.value.code == "vault/clock"
    found = house.keeping.holdings.status()
    assert (found.held.records, found.is_in_doubt) == (0, True)
    assert list(house.keeping.rights.export("anna")) == []
    assert house.store.highest < START + DAY


def test_reading_in_doubt_is_denied_by_the_clock_that_is_ahead(house) -> None:
    job, record = house.job("serve"), house.held()
    house.jump(days=61)
    house.reopen()
    assert is_denied(house.keeping.uses.get(job, record), "its time is over")
    assert house.store.highest < START + DAY


def test_a_clock_that_is_set_right_again_has_destroyed_nothing(house) -> None:
    record = house.held()
    house.jump(days=400)
    house.reopen()
    house.keeping.settle()
    house.jump(days=-400)
    house.reopen()
    assert house.gets(record) == b"what I typed"
    assert house.is_ordered()


def test_a_person_who_confirms_the_clock_ends_the_doubt_and_the_ledger_says_so(house) -> None:
    record = house.held()
    house.jump(days=61)
    house.reopen()
    done = house.keeping.disposition.expire(confirm=True)

    assert (done.keys, house.bucket(record)) == (1, None)
    assert [entry["confirmed"] for entry in house.entries("opened", "expired")] == [True, True]
    assert not house.keeping.time.is_in_doubt
    house.held()
    assert house.is_ordered()


def test_confirming_a_clock_that_is_not_in_doubt_says_nothing(house) -> None:
    house.held()
    house.keeping.disposition.expire(confirm=True)
    assert house.entries("opened", "expired") == []


def test_wall_clock_may_be_a_day_ahead_of_the_monotonic_one_and_no_more(house) -> None:
    record = house.held()
    house.later(days=59)
    house.jump(hours=24)
    assert not house.keeping.time.is_in_doubt
    house.jump(seconds=1)
    house.keeping.settle()
    assert house.keeping.time.is_in_doubt
    assert house.bucket(record) is not None
    assert is_refused_for_the_clock(house)


def test_drift_adds_up(house) -> None:
    house.held()
    for _ in range(3):
        house.later(hours=1)
        house.jump(hours=9)
    assert house.keeping.time.is_in_doubt


def test_confirmed_drift_starts_anew(house) -> None:
    house.held()
    house.jump(days=5)
    house.keeping.disposition.expire(confirm=True)
    house.jump(hours=23)
    assert not house.keeping.time.is_in_doubt
    house.jump(hours=2)
    assert house.keeping.time.is_in_doubt


def test_in_doubt_entries_carry_the_highest_durable_instant(house) -> None:
    record = house.held()
    house.jump(days=100)
    house.reopen()
    with house.store.transaction():
        assert house.keeping.time.stamp() == house.store.highest < START + timedelta(minutes=1)
    house.keeping.disposition.erase(Selection(keys=[record.key]), "request")
    house.jump(days=-100)
    house.reopen()
    house.held()
    assert house.is_ordered()


def test_entry_of_an_account_is_dated_no_later_than_the_next_one(house) -> None:
    house.person()
    house.later(days=1)
    house.held()
    house.jump(days=-1)
    house.says_yes()
    house.held(session="s2")
    assert house.is_ordered()


@pytest.mark.parametrize(("days", "is_believed"), [(3653, True), (3654, False), (2_900_000, False)])
def test_clock_more_than_ten_years_ahead_is_never_believed(house, days, is_believed) -> None:
    house.held()
    before = house.store.highest
    house.jump(days=days)
    house.reopen()
    if is_believed:
        house.keeping.disposition.expire(confirm=True)
        assert house.store.highest == before + days * DAY
        return
    with pytest.raises(VaultError, match="ten years") as caught:
        house.keeping.disposition.expire(confirm=True)
    assert (caught.value.code, house.store.highest) == ("vault/clock", before)
    assert not house.entries("expired", "opened")


def test_store_at_the_end_of_time_opens(house) -> None:
    with house.store.transaction():
        house.store.raise_to(datetime.max.replace(tzinfo=UTC))
    house.reopen()
    assert not house.keeping.time.is_in_doubt
