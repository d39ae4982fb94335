"""Attributes in the binary form, and the rows of events and spans, which both readers make alike."""

from tenure.server.otlp.gather import DROPPED, Gather, Pair, Taken
from tenure.server.otlp.memory import LONGEST_PAIR, LONGEST_SET, Context, remember
from tenure.server.otlp.rows import Labels
from tenure.server.otlp.schema import Client, Signal
from tenure.server.otlp.values import Given
from tenure.server.otlp.wire import double, fields, signed, text, varint

EVENT_NAME = "event.name"
_SEVERITIES, _CODES = range(25), range(3)
_TRACE_DIGITS, _SPAN_DIGITS = 32, 16


def pair(data: bytes) -> Pair:
    """Read a KeyValue.

    Raises:
        DataError: it is none.
    """
    end = len(data)
    if end > 3 and data[0] == 0x0A and data[1] < 128:
        stop = data[1] + 2
        if stop + 2 <= end and data[stop] == 0x12 and data[stop + 1] == end - stop - 2 < 128:
            return text(data[2:stop]), _value(data[stop + 2 :])
    key = ""
    values: list[bytes] = []
    for tag, start, stop in fields(data):
        if tag == 0x0A:
            key = text(data[start:stop])
        elif tag == 0x12:
            values.append(data[start:stop])
    return key, _value(b"".join(values)) if values else None


def _value(data: bytes) -> Given:
    end = len(data)
    if end > 1 and data[0] == 0x0A and data[1] == end - 2 < 128:
        return text(data[2:])
    found: Given = None
    for tag, start, stop in fields(data):
        match tag:
            case 0x0A:
                found = text(data[start:stop])
            case 0x10:
                found = bool(start)
            case 0x18:
                found = signed(start)
            case 0x21:
                found = double(data, start)
            case 0x2A | 0x32 | 0x3A:
                found = data[start:stop]
    return found


class Attributes:
    """Makes labels, and the rows of events and spans."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather

    def labels(self, context: Context, client: Client, data: bytes, tag: int, spans: list[tuple[int, int]]) -> Labels:
        """Make the labels of a point from where its attributes lie in it; a set that was kept whole before is recognised by its bytes."""
        return self.of_parts(context, client, tag, _run(data, tag, spans), [data[start:stop] for start, stop in spans])

    def of_parts(self, context: Context, client: Client, tag: int, raw: bytes | None, parts: list[bytes]) -> Labels:
        """Make labels from single attributes; `raw` is all of them as they came, None where something lies between them."""
        known = context.of(client.place, tag)
        found = known.get(raw) if raw is not None else None
        if found is not None:
            return found
        pairs = self._gather.memory.pairs(client.place)
        taken = [pairs.get(part) or self._take(client, part, pairs) for part in parts]
        found = self._gather.labels(context, client, taken)
        if raw is not None and len(raw) <= LONGEST_SET and all([place != DROPPED for _, place, _ in taken]):  # noqa: C419 - a list is faster here
            remember(known, raw, found)
        return found

    def _take(self, client: Client, raw: bytes, known: dict[bytes, Taken]) -> Taken:
        found = self._gather.take(client, pair(raw))
        if found[1] != DROPPED and len(raw) <= LONGEST_PAIR:
            remember(known, raw, found)
        return found

    def event(self, context: Context, field: str, pairs: list[Pair], at: int, severity: int, ids: tuple[str, str]) -> None:
        """Make the row of a log record; its name is the attribute `event.name`, or else its field of that name."""
        gather = self._gather
        gather.count()
        named = next((given for key, given in reversed(pairs) if key == EVENT_NAME and isinstance(given, str)), field)
        name = gather.name(Signal.LOGS, named)
        if name is None:
            gather.reject()
            return
        taken = [gather.take(name.client, found) for found in pairs if found[0] != EVENT_NAME]
        taken += gather.built_in("trace.id", ids[0], _TRACE_DIGITS) + gather.built_in("span.id", ids[1], _SPAN_DIGITS)
        gather.add(name, gather.labels(context, name.client, taken), (0, at), 1, severity if severity in _SEVERITIES else 0)

    def span(self, context: Context, text: str, pairs: list[Pair], times: tuple[int, int], code: int, ids: tuple[str, str, str]) -> None:
        """Make the row of a span: its value is the nanoseconds that it took."""
        gather = self._gather
        gather.count()
        name = gather.name(Signal.TRACES, text)
        if name is None:
            gather.reject()
            return
        taken = [gather.take(name.client, found) for found in pairs]
        taken += gather.built_in("trace.id", ids[0], _TRACE_DIGITS) + gather.built_in("span.id", ids[1], _SPAN_DIGITS)
        taken += gather.built_in("parent.id", ids[2], _SPAN_DIGITS)
        start, end = times
        gather.add(name, gather.labels(context, name.client, taken), times, end - start if end >= start else None, code if code in _CODES else 0)


def split(data: bytes, tag: int) -> list[bytes] | None:
    """Split a run of fields that all have this tag of one byte; None where it is something else."""
    parts, at, end = [], 0, len(data)
    while at < end:
        if data[at] != tag or at + 2 > end or data[at + 1] > 127:
            return None
        start = at + 2
        at = start + data[at + 1]
        parts.append(data[start:at])
    return parts if at == end else None


def _run(data: bytes, tag: int, spans: list[tuple[int, int]]) -> bytes | None:
    """Return the bytes of the attributes with their tags and lengths, if nothing else lies between them and each is spelled in the shortest way."""
    if not spans:
        return b""
    first = at = spans[0][0] - 1 - _length_size(spans[0])
    for start, stop in spans:
        if at < 0 or data[at] != tag or varint(data, at + 1) != (stop - start, start):
            return None
        at = stop
    return data[first:at]


def _length_size(span: tuple[int, int]) -> int:
    return max(1, -(-(span[1] - span[0]).bit_length() // 7))
