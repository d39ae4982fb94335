"""The organisation's program and usage: since when it is enrolled and by whom, and what its use costs, listed and due. No bill of a vendor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from tenure.console.charts import Plot, columns
from tenure.console.identity import Grant
from tenure.console.rendering import in_thousands
from tenure.records.agreement import Role
from tenure.records.facts import ORG
from tenure.records.kinds import Flag
from tenure.services.keeping import Keeping
from tenure.services.metering import Line, Metering


@dataclass(frozen=True, slots=True)
class Step:
    """The program was entered or left."""

    at: datetime
    is_on: bool
    by: str


@dataclass(frozen=True, slots=True)
class Organisation:
    """The page.

    Attributes:
        org: its id.
        tier: of its agreement; None = not known.
        provider: the same.
        flags: in force.
        steps: into the program and out of it, newest first.
        members: how many, by role.
        lines: what was used, by month and model.
        listed: US dollars of all lines that have a price.
        due: the same with the discount.
        is_priced: whether every line has a price.
        plot: tokens by month; None = nothing was used.
    """

    org: str
    tier: str | None
    provider: str | None
    flags: Sequence[str]
    steps: Sequence[Step]
    members: Sequence[tuple[str, int]]
    lines: Sequence[Line]
    listed: Decimal
    due: Decimal
    is_priced: bool
    plot: Plot | None

    @property
    def is_enrolled(self) -> bool:
        """Whether it is in the program."""
        return bool(self.steps) and self.steps[0].is_on


def names(keeping: Keeping) -> list[str]:
    """Return the ids of all organisations."""
    return sorted({note.key for note in keeping.store.journal.notes(ORG)})


def look(keeping: Keeping, grant: Grant, org: str) -> Organisation:
    """Return how an organisation stands.

    Raises:
        DataError: there is none of that id.
    """
    accounts, now = keeping.accounts, keeping.at
    accounts.known_org(org)
    agreement = accounts.agreement(grant.agent, None, org, now)
    facts = [fact for fact in accounts.registry.facts(ORG, org) if fact.event == "flag" and fact.text("flag") == Flag.DPP]
    steps = [Step(fact.at, fact.values.get("on") is True, fact.by) for fact in reversed(facts) if fact.agent in (None, grant.agent)]
    roles = list(accounts.registry.members(org, now).values())
    lines = Metering(keeping.store, accounts, keeping.judge.book, keeping.time).invoice(org, is_org=True)
    return Organisation(
        org,
        agreement.tier,
        agreement.provider,
        sorted(agreement.flags or ()),
        steps,
        [(str(role), roles.count(role)) for role in (Role.OWNER, Role.ADMIN, Role.MEMBER) if role in roles],
        lines,
        sum((line.listed for line in lines if line.listed is not None), Decimal()),
        sum((line.due for line in lines if line.due is not None), Decimal()),
        all(line.listed is not None and line.due is not None for line in lines),
        _plot(lines),
    )


def _plot(lines: Sequence[Line]) -> Plot | None:
    months = dict[str, int]()
    for line in lines:
        months[line.month] = months.get(line.month, 0) + sum(line.tokens.values())
    return columns("Tokens by month", [(month, count, f"{in_thousands(count)} tokens") for month, count in months.items()]) if months else None
