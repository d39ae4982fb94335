"""What telemetry tells: how long requests and tools take, how often they fail, how much is used by model, tool and day.

Clients tell the same thing several times, as events, as metrics and as spans. For each client, day and measure the first source of `TIMED` that has
said anything counts, and no other. A sum that is told since a start (CUMULATIVE) counts by how much it grew.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from tenure.services.sketch import Sketch
from tenure.services.usage_rows import Plain, Spread, UsageRow

REQUEST, TOOL = "request", "tool"
_CUMULATIVE = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_ERROR = 400
_NANOSECONDS_OF_MS = 1e6


class Source(NamedTuple):
    """Where a measure comes from.

    Attributes:
        signal: metrics, logs or traces.
        name: of the event, the metric or the span.
        measure: `request` or `tool`.
        duration: the attribute that holds the milliseconds; empty = the value does.
        failure: what tells a failure: `always`, an attribute that is false then, or one that is a status of 400 and above then; empty = nothing.
        label: the attribute that names the tool or the model.
    """

    signal: str
    name: str
    measure: str
    duration: str = ""
    failure: str = ""
    label: str = ""


TIMED: dict[str, tuple[tuple[Source, ...], ...]] = {
    "claude_code": (
        (
            Source("logs", "api_request", REQUEST, "duration_ms", "", "model"),
            Source("logs", "api_error", REQUEST, "duration_ms", "always", "model"),
            Source("logs", "tool_result", TOOL, "duration_ms", "success", "tool_name"),
        ),
        (
            Source("traces", "claude_code.llm_request", REQUEST, "duration_ms", "success", "model"),
            Source("traces", "claude_code.tool", TOOL, "duration_ms", "", "tool_name"),
        ),
    ),
    "codex": (
        (
            Source("logs", "codex.api_request", REQUEST, "duration_ms", "http.response.status_code", "model"),
            Source("logs", "codex.tool_result", TOOL, "duration_ms", "success", "tool_name"),
        ),
        (
            Source("metrics", "codex.api_request.duration_ms", REQUEST, "", "success", "model"),
            Source("metrics", "codex.tool.call.duration_ms", TOOL, "", "success", "tool"),
        ),
    ),
    "gemini_cli": (
        (
            Source("logs", "gemini_cli.api_response", REQUEST, "duration_ms", "", "model"),
            Source("logs", "gemini_cli.api_error", REQUEST, "duration_ms", "always", "model"),
            Source("logs", "gemini_cli.tool_call", TOOL, "duration_ms", "success", "function_name"),
        ),
        (
            Source("metrics", "gemini_cli.api.request.latency", REQUEST, "", "", "model"),
            Source("metrics", "gemini_cli.tool.call.latency", TOOL, "", "", "function_name"),
        ),
        (Source("traces", "tool_call", TOOL, "", "", "gen_ai.tool.name"),),
    ),
}
"""By client, the sources in the order in which they are preferred."""

AMOUNTS = {
    "claude_code.token.usage": ("tokens", "type"),
    "codex.turn.token_usage": ("tokens", "token_type"),
    "gemini_cli.token.usage": ("tokens", "type"),
    "claude_code.cost.usage": ("usd", ""),
    "claude_code.lines_of_code.count": ("lines", "type"),
    "gemini_cli.lines.changed": ("lines", "type"),
}
"""Metrics that are added up: their unit and the attribute that says which part it is."""


@dataclass(slots=True)
class Timing:
    """Of one measure: how long it took, how often it was, how often it failed."""

    took_ms: Sketch = field(default_factory=Sketch)
    count: int = 0
    failures: int = 0

    def merge(self, other: "Timing") -> None:
        """Add another one."""
        self.took_ms.merge(other.took_ms)
        self.count += other.count
        self.failures += other.failures

    @property
    def failure_rate(self) -> float | None:
        """The share that failed; None = there was nothing."""
        return self.failures / self.count if self.count else None


class About(NamedTuple):
    """What a timing is about.

    Attributes:
        day: on which, UTC.
        client: of the schema.
        measure: `request` or `tool`.
        label: the model or the tool; empty = not told, or no known one.
    """

    day: date
    client: str
    measure: str
    label: str


class Amount(NamedTuple):
    """What an amount is about.

    Attributes:
        day: on which, UTC.
        client: of the schema.
        unit: tokens, usd or lines.
        model: empty = not told, or no known one.
        part: such as `input`; empty = all of it.
    """

    day: date
    client: str
    unit: str
    model: str
    part: str


class Telemetry:
    """Adds up rows."""

    def __init__(self) -> None:
        self._timings: dict[tuple[int, About], Timing] = {}
        self._amounts: dict[Amount, float] = {}
        self._series: dict[tuple[str | None, str, bytes, int], tuple[int, float]] = {}
        self._sources = {
            (client, source.signal, source.name): (rank, source)
            for client, ranked in TIMED.items()
            for rank, sources in enumerate(ranked)
            for source in sources
        }

    def add(self, session: str | None, rows: Iterable[UsageRow]) -> None:
        """Add rows of one session; of a CUMULATIVE series, the older ones first.

        Args:
            session: its id, or any name for it; None = rows without one.
            rows: each once.
        """
        for row in rows:
            found = self._sources.get((row.client, row.signal, row.name))
            if found is not None:
                self._time(*found, row, session)
            elif row.signal == "metrics" and row.name in AMOUNTS:
                unit, part = AMOUNTS[row.name]
                amount = Amount(_day(row.at), row.client, unit, _text(row.attributes.get("model")), _text(row.attributes.get(part)))
                self._amounts[amount] = self._amounts.get(amount, 0.0) + self._growth(session, row)

    def _time(self, rank: int, source: Source, row: UsageRow, session: str | None) -> None:
        about = About(_day(row.at), row.client, source.measure, _text(row.attributes.get(source.label)))
        timing = self._timings.setdefault((rank, about), Timing())
        took = row.attributes.get(source.duration) if source.duration else row.value
        count = 1
        if isinstance(took, Spread):
            count = self._spread(timing.took_ms, took, session, row)
        elif isinstance(took, int | float):
            timing.took_ms.add(took if source.duration or row.signal != "traces" else took / _NANOSECONDS_OF_MS)
        timing.count += count
        timing.failures += count * _failed(source.failure, row.attributes)

    def _spread(self, sketch: Sketch, spread: Spread, session: str | None, row: UsageRow) -> int:
        """Count the buckets of a histogram at their ends; of a CUMULATIVE one the last is counted, scaled to what came since the one before."""
        grown = round(self._growth(session, row._replace(value=spread.count)))
        weight = grown / spread.count if spread.count else 0
        ends = (*spread.bounds, spread.most if spread.most is not None else spread.bounds[-1]) if spread.bounds else ()
        for end, count in zip(ends, spread.counts, strict=True) if ends else ():
            sketch.add(end if spread.most is None else min(end, spread.most), round(count * weight))
        if not ends and spread.count and spread.total is not None:
            sketch.add(spread.total / spread.count, grown)
        return grown

    def _growth(self, session: str | None, row: UsageRow) -> float:
        value = row.value if not isinstance(row.value, Spread) else row.value.total or 0.0
        if row.detail != _CUMULATIVE:
            return value
        series = (session, row.name, row.series, row.start)
        at, before = self._series.get(series, (-1, 0.0))
        if row.at <= at:
            return 0.0
        self._series[series] = (row.at, value)
        return value - before

    def timings(self) -> dict[About, Timing]:
        """Return all timings, each from the first source that has said anything of that client, day and measure."""
        said: dict[tuple[date, str, str], int] = {}
        for rank, about in self._timings:
            said[about[:3]] = min(rank, said.get(about[:3], rank))
        return {about: timing for (rank, about), timing in self._timings.items() if said[about[:3]] == rank}

    def over(self, measure: str) -> dict[str, Timing]:
        """Return the timings of a measure by client, over all days and labels."""
        found: dict[str, Timing] = {}
        for about, timing in self.timings().items():
            if about.measure == measure:
                found.setdefault(about.client, Timing()).merge(timing)
        return found

    def amounts(self) -> dict[Amount, float]:
        """Return all amounts."""
        return dict(self._amounts)


def _failed(failure: str, attributes: dict[str, Plain]) -> bool:
    if failure == "always":
        return True
    told = attributes.get(failure)
    return told is False or (type(told) is int and told >= _FIRST_ERROR)


def _day(at: int) -> date:
    return (_EPOCH + timedelta(microseconds=at // 1_000)).date()


def _text(value: Plain | None) -> str:
    return value if isinstance(value, str) else ""
