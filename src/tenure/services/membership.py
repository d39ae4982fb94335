"""Who belongs to which organisation in which role, and who is of the account team."""

import os
from collections.abc import Callable
from datetime import datetime

from tenure.errors import DataError
from tenure.ports import Selection, Store
from tenure.records.agreement import CONSUMER_TIERS, Refused, Role
from tenure.records.facts import ACCOUNT, MEMBER, ORG, TEAM, Fact
from tenure.records.ids import normal_id
from tenure.services import roles
from tenure.services.account_facts import checked_id, present
from tenure.services.registry import Registry

Tighten = Callable[[Selection, datetime, str], None]
"""Tightens what is held of a selection under the agreement as it is after a change; runs inside of the open transaction."""


class Memberships:
    """The members of the organisations of one store, and the account team.

    Args:
        store: where the facts are.
        tighten: tightens what is held after a change.
        random: source of random bytes.
    """

    def __init__(self, store: Store, tighten: Tighten = lambda selection, at, reason: None, random: Callable[[int], bytes] = os.urandom) -> None:
        self.store = store
        self.tighten = tighten
        self.registry = Registry(store, random)
        self.roles = roles.Roles(self.registry)

    def knows_org(self, org: str) -> bool:
        """Whether there is an organisation of that id."""
        return self.registry.has_facts(ORG, org)

    def create_org(
        self,
        org: str,
        *,
        owner: str,
        agent: str,
        tier: str,
        provider: str,
        actor: str | None = None,
        at: datetime,
        recorded_at: datetime | None = None,
    ) -> Refused | None:
        """Make an organisation, with no flag and no answer to any consent. One that was read off a case becomes a proper one and keeps its flags.

        Args:
            org: its id.
            owner: who is its first owner.
            agent: for which agent the tier and provider are.
            tier: a commercial one.
            provider: such as `first_party`.
            actor: who makes it: the owner, where the id is free, or somebody of the account team; None = the operator.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was made, else why not.

        Raises:
            DataError: an id that is none, or an organisation that there is.
        """
        now = present(at, recorded_at)
        org, owner = checked_id("org", org), checked_id("owner", owner)
        facts = self.registry.facts(ORG, org)
        if any(fact.event == "created" for fact in facts):
            raise DataError("org: expected an id without an organisation, got one that has one", code="account/exists", remedy="tenure org show ORG")
        by, refused = self.roles.for_new_org(actor, owner, now, is_free=not facts)
        if refused is not None or tier in CONSUMER_TIERS:
            return refused or roles.CONSUMER_TIER
        with self.store.transaction():
            fact = self.registry.add(ORG, org, "created", at, now, by, actor, agent=agent, tier=tier, provider=provider)
            member = self.registry.add(MEMBER, owner, "member", at, now, by, actor, org=org, role=Role.OWNER)
            self.registry.commit("account", MEMBER, owner, member, event="member")
            self._made(ORG, org, fact, Selection(orgs=(org,)))
        return None

    def set_member(
        self, org: str, subject: str, role: Role | None, *, actor: str | None, at: datetime, recorded_at: datetime | None = None
    ) -> Refused | None:
        """Give a person a role in an organisation, or take it away.

        Args:
            org: the organisation.
            subject: the person.
            role: `owner`, `admin` or `member`; None = no member any more.
            actor: an owner or an admin; an owner where an owner is made or unmade; the account team or the operator (None) where there is no owner.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was set, else why not.

        Raises:
            DataError: there is no such organisation, or it is no role in one.
        """
        now = present(at, recorded_at)
        org, subject = self.known_org(org), checked_id("subject", subject)
        if role is Role.ACCOUNT_TEAM:
            raise DataError("role: expected owner, admin or member, got account_team", code="account/role", remedy="tenure org role grants it")
        held = self.registry.role_in(org, subject, now)
        if held is None and role is None:
            return roles.NO_MEMBER
        by, refused = self.roles.for_member(actor, org, subject, now, (held, role))
        if refused is None and role is not Role.OWNER and self.roles.is_last_owner(org, subject, now):
            refused = roles.LAST_OWNER
        if refused is not None:
            return refused
        with self.store.transaction():
            fact = self.registry.add(MEMBER, subject, "member" if role else "left", at, now, by, actor, org=org, role=role)
            self._made(MEMBER, subject, fact, Selection(subjects=(subject,), orgs=(org,)))
        return None

    def leave(self, subject: str, org: str, *, actor: str | None = None, at: datetime, recorded_at: datetime | None = None) -> Refused | None:
        """Have a person leave an organisation. Its data stays under its terms; what it allows covers the person's data no longer.

        Args:
            subject: the person.
            org: the organisation.
            actor: an owner or an admin; None = the person.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when they left, else why not.
        """
        return self.set_member(org, subject, None, actor=subject if actor is None else actor, at=at, recorded_at=recorded_at)

    def set_team(self, subject: str, *, on: bool, actor: str | None = None, at: datetime, recorded_at: datetime | None = None) -> Refused | None:
        """Give a person the role of the account team, or take it away.

        Args:
            subject: the person.
            on: whether they have it from now on.
            actor: somebody of the account team; None = the operator, who grants it to the first one.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was set, else why not.
        """
        now = present(at, recorded_at)
        subject = checked_id("subject", subject)
        by, refused = self.roles.for_team(actor, now)
        if refused is None and not on and self.registry.account_team(now) == [subject]:
            refused = roles.LAST_OF_TEAM
        if refused is not None:
            return refused
        with self.store.transaction():
            fact = self.registry.add(TEAM, subject, "team", at, now, by, actor, on=on)
            self.registry.commit("account", TEAM, subject, fact, event="team")
        return None

    def known(self, subject: str, at: datetime) -> str:
        """Return the id of an account that is in use.

        Raises:
            DataError: there is none, or it is part of another one by then.
        """
        if not self.registry.has_facts(ACCOUNT, subject):
            raise DataError("subject: expected the id of an account, got one that is none", code="account/unknown", remedy="tenure account create")
        if self.registry.moved_into(subject, at) != subject:
            message = "subject: expected an account in use, got one that was merged into another"
            raise DataError(message, code="account/merged", remedy="name the account that it was merged into")
        return normal_id(subject)

    def known_org(self, org: str) -> str:
        """Return the id of an organisation that there is.

        Raises:
            DataError: there is none.
        """
        if not self.knows_org(org):
            raise DataError("org: expected the id of an organisation, got one that is none", code="account/unknown-org", remedy="tenure org create")
        return normal_id(org)

    def _made(self, topic: str, key: str, fact: Fact, selection: Selection, event: str = "") -> None:
        """Write a fact's ledger entry and tighten what is held."""
        self.registry.commit("account", topic, key, fact, event=event or fact.event)
        self.tighten(selection, fact.recorded_at, event or fact.event)
