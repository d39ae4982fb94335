"""Answers to consents: what is on record about how one was given, and over which channels a yes counts."""

from dataclasses import dataclass
from datetime import datetime

from tenure.records.facts import ACCOUNT, ORG
from tenure.services.registry import Registry

TERMINAL = "terminal"
CONSENT_TOKEN = "consent_token"  # noqa: S105 - the name of a channel
SERVICE = "service"
CHANNELS = frozenset({TERMINAL, CONSENT_TOKEN})
"""The channels over which a yes counts."""
PROGRAM = "dpp"
"""The consent by which an organisation is in the partner program."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is on record about how an answer was given.

    Attributes:
        text_sha256: digest of the text that was shown; None = none was.
        default: the answer that was preset.
        channel: over which it came.
        dwell_ms: from the question to the answer, by the issuer's clock.
        others: the other questions that there are about the agent; of an account that was read off a case, their answers are not known.
    """

    text_sha256: str | None = None
    default: bool | None = None
    channel: str = SERVICE
    dwell_ms: int | None = None
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        agent: about which agent.
        name: which consent.
        value: yes or no.
        by: in which role: `subject`, `member`, `admin` or `owner`.
        evidence: how it was given.
        at: since when it holds.
        recorded_at: the present.
    """

    agent: str
    name: str
    value: bool
    by: str
    evidence: Evidence
    at: datetime
    recorded_at: datetime


def add_answer(registry: Registry, answer: Answer, actor: str, org: str | None) -> None:
    """Put an answer on record, in journal and ledger. Runs inside of the open transaction.

    Args:
        registry: the facts.
        answer: the answer; by an admin or owner it is the organisation's.
        actor: who gave it.
        org: the organisation under which it was given; None = the person's own account.
    """
    evidence = answer.evidence
    is_for_org = org is not None and answer.by in ("admin", "owner")
    topic, key = (ORG, org or "") if is_for_org else (ACCOUNT, actor)
    fact = registry.add(
        topic,
        key,
        "consent",
        answer.at,
        answer.recorded_at,
        answer.by,
        actor,
        agent=answer.agent,
        org=None if is_for_org else org,
        name=answer.name,
        value=answer.value,
        text_sha256=evidence.text_sha256,
        default_shown=evidence.default,
        channel=evidence.channel,
        dwell_ms=evidence.dwell_ms,
        others=[*evidence.others],
    )
    registry.commit(
        "consented",
        topic,
        key,
        fact,
        name=answer.name,
        value=answer.value,
        text_sha256=evidence.text_sha256,
        default=evidence.default,
        channel=evidence.channel,
        dwell_ms=evidence.dwell_ms,
    )
