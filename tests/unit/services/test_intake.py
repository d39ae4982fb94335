"""The way in: what is held is held under its terms, and what is refused leaves no byte."""

import hashlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.services.house import CASE, DAY, START, TERMS, in_memory, is_denied, on_disk
from tests.unit.services.works import NO, YES

from tenure.errors import TermsError, VaultError
from tenure.records.held import Owner
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose, Verdict
from tenure.services.cells import UNSTATED
from tenure.services.intake import LONGEST_CELLS, Item
from tenure.terms.cases import parse_case
from tenure.terms.cells import STRICTEST
from tenure.terms.decide import decide
from tenure.terms.keeping import NOTHING
from tenure.vault.disk import Folder

CANARY = b"canary-93b1: what nobody may find"


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def traces(content):
    sha = hashlib.sha256(content)
    return [content, sha.digest(), sha.hexdigest().encode()]


def leaves_nothing(house, *words):
    house.close()
    return not any(trace in house.raw() for word in words for trace in traces(word))


REFUSED = {
    "zero retention": {"flags": ["zdr"]},
    "silence": {"kind": "usage_metric"},
    "a value outside of its list": {"tier": "free-for-all"},
    "over already": {"collected_at": "2026-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("why", REFUSED)
def test_refused_intake_leaves_no_byte(house, why) -> None:
    put = house.handed(CANARY, subject="canary-anna", session="canary-s1", **REFUSED[why])

    assert (put.verdict, put.records, put.expires_at) == (Verdict.DENY, (), None)
    assert [entry["type"] for entry in house.entries()] == ["refused"]
    assert list(house.store.keys.buckets()) == []
    assert list(house.store.frames.keys()) == []
    assert leaves_nothing(house, CANARY, b"canary-anna", b"canary-s1")


def test_refusal_is_on_record_with_its_declared_case_and_its_clauses(house) -> None:
    put = house.handed(CANARY, flags=["zdr"])
    assert "beyond the response" in put.reason
    (entry,) = house.entries("refused")
    assert (entry["verdict"], entry["records"], entry["cells"][0]["flags"]) == ("deny", 1, ["zdr"])
    assert "nothing" in entry["because"]


def test_gap_is_refused_too(house) -> None:
    put = house.handed(CANARY, kind="code", surface=None)
    assert (put.verdict, put.records) == (Verdict.GAP, ())
    assert [entry["verdict"] for entry in house.entries()] == ["gap"]
    assert leaves_nothing(house, CANARY)


def test_zero_retention_of_the_account_refuses_though_the_case_does_not_say_so(house) -> None:
    house.org()
    assert house.keeping.accounts.set_zdr("acme", on=True, actor="tess", at=house.keeping.at) is None
    assert house.handed(CANARY, org="acme", tier="api").verdict is Verdict.DENY
    assert leaves_nothing(house, CANARY)


def test_flagged_content_under_zero_retention_goes_the_safety_path_alone(house) -> None:
    record = house.held(CANARY, flags=["zdr"], safety_flagged=True)
    for _ in range(2):
        assert house.gets(record, "safety") == CANARY
        for purposes in (["serve"], ["improve"], ["train_generative"], ["serve", "safety"]):
            assert is_denied(house.gets(record, *purposes)), purposes
        house.later(days=300)
    assert house.bucket(record).expires_at == datetime(2028, 9, 1, tzinfo=UTC)


def test_flagged_content_without_zero_retention_is_served_for_its_ordinary_time(house) -> None:
    record = house.held(CANARY, safety_flagged=True)
    assert house.gets(record, "serve") == CANARY
    house.later(days=61)
    assert is_denied(house.gets(record, "serve"))
    assert house.gets(record, "safety") == CANARY


def test_what_no_clause_gives_a_period_to_is_held_for_thirty_days(house) -> None:
    put = house.handed(kind="feedback_report", tier="api")
    assert put.expires_at == UNSTATED.after(START) == datetime(2026, 10, 1, tzinfo=UTC)


def test_stated_period_of_one_side_does_not_lengthen_what_the_other_leaves_unstated(house) -> None:
    house.person(tier="api")
    put = house.handed(kind="feedback_report", tier="pro")
    assert put.expires_at == datetime(2026, 10, 1, tzinfo=UTC)


def test_stated_without_limit_is_held_without_limit(house) -> None:
    assert house.handed(kind="output").expires_at is None
    house.later(days=20_000)
    assert house.keeping.holdings.status().held.records == 1


def test_what_is_over_at_this_very_instant_is_refused(house) -> None:
    put = house.handed(tier="team", collected_at="2026-08-22T23:59:59Z")
    assert put.verdict is Verdict.DENY
    assert "2026-09-01" in put.reason
    assert house.handed(tier="team", collected_at="2026-08-23T00:00:00Z").verdict is Verdict.PERMIT


def test_absent_instant_is_now_and_one_ahead_is_an_error(house) -> None:
    house.held()
    (bucket,) = house.store.keys.buckets()
    assert bucket.collected_at == START
    with pytest.raises(TermsError) as caught:
        house.handed(subject="ben", collected_at="2026-09-01T12:00:01Z")
    assert caught.value.code == "case/ahead"
    assert house.handed(subject="ben", collected_at="2026-09-01T14:00:00+02:00").verdict is Verdict.PERMIT


@pytest.mark.parametrize(
    "case", [{"attributes": {"colour": "red"}}, {"kind": "derived_signal", "derived_from": [{**CASE, "attributes": {"a": "b"}}]}]
)
def test_attribute_that_the_pack_does_not_declare_is_an_error_and_leaves_nothing(house, case) -> None:
    with pytest.raises(TermsError) as caught:
        house.handed(CANARY, **case)
    assert caught.value.code == "case/unknown-attribute"
    assert leaves_nothing(house, CANARY)


def test_case_with_too_much_to_declare_is_an_error_and_leaves_nothing(house) -> None:
    answers = [{**YES, "at": render_time(START - number * DAY)} for number in range(LONGEST_CELLS // 60)]
    with pytest.raises(TermsError) as caught:
        house.handed(CANARY, consents=answers)
    assert caught.value.code == "case/too-large"
    assert leaves_nothing(house, CANARY)


def test_unknown_person_is_made_an_account_as_the_case_says(house) -> None:
    house.held(consents=[YES])
    found = house.keeping.accounts.agreement("probe", "anna", None, house.keeping.at)
    assert (found.tier, [consent.value for consent in found.consents]) == ("pro", [True])
    assert [entry["event"] for entry in house.entries("account")] == ["attested"]
    house.held(subject="anna", session="s2")
    assert len(house.entries("account")) == 1


def test_refused_intake_makes_no_account(house) -> None:
    house.handed(flags=["zdr"])
    assert not house.keeping.accounts.knows("anna")
    assert house.entries("account") == []


def test_second_case_cannot_say_yes_for_somebody_who_is_known(house) -> None:
    house.held(consents=[])
    second = house.held(consents=[YES], session="s2")
    assert house.bucket(second).expires_at == datetime(2026, 10, 31, tzinfo=UTC)
    assert is_denied(house.gets(second, "train_generative"))


def test_case_can_tighten_what_the_account_allows(house) -> None:
    house.held(consents=[YES])
    second = house.held(consents=[NO], session="s2")
    assert house.bucket(second).expires_at == datetime(2026, 10, 31, tzinfo=UTC)
    assert is_denied(house.gets(second, "train_generative"))
    assert house.handed(flags=["zdr"], session="s3").verdict is Verdict.DENY


def test_case_from_before_the_account_is_not_freer_than_the_account_is(house) -> None:
    """What is handed in late is held as it would be, had it been held since."""
    house.person()
    house.says_no()
    put = house.handed(consents=[YES], collected_at="2026-08-20T00:00:00Z")
    assert put.expires_at <= datetime(2026, 10, 19, tzinfo=UTC)
    assert is_denied(house.gets(put.records[0], "train_generative"))


def test_what_was_collected_before_zero_retention_and_comes_after_is_refused(house) -> None:
    house.org()
    house.later(days=1)
    collected = render_time(house.keeping.at)
    house.later(days=1)
    assert house.keeping.accounts.set_zdr("acme", on=True, actor="tess", at=house.keeping.at) is None
    assert house.handed(CANARY, org="acme", tier="api", collected_at=collected).verdict is Verdict.DENY
    assert leaves_nothing(house, CANARY)


def test_what_was_collected_before_a_withdrawal_and_comes_after_ends_as_if_it_had_been_held(house) -> None:
    house.person()
    house.says_yes()
    collected = render_time(house.keeping.at)
    house.later(days=1)
    early = house.held(collected_at=collected, session="early")
    house.says_no()
    late = house.held(collected_at=collected, session="late")
    assert house.bucket(late).expires_at == house.bucket(early).expires_at == datetime(2026, 10, 2, tzinfo=UTC)


def test_receipt_names_the_key_the_day_and_nobody(house) -> None:
    record = house.held(CANARY, subject="canary-anna", org=None, session="canary-s1")
    (entry,) = house.entries("ingested")
    assert entry["key"] == record.key.hex()
    assert (entry["expires"], entry["records"], entry["terms"]) == ("2026-10-31", 1, TERMS.table("probe").hash)
    assert dict(house.store.keys.days())[house.bucket(record).day].hex() == entry["day"]
    everything = b"".join(house.store.ledger.entries())
    assert not any(trace in everything for word in (CANARY, b"canary-anna", b"canary-s1") for trace in traces(word))


def test_content_is_nowhere_in_the_clear(house) -> None:
    house.held(CANARY)
    assert leaves_nothing(house, CANARY)


def test_several_records_have_names_of_their_own(house) -> None:
    item = Item(parse_case({**CASE, "purpose": "collect"}), Owner("anna"), [b"one", b"two"])
    put = house.keeping.intake.put(item)
    assert [house.gets(name) for name in put.records] == [b"one", b"two"]
    assert [entry["records"] for entry in house.entries("ingested")] == [2]


def test_failure_on_the_way_in_leaves_nothing(tmp_path, monkeypatch) -> None:
    house = on_disk(tmp_path / "store")
    house.held(b"first")
    entries = len(house.entries())

    def full(*_):
        raise VaultError("segment: expected space on the disk, found none left", code="vault/full", remedy="make room")

    monkeypatch.setattr(Folder, "append", full)
    with pytest.raises(VaultError):
        house.handed(CANARY, session="s2")
    monkeypatch.undo()
    assert (len(house.entries()), house.keeping.holdings.status().held.records) == (entries, 1)
    assert house.gets(house.held(b"second", session="s3")) == b"second"
    assert leaves_nothing(house, CANARY)


TIERS = st.sampled_from([None, "pro", "team", "api", "unheard-of"])
FLAGS = st.sampled_from([None, [], ["zdr"], ["dpp"]])
ANSWERS = st.sampled_from([None, [], [YES], [NO], [NO, {**YES, "at": "2026-08-15T00:00:00Z"}], [{**YES, "by": "admin"}]])
SAID = st.fixed_dictionaries({"tier": TIERS, "flags": FLAGS, "consents": ANSWERS, "safety_flagged": st.sampled_from([None, False, True])})
KINDS = st.sampled_from(["prompt", "output", "feedback_report"])
PURPOSES = (Purpose.SERVE, Purpose.IMPROVE, Purpose.SAFETY, Purpose.TRAIN_GENERATIVE)


def alone(said, kind, purpose):
    """What the terms say of a case, with nothing else known; what states no period ends after 30 days."""
    plain = {**CASE, "kind": kind, **said, "purpose": str(purpose), "collected_at": render_time(START), "asked_at": render_time(START)}
    decision = decide(TERMS, parse_case({name: value for name, value in plain.items() if value is not None}))
    end = UNSTATED.after(START) if decision.keep is None else decision.expires_at
    return decision.verdict, decision.keep, end


def is_within(house, put, said, kind):
    verdict, keep, end = alone(said, kind, Purpose.COLLECT)
    if put.verdict is not Verdict.PERMIT:
        return True
    bucket = house.bucket(put.records[0])
    lives = end is None or (bucket.expires_at is not None and bucket.expires_at <= end)
    uses = [(house.keeping.judge.of_bucket(bucket, purpose, START, START).verdict, alone(said, kind, purpose)[0]) for purpose in PURPOSES]
    narrower = all(STRICTEST.index(found) <= STRICTEST.index(allowed) for found, allowed in uses)
    return verdict is Verdict.PERMIT and keep != NOTHING and lives and narrower


@settings(max_examples=150, deadline=None)
@given(SAID, SAID, KINDS)
def test_nothing_is_held_wider_than_under_the_account_or_as_the_case_says(account, case, kind) -> None:
    house = in_memory()
    agreed = parse_case({name: value for name, value in {**CASE, **account, "purpose": "collect"}.items() if value is not None})
    with house.store.transaction():
        house.keeping.accounts.attest(
            *("probe", "anna", None),
            tier=agreed.tier,
            provider=agreed.provider,
            flags=agreed.flags,
            consents=agreed.consents,
            at=START - DAY,
            recorded_at=START,
        )
    put = house.handed(kind=kind, **case)

    assert is_within(house, put, as_account(account, case), kind)
    assert is_within(house, put, as_case(account, case), kind)


def as_account(account, case):
    """What the account knows; what it does not know, as the case says."""
    return {**case, **{name: value for name, value in account.items() if value is not None and name != "safety_flagged"}}


def as_case(account, case):
    """What the case states; where the account knows answers and flags, it adds to them."""
    stated = {**account, **{name: value for name, value in case.items() if value is not None}, "safety_flagged": case["safety_flagged"]}
    if account["flags"] is not None:
        stated["flags"] = sorted({*account["flags"], *(case["flags"] or [])})
    if account["consents"] is not None:
        stated["consents"] = [*account["consents"], *(answer for answer in case["consents"] or [] if answer["value"] is not True)]
    return stated


def test_yes_of_a_stranger_under_a_known_organisation_counts_for_nothing(house) -> None:
    house.org()
    records = [house.held(subject="stranger", org="acme", tier="api", consents=[YES], session=f"s{number}") for number in range(2)]
    assert all(is_denied(house.gets(record, "train_generative")) for record in records)
