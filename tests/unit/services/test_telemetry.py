"""What telemetry tells: latency, reliability and usage, from the rows of real clients and from rows that are made up."""

import math
import random
from datetime import date

import pytest
from tests.unit.server.otlp.payloads import SCHEMA, captures, send

from tenure.server.otlp.batch import render_batch
from tenure.server.otlp.rows import by_session
from tenure.services.sketch import ACCURACY, Sketch
from tenure.services.telemetry import REQUEST, TOOL, About, Amount, Telemetry
from tenure.services.usage_rows import Spread, UsageRow, parse_columns, rows_of

DAY = date(2026, 11, 22)
AT = 1_795_339_742_565_000_000


def of_captures() -> Telemetry:
    """Of Claude Code there are three captures of the same script, of the others one."""
    telemetry = Telemetry()
    for _, signal, message in captures():
        for session, rows in by_session(send("protobuf", signal, message).rows).items():
            telemetry.add(session, rows_of(parse_columns(render_batch(SCHEMA, rows))))
    return telemetry


def row(
    name: str,
    value: float | Spread = 1,
    *,
    at: int = AT,
    signal: str = "logs",
    client: str = "claude_code",
    detail: int = 0,
    series: bytes = b"",
    **attributes,
) -> UsageRow:
    return UsageRow(signal, client, name, attributes, series, AT - 5 if signal == "metrics" else 0, at, detail, value)


def test_requests_and_tools_of_real_clients_are_counted_once() -> None:
    telemetry = of_captures()
    requests, tools = telemetry.over(REQUEST), telemetry.over(TOOL)

    assert {client: (timing.count, timing.failures) for client, timing in requests.items()} == {
        "claude_code": (3 * 10, 0),
        "codex": (2, 0),
        "gemini_cli": (4, 0),
    }
    assert {client: (timing.count, timing.failures) for client, timing in tools.items()} == {
        "claude_code": (3 * 6, 3),
        "codex": (1, 0),
        "gemini_cli": (2, 0),
    }
    assert all(timing.took_ms.quantile(0.5) for timing in requests.values())


def test_usage_of_real_clients_is_by_day_model_and_part() -> None:
    amounts = of_captures().amounts()

    assert amounts[Amount(DAY, "claude_code", "tokens", "claude-opus-4.8[1m]", "output")] == 3 * 420
    assert amounts[Amount(DAY, "codex", "tokens", "gpt-codex-5", "input")] == 200
    assert amounts[Amount(DAY, "gemini_cli", "tokens", "", "input")] == 400
    assert amounts[Amount(DAY, "claude_code", "usd", "claude-opus-4.8[1m]", "")] > 0
    assert amounts[Amount(DAY, "gemini_cli", "lines", "", "added")] == 1


def test_failures_are_errors_over_requests() -> None:
    telemetry = Telemetry()
    telemetry.add("s", [row("api_request", duration_ms=10)] * 3 + [row("api_error", duration_ms=40)])
    timing = telemetry.over(REQUEST)["claude_code"]

    assert (timing.count, timing.failures, timing.failure_rate) == (4, 1, 0.25)
    assert timing.took_ms.quantile(1.0) == pytest.approx(40, rel=ACCURACY)


@pytest.mark.parametrize(("status", "failures"), [(200, 0), (399, 0), (400, 1), (529, 1), (True, 0)])
def test_status_of_400_and_above_is_a_failure(status: int, failures: int) -> None:
    telemetry = Telemetry()
    telemetry.add("s", [row("codex.api_request", client="codex", **{"http.response.status_code": status})])

    assert telemetry.over(REQUEST)["codex"].failures == failures


def test_second_source_counts_only_where_the_first_said_nothing() -> None:
    metric = row(
        "codex.tool.call.duration_ms",
        Spread(2, 30.0, 10.0, 20.0, (15.0,), (1, 1), ()),
        signal="metrics",
        client="codex",
        detail=1,
        tool="exec_command",
    )
    event = row("codex.tool_result", client="codex", tool_name="exec_command", duration_ms=7, success=False)
    alone, both = Telemetry(), Telemetry()
    alone.add("s", [metric])
    both.add("s", [metric, event])

    assert (alone.over(TOOL)["codex"].count, both.over(TOOL)["codex"].count) == (2, 1)
    assert set(both.timings()) == {About(DAY, "codex", TOOL, "exec_command")}
    assert alone.over(TOOL)["codex"].took_ms.quantile(1) == pytest.approx(20, rel=ACCURACY)


def test_sum_that_goes_on_counts_by_how_much_it_grew() -> None:
    telemetry = Telemetry()
    tokens = [
        row("gemini_cli.token.usage", value, at=AT + at, signal="metrics", client="gemini_cli", detail=2, type="input")
        for at, value in ((1, 10), (2, 25), (2, 25), (3, 40), (1, 10))
    ]
    telemetry.add("s", tokens)
    telemetry.add("s", [tokens[0]._replace(series=b"other")])
    telemetry.add("t", tokens[:1])
    telemetry.add("s", [tokens[0]._replace(start=AT, at=AT + 9, value=5)])

    assert telemetry.amounts() == {Amount(DAY, "gemini_cli", "tokens", "", "input"): 40 + 10 + 10 + 5}


def test_delta_counts_whole() -> None:
    telemetry = Telemetry()
    telemetry.add("s", [row("claude_code.token.usage", 7, signal="metrics", detail=1, type="input", model="m")] * 2)

    assert telemetry.amounts() == {Amount(DAY, "claude_code", "tokens", "m", "input"): 14}


def test_span_counts_in_milliseconds() -> None:
    telemetry = Telemetry()
    telemetry.add("s", [row("tool_call", 5_000_000, signal="traces", client="gemini_cli")])

    assert telemetry.over(TOOL)["gemini_cli"].took_ms.quantile(0.5) == pytest.approx(5, rel=ACCURACY)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.99, 1.0])
def test_quantile_is_as_accurate_as_it_says(share: float) -> None:
    rng = random.Random(7)  # noqa: S311 - seeded, not secret
    values = sorted(rng.lognormvariate(4, 2) for _ in range(5_000))
    one, other = Sketch(), Sketch()
    for index, value in enumerate(values):
        (one if index % 2 else other).add(value)
    one.merge(other)

    assert one.quantile(share) == pytest.approx(values[math.floor(share * 4_999)], rel=ACCURACY * 1.001)
    assert len(one) == 5_000


def test_quantile_of_nothing_is_none_and_zeros_are_zero() -> None:
    sketch = Sketch()
    assert sketch.quantile(0.5) is None
    sketch.add(0.0, 3)
    sketch.add(-1.0)
    sketch.add(10)
    assert [sketch.quantile(share) for share in (0.0, 0.7)] == [0.0, 0.0]
    assert sketch.quantile(1.0) == pytest.approx(10, rel=ACCURACY)
