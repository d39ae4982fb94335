import pytest
from tests.unit.services.works import CODE, NO, START, YES, Works, many
from tests.unit.terms.rules import book, clause

from tenure.errors import DataError, IntegrityError, VaultError
from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection
from tenure.records.held import NO_LIMIT
from tenure.records.kinds import Verdict
from tenure.services.derive import LONGEST_RUN, Derived, Run
from tenure.services.lineage import Derivation
from tenure.services.use import Denied


@pytest.fixture
def works() -> Works:
    return Works()


def entries(works, kind):
    return [entry for entry in map(parse_entry, works.store.ledger.entries()) if entry["type"] == kind]


def test_output_may_be_used_for_what_all_inputs_may(works) -> None:
    yes, no = works.put("anna", consents=[YES]), works.put("ben", session="s2", consents=[NO])

    of_yes, of_both = works.derive(yes.key), works.derive(yes.key, no.key)

    assert works.reads(of_yes.records[0], "train_generative") == [b"1"]
    assert works.reads(of_both.records[0], "improve") == [b"1"]
    assert [denied.verdict for denied in works.reads(of_both.records[0], "train_generative")] == [Verdict.DENY]


def test_output_ends_with_its_first_input(works) -> None:
    short, long = works.put("anna", tier="team"), works.put("ben", session="s2", tier="pro")

    made = works.derive(short.key, long.key)

    assert made.expires_at == works.bucket(short).expires_at < works.bucket(long).expires_at
    assert works.bucket(made.records[0]).day == works.bucket(short).day


def test_output_of_an_input_that_was_tightened_ends_with_it(works) -> None:
    record = works.put("anna", consents=[YES])
    works.later(days=1)
    sooner = START.replace(day=3, hour=0)
    works.store.keys.tighten([record.key], [], sooner)

    assert works.derive(record.key).expires_at == sooner


def test_bucket_that_is_filled_further_ends_with_the_earlier_of_both(works) -> None:
    record = works.put("anna")
    ends = works.bucket(record).expires_at
    works.store.keys.tighten([record.key], [], ends.replace(day=ends.day - 1, hour=18))
    first = works.derive(record.key)
    works.store.keys.tighten([record.key], [], ends.replace(day=ends.day - 1, hour=9))

    second = works.derive(record.key)

    assert first.records[0].key == second.records[0].key
    assert second.expires_at == works.bucket(second.records[0]).expires_at == works.bucket(record).expires_at


def test_what_nothing_gives_a_period_to_ends_after_thirty_days_at_most(works) -> None:
    record = works.put("anna")
    works.later(days=3)

    made = works.derive(record.key)

    assert made.expires_at == works.bucket(record).expires_at
    assert works.bucket(made.records[0]).day != NO_LIMIT


def test_input_that_the_job_may_not_read_makes_nothing(works) -> None:
    record = works.put("anna", consents=[NO])
    run = works.derivations.start(works.job("improve", "train_generative"))

    denied = works.derivations.derive(run, [b"1"], [record.key])

    assert isinstance(denied, Denied)
    assert "no-training" in [part.clause for part in denied.because]
    assert [bucket.key for bucket in works.store.keys.buckets()] == [record.key]
    assert list(works.store.frames.keys()) == [record.key]
    assert works.lineage.dependants([record.key]) == {}.keys()


def test_one_unreadable_input_among_many_is_enough(works) -> None:
    many(works, 3, consents=[YES])
    works.put("ben", session="s9", consents=[NO])
    run = works.derivations.start(works.job("train_generative"))

    assert isinstance(works.derivations.derive(run, [b"1"], [bucket.key for bucket in works.store.keys.buckets()]), Denied)


def test_nothing_is_made_of_what_is_under_zero_retention(works) -> None:
    metric = works.put("anna", org="acme", kind="usage_metric")
    works.later(hours=1)
    made = works.derive(metric.key)
    works.flag("acme", "zdr")
    works.later(hours=1)

    assert works.reads(metric, "serve") == [b"what I typed"], "the metric itself goes on being readable"
    for source in (metric, made.records[0]):
        denied = works.derive(source.key, purposes=["serve"])
        assert isinstance(denied, Denied)
        assert "zero data retention" in denied.reason


def test_receipt_names_inputs_by_their_root_and_the_transform(works) -> None:
    records = many(works, 3)

    made = works.derive()

    entry = next(iter(works.store.ledger.entries(made.receipt)))
    assert parse_entry(entry) == {
        "v": 1,
        "type": "derived",
        "at": "2026-09-01T12:00:00Z",
        "started_at": "2026-09-01T12:00:00Z",
        "key": made.records[0].key.hex(),
        "inputs": keys_digest(record.key for record in records).hex(),
        "inputs_count": 3,
        "transform": {"name": "job", "digest": CODE},
        "declassifier": None,
    }
    assert entries(works, "ingested")[-1]["key"] == made.records[0].key.hex()


