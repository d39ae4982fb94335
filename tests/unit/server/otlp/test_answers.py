"""What is answered, frames of gRPC, replays, and the bytes that rows are stored as."""

import json

import msgspec
import pytest
from tests.unit.server.otlp.payloads import AT, RESPONSES, SCHEMA, SESSION, captures, logs, metrics, reader, send, spans, words

from tenure.errors import DataError
from tenure.server.otlp.batch import render_batch
from tenure.server.otlp.dedup import Deduplicator
from tenure.server.otlp.framing import parse_frame, render_frame
from tenure.server.otlp.response import MESSAGE, Encoding, render_response
from tenure.server.otlp.rows import Distribution, by_session
from tenure.server.otlp.schema import Signal
from tenure.services.usage_rows import Columns, Spread, parse_columns, render_columns, rows_of

FIELDS = {Signal.METRICS: "rejected_data_points", Signal.LOGS: "rejected_log_records", Signal.TRACES: "rejected_spans"}


@pytest.mark.parametrize("signal", Signal)
@pytest.mark.parametrize("rejected", [0, 1, 127, 128, 100_000])
def test_answer_says_how_much_was_rejected_in_both_encodings(signal: Signal, rejected: int) -> None:
    answer = RESPONSES[signal].FromString(render_response(signal, Encoding.PROTOBUF, rejected))
    text = json.loads(render_response(signal, Encoding.JSON, rejected))

    assert getattr(answer.partial_success, FIELDS[signal]) == rejected
    assert answer.partial_success.error_message == (MESSAGE if rejected else "")
    assert answer.HasField("partial_success") == bool(rejected) == ("partialSuccess" in text)
    if rejected:
        field = FIELDS[signal].title().replace("_", "")
        assert text["partialSuccess"] == {field[0].lower() + field[1:]: str(rejected), "errorMessage": MESSAGE}


def test_frame_is_read_when_it_is_there_whole() -> None:
    data = render_frame(b"message") + b"next"

    assert parse_frame(data, 7) == (False, b"message", 12)
    assert parse_frame(b"\x01" + data[1:], 7) == (True, b"message", 12)
    assert [parse_frame(data[:size], 7) for size in range(12)] == [None] * 12


@pytest.mark.parametrize(("data", "code"), [(b"\x02\x00\x00\x00\x01a", "otlp/malformed"), (b"\x00\xff\xff\xff\xff", "otlp/too-much")])
def test_frame_with_another_flag_or_too_long_is_an_error(data: bytes, code: str) -> None:
    with pytest.raises(DataError) as caught:
        parse_frame(data, 100)
    assert caught.value.code == code


def test_replay_of_a_batch_changes_nothing() -> None:
    seen = Deduplicator()
    for _, signal, message in captures():
        rows = send("protobuf", signal, message).rows
        assert len(seen.fresh(rows)) == len(rows)
        seen.commit(rows)
        assert seen.fresh(send("protobuf", signal, message).rows) == []
        assert seen.fresh([*rows, *rows]) == []


def test_what_was_not_stored_may_come_again() -> None:
    seen, rows = Deduplicator(), send("json", Signal.METRICS, metrics()).rows

    assert [len(seen.fresh(rows)), len(seen.fresh(rows))] == [1, 1]
    assert len(seen.fresh([*rows, *rows])) == 1


@pytest.mark.parametrize(
    "other",
    [
        metrics(session_dot_id="11111111-dbdb-416a-9d73-5ea347f00db0", type="input"),
        metrics(session_dot_id=SESSION, type="output"),
        metrics(session_dot_id=SESSION, type="input", prompt="dropped"),
        metrics("claude_code.cost.usage", session_dot_id=SESSION, type="input"),
        metrics(session_dot_id=SESSION, type="input", resource={"host.name": "devbox"}),
    ],
)
def test_point_that_differs_in_anything_is_no_replay(other) -> None:
    seen = Deduplicator()
    seen.commit(send("json", Signal.METRICS, metrics(session_dot_id=SESSION, type="input")).rows)

    assert len(seen.fresh(send("json", Signal.METRICS, other).rows)) == 1


@pytest.mark.parametrize("field", ["start_time_unix_nano", "time_unix_nano"])
def test_point_of_another_time_is_no_replay(field: str) -> None:
    other = metrics()
    setattr(other.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points[0], field, AT + 5)
    seen = Deduplicator()
    seen.commit(send("json", Signal.METRICS, metrics()).rows)

    assert len(seen.fresh(send("json", Signal.METRICS, other).rows)) == 1


