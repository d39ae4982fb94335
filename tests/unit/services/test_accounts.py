"""Accounts: who holds which agreement when, as known when, and who may change it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tenure.errors import DataError
from tenure.ledger.entries import parse_entry
from tenure.ports import Selection
from tenure.records.agreement import Agreement, Refused, Role
from tenure.records.case import Consent
from tenure.records.facts import render_fact
from tenure.records.held import Owner
from tenure.records.kinds import Kind
from tenure.services.accounts import Accounts
from tenure.services.answers import Evidence
from tenure.testing.store import MemoryStore

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGENT = "claude_code"
SHOWN = Evidence("ab" * 32, default=False, channel="terminal", dwell_ms=2_000)
Make = Callable[[], Accounts]


class Watched:
    """A store with accounts, and what was tightened with the agreement that was in force by then."""

    def __init__(self) -> None:
        self.store = MemoryStore(AT)
        self.tightened: list[tuple[Selection, datetime, str]] = []
        self.seen: list[Agreement] = []
        self.accounts = Accounts(self.store, self._tighten)

    def _tighten(self, selection: Selection, at: datetime, reason: str) -> None:
        assert self.store.ledger.size > 0
        self.tightened.append((selection, at, reason))
        org = next(iter(selection.orgs or ()), None)
        self.seen.append(self.accounts.agreement(AGENT, next(iter(selection.subjects or ()), None), org, at))

    def team(self) -> str:
        assert self.accounts.set_team("tess", on=True, at=AT) is None
        return "tess"

    def acme(self, at: datetime = AT, tier: str = "enterprise", provider: str = "first_party", org: str = "acme") -> None:
        assert self.accounts.create_org(org, owner="olga", agent=AGENT, tier=tier, provider=provider, actor="olga", at=at) is None


@pytest.fixture
def watched() -> Watched:
    return Watched()


@pytest.fixture
def accounts(watched: Watched) -> Accounts:
    return watched.accounts


def pro(accounts: Accounts, subject: str = "ann", at: datetime = AT) -> None:
    assert accounts.create_account(subject, agent=AGENT, tier="pro", provider="first_party", at=at) is None


def clause(found: Refused | None) -> str:
    assert isinstance(found, Refused)
    return found.clauses[0]


def test_before_the_first_fact_nothing_is_known(accounts: Accounts) -> None:
    pro(accounts)

    found = accounts.agreement(AGENT, "ann", None, AT - HOUR)

    assert found == Agreement(AGENT, "ann", None, end=AT)
    assert not accounts.knows("bob")
    assert accounts.knows("ann")


def test_a_new_account_has_no_flag_and_no_answer(accounts: Accounts) -> None:
    pro(accounts)

    assert accounts.agreement(AGENT, "ann", None, AT) == Agreement(AGENT, "ann", None, "pro", "first_party", frozenset(), (), AT)


def test_a_tier_of_another_agent_is_not_known(accounts: Accounts) -> None:
    pro(accounts)

    assert accounts.agreement("codex", "ann", None, AT).tier is None


def test_a_tier_change_holds_from_its_instant_and_not_before(accounts: Accounts) -> None:
    pro(accounts)
    assert accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", at=AT + DAY) is None

    before, after = accounts.agreement(AGENT, "ann", None, AT + DAY - HOUR), accounts.agreement(AGENT, "ann", None, AT + DAY)

    assert (before.tier, before.end, after.tier, after.start) == ("pro", AT + DAY, "max", AT + DAY)


def test_what_was_recorded_later_was_not_known_before(accounts: Accounts) -> None:
    pro(accounts)
    accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", at=AT + HOUR, recorded_at=AT + DAY)

    assert accounts.agreement(AGENT, "ann", None, AT + HOUR).tier == "max"
    assert accounts.agreement(AGENT, "ann", None, AT + HOUR, known_at=AT + 2 * HOUR).tier == "pro"
    assert accounts.agreement(AGENT, "ann", None, AT + HOUR, known_at=AT + DAY).tier == "max"


def test_no_change_holds_from_a_time_ahead(accounts: Accounts) -> None:
    pro(accounts)

    with pytest.raises(DataError, match="up to now"):
        accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", at=AT + DAY, recorded_at=AT)


def test_the_ledger_names_nobody(watched: Watched) -> None:
    watched.acme()
    pro(watched.accounts)
    watched.accounts.set_member("acme", "ann", Role.ADMIN, actor="olga", at=AT)

    entries = [parse_entry(entry) for entry in watched.store.ledger.entries()]

    assert [entry["event"] for entry in entries] == ["member", "created", "created", "member"]
    assert not any(name in entry for name in (b"ann", b"olga", b"acme") for entry in watched.store.ledger.entries())
    assert len({entry["commitment"] for entry in entries}) == len(entries)


def test_the_same_fact_about_two_persons_has_two_commitments(watched: Watched) -> None:
    pro(watched.accounts, "ann")
    pro(watched.accounts, "bob")

    ann, bob = (watched.accounts.registry.facts("account", subject)[0] for subject in ("ann", "bob"))
    entries = [parse_entry(entry)["commitment"] for entry in watched.store.ledger.entries()]

    assert render_fact(ann) == render_fact(bob)
    assert len(set(entries)) == 2


def test_an_account_that_there_is_is_not_made_again(accounts: Accounts) -> None:
    pro(accounts)

    with pytest.raises(DataError, match="without an account"):
        accounts.create_account("ann", agent=AGENT, tier="max", provider="first_party", at=AT)
    with pytest.raises(DataError, match="id of an account"):
        accounts.set_tier("bob", agent=AGENT, tier="max", provider="first_party", at=AT)


@pytest.mark.parametrize(
    ("bad", "fault"),
    [("", "an empty one"), (" ann", "a space at its beginning or end"), ("a\nb", "does not print"), ("x" * 201, "201 characters")],
)
def test_an_id_has_to_be_one(accounts: Accounts, bad: str, fault: str) -> None:
    with pytest.raises(DataError, match=f"expected an id of 1 to 200 printable characters, got .*{fault}"):
        accounts.create_account(bad, agent=AGENT, tier="pro", provider="first_party", at=AT)


@pytest.mark.parametrize(("one", "other"), [("jos\u00e9", "jose\u0301"), ("jose\u0301", "jos\u00e9")])
def test_an_id_is_the_same_however_it_was_typed(watched: Watched, one: str, other: str) -> None:
    pro(watched.accounts, one)
    watched.acme(org=f"{one}-org")
    watched.accounts.set_member(f"{one}-org", one, Role.ADMIN, actor="olga", at=AT)

    assert watched.accounts.knows(other)
    assert watched.accounts.knows_org(f"{other}-org")
    assert watched.accounts.agreement(AGENT, other, None, AT).tier == "pro"
    assert watched.accounts.registry.role_in(f"{other}-org", other, AT) is Role.ADMIN
    assert Owner(one, one, one) == Owner(other, other, other)
    assert watched.accounts.whole(Selection(subjects=[one]), AT) == watched.accounts.whole(Selection(subjects=[other]), AT)
    assert "jos\u00e9" in {note.key for note in watched.store.journal.facts}
    with pytest.raises(DataError, match="has one"):
        pro(watched.accounts, other)
    with watched.store.transaction():
        watched.accounts.forget(other, AT + DAY)
    assert not watched.accounts.knows(one)


@pytest.mark.parametrize("tier", ["team", "enterprise", "business", "gov"])
def test_a_persons_own_account_has_no_tier_of_an_organisation(accounts: Accounts, tier: str) -> None:
    pro(accounts)
    made = accounts.create_account("bob", agent=AGENT, tier=tier, provider="first_party", at=AT)
    assert clause(made) == "account/person-is-no-organisation"
    assert clause(accounts.set_tier("ann", agent=AGENT, tier=tier, provider="first_party", at=AT)) == "account/person-is-no-organisation"
    assert not accounts.knows("bob")
    assert accounts.agreement(AGENT, "ann", None, AT).tier == "pro"
    assert accounts.set_tier("ann", agent=AGENT, tier="api", provider="first_party", at=AT) is None


def test_zero_retention_that_is_on_is_switched_on_once(watched: Watched) -> None:
    watched.acme()
    team = watched.team()
    for on in (True, True, False, False, True):
        assert watched.accounts.set_zdr("acme", on=on, actor=team, at=AT + HOUR) is None
    facts = [fact.values["on"] for fact in watched.accounts.registry.facts("org", "acme") if fact.event == "flag"]
    assert facts == [True, False, True]


@pytest.mark.parametrize("actor", [None, "tess"])
def test_an_organisation_whose_last_owner_was_erased_is_given_another(watched: Watched, actor: str | None) -> None:
    watched.acme()
    watched.team()
    assert clause(watched.accounts.set_member("acme", "otto", Role.OWNER, actor=None, at=AT)) == "account/members-by-admin"
    with watched.store.transaction():
        watched.accounts.forget("olga", AT)

    assert clause(watched.accounts.set_member("acme", "otto", Role.OWNER, actor="otto", at=AT)) == "account/members-by-admin"
    assert watched.accounts.set_member("acme", "otto", Role.OWNER, actor=actor, at=AT) is None
    assert watched.accounts.registry.role_in("acme", "otto", AT) is Role.OWNER


def test_accounts_are_changed_by_the_operator_and_the_account_team_alone(watched: Watched) -> None:
    pro(watched.accounts)
    team = watched.team()

    refused = watched.accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", actor="ann", at=AT)

    assert clause(refused) == "account/by-account-team"
    assert watched.accounts.agreement(AGENT, "ann", None, AT).tier == "pro"
    assert watched.accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", actor=team, at=AT) is None


# Cases


def attest(watched: Watched, subject: str | None, org: str | None = None, **said: object) -> None:
    given = {"tier": "pro", "provider": "first_party", "flags": frozenset[str](), "consents": (), "at": AT, "recorded_at": AT, **said}
    with watched.store.transaction():
        watched.accounts.attest(AGENT, subject, org, **given)  # type: ignore[arg-type]


def test_an_attested_account_says_what_the_case_said_and_not_more(watched: Watched) -> None:
    yes = Consent("training", True, AT - DAY, "subject")
    attest(watched, "ann", consents=(yes,), flags=None)

    found = watched.accounts.agreement(AGENT, "ann", None, AT)

    assert (found.tier, found.flags, found.consents) == ("pro", None, (yes,))
    assert watched.accounts.agreement("codex", "ann", None, AT).start is None


def test_a_known_account_is_not_attested_over(watched: Watched) -> None:
    pro(watched.accounts)
    attest(watched, "ann", tier="enterprise")

    assert watched.accounts.agreement(AGENT, "ann", None, AT).tier == "pro"


def test_an_organisation_that_is_known_is_not_attested_over_by_a_newcomer(watched: Watched) -> None:
    watched.acme()
    attest(watched, "ann", "acme", tier="team", provider="bedrock", flags=frozenset({"dpp"}), consents=(Consent("dpp", True, AT, "admin"),))

    found = watched.accounts.agreement(AGENT, "ann", "acme", AT)

    assert (found.tier, found.provider, found.flags, found.consents) == ("enterprise", "first_party", frozenset(), ())


def test_what_a_case_says_under_an_organisation_is_not_the_persons(watched: Watched) -> None:
    yes = Consent("dpp", True, AT - DAY, "admin")
    attest(watched, "ann", "acme", tier="team", flags=frozenset({"dpp"}), consents=(yes,))

    assert watched.accounts.agreement(AGENT, "ann", None, AT).tier is None
    assert watched.accounts.agreement(AGENT, "ann", "acme", AT).tier == "team"
    assert watched.accounts.agreement(AGENT, "ann", "acme", AT).consents == (yes,)
    assert watched.accounts.agreement(AGENT, "ann", "acme", AT).flags == frozenset({"dpp"})


def test_an_attestation_that_was_undone_is_forgotten(watched: Watched) -> None:
    def fail() -> None:
        with watched.store.transaction():
            watched.accounts.attest(AGENT, "ann", None, tier="pro", provider=None, flags=None, consents=None, at=AT, recorded_at=AT)
            assert watched.accounts.agreement(AGENT, "ann", None, AT).tier == "pro"
            assert watched.accounts.knows("ann")
            raise RuntimeError("undone")

    with pytest.raises(RuntimeError, match="undone"):
        fail()

    assert watched.accounts.agreement(AGENT, "ann", None, AT).tier is None
    assert not watched.accounts.knows("ann")


# Organisations


def test_the_creator_of_an_organisation_is_its_owner(watched: Watched) -> None:
    watched.acme()

    assert watched.accounts.registry.members("acme", AT) == {"olga": Role.OWNER}
    assert watched.accounts.agreement(AGENT, "olga", "acme", AT).tier == "enterprise"


@pytest.mark.parametrize("tier", ["free", "pro", "max", "plus"])
def test_an_organisation_has_a_commercial_tier(watched: Watched, tier: str) -> None:
    assert (
        clause(watched.accounts.create_org("acme", owner="olga", agent=AGENT, tier=tier, provider="first_party", at=AT))
        == "account/org-is-commercial"
    )
    watched.acme()
    assert clause(watched.accounts.set_tier(None, "acme", agent=AGENT, tier=tier, provider="first_party", at=AT)) == "account/org-is-commercial"


def test_an_organisation_in_use_is_not_taken_over(watched: Watched) -> None:
    attest(watched, "ann", "acme", tier="team", flags=frozenset({"zdr"}))

    refused = watched.accounts.create_org("acme", owner="eve", agent=AGENT, tier="team", provider="first_party", actor="eve", at=AT)

    assert clause(refused) == "account/by-account-team"
    assert watched.accounts.create_org("acme", owner="olga", agent=AGENT, tier="team", provider="first_party", at=AT) is None
    assert watched.accounts.agreement(AGENT, "olga", "acme", AT).flags == frozenset({"zdr"})


@pytest.mark.parametrize(
    ("actor", "role", "expected"),
    [
        ("olga", Role.OWNER, None),
        ("olga", Role.ADMIN, None),
        ("adam", Role.MEMBER, None),
        ("adam", Role.ADMIN, None),
        ("adam", Role.OWNER, "account/owners-by-owner"),
        ("mia", Role.MEMBER, "account/members-by-admin"),
        ("eve", Role.MEMBER, "account/members-by-admin"),
        ("tess", Role.OWNER, "account/members-by-admin"),
        (None, Role.MEMBER, "account/members-by-admin"),
    ],
)
def test_members_are_set_by_an_owner_or_admin(watched: Watched, actor: str | None, role: Role, expected: str | None) -> None:
    watched.team()
    watched.acme()
    watched.accounts.set_member("acme", "adam", Role.ADMIN, actor="olga", at=AT)
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT)

    found = watched.accounts.set_member("acme", "ann", role, actor=actor, at=AT + HOUR)

    assert (None if found is None else found.clauses[0]) == expected
    assert watched.accounts.registry.role_in("acme", "ann", AT + HOUR) == (role if expected is None else None)


def test_a_role_counts_at_the_instant_of_the_change(watched: Watched) -> None:
    watched.acme()
    watched.accounts.set_member("acme", "adam", Role.ADMIN, actor="olga", at=AT)
    watched.accounts.leave("adam", "acme", at=AT + DAY)

    late = watched.accounts.set_member("acme", "ann", Role.MEMBER, actor="adam", at=AT + HOUR, recorded_at=AT + 2 * DAY)

    assert clause(late) == "account/members-by-admin"


def test_the_last_owner_cannot_leave_or_step_down(watched: Watched) -> None:
    watched.acme()
    pro(watched.accounts, "olga")
    pro(watched.accounts, "otto")

    assert clause(watched.accounts.leave("olga", "acme", at=AT)) == "account/last-owner"
    assert clause(watched.accounts.set_member("acme", "olga", Role.ADMIN, actor="olga", at=AT)) == "account/last-owner"
    assert clause(watched.accounts.merge("olga", "otto", at=AT)) == "account/last-owner"
    watched.accounts.set_member("acme", "otto", Role.OWNER, actor="olga", at=AT)
    assert watched.accounts.leave("olga", "acme", at=AT) is None


def test_only_a_member_can_leave(watched: Watched) -> None:
    watched.acme()

    assert clause(watched.accounts.leave("ann", "acme", at=AT)) == "account/no-member"


def test_nobody_throws_out_others_without_the_role(watched: Watched) -> None:
    watched.acme()
    for subject in ("mia", "max"):
        watched.accounts.set_member("acme", subject, Role.MEMBER, actor="olga", at=AT)

    assert clause(watched.accounts.leave("max", "acme", actor="mia", at=AT)) == "account/members-by-admin"
    assert watched.accounts.leave("max", "acme", actor="olga", at=AT) is None


def test_who_left_has_nothing_of_what_the_organisation_allows(watched: Watched) -> None:
    watched.team()
    watched.acme()
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT)
    watched.accounts.set_program("acme", on=True, agent=AGENT, actor="olga", evidence=SHOWN, at=AT)
    inside = watched.accounts.agreement(AGENT, "mia", "acme", AT)
    watched.accounts.leave("mia", "acme", at=AT + DAY)

    after = watched.accounts.agreement(AGENT, "mia", "acme", AT + DAY)

    assert inside.flags == frozenset({"dpp"})
    assert inside.consents
    assert (after.tier, after.flags, after.consents) == ("enterprise", frozenset(), ())
    assert watched.accounts.agreement(AGENT, None, "acme", AT + DAY).flags == frozenset({"dpp"})
    assert watched.tightened[-1] == (Selection(subjects=("mia",), orgs=("acme",)), AT + DAY, "left")


# Zero retention


@pytest.mark.parametrize("actor", ["olga", "adam", "mia", "eve", None])
def test_zero_retention_is_set_by_the_account_team_alone(watched: Watched, actor: str | None) -> None:
    watched.team()
    watched.acme()
    watched.accounts.set_member("acme", "adam", Role.ADMIN, actor="olga", at=AT)
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT)

    assert clause(watched.accounts.set_zdr("acme", on=True, actor=actor, at=AT)) == "account/zdr-by-account-team"
    assert watched.accounts.agreement(AGENT, None, "acme", AT).flags == frozenset()
    assert watched.accounts.set_zdr("acme", on=True, actor="tess", at=AT) is None
    assert watched.accounts.agreement(AGENT, None, "acme", AT).flags == frozenset({"zdr"})
    assert watched.accounts.agreement("codex", None, "acme", AT).flags == frozenset({"zdr"})


def test_switching_zero_retention_on_tightens_what_is_held(watched: Watched) -> None:
    watched.team()
    watched.acme()
    watched.accounts.set_zdr("acme", on=True, actor="tess", at=AT + DAY)

    assert watched.tightened[-1] == (Selection(orgs=("acme",)), AT + DAY, "zdr_on")
    assert watched.seen[-1].flags == frozenset({"zdr"})


def test_no_other_organisation_inherits_zero_retention(watched: Watched) -> None:
    watched.team()
    watched.acme()
    watched.accounts.set_zdr("acme", on=True, actor="tess", at=AT)
    watched.acme(org="acme-lab", at=AT + HOUR)
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT)
    watched.accounts.set_member("acme-lab", "mia", Role.MEMBER, actor="olga", at=AT + HOUR)
    pro(watched.accounts, "mia")
    pro(watched.accounts, "max")
    watched.accounts.merge("mia", "max", at=AT + DAY)

    for subject, org in ((None, "acme-lab"), ("mia", "acme-lab"), ("olga", "acme-lab"), ("mia", None), ("max", None), ("max", "acme-lab")):
        assert watched.accounts.agreement(AGENT, subject, org, AT + DAY).flags == frozenset()


def test_the_first_of_the_account_team_comes_from_the_operator_and_no_other(watched: Watched) -> None:
    assert watched.accounts.set_team("tess", on=True, actor="tess", at=AT) is not None
    watched.team()

    assert watched.accounts.registry.facts("team", "tess")[0].by == "operator"
    assert clause(watched.accounts.set_team("tom", on=True, at=AT)) == "account/by-account-team"
    assert clause(watched.accounts.set_team("tess", on=False, actor="tess", at=AT)) == "account/last-of-team"
    assert watched.accounts.set_team("tom", on=True, actor="tess", at=AT) is None
    assert watched.accounts.set_team("tess", on=False, actor="tom", at=AT + HOUR) is None
    watched.acme()
    assert clause(watched.accounts.set_zdr("acme", on=True, actor="tess", at=AT + HOUR)) == "account/zdr-by-account-team"


# The partner program


def test_an_admin_enters_the_partner_program(watched: Watched) -> None:
    watched.acme()
    watched.accounts.set_member("acme", "adam", Role.ADMIN, actor="olga", at=AT)

    assert watched.accounts.set_program("acme", on=True, agent=AGENT, actor="adam", evidence=SHOWN, at=AT + HOUR) is None

    found = watched.accounts.agreement(AGENT, None, "acme", AT + HOUR)
    assert found.flags == frozenset({"dpp"})
    assert found.consents == (Consent("dpp", True, AT + HOUR, "admin", "ab" * 32, False),)
    assert watched.accounts.agreement("codex", None, "acme", AT + HOUR).flags == frozenset()
    assert watched.accounts.set_program("acme", on=False, agent=AGENT, actor="olga", evidence=Evidence(), at=AT + DAY) is None
    left = watched.accounts.agreement(AGENT, None, "acme", AT + DAY)
    assert left.flags == frozenset()
    assert [each.value for each in left.consents or ()] == [True, False]


def test_a_members_enrolment_is_on_record_and_permits_nothing(watched: Watched) -> None:
    watched.acme()
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="olga", at=AT)

    refused = watched.accounts.set_program("acme", on=True, agent=AGENT, actor="mia", evidence=SHOWN, at=AT + HOUR)

    assert clause(refused) == "account/program-by-admin"
    assert watched.accounts.agreement(AGENT, "olga", "acme", AT + HOUR).consents == ()
    own = watched.accounts.agreement(AGENT, "mia", "acme", AT + HOUR)
    assert own.flags == frozenset()
    assert [(each.name, each.by) for each in own.consents or ()] == [("dpp", "member")]


@pytest.mark.parametrize(("tier", "provider"), [("enterprise", "bedrock"), ("team", "gateway")])
def test_the_partner_program_is_for_the_first_party_alone(watched: Watched, tier: str, provider: str) -> None:
    watched.acme(tier=tier, provider=provider)

    refused = watched.accounts.set_program("acme", on=True, agent=AGENT, actor="olga", evidence=SHOWN, at=AT)

    assert clause(refused) == "account/program-first-party"


@pytest.mark.parametrize("evidence", [Evidence(), Evidence("ab" * 32, False, "agent", 2_000), Evidence(None, False, "terminal", 2_000)])
def test_nobody_enters_the_partner_program_unasked(watched: Watched, evidence: Evidence) -> None:
    watched.acme()

    refused = watched.accounts.set_program("acme", on=True, agent=AGENT, actor="olga", evidence=evidence, at=AT)

    assert clause(refused) == "consent/unasked"
    assert watched.accounts.agreement(AGENT, None, "acme", AT).flags == frozenset()


@pytest.mark.parametrize("actor", ["eve", "tess", None])
def test_no_outsider_sets_the_partner_program(watched: Watched, actor: str | None) -> None:
    watched.team()
    watched.acme()

    for on in (True, False):
        refused = watched.accounts.set_program("acme", on=on, agent=AGENT, actor=actor, evidence=SHOWN, at=AT)
        assert clause(refused) == "account/program-by-admin"


# Merging and forgetting


def test_a_merged_account_is_the_other_one_from_then_on_and_what_it_was_before(watched: Watched) -> None:
    pro(watched.accounts)
    assert watched.accounts.create_account("bob", agent=AGENT, tier="max", provider="first_party", at=AT) is None
    assert watched.accounts.merge("ann", "bob", at=AT + DAY) is None

    before, after = watched.accounts.agreement(AGENT, "ann", None, AT + HOUR), watched.accounts.agreement(AGENT, "ann", None, AT + DAY)

    assert (before.subject, before.tier, before.end) == ("ann", "pro", AT + DAY)
    assert (after.subject, after.tier) == ("bob", "max")
    assert watched.accounts.resolve("ann", AT + DAY) == "bob"
    watched.accounts.set_tier("bob", agent=AGENT, tier="free", provider="first_party", at=AT + 2 * DAY)
    assert watched.accounts.agreement(AGENT, "ann", None, AT + 2 * DAY).tier == "free"


def test_what_a_merged_account_holds_is_tightened_and_passes_over(watched: Watched) -> None:
    pro(watched.accounts)
    pro(watched.accounts, "bob")
    bucket = watched.store.keys.make(Owner("ann"), Kind.PROMPT, (b"{}",), AT, AT + 30 * DAY)

    watched.accounts.merge("ann", "bob", at=AT + DAY)

    assert watched.tightened[-1][0] == Selection(subjects=("ann",))
    assert [each.key for each in watched.store.keys.buckets(Selection(subjects=("bob",)))] == [bucket.key]


def test_a_merged_account_changes_no_more(watched: Watched) -> None:
    pro(watched.accounts)
    pro(watched.accounts, "bob")
    watched.accounts.merge("ann", "bob", at=AT)

    with pytest.raises(DataError, match="merged"):
        watched.accounts.set_tier("ann", agent=AGENT, tier="max", provider="first_party", at=AT)
    with pytest.raises(DataError, match="merged"):
        watched.accounts.merge("bob", "ann", at=AT)
    with pytest.raises(DataError, match="same"):
        watched.accounts.merge("bob", "bob", at=AT)


def test_who_is_forgotten_is_in_no_fact_any_more(watched: Watched) -> None:
    watched.acme()
    for subject in ("annabel", "bob", "cem"):
        pro(watched.accounts, subject)
    watched.accounts.set_member("acme", "annabel", Role.ADMIN, actor="olga", at=AT)
    watched.accounts.set_member("acme", "mia", Role.MEMBER, actor="annabel", at=AT)
    watched.accounts.merge("bob", "annabel", at=AT)
    watched.accounts.merge("annabel", "cem", at=AT)

    with watched.store.transaction():
        assert watched.accounts.forget("annabel", AT + DAY) > 0

    kept = [
        note for note in watched.store.journal.facts if "annabel" in note.key or b"annabel" in note.body or "bob" in note.key or b"bob" in note.body
    ]
    assert kept == []
    assert not watched.accounts.knows("annabel")
    assert watched.accounts.agreement(AGENT, "annabel", None, AT + DAY).tier is None
    assert watched.accounts.agreement(AGENT, "cem", None, AT + DAY).tier == "pro"


def test_the_account_team_gives_an_organisation_an_owner_that_has_none(watched: Watched) -> None:
    watched.team()
    watched.acme()
    with watched.store.transaction():
        watched.accounts.forget("olga", AT)

    assert watched.accounts.set_member("acme", "otto", Role.OWNER, actor="tess", at=AT) is None
