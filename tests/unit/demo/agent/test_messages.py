import json

import httpx
import pytest
from tests.unit.demo.agent.people import Ticking

from tenure.demo.agent.messages import Answer, Model, Refusal
from tenure.demo.agent.tools import TOOLS

HEAD = {
    "type": "message_start",
    "message": {"id": "msg_1", "model": "claude-opus-4-8", "content": [], "usage": {"input_tokens": 7, "output_tokens": 1}},
}
END = [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 9}}, {"type": "message_stop"}]
WHOLE = {"id": "msg_2", "model": "m", "content": [{"type": "text", "text": "whole"}], "stop_reason": "end_turn", "usage": {"input_tokens": 1}}


def block(index, begun, *deltas):
    yield {"type": "content_block_start", "index": index, "content_block": begun}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def text(index, *parts):
    return block(index, {"type": "text", "text": ""}, *({"type": "text_delta", "text": part} for part in parts))


def stream(*events):
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events).encode()


def asked(*responses):
    """Ask a model that gives these responses; return the answer, the text as it came, and the requests' bodies."""
    given, bodies, heard = iter(responses), [], []

    def handler(request):
        bodies.append(json.loads(request.content))
        found = next(given)
        if isinstance(found, Exception):
            raise found
        return found

    with httpx.Client(base_url="http://model", transport=httpx.MockTransport(handler)) as http:
        answer = Model(http, "claude-opus-4-8", Ticking(), TOOLS, "{}").answer([{"role": "user", "content": "hello"}], heard.append)
    return answer, "".join(heard), bodies


def sse(*events):
    return httpx.Response(200, content=stream(*events), headers={"request-id": "req_1"})


def test_blocks_are_put_together_from_their_parts():
    given = {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {}}
    parts = [{"type": "input_json_delta", "partial_json": part} for part in ('{"file_', 'path": "a"}')]
    thought = [{"type": "thinking_delta", "thinking": "hm"}, {"type": "signature_delta", "signature": "sig"}]
    answer, heard, _ = asked(
        sse(HEAD, {"type": "ping"}, *text(0, "he", "llo"), *block(1, given, *parts), *block(2, {"type": "thinking"}, *thought), *END)
    )

    assert isinstance(answer, Answer)
    assert answer.message.content == [
        {"type": "text", "text": "hello"},
        {"type": "tool_use", "id": "toolu_1", "name": "Read", "input": {"file_path": "a"}},
        {"type": "thinking", "thinking": "hm", "signature": "sig"},
    ]
    assert (heard, answer.request_id, answer.message.stop_reason) == ("hello", "req_1", "end_turn")
    assert (answer.message.usage.input_tokens, answer.message.usage.output_tokens) == (7, 9)
    assert answer.duration_ms == 1000


def test_unknown_events_and_blocks_are_passed_on():
    answer, _, _ = asked(sse(HEAD, {"type": "of_tomorrow", "x": 1}, *block(0, {"type": "new", "of": [1]}, {"type": "new_delta", "z": 1}), *END))

    assert answer.message.content == [{"type": "new", "of": [1]}]


@pytest.mark.parametrize(
    "first",
    [
        sse(HEAD, *text(0, "ha")),
        sse(),
        sse(HEAD, {"type": "error", "error": {"type": "overloaded_error"}}),
        httpx.Response(200, content=b"data: {broken\n\n"),
        httpx.ReadError("cut"),
        httpx.RemoteProtocolError("cut"),
    ],
)
def test_a_stream_that_is_cut_is_asked_for_once_more_in_one_piece(first):
    answer, _, bodies = asked(first, httpx.Response(200, json=WHOLE))

    assert answer.message.text == "whole"
    assert [body["stream"] for body in bodies] == [True, False]


def test_a_refusal_is_one_attempt_and_shown_word_for_word():
    for status in (400, 401, 403, 413, 429, 500, 529):
        answer, _, bodies = asked(httpx.Response(status, json={"type": "error", "error": {"message": "not in this repository"}}))
        assert answer == Refusal(status, "not in this repository")
        assert len(bodies) == 1


def test_a_refusal_without_a_reason_is_one():
    assert asked(httpx.Response(502, content=b"<html>"))[0] == Refusal(502, "no reason was given")


def test_an_endpoint_that_is_away_is_a_refusal():
    assert asked(httpx.ConnectError("no"))[0].status == 0
    assert asked(sse(HEAD), httpx.ConnectError("no"))[0].status == 0


def test_the_request_is_what_the_api_takes():
    _, _, [body] = asked(sse(HEAD, *text(0, "x"), *END))

    assert set(body) == {"model", "max_tokens", "system", "tools", "metadata", "messages", "stream"}
    assert [tool["name"] for tool in body["tools"]] == ["Read", "Write", "Bash"]
