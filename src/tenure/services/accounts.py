"""Accounts: who an owner is and what is in force for them, at any instant, as it is known at any other.

Everything is added, nothing is changed: each change is a fact with the time since when it holds and the time since when it is recorded,
and a ledger entry that commits to it without a name. Docs: docs/reference/accounts.md.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import datetime

from tenure.errors import DataError
from tenure.ports import Selection
from tenure.records.agreement import CONSUMER_TIERS, SEAT_TIERS, Agreement, Refused
from tenure.records.canonical import Plain
from tenure.records.case import Consent
from tenure.records.facts import ACCOUNT, MEMBER, MERGED, ORG
from tenure.records.held import Owner
from tenure.records.ids import normal_id
from tenure.services import roles
from tenure.services.account_facts import checked_id, plain_consent, present
from tenure.services.membership import Tighten as Tighten
from tenure.services.organisations import Organisations


class Accounts(Organisations):
    """The accounts of one store. One per store: a second one would not see what this one writes.

    Args:
        store: where the facts are.
        tighten: tightens what is held after a change.
        random: source of random bytes.
    """

    def knows(self, subject: str) -> bool:
        """Whether there is an account of that id, or a member of an organisation."""
        return self.registry.has_facts(ACCOUNT, subject) or self.registry.has_facts(MEMBER, subject)

    def agreement(self, agent: str, subject: str | None, org: str | None, at: datetime, *, known_at: datetime | None = None) -> Agreement:
        """Return what is in force for an owner.

        With an organisation, its tier, provider and flags, the answers of its admins and owners, and the person's own answers there. Who is no
        member of it at that instant has none of what it allows: neither its yes to anything nor the flag of its partner program.

        Args:
            agent: about which agent.
            subject: the person; where the account was merged by then, the other account counts.
            org: the organisation; None = the person's own account.
            at: when.
            known_at: as far as was recorded by then; None = by now.
        """
        return self.registry.agreement(agent, subject, org, at, known_at)

    def resolve(self, subject: str, at: datetime) -> str:
        """Return the account that a person's account is part of at an instant."""
        return self.registry.moved_into(subject, at)

    def owner(self, owner: Owner, at: datetime) -> Owner:
        """Return whose data it is at an instant: where the account was merged, the one that it is part of by then."""
        return owner if owner.subject is None else replace(owner, subject=self.resolve(owner.subject, at))

    def is_former(self, owner: Owner) -> bool:
        """Whether the person, or the organisation, was erased here before."""
        names = (*(() if owner.subject is None else (f"subject:{owner.subject}",)), *(() if owner.org is None else (f"org:{owner.org}",)))
        return any(self.registry.is_former(name) for name in names)

    def whole(self, selection: Selection, at: datetime) -> Selection:
        """Return a selection of persons with every account that is part of theirs, or that theirs is part of; each id in its one form."""
        orgs = None if selection.orgs is None else tuple(map(normal_id, selection.orgs))
        sessions = None if selection.sessions is None else tuple(map(normal_id, selection.sessions))
        subjects = None
        if selection.subjects is not None:
            accounts = (each for subject in selection.subjects for each in self.registry.accounts_of(self.resolve(subject, at)))
            subjects = tuple(dict.fromkeys(accounts))
        return replace(selection, subjects=subjects, orgs=orgs, sessions=sessions)

    def attest(
        self,
        agent: str,
        subject: str | None,
        org: str | None,
        *,
        tier: str | None,
        provider: str | None,
        flags: Collection[str] | None,
        consents: Collection[Consent] | None,
        at: datetime,
        recorded_at: datetime,
    ) -> None:
        """Make an account of what a case says about someone who is not known. Runs inside of the open transaction.

        With an organisation, what the case says is about it, where it is not known; the person is noted with the answers that are their own.

        Args:
            agent: about which agent.
            subject: the person.
            org: the organisation.
            tier: and the following: as the case says; None = it does not say.
            provider: see there.
            flags: see there.
            consents: see there.
            at: since when it holds.
            recorded_at: the present.
        """
        answers = None if consents is None else [each for each in consents if org is not None and each.by in ("admin", "owner")]
        own = None if consents is None else [each for each in consents if org is None or each.by not in ("admin", "owner")]
        said: dict[str, Plain] = {"agent": agent, "tier": tier, "provider": provider, "flags": None if flags is None else [*sorted(flags)]}
        if org is not None and not self.knows_org(org):
            fact = self.registry.add(ORG, checked_id("org", org), "attested", at, recorded_at, "case", None, **said, consents=_plain(answers))
            self.registry.commit("account", ORG, org, fact, event="attested")
        if subject is not None and not self.knows(subject):
            said = said if org is None else {"agent": agent, "tier": None, "provider": None, "flags": None}
            subject = checked_id("subject", subject)
            fact = self.registry.add(ACCOUNT, subject, "attested", at, recorded_at, "case", None, **said, org=org, consents=_plain(own))
            self.registry.commit("account", ACCOUNT, subject, fact, event="attested")

    def create_account(
        self,
        subject: str,
        *,
        agent: str,
        tier: str | None,
        provider: str | None,
        actor: str | None = None,
        at: datetime,
        recorded_at: datetime | None = None,
    ) -> Refused | None:
        """Make an account: with no flag, and no answer to any consent. One that was read off a case becomes a proper one.

        Args:
            subject: the person's id.
            agent: for which agent the tier and provider are.
            tier: such as `max`, or `api` for a key of their own; None = not known.
            provider: such as `first_party`; None = not known.
            actor: who makes it: somebody of the account team; None = the operator.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was made, else why not.

        Raises:
            DataError: an id that is none, or an account or time that cannot be.
        """
        now = present(at, recorded_at)
        subject = checked_id("subject", subject)
        by, refused = self.roles.for_account(actor, now)
        if refused is None and tier in SEAT_TIERS:
            refused = roles.SEAT_TIER
        if refused is not None:
            return refused
        if any(fact.event == "created" for fact in self.registry.facts(ACCOUNT, subject)):
            raise DataError("subject: expected one without an account, got one that has one", code="account/exists", remedy="tenure account tier")
        with self.store.transaction():
            fact = self.registry.add(ACCOUNT, subject, "created", at, now, by, actor, agent=agent, tier=tier, provider=provider)
            self._made(ACCOUNT, subject, fact, Selection(subjects=(subject,)))
        return None

    def set_tier(
        self,
        subject: str | None,
        org: str | None = None,
        *,
        agent: str,
        tier: str,
        provider: str,
        actor: str | None = None,
        at: datetime,
        recorded_at: datetime | None = None,
    ) -> Refused | None:
        """Change the tier and provider of a person, or of an organisation where `org` is given.

        Args:
            subject: the person; None with `org`.
            org: the organisation.
            agent: for which agent.
            tier: the tier; of an organisation a commercial one.
            provider: the provider.
            actor: somebody of the account team; None = the operator.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was changed, else why not.

        Raises:
            DataError: there is no such account.
        """
        now = present(at, recorded_at)
        by, refused = self.roles.for_account(actor, now)
        if refused is not None:
            return refused
        if org is not None and tier in CONSUMER_TIERS:
            return roles.CONSUMER_TIER
        if org is None and tier in SEAT_TIERS:
            return roles.SEAT_TIER
        topic, key = (ORG, self.known_org(org)) if org is not None else (ACCOUNT, self.known(subject or "", now))
        with self.store.transaction():
            fact = self.registry.add(topic, key, "tier", at, now, by, actor, agent=agent, tier=tier, provider=provider)
            self._made(topic, key, fact, Selection(subjects=(key,)) if org is None else Selection(orgs=(key,)))
        return None

    def merge(self, source: str, target: str, *, actor: str | None = None, at: datetime, recorded_at: datetime | None = None) -> Refused | None:
        """Make one account part of another. What was in force before stays so; nothing that one allowed is allowed for the other.

        The memberships of the first end. What is held of it is tightened and passes to the other.

        Args:
            source: the account that ends.
            target: the account that it becomes part of.
            actor: somebody of the account team; None = the operator.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when they were merged, else why not.

        Raises:
            DataError: there is no such account, or both are the same.
        """
        now = present(at, recorded_at)
        source, target = normal_id(source), normal_id(target)
        if source == target:
            raise DataError("merge: expected two accounts, got the same twice", code="account/same")
        self.known(source, now)
        self.known(target, now)
        by, refused = self.roles.for_account(actor, now)
        orgs = self.registry.organisations(source, now)
        if refused is None and any(self.roles.is_last_owner(org, source, now) for org in orgs):
            refused = roles.LAST_OWNER
        if refused is not None:
            return refused
        with self.store.transaction():
            for org in orgs:
                self.registry.add(MEMBER, source, "member", at, now, by, actor, org=org, role=None)
            fact = self.registry.add(ACCOUNT, source, "merged", at, now, by, actor, into=target)
            self.store.journal.add(MERGED, target, source.encode())
            self._made(ACCOUNT, source, fact, Selection(subjects=(source,)))
            self.store.keys.pass_to([bucket.key for bucket in self.store.keys.buckets(Selection(subjects=(source,)))], target)
        return None

    def forget(self, subject: str, at: datetime) -> int:
        """Remove all that is known about a person, and about the accounts that were merged into theirs. Runs inside of the open transaction.

        The ledger keeps its entries, which mean nothing from then on.

        Returns:
            How many facts were removed.
        """
        return self.registry.forget(subject, at)

    def forget_org(self, org: str, at: datetime) -> int:
        """Remove all that is known about an organisation, as `forget` does."""
        return self.registry.forget_org(org, at)


def _plain(consents: Iterable[Consent] | None) -> Plain:
    return None if consents is None else [plain_consent(each) for each in consents]
