"""Which rows a payload becomes, and what of it is dropped. Each rule of dropping has a test here that fails without it."""

import pytest
from tests.unit.server.otlp.payloads import (
    AT,
    SCHEMA,
    SESSION,
    WAYS,
    as_json,
    attribute,
    changed,
    logs,
    metrics,
    reader,
    send,
    session_key,
    spans,
    told,
    words,
)

from tenure.errors import DataError
from tenure.server.otlp.drops import MOST_NAMES, OTHER, Drops, Reason
from tenure.server.otlp.gather import MOST_ATTRIBUTES, MOST_ROWS
from tenure.server.otlp.intake import Reader
from tenure.server.otlp.memory import MOST_CONTEXTS, MOST_ENTRIES
from tenure.server.otlp.response import Encoding
from tenure.server.otlp.rows import Distribution, by_session
from tenure.server.otlp.schema import Signal
from tenure.server.otlp.values import Digest

METRICS, LOGS, TRACES = Signal


def only(reading):
    (row,) = reading.rows
    return row


@pytest.mark.parametrize("way", WAYS)
def test_point_keeps_its_numbers_and_what_the_schema_names(way: str) -> None:
    row = only(send(way, METRICS, metrics(session_dot_id=SESSION, model="claude-opus-4-8[1m]", type="input", value=5.5)))

    assert (row.name.text, row.labels.session, row.start, row.at, row.value, row.detail) == ("claude_code.token.usage", SESSION, AT, AT + 10, 5.5, 1)
    assert words(row) == {"model": "claude-opus-4.8[1m]", "type": "input"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("signal", "message", "reason"),
    [(METRICS, metrics("my.metric"), Reason.METRIC), (LOGS, logs("my_event"), Reason.EVENT), (TRACES, spans("my span"), Reason.SPAN)],
)
def test_unknown_name_is_rejected_and_counted_by_its_hash(way: str, signal: Signal, message, reason: Reason) -> None:
    drops = Drops(b"of the store")
    reading = send(way, signal, message, reader(drops))

    assert (reading.rows, reading.rejected) == ([], 1)
    assert list(drops.counts().items()) == [((reason, drops.name({METRICS: "my.metric", LOGS: "my_event", TRACES: "my span"}[signal])), 1)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("type", "made up"),
        ("type", 7),
        ("model", "claude-secret-project-4"),
        ("model", "claude-opus-4-8-for-acme"),
        ("app.version", "1.2.3-for-acme"),
        ("prompt.id", "not an id"),
        ("request_id", "req_" + "a" * 41),
        ("duration_ms", -1),
        ("duration_ms", "12 ms"),
        ("cost_usd", "nan"),
        ("cost_usd", float("inf")),
        ("cost_usd", "1" * 19),
        ("success", "True"),
        ("success", 1),
        ("tool_name", "acme_tool"),
        ("tool_name", "acme_mcp__tool"),
        ("session.id", "a session that is no uuid"),
    ],
)
def test_value_that_its_type_does_not_take_is_dropped_and_counted(way: str, key: str, value) -> None:
    drops = Drops(b"of the store")
    row = only(send(way, METRICS, metrics(**{key.replace(".", "_dot_"): value}), reader(drops)))

    assert row.labels.values == ()
    assert row.labels.session is None
    reason = Reason.VALUE if key in SCHEMA.clients[0].keys else Reason.KEY
    assert drops.counts() == {(reason, drops.name(key)): 1}


@pytest.mark.parametrize("way", WAYS)
def test_unknown_key_is_dropped_and_counted(way: str) -> None:
    drops = Drops(b"of the store")
    row = only(send(way, METRICS, metrics(prompt="write a poem"), reader(drops)))

    assert row.labels.values == ()
    assert drops.counts() == {(Reason.KEY, drops.name("prompt")): 1}
    assert drops.total(Reason.KEY) == 1


@pytest.mark.parametrize("way", WAYS)
def test_nested_values_and_bytes_are_dropped(way: str) -> None:
    message = metrics(type="input")
    point = message.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]
    for value in (attribute("x", "input").value, None):
        pair = point.attributes.add(key="language")
        if value is None:
            pair.value.bytes_value = b"Python"
        else:
            pair.value.array_value.values.append(attribute("x", "Python").value)
    point.attributes.add(key="speed").value.kvlist_value.values.append(attribute("speed", "fast"))
    drops = Drops(b"of the store")

    assert words(only(send(way, METRICS, message, reader(drops)))) == {"type": "input"}
    assert drops.total(Reason.VALUE) == 3


