"""The binary form of OTLP, read by field numbers without building what is dropped.

Source: opentelemetry-proto 1.x, `metrics.proto`, `logs.proto`, `trace.proto`; a tag is the field's number * 8 + its wire type.
"""

from struct import Struct

from tenure.server.otlp.attributes import Attributes, pair, split
from tenure.server.otlp.distributions import exponential
from tenure.server.otlp.drops import Reason
from tenure.server.otlp.gather import Gather, Pair
from tenure.server.otlp.memory import Context
from tenure.server.otlp.rows import Distribution
from tenure.server.otlp.schema import Name, Signal
from tenure.server.otlp.wire import double, enum, fields, fixed64, packed64, packed_varints, sfixed64, text, zigzag

_RESOURCE, _SCOPES, _ITEMS, _POINTS = 0x0A, 0x12, 0x12, 0x0A
_TEMPORALITY = 0x10
_GAUGE, _SUM, _HISTOGRAM, _EXPONENTIAL, _SUMMARY = 0x2A, 0x3A, 0x4A, 0x52, 0x5A
_START, _TIME = 0x11, 0x19
_AS_DOUBLE, _AS_INT, _NUMBER_ATTRIBUTES, _NUMBER_EXEMPLAR, _FLAGS = 0x21, 0x31, 0x3A, 0x2A, 0x40
_FLAGS_OF_HISTOGRAM = 0x50
_NO_VALUE = 1
_FIXED = Struct("<xQxQx8s")
_FIXED_SIZE = 27


