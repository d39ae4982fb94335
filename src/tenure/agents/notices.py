"""Notices: what a finding says, apart from where it was seen. Each agent has a literal table of them; docs/reference/findings.md lists them all."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tenure.agents.facts import FactValue, Finding, Holding, Severity
from tenure.agents.settings import Found, Malformed, Source


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

EVERYWHERE: Notices = {
    "world-readable-transcripts": Notice(
        Severity.HIGH,
        "{count} with prompts or code can be read by other users of this machine",
        "chmod -R go-rwx the folder named above.",
        "What an agent keeps is plain text. The files' mode, and that of the folders from the home folder down to them, lets every user of the "
        "machine "
        "read them.",
        "file modes on this machine",
    ),
    "world-readable-behind-home": Notice(
        Severity.LOW,
        "{count} with prompts or code: readable by all, only the home folder shields them",
        "chmod -R go-rwx the folder named above.",
        "The files' own mode lets every user read them. The home folder is closed to others, so they are out of reach until that changes.",
        "file modes on this machine",
    ),
    "settings-unreadable": Notice(
        Severity.HIGH,
        "{path} cannot be read ({problem}): its choices may not count",
        "Repair the file; what it says, opt-outs included, may not be in force.",
        "What a file that cannot be read says is not known, to Tenure and perhaps to the agent.",
        "the file itself",
    ),
    "setting-malformed": Notice(
        Severity.MEDIUM,
        "{key} is not written as the agent expects ({problem}): what it says is not known",
        "Write it in the documented form; opt-outs in it may not be in force.",
        "What an agent makes of a setting of another form is not documented: it may pass over the key, or over the whole file. What rests on it is "
        "shown as unknown.",
        "the file itself",
    ),
    "project-settings-change-privacy": Notice(
        Severity.MEDIUM,
        "A checked-in settings file changes your privacy: {keys}",
        "Read it, and set the same keys where they are stronger if you want otherwise.",
        "A project's settings are stronger than your own. Whoever can commit to the repository can change what leaves your machine and what is kept.",
        "the agent's documentation of its settings layers, read October 2026",
    ),
}
"""What may be found of any agent."""

_CONTENT = frozenset({"local_transcript", "local_prompt_history", "prompt", "code", "output", "memory", "feedback_report", "database"})


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


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 file` or `7 files`."""
    plural = noun[:-1] + "ies" if noun.endswith("ry") else noun + "s"
    return f"{number} {noun if number == 1 else plural}"


def exposed(agent: str, notices: Notices, holdings: Iterable[Holding], home_is_open: bool) -> Iterator[Finding]:
    """Say that files with content can be read by other users."""
    found = [holding for holding in holdings if holding.world_readable and holding.kind in _CONTENT]
    if found:
        slug = "world-readable-transcripts" if home_is_open else "world-readable-behind-home"
        yield find(agent, notices, slug, found[0].path, {"count": counted(sum(holding.world_readable for holding in found), "file")})


def unreadable(agent: str, notices: Notices, sources: Iterable[Source]) -> Iterator[Finding]:
    """Say that settings files could not be read."""
    for source in sources:
        if source.problem:
            yield find(agent, notices, "settings-unreadable", source.path, {"path": source.path, "problem": source.problem})


def malformed(agent: str, notices: Notices, found: Iterable[tuple[Source, Found]]) -> Iterator[Finding]:
    """Say that keys that should hold others do not."""
    for _, entry in found:
        if isinstance(entry.value, Malformed):
            key = entry.proof.partition(" (line")[0].rpartition(":")[2]
            yield find(agent, notices, "setting-malformed", entry.proof, {"key": key, "problem": entry.value.reason})
