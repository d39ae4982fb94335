"""Consent: a yes counts only as the answer to one question that was asked; a no counts always.

The question is bound to the person, the name, the text, the preset answer and the scope. It can be answered once, from one second to ten
minutes after it was asked by the issuer's clock, after typed-ahead input was thrown away, and over a channel that is a person's.
Docs: docs/reference/accounts.md.
"""

import os
from collections.abc import Callable
from datetime import datetime, timedelta

from tenure.errors import DataError
from tenure.ports import Selection, Store
from tenure.records.agreement import Refused, Role
from tenure.records.case import Consent
from tenure.records.facts import ACCOUNT, ORG
from tenure.records.ids import normal_id
from tenure.records.kinds import TRAINING
from tenure.services import roles
from tenure.services.account_facts import checked_id
from tenure.services.accounts import Accounts
from tenure.services.answers import CHANNELS, PROGRAM, Answer, Evidence, add_answer
from tenure.services.question_texts import Text, text_of
from tenure.services.questions import Question, Questions, Shown
from tenure.terms.decide import Book
from tenure.terms.pack import ConsentRule

SOONEST = timedelta(seconds=1)
LATEST = timedelta(minutes=10)
FROM_NOW = "from_now"
"""The scope of every question of Tenure's own: what is collected from the answer on."""

NO_QUESTION = Refused("no such question is open: none was asked, or it was answered", ("consent/no-question",), "ask again")
NOT_BOUND = Refused(
    "the answer is to another question than was asked: another person, text, preset answer or scope", ("consent/not-bound",), "ask again"
)
NOT_A_PERSON = Refused(
    "a yes needs a terminal, or a token that may consent; an agent cannot give it", ("consent/channel",), "answer on a terminal: tenure privacy set"
)
NOT_FLUSHED = Refused("input that was typed before the question may have answered it", ("consent/typed-ahead",), "ask again")
TOO_EARLY = Refused("the answer came less than one second after the question", ("consent/too-early",), "ask again, and read the question")
TOO_LATE = Refused("the answer came more than ten minutes after the question", ("consent/too-late",), "ask again")
WRITTEN_NO = Refused("the answer was no, and is on record as that", ("consent/answered-no",))
NOT_YOURS = Refused("this consent is not this person's to give", ("consent/not-yours",), "tenure terms show AGENT --json says whose it is")