@pytest.mark.parametrize("way", WAYS)
def test_numbers_and_booleans_that_come_as_text_are_numbers(way: str) -> None:
    row = only(send(way, LOGS, logs(duration_ms="233", cost_usd="0.5e-3", success="true", prompt_length="-2", is_async=True)))

    assert words(row) == {"duration_ms": 233, "cost_usd": 0.0005, "success": True, "prompt_length": -2, "is_async": True}
    assert row.value == 1


@pytest.mark.parametrize("way", WAYS)
def test_tool_of_a_server_is_kept_as_one_word(way: str) -> None:
    assert words(only(send(way, METRICS, metrics(tool_name="mcp__acme__query")))) == {"tool_name": "mcp"}


@pytest.mark.parametrize("way", WAYS)
def test_id_is_kept_as_a_hash_under_the_key_of_its_session(way: str) -> None:
    other = "11111111-dbdb-416a-9d73-5ea347f00db0"
    one, two, none = (
        only(send(way, METRICS, metrics(user_dot_id="d" * 64, **named))) for named in ({"session_dot_id": SESSION}, {"session_dot_id": other}, {})
    )

    values = [words(row)["user.id"] for row in (one, two, none)]
    assert len(set(values)) == 3
    assert all(isinstance(value, bytes) and len(value) == 16 for value in values)


def test_digest_is_of_sixteen_bytes_only() -> None:
    with pytest.raises(DataError) as caught:
        Digest(b"free text of another length")
    assert caught.value.code == "otlp/digest"


@pytest.mark.parametrize("way", WAYS)
def test_session_of_the_point_goes_before_that_of_the_resource(way: str) -> None:
    other = "11111111-dbdb-416a-9d73-5ea347f00db0"

    assert only(send(way, METRICS, metrics(resource={"session.id": other}))).labels.session == other
    assert only(send(way, METRICS, metrics(resource={"session.id": other}, session_dot_id=SESSION))).labels.session == SESSION


@pytest.mark.parametrize("way", WAYS)
def test_session_of_a_resource_has_to_be_a_uuid(way: str) -> None:
    drops = Drops(b"of the store")

    assert only(send(way, METRICS, metrics(resource={"session.id": "a session that is no uuid"}), reader(drops))).labels.session is None
    assert drops.counts() == {(Reason.RESOURCE, drops.name("session.id")): 1}


def test_rows_without_a_session_are_a_group_of_their_own() -> None:
    rows = [*send("json", METRICS, metrics()).rows, *send("json", METRICS, metrics(session_dot_id=SESSION)).rows]

    assert {session: len(found) for session, found in by_session(rows).items()} == {None: 1, SESSION: 1}


@pytest.mark.parametrize("way", WAYS)
def test_resource_gives_what_the_schema_names_and_no_more(way: str) -> None:
    drops = Drops(b"of the store")
    resource = {"service.version": "2.1.197", "os.type": "linux", "host.name": "devbox", "process.command": "agent -p secret", "host.arch": "acme"}
    row = only(send(way, METRICS, metrics(resource=resource), reader(drops)))

    assert words(row) == {"service.version": "2.1.197", "os.type": "linux"}
    assert drops.counts() == {(Reason.RESOURCE, drops.name(key)): 1 for key in ("host.name", "process.command", "host.arch")}


@pytest.mark.parametrize("way", WAYS)
def test_exemplars_events_and_links_are_dropped_and_counted(way: str) -> None:
    drops = Drops(b"of the store")
    point = metrics()
    point.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].exemplars.add(as_double=1).filtered_attributes.append(
        attribute("x", "y")
    )
    span = spans()
    span.resource_spans[0].scope_spans[0].spans[0].events.add(name="tool.output").attributes.append(attribute("output", "text"))
    span.resource_spans[0].scope_spans[0].spans[0].links.add(trace_state="text")

    plain, rich = only(send(way, METRICS, metrics())), only(send(way, METRICS, point, reader(drops)))
    assert told(plain) == told(rich)
    assert told(only(send(way, TRACES, spans()))) == told(only(send(way, TRACES, span, reader(drops))))
    assert {reason: drops.total(reason) for reason in (Reason.EXEMPLAR, Reason.SPAN_EVENT, Reason.LINK)} == dict.fromkeys(
        (Reason.EXEMPLAR, Reason.SPAN_EVENT, Reason.LINK), 1
    )


