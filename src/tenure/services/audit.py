"""Audit: what each agent's rules find on a machine, and the terms in force for it. Reads through ports only, judges nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from tenure.agents.facts import PERSONAL, Evidence, Fact, Finding, Severity, State
from tenure.agents.places import UNKNOWN
from tenure.agents.registry import AGENTS
from tenure.errors import DataError, TermsError
from tenure.ports import Machine, Reads
from tenure.records.case import Case, Consent, SettingValue
from tenure.records.kinds import Kind, Purpose
from tenure.services.vendor import Span, consenting, span, without_silence
from tenure.terms.decide import Book
from tenure.terms.decision import Decision

Decide = Callable[[Case], Decision]

_RANK = {Severity.HIGH: 0, Severity.MEDIUM: 1, Severity.LOW: 2}
_CONSENT = "consent."
_AGREEMENT = "flag."


@dataclass(frozen=True, slots=True)
class Attestation:
    """What a person said about something that lies on no disk.

    Attributes:
        value: the answer: on or off for a consent or a flag of the agreement, a word for a tier.
        at: when they said so, aware UTC.
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
        choices: what training would be if the person had allowed it, or had not; empty when that is known.
        kept: for how long the vendor may keep such a prompt; None when no terms are known.
    """

    evidence: Evidence
    terms: Mapping[Purpose, Decision]
    choices: Mapping[bool, Decision] = field(default_factory=dict)
    kept: Span | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """All of a machine.

    Attributes:
        at: the time of the audit, aware UTC.
        agents: those that left something on the machine.
        findings: those of each agent in turn, the most severe of it first; the first of all is number 1.
        reads: what was read for it.
        scope: what was looked at, in words.
    """

    at: datetime
    agents: tuple[AgentAudit, ...]
    findings: tuple[Finding, ...]
    reads: Reads
    scope: str


def audit(
    machine: Machine,
    at: datetime,
    decide: Decide,
    attestations: Attestations,
    *,
    agent: str | None = None,
    book: Callable[[str], Book] | None = None,
) -> Audit:
    """Audit a machine.

    Args:
        machine: the view of it.
        at: the time of the audit, aware UTC.
        decide: the terms.
        attestations: what the person said, by `AGENT/FACT`.
        agent: only this agent; None = all.
        book: the terms of an agent, for the spans of what is kept; None = leave these out.

    Returns:
        What was found. Nothing on the machine can make it raise.

    Raises:
        DataError: no agent has that id.
    """
    if agent is not None and agent not in AGENTS:
        raise DataError(f"agent: expected one of {', '.join(AGENTS)}, got {agent[:40]!r}", code="data/unknown-agent")
    found: list[AgentAudit] = []
    for name in AGENTS if agent is None else (agent,):
        evidence = AGENTS[name](machine, at)
        if evidence is not None:
            evidence = attest(evidence, attestations)
            kept = None if book is None else span_of(evidence, at, book, attestations)
            found.append(AgentAudit(evidence, in_force(evidence, at, decide, attestations), choices(evidence, at, decide, attestations), kept))
    findings = [finding for each in found for finding in _by_weight((*each.evidence.findings, *_stale(each)))]
    return Audit(at, tuple(found), tuple(findings), machine.reads, scope_words(machine))


def _by_weight(findings: Iterable[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: _RANK[finding.severity])


def scope_words(machine: Machine) -> str:
    """Say what is looked at."""
    if machine.scope.is_sample:
        return "a made-up home folder that came with Tenure"
    if machine.scope.is_own:
        return "your home folder, this process's environment, system-wide policy files"
    return "the given home folder, an empty environment, system-wide policy files"


def attest(evidence: Evidence, attestations: Attestations) -> Evidence:
    """Put what the person said where the machine does not tell. What was measured stays."""
    facts = list(evidence.facts)
    known = {fact.name: index for index, fact in enumerate(facts)}
    for name, said in attestations.items():
        agent, _, about = name.partition("/")
        if agent != evidence.agent:
            continue
        about = about.replace(_AGREEMENT, "agreement.")
        fact = Fact(about, said.value, State.ATTESTED, f"attested on {said.at:%Y-%m-%d}")
        if about not in known:
            facts.append(fact)
        elif facts[known[about]].state in (State.UNKNOWN, State.INFERRED, State.DEFAULT):
            facts[known[about]] = fact
    return replace(evidence, facts=tuple(facts))


def unseen(evidence: Evidence) -> tuple[Fact, ...]:
    """Return what says that files of an agent could not be looked at, each with its reason."""
    return tuple(fact for fact in evidence.facts if fact.name == "files" and fact.state is State.UNKNOWN)


def in_force(evidence: Evidence, at: datetime, decide: Decide, attestations: Attestations) -> Mapping[Purpose, Decision]:
    """Decide about a prompt collected now, for each purpose; empty when no terms are known for the agent."""
    cases = [case_of(evidence, at, purpose, attestations) for purpose in Purpose]
    try:
        return {case.purpose: without_silence(decide(case), case) for case in cases}
    except TermsError:
        return {}


def span_of(evidence: Evidence, at: datetime, book: Callable[[str], Book], attestations: Attestations) -> Span | None:
    """Return for how long the vendor may keep a prompt collected now; None when no terms are known for the agent."""
    case = case_of(evidence, at, Purpose.COLLECT, attestations)
    surfaces = [surface for surface in evidence.surfaces if surface != UNKNOWN]
    try:
        return span(book(evidence.agent), case, surfaces or [case.surface])
    except TermsError:
        return None


def choices(evidence: Evidence, at: datetime, decide: Decide, attestations: Attestations) -> Mapping[bool, Decision]:
    """Decide about training under either answer, where the answer is not known."""
    if not any(fact.name == "consent.training" and fact.state is State.UNKNOWN for fact in evidence.facts):
        return {}
    case = case_of(evidence, at, Purpose.TRAIN_GENERATIVE, attestations)
    try:
        return {answer: without_silence(decide(consenting(case, answer)), case) for answer in (False, True)}
    except TermsError:
        return {}


def case_of(evidence: Evidence, at: datetime, purpose: Purpose, attestations: Attestations, kind: Kind = Kind.PROMPT) -> Case:
    """Put an agent's facts into a case about data collected now. What is not known stays unknown: of settings that cannot be read, all."""
    facts = {fact.name: fact for fact in evidence.facts}
    is_in_doubt = any(fact.state is State.UNKNOWN for _, fact in _under(facts, "settings."))
    return Case(
        agent=evidence.agent,
        kind=kind,
        purpose=purpose,
        collected_at=at,
        asked_at=at,
        tier=_word(facts.get("tier")),
        provider=_word(facts.get("provider")),
        surface=_word(facts.get("surface")),
        flags=_flags(evidence.agent, facts, attestations),
        consents=_consents(evidence.agent, attestations),
        client_version=evidence.version,
        env=None if is_in_doubt else {name: None if fact.value is None else str(fact.value) for name, fact in _under(facts, "env.")},
        settings=None if is_in_doubt else {name: _scalar(fact) for name, fact in _under(facts, "setting.")},
        attributes={name: _word(fact) for name, fact in _under(facts, "attribute.")},
    )


