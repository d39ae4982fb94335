"""An audit as lines of label, text, proof and state: what the terminal and the page have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from tenure.agents.facts import Evidence, Fact, Holding, State
from tenure.records.kinds import Purpose, Verdict
from tenure.records.periods import Period
from tenure.services.audit import AgentAudit, Audit
from tenure.terms.decision import Decision

_PROVIDERS = {
    "first_party": "the vendor",
    "bedrock": "Amazon Bedrock",
    "vertex": "Google Vertex",
    "foundry": "Microsoft Foundry",
    "aws_platform": "the vendor's platform on AWS",
    "gateway": "another address (a gateway)",
    "own_key": "your own key",
}
_NOUNS = {
    "local_transcript": "transcripts",
    "local_prompt_history": "prompt history",
    "database": "database",
    "code": "copies of code",
    "memory": "memory",
    "log": "logs",
    "cache": "caches",
    "output": "tool output",
    "prompt": "pasted text and images",
    "usage_metric": "statistics",
    "feedback_report": "feedback bundles",
}
_CONTENT = ("local_transcript", "local_prompt_history", "database")
_SHOWN_PLACES = 6
_SHOWN_FLAGS = 4
_ORDER = ("leaves besides prompts", "may leave", "does not leave")


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        label: what it is about; empty = goes on from the line before.
        text: what is so.
        proof: how that is known: a place, or a page with its day.
        state: measured, default, attested, inferred, unknown; empty when it says none of these.
        tone: `plain`, `warn`, `good` or `quiet`.
    """

    label: str
    text: str
    proof: str = ""
    state: str = ""
    tone: str = "plain"


def heading(each: AgentAudit) -> str:
    """Return an agent's name with its version."""
    return f"{each.evidence.title} {each.evidence.version or ''}".strip()


def session_count(audit: Audit) -> int:
    """Return how many sessions lie on the machine."""
    return sum(sum(each.evidence.surfaces.values()) for each in audit.agents)


def held_bytes(audit: Audit) -> int:
    """Return how much lies on the machine, in bytes."""
    return sum(holding.bytes for each in audit.agents for holding in each.evidence.holdings)


def summary(audit: Audit) -> str:
    """Return the counts of an audit in one line."""
    return f"{_count(len(audit.agents), 'agent')}, {_count(session_count(audit), 'session')}, {size(held_bytes(audit))}"


def closing(audit: Audit) -> str:
    """Return how many findings there are, in a sentence."""
    count = len(audit.findings)
    if not count:
        return "Nothing here does other than it seems."
    return f"{'1 thing does' if count == 1 else f'{count} things do'} other than it seems."


def reads(audit: Audit) -> str:
    """Return what was read, in one line."""
    found = audit.reads
    files = _count(found.settings, "settings file")
    return f"offline; read {files}, {found.credentials} credentials; made {found.connections} connections; kept no content"


def lines(each: AgentAudit, audit: Audit) -> Iterator[Line]:
    """Return all lines of one agent, findings apart."""
    facts = {fact.name: fact for fact in each.evidence.facts}
    yield from _account(facts)
    yield from _terms(each, facts, audit)
    yield from _kept(each.evidence)
    yield from _surfaces(each.evidence)
    yield from _leaves(each.evidence)
    yield from _flags(each.evidence)
    yield from _problems(each.evidence)


def _account(facts: dict[str, Fact]) -> Iterator[Line]:
    tier, provider = facts.get("tier"), facts.get("provider")
    if tier is None or provider is None:
        return
    plan = f"plan: {tier.value}" if tier.value is not None else "plan: not known"
    server = f"served by {_PROVIDERS.get(str(provider.value), provider.value)}" if provider.value is not None else "served by: not known"
    tone = "warn" if tier.value is None else "plain"
    if provider.state is State.DEFAULT:
        yield Line("account", f"{plan}, {server}", tier.proof, str(tier.state), tone)
        return
    yield Line("account", plan, tier.proof, str(tier.state), tone)
    yield Line("", server, provider.proof, str(provider.state), "warn" if provider.value is None else "plain")


def _terms(each: AgentAudit, facts: dict[str, Fact], audit: Audit) -> Iterator[Line]:
    decision = each.terms.get(Purpose.TRAIN_GENERATIVE)
    if decision is None:
        yield Line("terms", "no dated terms are known for this agent", "", "unknown", "warn")
        return
    consent = facts.get("consent.training")
    if consent is not None and consent.state is State.ATTESTED:
        said = "ON" if consent.value is True else "OFF"
        yield Line("may train on it", f"{_verdict(decision)}. You said {said}", consent.proof, "attested", _tone(decision))
    elif decision.verdict is Verdict.GAP and consent is not None:
        yield Line("may train on it", "? not stored on disk: tenure attest records what you chose", _source(decision), "unknown", "warn")
    else:
        yield Line("may train on it", _verdict(decision), _source(decision), "", _tone(decision))
    yield Line("kept by the vendor", _vendor(each, decision), _source(each.choices.get(False, decision), "last"), "")


def _vendor(each: AgentAudit, decision: Decision) -> str:
    off, on = each.choices.get(False), each.choices.get(True)
    if off is not None and on is not None and off.keep != on.keep:
        return f"{keep(off.keep)} if training is OFF, {keep(on.keep)} if ON"
    if decision.keep is None or decision.verdict is not Verdict.GAP:
        return keep(decision.keep)
    return f"{keep(decision.keep)} at the least; it turns on what is not known"


