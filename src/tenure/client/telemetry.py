"""Telemetry over OTLP: numbers, and words of closed lists. A value that is on no list is left out, so there is no way for a text to get in.

Names and keys are those of Claude Code, which collectors know. Source: OpenTelemetry protocol 1.x, JSON encoding.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time

import msgspec

from tenure.client.service import Block

Send = Callable[[str, bytes], None]
"""Sends the payload of a signal: `metrics` or `logs`."""

WORDS: Mapping[str, frozenset[str]] = {
    "type": frozenset({"input", "output", "cacheRead", "cacheCreation"}),
    "start_type": frozenset({"fresh"}),
    "terminal.type": frozenset({"xterm", "non-interactive"}),
    "tool_name": frozenset({"Read", "Write", "Bash"}),
    "decision": frozenset({"accept", "reject"}),
    "source": frozenset({"config", "user_temporary", "user_reject"}),
    "survey_type": frozenset({"session"}),
    "event_type": frozenset({"responded"}),
    "response": frozenset({"dismissed", "bad", "fine", "good"}),
    "event.name": frozenset({"api_request", "api_error", "tool_decision", "tool_result", "feedback_survey"}),
}
"""The keys that hold a word, and every word that each can hold."""
TOKENS = frozenset({"input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens"})
NUMBERS = TOKENS | {"duration_ms", "status_code", "event.sequence", "tool_result_size_bytes"}
"""The keys that hold a whole number."""
SUCCESS = "success"
_MODEL = re.compile(r"claude-(?:opus|sonnet|haiku|fable|mythos)-\d{1,2}(?:-\d{1,2})?(?:-\d{8})?(?:\[1m\])?", re.ASCII)
METRICS = frozenset({"claude_code.session.count", "claude_code.token.usage", "claude_code.code_edit_tool.decision"})
RATINGS = ("dismissed", "bad", "fine", "good")
"""By the number of the rating."""


class Telemetry:
    """What is counted in one session.

    Args:
        session: id of the session.
        version: of the agent.
        terminal: `xterm` or `non-interactive`.
        now: the present.
        send: sends a payload; None = telemetry is off, and nothing is collected.
    """

    def __init__(self, session: str, version: str, terminal: str, now: Callable[[], datetime], send: Send | None) -> None:
        self._version = version
        self._common: list[Block] = [*attributes({"terminal.type": terminal}), {"key": "session.id", "value": {"stringValue": session}}]
        self._now = now
        self._send = send
        self._begun = _nanos(now())
        self._sequence = 0
        self._points: dict[str, list[Block]] = {}
        self._events: list[Block] = []

    def count(self, metric: str, value: int, **given: object) -> None:
        """Count something."""
        if self._send is not None and metric in METRICS:
            self._points.setdefault(metric, []).append({"attributes": self._attributes(given), "asInt": str(value)})

    def event(self, name: str, **given: object) -> None:
        """Note that something happened."""
        if self._send is not None:
            when = _nanos(self._now())
            more = self._attributes({**given, "event.name": name, "event.sequence": self._sequence})
            self._sequence += 1
            self._events.append({"timeUnixNano": when, "observedTimeUnixNano": when, "attributes": more})

    def flush(self) -> None:
        """Send what was collected since the last time."""
        if self._send is None:
            return
        until = _nanos(self._now())
        if self._points:
            self._send("metrics", metrics_payload(self._points, self._begun, until, self._version))
        if self._events:
            self._send("logs", logs_payload(self._events, self._version))
        self._begun, self._points, self._events = until, {}, []

    def _attributes(self, given: Mapping[str, object]) -> list[Block]:
        return [*self._common, *attributes(given)]


def attributes(given: Mapping[str, object]) -> list[Block]:
    """Return attributes as OTLP has them, without those that no list allows."""
    found: list[Block] = []
    for key, value in given.items():
        if key in WORDS and isinstance(value, str) and value in WORDS[key]:
            found.append({"key": key, "value": {"stringValue": value}})
        elif key in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
            found.append({"key": key, "value": {"intValue": str(value)}})
        elif key == SUCCESS and isinstance(value, bool):
            found.append({"key": key, "value": {"boolValue": value}})
        elif key == "model" and isinstance(value, str) and _MODEL.fullmatch(value):
            found.append({"key": key, "value": {"stringValue": value}})
    return found


def rating_payload(rating: int, day: date, version: str) -> bytes:
    """Return a rating for one's own collector: the number's word and the day, nothing of the session."""
    when = _nanos(datetime.combine(day, time(), UTC))
    word = {"event.name": "feedback_survey", "event_type": "responded", "survey_type": "session", "response": RATINGS[rating]}
    return logs_payload([{"timeUnixNano": when, "observedTimeUnixNano": when, "attributes": attributes(word)}], version)


def metrics_payload(points: Mapping[str, list[Block]], begun: str, until: str, version: str) -> bytes:
    """Return counted points as OTLP JSON: sums of what came since the last payload."""
    metrics = []
    for name, counted in points.items():
        timed = [{**point, "startTimeUnixNano": begun, "timeUnixNano": until} for point in counted]
        metrics.append({"name": name, "sum": {"aggregationTemporality": 1, "isMonotonic": True, "dataPoints": timed}})
    return msgspec.json.encode({"resourceMetrics": [{"resource": _resource(version), "scopeMetrics": [{"scope": {}, "metrics": metrics}]}]})


def logs_payload(events: list[Block], version: str) -> bytes:
    """Return events as OTLP JSON."""
    return msgspec.json.encode({"resourceLogs": [{"resource": _resource(version), "scopeLogs": [{"scope": {}, "logRecords": events}]}]})


def _resource(version: str) -> Block:
    named = {"service.name": "tenure-agent", "service.version": version}
    return {"attributes": [{"key": key, "value": {"stringValue": value}} for key, value in named.items()]}


def _nanos(at: datetime) -> str:
    return str(int(at.timestamp()) * 1_000_000_000 + at.microsecond * 1000)
