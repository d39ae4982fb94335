"""The JSON form of OTLP. Fields that it does not name are stepped over, as the specification asks, and never kept.

Source: opentelemetry.io/docs/specs/otlp, "JSON Protobuf Encoding": ids in hexadecimal digits, 64-bit integers as text or number, enums as number
or name, names of fields in lowerCamelCase.
"""

import re
from typing import Generic, TypeVar

import msgspec

from tenure.server.otlp.attributes import Attributes
from tenure.server.otlp.distributions import exponential
from tenure.server.otlp.drops import Reason
from tenure.server.otlp.gather import Gather, Pair
from tenure.server.otlp.memory import Context
from tenure.server.otlp.rows import Distribution, Labels
from tenure.server.otlp.schema import Client, Name, Signal
from tenure.server.otlp.values import Given
from tenure.server.otlp.wire import malformed

Integer = int | float | str | None
Real = float | int | str | None
Element = TypeVar("Element")
_WHOLE = re.compile(r"-?\d{1,20}", re.ASCII)
_TEMPORALITIES = {"AGGREGATION_TEMPORALITY_UNSPECIFIED": 0, "AGGREGATION_TEMPORALITY_DELTA": 1, "AGGREGATION_TEMPORALITY_CUMULATIVE": 2}
_STATUS_CODES = {"STATUS_CODE_UNSET": 0, "STATUS_CODE_OK": 1, "STATUS_CODE_ERROR": 2}
_LEVELS = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
_SEVERITIES = {"SEVERITY_NUMBER_UNSPECIFIED": 0} | {
    f"SEVERITY_NUMBER_{level}{step or ''}": 4 * index + max(step, 1) for index, level in enumerate(_LEVELS) for step in (0, 2, 3, 4)
}
_NO_VALUE = 1
_NULL = msgspec.Raw(b"null")


class _Message(msgspec.Struct, rename="camel", gc=False):
    pass


class _Value(_Message):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Integer = None
    double_value: Real = None
    array_value: msgspec.Raw = _NULL
    kvlist_value: msgspec.Raw = _NULL
    bytes_value: msgspec.Raw = _NULL


class _Attribute(_Message):
    key: str | None = None
    value: _Value | None = None


_Attributes = list[_Attribute] | None
_Skipped = list[msgspec.Raw] | None


class _Resource(_Message):
    attributes: _Attributes = None


class _Point(_Message):
    attributes: _Attributes = None
    start_time_unix_nano: Integer = None
    time_unix_nano: Integer = None
    flags: Integer = None
    exemplars: _Skipped = None


class _Number(_Point):
    as_double: Real = None
    as_int: Integer = None


class _Histogram(_Point):
    count: Integer = None
    sum: Real = None
    min: Real = None
    max: Real = None
    bucket_counts: list[int | str] | None = None
    explicit_bounds: list[float | str] | None = None


class _Buckets(_Message):
    offset: Integer = None
    bucket_counts: list[int | str] | None = None


class _Exponential(_Point):
    count: Integer = None
    sum: Real = None
    min: Real = None
    max: Real = None
    scale: Integer = None
    zero_count: Integer = None
    positive: _Buckets | None = None
    negative: _Buckets | None = None


class _Quantile(_Message):
    quantile: Real = None
    value: Real = None


class _Summary(_Point):
    count: Integer = None
    sum: Real = None
    quantile_values: list[_Quantile] | None = None


class _Points(_Message, Generic[Element]):
    data_points: list[Element] | None = None
    aggregation_temporality: Integer = None


class _Metric(_Message):
    name: str | None = None
    gauge: _Points[_Number] | None = None
    sum: _Points[_Number] | None = None
    histogram: _Points[_Histogram] | None = None
    exponential_histogram: _Points[_Exponential] | None = None
    summary: _Points[_Summary] | None = None


class _Log(_Message):
    time_unix_nano: Integer = None
    observed_time_unix_nano: Integer = None
    severity_number: Integer = None
    attributes: _Attributes = None
    trace_id: str | None = None
    span_id: str | None = None
    event_name: str | None = None


class _Status(_Message):
    code: Integer = None


class _Span(_Message):
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    name: str | None = None
    start_time_unix_nano: Integer = None
    end_time_unix_nano: Integer = None
    attributes: _Attributes = None
    events: _Skipped = None
    links: _Skipped = None
    status: _Status | None = None


class _ScopeMetrics(_Message):
    metrics: list[_Metric] | None = None


class _ScopeLogs(_Message):
    log_records: list[_Log] | None = None


class _ScopeSpans(_Message):
    spans: list[_Span] | None = None


class _ResourceMetrics(_Message):
    resource: _Resource | None = None
    scope_metrics: list[_ScopeMetrics] | None = None


class _ResourceLogs(_Message):
    resource: _Resource | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _ResourceSpans(_Message):
    resource: _Resource | None = None
    scope_spans: list[_ScopeSpans] | None = None


class _Request(_Message):
    resource_metrics: list[_ResourceMetrics] | None = None
    resource_logs: list[_ResourceLogs] | None = None
    resource_spans: list[_ResourceSpans] | None = None


_DECODER = msgspec.json.Decoder(_Request)


