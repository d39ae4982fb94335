import json

import pytest
from tests.unit.services.works import CODE, NO, YES, Works, many

from tenure.errors import VaultError
from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection
from tenure.records.facts import ACCOUNT, BUDGET, MERGED
from tenure.release.budget import MICRO, Allowance, Cost
from tenure.release.declassifier import Released
from tenure.release.private import PrivateCount, PrivateSum
from tenure.release.threshold import ThresholdCount
from tenure.services.derive import Run
from tenure.services.releasing import Releases
from tenure.testing.noise import NoNoise


@pytest.fixture
def works() -> Works:
    return Works()


def names(count, first=0):
    return frozenset(f"p{number:03}" for number in range(first, first + count))


def count(works, cells, run=None):
    return works.releases.release(run or works.run(), ThresholdCount(cells), NoNoise())


def charges(works):
    return [(note.key, json.loads(note.body)) for note in works.store.journal.notes(BUDGET)]


def test_count_over_enough_persons_is_released_on_the_record(works) -> None:
    records = many(works, 30)

    released = count(works, {"happy": names(30)})

    entry = parse_entry(list(works.store.ledger.entries())[-1])
    assert released.value.cells == {"happy": 30}
    assert entry["key"] is None
    assert entry["inputs"] == keys_digest(record.key for record in records).hex()
    assert entry["transform"] == {"name": "job", "digest": CODE}
    assert entry["declassifier"] == {"name": "threshold_count", "version": 1, "digest": released.digest, "parameters": {"k": 25, "total": 0}}
    assert [made.declassifier for made in works.lineage.derivations()] == ["threshold_count/1"]


def test_record_of_a_release_holds_neither_figures_nor_labels(works) -> None:
    many(works, 30)

    count(works, {"LABEL-CANARY": names(30)})

    ledger = b"".join(works.store.ledger.entries())
    assert b"LABEL-CANARY" not in ledger
    assert b"p001" not in ledger


def test_everyone_whose_data_was_read_is_charged(works) -> None:
    many(works, 30)

    count(works, {"happy": names(26)})

    assert {subject for subject, _ in charges(works)} == names(30)


def test_one_person_cannot_pass_for_many(works) -> None:
    works.put("anna")

    outcome = count(works, {"happy": names(30)})

    assert outcome.reason == "subjects"
    assert charges(works) == []


def test_data_that_is_nobodys_cannot_be_counted_by_persons(works) -> None:
    many(works, 30)
    made = works.derive()

    outcome = count(works, {"happy": names(30)}, works.run(made.records[0].key))

    assert outcome.reason == "subjects"


def test_one_input_that_is_nobodys_is_enough(works) -> None:
    many(works, 30)
    works.derive()

    assert count(works, {"happy": names(30)}).reason == "subjects"


def test_input_that_the_job_may_not_read_withholds_all(works) -> None:
    many(works, 30, consents=[YES])
    works.put("ben", session="s99", consents=[NO])
    run = works.derivations.start(works.job("train_generative"))
    keys = [bucket.key for bucket in works.store.keys.buckets()]

    outcome = works.releases.release(run, ThresholdCount({"x": names(30)}), NoNoise(), keys)

    assert outcome.reason == "not-permitted"


def test_zero_retention_withholds_all(works) -> None:
    many(works, 30, kind="usage_metric", org="acme")
    works.flag("acme", "zdr")
    works.later(hours=1)

    outcome = works.releases.release(works.run(purposes=["serve"]), PrivateCount({"x": names(30)}, MICRO), NoNoise())

    assert outcome.reason == "not-permitted"
    assert "zero data retention" in outcome.detail


def test_private_release_charges_epsilon_until_there_is_none(works) -> None:
    many(works, 2)
    query = PrivateSum({"minutes": {"p000": 7, "p001": 90}}, 0, 60, MICRO // 2)

    outcomes = [works.releases.release(works.run(), query, NoNoise()) for _ in range(3)]

    assert outcomes[0].value.cells == {"minutes": 67}
    assert isinstance(outcomes[1], Released)
    assert outcomes[2].reason == "budget"
    assert [body["micro_epsilon"] for _, body in charges(works)] == [MICRO // 2] * 4


def test_budget_outlives_a_restart(works) -> None:
    many(works, 2)
    works.releases.release(works.run(), PrivateCount({"x": names(2)}, MICRO), NoNoise())
    again = Releases(works.store, works.accounts, works.time, works.derivations)

    assert again.release(works.run(), PrivateCount({"x": names(2)}, 1), NoNoise()).reason == "budget"
    assert again.exhausted(names(3), Cost(1)) == names(2)


def test_merging_two_accounts_refunds_nothing(works) -> None:
    works.put("anna"), works.put("ben", session="s2")
    works.releases.release(works.run(), PrivateCount({"x": {"anna", "ben"}}, MICRO), NoNoise())
    with works.store.transaction():
        now = works.time.keep()
        works.accounts.registry.add(ACCOUNT, "anna", "merged", now, now, "subject", None, into="carla")
        works.store.journal.add(MERGED, "carla", b"anna")
        works.store.keys.pass_to([bucket.key for bucket in works.store.keys.buckets(Selection(subjects=["anna"]))], "carla")
    run = works.derivations.start(works.job())
    keys = [bucket.key for bucket in works.store.keys.buckets(Selection(subjects=["carla"]))]

    assert works.releases.release(run, PrivateCount({"x": {"carla"}}, 1), NoNoise(), keys).reason == "budget"


def test_counting_again_without_the_erased_is_withheld(works) -> None:
    many(works, 40)
    count(works, {"happy": names(40)})
    works.erase("p007")

    assert count(works, {"happy": names(40) - {"p007"}}).reason == "difference"


def test_charges_of_the_erased_are_removed(works) -> None:
    many(works, 30)
    count(works, {"happy": names(30)})

    works.erase("p007")

    assert "p007" not in {note.key for note in works.store.journal.notes(BUDGET)}


def test_released_figures_outlive_their_inputs(works) -> None:
    many(works, 30)
    count(works, {"happy": names(30)})

    works.erase("p007")

    assert len(list(works.lineage.derivations())) == 1
    assert {bucket.owner.subject for bucket in works.store.keys.buckets()} == names(30) - {"p007"}


def test_nothing_is_released_when_the_charge_cannot_be_written(works) -> None:
    many(works, 30)
    run = works.run()
    works.store.ledger.append = lambda entries: (_ for _ in ()).throw(VaultError("full"))

    with pytest.raises(VaultError):
        count(works, {"happy": names(30)}, run)

    assert charges(works) == []


def test_budget_is_the_stores_to_set(works) -> None:
    many(works, 2)
    strict = Releases(works.store, works.accounts, works.time, works.derivations, Allowance(micro_epsilon=10))

    assert strict.release(works.run(), PrivateCount({"x": names(2)}, 11), NoNoise()).reason == "budget"


def test_run_of_a_job_that_was_never_started_releases_nothing(works) -> None:
    many(works, 30)

    with pytest.raises(VaultError):
        count(works, {"x": names(30)}, Run(999, works.job(), works.clock.at))
