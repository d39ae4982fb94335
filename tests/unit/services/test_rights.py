"""Everything that is held of a person, handed over with a manifest."""

import contextlib
import hashlib

import pytest
from tests.unit.services.house import in_memory, on_disk
from tests.unit.services.works import YES

from tenure.errors import VaultError
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection

ANNA = Selection(subjects=["anna"])


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def test_all_of_a_person_is_handed_over_and_nothing_of_others(house) -> None:
    mine = {house.held(b"one"), house.held(b"two", session="s2"), house.held(b"three", kind="output", org="acme", tier="api")}
    house.held(b"not mine", subject="ben")
    found = list(house.keeping.rights.export("anna"))
    assert {(each.name, each.content) for each in found} == {(name, house.gets(name)) for name in mine}


def test_manifest_says_what_each_record_is(house) -> None:
    house.held(b"one", session="s1")
    ((line,),) = [[each.described for each in house.keeping.rights.export("anna")]]
    assert (line["kind"], line["session"], line["expires_at"], line["bytes"]) == ("prompt", "s1", "2026-10-31T00:00:00Z", 3)
    assert line["sha256"] == hashlib.sha256(b"one").hexdigest()
    assert line["terms"][0]["tier"] == "pro"


def test_export_is_on_record_before_anything_is_opened(house) -> None:
    record = house.held()
    exporting = house.keeping.rights.export("anna")
    assert house.entries("exported") == []
    next(exporting)
    (entry,) = house.entries("exported")
    assert (entry["keys"], entry["records"]) == (keys_digest([record.key]).hex(), 1)


def test_what_is_over_dead_or_of_nobody_is_not_handed_over(house) -> None:
    house.held(b"dead")
    house.keeping.disposition.hold("case", ANNA, "legal")
    house.keeping.disposition.erase(ANNA, "request")
    house.held(b"over", tier="team", session="s2")
    house.later(days=10)
    house.held(b"alive", session="s3")
    assert [each.content for each in house.keeping.rights.export("anna")] == [b"alive"]
    assert house.keeping.rights.unopened("anna") == 2


def test_what_ends_while_it_is_handed_over_is_not_opened(house, monkeypatch) -> None:
    monkeypatch.setattr("tenure.services.rights._MOST_BUCKETS", 1)
    house.held(b"long", kind="output")
    house.held(b"short", tier="team")
    exporting = house.keeping.rights.export("anna")
    assert next(exporting).content == b"long"
    house.later(days=10)
    assert list(exporting) == []


def test_account_is_handed_over_with_it(house) -> None:
    house.held(consents=[YES])
    (fact,) = house.keeping.rights.account("anna")
    assert (fact["event"], fact["values"]["tier"]) == ("attested", "pro")
    assert house.keeping.rights.account("ben") == []


def test_store_that_cannot_write_the_receipt_hands_nothing_over(house, monkeypatch) -> None:
    house.held()

    @contextlib.contextmanager
    def failing():
        yield
        raise VaultError("keys.db: expected space on the disk, found none left", code="vault/full", remedy="make room")

    monkeypatch.setattr(house.store, "transaction", failing)
    with pytest.raises(VaultError):
        next(house.keeping.rights.export("anna"))