@pytest.mark.parametrize("way", WAYS)
def test_span_is_its_duration_its_status_and_its_ids_as_hashes(way: str) -> None:
    message = spans(session_dot_id=SESSION, tool_name="Read", success=False)
    message.resource_spans[0].scope_spans[0].spans[0].status.code = 2
    message.resource_spans[0].scope_spans[0].spans[0].status.message = "no such file"
    row = only(send(way, TRACES, message))
    said = words(row)

    assert (row.value, row.start, row.at, row.detail) == (10, AT, AT + 10, 2)
    assert {key: said[key] for key in ("tool_name", "success")} == {"tool_name": "Read", "success": False}
    assert {key for key, value in said.items() if isinstance(value, bytes)} == {"trace.id", "span.id", "parent.id"}


@pytest.mark.parametrize("way", WAYS)
def test_span_that_ends_before_it_begins_is_rejected(way: str) -> None:
    message = spans()
    message.resource_spans[0].scope_spans[0].spans[0].end_time_unix_nano = AT - 1
    drops = Drops(b"of the store")
    reading = send(way, TRACES, message, reader(drops))

    assert (reading.rows, reading.rejected, drops.total(Reason.SHAPE)) == ([], 1, 1)


@pytest.mark.parametrize("way", WAYS)
def test_trace_id_of_another_length_is_dropped(way: str) -> None:
    message = spans()
    message.resource_spans[0].scope_spans[0].spans[0].trace_id = b"canary"
    drops = Drops(b"of the store")

    assert "trace.id" not in words(only(send(way, TRACES, message, reader(drops))))
    assert drops.total(Reason.VALUE) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_point_that_is_not_finite_is_rejected(way: str, value: float) -> None:
    reading = send(way, METRICS, metrics(value=value))

    assert (reading.rows, reading.rejected) == ([], 1)


@pytest.mark.parametrize("way", WAYS)
def test_event_is_named_by_its_attribute_or_else_by_its_field(way: str) -> None:
    message = logs("codex.user_prompt", conversation_dot_id=SESSION)
    record = message.resource_logs[0].scope_logs[0].log_records[0]
    record.event_name = "event otel/src/x.rs:1"
    record.severity_number = 9
    by_attribute = only(send(way, LOGS, message))
    del record.attributes[0]
    record.event_name, record.time_unix_nano, record.observed_time_unix_nano = "codex.turn_ttft", 0, AT + 7
    by_field = only(send(way, LOGS, message))

    assert (by_attribute.name.text, by_attribute.labels.session, by_attribute.detail) == ("codex.user_prompt", SESSION, 9)
    assert (by_field.name.text, by_field.at) == ("codex.turn_ttft", AT + 7)


