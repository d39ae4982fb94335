"""What must be true, the slow obvious way: events in a list, terms from the oracle, and no key, cell, cache or table of the product.

Written from issue 3, design 0002 and docs/reference/{accounts,derive}.md, not from the services.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from tests.oracle import claude_code, naive

AGENT = claude_code.RULES.agent
TRAINING = {"train_safety", "train_generative"}
STRICT = ("deny", "gap", "permit")

Answer = tuple[str, bool, datetime, str]
"""Name, value, since when, by whom."""


@dataclass(frozen=True)
class Shape:
    """What a client says of a piece of data, but for its time. None = it does not say.

    Attributes:
        kind: of the data.
        tier: and the following: as in a case.
        extra: further keys of the case.
    """

    kind: str
    tier: str | None = None
    provider: str | None = None
    flags: tuple[str, ...] | None = None
    consents: tuple[Answer, ...] | None = None
    surface: str = "cli"
    flagged: bool | None = False
    extra: tuple[tuple[str, str], ...] = ()

    def plain(self, collected_at: datetime | None) -> dict[str, Any]:
        """Return the case as a client writes it, without purpose."""
        case: dict[str, Any] = {
            "agent": AGENT, "kind": self.kind, "hosting": "anthropic", "surface": self.surface, "model_class": "ordinary", "feature": "chat",
            "client_version": "2.1.300", "env": {}, "settings": {}, "copy": "service", "attributes": {}, "safety_flagged": self.flagged,
            "tier": self.tier, "provider": self.provider, "flags": None if self.flags is None else list(self.flags),
            "consents": None if self.consents is None else [_plain(each) for each in self.consents],
            "collected_at": naive.written(collected_at), **dict(self.extra),
        }  # fmt: skip
        return {name: value for name, value in case.items() if value is not None}


def _plain(answer: Answer) -> dict[str, Any]:
    name, value, at, by = answer
    return {"name": name, "value": value, "at": naive.written(at), "by": by}


@lru_cache(maxsize=100_000)
def decide(shape: Shape, collected_at: datetime, purpose: str, at: datetime, run: datetime | None) -> tuple[str, str | None, datetime | None]:
    """Return verdict, period and end of a case by the oracle."""
    found = naive.decide({**shape.plain(collected_at), "purpose": purpose, "asked_at": naive.written(at), "run_started_at": naive.written(run)})
    return str(found["verdict"]), found["keep"], naive.instant(found["expires_at"])


@dataclass
class Account:
    """Facts about a person or an organisation, each with since when it holds."""

    made_at: datetime
    tiers: list[tuple[datetime, str, str]] = field(default_factory=list)
    flags: list[tuple[datetime, str, bool]] = field(default_factory=list)
    answers: list[tuple[str | None, Answer]] = field(default_factory=list)
    roles: list[tuple[datetime, str, str | None]] = field(default_factory=list)
    merged: tuple[datetime, str] | None = None
    is_retired: bool = False
    changes: list[datetime] = field(default_factory=list)

    def role_in(self, org: str, at: datetime) -> str | None:
        held = [role for since, where, role in self.roles if where == org and since <= at]
        return held[-1] if held else None


Terms = tuple[str, str, tuple[str, ...], tuple[Answer, ...]]
"""Tier, provider, flags, answers."""


@dataclass
class Held:
    """One record, or what was derived from others.

    Attributes:
        name: as the store named it.
        key: its bucket's.
        content: its bytes.
        shape: as it was handed in.
        subject: whose it is by now.
        first: whose it was.
        org: of which organisation.
        session: of which session.
        collected_at: when.
        taken_at: when it was taken in.
        inputs: of what it was made; empty = handed in.
        holds: kind by name of the hold.
        state: `held`, `dead` (only a legal hold keeps the bytes), `gone`.
        is_narrowed: whether it came out of a backup, so that it may be readable for less.
        is_day_gone: whether only a hold keeps it, as the key of its day is destroyed.
        added: instants since which a stricter agreement may bind it, and whose.
        gone_at: when its key was destroyed.
        ends: what `Model.end` said, until something changes for its owner.
    """

    name: str
    key: str
    content: bytes
    shape: Shape
    subject: str | None
    first: str | None
    org: str | None
    session: str | None
    collected_at: datetime
    taken_at: datetime
    inputs: "tuple[Held, ...]" = ()
    holds: dict[str, str] = field(default_factory=dict)
    state: str = "held"
    is_narrowed: bool = False
    is_day_gone: bool = False
    added: list[tuple[datetime, str | None]] = field(default_factory=list)
    gone_at: datetime | None = None
    ends: "tuple[datetime | None] | None" = None


class Model:
    """Everything that happened, and what follows from it."""

    def __init__(self) -> None:
        self.people: dict[str, Account] = {}
        self.orgs: dict[str, Account] = {}
        self.held: dict[str, Held] = {}
        self.gone: dict[str, Held] = {}
        self.charges: list[tuple[datetime, frozenset[str]]] = []

    # --- who somebody is

    def resolve(self, subject: str, at: datetime) -> str:
        person = self.people[subject]
        return subject if person.merged is None or person.merged[0] > at else self.resolve(person.merged[1], at)

    def agreement(self, subject: str | None, org: str | None, at: datetime) -> Terms | None:
        """What is in force; None = nothing is known."""
        subject = None if subject is None else self.resolve(subject, at)
        account = self.orgs[org] if org is not None else self.people[subject or ""]
        if account.made_at > at:
            return None
        _, tier, provider = [fact for fact in account.tiers if fact[0] <= at][-1]
        flags = {flag for flag in ("zdr", "dpp") if ([on for since, name, on in account.flags if name == flag and since <= at] or [False])[-1]}
        answers = [answer for where, answer in account.answers if where is None and answer[2] <= at]
        if org is not None and subject is not None:
            person = self.people[subject]
            if person.role_in(org, at) is None:
                flags -= {"dpp"}
                answers = [answer for answer in answers if not answer[1]]
            answers += [answer for where, answer in person.answers if where == org and answer[2] <= at]
        return tier, provider, tuple(sorted(flags)), tuple(answers)

    # --- what binds a record

    def shapes(self, held: Held, now: datetime) -> Iterator[Shape]:
        """The cases whose meet are the terms of what was handed in: as the account had it, as it was given, and as the account has it since."""
        given = held.shape
        then = self.agreement(held.first, held.org, held.collected_at)
        refusals = self.refusals(held, now)
        under = _over(given, then)
        yield _with(under, refusals)
        yield _with(_filled(given, then), refusals)
        if held.collected_at < held.taken_at:
            yield _with(_over(under, self.agreement(held.first, held.org, held.taken_at)), refusals)
        for at, owner in held.added:
            if at <= now:
                yield _with(_over(under, self.agreement(owner, held.org, at)), refusals)

    def refusals(self, held: Held, now: datetime) -> tuple[Answer, ...]:
        found = self.agreement(held.subject, held.org, now)
        return () if found is None else tuple(answer for answer in found[3] if not answer[1])

    def end(self, held: Held, now: datetime) -> datetime | None:
        """When it becomes unreadable; None = no limit."""
        if held.inputs:
            own = list[datetime]()
            for at, owner in held.added:
                terms = self.agreement(owner, held.org, at) if owner is not None or held.org is not None else None
                if at <= now and decide(_over(held.shape, terms), held.collected_at, "collect", now, None)[1] == "P0D":
                    own.append(held.collected_at)
            return min((end for end in (*own, *(self.end(each, now) for each in held.inputs)) if end is not None), default=None)
        if held.ends is None:
            ends = []
            for shape in set(self.shapes(held, now)):
                _, keep, expires_at = decide(shape, held.collected_at, "collect", now, None)
                ends.append(naive.end_of("P30D", held.collected_at) if keep is None else expires_at)
            held.ends = (min((end for end in ends if end is not None), default=None),)
        return held.ends[0]

    def intake(self, held: Held, now: datetime) -> tuple[str, datetime | None]:
        """What becomes of something that is handed in: the verdict, and until when it is held."""
        found = [decide(shape, held.collected_at, "collect", now, None) for shape in set(self.shapes(held, now))]
        worst = min((verdict for verdict, _, _ in found), key=STRICT.index)
        end = self.end(held, now)
        if any(keep == "P0D" for _, keep, _ in found) or (end is not None and end <= now):
            worst = "gap" if worst == "gap" else "deny"
        return worst, end if worst == "permit" else None

    def may_read(self, held: Held, purposes: Collection[str], now: datetime, run: datetime | None = None) -> bool:
        """Whether a job of these purposes may read it: exactly, but for what came out of a backup."""
        if held.state != "held":
            return False
        end = self.end(held, now)
        if end is not None and end <= now:
            return set(purposes) == {"safety"} and "safety" in held.holds.values()
        return all(self.permits(held, purpose, now, run) for purpose in purposes)

    def permits(self, held: Held, purpose: str, now: datetime, run: datetime | None) -> bool:
        """Whether the terms permit a use, of it or of all that it was made of."""
        if held.inputs:
            return all(self.permits(each, purpose, now, run) for each in held.inputs)
        for shape in set(self.shapes(held, now)):
            if decide(shape, held.collected_at, purpose, now, run or now)[0] != "permit":
                return False
            is_in_doubt = purpose == "serve" and shape.flagged is not False
            # to serve what nothing is kept of, but for its flag, is within the response, and that is over
            if is_in_doubt and decide(replace(shape, flagged=False), held.collected_at, "serve", now, None)[1] == "P0D":
                return False
        return True

    def is_zero_retention(self, held: Held, now: datetime) -> bool:
        if held.inputs:
            return any(self.is_zero_retention(each, now) for each in held.inputs)
        return any("zdr" in (shape.flags or ()) for shape in self.shapes(held, now))

    # --- what happens

    def change(self, at: datetime, *, subject: str | None = None, org: str | None = None) -> None:
        """Bind what is held of somebody to the agreement as it is from an instant on."""
        for held in self.held.values():
            if (subject is None or held.subject == subject) and (org is None or held.org == org):
                held.added.append((at, held.subject))
                held.ends = None

    def merge(self, source: str, target: str, at: datetime) -> None:
        person = self.people[source]
        for org in {org for _, org, _ in person.roles}:
            person.roles.append((at, org, None))
        person.merged, person.is_retired = (at, target), True
        self.change(at, subject=source)
        for held in self.held.values():
            if held.subject == source:
                held.subject = target

    def dependants(self, chosen: Collection[Held]) -> list[Held]:
        """What is chosen, and all that was made of it."""
        keys = {each.key for each in chosen}
        while True:
            more = {each.key for each in self.held.values() if any(part.key in keys for part in each.inputs)} - keys
            if not more:
                return [each for each in self.held.values() if each.key in keys]
            keys |= more

    def erase(self, chosen: Collection[Held], now: datetime) -> None:
        for held in self.dependants(chosen):
            if "legal" in held.holds.values():
                held.state = "dead"
            else:
                self.drop(held, now)

    def sweep(self, until: datetime) -> None:
        """What is over by the end goes, unless a hold is on it."""
        for held in [held for held in self.held.values() if self.is_over(held, until)]:
            if held.holds:
                held.is_day_gone = True
            else:
                self.drop(held, until)

    def drop(self, held: Held, at: datetime) -> None:
        """Its key is destroyed."""
        held.state, held.gone_at = "gone", at
        self.gone[held.name] = self.held.pop(held.name)

    def is_over(self, held: Held, at: datetime) -> bool:
        end = self.end(held, at)
        return end is not None and end <= at

    def alive(self) -> list[Held]:
        return [held for held in self.held.values() if held.state == "held"]


def _over(shape: Shape, terms: Terms | None) -> Shape:
    """A case as the account has it."""
    return shape if terms is None else replace(shape, tier=terms[0], provider=terms[1], flags=terms[2], consents=terms[3])


def _filled(shape: Shape, terms: Terms | None) -> Shape:
    """A case as it was given, with what it does not say, and every flag and refusal, from both."""
    if terms is None:
        return shape
    consents = (*terms[3], *(answer for answer in shape.consents or () if not answer[1]))
    flags = tuple(sorted({*terms[2], *(shape.flags or ())}))
    return replace(shape, tier=shape.tier or terms[0], provider=shape.provider or terms[1], flags=flags, consents=consents)


def _with(shape: Shape, refusals: tuple[Answer, ...]) -> Shape:
    if shape.consents is None:
        return shape
    return replace(shape, consents=(*shape.consents, *(answer for answer in refusals if answer not in shape.consents)))
