"""Transcripts in parts: append-only, the same part once, each person's sessions apart, and nothing noted that has outlived its session."""

import pytest
from tests.unit.services.test_surveys import SAID, START, Surveyed

from tenure.errors import DataError
from tenure.ports import Selection
from tenure.records.facts import UPLOAD
from tenure.records.held import Owner
from tenure.records.kinds import Kind, Verdict
from tenure.services.local import sweep
from tenure.services.uploads import Uploaded, Uploads
from tenure.terms.cases import parse_case
from tenure.testing.store import MemoryStore
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    store = MemoryStore(START)
    is_on_disk = request.param == "disk"
    house = Surveyed(lambda: SqliteStore(Folder(str(tmp_path)), at=START) if is_on_disk else store, tmp_path if is_on_disk else None)
    house.person("anna")
    house.later(seconds=1)
    yield house
    house.close()


def sends(house, start, content, *, subject="anna", session="s1", kind="transcript") -> Uploaded:
    case = parse_case({**SAID, "kind": kind, "purpose": "collect"})
    uploads = Uploads(house.store, house.keeping.intake, house.keeping.accounts, house.keeping.time)
    return uploads.add(case, Owner(subject, None, session), start, content)


def held(house, subject="anna") -> list[bytes]:
    return [exported.content for exported in house.keeping.rights.export(subject)]


def is_conflict(house, start, content, **whose) -> str:
    with pytest.raises(DataError) as raised:
        sends(house, start, content, **whose)
    assert raised.value.code == "server/conflict"
    return raised.value.remedy


def test_parts_follow_one_another(house):
    assert sends(house, 0, b"one\n").length == 4
    assert sends(house, 4, b"two\n").length == 8
    assert held(house) == [b"one\n", b"two\n"]


@pytest.mark.parametrize("is_restarted", [False, True])
def test_part_that_comes_again_is_answered_as_before_and_held_once(house, is_restarted):
    first = sends(house, 0, b"one\n")
    sends(house, 4, b"two\n")
    if is_restarted:
        house.reopen()
    again = sends(house, 0, b"one\n")
    assert again.is_repeated
    assert again.put.verdict is Verdict.PERMIT
    assert again.put.records == first.put.records
    assert again.put.expires_at == first.put.expires_at
    assert again.length == 8
    assert held(house) == [b"one\n", b"two\n"]


@pytest.mark.parametrize(
    ("start", "content"),
    [(0, b"ONE\n"), (0, b"one\ntwo\n"), (0, b"on"), (2, b"e\n"), (3, b"x"), (5, b"x"), (400, b"x")],
    ids=["other bytes", "longer", "shorter", "inside", "overlaps", "gap", "far gap"],
)
def test_part_that_neither_goes_on_nor_repeats_is_refused_with_nothing_kept(house, start, content):
    sends(house, 0, b"one\n")
    assert is_conflict(house, start, content) == "go on from byte 4"
    assert held(house) == [b"one\n"]


def test_first_part_begins_at_nought(house):
    assert is_conflict(house, 1, b"x") == "go on from byte 0"


def test_empty_part_is_refused(house):
    with pytest.raises(DataError) as raised:
        sends(house, 0, b"")
    assert raised.value.code == "server/malformed"
    assert held(house) == []


@pytest.mark.parametrize("other", [{"subject": "bert"}, {"session": "s2"}, {"session": "s"}, {"session": 's1"'}])
def test_session_of_another_person_or_id_is_apart(house, other):
    sends(house, 0, b"one\n")
    assert is_conflict(house, 4, b"two\n", **other) == "go on from byte 0"
    assert not sends(house, 0, b"one\n", **other).is_repeated
    assert sends(house, 4, b"two\n").length == 8


@pytest.mark.parametrize("what", ["session", "person"])
def test_transcript_begins_anew_after_it_was_erased(house, what):
    sends(house, 0, b"one\n")
    house.later(seconds=1)
    selection = Selection(subjects=["anna"], sessions=["s1"]) if what == "session" else Selection(subjects=["anna"])
    house.keeping.disposition.erase(selection, "request", subject=None if what == "session" else "anna")
    assert is_conflict(house, 4, b"two\n") == "go on from byte 0"
    again = sends(house, 0, b"one\n")
    assert not again.is_repeated
    assert held(house) == [b"one\n"]


def test_erased_part_that_a_legal_hold_keeps_is_not_answered_for(house):
    sends(house, 0, b"one\n")
    house.keeping.disposition.hold("case", Selection(subjects=["anna"]), "legal")
    house.keeping.disposition.erase(Selection(subjects=["anna"], sessions=["s1"]), "request")
    anew = sends(house, 0, b"one\n")
    assert not anew.is_repeated
    assert sends(house, 0, b"one\n").put.records == anew.put.records


def test_transcript_goes_on_while_an_older_part_is_over(house):
    sends(house, 0, b"one\n")
    house.later(days=30)
    sends(house, 4, b"two\n")
    house.later(days=31)
    house.keeping.settle()
    assert sends(house, 8, b"three\n").length == 14
    assert is_conflict(house, 0, b"one\n") == "go on from byte 14"
    assert held(house) == [b"two\n", b"three\n"]


def test_sweep_removes_what_is_noted_of_a_session_that_is_over(house):
    sends(house, 0, b"one\n", session="session-that-is-over")
    sends(house, 0, b"one\n", subject="bert", session="session-that-is-over")
    house.later(days=40)
    sends(house, 0, b"two\n", session="another")
    house.later(days=21)
    sweep(house.keeping)
    assert [note.key for note in house.store.journal.notes(UPLOAD)] == ["anna"]
    assert b"session-that-is-over" not in house.raw()
    assert sends(house, 4, b"three\n", session="another").length == 10


def test_pruning_is_of_one_person_alone_where_one_is_named(house):
    for subject in ("anna", "bert"):
        sends(house, 0, b"one\n", subject=subject)
        house.keeping.disposition.erase(Selection(subjects=[subject]), "request")
    uploads = Uploads(house.store, house.keeping.intake, house.keeping.accounts, house.keeping.time)
    assert uploads.prune("anna") == 1
    assert [note.key for note in house.store.journal.notes(UPLOAD)] == ["bert"]


def test_refused_part_leaves_nothing(house):
    put = sends(house, 0, b"content that is refused", kind="code")
    assert put.put.verdict is not Verdict.PERMIT
    assert put.length == 0
    assert b"content that is refused" not in house.raw()
    assert not list(house.store.journal.notes(UPLOAD))


def test_fault_while_a_part_is_held_notes_nothing(house):
    write = house.store.frames.write

    def fails(day, frames):
        raise OSError("no disk")

    house.store.frames.write = fails
    with pytest.raises(OSError, match="no disk"):
        sends(house, 0, b"one\n")
    house.store.frames.write = write
    assert not list(house.store.journal.notes(UPLOAD))
    assert not sends(house, 0, b"one\n").is_repeated


def test_part_of_a_merged_account_is_the_other_persons(house):
    house.person("anne")
    house.later(seconds=1)
    sends(house, 0, b"one\n", subject="anne")
    house.later(seconds=1)
    house.keeping.accounts.merge("anne", "anna", at=house.keeping.at)
    assert sends(house, 0, b"one\n", subject="anne").is_repeated
    assert sends(house, 4, b"two\n", subject="anna").length == 8


def test_kind_of_a_part_is_its_cases(house):
    sends(house, 0, b"one\n")
    assert {bucket.kind for bucket in house.store.keys.buckets(Selection(subjects=["anna"]))} == {Kind.TRANSCRIPT}
