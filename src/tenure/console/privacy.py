"""My privacy: each question with how it stands, and every answer that was given. Decides nothing; `services.consent` does."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tenure.console.identity import Grant, manages
from tenure.records.agreement import Refused
from tenure.records.case import Case, Consent
from tenure.records.facts import ATTEMPT
from tenure.records.instants import parse_time
from tenure.records.kinds import TRAINING, Kind, Purpose
from tenure.services.answers import CONSENT_TOKEN
from tenure.services.keeping import Keeping
from tenure.services.question_texts import text_of
from tenure.services.questions import Question
from tenure.terms.normalise import consent_states
from tenure.terms.pack import ConsentRule


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and how it stands.

    Attributes:
        name: of the consent.
        text: the question, and
        more: what follows it.
        state: `on`, `off`, `none` (no answer that counts) or `unknown`.
        since: of the last answer; None = there is none, or it is not known.
        by: who gave that; empty = nobody.
        purposes: what a yes is about.
        asked_of: who may answer, in words.
        is_yours: whether a yes of this person could count.
    """

    name: str
    text: str
    more: str
    state: str
    since: datetime | None
    by: str
    purposes: Sequence[str]
    asked_of: str
    is_yours: bool


@dataclass(frozen=True, slots=True)
class Given:
    """A line of the history.

    Attributes:
        at: when; None = not known.
        name: of the consent.
        answer: in words.
        by: in which role.
        note: why it does not count; empty = it does.
    """

    at: datetime | None
    name: str
    answer: str
    by: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Privacy:
    """The page.

    Attributes:
        subject: whose.
        org: under which organisation; None = the person's own account.
        agent: its title.
        tier: of the account; None = not known.
        provider: the same.
        questions: in the order of their names.
        history: newest first.
    """

    subject: str
    org: str | None
    agent: str
    tier: str | None
    provider: str | None
    questions: Sequence[Asked]
    history: Sequence[Given]


def look(keeping: Keeping, grant: Grant) -> Privacy:
    """Return how a person's questions stand."""
    pack, now = keeping.judge.book.table(grant.agent).pack, keeping.at
    agreement = keeping.accounts.agreement(grant.agent, grant.subject, grant.org, now)
    is_manager = manages(keeping, grant)
    asked = []
    for name, rule in sorted(pack.vocabulary.consents.items(), key=lambda each: _order(*each)):
        answers = [each for each in agreement.consents or () if each.name == name]
        last = answers[-1] if answers else None
        asked.append(
            Asked(
                name,
                *_parts(text_of(name, pack.title).content),
                "unknown" if agreement.consents is None else _state(answers, rule, now),
                None if last is None else last.at,
                "" if last is None else last.by or "not known",
                sorted(str(purpose).replace("_", " ") for purpose in rule.purposes),
                _asked_of(rule),
                _is_yours(rule, grant, is_manager=is_manager),
            )
        )
    given = [Given(each.at, each.name, _answer(each.value), each.by or "not known") for each in agreement.consents or ()]
    history = sorted([*given, *_attempts(keeping, grant)], key=lambda each: (each.at is not None, each.at), reverse=True)
    return Privacy(grant.subject or "", grant.org, pack.title, agreement.tier, agreement.provider, asked, history)


def ask(keeping: Keeping, grant: Grant, name: str) -> Question:
    """Ask a question, and keep on record that it was asked."""
    return keeping.consents.ask(grant.agent, grant.subject or "", name, org=grant.org, channel=CONSENT_TOKEN, at=_stamp(keeping))


def answer(keeping: Keeping, grant: Grant, question: Question, *, value: bool) -> Consent | Refused:
    """Take the answer to a question. The page of a question takes no input before it is there, so none can have been typed ahead of it."""
    subject, at = grant.subject or "", _stamp(keeping)
    return keeping.consents.answer(question.nonce, subject, value, shown=question.shown, at=at, channel=CONSENT_TOKEN, flushed=True)


def withdraw(keeping: Keeping, grant: Grant, name: str) -> Consent:
    """Say no, at once."""
    return keeping.consents.withdraw(grant.agent, grant.subject or "", name, org=grant.org, at=_stamp(keeping), channel=CONSENT_TOKEN)


def _stamp(keeping: Keeping) -> datetime:
    with keeping.store.transaction():
        return keeping.time.stamp()


def _order(name: str, rule: ConsentRule) -> tuple[bool, bool, str]:
    """What a person can answer for themselves comes first, and of that what is about training."""
    return "subject" not in rule.by, not rule.purposes & TRAINING, name


def _parts(text: str) -> tuple[str, str]:
    """Return the question, and what follows it."""
    question, mark, more = text.partition("? ")
    return question + mark.strip(), more


def _state(answers: list[Consent], rule: ConsentRule, now: datetime) -> str:
    states = consent_states(answers, rule, Case("", Kind.PROMPT, Purpose.COLLECT, now))
    return next(iter(states)) if len(states) == 1 else "unknown"


def _asked_of(rule: ConsentRule) -> str:
    named = {"subject": "the person", "member": "a member", "admin": "an admin", "owner": "an owner"}
    return " or ".join(named.get(each, each) for each in sorted(rule.by))


def _is_yours(rule: ConsentRule, grant: Grant, *, is_manager: bool) -> bool:
    if grant.org is None:
        return "subject" in rule.by
    return (is_manager and bool(rule.by & {"owner", "admin"})) or ("subject" in rule.by and not rule.purposes & TRAINING)


def _answer(value: bool | None) -> str:
    return "not known" if value is None else "yes" if value else "no"


def _attempts(keeping: Keeping, grant: Grant) -> list[Given]:
    """Return the answers that did not count, each with the clause."""
    found = []
    for account in keeping.accounts.registry.accounts_of(grant.subject or ""):
        for note in keeping.store.journal.notes(ATTEMPT, account):
            body = json.loads(note.body)
            if body["refused"] and body["agent"] == grant.agent and body["org"] == grant.org:
                found.append(Given(parse_time(body["at"]), body["name"], "did not count", "this person", body["refused"]))
    return found
