"""Audit: what each agent's rules find on a machine, and the terms in force for it. Reads through ports only, judges nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tenure.agents.facts import Evidence, Finding
from tenure.ports import Machine, Reads
from tenure.records.case import Case
from tenure.records.kinds import Purpose
from tenure.terms.decision import Decision

Decide = Callable[[Case], Decision]


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a person said about something that lies on no disk.

    Attributes:
        value: the answer: on or off for a consent or a flag, a word for a tier.
        at: when they said that it holds since, aware UTC.
        by: who says so: `subject`, `member`, `admin`, `owner`.
    """

    value: bool | str
    at: datetime
    by: str = "subject"


Attestations = Mapping[str, Attestation]
"""By name `AGENT/FACT`, such as `claude_code/consent.training`, `claude_code/tier`, `claude_code/flag.zdr`."""


@dataclass(frozen=True, slots=True)
class AgentAudit:
    """One agent.

    Attributes:
        evidence: what was found, attested facts included.
        terms: per purpose the decision about a prompt collected at the time of the audit; empty when no terms are known.
    """

    evidence: Evidence
    terms: Mapping[Purpose, Decision]


@dataclass(frozen=True, slots=True)
class Audit:
    """All of a machine.

    Attributes:
        at: the time of the audit, aware UTC.
        agents: those that left something on the machine.
        findings: those of all agents, most severe first; the first is number 1.
        reads: what was read for it.
        scope: what was looked at, in words.
    """

    at: datetime
    agents: tuple[AgentAudit, ...]
    findings: tuple[Finding, ...]
    reads: Reads
    scope: str


def audit(machine: Machine, at: datetime, decide: Decide, attestations: Attestations, *, agent: str | None = None) -> Audit:
    """Audit a machine.

    Args:
        machine: the view of it.
        at: the time of the audit, aware UTC.
        decide: the terms.
        attestations: what the person said, by `AGENT/FACT`.
        agent: only this agent; None = all.

    Returns:
        What was found. Nothing on the machine can make it raise.

    Raises:
        DataError: no agent has that id.
    """
    raise NotImplementedError
