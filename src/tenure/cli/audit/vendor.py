"""What the vendor may do, as lines: whether it may train on a prompt, and for how long it keeps it. Never the comforting end first."""

from collections.abc import Iterator

from tenure.agents.facts import Evidence, Fact, State
from tenure.cli.audit.line import Line, counted
from tenure.records.kinds import Purpose, Verdict
from tenure.records.periods import Period
from tenure.services.audit import AgentAudit
from tenure.services.vendor import DETAILS, OTHERS, UNSAID, Span, Turn, known_by
from tenure.terms.decision import Decision
from tenure.terms.lengths import Length

_NAMES = {
    "tier": "the plan",
    "provider": "who serves it",
    "model_class": "model",
    "feature": "feature",
    "surface": "surface",
    "consent.training": "the training choice",
    "flag.zdr": "zero retention",
    "flag.hipaa": "a HIPAA agreement",
    "flag.baa": "a business associate agreement",
    "flag.dpp": "the development partner program",
    "flag.cmek": "keys of the customer's own",
}
_VERDICTS = {
    Verdict.PERMIT: "yes, the terms permit it",
    Verdict.DENY: "no, the terms do not permit it",
    Verdict.GAP: "? it turns on something that is not known",
}


def vendor_lines(each: AgentAudit) -> Iterator[Line]:
    """Return the lines about training and about keeping."""
    decision = each.terms.get(Purpose.TRAIN_GENERATIVE)
    if decision is None:
        yield Line("terms", "no dated terms are known for this agent", "", "unknown", "warn")
        return
    facts = {fact.name: fact for fact in each.evidence.facts}
    yield _training(each.evidence, decision, facts)
    yield _kept(each, decision, is_elsewhere=_is_elsewhere(each.evidence, facts))


def _is_elsewhere(evidence: Evidence, facts: dict[str, Fact]) -> bool:
    provider = facts.get("provider")
    return provider is not None and provider.value in OTHERS.get(evidence.agent, ())


def _training(evidence: Evidence, decision: Decision, facts: dict[str, Fact]) -> Line:
    label, consent, is_open = "may train on it", facts.get("consent.training"), decision.verdict is Verdict.GAP
    tone = "good" if decision.verdict is Verdict.DENY else "warn"
    if is_open and _is_elsewhere(evidence, facts):
        return Line(label, f"? {UNSAID}", facts["provider"].proof, "unknown", tone)
    if consent is not None and consent.state is State.ATTESTED:
        said = "ON" if consent.value is True else "OFF"
        return Line(label, f"{_VERDICTS[decision.verdict]}. You said {said}", consent.proof, "unknown" if is_open else "attested", tone)
    if is_open and consent is not None:
        return Line(label, "? not stored on disk: tenure attest records what you chose", _source(decision), "unknown", tone)
    return Line(label, _VERDICTS[decision.verdict], _source(decision), "unknown" if is_open else str(known_by(evidence)), tone)


def _source(decision: Decision) -> str:
    """Return a clause behind the verdict."""
    if not decision.because:
        return "the terms are silent"
    return f"terms: {decision.because[0].clause}, read {decision.because[0].as_of.isoformat()}"


def _kept(each: AgentAudit, decision: Decision, *, is_elsewhere: bool) -> Line:
    label, span = "kept by the vendor", each.kept
    if span is None:
        return Line(label, keep(decision.keep), _source(decision), "unknown")
    clause = next(iter(span.found[span.longest]), None)
    proof = "the terms are silent" if clause is None else f"terms: {clause.id}, read {clause.as_of.isoformat()}"
    if is_elsewhere and clause is None:
        return Line(label, f"not stated: {UNSAID}", proof, "unknown", "warn")
    is_known = len(span.found) == 1 and span.longest is not None
    return Line(label, span_words(span), proof, str(known_by(each.evidence)) if is_known else "unknown")


def span_words(span: Span) -> str:
    """Return for how long something may be kept in words, the longest first, with what it turns on."""
    if len(span.found) == 1:
        return keep(span.longest)
    training = next((turn for turn in span.turns if turn.name == "consent.training"), None)
    if training is not None and len(span.turns) == 1 and all(len(lengths) == 1 for lengths in training.answers.values()):
        answers = sorted(training.answers.items(), key=lambda answer: list(span.found).index(answer[1][0]))
        return ", ".join(f"{keep(lengths[0])} if training is {'ON' if answer else 'OFF'}" for answer, lengths in answers)
    return _under_flags(span) or _range(span)


def _under_flags(span: Span) -> str:
    """Say what it is without an agreement, and what under which; empty where an agreement lengthens it or more than that is not known."""
    if span.by_flags != (span.longest,) or any(not turn.name.startswith("flag.") for turn in span.turns):
        return ""
    parts = [f"{_also(turn, span)} under {name(turn)}" for turn in span.turns]
    return f"{keep(span.longest)}; {', '.join(parts)}, which is not known" if parts else ""


def _also(turn: Turn, span: Span) -> str:
    return " or ".join(_briefly(length) for length in turn.answers[True] if length not in span.by_flags)


def _is_nothing(length: Length) -> bool:
    return isinstance(length, Period) and not length.months and not length.days


def _range(span: Span) -> str:
    stated = [_briefly(length) for length in span.found if length is not None]
    ends = stated[0] if len(stated) == 1 else f"{stated[0]} at the longest, {stated[-1]} at the shortest"
    return f"{'not stated, or ' if None in span.found else ''}{ends}; {_on_what(span.turns)}"


def _on_what(turns: tuple[Turn, ...]) -> str:
    names = [name(turn) for turn in turns] or ["something else"]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
    if all(turn.name in DETAILS for turn in turns) and turns:
        return f"it differs by {listed}"
    return f"it turns on {listed}, which {'is' if len(names) == 1 else 'are'} not known"


def _briefly(length: Length) -> str:
    return "nothing" if _is_nothing(length) else keep(length)


def name(turn: Turn) -> str:
    """Return what something turns on, in words."""
    return _NAMES.get(turn.name, f"the agreement ({turn.name.removeprefix('flag.')})")


def keep(period: Length) -> str:
    """Return a period of retention in words."""
    if period is None:
        return "not stated"
    if isinstance(period, str):
        return "no limit" if period == "indefinite" else period
    if _is_nothing(period):
        return "not beyond the response"
    years, months = divmod(period.months, 12)
    return " ".join(counted(number, unit) for number, unit in ((years, "year"), (months, "month"), (period.days, "day")) if number)