def test_receipts_name_no_person_and_no_content(works) -> None:
    works.put("anna", b"CANARY", session="secret-session")

    works.derive(records=[b"CANARY-2"])

    everything = b"".join(works.store.ledger.entries())
    assert not any(word in everything for word in (b"anna", b"CANARY", b"secret-session"))


def test_run_cannot_leave_out_what_it_read(works) -> None:
    yes, no = works.put("anna", consents=[YES]), works.put("ben", session="s2", consents=[NO])
    run = works.run(yes.key, no.key)

    made = works.derivations.derive(run, [b"1"], [yes.key])

    assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)


def test_what_a_run_reads_later_is_an_input_of_what_it_makes_later(works) -> None:
    record, other = works.put("anna"), works.put("ben", session="s2")
    run = works.run(record.key)
    first = works.derivations.derive(run, [b"1"])
    works.read(run, Selection(keys=[other.key]))

    second = works.derivations.derive(run, [b"2"])

    assert set(works.lineage.ancestors([first.records[0].key])) == {record.key}
    assert set(works.lineage.ancestors([second.records[0].key])) == {record.key, other.key}


def test_nothing_is_made_of_itself(works) -> None:
    one = works.derive(works.put("anna").key).records[0].key
    two = works.derive(one).records[0].key
    three = works.derive(one, two).records[0].key

    assert len({one, two, three}) == 3
    assert set(works.lineage.dependants([one])) == {two, three}


def test_same_run_goes_on_filling_one_bucket(works) -> None:
    run = works.run(works.put("anna").key)

    first, second = (works.derivations.derive(run, [bit]) for bit in (b"1", b"0"))

    assert [str(name).split(".")[1:] for name in (*first.records, *second.records)] == [["0", "0"], ["1", "0"]]
    assert first.records[0].key == second.records[0].key
    assert len(list(works.store.journal.notes("feeds"))) == 1


def test_output_that_its_own_terms_do_not_permit_is_not_held() -> None:
    works = Works(book(clause("held", permit=["collect", "serve"], keep="P60D", kinds=["prompt"], begins="2025->")))
    record = works.put("anna")

    assert isinstance(works.derive(record.key, purposes=["serve"]), Denied)
    assert [bucket.key for bucket in works.store.keys.buckets()] == [record.key]


def test_terms_under_which_a_middle_step_was_made_stay() -> None:
    held = clause("held", permit=["collect", "serve", "improve"], keep="P60D", kinds=["prompt"], begins="2025->")
    derived = clause("derived", permit=["collect", "serve", "improve"], kinds=["derived_signal"], begins="2025->")
    strict = clause("strict", refuse=["improve"], kinds=["derived_signal"], begins="2025->", ends="2026-09-05")
    works = Works(book(held, derived, strict))
    record = works.put("anna")
    middle = works.derive(record.key, purposes=["serve"])
    works.later(days=20)

    direct, chained = (works.derive(key, purposes=["serve"]) for key in (record.key, middle.records[0].key))

    assert works.reads(direct.records[0], "improve") == [b"1"]
    assert isinstance(works.reads(chained.records[0], "improve")[0], Denied)


def test_zero_retention_of_a_source_alone_is_enough(works) -> None:
    source = {**works.case, "kind": "usage_metric", "flags": ["zdr"], "collected_at": "2026-08-30T00:00:00Z"}
    record = works.put("anna", kind="derived_signal", derived_from=[source])

    assert "zero data retention" in works.derive(record.key, purposes=["serve"]).reason


def test_refusal_on_record_goes_into_what_is_made_even_before_anything_is_tightened(works) -> None:
    anna, ben = works.put("anna", consents=[YES]), works.put("ben", session="s2", consents=[YES])
    of_anna = works.derive(anna.key)
    works.later(hours=1)
    with works.store.transaction():
        works.record("anna", False)
    works.later(hours=1)

    for key in (anna.key, of_anna.records[0].key):
        made = works.derive(key, ben.key)
        assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)


def test_runs_of_one_session_each_make_outputs_of_that_session(works) -> None:
    first, second = works.put("anna"), works.put("ben", session="s2")

    made = [works.derive(record.key) for record in (first, second)]

    assert [works.bucket(one.records[0]).owner.session for one in made] == ["s1", "s2"]
    assert [works.bucket(one.records[0]).owner.subject for one in made] == ["anna", "ben"]