@pytest.mark.parametrize("way", WAYS)
def test_every_form_of_a_metric_is_read(way: str) -> None:
    message = metrics()
    found = message.resource_metrics[0].scope_metrics[0].metrics
    times = {"start_time_unix_nano": AT, "time_unix_nano": AT + 1}
    found.add(name="gemini_cli.memory.usage").gauge.data_points.add(**times, as_int=-3)
    histogram = found.add(name="codex.tool.call.duration_ms").histogram
    histogram.aggregation_temporality = 2
    histogram.data_points.add(**times, count=3, sum=6.0, min=1, max=3, bucket_counts=[1, 2], explicit_bounds=[1.5])
    exponential = found.add(name="codex.tool.call.duration_ms").exponential_histogram.data_points.add(**times, count=6, scale=0, zero_count=1)
    exponential.positive.offset, exponential.negative.offset = -1, 2
    exponential.positive.bucket_counts.extend([2, 1])
    exponential.negative.bucket_counts.extend([1, 1])
    found.add(name="codex.tool.call.duration_ms").summary.data_points.add(**times, count=2, sum=4.0).quantile_values.add(quantile=0.5, value=2.0)

    assert [row.value for row in send(way, METRICS, message).rows] == [
        5.0,
        -3,
        Distribution(3, 6.0, 1.0, 3.0, (1.5,), (1, 2)),
        Distribution(6, None, None, None, (-16.0, -8.0, -4.0, 0.5, 1.0, 2.0), (0, 1, 1, 1, 2, 1, 0)),
        Distribution(2, 4.0, quantiles=((0.5, 2.0),)),
    ]
    assert [row.detail for row in send(way, METRICS, message).rows] == [1, 0, 2, 0, 0]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "shape",
    [
        {"count": 1, "bucket_counts": [1], "explicit_bounds": [1.0]},
        {"count": 1, "bucket_counts": [1, 0, 0], "explicit_bounds": [2.0, 1.0]},
        {"count": 1, "explicit_bounds": [1.0]},
        {"count": 1, "bucket_counts": [0] * 1025, "explicit_bounds": list(range(1024))},
        {"count": 1, "sum": float("nan")},
    ],
)
def test_histogram_of_no_sound_shape_is_rejected(way: str, shape) -> None:
    message = metrics()
    message.resource_metrics[0].scope_metrics[0].metrics[0].histogram.data_points.add(time_unix_nano=AT, **shape)
    reading = send(way, METRICS, message)

    assert (reading.rows, reading.rejected) == ([], 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("quantile", [-0.5, 1.5, float("nan")])
def test_summary_of_a_quantile_that_is_none_is_rejected(way: str, quantile: float) -> None:
    message = metrics()
    point = message.resource_metrics[0].scope_metrics[0].metrics[0].summary.data_points.add(time_unix_nano=AT)
    point.quantile_values.add(quantile=quantile, value=1.0)

    assert send(way, METRICS, message).rejected == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("scale", "buckets"), [(-11, 1), (21, 1), (0, 2_000), (5, 2_000), (-10, 2)])
def test_exponential_histogram_of_too_many_buckets_or_beyond_64_bits_is_rejected(way: str, scale: int, buckets: int) -> None:
    message = metrics()
    point = message.resource_metrics[0].scope_metrics[0].metrics[0].exponential_histogram.data_points.add(time_unix_nano=AT, scale=scale)
    point.positive.bucket_counts.extend([1] * buckets)

    assert send(way, METRICS, message).rejected == 1


@pytest.mark.parametrize("way", WAYS)
def test_point_without_a_recorded_value_is_no_row_and_not_rejected(way: str) -> None:
    message = metrics()
    found = message.resource_metrics[0].scope_metrics[0].metrics
    found[0].sum.data_points[0].flags = 1
    for form in ("gauge", "histogram", "exponential_histogram", "summary"):
        getattr(found.add(name="claude_code.token.usage"), form).data_points.add(time_unix_nano=AT, flags=1)
    reading = send(way, METRICS, message)

    assert (reading.rows, reading.rejected) == ([], 0)


def test_both_forms_of_an_enum_are_read() -> None:
    message = spans()
    message.resource_spans[0].scope_spans[0].spans[0].status.code = 1
    for numbers in (True, False):
        data = as_json(message, use_integers_for_enums=numbers)
        assert only(reader().read(TRACES, Encoding.JSON, data)).detail == 1
    text = as_json(logs()).replace(b'"timeUnixNano"', b'"severityNumber": "SEVERITY_NUMBER_WARN2", "timeUnixNano"')
    assert only(reader().read(LOGS, Encoding.JSON, text)).detail == 14


def test_fields_that_json_does_not_know_are_stepped_over() -> None:
    text = (
        as_json(metrics())
        .replace(b'"name"', b'"aNewField": {"deep": ["text"]}, "name"')
        .replace(b'"resourceMetrics"', b'"more": 1, "resourceMetrics"')
    )

    assert told(only(reader().read(METRICS, Encoding.JSON, text))) == told(only(send("json", METRICS, metrics())))


