"""The attacks by which a vendor could learn from what it may not use, on real terms and a real store: each is refused, or declassified on the record.

Source: the public discussion HN 44535526; governance 4.3. Restoring a backup and reading from it is attacked elsewhere.
"""

import json
from datetime import UTC, datetime
from importlib.resources import files

import pytest
from tests.unit.services.works import EVERY, NO, YES, Works, many

from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection
from tenure.records.instants import parse_time
from tenure.records.kinds import TRAINING, Kind, Purpose
from tenure.release.budget import MICRO
from tenure.release.declassifier import Released, Withheld
from tenure.release.private import PrivateCount
from tenure.release.threshold import ThresholdCount
from tenure.services.derive import Derived, Run
from tenure.services.use import Denied
from tenure.terms.decide import open_book
from tenure.terms.parse import parse_pack
from tenure.testing.noise import SeededNoise
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

AT = datetime(2026, 9, 1, 12, tzinfo=UTC)
CONSUMER = {
    "agent": "claude_code",
    "kind": "transcript",
    "tier": "pro",
    "provider": "first_party",
    "surface": "cli",
    "flags": [],
    "consents": [NO],
    "client_version": "2.1.198",
    "env": {},
    "settings": {},
    "safety_flagged": False,
    "session": {"started_at": "2026-09-01T09:00:00Z"},
    "attributes": {"auth": "oauth"},
}
BOOK = open_book([parse_pack((files("tenure.terms") / "packs" / "claude_code.toml").read_bytes())])
LEARNING = ("improve", "train_safety", "train_generative")


@pytest.fixture
def works(tmp_path):
    with_store = Works(BOOK, CONSUMER, SqliteStore(Folder(str(tmp_path / "store")), at=AT))
    yield with_store
    with_store.store.close()


def names(count):
    return frozenset(f"p{number:03}" for number in range(count))


def is_refused(found):
    return bool(found) and all(isinstance(each, Denied) for each in found)


def entries(works, kind):
    return [entry for entry in map(parse_entry, works.store.ledger.entries()) if entry["type"] == kind]


def test_share_of_code_that_lasted_per_variant_is_refused_to_those_who_improve(works) -> None:
    many(works, 30, value=b'{"variant": "B", "retained": 0.41}')
    run = works.derivations.start(works.job("improve"))

    assert is_refused(works.read(run, Selection()))
    keys = [bucket.key for bucket in works.store.keys.buckets()]
    assert isinstance(works.derivations.derive(run, [b'{"B": 0.41}'], keys), Denied)
    assert isinstance(works.releases.release(run, ThresholdCount({"B": names(30)}), SeededNoise(1), keys), Withheld)


def test_share_of_code_that_lasted_is_held_under_its_sources_when_a_serving_job_computes_it(works) -> None:
    many(works, 30)
    made = works.derive(purposes=["serve"], records=[b'{"B": 0.41}'])

    for purpose in LEARNING:
        assert is_refused(works.reads(made.records[0], purpose))


