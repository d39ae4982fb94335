"""What was in force for an owner from when to when, out of the facts about the person and the organisation.

A function of facts: nothing is read here.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import cast

from tenure.records.agreement import Agreement
from tenure.records.canonical import Plain
from tenure.records.case import Consent
from tenure.records.facts import MEMBER, ORG, Fact
from tenure.records.instants import render_time
from tenure.records.kinds import Flag
from tenure.services.account_facts import in_order, parse_consent

WIDENING = frozenset({Flag.DPP})
"""Flags that permit something; whoever is no member of the organisation has none of them."""


@dataclass(frozen=True, slots=True)
class Moved:
    """From here on an account is part of another one."""

    into: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was in force one after the other.

    Attributes:
        before: what is answered for the time before anything is known.
        starts: since when each part is in force.
        parts: what is.
    """

    before: Agreement
    starts: Sequence[datetime]
    parts: Sequence[Agreement | Moved]

    def at(self, instant: datetime) -> Agreement | Moved:
        """Return what is in force at an instant."""
        place = bisect_right(self.starts, instant)
        return self.parts[place - 1] if place else self.before


def make_timeline(agent: str, subject: str | None, org: str | None, of_subject: Iterable[Fact], of_org: Iterable[Fact]) -> Timeline:
    """Lay out what is in force for an owner.

    Args:
        agent: about which agent.
        subject: the person, if any.
        org: the organisation; None = the person's own account.
        of_subject: the facts of the account and of the memberships of the person.
        of_org: the facts of the organisation.
    """
    state = _State(agent, subject, org)
    found: list[tuple[datetime, Agreement | Moved]] = []
    for at, facts in groupby(in_order([*of_subject, *of_org]), key=lambda fact: fact.at):
        for fact in facts:
            state.take(fact)
        part = state.read(at)
        if part is not None and (not found or _differ(part, found[-1][1])):
            found.append((at, part))
    return _joined(Agreement(agent, subject, org), found)


def _differ(new: Agreement | Moved, old: Agreement | Moved) -> bool:
    return isinstance(new, Moved) or isinstance(old, Moved) or replace(new, start=old.start) != old


def _joined(before: Agreement, found: Sequence[tuple[datetime, Agreement | Moved]]) -> Timeline:
    """Give each part the end that the next one sets."""
    starts = [at for at, _ in found]
    ends = [*starts, None][1:]
    parts = [part if isinstance(part, Moved) else replace(part, end=end) for (_, part), end in zip(found, ends, strict=True)]
    return Timeline(replace(before, end=starts[0] if starts else None), starts, parts)


@dataclass(slots=True)
class _Answers:
    """The answers that somebody gave. Where a case left them open, only what was answered since is known."""

    are_known: bool = True
    given: list[Consent] = field(default_factory=list)
    open_names: set[str] = field(default_factory=set)

    def attest(self, consents: Plain) -> None:
        """Take over what a case says; None = it does not say."""
        self.are_known = self.are_known and isinstance(consents, list)
        self.given += [parse_consent(cast("dict[str, Plain]", part)) for part in cast("list[Plain]", consents or [])]

    def add(self, fact: Fact) -> None:
        """Take in an answer, and which other questions there are."""
        self.given.append(parse_consent({**fact.values, "at": render_time(fact.at), "by": fact.by}))
        self.open_names |= {self.given[-1].name} | (_texts(fact.values.get("others")) or frozenset())

    def read(self, since: datetime, *, are_known: bool = True) -> tuple[Consent, ...] | None:
        """Return every answer; None = not known."""
        if self.are_known and are_known:
            return tuple(self.given)
        return (*(Consent(name, None, since) for name in sorted(self.open_names)), *self.given) if self.given else None


@dataclass(slots=True)
class _Account:
    """What facts say up to an instant about one account, a person's or an organisation's."""

    agent: str
    since: datetime | None = None
    is_attested: bool = False
    tier: str | None = None
    provider: str | None = None
    base: frozenset[str] | None = None
    switched: dict[str, bool] = field(default_factory=dict)
    answers: _Answers = field(default_factory=_Answers)

    def take(self, fact: Fact) -> None:
        """Take in one fact; an account that was made here has no flag and no consent, one read off a case has what the case said."""
        if fact.event == "created":
            self.since = self.since or fact.at
            self.is_attested, self.answers.are_known = False, True
            self.base = self.base or frozenset()
        if fact.agent not in (None, self.agent):
            return
        match fact.event:
            case "created" | "tier":
                self.tier, self.provider = fact.text("tier"), fact.text("provider")
            case "attested":
                self.since, self.is_attested = self.since or fact.at, True
                self.tier, self.provider, self.base = fact.text("tier"), fact.text("provider"), _texts(fact.values["flags"])
                self.answers.attest(fact.values["consents"])
            case "flag":
                self.switched[cast(str, fact.text("flag"))] = fact.values["on"] is True
            case "consent":
                self.answers.are_known = self.answers.are_known and self.since is not None
                self.since = self.since or fact.at
                self.answers.add(fact)
            case _:
                pass

    @property
    def flags(self) -> frozenset[str] | None:
        """The flags; None = a case left them open."""
        if self.base is None:
            return None
        return frozenset(flag for flag in self.base | self.switched.keys() if self.switched.get(flag, True))


class _State:
    """What facts say up to an instant about an owner."""

    def __init__(self, agent: str, subject: str | None, org: str | None) -> None:
        self._owner = (agent, subject, org)
        self._account = _Account(agent)
        self._own = _Answers()
        self._role: str | None = None
        self._moved: Moved | None = None

    def take(self, fact: Fact) -> None:
        """Take in one fact about the person or the organisation."""
        agent, _, org = self._owner
        if fact.event == "merged":
            self._moved = Moved(cast(str, fact.text("into")))
        elif fact.topic == ORG:
            self._account.take(fact)
        elif fact.topic == MEMBER:
            self._role = fact.text("role") if fact.text("org") == org else self._role
        elif fact.text("org") == org and org is None:
            self._account.take(fact)
        elif fact.text("org") == org and fact.agent == agent:
            self._take_own(fact)

    def _take_own(self, fact: Fact) -> None:
        if fact.event == "attested":
            self._own.attest(fact.values["consents"])
        elif fact.event == "consent":
            self._own.add(fact)

    def read(self, at: datetime) -> Agreement | Moved | None:
        """Return what is in force from an instant on; None = nothing is known."""
        agent, subject, org = self._owner
        if self._moved is not None:
            return self._moved
        account, since = self._account, self._account.since
        if since is None:  # nothing but what the person answered there
            return Agreement(agent, subject, org, consents=self._own.read(at, are_known=False), start=at) if self._own.given else None
        flags, consents = account.flags, account.answers.read(since)
        if org is not None and not self._acts_for_org:
            flags = None if flags is None else flags - WIDENING
            consents = None if consents is None else tuple(consent for consent in consents if consent.value is False)
        own = self._own.read(since)
        both = None if consents is None or own is None else consents + own
        return Agreement(agent, subject, org, account.tier, account.provider, flags, both, at)

    @property
    def _acts_for_org(self) -> bool:
        """Whether what the organisation allows covers the person: a member, or a session that names nobody. A case speaks for both."""
        return self._owner[1] is None or self._role is not None or self._account.is_attested


def _texts(value: Plain) -> frozenset[str] | None:
    return frozenset(cast("list[str]", value)) if isinstance(value, list) else None
