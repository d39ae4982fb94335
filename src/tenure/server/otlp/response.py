"""The answer to an export request, in the request's encoding. Its message is fixed: it repeats nothing of what came.

Source: opentelemetry.io/docs/specs/otlp, "Partial Success".
"""

from enum import StrEnum

import msgspec

from tenure.server.otlp.schema import Signal

MESSAGE = "not kept: no name of the schema, or no finite number; see docs/reference/telemetry.md"


class Encoding(StrEnum):
    """How a payload is written."""

    PROTOBUF = "application/x-protobuf"
    JSON = "application/json"


_REJECTED = {Signal.METRICS: "rejectedDataPoints", Signal.LOGS: "rejectedLogRecords", Signal.TRACES: "rejectedSpans"}


def render_response(signal: Signal, encoding: Encoding, rejected: int) -> bytes:
    """Render the answer; what was dropped of rows that are kept is not told."""
    if encoding is Encoding.JSON:
        partial = {"partialSuccess": {_REJECTED[signal]: str(rejected), "errorMessage": MESSAGE}} if rejected else {}
        return msgspec.json.encode(partial)
    if not rejected:
        return b""
    message = MESSAGE.encode()
    partial_bytes = b"\x08" + _varint(rejected) + b"\x12" + _varint(len(message)) + message
    return b"\x0a" + _varint(len(partial_bytes)) + partial_bytes


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    found.append(value)
    return bytes(found)
