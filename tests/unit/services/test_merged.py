"""What is taken in under the id of an account that was merged is the other account's: handed over, held, tightened and erased with it."""

import pytest
from tests.unit.services.house import CASE, in_memory, is_denied, on_disk
from tests.unit.services.works import YES

from tenure.ports import Selection
from tenure.records.facts import UPLOAD, USAGE
from tenure.records.held import Owner
from tenure.services.metering import Metering
from tenure.services.tokens import Scope, Tokens
from tenure.services.uploads import Uploads
from tenure.terms.cases import parse_case
from tenure.terms.price import Usage


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


@pytest.fixture
def merged(house):
    """A store in which `old` is part of `new`."""
    for subject in ("old", "new"):
        house.person(subject)
    house.later(hours=1)
    assert house.keeping.accounts.merge("old", "new", at=house.keeping.at) is None
    house.later(hours=1)
    return house


def test_what_comes_under_the_old_id_is_the_new_accounts(merged) -> None:
    record = merged.held(b"late", subject="old", session="c")
    assert merged.bucket(record).owner == Owner("new", None, "c")
    assert [each.content for each in merged.keeping.rights.export("new")] == [b"late"]
    assert merged.keeping.disposition.hold("case", Selection(subjects=["new"]), "legal") == 1
    merged.keeping.disposition.release("case")
    merged.keeping.disposition.erase(Selection(subjects=["new"]), "request", subject="new")
    assert merged.bucket(record) is None


@pytest.mark.parametrize("named", ["old", "new"])
def test_either_id_names_the_whole_person(merged, named) -> None:
    merged.held(b"one", subject="old")
    merged.held(b"two", subject="new", session="s2")
    assert {each.content for each in merged.keeping.rights.export(named)} == {b"one", b"two"}
    assert {fact["event"] for fact in merged.keeping.rights.account(named)} == {"created", "merged"}
    assert merged.keeping.disposition.hold("case", Selection(subjects=[named]), "safety") == 2
    merged.keeping.disposition.release("case")
    done = merged.keeping.disposition.erase(Selection(subjects=[named]), "request", subject=named)
    assert (done.keys, list(merged.store.keys.buckets())) == (2, [])
    assert not merged.keeping.accounts.knows("old")
    assert not merged.keeping.accounts.knows("new")


def test_what_the_old_account_refused_before_the_merge_holds_for_what_comes_late(house) -> None:
    for subject in ("old", "new"):
        house.person(subject)
    house.later(hours=1)
    for subject in ("old", "new"):
        house.says_yes(subject)
    house.later(hours=1)
    collected = house.keeping.at.isoformat()
    house.later(hours=1)
    house.says_no("old")
    house.later(hours=1)
    assert house.keeping.accounts.merge("old", "new", at=house.keeping.at) is None
    house.later(hours=1)
    late = house.held(subject="old", collected_at=collected)
    assert is_denied(house.gets(late, "train_generative"))


def test_chain_of_merges_is_erased_whole(merged) -> None:
    merged.person("newest")
    assert merged.keeping.accounts.merge("new", "newest", at=merged.keeping.at) is None
    merged.later(hours=1)
    record = merged.held(subject="old")
    assert merged.bucket(record).owner.subject == "newest"
    merged.keeping.disposition.erase(Selection(subjects=["newest"]), "request", subject="newest")
    assert not any(merged.keeping.accounts.knows(subject) for subject in ("old", "new", "newest"))
    assert list(merged.store.journal.notes("merged")) == []


def test_transcript_goes_on_across_a_merge(house) -> None:
    case = parse_case({**CASE, "purpose": "collect", "kind": "prompt"})
    for subject in ("old", "new"):
        house.person(subject)
    uploads = Uploads(house.store, house.keeping.intake, house.keeping.accounts, house.keeping.time)
    uploads.add(case, Owner("old", None, "s1"), 0, b"one")
    house.later(hours=1)
    assert house.keeping.accounts.merge("old", "new", at=house.keeping.at) is None
    house.later(hours=1)
    assert uploads.add(case, Owner("old", None, "s1"), 0, b"one").is_repeated
    assert uploads.add(case, Owner("old", None, "s1"), 3, b"two").length == 6
    assert uploads.add(case, Owner("new", None, "s1"), 6, b"three").length == 11
    house.keeping.disposition.erase(Selection(subjects=["new"]), "request", subject="new")
    assert list(house.store.journal.notes(UPLOAD)) == []


def test_use_of_both_accounts_is_one_invoice_and_counts_once(merged) -> None:
    metering = Metering(merged.store, merged.keeping.accounts, merged.keeping.judge.book, merged.keeping.time)
    used = Usage(input=10)
    assert metering.add("probe", "old", is_org=False, model="m", usage=used, request="r1")
    assert not metering.add("probe", "new", is_org=False, model="m", usage=used, request="r1")
    assert metering.add("probe", "new", is_org=False, model="m", usage=used, request="r2")
    assert {note.key for note in merged.store.journal.notes(USAGE)} == {"new"}
    assert [line.requests for line in metering.invoice("old", is_org=False)] == [2]


def test_token_of_the_old_account_is_the_new_ones_and_goes_with_it(merged) -> None:
    tokens = Tokens(merged.store, merged.keeping.time)
    text, _ = tokens.mint(Scope.INGEST, "probe", subject="old")
    assert tokens.find(text, merged.keeping.accounts.resolve).subject == "new"
    merged.keeping.disposition.erase(Selection(subjects=["new"]), "request", subject="new")
    assert tokens.find(text) is None
    assert tokens.all() == []


def test_yes_of_the_case_of_a_known_person_does_not_count_under_the_old_id_either(merged) -> None:
    record = merged.held(subject="old", consents=[YES])
    assert is_denied(merged.gets(record, "train_generative"))
