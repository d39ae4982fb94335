"""An audit as lines of label, text, proof and state: what the terminal and the page have in common."""

from collections.abc import Iterator

from tenure.agents.facts import Evidence, Fact, Holding, State
from tenure.cli.audit.line import Line, counted, size
from tenure.cli.audit.vendor import vendor_lines
from tenure.services.audit import AgentAudit, Audit, unseen

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
NOTHING = "nothing found"
_CONTENT = ("local_transcript", "local_prompt_history", "database")
_SHOWN_PLACES = 6
_SHOWN_FLAGS = 4
_ORDER = ("leaves besides prompts", "may leave", "does not leave")


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
    return f"{counted(len(audit.agents), 'agent')}, {counted(session_count(audit), 'session')}, {size(held_bytes(audit))}"


def closing(audit: Audit) -> str:
    """Return how many findings there are, in a sentence."""
    count = len(audit.findings)
    if not count:
        return "Nothing here does other than it seems."
    return f"{'1 thing does' if count == 1 else f'{count} things do'} other than it seems."


def reads(audit: Audit) -> str:
    """Return what was read, in one line."""
    found = audit.reads
    files = counted(found.settings, "settings file")
    return f"offline; read {files}, {found.credentials} credentials; made {found.connections} connections; kept no content"


def lines(each: AgentAudit) -> Iterator[Line]:
    """Return all lines of one agent, findings apart."""
    facts = {fact.name: fact for fact in each.evidence.facts}
    yield from _account(facts)
    yield from vendor_lines(each)
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


def _kept(evidence: Evidence) -> Iterator[Line]:
    ordered = sorted(evidence.holdings, key=lambda held: (held.kind not in _CONTENT, -held.bytes))
    for number, holding in enumerate(ordered[:_SHOWN_PLACES]):
        state = _known(holding, evidence)
        text = _held(holding, is_default=state is State.DEFAULT)
        yield Line("kept here" if number == 0 else "", text, holding.path, str(state), "warn" if keeps(holding) else "plain")
    rest = ordered[_SHOWN_PLACES:]
    if rest:
        files, held = sum(holding.count for holding in rest), sum(holding.bytes for holding in rest)
        text = f"and {counted(len(rest), 'more place')}: {counted(files, 'file')}, {size(held)} (--json lists them)"
        yield Line("", text, "", "measured", "quiet")
    unknown = unseen(evidence)
    for number, fact in enumerate(unknown):
        yield Line("kept here" if number == 0 and not ordered else "", "? not all of it could be looked at", fact.proof, "unknown", "warn")
    if not ordered and not unknown:
        yield Line("kept here", NOTHING, "", "measured", "quiet")


def _known(holding: Holding, evidence: Evidence) -> State:
    """Return how the period is known: what lies there is measured, when it goes may be a default, or not known."""
    if holding.swept.startswith("unknown"):
        return State.UNKNOWN
    days = next((fact for fact in evidence.facts if fact.name == "sweep.days"), None)
    if days is None or not isinstance(days.value, int | float) or not holding.swept.startswith(f"{days.value:g} day"):
        return State.MEASURED
    return days.state


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


def _held(holding: Holding, *, is_default: bool) -> str:
    name = noun(holding)
    what = counted(holding.count, "transcript") if name == "transcripts" else f"{name}, {counted(holding.count, 'file')}"
    text = f"{what}, {size(holding.bytes)}: {goes(holding).removesuffix(' after the last change')}{' by default' if is_default else ''}"
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
        if fact.state is State.UNKNOWN and not fact.name.startswith(shown) and fact not in unseen(evidence):
            yield Line("not known" if first else "", fact.name, fact.proof, "unknown", "warn")
            first = False
