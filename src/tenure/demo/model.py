"""A model that says what a script tells it, on this machine: the Anthropic Messages API, streaming or in one piece. For tests and the demo.

It serves any client of that API: what asks without tools (a session's title, a count of tokens) gets an answer beside the script.
"""

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

Block = Mapping[str, object]
USAGE = {"input_tokens": 1200, "output_tokens": 42, "cache_read_input_tokens": 5000, "cache_creation_input_tokens": 300}


@dataclass(frozen=True, slots=True)
class Turn:
    """One answer.

    Attributes:
        blocks: of its content.
        status: 200, or the status of a refusal.
        message: of a refusal.
        is_cut: the stream ends after the first block; in one piece it is whole.
        usage: the tokens that it says.
    """

    blocks: tuple[Block, ...] = ()
    status: int = 200
    message: str = ""
    is_cut: bool = False
    usage: Mapping[str, int] = field(default_factory=lambda: USAGE)

    @property
    def stop_reason(self) -> str:
        """Why the answer ends."""
        return "tool_use" if any(block["type"] == "tool_use" for block in self.blocks) else "end_turn"


def says(text: str, *, is_cut: bool = False) -> Turn:
    """Return an answer of text."""
    return Turn(({"type": "text", "text": text},), is_cut=is_cut)


def calls(tool: str, **given: object) -> Turn:
    """Return an answer that uses a tool; the id of the call is filled in when it is given."""
    return Turn(({"type": "tool_use", "name": tool, "input": given},))


def refuses(status: int, message: str) -> Turn:
    """Return a refusal."""
    return Turn(status=status, message=message)


@dataclass(frozen=True, slots=True)
class Seen:
    """A request that was seen.

    Attributes:
        method: such as `POST`.
        path: with what follows it.
        headers: names in lower case.
        body: as it came.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, object]:
        """The body as JSON."""
        found = json.loads(self.body)
        return dict(found)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away in the middle is no error here."""


class ScriptedModel:
    """A server that answers by a script; used in a `with` statement.

    Args:
        turns: the answers, in order; after the last one it says that it is done.
        on_request: is called before each answer of the script, and may wait.
    """

    def __init__(self, turns: Sequence[Turn] = (), on_request: Callable[[Seen], None] = lambda _: None) -> None:
        self.requests: list[Seen] = []
        self._turns = list(turns)
        self._given = 0
        self._on_request = on_request
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, seen: Seen) -> tuple[int, Turn]:
        """Note a request and return the number and the answer that it gets."""
        with self._lock:
            self.requests.append(seen)
        asked = seen.json
        if not asked.get("tools"):
            return 0, says('{"title": "A session"}')
        with self._lock:
            is_replay = asked.get("stream") is False and 0 < self._given <= len(self._turns) and self._turns[self._given - 1].is_cut
            self._given += not is_replay
            number = self._given
        self._on_request(seen)
        return number, self._turns[number - 1] if number <= len(self._turns) else says("Done.")

    def note(self, seen: Seen) -> None:
        """Note a request that is not for the script."""
        with self._lock:
            self.requests.append(seen)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self._reply(200, b"")

            def do_GET(self) -> None:
                model.note(_seen(self))
                self._reply(404, _error("not_found_error", "no such page"))

            def do_POST(self) -> None:
                seen = _seen(self)
                path = seen.path.partition("?")[0]
                if path == "/v1/messages/count_tokens":
                    model.note(seen)
                    self._reply(200, b'{"input_tokens": 1200}')
                elif path != "/v1/messages":
                    model.note(seen)
                    self._reply(404, _error("not_found_error", "no such page"))
                else:
                    number, turn = model.answer(seen)
                    self._turn(number, turn, streamed=seen.json.get("stream") is True, asked=str(seen.json.get("model", "")))

            def _turn(self, number: int, turn: Turn, *, streamed: bool, asked: str) -> None:
                if turn.status != 200:
                    kind = "invalid_request_error" if turn.status < 500 else "api_error"
                    self._reply(turn.status, _error(kind, turn.message), number)
                elif streamed:
                    events = list(_events(number, turn, asked))
                    content = b"".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events)
                    self._reply(200, content, number, kind="text/event-stream", is_cut=turn.is_cut)
                else:
                    self._reply(200, json.dumps(_message(number, turn, asked)).encode(), number)

            def _reply(self, status: int, content: bytes, number: int = 0, *, kind: str = "application/json", is_cut: bool = False) -> None:
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.send_header("request-id", f"req_scripted{number:06}")
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if is_cut else content)
                self.close_connection = self.close_connection or is_cut

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def _seen(handler: BaseHTTPRequestHandler) -> Seen:
    body = handler.rfile.read(int(handler.headers.get("content-length", "0")))
    headers = {name.lower(): value for name, value in handler.headers.items()}
    return Seen(handler.command, handler.path, headers, body)


def _error(kind: str, message: str) -> bytes:
    return json.dumps({"type": "error", "error": {"type": kind, "message": message}}).encode()


def _message(number: int, turn: Turn, asked: str) -> dict[str, object]:
    head = {"id": f"msg_scripted{number:06}", "type": "message", "role": "assistant", "model": asked}
    blocks = [_named(block, number, index) for index, block in enumerate(turn.blocks)]
    return {**head, "content": blocks, "stop_reason": turn.stop_reason, "stop_sequence": None, "usage": dict(turn.usage)}


def _named(block: Block, number: int, index: int) -> dict[str, object]:
    return {**block, "id": f"toolu_scripted{number:04}{index:02}"} if block["type"] == "tool_use" else dict(block)


def _events(number: int, turn: Turn, asked: str) -> Iterator[dict[str, object]]:
    whole = _message(number, turn, asked)
    yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None, "usage": {**turn.usage, "output_tokens": 1}}}
    yield {"type": "ping"}
    for index, block in enumerate(turn.blocks):
        named = _named(block, number, index)
        if block["type"] == "tool_use":
            begun, kind, key, text = {**named, "input": {}}, "input_json_delta", "partial_json", json.dumps(block["input"])
        else:
            begun, kind, key, text = {**named, "text": ""}, "text_delta", "text", str(block["text"])
        yield {"type": "content_block_start", "index": index, "content_block": begun}
        for part in (text[: len(text) // 2], text[len(text) // 2 :]):
            yield {"type": "content_block_delta", "index": index, "delta": {"type": kind, key: part}}
        yield {"type": "content_block_stop", "index": index}
    delta = {"stop_reason": turn.stop_reason, "stop_sequence": None}
    yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": turn.usage["output_tokens"]}}
    yield {"type": "message_stop"}
