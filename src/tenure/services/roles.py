"""Who may make which change: the role has to be held at the instant of the change. The refusals, each with its clause."""

from collections.abc import Collection
from datetime import datetime

from tenure.records.agreement import OPERATOR, Refused, Role
from tenure.services.registry import Registry

MANAGERS = frozenset({Role.OWNER, Role.ADMIN})

NOT_TEAM = Refused(
    "this change is made by the account team, and the role was not held",
    ("account/by-account-team",),
    "name somebody of the account team: --as ACTOR; tenure org role grants it",
)
NOT_ZDR_TEAM = Refused(
    "zero retention is set by the account team, and the role was not held",
    ("account/zdr-by-account-team",),
    "name somebody of the account team: --as ACTOR; tenure org role grants it",
)
NOT_MANAGER = Refused(
    "members are set by an owner or an admin of the organisation, and the role was not held",
    ("account/members-by-admin",),
    "name an owner or an admin: --as ACTOR",
)
NOT_OWNER = Refused(
    "owners are made and unmade by an owner, and the role was not held",
    ("account/owners-by-owner",),
    "name an owner of the organisation: --as ACTOR",
)
LAST_OWNER = Refused(
    "the last owner of an organisation cannot leave it or give the role up",
    ("account/last-owner",),
    "make somebody else an owner first: tenure org member",
)
LAST_OF_TEAM = Refused(
    "the last one of the account team cannot give the role up", ("account/last-of-team",), "grant it to somebody else first: tenure org role"
)
NO_MEMBER = Refused("only a member can leave an organisation", ("account/no-member",))
CONSUMER_TIER = Refused("an organisation has a commercial tier", ("account/org-is-commercial",), "choose another: tenure terms show AGENT --json")
SEAT_TIER = Refused(
    "a person has this tier as a member of an organisation, never as their own",
    ("account/person-is-no-organisation",),
    "give it to the organisation: tenure org tier ORG; a person's own key is api",
)
PROGRAM_BY_ADMIN = Refused(
    "the partner program is entered by an admin or owner of the organisation; a member's enrolment is on record and permits nothing",
    ("account/program-by-admin",),
    "ask an admin of the organisation",
)
PROGRAM_FIRST_PARTY = Refused(
    "the partner program is for commercial organisations that use the first party alone", ("account/program-first-party",), "tenure org show ORG"
)
PROGRAM_UNASKED = Refused(
    "the partner program is entered by answering a question that was shown, on a terminal or with a token that may consent",
    ("consent/unasked",),
    "run tenure org program ORG on where you can answer",
)


class Roles:
    """Looks up who holds what.

    Args:
        registry: the facts.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def for_account(self, actor: str | None, at: datetime) -> tuple[str, Refused | None]:
        """Return in which role somebody changes accounts: the operator, who has no name, or the account team."""
        if actor is None:
            return OPERATOR, None
        return Role.ACCOUNT_TEAM, None if self._registry.is_of_account_team(actor, at) else NOT_TEAM

    def for_new_org(self, actor: str | None, owner: str, at: datetime, *, is_free: bool) -> tuple[str, Refused | None]:
        """Return in which role somebody makes an organisation: anyone one of their own, if the id is free."""
        return (Role.OWNER, None) if is_free and actor == owner else self.for_account(actor, at)

    def for_zdr(self, actor: str | None, at: datetime) -> tuple[str, Refused | None]:
        """Return in which role somebody sets zero retention: the account team alone."""
        is_allowed = actor is not None and self._registry.is_of_account_team(actor, at)
        return Role.ACCOUNT_TEAM, None if is_allowed else NOT_ZDR_TEAM

    def for_team(self, actor: str | None, at: datetime) -> tuple[str, Refused | None]:
        """Return in which role somebody grants the account team's role: the operator the first time, from then on the account team."""
        if actor is None:
            return OPERATOR, NOT_TEAM if self._registry.has_account_team() else None
        return self.for_account(actor, at)

    def for_member(self, actor: str | None, org: str, subject: str, at: datetime, roles: Collection[Role | None]) -> tuple[str, Refused | None]:
        """Return in which role somebody sets a member.

        Args:
            actor: who.
            org: of which organisation.
            subject: the member.
            at: when.
            roles: that the member had and is to have.
        """
        own = None if actor is None else self._registry.role_in(org, actor, at)
        if own in MANAGERS:
            return str(own), NOT_OWNER if Role.OWNER in roles and own is not Role.OWNER else None
        if Role.OWNER not in self._registry.members(org, at).values():  # as where the last one was erased
            role, refused = self.for_account(actor, at)
            if refused is None:
                return role, None
        if actor == subject and own is not None and tuple(roles) == (own, None):
            return "subject", None
        return str(own or OPERATOR), NOT_MANAGER

    def is_last_owner(self, org: str, subject: str, at: datetime) -> bool:
        """Whether a person is the only owner of an organisation."""
        return [owner for owner, role in self._registry.members(org, at).items() if role is Role.OWNER] == [subject]