def _under(facts: Mapping[str, Fact], prefix: str) -> Iterable[tuple[str, Fact]]:
    return ((name.removeprefix(prefix), fact) for name, fact in facts.items() if name.startswith(prefix))


def _word(fact: Fact | None) -> str | None:
    return fact.value if fact is not None and isinstance(fact.value, str) else None


def _scalar(fact: Fact) -> SettingValue:
    return ", ".join(fact.value) if isinstance(fact.value, tuple) else fact.value


def _flags(agent: str, facts: Mapping[str, Fact], attestations: Attestations) -> frozenset[str] | None:
    """Return the flags of the agreement: those that the person named; none for a personal plan; else not known."""
    said = {name.removeprefix(f"{agent}/{_AGREEMENT}"): each.value for name, each in attestations.items() if name.startswith(f"{agent}/{_AGREEMENT}")}
    if said or PERSONAL in facts:
        return frozenset(name for name, value in said.items() if value is True)
    return None


def _consents(agent: str, attestations: Attestations) -> tuple[Consent, ...] | None:
    start = f"{agent}/{_CONSENT}"
    said = tuple(
        Consent(name.removeprefix(start), each.value if isinstance(each.value, bool) else None, at=each.at, by=each.by)
        for name, each in attestations.items()
        if name.startswith(start)
    )
    return said or None


def _stale(each: AgentAudit) -> tuple[Finding, ...]:
    """Say that terms need a fresh look, once per agent."""
    warnings = sorted({warning for decision in each.terms.values() for warning in decision.warnings})
    if not warnings:
        return ()
    agent, title = each.evidence.agent, each.evidence.title
    return (
        Finding(
            id=f"{agent}/terms-need-a-fresh-look",
            agent=agent,
            severity=Severity.LOW,
            title=f"The terms of {title} were read long ago: {len(warnings)} need a fresh look",
            proof=warnings[0],
            remedy="tenure terms check compares the pages and says what to read again.",
            why="A clause that was read longer ago than its pack allows goes on deciding, with this warning. Source: docs/reference/packs.md.",
        ),
    )
