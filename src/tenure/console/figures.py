"""What telemetry tells, as tables and plots; and as the plain form that `tenure metrics` prints."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from tenure.console.charts import Plot, columns
from tenure.console.rendering import in_thousands, in_time
from tenure.services.telemetry import REQUEST, TOOL, Amount, Timing
from tenure.services.telemetry_job import Figures, Kept

SHARES = (0.5, 0.9, 0.99)
_MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Latency:
    """How long something takes.

    Attributes:
        client: whose.
        label: the model or tool; empty = all, or none that is known.
        count: how often it was.
        failures: how often it failed.
        rate: the share that failed; None = there was nothing.
        took: milliseconds below which 50 %, 90 % and 99 % lie; None = not told.
    """

    client: str
    label: str
    count: int
    failures: int
    rate: float | None
    took: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Used:
    """How much was used, such as tokens of one model."""

    client: str
    unit: str
    model: str
    part: str
    value: float


@dataclass(frozen=True, slots=True)
class Told:
    """What telemetry tells.

    Attributes:
        requests: by client and model.
        tools: by client and tool.
        usage: by client, unit, model and part.
        plots: by day.
        denied: what the terms keep from the job.
        records: how many were read.
        rows: how many rows those hold.
        job: its name, and its purposes in words.
    """

    requests: Sequence[Latency]
    tools: Sequence[Latency]
    usage: Sequence[Used]
    plots: Sequence[tuple[Plot, Sequence[tuple[str, str]]]]
    denied: Sequence[Kept]
    records: int
    rows: int
    job: tuple[str, str]


def told(figures: Figures) -> Told:
    """Arrange figures."""
    amounts = figures.telemetry.amounts()
    return Told(
        _latencies(figures, REQUEST),
        _latencies(figures, TOOL),
        _used(amounts),
        _plots(figures, amounts),
        figures.denied,
        figures.records,
        figures.rows,
        (figures.job.name, ", ".join(sorted(figures.job.purposes))),
    )


def _latencies(figures: Figures, measure: str) -> list[Latency]:
    merged = dict[tuple[str, str], Timing]()
    for about, timing in figures.telemetry.timings().items():
        if about.measure == measure:
            merged.setdefault((about.client, about.label), Timing()).merge(timing)
    return [
        Latency(client, label, each.count, each.failures, each.failure_rate, [each.took_ms.quantile(share) for share in SHARES])
        for (client, label), each in sorted(merged.items())
    ]


def _used(amounts: dict[Amount, float]) -> list[Used]:
    sums = defaultdict[tuple[str, str, str, str], float](float)
    for about, value in amounts.items():
        sums[about.client, about.unit, about.model, about.part] += value
    return [Used(*about, value) for about, value in sorted(sums.items())]


def _plots(figures: Figures, amounts: dict[Amount, float]) -> list[tuple[Plot, list[tuple[str, str]]]]:
    requests, slow, tokens = defaultdict[date, float](float), defaultdict[date, Timing](Timing), defaultdict[date, float](float)
    for about, timing in figures.telemetry.timings().items():
        if about.measure == REQUEST:
            requests[about.day] += timing.count
            slow[about.day].merge(timing)
    for amount, value in amounts.items():
        if amount.unit == "tokens":
            tokens[amount.day] += value
    medians = {day: timing.took_ms.quantile(0.5) or 0.0 for day, timing in slow.items()}
    named: tuple[tuple[str, dict[date, float], Callable[[float], str]], ...] = (
        ("Requests by day", requests, lambda value: f"{in_thousands(value)} requests"),
        ("Median latency of requests by day", medians, in_time),
        ("Tokens by day", tokens, lambda value: f"{in_thousands(value)} tokens"),
    )
    return [_plot(title, values, words) for title, values, words in named if values]


def _plot(title: str, values: dict[date, float], words: Callable[[float], str]) -> tuple[Plot, list[tuple[str, str]]]:
    days = sorted(values)[-_MOST_DAYS:]
    points = [(f"{day:%Y-%m-%d}", values[day], words(values[day])) for day in days]
    return columns(title, [(label[5:], value, told) for label, value, told in points]), [(label, told) for label, _, told in points]
