"""Notices: what a finding says, apart from where it was seen. Each agent has a literal table of them; docs/reference/findings.md lists them all."""

from collections.abc import Mapping
from dataclasses import dataclass

from tenure.agents.facts import FactValue, Finding, Severity


@dataclass(frozen=True, slots=True)
class Notice:
    """What a finding says.

    Attributes:
        severity: how much it matters.
        title: one sentence; may hold `{names}` of counts and paths.
        remedy: what to do about it.
        why: the longer explanation.
        source: page, file or thread that says so, with the day it was read.
    """

    severity: Severity
    title: str
    remedy: str
    why: str
    source: str


Notices = Mapping[str, Notice]


def find(
    agent: str, notices: Notices, slug: str, proof: str, values: Mapping[str, FactValue] | None = None, severity: Severity | None = None
) -> Finding:
    """Make a finding out of a notice.

    Args:
        agent: the agent's id.
        notices: its table.
        slug: which notice.
        proof: where it was seen.
        values: what stands in the title's braces.
        severity: another severity than the notice's.
    """
    notice = notices[slug]
    title = notice.title.format(**(values or {}))
    return Finding(f"{agent}/{slug}", agent, severity or notice.severity, title, proof, notice.remedy, f"{notice.why} Source: {notice.source}.")