def test_output_of_several_persons_is_nobodys(works) -> None:
    many(works, 2)

    owner = works.bucket(works.derive().records[0]).owner

    assert owner.subject is None
    assert owner.session.startswith("run:")


def test_run_starts_by_the_clock_of_the_store(works) -> None:
    record = works.put("anna", consents=[YES])
    run = works.derivations.start(works.job("train_generative"))
    works.later(hours=1)
    works.answer("anna", False)
    works.later(hours=1)
    late = works.derivations.start(works.job("train_generative", name="late"))
    forged = Run(late.number, late.job, run.started_at)

    assert isinstance(works.derivations.derive(run, [b"1"], [record.key]), Derived), "a run that began before a withdrawal goes on"
    assert isinstance(works.derivations.derive(forged, [b"1"], [record.key]), Denied)


def test_run_that_ended_makes_nothing_and_leaves_no_list_of_what_it_read(works) -> None:
    record = works.put("anna")
    first, second = works.run(record.key), works.derivations.start(works.jobs.get("job"))
    works.derivations.end(first)

    with pytest.raises(VaultError) as caught:
        works.derivations.derive(first, [b"1"], [record.key])
    assert caught.value.code == "derive/unknown-run"
    assert isinstance(works.derivations.derive(second, [b"1"], [record.key]), Derived)
    works.derivations.end(second)
    assert [list(works.store.journal.notes(topic)) for topic in ("run", "run_ended", "run_read")] == [[], [], []]


def test_run_goes_by_the_start_that_the_store_wrote_down_when_it_reads(works) -> None:
    record = works.put("anna", consents=[YES])
    early = works.clock.at
    works.later(hours=1)
    works.answer("anna", False)
    works.later(hours=1)
    run = works.derivations.start(works.job("train_generative"))
    forged = Run(run.number, run.job, early)

    assert all(isinstance(found, Denied) for found in works.uses.read(run.job, Selection(keys=[record.key]), run=forged))
    for other, job in ((Run(999, run.job, early), run.job), (run, works.job("serve"))):
        with pytest.raises(VaultError) as caught:
            list(works.uses.read(job, Selection(keys=[record.key]), run=other))
        assert caught.value.code == "derive/unknown-run"


def test_run_that_was_never_started_makes_nothing(works) -> None:
    record = works.put("anna")

    with pytest.raises(VaultError) as caught:
        works.derivations.derive(Run(999, works.job("improve"), START), [b"1"], [record.key])

    assert caught.value.code == "derive/unknown-run"


def test_run_of_another_job_does_not_count(works) -> None:
    record = works.put("anna")
    run = works.run(record.key)

    with pytest.raises(VaultError) as caught:
        works.derivations.derive(Run(run.number, works.job("serve"), START), [b"1"])

    assert caught.value.code == "derive/unknown-run"


def test_run_does_not_last_for_ever(works) -> None:
    record = works.put("anna")
    run = works.run(record.key)
    works.later(days=LONGEST_RUN.days, seconds=1)

    assert "30 days" in works.derivations.derive(run, [b"1"]).reason


def test_nothing_is_made_of_nothing(works) -> None:
    run = works.derivations.start(works.job("improve"))

    with pytest.raises(DataError) as caught:
        works.derivations.derive(run, [b"1"])
    assert caught.value.code == "derive/no-inputs"
    with pytest.raises(DataError) as caught:
        works.derivations.derive(run, [])
    assert caught.value.code == "derive/no-records"


def test_input_that_is_gone_makes_nothing(works) -> None:
    record = works.put("anna")
    run = works.run(record.key)
    works.erase("anna")

    with pytest.raises(VaultError) as caught:
        works.derivations.derive(run, [b"1"])

    assert caught.value.code == "derive/input-gone"


def test_input_whose_time_is_over_makes_nothing(works) -> None:
    record = works.put("anna", tier="team")
    works.later(days=10)
    run = works.run(record.key)
    works.later(days=25)

    assert "its time is over" in works.derivations.derive(run, [b"1"]).reason


def test_what_is_erased_takes_what_was_made_of_it(works) -> None:
    anna, ben = works.put("anna"), works.put("ben", session="s2")
    of_anna, of_both = works.derive(anna.key), works.derive(anna.key, ben.key)
    of_of_both = works.derive(of_both.records[0].key)

    works.erase("anna")

    assert [works.bucket(made.records[0]) for made in (of_anna, of_both, of_of_both)] == [None, None, None]
    assert works.bucket(ben) is not None


