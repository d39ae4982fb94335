"""An agreement: who somebody is to the service and what they agreed to, at an instant. And what is answered when a change is refused.

`None` is *not known*. An empty set or tuple is *known to be none*.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tenure.records.case import Consent


class Role(StrEnum):
    """What a person may change: of an organisation, or (`account_team`) of the store as a whole."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    ACCOUNT_TEAM = "account_team"


OPERATOR = "operator"
"""Who acts without a name: whoever can open the store on its own machine."""

CONSUMER_TIERS = frozenset(
    {"free", "go", "plus", "pro", "pro_plus", "max", "ultra", "student", "unpaid", "api_unpaid", "open_source", "zen"},
)
"""The tiers that one person has; an organisation's is any other."""

SEAT_TIERS = frozenset({"team", "enterprise", "business", "edu", "workspace", "standard", "gov"})
"""The tiers that a person has as one of an organisation; `api` and its like can be the key of one person."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is in force for an owner at an instant.

    Attributes:
        agent: the agent that it is about.
        subject: the person; where an account was merged into another one, the one that it is part of by then.
        org: the organisation; None = the person's own account.
        tier: such as `max`, or `enterprise` for an organisation.
        provider: such as `first_party`.
        flags: such as `zdr`.
        consents: every answer on record up to that instant.
        start: since when exactly this is in force; None = nothing was known yet.
        end: until when, exclusive, as far as is known; None = no later change is known.
    """

    agent: str
    subject: str | None
    org: str | None
    tier: str | None = None
    provider: str | None = None
    flags: frozenset[str] | None = None
    consents: tuple[Consent, ...] | None = None
    start: datetime | None = None
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The answer no: nothing was changed.

    Attributes:
        reason: one sentence, without a name of a person.
        clauses: what decided, such as `account/zdr-by-account-team`; docs/reference/accounts.md lists them.
        remedy: what can be done about it; may be empty.
    """

    reason: str
    clauses: tuple[str, ...]
    remedy: str = ""
