"""The way out: a permit that is durable before the first byte, for all purposes of a registered job, and never after its time."""

import contextlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.unit.services.house import CASE, DAY, HOUR, in_memory, is_denied, on_disk
from tests.unit.services.works import YES

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection
from tenure.records.held import Owner, Permit
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.intake import Item
from tenure.services.use import MOST_RECORDS, Batch, Uses
from tenure.terms.cases import parse_case


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


class Watched:
    """A store that writes down the order of what is done to it, and can fail."""

    def __init__(self, store):
        self.inner, self.order, self.is_failing = store, [], False
        self.keys, self.frames = _Keys(self), _Frames(self)

    def __getattr__(self, name):
        return getattr(self.inner, name)

    @contextlib.contextmanager
    def transaction(self):
        with self.inner.transaction():
            yield
            if self.is_failing:
                raise VaultError("keys.db: expected space on the disk, found none left", code="vault/full", remedy="make room")
        last = json.loads(list(self.inner.ledger.entries())[-1])
        self.order.append(f"durable: {last['type']}")


class _Keys:
    def __init__(self, watched):
        self._watched = watched

    def __getattr__(self, name):
        return getattr(self._watched.inner.keys, name)

    def open(self, permit, at):
        self._watched.order.append("opened")
        return self._watched.inner.keys.open(permit, at)


class _Frames(_Keys):
    def __getattr__(self, name):
        return getattr(self._watched.inner.frames, name)

    def read(self, keys, batch=None):
        self._watched.order.append("read")
        return self._watched.inner.frames.read(keys, batch)


def watched(house):
    store = Watched(house.store)
    return store, Uses(store, house.keeping.judge, house.keeping.time)


def test_permit_is_durable_before_the_first_byte_is_read(house) -> None:
    record, job = house.held(), house.job("serve")
    store, uses = watched(house)
    uses.get(job, record)
    assert store.order == ["durable: permitted", "opened", "read", "durable: read"]


def test_store_that_cannot_write_the_permit_yields_no_plaintext(house) -> None:
    record, job = house.held(), house.job("serve")
    store, uses = watched(house)
    store.is_failing = True
    for use in (lambda: uses.get(job, record), lambda: list(uses.read(job, Selection()))):
        with pytest.raises(VaultError):
            use()
    assert store.order == []
    assert house.entries("permitted", "read") == []


def test_permit_names_the_keys_the_job_and_its_purposes_and_nobody(house) -> None:
    first, second = house.held(subject="canary-anna", session="canary-s1"), house.held(kind="output", subject="canary-anna")
    job = house.job("serve", "improve")
    list(house.keeping.uses.read(job, Selection()))
    (entry,) = house.entries("permitted")
    assert entry["keys"] == keys_digest([first.key, second.key]).hex()
    assert (entry["job"], entry["purposes"], entry["records"]) == (job.digest, ["improve", "serve"], 2)
    assert {cell["kind"] for cell in entry["cells"]} == {"prompt", "output"}
    assert b"canary" not in b"".join(house.store.ledger.entries())


def test_what_was_read_is_on_record_with_its_permit(house) -> None:
    record = house.held()
    house.gets(record)
    (index,) = [number for number, entry in enumerate(house.entries()) if entry["type"] == "permitted"]
    assert [(entry["permit"], entry["records"]) for entry in house.entries("read")] == [(index, 1)]


def test_reader_that_stops_early_is_on_record_too(house) -> None:
    house.held()
    reading = house.keeping.uses.read(house.job(), Selection())
    next(reading)
    reading.close()
    assert [entry["records"] for entry in house.entries("read")] == [1]


def test_job_reads_only_what_all_of_its_purposes_permit(house) -> None:
    record = house.held(consents=[YES])
    assert house.gets(record, "serve", "improve", "train_generative") == b"what I typed"
    other = house.held(kind="output", consents=[YES])
    assert house.gets(other, "serve", "improve") == b"what I typed"
    denied = house.gets(other, "serve", "improve", "train_generative")
    assert is_denied(denied)
    assert denied.kind is Kind.OUTPUT


def test_denial_names_the_clauses_and_is_told_among_what_is_read(house) -> None:
    house.held(content=b"mine", subject="ben")
    house.held(content=b"yours", consents=[YES])
    found = house.reads("train_generative")
    assert found[0] == b"yours"
    assert [(each.verdict, each.records) for each in found[1:]] == [(Verdict.DENY, 1)]


def test_purpose_that_no_clause_names_is_denied(house) -> None:
    assert is_denied(house.gets(house.held(), "debug"))
    assert house.entries("permitted") == []