def test_digest_is_the_same_in_both_encodings_and_of_sixteen_bytes() -> None:
    message = metrics(session_dot_id=SESSION, type="input", prompt="dropped", lines=3)
    digests = {send(way, Signal.METRICS, message).rows[0].digest() for way in ("json", "protobuf", "grpc")}

    assert [len(digest) for digest in digests] == [16]


def test_deduplicator_is_bounded_in_rows_and_sessions() -> None:
    seen = Deduplicator(sessions=2, rows=3)
    sessions = [f"{index:08d}-dbdb-416a-9d73-5ea347f00db0" for index in range(4)]
    for session in sessions:
        for index in range(5):
            seen.commit(send("json", Signal.METRICS, metrics(session_dot_id=session, value=index, lines=index)).rows)

    again = [
        [bool(seen.fresh(send("json", Signal.METRICS, metrics(session_dot_id=session, lines=index)).rows)) for index in range(5)]
        for session in sessions
    ]
    assert again == [[True] * 5, [True] * 5, [True, True, False, False, False], [True, True, False, False, False]]
    seen.forget(sessions[3])
    assert seen.fresh(send("json", Signal.METRICS, metrics(session_dot_id=sessions[3], lines=4)).rows)


def test_record_gives_back_the_rows_in_words() -> None:
    for _, signal, message in captures():
        for rows in by_session(send("json", signal, message).rows).values():
            back = list(rows_of(parse_columns(render_batch(SCHEMA, rows))))
            assert [(row.signal, row.name, row.start, row.at, row.detail) for row in back] == [
                (each.name.signal, each.name.text, each.start, each.at, each.detail) for each in rows
            ]
            assert [row.attributes for row in back] == [words(each) for each in rows]
            assert [len(row.value) if isinstance(row.value, tuple) else _value(row.value) for row in back] == [_value(each.value) for each in rows]


def _value(value):
    return msgspec.structs.astuple(value) if isinstance(value, Spread | Distribution) else value


def test_record_holds_each_attribute_set_once() -> None:
    rows = send("json", Signal.METRICS, metrics(session_dot_id=SESSION, user_dot_id="d" * 64, type="input", model="gpt-5", effort="high")).rows

    assert len(render_batch(SCHEMA, rows * 100)) < len(render_batch(SCHEMA, rows)) + 100 * 25


def test_record_is_of_one_session() -> None:
    rows = [*send("json", Signal.METRICS, metrics()).rows, *send("json", Signal.METRICS, metrics(session_dot_id=SESSION)).rows]

    with pytest.raises(DataError) as caught:
        render_batch(SCHEMA, rows)
    assert caught.value.code == "otlp/batch"
    assert list(rows_of(parse_columns(render_batch(SCHEMA, [])))) == []


def test_series_are_told_apart_in_a_record_where_sums_go_on() -> None:
    one, two = metrics("gemini_cli.token.usage", type="input", model="a"), metrics("gemini_cli.token.usage", type="input", model="b")
    for message, temporality, different in ((one, 2, 2), (one, 1, 1)):
        for each in (message, two):
            each.resource_metrics[0].scope_metrics[0].metrics[0].sum.aggregation_temporality = temporality
        rows = [send("json", Signal.METRICS, each).rows[0] for each in (message, two)]
        assert len({row.series for row in rows_of(parse_columns(render_batch(SCHEMA, rows)))}) == different


def test_record_of_another_form_is_an_error() -> None:
    columns = parse_columns(render_batch(SCHEMA, send("json", Signal.LOGS, logs(duration_ms=1)).rows))
    broken = [
        b"",
        b"\xc1",
        msgspec.msgpack.encode([1]),
        *(
            render_columns(msgspec.structs.replace(columns, **change))
            for change in ({"form": 2}, {"name": (1,)}, {"name": (-1,)}, {"labels": (1,)}, {"keys": ()}, {"at": (1, 2)}, {"value": ()})
        ),
    ]

    assert isinstance(columns, Columns)
    for data in broken:
        with pytest.raises(DataError) as caught:
            parse_columns(data)
        assert caught.value.code == "otlp/batch"


def test_span_and_point_share_no_digest() -> None:
    digests = {
        row.digest()
        for signal, message in ((Signal.METRICS, metrics()), (Signal.LOGS, logs()), (Signal.TRACES, spans()))
        for row in reader_rows(signal, message)
    }

    assert len(digests) == 3


def reader_rows(signal, message):
    return send("json", signal, message, reader()).rows