@pytest.mark.parametrize(
    "text",
    [
        *(b"", b"[]", b"{", b'{"resourceMetrics": 1}', b"\xff", b"[" * 100_000),
        *(as_json(metrics()).replace(b"5.0", value) for value in (b'"five"', b"[5]", b"{}")),
        *(as_json(metrics()).replace(f'"{AT}"'.encode(), value) for value in (b'"1.5"', b"1.5", b'"' + b"9" * 30 + b'"', b"1e400", b'"0x1"')),
        as_json(metrics()).replace(b'"sum"', b'"gauge": {}, "sum"'),
    ],
)
def test_json_that_is_no_payload_is_an_error_that_repeats_nothing(text: bytes) -> None:
    with pytest.raises(DataError) as caught:
        reader().read(METRICS, Encoding.JSON, text)

    assert caught.value.code == "otlp/malformed"
    assert str(caught.value) == "telemetry: expected an OTLP payload, got bytes that are none"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    "data",
    [
        *(
            b"\x0a",
            b"\x0a\x05abc",
            b"\x00\x01",
            b"\x0b\x0c",
            b"\x0e",
            b"\x08" + b"\xff" * 11,
            b"\x78" + b"\xff" * 10 + b"\x01",
            b"\x09\x01",
            b"\x0d\x01",
        ),
        metrics().SerializeToString()[:-1],
        b"\x0a\x04\x0a\x02\x0a\xff",
    ],
)
def test_bytes_that_are_no_payload_are_an_error(data: bytes) -> None:
    with pytest.raises(DataError) as caught:
        reader().read(METRICS, Encoding.PROTOBUF, data)

    assert caught.value.code == "otlp/malformed"


def test_name_that_is_no_text_is_an_error() -> None:
    data = metrics().SerializeToString().replace(b"claude_code.token", b"claude\xff\xfecode.toke")

    with pytest.raises(DataError):
        reader().read(METRICS, Encoding.PROTOBUF, data)


@pytest.mark.parametrize("encoding", Encoding)
def test_more_than_is_read_at_once_is_an_error(encoding: Encoding) -> None:
    with pytest.raises(DataError) as caught:
        Reader(SCHEMA, session_key, Drops(b"k"), most_bytes=10).read(METRICS, encoding, b" " * 11)

    assert caught.value.code == "otlp/too-much"


