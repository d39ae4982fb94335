"""The end of what is held: it comes on its day or before, never after, and what is gone stays gone."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.unit.services.house import DAY, in_memory, is_denied, on_disk
from tests.unit.services.works import YES

from tenure.errors import VaultError
from tenure.ports import Selection
from tenure.records.agreement import Role
from tenure.records.kinds import Verdict
from tenure.services.metering import Metering
from tenure.services.tokens import Scope, Tokens
from tenure.services.use import Denied
from tenure.terms.price import Usage

ANNA = Selection(subjects=["anna"])


@pytest.fixture(params=["memory", "disk"])
def house(request, tmp_path):
    made = in_memory() if request.param == "memory" else on_disk(tmp_path / "store")
    yield made
    made.close()


def is_gone(house, record):
    """Whether neither a key nor a frame of a record is left."""
    return house.bucket(record) is None and record.key not in set(house.store.frames.keys())


def cannot_open(house, record, *purposes):
    return all(isinstance(house.gets(record, purpose), Denied) for purpose in purposes or ("serve", "safety", "train_generative", "debug"))


class TestExpire:
    def test_what_is_due_is_gone_and_what_is_not_stays(self, house) -> None:
        due, alive = house.held(tier="team"), house.held(subject="ben", session="s2")
        house.later(days=10)
        day = house.bucket(due).day
        named = dict(house.store.keys.days())[day].hex()
        done = house.keeping.disposition.expire()

        assert (done.keys, done.records, done.days) == (1, 1, (day,))
        assert is_gone(house, due)
        assert house.gets(alive) == b"what I typed"
        (entry,) = house.entries("expired")
        assert (entry["days"], entry["records"]) == ([{"day": day.isoformat(), "key": named}], 1)
        assert (entry["early"], entry["confirmed"]) == (False, False)
        assert house.keeping.holdings.status().residue == (0, 0)

    def test_preview_destroys_nothing_and_says_what_would_go(self, house) -> None:
        record = house.held()
        house.later(days=60)
        assert house.keeping.disposition.preview().keys == 1
        assert house.bucket(record) is not None
        done = house.keeping.disposition.expire()
        assert house.keeping.disposition.preview(done.at).keys == 0

    def test_early_is_early_and_the_receipt_says_so_and_the_clock_stays(self, house) -> None:
        record, later = house.held(), house.held(subject="ben", consents=[YES])
        until = house.bucket(record).expires_at
        now = house.keeping.at
        assert house.keeping.disposition.preview(until - timedelta(seconds=1)).keys == 0
        done = house.keeping.disposition.expire(until)

        assert (done.keys, is_gone(house, record), house.keeping.at) == (1, True, now)
        assert [(entry["early"], entry["at"]) for entry in house.entries("expired")] == [(True, "2026-09-01T12:00:00Z")]
        assert house.gets(later) == b"what I typed"
        assert house.held() != record

    def test_twice_is_once(self, house) -> None:
        house.held()
        house.later(days=60)
        house.keeping.disposition.expire()
        again = house.keeping.disposition.expire()
        assert (again.keys, again.receipt, len(house.entries("expired"))) == (0, None, 1)

    def test_on_start_what_is_due_goes_before_anything_is_served(self, house) -> None:
        record = house.held(tier="team")
        house.later(days=10)
        house.reopen()
        house.keeping.settle()
        assert is_gone(house, record)

    def test_new_data_of_a_day_that_was_destroyed_early_lives_under_a_new_key(self, house) -> None:
        until = house.bucket(house.held()).expires_at
        old = dict(house.store.keys.days())[until.date()]
        house.keeping.disposition.expire(until)
        record = house.held()
        assert dict(house.store.keys.days())[until.date()] != old
        assert house.gets(record) == b"what I typed"


class TestErase:
    def test_all_of_a_person_is_gone_at_once_with_a_receipt_that_names_nobody(self, house) -> None:
        mine, other = [house.held(subject="canary-anna", session=f"canary-{n}") for n in range(3)], house.held(subject="ben")
        done = house.keeping.disposition.erase(Selection(subjects=["canary-anna"]), "request", subject="canary-anna")

        assert (done.keys, done.records, done.kept) == (3, 3, 0)
        assert all(is_gone(house, record) and cannot_open(house, record) for record in mine)
        assert house.gets(other) == b"what I typed"
        (entry,) = house.entries("erased")
        assert (sorted(entry["keys"]), entry["records"], entry["reason"]) == (sorted(record.key.hex() for record in mine), 3, "request")
        assert not house.keeping.accounts.knows("canary-anna")
        house.close()
        assert b"canary" not in house.raw()

    def test_twice_is_once(self, house) -> None:
        house.held()
        house.keeping.disposition.erase(ANNA, "request", subject="anna")
        size = house.store.ledger.size
        again = house.keeping.disposition.erase(ANNA, "request", subject="anna")
        assert (again.keys, again.receipt, house.store.ledger.size) == (0, None, size)

    def test_erasing_again_what_a_legal_hold_keeps_says_nothing_new(self, house) -> None:
        house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        assert house.keeping.disposition.erase(ANNA, "request").kept == 1
        again = house.keeping.disposition.erase(ANNA, "request")
        assert (again.keys, again.receipt, len(house.entries("erased"))) == (0, None, 1)

    def test_it_reaches_what_was_made_of_it_and_of_that(self, house) -> None:
        record = house.held()
        first = house.derived(record)
        second = house.derived(first)
        house.keeping.disposition.erase(Selection(keys=[record.key]), "request")
        assert is_gone(house, first)
        assert is_gone(house, second)

    def test_one_session_goes_and_the_others_stay(self, house) -> None:
        one, other = house.held(session="s1"), house.held(session="s2")
        house.keeping.disposition.erase(Selection(subjects=["anna"], sessions=["s1"]), "request")
        assert is_gone(house, one)
        assert house.gets(other) == b"what I typed"
        assert house.keeping.accounts.knows("anna")

    def test_in_doubt_of_the_clock_it_works_all_the_same(self, house) -> None:
        record = house.held()
        house.jump(days=400)
        house.reopen()
        assert house.keeping.disposition.erase(ANNA, "request").keys == 1
        house.jump(days=-400)
        house.reopen()
        assert is_gone(house, record)
        assert house.is_ordered()

    def test_organisation_goes_with_its_facts_and_leaves_its_people(self, house) -> None:
        house.person("olga")
        house.org("canary-acme")
        house.org("other")
        accounts, now = house.keeping.accounts, house.keeping.at
        accounts.set_member("canary-acme", "mia", Role.MEMBER, actor="olga", at=now)
        accounts.set_zdr("canary-acme", on=True, actor="tess", at=now)
        accounts.set_zdr("canary-acme", on=False, actor="tess", at=now)
        record = house.held(subject="mia", org="canary-acme", tier="api")
        tokens = Tokens(house.store, house.keeping.time)
        tokens.mint(Scope.INGEST, "probe", subject="mia", org="canary-acme")
        tokens.mint(Scope.INGEST, "probe", subject="mia", org="other")
        house.keeping.consents.ask("probe", "mia", "training", org="canary-acme", channel="terminal", at=now)
        house.keeping.consents.withdraw("probe", "mia", "training", org="canary-acme", at=now, channel="terminal")
        metering = Metering(house.store, accounts, house.keeping.judge.book, house.keeping.time)
        metering.add("probe", "canary-acme", is_org=True, model="m", usage=Usage(input=1), request="r")

        done = house.keeping.disposition.erase(Selection(orgs=["canary-acme"]), "request", org="canary-acme")

        assert (done.keys, is_gone(house, record)) == (1, True)
        assert not accounts.knows_org("canary-acme")
        assert b"canary-acme" not in house.raw()
        assert accounts.registry.organisations("olga", now) == {"other": Role.OWNER}
        assert accounts.agreement("probe", "olga", None, now).tier == "pro"
        assert [token.org for token in tokens.all()] == ["other"]
        assert house.entries("account")[-1]["event"] == "forgotten"
        put = house.handed(subject="mia", org="canary-acme", tier="api", consents=[{**YES, "by": "admin"}], session="again")
        assert "erased here" in put.reason


class TestHold:
    def test_legal_hold_outlives_the_schedule_and_opens_for_nothing(self, house) -> None:
        record = house.held(consents=[])
        assert house.keeping.disposition.hold("case", ANNA, "legal") == 1
        assert house.gets(record) == b"what I typed"
        house.later(days=60)
        house.keeping.settle()
        house.keeping.disposition.expire()

        assert house.bucket(record) is not None
        for purpose in ("serve", "safety", "debug", "train_generative"):
            assert is_denied(house.gets(record, purpose), "its time is over"), purpose
        assert list(house.keeping.rights.export("anna")) == []
        assert house.keeping.rights.unopened("anna") == 1

    def test_safety_hold_opens_for_safety_alone_once_the_time_is_over(self, house) -> None:
        record = house.held()
        house.keeping.disposition.hold("incident", ANNA, "safety")
        assert is_denied(house.gets(record, "safety"))
        house.later(days=60)
        house.keeping.disposition.expire()
        assert house.gets(record, "safety") == b"what I typed"
        for purposes in (["serve"], ["debug"], ["safety", "serve"], ["train_safety"]):
            assert is_denied(house.gets(record, *purposes)), purposes

    def test_release_ends_it_at_once_when_its_day_is_gone(self, house) -> None:
        record = house.held()
        other = house.held(subject="ben")
        house.keeping.disposition.hold("case", ANNA, "legal")
        house.later(days=60)
        house.keeping.disposition.expire()
        done = house.keeping.disposition.release("case")
        assert (done.keys, done.records) == (1, 1)
        assert is_gone(house, record)
        assert is_gone(house, other)
        assert [entry["reason"] for entry in house.entries("erased")] == ["released"]
        assert house.store.keys.holds() == {}

    def test_release_before_the_day_leaves_it_to_its_day(self, house) -> None:
        record = house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        assert house.keeping.disposition.release("case").keys == 0
        assert house.gets(record) == b"what I typed"
        house.later(days=60)
        house.keeping.settle()
        assert is_gone(house, record)

    def test_of_two_holds_the_last_one_counts(self, house) -> None:
        record = house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        house.keeping.disposition.hold("incident", ANNA, "safety")
        house.later(days=60)
        house.keeping.disposition.expire()
        assert house.gets(record, "safety") == b"what I typed"
        assert house.keeping.disposition.release("incident").keys == 0
        assert is_denied(house.gets(record, "safety"))
        assert house.keeping.disposition.release("case").keys == 1
        assert is_gone(house, record)

    def test_erased_under_a_legal_hold_is_dead_at_once_and_goes_with_it(self, house) -> None:
        record = house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        house.keeping.disposition.hold("incident", ANNA, "safety")
        done = house.keeping.disposition.erase(ANNA, "request", subject="anna")
        assert (done.keys, done.kept) == (1, 1)
        assert cannot_open(house, record)
        assert is_denied(house.gets(record, "safety"), "only a legal hold keeps it")
        assert house.keeping.holdings.status().held.records == 0
        assert house.keeping.disposition.release("case").keys == 1
        assert is_gone(house, record)

    def test_safety_hold_does_not_keep_what_is_erased(self, house) -> None:
        record = house.held()
        house.keeping.disposition.hold("incident", ANNA, "safety")
        house.keeping.disposition.erase(ANNA, "request")
        assert is_gone(house, record)

    def test_no_hold_revives_what_is_over(self, house) -> None:
        record = house.held()
        house.later(days=60)
        assert house.keeping.disposition.hold("incident", ANNA, "safety") == 0
        assert is_denied(house.gets(record, "safety"))
        house.keeping.settle()
        assert is_gone(house, record)

    @pytest.mark.parametrize(("first", "second"), [("legal", "safety"), ("safety", "legal")])
    def test_what_one_kind_of_hold_keeps_past_its_time_takes_none_of_the_other_kind(self, house, first, second) -> None:
        record = house.held()
        house.keeping.disposition.hold("one", ANNA, first)
        house.later(days=60)
        house.keeping.settle()
        before = house.gets(record, "safety")
        assert house.keeping.disposition.hold("two", ANNA, second) == 0
        assert house.gets(record, "safety") == before
        assert is_denied(before) == (first == "legal")

    def test_why_says_what_a_job_gets(self, house) -> None:
        records = [house.held(), house.held(session="s2"), house.held(kind="feedback_report", session="s3")]
        house.keeping.disposition.hold("case", Selection(sessions=["s1"]), "legal")
        house.keeping.disposition.hold("incident", Selection(sessions=["s2", "s3"]), "safety")
        for days in (0, 60):
            house.later(days=days)
            for record in records:
                story = house.keeping.holdings.story(record.key)
                got = {purpose: not isinstance(house.gets(record, purpose), Denied) for purpose in ("serve", "safety", "debug", "train_generative")}
                assert {purpose: story.decisions[purpose].verdict is Verdict.PERMIT for purpose in got} == got, (days, record)
                assert story.can_open == any(got.values())

    def test_what_is_held_past_its_time_takes_a_second_hold(self, house) -> None:
        house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        house.later(days=60)
        assert house.keeping.disposition.hold("other", ANNA, "legal") == 1

    def test_hold_keeps_its_kind(self, house) -> None:
        house.held()
        house.keeping.disposition.hold("case", ANNA, "legal")
        with pytest.raises(VaultError) as caught:
            house.keeping.disposition.hold("case", ANNA, "safety")
        assert caught.value.code == "hold/kind"

    def test_hold_that_there_is_not_cannot_be_released(self, house) -> None:
        with pytest.raises(VaultError) as caught:
            house.keeping.disposition.release("none")
        assert caught.value.code == "hold/unknown"
        assert house.entries() == []

    def test_entries_name_the_key_of_the_hold_and_never_its_name(self, house) -> None:
        house.held()
        house.keeping.disposition.hold("canary-case", ANNA, "legal")
        named = house.store.keys.holds()["canary-case"][0].hex()
        house.keeping.disposition.release("canary-case")
        assert [(entry["hold"], entry["kind"]) for entry in house.entries("held", "released")] == [(named, "legal")] * 2
        assert b"canary" not in b"".join(house.store.ledger.entries())


class TestTighten:
    def test_withdrawal_denies_training_at_once_and_shortens_the_time(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        assert house.gets(record, "train_generative") == b"what I typed"
        assert house.bucket(record).expires_at == datetime(2031, 9, 1, tzinfo=UTC)
        house.says_no()
        assert is_denied(house.gets(record, "train_generative"))
        assert house.gets(record) == b"what I typed"
        assert house.bucket(record).expires_at == datetime(2026, 10, 1, tzinfo=UTC)
        assert [(entry["expires"], entry["reason"]) for entry in house.entries("tightened")] == [("2026-10-01", "withdrawn")]

    def test_later_yes_does_not_revive(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        house.says_no()
        house.later(hours=1)
        house.says_yes()
        assert is_denied(house.gets(record, "train_generative"))
        assert house.bucket(record).expires_at == datetime(2026, 10, 1, tzinfo=UTC)
        assert house.gets(house.held(session="s2"), "train_generative") == b"what I typed"

    def test_changing_ones_mind_often_does_not_make_receipts_grow(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        for _ in range(40):
            house.says_no()
            house.later(minutes=1)
            house.says_yes()
        assert len(house.bucket(record).cells) <= 3
        assert house.gets(record) == b"what I typed"
        assert is_denied(house.gets(record, "train_generative"))

    def test_zero_retention_makes_what_is_held_unreadable_at_once_and_gone_after(self, house) -> None:
        house.org()
        record, flagged = house.held(org="acme", tier="api"), house.held(org="acme", tier="api", safety_flagged=True, session="s2")
        house.later(days=1)
        assert house.keeping.accounts.set_zdr("acme", on=True, actor="tess", at=house.keeping.at) is None

        assert house.bucket(record) is not None
        assert cannot_open(house, record)
        assert is_denied(house.gets(flagged, "serve"))
        assert house.gets(flagged, "safety") == b"what I typed"
        house.keeping.settle()
        assert is_gone(house, record)
        assert not is_gone(house, flagged)

    def test_zero_retention_switched_off_again_revives_nothing(self, house) -> None:
        house.org()
        record = house.held(org="acme", tier="api")
        for on in (True, False):
            house.later(hours=1)
            assert house.keeping.accounts.set_zdr("acme", on=on, actor="tess", at=house.keeping.at) is None
        assert cannot_open(house, record)

    def test_lost_tier_shortens_the_time(self, house) -> None:
        house.org(tier="api")
        record = house.held(org="acme", tier="api")
        house.later(days=1)
        changed = house.keeping.accounts.set_tier(None, "acme", agent="probe", tier="team", provider="first_party", at=house.keeping.at)
        assert changed is None
        assert house.bucket(record).expires_at == datetime(2026, 9, 11, tzinfo=UTC)

    def test_tier_that_states_no_period_leaves_thirty_days(self, house) -> None:
        house.person()
        record = house.held(kind="feedback_report")
        assert house.bucket(record).expires_at == datetime(2031, 9, 1, tzinfo=UTC)
        assert house.keeping.accounts.set_tier("anna", agent="probe", tier="api", provider="first_party", at=house.keeping.at) is None
        assert house.bucket(record).expires_at == datetime(2026, 10, 1, tzinfo=UTC)

    def test_tier_that_allows_more_changes_nothing(self, house) -> None:
        house.org(tier="team")
        record = house.held(org="acme", tier="team")
        before = house.bucket(record).expires_at
        assert house.keeping.accounts.set_tier(None, "acme", agent="probe", tier="api", provider="first_party", at=house.keeping.at) is None
        assert house.bucket(record).expires_at == before

    def test_merge_tightens_and_the_other_account_answers_for_it(self, house) -> None:
        house.person("anna")
        house.person("ben")
        house.says_yes("anna")
        record = house.held()
        assert house.keeping.accounts.merge("anna", "ben", at=house.keeping.at) is None
        assert is_denied(house.gets(record, "train_generative"))
        assert house.bucket(record).owner.subject == "ben"
        house.says_yes("ben")
        assert is_denied(house.gets(record, "train_generative"))
        house.keeping.disposition.erase(Selection(subjects=["ben"]), "request", subject="ben")
        assert is_gone(house, record)

    def test_withdrawal_before_a_merge_outlives_it(self, house) -> None:
        house.person("anna")
        house.person("ben")
        house.says_yes("anna")
        house.says_yes("ben")
        record = house.held()
        house.says_no("anna")
        house.later(hours=1)
        assert house.keeping.accounts.merge("anna", "ben", at=house.keeping.at) is None
        assert is_denied(house.gets(record, "train_generative"))

    def test_what_was_made_of_it_follows(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        made = house.derived(record)
        house.says_no()
        assert house.bucket(made).expires_at <= datetime(2026, 10, 1, tzinfo=UTC)
        house.later(days=30)
        assert cannot_open(house, made)

    def test_zero_retention_reaches_what_was_made_of_it(self, house) -> None:
        house.org()
        record = house.held(org="acme", tier="api")
        made = house.derived(record)
        house.later(hours=1)
        assert house.keeping.accounts.set_zdr("acme", on=True, actor="tess", at=house.keeping.at) is None
        assert cannot_open(house, made)
        house.keeping.settle()
        assert is_gone(house, made)

    def test_nothing_of_others_is_touched(self, house) -> None:
        house.person()
        other = house.held(subject="ben")
        before = house.bucket(other)
        house.says_no("anna")
        assert house.bucket(other) == before

    def test_what_was_made_and_is_gone_by_then_is_no_obstacle(self, house) -> None:
        record = house.held(consents=[YES])
        made = house.derived(record)
        house.keeping.disposition.erase(Selection(keys=[made.key]), "request")
        before = house.bucket(record).expires_at
        house.says_no()

        assert house.bucket(record).expires_at < before
        assert is_gone(house, made)

    def test_what_was_made_goes_with_its_input_where_its_own_terms_would_let_it_live_longer(self, house, monkeypatch) -> None:
        record = house.held(consents=[YES])
        made = house.derived(record)
        now = house.keeping.at
        ends = {house.bucket(record).cells: now + 10 * DAY, house.bucket(made).cells: now + 20 * DAY}
        monkeypatch.setattr(house.keeping.judge, "end", lambda cells, at, answers=(): ends[tuple(cells)])
        with house.store.transaction():
            house.keeping.disposition.tighten(Selection(), now, "test")

        assert house.bucket(made).expires_at == house.bucket(record).expires_at == now + 10 * DAY

    def test_under_a_hold_it_tightens_too(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        house.keeping.disposition.hold("incident", ANNA, "safety")
        house.says_no()
        assert is_denied(house.gets(record, "train_generative"))
        house.later(days=30)
        house.keeping.settle()
        assert is_denied(house.gets(record))
        assert house.gets(record, "safety") == b"what I typed"
        house.keeping.disposition.release("incident")
        house.keeping.settle()
        assert is_gone(house, record)

    def test_no_in_doubt_of_the_clock_counts_at_once(self, house) -> None:
        house.person()
        house.says_yes()
        record = house.held()
        assert house.gets(record, "train_generative") == b"what I typed"
        house.jump(days=31)
        house.reopen()
        with house.store.transaction():
            at = house.keeping.time.stamp()
        house.keeping.consents.withdraw("probe", "anna", "training", at=at, channel="test")
        assert is_denied(house.gets(record, "train_generative"))
        house.clock.move_to(house.clock.now() - 31 * DAY)
        house.reopen()
        house.held(session="s2")
        assert house.is_ordered()


ENDS = {
    "expired": lambda house: (house.later(days=60), house.keeping.disposition.expire()),
    "erased": lambda house: house.keeping.disposition.erase(ANNA, "request", subject="anna"),
    "released": lambda house: (
        house.keeping.disposition.hold("case", ANNA, "legal"),
        house.keeping.disposition.erase(ANNA, "request"),
        house.keeping.disposition.release("case"),
    ),
}


@pytest.mark.parametrize("how", ENDS)
def test_row_of_a_key_that_is_gone_is_in_no_page_and_no_log(tmp_path, how) -> None:
    house = on_disk(tmp_path / "store")
    record = house.held()
    files = [house.folder / name for name in ("keys.db", "keys.db-wal")]
    assert any(record.key in file.read_bytes() for file in files)
    ENDS[how](house)
    assert not any(record.key in file.read_bytes() for file in files if file.exists())
    house.close()
