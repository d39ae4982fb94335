"""What was found out about one agent on one machine, each item with its proof. Values only; how they are found is in the agents' own modules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

FactValue = str | int | float | bool | None | tuple[str, ...]

PERSONAL = "agreement.personal"
"""Name of the fact that the plan is a person's own: no organisation's agreement, so none of its flags."""


class State(StrEnum):
    """How a fact is known."""

    MEASURED = "measured"
    DEFAULT = "default"
    ATTESTED = "attested"
    INFERRED = "inferred"
    UNKNOWN = "unknown"


class Severity(StrEnum):
    """How much a finding matters to the person."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing known, or known to be unknown.

    Attributes:
        name: dotted name, such as `tier`, `provider`, `setting.cleanupPeriodDays`, `env.DISABLE_TELEMETRY`, `flag.NAME`.
        value: what it is; None when unknown.
        state: how it is known.
        proof: `file:key` (with a line where there is one), a documentation page with its date, or the reason why it is unknown.
    """

    name: str
    value: FactValue
    state: State
    proof: str


@dataclass(frozen=True, slots=True)
class Holding:
    """A place where an agent keeps data.

    Attributes:
        path: folder, file or pattern, the home folder written as `~`.
        kind: what lies there: a data kind of the terms, or `cache`, `log`, `memory`, `database`.
        count: files, or rows where the unit is a row.
        bytes: size on disk.
        oldest: time of the oldest, aware UTC; None when empty or unknown.
        newest: time of the newest.
        swept: what removes it and when, in words; `never` when nothing does; `unknown`.
        expires_next: when the next of it vanishes; None when nothing does.
        vanishing: how many vanish within 7 days.
        past_due: how many lie past their time.
        world_readable: how many can be read by other users of the machine.
    """

    path: str
    kind: str
    count: int
    bytes: int
    oldest: datetime | None = None
    newest: datetime | None = None
    swept: str = "unknown"
    expires_next: datetime | None = None
    vanishing: int = 0
    past_due: int = 0
    world_readable: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does other than it seems, or that the person would want to know.

    Attributes:
        id: stable id, such as `claude_code/telemetry-zero-still-opts-out`; documented in docs/reference/findings.md.
        agent: the agent's id.
        severity: how much it matters.
        title: one sentence.
        proof: where it was seen.
        remedy: what to do about it.
        why: the longer explanation that `tenure why` prints, with its source.
    """

    id: str
    agent: str
    severity: Severity
    title: str
    proof: str
    remedy: str
    why: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that one agent's rules made of one machine.

    Attributes:
        agent: the agent's id.
        title: its name for people.
        version: the client's version; None when unknown.
        facts: what is known of tier, provider, settings, variables.
        holdings: what lies where.
        findings: what does other than it seems.
        leaves: what leaves the machine besides prompts, by name, with the fact that says so.
        surfaces: sessions per surface, of the closed list of the terms; `unknown` counts those that do not tell.
    """

    agent: str
    title: str
    version: str | None
    facts: tuple[Fact, ...]
    holdings: tuple[Holding, ...]
    findings: tuple[Finding, ...]
    leaves: tuple[Fact, ...] = ()
    surfaces: Mapping[str, int] = field(default_factory=dict)