class Json:
    """Reads one payload."""

    def __init__(self, gather: Gather) -> None:
        self._gather = gather
        self._attributes = Attributes(gather)

    def read(self, signal: Signal, data: bytes) -> None:
        """Read an export request.

        Raises:
            DataError: it is none, or holds too much.
        """
        try:
            request = _DECODER.decode(data)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise malformed() from None
        match signal:
            case Signal.METRICS:
                for metrics in request.resource_metrics or ():
                    context = self._context(metrics.resource)
                    for metric in [metric for scope in metrics.scope_metrics or () for metric in scope.metrics or ()]:
                        self._metric(context, metric)
            case Signal.LOGS:
                for logs in request.resource_logs or ():
                    context = self._context(logs.resource)
                    for log in [log for scope in logs.scope_logs or () for log in scope.log_records or ()]:
                        self._log(context, log)
            case Signal.TRACES:
                for spans in request.resource_spans or ():
                    context = self._context(spans.resource)
                    for span in [span for scope in spans.scope_spans or () for span in scope.spans or ()]:
                        self._span(context, span)

    def _context(self, resource: _Resource | None) -> Context:
        return self._gather.enter(self._gather.context(_pairs(resource.attributes if resource else None)))

    def _labels(self, context: Context, client: Client, attributes: _Attributes) -> Labels:
        return self._gather.labels(context, client, [self._gather.take(client, pair) for pair in _pairs(attributes)])

    def _metric(self, context: Context, metric: _Metric) -> None:
        forms = [metric.gauge, metric.sum, metric.histogram, metric.exponential_histogram, metric.summary]
        points = next((form for form in forms if form is not None), None)
        if sum(form is not None for form in forms) > 1:
            raise malformed()
        found = (points.data_points if points else None) or ()
        self._gather.count(len(found))
        name = self._gather.name(Signal.METRICS, metric.name or "")
        if name is None:
            self._gather.reject(len(found))
            return
        temporality = (
            _enum(points.aggregation_temporality, _TEMPORALITIES) if points and points is not metric.gauge and points is not metric.summary else 0
        )
        for point in found:
            self._point(context, name, point, temporality if temporality in range(3) else 0)

    def _point(self, context: Context, name: Name, point: _Number | _Histogram | _Exponential | _Summary, temporality: int) -> None:
        for _ in point.exemplars or ():
            self._gather.drop(Reason.EXEMPLAR)
        value = _measured(point)
        times = _integer(point.start_time_unix_nano), _integer(point.time_unix_nano)
        if not _integer(point.flags) & _NO_VALUE:
            self._gather.add(name, self._labels(context, name.client, point.attributes), times, value, temporality)

    def _log(self, context: Context, log: _Log) -> None:
        at = _integer(log.time_unix_nano) or _integer(log.observed_time_unix_nano)
        ids = (log.trace_id or "").lower(), (log.span_id or "").lower()
        self._attributes.event(context, log.event_name or "", _pairs(log.attributes), at, _enum(log.severity_number, _SEVERITIES), ids)

    def _span(self, context: Context, span: _Span) -> None:
        for _ in span.events or ():
            self._gather.drop(Reason.SPAN_EVENT)
        for _ in span.links or ():
            self._gather.drop(Reason.LINK)
        code = _enum(span.status.code if span.status else None, _STATUS_CODES)
        times = _integer(span.start_time_unix_nano), _integer(span.end_time_unix_nano)
        ids = (span.trace_id or "").lower(), (span.span_id or "").lower(), (span.parent_span_id or "").lower()
        self._attributes.span(context, span.name or "", _pairs(span.attributes), times, code, ids)


def _measured(point: _Number | _Histogram | _Exponential | _Summary) -> int | float | Distribution | None:
    match point:
        case _Number():
            return _real(point.as_double) if point.as_int is None else _integer(point.as_int)
        case _Histogram():
            counts, bounds = tuple(map(_integer, point.bucket_counts or ())), tuple(map(_certain, point.explicit_bounds or ()))
            return Distribution(_integer(point.count), _real(point.sum), _real(point.min), _real(point.max), bounds, counts)
        case _Exponential():
            buckets = exponential(_integer(point.scale), _integer(point.zero_count), _buckets(point.positive), _buckets(point.negative))
            return None if buckets is None else Distribution(_integer(point.count), _real(point.sum), _real(point.min), _real(point.max), *buckets)
        case _Summary():
            quantiles = tuple((_certain(found.quantile), _certain(found.value)) for found in point.quantile_values or ())
            return Distribution(_integer(point.count), _certain(point.sum), quantiles=quantiles)


def _buckets(buckets: _Buckets | None) -> tuple[int, list[int]]:
    return (0, []) if buckets is None else (_integer(buckets.offset), list(map(_integer, buckets.bucket_counts or ())))


def _pairs(attributes: _Attributes) -> list[Pair]:
    return [(attribute.key or "", _given(attribute.value)) for attribute in attributes or ()]


def _given(value: _Value | None) -> Given:
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return _integer(value.int_value)
    if value.bool_value is not None:
        return value.bool_value
    if value.double_value is not None:
        return _real(value.double_value)
    return next((bytes(raw) for raw in (value.array_value, value.kvlist_value, value.bytes_value) if raw != _NULL), None)


def _integer(given: Integer) -> int:
    if given is None:
        return 0
    if isinstance(given, str):
        if not _WHOLE.fullmatch(given):
            raise malformed()
        given = int(given)
    elif isinstance(given, float):
        if not given.is_integer():
            raise malformed()
        given = int(given)
    if not -(2**63) <= given < 2**64:
        raise malformed()
    return given


def _enum(given: Integer, names: dict[str, int]) -> int:
    return names[given] if isinstance(given, str) and given in names else _integer(given)


def _real(given: Real) -> float | None:
    if given is None:
        return None
    try:
        return float(given)
    except (ValueError, OverflowError):
        raise malformed() from None


def _certain(given: Real) -> float:
    found = _real(given)
    return 0.0 if found is None else found