class Protobuf:
    """Reads one payload."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._attributes = Attributes(gather)

    def read(self, signal: Signal, data: bytes) -> None:
        """Read an export request.

        Raises:
            DataError: it is none, or holds too much.
        """
        for tag, start, stop in fields(data):
            if tag == _RESOURCE:
                self._of_resource(signal, data[start:stop])

    def _of_resource(self, signal: Signal, data: bytes) -> None:
        resource: list[bytes] = []
        scopes: list[bytes] = []
        for tag, start, stop in fields(data):
            if tag == _RESOURCE:
                resource.append(data[start:stop])
            elif tag == _SCOPES:
                scopes.append(data[start:stop])
        context = self._context(b"".join(resource))
        read = {Signal.METRICS: self._metric, Signal.LOGS: self._log, Signal.TRACES: self._span}[signal]
        for scope in scopes:
            for tag, start, stop in fields(scope):
                if tag == _ITEMS:
                    read(context, scope[start:stop])

    def _context(self, data: bytes) -> Context:
        memory = self._gather.memory
        known = memory.context(data)
        if known is None:
            pairs = [pair(data[start:stop]) for tag, start, stop in fields(data) if tag == _POINTS]
            known = self._gather.context(pairs)
            memory.keep_context(data, known)
        return self._gather.enter(known)

    def _metric(self, context: Context, data: bytes) -> None:
        name, form = "", 0
        bodies: list[bytes] = []
        for tag, start, stop in fields(data):
            if tag == _POINTS:
                name = text(data[start:stop])
            elif tag in _POINT_READERS:
                bodies = bodies if tag == form else []
                bodies.append(data[start:stop])
                form = tag
        body = b"".join(bodies)
        points, temporality = [], 0
        for tag, start, stop in fields(body):
            if tag == _POINTS:
                points.append(body[start:stop])
            elif tag == _TEMPORALITY and form != _SUMMARY:
                temporality = enum(start)
        self._gather.count(len(points))
        found = self._gather.name(Signal.METRICS, name)
        if found is None:
            self._gather.reject(len(points))
            return
        temporality = temporality if 0 <= temporality <= 2 and form != _GAUGE else 0
        reader = _POINT_READERS.get(form)
        if reader is not None:
            reader(self, context, found, points, temporality)

    def _numbers(self, context: Context, name: Name, points: list[bytes], temporality: int) -> None:
        known, add = context.of(name.client.place, _NUMBER_ATTRIBUTES), self._gather.add
        for point in points:
            fixed, rest = point[:_FIXED_SIZE], point[_FIXED_SIZE:]
            if not _is_fixed(fixed):
                fixed, rest = point[-_FIXED_SIZE:], point[:-_FIXED_SIZE]
            labels = known.get(rest) if _is_fixed(fixed) else None
            if labels is None:
                parts = split(rest, _NUMBER_ATTRIBUTES) if _is_fixed(fixed) else None
                if parts is None:
                    self._number(context, name, point, temporality)
                    continue
                labels = self._attributes.of_parts(context, name.client, _NUMBER_ATTRIBUTES, rest, parts)
            start, at, value = _FIXED.unpack(fixed)
            add(name, labels, (start, at), sfixed64(value, 0) if fixed[18] == _AS_INT else double(value, 0), temporality)

    def _number(self, context: Context, name: Name, data: bytes, temporality: int) -> None:
        begin = at = flags = 0
        value: int | float | None = None
        attributes: list[tuple[int, int]] = []
        for tag, start, stop in fields(data):
            if tag == _NUMBER_ATTRIBUTES:
                attributes.append((start, stop))
            elif tag == _TIME:
                at = fixed64(data, start)
            elif tag == _START:
                begin = fixed64(data, start)
            elif tag == _AS_DOUBLE:
                value = double(data, start)
            elif tag == _AS_INT:
                value = sfixed64(data, start)
            elif tag == _FLAGS:
                flags = start
            elif tag == _NUMBER_EXEMPLAR:
                self._gather.drop(Reason.EXEMPLAR)
        if not flags & _NO_VALUE:
            self._gather.add(
                name, self._attributes.labels(context, name.client, data, _NUMBER_ATTRIBUTES, attributes), (begin, at), value, temporality
            )

    def _histograms(self, context: Context, name: Name, points: list[bytes], temporality: int) -> None:
        for data in points:
            times, flags, attributes = [0, 0], 0, []
            count, total, least, most = 0, None, None, None
            bounds: list[float] = []
            counts: list[int] = []
            for tag, start, stop in fields(data):
                match tag:
                    case 0x11 | 0x19:
                        times[tag == _TIME] = fixed64(data, start)
                    case 0x4A:
                        attributes.append((start, stop))
                    case 0x21:
                        count = fixed64(data, start)
                    case 0x29:
                        total = double(data, start)
                    case 0x31 | 0x32:
                        counts += map(int, packed64(data[start:stop], "Q"))
                    case 0x39 | 0x3A:
                        bounds += packed64(data[start:stop], "d")
                    case 0x42:
                        self._gather.drop(Reason.EXEMPLAR)
                    case 0x50:
                        flags = start
                    case 0x59:
                        least = double(data, start)
                    case 0x61:
                        most = double(data, start)
            if not flags & _NO_VALUE:
                value = Distribution(count, total, least, most, tuple(bounds), tuple(counts))
                labels = self._attributes.labels(context, name.client, data, 0x4A, attributes)
                self._gather.add(name, labels, (times[0], times[1]), value, temporality)

    def _exponentials(self, context: Context, name: Name, points: list[bytes], temporality: int) -> None:
        for data in points:
            times, flags, attributes = [0, 0], 0, []
            count, scale, zeros, total, least, most = 0, 0, 0, None, None, None
            sides: tuple[list[bytes], list[bytes]] = ([], [])
            for tag, start, stop in fields(data):
                match tag:
                    case 0x11 | 0x19:
                        times[tag == _TIME] = fixed64(data, start)
                    case 0x0A:
                        attributes.append((start, stop))
                    case 0x21:
                        count = fixed64(data, start)
                    case 0x29:
                        total = double(data, start)
                    case 0x30:
                        scale = zigzag(start)
                    case 0x39:
                        zeros = fixed64(data, start)
                    case 0x42 | 0x4A:
                        sides[tag == 0x4A].append(data[start:stop])
                    case 0x50:
                        flags = start
                    case 0x5A:
                        self._gather.drop(Reason.EXEMPLAR)
                    case 0x61:
                        least = double(data, start)
                    case 0x69:
                        most = double(data, start)
            if not flags & _NO_VALUE:
                buckets = exponential(scale, zeros, _buckets(b"".join(sides[0])), _buckets(b"".join(sides[1])))
                value = None if buckets is None else Distribution(count, total, least, most, *buckets)
                labels = self._attributes.labels(context, name.client, data, 0x0A, attributes)
                self._gather.add(name, labels, (times[0], times[1]), value, temporality)

    def _summaries(self, context: Context, name: Name, points: list[bytes], _: int) -> None:
        for data in points:
            times, flags, count, total, attributes = [0, 0], 0, 0, 0.0, []
            quantiles: list[tuple[float, float]] = []
            for tag, start, stop in fields(data):
                match tag:
                    case 0x11 | 0x19:
                        times[tag == _TIME] = fixed64(data, start)
                    case 0x3A:
                        attributes.append((start, stop))
                    case 0x21:
                        count = fixed64(data, start)
                    case 0x29:
                        total = double(data, start)
                    case 0x32:
                        quantiles.append(_quantile(data[start:stop]))
                    case 0x40:
                        flags = start
            if not flags & _NO_VALUE:
                labels = self._attributes.labels(context, name.client, data, 0x3A, attributes)
                self._gather.add(name, labels, (times[0], times[1]), Distribution(count, total, quantiles=tuple(quantiles)), 0)

    def _log(self, context: Context, data: bytes) -> None:
        at = seen = severity = 0
        name, trace, span = "", b"", b""
        pairs: list[Pair] = []
        for tag, start, stop in fields(data):
            match tag:
                case 0x09:
                    at = fixed64(data, start)
                case 0x59:
                    seen = fixed64(data, start)
                case 0x10:
                    severity = enum(start)
                case 0x32:
                    pairs.append(pair(data[start:stop]))
                case 0x62:
                    name = text(data[start:stop])
                case 0x4A:
                    trace = data[start:stop]
                case 0x52:
                    span = data[start:stop]
        self._attributes.event(context, name, pairs, at or seen, severity, (trace.hex(), span.hex()))

    def _span(self, context: Context, data: bytes) -> None:
        name, start_at, end_at = "", 0, 0
        status: list[bytes] = []
        ids = [b"", b"", b""]
        pairs: list[Pair] = []
        for tag, start, stop in fields(data):
            match tag:
                case 0x0A:
                    ids[0] = data[start:stop]
                case 0x12:
                    ids[1] = data[start:stop]
                case 0x22:
                    ids[2] = data[start:stop]
                case 0x2A:
                    name = text(data[start:stop])
                case 0x39:
                    start_at = fixed64(data, start)
                case 0x41:
                    end_at = fixed64(data, start)
                case 0x4A:
                    pairs.append(pair(data[start:stop]))
                case 0x5A:
                    self._gather.drop(Reason.SPAN_EVENT)
                case 0x6A:
                    self._gather.drop(Reason.LINK)
                case 0x7A:
                    status.append(data[start:stop])
        code = 0
        for tag, found, _ in fields(b"".join(status)):
            code = enum(found) if tag == 0x18 else code
        self._attributes.span(context, name, pairs, (start_at, end_at), code, (ids[0].hex(), ids[1].hex(), ids[2].hex()))


_POINT_READERS = {
    _GAUGE: Protobuf._numbers,
    _SUM: Protobuf._numbers,
    _HISTOGRAM: Protobuf._histograms,
    _EXPONENTIAL: Protobuf._exponentials,
    _SUMMARY: Protobuf._summaries,
}


def _is_fixed(head: bytes) -> bool:
    """Tell whether these are two times and a number, as exporters write them; the rest of the point has then to be attributes, or it is read anew."""
    return len(head) == _FIXED_SIZE and head[0] == _START and head[9] == _TIME and head[18] in (_AS_DOUBLE, _AS_INT)


def _buckets(data: bytes) -> tuple[int, list[int]]:
    offset, counts = 0, []
    for tag, start, stop in fields(data):
        if tag == 0x08:
            offset = zigzag(start)
        elif tag == 0x12:
            counts += packed_varints(data[start:stop])
        elif tag == 0x10:
            counts.append(start)
    return offset, counts


def _quantile(data: bytes) -> tuple[float, float]:
    quantile = value = 0.0
    for tag, start, _ in fields(data):
        if tag == 0x09:
            quantile = double(data, start)
        elif tag == 0x11:
            value = double(data, start)
    return quantile, value
