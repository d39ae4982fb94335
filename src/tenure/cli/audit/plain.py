"""An audit in the form that `--json` prints: `tenure.audit/1`, documented in docs/reference/audit.md."""

from datetime import datetime

from tenure.agents.facts import Fact, Finding, Holding
from tenure.cli.output import clean
from tenure.services.audit import AgentAudit, Audit
from tenure.services.vendor import Span
from tenure.terms.cases import render_decision

SCHEMA = "tenure.audit/1"
Plain = dict[str, object]


def plain_audit(audit: Audit) -> Plain:
    """Return an audit as plain values."""
    reads = audit.reads
    return {
        "schema": SCHEMA,
        "at": moment(audit.at),
        "scope": audit.scope,
        "agents": [_agent(each) for each in audit.agents],
        "findings": [{"number": number, **plain_finding(finding)} for number, finding in enumerate(audit.findings, 1)],
        "read": {
            "settings": reads.settings,
            "credentials": reads.credentials,
            "connections": reads.connections,
            "content_bytes": reads.content_bytes,
            "sessions": reads.sessions,
            "files": reads.files,
        },
    }


def plain_finding(finding: Finding) -> Plain:
    """Return a finding as plain values."""
    return {
        "id": finding.id,
        "agent": finding.agent,
        "severity": str(finding.severity),
        "title": clean(finding.title),
        "proof": clean(finding.proof),
        "remedy": finding.remedy,
        "why": finding.why,
    }


def _agent(each: AgentAudit) -> Plain:
    evidence = each.evidence
    return {
        "agent": evidence.agent,
        "title": evidence.title,
        "version": evidence.version,
        "surfaces": dict(evidence.surfaces),
        "facts": [_fact(fact) for fact in evidence.facts],
        "holdings": [_holding(holding) for holding in evidence.holdings],
        "leaves": [_fact(fact) for fact in evidence.leaves],
        "kept": None if each.kept is None else _kept(each.kept),
        "terms": {str(purpose): render_decision(decision) for purpose, decision in each.terms.items()},
    }


def _kept(span: Span) -> Plain:
    lengths = [None if length is None else str(length) for length in span.found]
    return {"lengths": lengths, "turns_on": [turn.name for turn in span.turns]}


def _fact(fact: Fact) -> Plain:
    value = list(fact.value) if isinstance(fact.value, tuple) else fact.value
    return {"name": fact.name, "value": clean(value) if isinstance(value, str) else value, "state": str(fact.state), "proof": clean(fact.proof)}


def _holding(holding: Holding) -> Plain:
    return {
        "path": clean(holding.path),
        "kind": holding.kind,
        "count": holding.count,
        "bytes": holding.bytes,
        "oldest": moment(holding.oldest),
        "newest": moment(holding.newest),
        "swept": clean(holding.swept),
        "expires_next": moment(holding.expires_next),
        "vanishing": holding.vanishing,
        "past_due": holding.past_due,
        "world_readable": holding.world_readable,
    }


def moment(at: datetime | None) -> str | None:
    """Return an instant as text to the second; None stays None."""
    return None if at is None else at.replace(microsecond=0).isoformat().replace("+00:00", "Z")
