"""The facts about accounts in a store: read once, kept in memory while they hold, and written with their ledger entry."""

import json
import os
from collections.abc import Callable
from datetime import datetime

from tenure.ledger.entries import render_entry
from tenure.ports import Store
from tenure.records.agreement import Agreement, Role
from tenure.records.canonical import Plain
from tenure.records.facts import (
    ACCOUNT,
    ATTEMPT,
    FORMER,
    FORMER_KEY,
    MEMBER,
    MERGED,
    OF_A_PERSON,
    ORG,
    QUESTION,
    SALT,
    TEAM,
    TOKEN,
    USAGE,
    Fact,
    bind,
    forgotten,
    render_fact,
)
from tenure.records.ids import normal_id
from tenure.services.account_facts import commitment, read_facts
from tenure.services.account_timeline import Moved, Timeline, make_timeline

MOST = 200_000
"""So many timelines are kept in memory at most."""

_Key = tuple[str, str | None, str | None]


class Registry:
    """What is known about persons and organisations. One per store: a second one would not see what this one writes.

    Args:
        store: where the facts are.
        random: source of random bytes.
    """

    def __init__(self, store: Store, random: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._random = random
        self._undone = store.undone
        self._timelines: dict[_Key, Timeline] = {}
        self._uses: dict[str, set[_Key]] = {}
        self._known: set[str] = set()
        self._rosters: dict[str, set[str]] | None = None

    def agreement(self, agent: str, subject: str | None, org: str | None, at: datetime, known_at: datetime | None) -> Agreement:
        """Return what is in force for an owner at an instant, as far as was recorded by `known_at`; None = by now."""
        if self._store.undone != self._undone:
            self._drop_all()
        key = (agent, None if subject is None else normal_id(subject), None if org is None else normal_id(org))
        timeline = (self._timelines.get(key) or self._kept(key)) if known_at is None else self._read(key, known_at)
        part = timeline.at(at)
        return self.agreement(agent, part.into, org, at, known_at) if isinstance(part, Moved) else part

    def _kept(self, key: _Key) -> Timeline:
        if len(self._timelines) >= MOST:
            self._drop_all()
        timeline = self._timelines[key] = self._read(key, None)
        for whose in _names(key[1], key[2]):
            self._uses.setdefault(whose, set()).add(key)
        return timeline

    def _read(self, key: _Key, known_at: datetime | None) -> Timeline:
        agent, subject, org = key
        of_subject = () if subject is None else self.facts(ACCOUNT, subject) + self.facts(MEMBER, subject)
        of_org = () if org is None else self.facts(ORG, org)
        if known_at is not None:
            of_subject = tuple(fact for fact in of_subject if fact.recorded_at <= known_at)
            of_org = tuple(fact for fact in of_org if fact.recorded_at <= known_at)
        return make_timeline(agent, subject, org, of_subject, of_org)

    def facts(self, topic: str, key: str) -> tuple[Fact, ...]:
        """Return the facts of a person or an organisation, in the order in which they hold."""
        return read_facts(self._store.journal, topic, normal_id(key))

    def has_facts(self, topic: str, key: str) -> bool:
        """Whether there is any fact of one key."""
        key = normal_id(key)
        if self._store.undone != self._undone:
            self._drop_all()
        name = f"{topic}:{key}"
        if name not in self._known and next(iter(self._store.journal.notes(topic, key)), None) is not None:
            self._known.add(name)
        return name in self._known

    def moved_into(self, subject: str, at: datetime) -> str:
        """Return the account that a person's account is part of at an instant; itself, where it was not merged."""
        merged = [fact for fact in self.facts(ACCOUNT, subject) if fact.event == "merged" and fact.at <= at]
        into = merged[-1].text("into") if merged else None
        return normal_id(subject) if into is None else self.moved_into(into, at)

    def merges(self, subject: str, at: datetime) -> list[tuple[str, datetime]]:
        """Return the accounts that a person's account was, one after the other, up to an instant, each with when it was merged into the next."""
        merged = [fact for fact in self.facts(ACCOUNT, subject) if fact.event == "merged" and fact.at <= at]
        into = merged[-1].text("into") if merged else None
        return [] if into is None else [(subject, merged[-1].at), *self.merges(into, at)]

    def accounts_of(self, subject: str) -> tuple[str, ...]:
        """Return a person's account with all that were merged into it, and into those; itself first."""
        found, ahead = dict[str, None](), [normal_id(subject)]
        while ahead:
            each = ahead.pop()
            if each not in found:
                found[each] = None
                ahead += [note.body.decode() for note in self._store.journal.notes(MERGED, each)]
        return tuple(found)

    def role_in(self, org: str, subject: str, at: datetime) -> Role | None:
        """Return a person's role in an organisation at an instant; None = no member."""
        org = normal_id(org)
        held = [fact.text("role") for fact in self.facts(MEMBER, subject) if fact.at <= at and fact.text("org") == org]
        return Role(held[-1]) if held and held[-1] is not None else None

    def is_of_account_team(self, subject: str, at: datetime) -> bool:
        """Whether a person is of the account team at an instant."""
        held = [fact.values["on"] for fact in self.facts(TEAM, subject) if fact.at <= at]
        return bool(held) and held[-1] is True

    def account_team(self, at: datetime) -> list[str]:
        """Return who is of the account team at an instant."""
        named = dict.fromkeys(note.key for note in self._store.journal.notes(TEAM))
        return [subject for subject in named if self.is_of_account_team(subject, at)]

    def has_account_team(self) -> bool:
        """Whether anybody ever was of the account team."""
        return next(iter(self._store.journal.notes(TEAM)), None) is not None

    def members(self, org: str, at: datetime) -> dict[str, Role]:
        """Return the members of an organisation at an instant, by id."""
        if self._store.undone != self._undone:
            self._drop_all()
        if self._rosters is None:
            self._rosters = {}
            for subject in dict.fromkeys(note.key for note in self._store.journal.notes(MEMBER)):
                for fact in self.facts(MEMBER, subject):
                    self._rosters.setdefault(fact.text("org") or "", set()).add(subject)
        roles = {subject: self.role_in(org, subject, at) for subject in sorted(self._rosters.get(normal_id(org), ()))}
        return {subject: role for subject, role in roles.items() if role is not None}

    def organisations(self, subject: str, at: datetime) -> dict[str, Role]:
        """Return the organisations of a person at an instant, with the role there."""
        roles = {fact.text("org") or "": fact.text("role") for fact in self.facts(MEMBER, subject) if fact.at <= at}
        return {org: Role(role) for org, role in sorted(roles.items()) if role is not None}

    def add(self, topic: str, key: str, event: str, at: datetime, recorded_at: datetime, by: str, actor: str | None, **values: Plain) -> Fact:
        """Add a fact and return it. `agent` among the values says about which agent it is; without it, about all.

        Args:
            topic: about what.
            key: about whom.
            event: what changed.
            at: since when it holds.
            recorded_at: the present.
            by: the role of who makes it.
            actor: who makes it; None = nobody by name.
            values: what it says.
        """
        key, agent = normal_id(key), values.pop("agent", None)
        who = None if actor is None else commitment(self._store.journal, normal_id(f"subject:{actor}"), b"actor", self._random).hex()
        fact = Fact(-1, topic, event, at, recorded_at, agent if isinstance(agent, str) else None, by, who, values)
        self._store.journal.add(topic, key, render_fact(fact))
        self._drop(topic, key)
        if topic == MEMBER and self._rosters is not None:
            self._rosters.setdefault(fact.text("org") or "", set()).add(key)
        return fact

    def commit(self, kind: str, topic: str, key: str, fact: Fact, **values: Plain) -> None:
        """Add the ledger entry of a fact, which commits to it and names nobody."""
        whose = normal_id(f"org:{key}" if topic == ORG else f"subject:{key}")
        bound = commitment(self._store.journal, whose, render_fact(fact), self._random).hex()
        self._store.ledger.append([render_entry(kind, fact.recorded_at, commitment=bound, by=fact.by, **values)])
        self._store.raise_to(fact.recorded_at)  # no later entry is dated before this one

    def forget(self, subject: str, at: datetime) -> int:
        """Remove all facts of a person, of the accounts that were merged into theirs, and the salts; return how many."""
        count = sum(self._forget(each, at) for each in self.accounts_of(subject))
        self._drop_all()
        return count

    def forget_org(self, org: str, at: datetime) -> int:
        """Remove all facts of an organisation: who belonged to it, what persons answered there, its tokens, its use, its salt; return how many."""
        journal, org = self._store.journal, normal_id(org)
        if self.facts(ORG, org):
            self.commit("account", ORG, org, forgotten(at), event="forgotten")
            self._mark(f"org:{org}")
        journal.remove(SALT, f"org:{org}")
        count = journal.remove(ORG, org) + journal.remove(USAGE, f"org:{org}")
        for key in [note.key for note in journal.notes(QUESTION) if json.loads(note.body)["org"] == org]:
            count += journal.remove(QUESTION, key)
        for key in [note.key for note in journal.notes(TOKEN) if json.loads(note.body)["org"] == org]:
            count += journal.remove(TOKEN, key)
        for topic in (ACCOUNT, MEMBER, ATTEMPT):
            for key in {note.key for note in journal.notes(topic) if _org_of(note.body) == org}:
                count += self._drop_notes(topic, key, lambda body: _org_of(body) == org)
        self._drop_all()
        return count

    def is_former(self, whose: str) -> bool:
        """Whether `subject:ID` or `org:ID` was erased here: a yes that a case states of them does not count."""
        journal = self._store.journal
        whose, key = normal_id(whose), next((note.body for note in journal.notes(FORMER_KEY)), None)
        return key is not None and next(iter(journal.notes(FORMER, bind(key, whose.encode()).hex())), None) is not None

    def _mark(self, whose: str) -> None:
        """Leave a mark of somebody who is erased, and no more."""
        journal = self._store.journal
        key = next((note.body for note in journal.notes(FORMER_KEY)), None)
        if key is None:
            key = self._random(32)
            journal.add(FORMER_KEY, "", key)
        if not self.is_former(whose):
            journal.add(FORMER, bind(key, whose.encode()).hex(), b"")

    def _forget(self, subject: str, at: datetime) -> int:
        journal = self._store.journal
        known = self.facts(ACCOUNT, subject) + self.facts(MEMBER, subject) + self.facts(TEAM, subject)
        if known:
            self.commit("account", ACCOUNT, subject, forgotten(at), event="forgotten")
            self._mark(f"subject:{subject}")
        for into in {fact.text("into") for fact in known if fact.event == "merged"}:
            self._unlist(into or "", subject)
        journal.remove(SALT, f"subject:{subject}")
        journal.remove(SALT, f"telemetry:{subject}")
        for nonce in [note.key for note in journal.notes(QUESTION) if json.loads(note.body)["subject"] == subject]:
            journal.remove(QUESTION, nonce)
        return sum(journal.remove(topic, subject) for topic in OF_A_PERSON)

    def _unlist(self, into: str, source: str) -> None:
        """Take one account out of the list of those that were merged into another."""
        self._drop_notes(MERGED, into, lambda body: body == source.encode())

    def _drop_notes(self, topic: str, key: str, is_dropped: Callable[[bytes], bool]) -> int:
        """Remove some of the facts of one key, keep the others in their order, and return how many went."""
        journal = self._store.journal
        bodies = [note.body for note in journal.notes(topic, key)]
        kept = [body for body in bodies if not is_dropped(body)]
        journal.remove(topic, key)
        for body in kept:
            journal.add(topic, key, body)
        return len(bodies) - len(kept)

    def _drop(self, topic: str, key: str) -> None:
        whose = f"org:{key}" if topic == ORG else f"subject:{key}"
        for used in self._uses.pop(whose, ()):
            self._timelines.pop(used, None)

    def _drop_all(self) -> None:
        self._undone = self._store.undone
        self._timelines.clear()
        self._uses.clear()
        self._known.clear()
        self._rosters = None


def _org_of(body: bytes) -> Plain:
    """Return the organisation that a fact or an attempt is about."""
    plain = json.loads(body)
    found: Plain = plain.get("values", plain).get("org")
    return found


def _names(subject: str | None, org: str | None) -> tuple[str, ...]:
    return (*(() if subject is None else (f"subject:{subject}",)), *(() if org is None else (f"org:{org}",)))