def test_share_of_code_that_lasted_is_set_free_on_the_record_alone(works) -> None:
    records = many(works, 30)
    run = works.run(purposes=["serve"])

    released = works.releases.release(run, PrivateCount({"B kept": names(12), "B gone": names(30) - names(12)}, MICRO // 2), SeededNoise(1))

    (entry,) = entries(works, "derived")
    assert isinstance(released, Released)
    assert entry["declassifier"]["name"] == "private_count"
    assert entry["inputs"] == keys_digest(record.key for record in records).hex()
    assert entries(works, "registered")[-1]["purposes"] == ["serve"]
    assert entries(works, "permitted")[-1]["purposes"] == ["serve"]


def test_bit_of_satisfaction_is_no_freer_than_its_transcript(works) -> None:
    no, yes = works.put("anna"), works.put("ben", session="s2", consents=[YES])

    of_no, of_yes = (works.derive(key, purposes=["serve"], records=[b"1"]) for key in (no.key, yes.key))

    assert is_refused(works.reads(of_no.records[0], "train_generative"))
    assert works.reads(of_yes.records[0], "train_generative") == [b"1"]


def test_summary_of_summaries_stays_where_the_first_one_was(works) -> None:
    record = works.put("anna")
    end, made = works.bucket(record).expires_at, works.derive(record.key, purposes=["serve"])
    for _ in range(6):
        works.later(days=3)
        made = works.derive(made.records[0].key, purposes=["serve"], records=[b"shorter still"])
        assert works.bucket(made.records[0]).expires_at == end
        for purpose in LEARNING:
            assert is_refused(works.reads(made.records[0], purpose))

    works.later(days=12)

    assert is_refused(works.reads(made.records[0], "serve"))


@pytest.mark.parametrize("kind", list(Kind))
def test_embedding_inherits_whatever_kind_it_is_called(works, kind) -> None:
    record = works.put("anna")

    made = works.derive(record.key, purposes=["serve"], records=[bytes(768)], kind=kind)

    if isinstance(made, Derived):
        assert works.bucket(made.records[0]).expires_at <= works.bucket(record).expires_at
        for purpose in LEARNING:
            assert is_refused(works.reads(made.records[0], purpose))


def test_model_and_what_is_distilled_from_it_lose_what_a_person_takes_back(works) -> None:
    many(works, 3, consents=[YES])
    model = works.derive(purposes=["train_generative"], records=[b"weights"], name="train")
    assert works.reads(model.records[0], "train_generative") == [b"weights"]
    student = works.derive(model.records[0].key, purposes=["train_generative"], records=[b"small weights"], name="distil")
    works.later(hours=1)

    works.answer("p001", False)
    works.later(hours=1)

    for made in (model, student):
        assert is_refused(works.reads(made.records[0], "train_generative"))
    works.erase("p002")
    assert [works.bucket(made.records[0]) for made in (model, student)] == [None, None]


def test_model_of_one_person_who_said_no_is_not_trained(works) -> None:
    many(works, 3, consents=[YES])
    works.put("anna", session="s9")
    run = works.derivations.start(works.job("train_generative"))

    assert any(isinstance(found, Denied) for found in works.read(run, Selection()))
    assert isinstance(works.derivations.derive(run, [b"weights"], [bucket.key for bucket in works.store.keys.buckets()]), Denied)


def two_agreements(works):
    """A record that ends late and may train, and one that ends soon and may not."""
    sa = works.put("a", session="sa", consents=[YES])
    sb = works.put("b", b"what b typed", session="sb")
    assert works.bucket(sb).expires_at < works.bucket(sa).expires_at
    return sa, sb


def is_under_both(works, made, sa, sb):
    """Whether what was made ends with the first of both, trains nothing, and goes with the second."""
    is_within = made.expires_at == works.bucket(sb).expires_at and is_refused(works.reads(made.records[0], "train_generative"))
    works.erase("b")
    return is_within and works.bucket(made.records[0]) is None


def test_run_leaves_out_nothing_when_another_process_derives(works, tmp_path) -> None:
    sa, sb = two_agreements(works)
    run = works.run(sa.key, sb.key, purposes=["serve"])
    works.store.close()
    works.__init__(BOOK, CONSUMER, SqliteStore(Folder(str(tmp_path / "store")), at=AT))  # as a process does that starts

    made = works.derivations.derive(Run(run.number, run.job, run.started_at), [b"what b typed"], [sa.key])

    assert is_under_both(works, made, sa, sb)


@pytest.mark.parametrize("way", ["read", "get", "another run", "another run of the job registered anew"])
def test_run_leaves_out_nothing_that_its_job_reads_beside_it(works, way) -> None:
    sa, sb = two_agreements(works)
    run = works.run(sa.key, purposes=["serve"])
    match way:
        case "read":
            assert list(works.uses.read(run.job, Selection(keys=[sb.key])))
        case "get":
            opened, index = works.uses.get(run.job, sb)
            assert bytes(opened.record(index)) == b"what b typed"
        case "another run":
            works.read(works.derivations.start(run.job), Selection(keys=[sb.key]))
        case _:
            works.run(sb.key, purposes=["serve"])

    made = works.derivations.derive(run, [b"what b typed"])

    assert is_under_both(works, made, sa, sb)


def test_start_of_a_run_is_what_the_store_wrote_down(works) -> None:
    record = works.put("anna", consents=[YES])
    early = works.clock.at
    works.later(hours=1)
    works.answer("anna", False)
    works.later(hours=1)
    run = works.derivations.start(works.job("train_generative"))
    forged = Run(run.number, run.job, early)

    assert is_refused(list(works.uses.read(run.job, Selection(keys=[record.key]), run=forged)))
    assert is_refused(works.read(forged, Selection(keys=[record.key])))
    assert isinstance(works.derivations.derive(forged, [b"weights"], [record.key]), Denied)


def test_rating_is_not_joined_to_a_transcript(works) -> None:
    rating, transcript = works.put("anna", kind="survey_rating"), works.put("anna", consents=[YES])

    for purpose in EVERY:
        if purpose != Purpose.COLLECT:
            run = works.derivations.start(works.job(purpose))
            assert isinstance(works.derivations.derive(run, [b"unhappy"], [rating.key, transcript.key]), Denied), purpose


def test_aggregate_of_one_is_withheld(works) -> None:
    works.put("anna")
    run = works.run(purposes=["serve"])

    assert works.releases.release(run, ThresholdCount({"unhappy": frozenset({"anna"})}), SeededNoise(1)) == Withheld(
        "empty", "no cell has 25 subjects"
    )


def test_aggregate_of_one_is_not_the_difference_of_two(works) -> None:
    many(works, 40)
    keys = [bucket.key for bucket in works.store.keys.buckets()]
    first = works.releases.release(works.run(*keys, purposes=["serve"]), ThresholdCount({"unhappy": names(40)}), SeededNoise(1))
    second = works.releases.release(works.run(*keys[:39], purposes=["serve"]), ThresholdCount({"unhappy": names(39)}), SeededNoise(1))

    assert isinstance(first, Released)
    assert second.reason == "difference"


def test_job_does_not_change_its_purpose_by_registering_anew(works) -> None:
    record = works.put("anna")
    run = works.run(record.key, purposes=["serve"])
    made = works.derivations.derive(run, [b"1"])

    relabelled = works.job("train_generative")

    assert is_refused(works.read(works.derivations.start(relabelled), Selection(keys=[made.records[0].key])))
    assert is_refused(works.read(works.derivations.start(relabelled), Selection(keys=[record.key])))
    assert [entry["purposes"] for entry in entries(works, "registered")] == [["serve"], ["train_generative"]]


def test_job_of_all_purposes_reads_what_all_of_them_may(works) -> None:
    record = works.put("anna", consents=[YES])

    assert works.reads(record, "serve", "train_generative") == [b"what I typed"]
    assert is_refused(works.reads(record, "serve", "improve"))


def test_time_zone_of_the_client_gains_no_day(works) -> None:
    east, west = (
        works.put("anna", session=f"s{offset}", collected_at=datetime(2026, 9, 1, 11, tzinfo=UTC).astimezone(parse_offset(offset)).isoformat())
        for offset in ("+14:00", "-12:00")
    )
    made = [works.derive(record.key, purposes=["serve"]) for record in (east, west)]

    assert works.bucket(east).expires_at == works.bucket(west).expires_at
    assert made[0].expires_at == made[1].expires_at == works.bucket(east).expires_at


def parse_offset(text):
    return datetime.fromisoformat(f"2026-01-01T00:00:00{text}").tzinfo


def test_run_that_is_said_to_have_begun_earlier_trains_on_nothing(works) -> None:
    record = works.put("anna", consents=[YES])
    works.later(hours=1)
    works.answer("anna", False)
    works.later(hours=1)

    for purpose in TRAINING:
        run = works.derivations.start(works.job(purpose))
        assert is_refused(works.read(run, Selection(keys=[record.key])))


def test_side_tables_hold_neither_content_nor_persons_once_they_are_erased(works, tmp_path) -> None:
    many(works, 30, value=b"CANARY-IN")
    works.derive(purposes=["serve"], records=[b"CANARY-OUT"])
    run = works.derivations.start(works.job("serve"))
    keys = [bucket.key for bucket in works.store.keys.buckets(Selection(subjects=names(30)))]
    works.releases.release(run, ThresholdCount({"CANARY-LABEL": names(30)}), SeededNoise(1), keys)

    for subject in names(30):
        works.erase(subject)

    assert list(works.store.keys.buckets()) == []
    exported = json.dumps(list(works.lineage.events()))
    raw = b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file()) + exported.encode()
    for canary in (b"CANARY-IN", b"CANARY-OUT", b"CANARY-LABEL", b"p007"):
        assert canary not in raw
    assert parse_time(json.loads(exported)[0]["eventTime"]) == AT