class Consents:
    """The consents of one store.

    Args:
        store: where they are on record.
        accounts: who a person is.
        book: the terms, which say what can be consented to and by whom.
        random: source of random bytes.
    """

    def __init__(self, store: Store, accounts: Accounts, book: Book, random: Callable[[int], bytes] = os.urandom) -> None:
        self._store = store
        self._accounts = accounts
        self._book = book
        self._questions = Questions(store.journal, random)

    def ask(
        self,
        agent: str,
        subject: str,
        name: str,
        *,
        org: str | None = None,
        text: Text | None = None,
        default: bool = False,
        scope: str = FROM_NOW,
        channel: str,
        at: datetime,
    ) -> Question:
        """Ask a question, and keep on record that it was asked.

        Args:
            agent: about which agent.
            subject: whom.
            name: which consent, such as `training`.
            org: for which organisation; None = for the person's own account.
            text: what is shown; None = Tenure's own text.
            default: the answer that is preset.
            scope: what a yes covers.
            channel: over which the answer will come.
            at: the present, by the issuer's clock.

        Raises:
            TermsError: there is no such agent.
            DataError: it has no such consent.
        """
        self._rule(agent, name)
        subject, org = checked_id("subject", subject), None if org is None else normal_id(org)
        shown = text or text_of(name, self._book.table(agent).pack.title)
        with self._store.transaction():
            self._questions.sweep(at - LATEST)
            return self._questions.add(agent, subject, org, name, shown, default=default, scope=scope, channel=channel, at=at)

    def answer(self, nonce: str, subject: str, value: bool, *, shown: Shown, at: datetime, channel: str, flushed: bool) -> Consent | Refused:
        """Take an answer to a question. It uses the question up, whether it counts or not.

        Args:
            nonce: of the question.
            subject: who answers.
            value: yes or no; a no always counts, for the account of who answers.
            shown: what the person was shown.
            at: the present, by the issuer's clock.
            channel: over which the answer came: `terminal`, `consent_token`; any other is not a person's.
            flushed: whether input from before the question was thrown away.

        Returns:
            The consent as it stands on record, or why the answer does not count; then nothing has changed.
        """
        question, subject = self._questions.find(nonce), normal_id(subject)
        if question is None:
            return NO_QUESTION
        evidence = self._evidence(question, at, channel)
        refused = _unbound(question, subject, shown) or (_uncounted(question, at, channel, flushed=flushed) if value else None)
        if refused is None and not value:
            consent = self._no(question.agent, subject, question.name, question.org, evidence, at)  # first: a crash must not lose it
            with self._store.transaction():
                self._questions.use(question, "", at, evidence.dwell_ms)
            return consent
        by = self._by(question.agent, question.subject, question.org, question.name, at)
        is_program = question.name == PROGRAM and question.org is not None
        if refused is None and not is_program and by not in self._rule(question.agent, question.name).by:
            refused = NOT_YOURS
        with self._store.transaction():
            self._questions.use(question, "" if refused is None else refused.clauses[0], at, evidence.dwell_ms)
            if refused is None and not is_program:
                answer = Answer(question.agent, question.name, True, by, evidence, at, at)
                add_answer(self._accounts.registry, answer, self._accounts.resolve(subject, at), question.org)
        if refused is None and is_program:
            refused = self._accounts.set_program(question.org or "", on=True, agent=question.agent, actor=subject, evidence=evidence, at=at)
        return refused or Consent(question.name, True, at, by, question.text_sha256, question.default)

    def withdraw(self, agent: str, subject: str, name: str, *, org: str | None = None, at: datetime, channel: str) -> Consent:
        """Say no, or take a yes back. It needs no question, and counts at once; what is held is tightened.

        Args:
            agent: about which agent.
            subject: who.
            name: which consent.
            org: for which organisation; by an admin or owner it is the organisation's no, by others their own.
            at: the present.
            channel: over which it came; any.

        Raises:
            TermsError: there is no such agent.
            DataError: it has no such consent.
        """
        return self._no(agent, subject, name, org, self.unasked(agent, name, channel), at)

    def unasked(self, agent: str, name: str, channel: str) -> Evidence:
        """Return the evidence of an answer that nobody asked for: a no.

        Raises:
            TermsError: there is no such agent.
            DataError: it has no such consent.
        """
        self._rule(agent, name)
        return Evidence(channel=channel, others=self._others(agent, name))

    def _no(self, agent: str, subject: str, name: str, org: str | None, evidence: Evidence, at: datetime) -> Consent:
        subject = self._accounts.resolve(checked_id("subject", subject), at)
        org = None if org is None else normal_id(org)
        by = self._by(agent, subject, org, name, at)
        if name == PROGRAM and org is not None and by in roles.MANAGERS:
            self._accounts.set_program(org, on=False, agent=agent, actor=subject, evidence=evidence, at=at)
            return Consent(name, False, at, by, evidence.text_sha256, evidence.default)
        is_for_org = by in roles.MANAGERS and org is not None
        topic, key = (ORG, org or "") if is_for_org else (ACCOUNT, subject)
        given = (fact for fact in self._accounts.registry.facts(topic, key) if fact.event == "consent" and fact.text("name") == name)
        later = [fact.at for fact in given if fact.at > at]
        selection = Selection(subjects=None if is_for_org else (subject,), orgs=None if org is None else (org,))
        with self._store.transaction():
            for since in dict.fromkeys((at, *later)):  # a yes that a clock ahead has dated later is taken back too
                add_answer(self._accounts.registry, Answer(agent, name, False, by, evidence, since, at), subject, org)
            self._accounts.tighten(selection, at, "withdrawn")
        return Consent(name, False, at, by, evidence.text_sha256, evidence.default)

    def _rule(self, agent: str, name: str) -> ConsentRule:
        rules = self._book.table(agent).pack.vocabulary.consents
        if name not in rules:
            known = ", ".join(sorted(rules)) or "none"
            message = f"consent: expected one that {agent} has, {known}; got {name[:40]!r}"
            raise DataError(message, code="consent/unknown", remedy="tenure privacy show SUBJECT lists them")
        return rules[name]

    def _others(self, agent: str, name: str) -> tuple[str, ...]:
        return tuple(sorted(self._book.table(agent).pack.vocabulary.consents.keys() - {name}))

    def _by(self, agent: str, subject: str, org: str | None, name: str, at: datetime) -> str:
        """Return in which role a person answers: for the organisation, as its member, or for what is their own."""
        if org is None:
            return "subject"
        rule = self._rule(agent, name)
        role = self._accounts.registry.role_in(org, subject, at)
        if role in roles.MANAGERS and role in rule.by:
            return str(role)
        is_own_act = "subject" in rule.by and not rule.purposes & TRAINING
        return "subject" if is_own_act else str(Role.MEMBER)

    def _evidence(self, question: Question, at: datetime, channel: str) -> Evidence:
        dwell_ms = max(0, round((at - question.at) / timedelta(milliseconds=1)))
        return Evidence(question.text_sha256, question.default, channel, dwell_ms, self._others(question.agent, question.name))


def _unbound(question: Question, subject: str, shown: Shown) -> Refused | None:
    return None if subject == question.subject and shown == question.shown else NOT_BOUND


def _uncounted(question: Question, at: datetime, channel: str, *, flushed: bool) -> Refused | None:
    """Return why a yes does not count, if so."""
    if channel not in CHANNELS or channel != question.channel:
        return NOT_A_PERSON
    if not flushed:
        return NOT_FLUSHED
    if at < question.at + SOONEST:
        return TOO_EARLY
    return TOO_LATE if at > question.at + LATEST else None