def _verdict(decision: Decision) -> str:
    match decision.verdict:
        case Verdict.PERMIT:
            return "yes, the terms permit it"
        case Verdict.DENY:
            return "no, the terms do not permit it"
        case _:
            return "? it turns on something that is not known"


def _tone(decision: Decision) -> str:
    return {Verdict.PERMIT: "warn", Verdict.DENY: "good"}.get(decision.verdict, "warn")


def _source(decision: Decision, which: Literal["first", "last"] = "first") -> str:
    """Return a clause that a decision rests on: the first is one behind the verdict, the last one behind the period."""
    if not decision.because:
        return "the terms are silent"
    clause = decision.because[0 if which == "first" else -1]
    return f"terms: {clause.clause}, read {clause.as_of.isoformat()}"


def keep(period: Period | str | None) -> str:
    """Return a period of retention in words."""
    if period is None:
        return "not stated"
    if isinstance(period, str):
        return "no limit" if period == "indefinite" else period
    if not period.months and not period.days:
        return "not beyond the response"
    years, months = divmod(period.months, 12)
    return " ".join(_count(number, unit) for number, unit in ((years, "year"), (months, "month"), (period.days, "day")) if number)


def _kept(evidence: Evidence) -> Iterator[Line]:
    ordered = sorted(evidence.holdings, key=lambda held: (held.kind not in _CONTENT, -held.bytes))
    for number, holding in enumerate(ordered[:_SHOWN_PLACES]):
        yield Line("kept here" if number == 0 else "", _held(holding), holding.path, "measured", "warn" if keeps(holding) else "plain")
    rest = ordered[_SHOWN_PLACES:]
    if rest:
        files, held = sum(holding.count for holding in rest), sum(holding.bytes for holding in rest)
        text = f"and {_count(len(rest), 'more place')}: {_count(files, 'file')}, {size(held)} (--json lists them)"
        yield Line("", text, "", "measured", "quiet")
    if not ordered:
        yield Line("kept here", "nothing found", "", "measured", "quiet")


def noun(holding: Holding) -> str:
    """Return what lies at a place, in words."""
    return _NOUNS.get(holding.kind, holding.kind)


def goes(holding: Holding) -> str:
    """Return when what lies at a place goes, in words."""
    if holding.swept == "never":
        return "never swept"
    return "sweep " + holding.swept if holding.swept.startswith("paused") else holding.swept.split(",")[0]


def keeps(holding: Holding) -> bool:
    """Tell whether a place wants a look: content that nothing removes, or that goes soon, or that should have gone."""
    return bool(holding.vanishing or holding.past_due or (holding.expires_next is None and holding.kind in _CONTENT))


def _held(holding: Holding) -> str:
    name = noun(holding)
    what = _count(holding.count, "transcript") if name == "transcripts" else f"{name}, {_count(holding.count, 'file')}"
    text = f"{what}, {size(holding.bytes)}: {goes(holding).removesuffix(' after the last change')}"
    if holding.expires_next is None and holding.oldest is not None:
        text += f", since {holding.oldest:%Y-%m-%d}"
    if holding.vanishing:
        text += f", {holding.vanishing} vanish{'es' if holding.vanishing == 1 else ''} within 7 days"
    if holding.past_due:
        text += f", {holding.past_due} past due"
    return text


def _surfaces(evidence: Evidence) -> Iterator[Line]:
    if evidence.surfaces:
        words = ", ".join(f"{count} {surface}" for surface, count in sorted(evidence.surfaces.items(), key=lambda pair: -pair[1]))
        yield Line("sessions by surface", words, "the session files", "measured")


def _leaves(evidence: Evidence) -> Iterator[Line]:
    groups: dict[tuple[str, str, str], list[str]] = {}
    for fact in evidence.leaves:
        label = "may leave" if fact.value is None else "does not leave" if fact.value is False else "leaves besides prompts"
        name = fact.name if isinstance(fact.value, bool | None) else f"{fact.name} ({fact.value})"
        groups.setdefault((label, fact.proof, str(fact.state)), []).append(name)
    last = ""
    for (label, proof, state), words in sorted(groups.items(), key=lambda group: _ORDER.index(group[0][0])):
        tone = {"does not leave": "good", "may leave": "warn"}.get(label, "plain")
        yield Line("" if label == last else label, ", ".join(words), proof, state, tone)
        last = label


def _flags(evidence: Evidence) -> Iterator[Line]:
    flags = [fact for fact in evidence.facts if fact.name.startswith("flag.")]
    if not flags:
        return
    words = ", ".join(f"{fact.name.removeprefix('flag.')}={_value(fact)}" for fact in flags[:_SHOWN_FLAGS])
    more = f" and {len(flags) - _SHOWN_FLAGS} more (--json lists them)" if len(flags) > _SHOWN_FLAGS else ""
    yield Line("vendor's flags", f"{len(flags)} cached here: {words}{more}", flags[0].proof.split(":", 1)[0], "measured")


def _value(fact: Fact) -> str:
    return ("on" if fact.value else "off") if isinstance(fact.value, bool) else str(fact.value)


def _problems(evidence: Evidence) -> Iterator[Line]:
    shown = ("tier", "provider", "version", "consent.")
    first = True
    for fact in evidence.facts:
        if fact.state is State.UNKNOWN and not fact.name.startswith(shown):
            yield Line("not known" if first else "", fact.name, fact.proof, "unknown", "warn")
            first = False


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", " ")


def size(count: int) -> str:
    """Return a number of bytes in a unit that reads well."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
