"""An audit as one self-contained page: no script, no resource from elsewhere, light and dark."""

from importlib.metadata import version

from jinja2 import Environment, PackageLoader, StrictUndefined

from tenure.agents.facts import Evidence, Fact, Finding, Holding, Severity
from tenure.cli.audit.line import Line, size
from tenure.cli.audit.lines import NOTHING, closing, goes, held_bytes, keeps, lines, noun, session_count
from tenure.cli.audit.plain import moment, plain_finding
from tenure.cli.output import clean
from tenure.services.audit import AgentAudit, Audit

_APART = ("kept here", "vendor's flags")


def render_page(audit: Audit) -> str:
    """Render an audit as HTML."""
    environment = Environment(loader=PackageLoader("tenure.cli"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return environment.get_template("audit.html").render(
        at=f"{audit.at:%Y-%m-%d %H:%M} UTC",
        scope=audit.scope,
        tiles=_tiles(audit),
        closing=closing(audit),
        findings=[_finding(number, finding, audit) for number, finding in enumerate(audit.findings, 1)],
        agents=[_agent(each) for each in audit.agents],
        reads=audit.reads,
        version=version("tenure"),
    )


def _tiles(audit: Audit) -> list[dict[str, object]]:
    holdings = [holding for each in audit.agents for holding in each.evidence.holdings]
    high = sum(finding.severity is Severity.HIGH for finding in audit.findings)
    vanishing = sum(holding.vanishing for holding in holdings)
    pairs = [
        (len(audit.agents), "agents", False),
        (session_count(audit), "sessions", False),
        (size(held_bytes(audit)), "held here", False),
        (vanishing, "files vanish within 7 days", False),
        (high, "findings of high weight", high > 0),
    ]
    return [{"number": number, "label": label, "is_alert": is_alert} for number, label, is_alert in pairs]


def _finding(number: int, finding: Finding, audit: Audit) -> dict[str, object]:
    title = next((each.evidence.title for each in audit.agents if each.evidence.agent == finding.agent), finding.agent)
    return {"number": number, "of": title, **plain_finding(finding)}


def _agent(each: AgentAudit) -> dict[str, object]:
    evidence = each.evidence
    return {
        "id": evidence.agent,
        "title": evidence.title,
        "note": clean(evidence.version or ""),
        "lines": [_line(line) for line in _without_places(each)],
        "places": _places(evidence),
        "flags": [_flag(fact) for fact in evidence.facts if fact.name.startswith("flag.")],
    }


def _without_places(each: AgentAudit) -> list[Line]:
    """Leave out what the page shows as tables."""
    kept: list[Line] = []
    label = ""
    for line in lines(each):
        label = line.label or label
        if label not in _APART or line.text == NOTHING or line.state == "unknown":
            kept.append(line)
    return kept


def _line(line: Line) -> dict[str, str]:
    return {"label": line.label, "text": clean(line.text), "proof": clean(line.proof), "state": line.state, "tone": line.tone}


def _places(evidence: Evidence) -> list[dict[str, object]]:
    largest = max((holding.bytes for holding in evidence.holdings), default=0)
    return [_place(holding, largest) for holding in sorted(evidence.holdings, key=lambda held: -held.bytes)]


def _place(holding: Holding, largest: int) -> dict[str, object]:
    notes = [f"{holding.vanishing} within 7 days"] if holding.vanishing else []
    notes += [f"{holding.past_due} past due"] if holding.past_due else []
    return {
        "path": clean(holding.path),
        "what": noun(holding),
        "count": f"{holding.count:,}".replace(",", " "),
        "size": size(holding.bytes),
        "share": round(100 * holding.bytes / largest) if largest else 0,
        "since": "" if holding.oldest is None else f"{holding.oldest:%Y-%m-%d}",
        "goes": clean("; ".join([goes(holding), *notes])),
        "next": (moment(holding.expires_next) or "")[:10],
        "tone": "warn" if keeps(holding) else "",
    }


def _flag(fact: Fact) -> dict[str, object]:
    return {"name": fact.name.removeprefix("flag."), "value": str(fact.value), "proof": clean(fact.proof)}
