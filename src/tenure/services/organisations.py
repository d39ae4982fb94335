"""What an organisation adds to its agreement: zero retention and the partner program.

Zero retention is a fact about one organisation: making one, merging accounts and moving members never copies it.
"""

from datetime import datetime

from tenure.ports import Selection
from tenure.records.agreement import CONSUMER_TIERS, Refused, Role
from tenure.records.facts import ORG
from tenure.records.kinds import Flag
from tenure.services import roles
from tenure.services.account_facts import present
from tenure.services.answers import CHANNELS, PROGRAM, Answer, Evidence, add_answer
from tenure.services.membership import Memberships


class Organisations(Memberships):
    """The organisations of one store."""

    def set_zdr(self, org: str, *, on: bool, actor: str | None, at: datetime, recorded_at: datetime | None = None) -> Refused | None:
        """Set zero retention for one organisation, for all agents. What is held is tightened when it is switched on, and stays so.

        Args:
            org: the organisation.
            on: whether it holds from now on.
            actor: somebody of the account team.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was set, else why not.

        Raises:
            DataError: there is no such organisation.
        """
        now, org = present(at, recorded_at), self.known_org(org)
        by, refused = self.roles.for_zdr(actor, now)
        if refused is not None:
            return refused
        switches = [fact for fact in self.registry.facts(ORG, org) if fact.event == "flag" and fact.text("flag") == Flag.ZDR]
        if switches and switches[-1].at <= at and switches[-1].values["on"] is on:
            return None  # it is so already
        with self.store.transaction():
            fact = self.registry.add(ORG, org, "flag", at, now, by, actor, flag=Flag.ZDR, on=on)
            self._made(ORG, org, fact, Selection(orgs=(org,)), f"zdr_{'on' if on else 'off'}")
        return None

    def set_program(
        self,
        org: str,
        *,
        on: bool,
        agent: str,
        actor: str | None,
        evidence: Evidence,
        at: datetime,
        recorded_at: datetime | None = None,
    ) -> Refused | None:
        """Enter an organisation into the partner program, or take it out.

        Args:
            org: the organisation.
            on: in or out.
            agent: for which agent.
            actor: an admin or owner of it.
            evidence: how the question was answered; for leaving, an empty one does.
            at: since when it holds.
            recorded_at: the present; None = `at`.

        Returns:
            None when it was set, else why not. A member's yes is put on record all the same, as a member's, and permits nothing.

        Raises:
            DataError: there is no such organisation.
        """
        now, org = present(at, recorded_at), self.known_org(org)
        role = None if actor is None else self.registry.role_in(org, actor, now)
        if actor is not None and role is Role.MEMBER and on:
            with self.store.transaction():
                add_answer(self.registry, Answer(agent, PROGRAM, True, Role.MEMBER, evidence, at, now), actor, org)
        if actor is None or role not in roles.MANAGERS:
            return roles.PROGRAM_BY_ADMIN
        if on and (refused := self._program_refused(org, agent, now, evidence)) is not None:
            return refused
        with self.store.transaction():
            fact = self.registry.add(ORG, org, "flag", at, now, str(role), actor, agent=agent, flag=Flag.DPP, on=on)
            add_answer(self.registry, Answer(agent, PROGRAM, on, str(role), evidence, at, now), actor, org)
            self._made(ORG, org, fact, Selection(orgs=(org,)), f"program_{'on' if on else 'off'}")
        return None

    def _program_refused(self, org: str, agent: str, at: datetime, evidence: Evidence) -> Refused | None:
        found = self.registry.agreement(agent, None, org, at, None)
        if found.provider != "first_party" or found.tier is None or found.tier in CONSUMER_TIERS:
            return roles.PROGRAM_FIRST_PARTY
        return None if evidence.text_sha256 is not None and evidence.channel in CHANNELS else roles.PROGRAM_UNASKED
