"""Questions that were asked and wait for their answer, and what became of the attempts to answer them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tenure.ports import Journal
from tenure.records.canonical import canonical_bytes
from tenure.records.facts import ATTEMPT, QUESTION
from tenure.records.instants import parse_time, render_time
from tenure.services.question_texts import Text

_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person was shown, as the one who brings the answer says: it has to be what was asked.

    Attributes:
        name: which consent.
        text_sha256: digest of the text.
        default: the answer that was preset.
        scope: what a yes covers.
    """

    name: str
    text_sha256: str
    default: bool
    scope: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was asked.

    Attributes:
        nonce: 32 hexadecimal digits; whoever brings it can answer, once.
        agent: about which agent.
        subject: who was asked.
        org: for which organisation; None = for the person's own account.
        name: which consent.
        version: of the text.
        text: what is shown.
        text_sha256: its digest.
        default: the answer that is preset.
        scope: what a yes covers.
        channel: over which the answer is to come.
        at: when it was asked, by the issuer's clock.
    """

    nonce: str
    agent: str
    subject: str
    org: str | None
    name: str
    version: int
    text: str
    text_sha256: str
    default: bool
    scope: str
    channel: str
    at: datetime

    @property
    def shown(self) -> Shown:
        """What has to be shown."""
        return Shown(self.name, self.text_sha256, self.default, self.scope)


class Questions:
    """The open questions of a store.

    Args:
        journal: where they stand until they are used.
        random: source of random bytes.
    """

    def __init__(self, journal: Journal, random: Callable[[int], bytes]) -> None:
        self._journal = journal
        self._random = random
        self._swept: datetime | None = None

    def add(
        self,
        agent: str,
        subject: str,
        org: str | None,
        name: str,
        text: Text,
        *,
        default: bool,
        scope: str,
        channel: str,
        at: datetime,
    ) -> Question:
        """Keep a question on record. Runs inside of the open transaction. Arguments as in `Consents.ask`."""
        nonce = self._random(16).hex()
        question = Question(nonce, agent, subject, org, name, text.version, text.content, text.sha256, default, scope, channel, at)
        body = canonical_bytes(
            {
                "agent": agent,
                "subject": subject,
                "org": org,
                "name": name,
                "version": text.version,
                "text": text.content,
                "default": default,
                "scope": scope,
                "channel": channel,
                "at": render_time(at),
            }
        )
        self._journal.add(QUESTION, nonce, body)
        return question

    def find(self, nonce: str) -> Question | None:
        """Return an open question; None = there is none of that name."""
        body = next((note.body for note in self._journal.notes(QUESTION, nonce)), None)
        return None if body is None else _parse(nonce, body)

    def use(self, question: Question, reason: str, at: datetime, dwell_ms: int | None) -> None:
        """Use a question up, and keep on record what became of the answer. Runs inside of the open transaction.

        Args:
            question: the question.
            reason: the clause by which the answer was refused; empty = it was taken.
            at: when.
            dwell_ms: from the question to the answer.
        """
        self._journal.remove(QUESTION, question.nonce)
        body = canonical_bytes(
            {
                "agent": question.agent,
                "org": question.org,
                "name": question.name,
                "text_sha256": question.text_sha256,
                "default": question.default,
                "scope": question.scope,
                "channel": question.channel,
                "asked_at": render_time(question.at),
                "at": render_time(at),
                "dwell_ms": dwell_ms,
                "refused": reason or None,
            }
        )
        self._journal.add(ATTEMPT, question.subject, body)

    def sweep(self, before: datetime) -> None:
        """Drop questions that were asked before an instant: nobody can answer them any more. Runs inside of the open transaction."""
        if self._swept is not None and before < self._swept + _EVERY:
            return
        self._swept = before
        for note in list(self._journal.notes(QUESTION)):
            if _parse(note.key, note.body).at < before:
                self._journal.remove(QUESTION, note.key)


def _parse(nonce: str, body: bytes) -> Question:
    plain = json.loads(body)
    text = Text(plain["version"], plain["text"])
    return Question(
        nonce,
        plain["agent"],
        plain["subject"],
        plain["org"],
        plain["name"],
        text.version,
        text.content,
        text.sha256,
        plain["default"],
        plain["scope"],
        plain["channel"],
        parse_time(plain["at"]),
    )