@pytest.mark.parametrize("way", WAYS)
def test_more_rows_or_attributes_than_one_payload_may_hold_are_an_error(way: str) -> None:
    many = metrics()
    points = many.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points
    for _ in range(1_000):
        points.add()
    metric = changed(many.resource_metrics[0].scope_metrics[0].metrics[0])
    many.resource_metrics[0].scope_metrics[0].metrics.extend([metric] * (MOST_ROWS // 1_000))
    wide = metrics(**{f"key{index}": index for index in range(MOST_ATTRIBUTES + 1)})

    for message in (many, wide):
        with pytest.raises(DataError) as caught:
            send(way, METRICS, message)
        assert caught.value.code == "otlp/too-much"


def test_counts_of_drops_are_bounded() -> None:
    drops = Drops(b"of the store")
    for index in range(MOST_NAMES + 5):
        drops.add((Reason.KEY, drops.name(str(index))))

    assert len(drops.counts()) == MOST_NAMES + 1
    assert drops.counts()[Reason.KEY, OTHER] == 5


def test_what_is_remembered_changes_no_row() -> None:
    to = reader()
    message = metrics(session_dot_id=SESSION, user_dot_id="d" * 64, type="input", resource={"service.version": "2.1.197"})
    first, second = (only(send("protobuf", METRICS, message, to)) for _ in range(2))

    assert told(first) == told(second) == told(only(send("protobuf", METRICS, message)))
    assert second.labels is first.labels


def test_nothing_that_was_dropped_is_remembered() -> None:
    to = reader()
    send("protobuf", METRICS, metrics(prompt="a canary of forty characters, or nearly so", resource={"host.name": "canary.example"}), to)
    send("protobuf", METRICS, metrics(type="a canary of forty characters, or nearly so"), to)

    send("json", LOGS, logs(session_dot_id="a canary", prompt="a canary", model="canary", duration_ms=5), to)

    held = repr((to.memory._contexts, to.memory._pairs, to.memory._texts))
    assert "canary" not in held
    assert "input" not in held


@pytest.mark.parametrize("way", WAYS)
def test_memory_is_bounded(way: str) -> None:
    to = reader()
    for index in range(3):
        message = metrics()
        points = message.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points
        for step in range(MOST_ENTRIES):
            points.add(time_unix_nano=AT, start_time_unix_nano=AT, as_int=1).attributes.append(attribute("request_id", f"req_{index:08}{step:08}"))
        send(way, METRICS, message, to)

    memory = to.memory
    held = [*memory._pairs.values(), *memory._texts.values(), *(known for context in memory._contexts.values() for known in context.sets.values())]
    assert max(map(len, held)) == MOST_ENTRIES
    for index in range(MOST_CONTEXTS + 2):
        send(way, METRICS, metrics(resource={"service.version": str(index)}), to)
    assert len(memory._contexts) <= MOST_CONTEXTS


def test_forgetting_hashes_ids_under_the_key_that_holds_then() -> None:
    keys = {"key": b"before"}
    to = Reader(SCHEMA, lambda _: keys["key"], Drops(b"k"))
    message = metrics(session_dot_id=SESSION, user_dot_id="d" * 64)
    before = words(only(send("protobuf", METRICS, message, to)))
    keys["key"] = b"after"
    to.memory.forget()

    assert words(only(send("protobuf", METRICS, message, to))) != before


def field(tag: int, data: bytes) -> bytes:
    assert len(data) < 2**14
    return bytes([tag, len(data) & 127 | 128, len(data) >> 7]) + data


def wrapped(point: bytes) -> bytes:
    metric = field(0x0A, b"claude_code.token.usage") + field(0x3A, field(0x0A, point) + b"\x10\x01")
    return field(0x0A, field(0x12, field(0x12, metric)))


def test_order_of_fields_and_spelling_of_lengths_change_no_row() -> None:
    point = metrics(type="input", effort="high").resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]
    first, second = (each.SerializeToString() for each in point.attributes)
    short = [b"\x3a" + bytes([len(each)]) + each for each in (first, second)]
    bare = changed(point)
    del bare.attributes[:]
    fixed = bare.SerializeToString()
    orders = [fixed + short[0] + short[1], short[0] + short[1] + fixed, short[0] + fixed + short[1], fixed + field(0x3A, first) + short[1]]
    to = reader()
    rows = [only(to.read(METRICS, Encoding.PROTOBUF, wrapped(data))) for data in [*orders, *reversed(orders)]]

    assert len({repr(told(row)) for row in rows}) == 1
    assert len({row.digest() for row in rows}) == 1
    assert words(rows[0]) == {"type": "input", "effort": "high"}


@pytest.mark.parametrize("tail", [b"\x3a", b"\x3a\x05abc", b"\x80\x00", b"\x3b", b"\x3a\x02\x0a\x01", b"\x3a\x7f\x0a\x06effort\x12\x06\x0a\x04high"])
def test_known_set_with_something_behind_it_is_not_taken_for_the_set(tail: bytes) -> None:
    point = metrics(type="input").resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].SerializeToString()
    to = reader()
    to.read(METRICS, Encoding.PROTOBUF, wrapped(point))

    with pytest.raises(DataError):
        to.read(METRICS, Encoding.PROTOBUF, wrapped(point + tail))


def test_bytes_around_a_set_are_not_taken_for_a_part_of_it() -> None:
    point = metrics(type="input", effort="high").resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0]
    first, second = (each.SerializeToString() for each in point.attributes)
    bare = changed(point)
    del bare.attributes[:]
    fixed = bare.SerializeToString()
    bare.time_unix_nano += 1
    later = bare.SerializeToString()
    short = [b"\x3a" + bytes([len(each)]) + each for each in (first, second)]
    for odd, next_one in (
        (fixed + field(0x3A, first) + short[1], fixed + field(0x3A, first)[1:] + short[1]),
        (short[0] + later + short[1], fixed + short[0] + later + short[1]),
    ):
        known, fresh = reader(), reader()
        known.read(METRICS, Encoding.PROTOBUF, wrapped(odd))
        said = []
        for to in (known, fresh):
            try:
                said.append([told(row) for row in to.read(METRICS, Encoding.PROTOBUF, wrapped(next_one)).rows])
            except DataError as error:
                said.append([error.code])
        assert said[0] == said[1]


def test_time_beyond_64_bits_with_a_sign_is_rejected() -> None:
    message = metrics()
    message.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0].time_unix_nano = 2**63

    assert send("protobuf", METRICS, message).rejected == send("json", METRICS, message).rejected == 1


def test_row_cannot_be_changed() -> None:
    row = only(send("json", METRICS, metrics(session_dot_id=SESSION)))

    with pytest.raises(AttributeError):
        row.name = "text"