def test_registering_again_widens_no_receipt_that_was_written(house) -> None:
    record = house.held()
    old = house.job("serve")
    house.later(hours=1)
    new = house.job("serve", "improve")
    index = house.store.ledger.size
    house.keeping.uses.get(old, record)
    entry = list(house.store.ledger.entries())[index]
    until = house.keeping.at + timedelta(minutes=10)
    assert old.digest != new.digest
    assert json.loads(entry)["job"] == old.digest
    permit = Permit(index, entry, frozenset([record.key]), old.purposes, until)
    house.store.keys.open(permit, house.keeping.at)
    for wider in (
        replace(permit, purposes=new.purposes),
        replace(permit, until=until + HOUR),
        replace(permit, keys=frozenset([record.key, house.held(kind="output").key])),
    ):
        with pytest.raises(VaultError) as caught:
            house.store.keys.open(wider, house.keeping.at)
        assert caught.value.code == "vault/no-permit"


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=1), timedelta(days=20)])
def test_from_its_very_instant_it_is_denied_on_every_path_before_any_sweep(house, ahead) -> None:
    record = house.held()
    job, run = house.job("serve"), house.keeping.derivations.start(house.job("serve", name="maker"))
    house.later(days=59)
    house.clock.move_to(house.bucket(record).expires_at - timedelta(microseconds=1))
    assert house.gets(record) == b"what I typed"

    house.clock.move_to(house.bucket(record).expires_at + ahead)
    assert house.bucket(record) is not None
    assert is_denied(house.keeping.uses.get(job, record), "its time is over")
    assert [is_denied(each) for each in house.keeping.uses.read(job, Selection())] == [True]
    assert list(house.keeping.rights.export("anna")) == []
    assert [is_denied(each) for each in house.keeping.derivations.read(run, Selection())] == [True]
    assert house.keeping.holdings.status().held.records == 0
    assert not house.keeping.holdings.story(record.key).can_open


def test_what_ends_or_changes_while_others_are_read_is_denied(house, monkeypatch) -> None:
    monkeypatch.setattr("tenure.services.use.MOST_RECORDS", 1)
    house.held(subject="first", consents=[YES])
    for subject in ("second", "third", "fourth"):
        house.held(subject=subject, consents=[YES], session=subject)
    reading = house.keeping.uses.read(house.job("train_generative"), Selection())
    assert isinstance(next(reading), Batch)
    house.says_no("second")
    assert is_denied(next(reading))
    house.keeping.disposition.erase(Selection(subjects=["third"]), "request", subject="third")
    assert is_denied(next(reading), "it was destroyed")
    house.clock.move_to(house.clock.now() + 2000 * DAY)
    assert is_denied(next(reading), "its time is over")


def test_permits_name_a_bounded_number_of_records(house) -> None:
    item_records = MOST_RECORDS // 2 + 1
    for number in range(2):
        house.keeping.intake.put(_many(f"p{number}", item_records))
    found = list(house.keeping.uses.read(house.job(), Selection()))
    assert [len(batch) for batch in found] == [item_records, item_records]


def _many(subject, count):

    return Item(parse_case({**CASE, "purpose": "collect"}), Owner(subject), [b"x"] * count)


def test_record_that_is_not_there_is_denied_and_reads_nothing(house) -> None:
    record = house.held()
    other = replace(record, key=type(record.key)(bytes(16)))
    assert is_denied(house.gets(other), "no such record")
    assert house.entries("permitted") == []
    for missing in (replace(record, index=1), replace(record, batch=7)):
        assert is_denied(house.gets(missing), "no such record")
    assert [entry["records"] for entry in house.entries("read")] == [0, 0]


def test_terms_that_changed_too_often_for_a_receipt_are_denied(house, monkeypatch) -> None:
    record = house.held()
    monkeypatch.setattr("tenure.services.ruling._LONGEST_CELLS", 10)
    assert is_denied(house.gets(record), "changed so often")


def test_changed_frame_is_an_error_that_names_it(house) -> None:
    record = house.held()
    if house.folder is None:
        day, content = house.store.frames.stored[record.key][0]
        house.store.frames.stored[record.key][0] = day, content[:-1] + bytes([content[-1] ^ 1])
    else:
        (segment,) = house.folder.glob("segments/*/*")
        content = segment.read_bytes()
        segment.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(IntegrityError):
        house.gets(record)
    assert house.entries("read") == []


def test_receipts_are_in_order(house) -> None:
    record = house.held()
    house.gets(record)
    house.jump(days=-3)
    house.gets(record)
    assert house.is_ordered()


def test_safety_is_not_smuggled_in_beside_another_purpose(house) -> None:
    record = house.held(safety_flagged=True)
    house.later(days=61)
    assert house.gets(record, "safety") == b"what I typed"
    assert is_denied(house.gets(record, "safety", "serve"))
    assert house.keeping.judge.of_bucket(house.bucket(record), Purpose.SERVE, house.keeping.at).verdict is Verdict.DENY
