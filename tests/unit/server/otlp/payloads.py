"""Payloads for the tests: real captures with their long texts taken out, and both encodings by the official classes."""

import base64
import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest, ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tenure.server.otlp.drops import Drops
from tenure.server.otlp.framing import parse_frame, render_frame
from tenure.server.otlp.intake import Reader
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.rows import Reading, Row
from tenure.server.otlp.schema import Signal, packaged_schema

CAPTURES = Path(__file__).parents[3] / "golden" / "otlp"
REQUESTS = {Signal.METRICS: ExportMetricsServiceRequest, Signal.LOGS: ExportLogsServiceRequest, Signal.TRACES: ExportTraceServiceRequest}
RESPONSES = {Signal.METRICS: ExportMetricsServiceResponse, Signal.LOGS: ExportLogsServiceResponse, Signal.TRACES: ExportTraceServiceResponse}
SCHEMA = packaged_schema()
SESSION = "2a594641-dbdb-416a-9d73-5ea347f00db0"
AT = 1_795_339_742_565_000_000
IDS = ("traceId", "spanId", "parentSpanId")
WAYS = ("protobuf", "json", "grpc")


def session_key(session: str | None) -> bytes:
    return f"key of {session}".encode()


def reader(drops: Drops | None = None) -> Reader:
    return Reader(SCHEMA, session_key, drops or Drops(b"of the store"))


def captures() -> Iterator[tuple[str, Signal, Message]]:
    """Each payload of each capture, with the name of the client."""
    for path in sorted(CAPTURES.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            signal = Signal(entry["signal"])
            yield path.name.split(".")[0], signal, json_format.ParseDict(to_base64(entry["data"]), REQUESTS[signal](), ignore_unknown_fields=True)


def to_base64(value: Any) -> Any:  # any JSON
    """Ids as protobuf's own JSON has them."""
    if isinstance(value, dict):
        return {
            k: base64.b64encode(bytes.fromhex(v)).decode() if k in IDS and len(v) in (16, 32) else to_base64(v)
            for k, v in value.items()
            if v is not None
        }
    return [to_base64(each) for each in value] if isinstance(value, list) else value


def to_hex(value: Any) -> Any:  # any JSON
    """Ids as OTLP's JSON has them."""
    if isinstance(value, dict):
        return {k: base64.b64decode(v).hex() if k in IDS else to_hex(v) for k, v in value.items()}
    return [to_hex(each) for each in value] if isinstance(value, list) else value


def as_json(message: Message, **options: bool) -> bytes:
    return json.dumps(to_hex(json_format.MessageToDict(message, **options))).encode()


def send(way: str, signal: Signal, message: Message, to: Reader | None = None) -> Reading:
    to = to or reader()
    if way == "json":
        return to.read(signal, Encoding.JSON, as_json(message))
    data = message.SerializeToString()
    if way == "grpc":
        frame = parse_frame(render_frame(data), 2**22)
        assert frame is not None
        data = frame.message
    return to.read(signal, Encoding.PROTOBUF, data)


def told(row: Row) -> tuple[object, ...]:
    """All that a row says, but its marks."""
    return row.name.text, row.labels.session, row.labels.values, row.start, row.at, row.value, row.detail


def words(row: Row) -> dict[str, object]:
    """The attributes of a row in words."""
    return {SCHEMA.keys[place].name: SCHEMA.plain(value) for place, value in row.labels.values}


def attribute(key: str, value: str | bool | int | float) -> KeyValue:
    match value:
        case bool():
            return KeyValue(key=key, value=AnyValue(bool_value=value))
        case int():
            return KeyValue(key=key, value=AnyValue(int_value=value))
        case float():
            return KeyValue(key=key, value=AnyValue(double_value=value))
    return KeyValue(key=key, value=AnyValue(string_value=value))


def metrics(name: str = "claude_code.token.usage", *, resource: dict[str, str] | None = None, value: float = 5.0, **attributes: Any) -> Message:
    """One DELTA point; an attribute's name has `_dot_` where its key has a dot."""
    request = ExportMetricsServiceRequest()
    group = request.resource_metrics.add()
    group.resource.attributes.extend(attribute(key, each) for key, each in (resource or {}).items())
    metric = group.scope_metrics.add().metrics.add(name=name)
    metric.sum.aggregation_temporality = 1
    point = metric.sum.data_points.add(start_time_unix_nano=AT, time_unix_nano=AT + 10, as_double=value)
    point.attributes.extend(attribute(key.replace("_dot_", "."), each) for key, each in attributes.items())
    return request


def logs(name: str = "api_request", **attributes: Any) -> Message:
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add(time_unix_nano=AT)
    record.attributes.append(attribute("event.name", name))
    record.attributes.extend(attribute(key.replace("_dot_", "."), each) for key, each in attributes.items())
    return request


def spans(name: str = "claude_code.tool", **attributes: Any) -> Message:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add(name=name, start_time_unix_nano=AT, end_time_unix_nano=AT + 10)
    span.trace_id, span.span_id, span.parent_span_id = b"t" * 16, b"s" * 8, b"p" * 8
    span.attributes.extend(attribute(key.replace("_dot_", "."), each) for key, each in attributes.items())
    return request


def changed(message: Message) -> Message:
    """A copy to change."""
    return copy.deepcopy(message)
