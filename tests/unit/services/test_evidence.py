"""A yes that a case states counts with the text that was shown and its preset answer alone, and never for somebody who was erased."""

import pytest
from tests.unit.services.house import CASE, in_memory, is_denied, on_disk
from tests.unit.services.works import NO, YES

from tenure.ports import Selection
from tenure.records.facts import FORMER, FORMER_KEY
from tenure.records.kinds import Verdict
from tenure.services.use import Denied

BARE = {name: value for name, value in YES.items() if name not in ("text_sha256", "default_shown")}
UNPROVEN = [
    BARE,
    {**YES, "text_sha256": None},
    {**YES, "default_shown": None},
    {**YES, "text_sha256": ""},
    {**YES, "text_sha256": "yes"},
    {**YES, "text_sha256": "AB" * 32},
]


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def does_not_train(house, record):
    found = house.gets(record, "train_generative")
    return isinstance(found, Denied) and found.verdict in (Verdict.DENY, Verdict.GAP)


def erased(house, subject="anna"):
    house.keeping.disposition.erase(Selection(subjects=[subject]), "request", subject=subject)


def test_proven_yes_of_somebody_unknown_counts(house) -> None:
    put = house.handed(consents=[YES])
    assert put.reason == ""
    assert house.gets(put.records[0], "train_generative") == b"what I typed"
    assert put.expires_at.year == 2031


@pytest.mark.parametrize("yes", UNPROVEN)
def test_unproven_yes_of_somebody_unknown_is_as_if_it_were_not_known(house, yes) -> None:
    put = house.handed(consents=[yes])
    assert "text_sha256" in put.reason
    assert does_not_train(house, put.records[0])
    assert (put.expires_at.year, put.expires_at.month) == (2026, 10)
    (answer,) = house.keeping.accounts.agreement("probe", "anna", None, house.keeping.at).consents
    assert (answer.name, answer.value) == ("training", None)
    second = house.held(consents=[YES], session="s2")
    assert does_not_train(house, second)


def test_yes_of_nobody_by_name_has_to_be_proven_too(house) -> None:
    assert does_not_train(house, house.held(subject=None, consents=[BARE]))
    assert house.gets(house.held(subject=None, consents=[YES], session="s2"), "train_generative") == b"what I typed"


def test_unproven_yes_of_a_source_does_not_count(house) -> None:
    source = {**CASE, "collected_at": "2026-09-01T11:00:00Z", "consents": [BARE]}
    put = house.handed(kind="derived_signal", derived_from=[source])
    assert "text_sha256" in put.reason
    (found,) = house.keeping.judge.case(house.bucket(put.records[0]).cells[0]).derived_from
    assert [each.value for each in found.consents] == [None]


def test_no_needs_no_proof(house) -> None:
    bare = {name: value for name, value in NO.items() if name not in ("text_sha256", "default_shown")}
    put = house.handed(consents=[bare])
    assert put.reason == ""
    assert is_denied(house.gets(put.records[0], "train_generative"))


def test_unproven_yes_takes_nothing_from_somebody_who_is_known(house) -> None:
    house.person()
    house.says_yes()
    house.later(seconds=5)
    put = house.handed(consents=[BARE])
    assert put.reason == ""
    assert house.gets(put.records[0], "train_generative") == b"what I typed"


def test_erasing_somebody_does_not_turn_their_no_into_a_yes(house) -> None:
    house.person()
    house.says_no()
    erased(house)
    house.later(hours=1)
    for session in ("s1", "s2"):
        put = house.handed(consents=[YES], session=session)
        assert does_not_train(house, put.records[0])
    house.says_yes()
    house.later(seconds=5)
    assert house.gets(house.held(session="s3"), "train_generative") == b"what I typed"
    erased(house)
    house.later(hours=1)
    assert does_not_train(house, house.held(consents=[YES], session="s4"))


def test_mark_of_somebody_erased_names_nobody_and_is_no_plain_digest(house) -> None:
    house.held(subject="canary-anna")
    erased(house, "canary-anna")
    erased(house, "canary-anna")
    marks = list(house.store.journal.notes(FORMER))
    assert [(len(mark.key), mark.body) for mark in marks] == [(64, b"")]
    assert b"canary-anna" not in house.raw()
    other = in_memory()
    other.store.journal.add(FORMER_KEY, "", bytes(32))
    other.held(subject="canary-anna")
    erased(other, "canary-anna")
    assert [mark.key for mark in other.store.journal.notes(FORMER)] != [mark.key for mark in marks]


def test_only_somebody_of_whom_something_was_known_leaves_a_mark(house) -> None:
    erased(house, "nobody")
    assert list(house.store.journal.notes(FORMER)) == []