def test_withdrawal_reaches_what_was_made_before_it(works) -> None:
    anna, ben = works.put("anna", consents=[YES]), works.put("ben", session="s2", consents=[YES])
    of_anna, of_both = works.derive(anna.key), works.derive(anna.key, ben.key)
    chained = works.derive(of_both.records[0].key)
    works.later(hours=1)

    works.answer("anna", False)
    works.later(hours=1)

    for made in (of_anna, of_both, chained):
        assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)
        assert works.bucket(made.records[0]).expires_at <= works.bucket(anna).expires_at
    assert works.reads(ben, "train_generative") == [b"what I typed"]


def test_withdrawal_reaches_what_ends_before_it_would_move(works) -> None:
    anna, ben = (works.put(name, session=name, kind="transcript", consents=[YES]) for name in ("anna", "ben"))
    works.store.keys.tighten([ben.key], [], START.replace(day=20, hour=0))
    made = works.derive(anna.key, ben.key)
    works.later(hours=1)

    works.answer("anna", False)
    works.later(hours=1)

    assert works.bucket(made.records[0]).expires_at == START.replace(day=20, hour=0)
    assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)


def test_answer_on_record_counts_for_what_was_made_of_it_even_before_anything_is_tightened(works) -> None:
    made = works.derive(works.put("anna", consents=[YES]).key)
    works.later(hours=1)
    with works.store.transaction():
        works.record("anna", False)
    works.later(hours=1)

    assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)


def test_withdrawal_moves_what_was_made_to_the_earlier_day(works) -> None:
    anna, ben = (works.put(name, session=name, kind="transcript", consents=[YES]) for name in ("anna", "ben"))
    made = works.derive(anna.key, ben.key)
    works.later(hours=1)

    works.answer("anna", False)

    assert works.bucket(made.records[0]).expires_at == works.bucket(anna).expires_at < works.bucket(ben).expires_at


def test_withdrawal_before_the_deriving_goes_into_the_output(works) -> None:
    anna, ben = works.put("anna", consents=[YES]), works.put("ben", session="s2", consents=[YES])
    works.later(hours=1)
    works.answer("anna", False)
    works.later(hours=1)

    made = works.derive(anna.key, ben.key)

    assert isinstance(works.reads(made.records[0], "train_generative")[0], Denied)


def test_lineage_walks_in_both_directions(works) -> None:
    anna, ben = works.put("anna"), works.put("ben", session="s2")
    first = works.derive(anna.key, ben.key).records[0].key
    second = works.derive(first).records[0].key

    assert first != second
    assert set(works.lineage.dependants([anna.key])) == {first, second}
    assert [made.output for made in works.lineage.lineage_of(second)] == [second, first]
    assert works.lineage.lineage_of(anna.key) == []


def test_export_is_open_lineage_and_names_nobody(works) -> None:
    anna = works.put("anna", b"CANARY")
    made = works.derive(anna.key)

    start, end = works.lineage.events()

    space = f"tenure:{works.store.id}"
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    assert end["inputs"] == [{"namespace": space, "name": anna.key.hex()}]
    assert end["outputs"] == [{"namespace": space, "name": made.records[0].key.hex()}]
    assert end["schemaURL"].startswith("https://openlineage.io/spec/2-0-2/")
    assert set(end) == {"eventType", "eventTime", "run", "job", "inputs", "outputs", "producer", "schemaURL"}
    assert all(word not in repr((start, end)) for word in ("anna", "CANARY", "'s1'"))


def test_lineage_that_the_ledger_does_not_bear_out_is_noticed(works) -> None:
    anna, ben = works.put("anna"), works.put("ben", session="s2")
    made = works.derive(anna.key, ben.key)
    with works.store.transaction():
        works.lineage.add(Derivation(made.records[0].key, (anna.key,), "job", CODE, None, START, START, made.receipt))

    with pytest.raises(IntegrityError) as caught:
        list(works.lineage.events())

    assert caught.value.code == "lineage/mismatch"


def test_chain_grows_neither_deep_nor_long_within_a_day(works) -> None:
    made = works.derive(works.put("anna").key)
    cells = works.bucket(made.records[0]).cells
    for _ in range(5):
        made = works.derive(made.records[0].key)

    assert works.bucket(made.records[0]).cells == cells


def test_failure_leaves_nothing(works) -> None:
    record = works.put("anna")
    run = works.run(record.key)
    size = works.store.ledger.size
    works.store.ledger.append = lambda entries: (_ for _ in ()).throw(VaultError("full"))  # type: ignore[method-assign]

    with pytest.raises(VaultError):
        works.derivations.derive(run, [b"1"])

    assert works.store.ledger.size == size
    assert [bucket.key for bucket in works.store.keys.buckets()] == [record.key]
    assert works.lineage.dependants([record.key]) == {}.keys()
