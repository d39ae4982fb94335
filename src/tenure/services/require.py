"""Judging a machine by a repository's policy: each rule with what was observed, how that is known, and its proof.

Three answers: the rule holds, it is broken, or it cannot be told. What cannot be told is never shown as held.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from tenure.agents.facts import Evidence, Fact, Holding, State
from tenure.agents.places import NEVER, UNKNOWN
from tenure.errors import TermsError
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.records.periods import Period
from tenure.services.audit import Attestations, Audit, case_of, unseen
from tenure.services.policy import Policy, Rule
from tenure.services.vendor import UNSAID, days, is_unsaid, known_by, least_certain, span, without_silence
from tenure.terms.decide import Book, decide
from tenure.terms.decision import Because
from tenure.terms.lengths import Length
from tenure.terms.pack import Clause


class Answer(StrEnum):
    """What a rule comes to."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule judged for one agent.

    Attributes:
        agent: the agent's id.
        rule: the rule.
        answer: what it comes to.
        observed: what was found, in words.
        state: how that is known.
        proof: where it was found, or why it is not known.
    """

    agent: str
    rule: Rule
    answer: Answer
    observed: str
    state: State
    proof: str


LEAVES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aider": {"telemetry": ("analytics",)},
    "claude_code": {
        "share": ("feedback reports", "session survey", "artifacts"),
        "sync": ("transcripts by Remote Control",),
        "telemetry": ("usage metrics", "error reports"),
    },
    "codex": {"share": ("feedback reports",), "telemetry": ("usage metrics and analytics",)},
    "copilot": {"sync": ("sessions of the CLI, to github.com", "sessions of VS Code, to github.com")},
    "gemini_cli": {"telemetry": ("usage statistics",)},
    "opencode": {"share": ("public copies of sessions",)},
}
"""Per agent and rule, the services of the audit that it is about. Where there is no entry, the rule cannot be told."""

STAYS_HERE = frozenset({"to a local archive"})
"""What a service of the audit says when it sends nothing away."""

CONTENT: frozenset[str] = frozenset({
    Kind.LOCAL_TRANSCRIPT,
    Kind.LOCAL_PROMPT_HISTORY,
    Kind.PROMPT,
    Kind.OUTPUT,
    Kind.CODE,
    Kind.TRANSCRIPT,
    Kind.FEEDBACK_REPORT,
    "database",
    "memory",
})
"""Kinds of holdings that have content in them, or what was drawn from it."""


def judge(audit: Audit, policy: Policy, book: Book, attestations: Attestations) -> tuple[Ruling, ...]:
    """Judge every agent of a machine by a policy.

    Args:
        audit: what was found.
        policy: the rules.
        book: the terms.
        attestations: what the person said.
    """
    return tuple(
        _RULES[rule.name](_Subject(each.evidence, audit.at, book, attestations), rule)
        for each in audit.agents
        for rule in policy.of(each.evidence.agent)
    )


def verdict(rulings: Iterable[Ruling]) -> Answer:
    """Return what the rulings come to together: broken beats unknown beats holds."""
    answers = {ruling.answer for ruling in rulings}
    return next((answer for answer in (Answer.BROKEN, Answer.UNKNOWN) if answer in answers), Answer.HOLDS)


@dataclass(frozen=True, slots=True)
class _Subject:
    """What one agent is judged by."""

    evidence: Evidence
    at: datetime
    book: Book
    attestations: Attestations

    def fact(self, name: str) -> Fact:
        absent = Fact(name, None, State.UNKNOWN, "nothing on this machine tells")
        return next((fact for fact in self.evidence.facts if fact.name == name), absent)

    def ruling(self, rule: Rule, answer: Answer, observed: str, state: State, proof: str) -> Ruling:
        return Ruling(self.evidence.agent, rule, answer, observed, state, proof)

    @property
    def surfaces(self) -> tuple[str | None, ...]:
        """The surfaces that sessions here were begun on; where none tells, ordinary use."""
        seen = tuple(surface for surface in self.evidence.surfaces if surface != UNKNOWN)
        table = self.book.tables.get(self.evidence.agent)
        known = table.pack.vocabulary.lists.get("surface", ()) if table is not None else ()
        return seen or known[:1] or (None,)


def _agents(subject: _Subject, rule: Rule) -> Ruling:
    evidence = subject.evidence
    answer = Answer.HOLDS if isinstance(rule.allowed, tuple) and evidence.agent in rule.allowed else Answer.BROKEN
    proof = next((holding.path for holding in evidence.holdings), subject.fact("folder").proof)
    return subject.ruling(rule, answer, evidence.agent, State.MEASURED, proof)


def _listed(name: str) -> Callable[[_Subject, Rule], Ruling]:
    def judge_listed(subject: _Subject, rule: Rule) -> Ruling:
        fact = subject.fact(name)
        if fact.value is None or not isinstance(rule.allowed, tuple):
            return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, fact.proof)
        answer = Answer.HOLDS if fact.value in rule.allowed else Answer.BROKEN
        return subject.ruling(rule, answer, str(fact.value), fact.state, fact.proof)

    return judge_listed


def _retention(subject: _Subject, rule: Rule) -> Ruling:
    """The longest that the terms may mean counts, not the shortest: the person is promised an upper bound."""
    case = case_of(subject.evidence, subject.at, Purpose.COLLECT, subject.attestations)
    try:
        found = span(subject.book, case, subject.surfaces).found
    except TermsError as error:
        return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, error.message)
    within = {_is_within(length, rule.allowed) for length in found}
    answer = Answer.HOLDS if within == {True} else Answer.BROKEN if within == {False} else Answer.UNKNOWN
    state = State.UNKNOWN if answer is Answer.UNKNOWN else known_by(subject.evidence)
    proof = UNSAID if None in found and is_unsaid(case) else _clauses(clause for clauses in found.values() for clause in clauses)
    return subject.ruling(rule, answer, _span(found), state, proof)


def _is_within(length: Length, allowed: object) -> bool | None:
    if length is None or not isinstance(allowed, Period):
        return None
    return isinstance(length, Period) and length.approximate_days <= allowed.approximate_days


def _span(lengths: Iterable[Length]) -> str:
    stated = sorted({length for length in lengths if length is not None}, key=days)
    unstated = ["not stated"] if any(length is None for length in lengths) else []
    if not stated:
        return "not stated"
    ends = [str(stated[0])] if len(stated) == 1 else [f"{stated[0]} to {stated[-1]}"]
    return " or ".join(ends + unstated)


def _clauses(clauses: Iterable[Clause | Because]) -> str:
    names = list(dict.fromkeys(f"{clause.id if isinstance(clause, Clause) else clause.clause} ({clause.source})" for clause in clauses))
    rest = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return "terms: " + (", ".join(names[:2]) + rest if names else "no clause says")


def _training(subject: _Subject, rule: Rule) -> Ruling:
    case = replace(case_of(subject.evidence, subject.at, Purpose.TRAIN_GENERATIVE, subject.attestations), safety_flagged=False)
    try:
        decisions = [without_silence(decide(subject.book, replace(case, surface=surface)), case) for surface in subject.surfaces]
    except TermsError as error:
        return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, error.message)
    proof = _clauses(because for decision in decisions for because in decision.because)
    verdicts = {decision.verdict for decision in decisions}
    if verdicts == {Verdict.DENY}:
        return subject.ruling(rule, Answer.HOLDS, "not permitted", known_by(subject.evidence), proof)
    if Verdict.PERMIT in verdicts:
        return subject.ruling(rule, Answer.BROKEN, "permitted", known_by(subject.evidence), proof)
    consent = subject.fact("consent.training")
    reason = UNSAID if is_unsaid(case) else consent.proof if consent.state is State.UNKNOWN else proof
    return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, reason)


def _leaving(subject: _Subject, rule: Rule) -> Ruling:
    """Something must not leave: every service that the rule is about is known to be off."""
    names = LEAVES.get(subject.evidence.agent, {}).get(rule.name, ())
    facts = [fact for fact in subject.evidence.leaves if fact.name in names]
    if not facts:
        return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, f"nothing on this machine tells it for {subject.evidence.title}")
    on = [fact for fact in facts if fact.value is not None and fact.value is not False and fact.value not in STAYS_HERE]
    if on:
        return subject.ruling(rule, Answer.BROKEN, _what(on), least_certain(on), _proofs(on))
    open_ones = [fact for fact in facts if fact.value is None]
    if open_ones:
        return subject.ruling(rule, Answer.UNKNOWN, _what(open_ones), State.UNKNOWN, _proofs(open_ones))
    return subject.ruling(rule, Answer.HOLDS, "off", least_certain(facts), _proofs(facts))


def _proofs(facts: Iterable[Fact]) -> str:
    return "; ".join(dict.fromkeys(fact.proof for fact in facts))


def _what(facts: Iterable[Fact]) -> str:
    return "; ".join(f"{fact.name}: {'on' if fact.value is True else fact.value or UNKNOWN}" for fact in facts)


def _local_retention(subject: _Subject, rule: Rule) -> Ruling:
    """What could not be looked at may hold anything."""
    held = [holding for holding in subject.evidence.holdings if holding.count and holding.kind in CONTENT]
    judged = [_judge_holding(subject, rule, holding) for holding in held]
    judged += [subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, fact.proof) for fact in unseen(subject.evidence)]
    if not judged:
        return subject.ruling(rule, Answer.HOLDS, "nothing is held", State.MEASURED, "no session file was found")
    return next((ruling for answer in (Answer.BROKEN, Answer.UNKNOWN) for ruling in judged if ruling.answer is answer), judged[0])


def _judge_holding(subject: _Subject, rule: Rule, holding: Holding) -> Ruling:
    sweep = subject.fact("sweep.days")
    if holding.swept == NEVER:
        return subject.ruling(rule, Answer.BROKEN, "never removed", State.MEASURED, holding.path)
    if holding.swept == UNKNOWN or not isinstance(sweep.value, int | float) or not isinstance(rule.allowed, Period):
        return subject.ruling(rule, Answer.UNKNOWN, UNKNOWN, State.UNKNOWN, f"{holding.path}: {sweep.proof}")
    answer = Answer.HOLDS if sweep.value <= rule.allowed.approximate_days else Answer.BROKEN
    return subject.ruling(rule, answer, f"removed after {sweep.value:g} days", sweep.state, sweep.proof)


_RULES: Mapping[str, Callable[[_Subject, Rule], Ruling]] = {
    "agents": _agents,
    "tiers": _listed("tier"),
    "providers": _listed("provider"),
    "retention": _retention,
    "local_retention": _local_retention,
    "training": _training,
    "share": _leaving,
    "sync": _leaving,
    "telemetry": _leaving,
}


def by_agent(rulings: Iterable[Ruling]) -> Iterator[tuple[str, tuple[Ruling, ...]]]:
    """Return the rulings grouped by agent, in their order."""
    grouped: dict[str, list[Ruling]] = {}
    for ruling in rulings:
        grouped.setdefault(ruling.agent, []).append(ruling)
    for agent, found in grouped.items():
        yield agent, tuple(found)
