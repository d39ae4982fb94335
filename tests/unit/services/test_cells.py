"""Cells: what a bucket declares, and what follows from it with what was answered since."""

from datetime import datetime, timedelta

from tests.unit.services.house import CASE, DAY, START, TERMS, in_memory
from tests.unit.services.works import NO, YES

from tenure.records.agreement import Agreement
from tenure.records.case import Consent
from tenure.records.held import Owner
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose, Verdict
from tenure.services.cells import UNSTATED, cell, filled, since, under
from tenure.terms.cases import parse_case

AGREED = Agreement("probe", "anna", None, "pro", "first_party", frozenset({"zdr"}), (Consent("training", True, START - DAY, "subject"),))


def case(**changes):
    return parse_case({**CASE, "purpose": "collect", "collected_at": render_time(START), **changes})


def test_what_the_account_knows_replaces_what_the_case_says() -> None:
    found = under(AGREED, case(tier="team", flags=[], consents=[NO]))
    assert (found.tier, found.flags, found.consents) == (AGREED.tier, AGREED.flags, AGREED.consents)


def test_what_the_account_does_not_know_is_as_the_case_says() -> None:
    found = under(Agreement("probe", "anna", None), case(tier="team", flags=["dpp"], consents=[NO]))
    assert (found.tier, found.flags) == ("team", frozenset({"dpp"}))
    assert [consent.value for consent in found.consents] == [False]


def test_case_adds_flags_and_refusals_and_takes_none_away() -> None:
    found = filled(AGREED, case(tier="team", flags=["dpp"], consents=[NO, {**YES, "name": "dpp"}]))
    assert (found.tier, found.flags) == ("team", frozenset({"zdr", "dpp"}))
    assert [(consent.name, consent.value) for consent in found.consents] == [("training", True), ("training", False)]


def test_no_yes_reaches_back_and_the_first_refusal_stays() -> None:
    later = [Consent("training", value, START + number * DAY, "subject") for number, value in enumerate([True, False, True, False], 1)]
    found = since(Agreement("probe", "anna", None, consents=(*AGREED.consents, *later)), case())
    assert found.consents == (*AGREED.consents, later[1])


def test_cell_declares_no_free_text_and_no_time_of_use() -> None:
    content = cell(TERMS, case(tier="canary-tier", asked_at=render_time(START), client_version="canary", settings={"mode": "canary"}))
    assert b"canary" not in content
    assert b"asked_at" not in content
    assert b"purpose" not in content


def test_data_of_one_day_is_declared_alike() -> None:
    assert cell(TERMS, case()) == cell(TERMS, case(collected_at=render_time(START + timedelta(hours=3))))
    assert cell(TERMS, case()) != cell(TERMS, case(collected_at=render_time(START + DAY)))


def test_end_is_the_first_of_any_cell_and_thirty_days_where_one_states_none() -> None:
    judge = in_memory().keeping.judge
    stated, unstated = cell(TERMS, case(kind="feedback_report")), cell(TERMS, case(kind="feedback_report", tier="api"))
    assert judge.end([stated, unstated], START) == UNSTATED.after(START)
    assert judge.end([stated], START) == datetime.fromisoformat("2031-09-01T00:00:00+00:00")
    assert judge.end([cell(TERMS, case(kind="output"))], START) is None


def test_refusals_on_record_count_without_anything_being_tightened() -> None:
    house = in_memory()
    house.person()
    house.says_yes()
    record = house.held()
    later = house.keeping.at + DAY
    with house.store.transaction():
        house.keeping.accounts.registry.add(
            *("account", "anna", "consent", later, later, "subject", None),
            agent="probe",
            name="training",
            value=False,
            text_sha256=None,
            default_shown=None,
            others=[],
        )
    bucket, judge = house.bucket(record), house.keeping.judge
    assert judge.of_bucket(bucket, Purpose.TRAIN_GENERATIVE, later, later).verdict is Verdict.DENY
    assert judge.of_bucket(bucket, Purpose.TRAIN_GENERATIVE, house.keeping.at, house.keeping.at).verdict is Verdict.PERMIT


def test_every_purpose_needs_every_cell() -> None:
    judge = in_memory().keeping.judge
    free, not_free = cell(TERMS, case(consents=[YES])), cell(TERMS, case(consents=[NO]))
    for cells in ([free, not_free], [not_free, free]):
        assert judge.decide(cells, Purpose.TRAIN_GENERATIVE, START, run=START).verdict is Verdict.DENY


def test_cells_of_someone_unknown_are_one() -> None:
    assert len(in_memory().keeping.judge.cells(case(), Owner("anna"), START, START)) == 1


def test_answers_since_are_refusals_alone() -> None:
    house = in_memory()
    house.person()
    record = house.held()
    house.says_yes()
    assert house.keeping.judge.answers(house.bucket(record), house.keeping.at) == ()
    house.says_no()
    assert [each.value for each in house.keeping.judge.answers(house.bucket(record), house.keeping.at)] == [False]
