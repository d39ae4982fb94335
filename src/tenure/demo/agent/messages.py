"""The Anthropic Messages API as a client: one request, one stream of events, one answer. What is not known is passed over, as the API asks for."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx
import msgspec

from tenure.client.service import Block


class Usage(msgspec.Struct):
    """Tokens of one answer."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int = 0
    cache_creation_input_tokens: int = 0


class Message(msgspec.Struct):
    """An answer of the model."""

    id: str = ""
    model: str = ""
    content: list[Block] = msgspec.field(default_factory=list)
    stop_reason: str | None = None
    usage: Usage = msgspec.field(default_factory=Usage)

    @property
    def text(self) -> str:
        """The text of the answer."""
        return "".join(str(block["text"]) for block in self.content if block.get("type") == "text")


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and how it came.

    Attributes:
        message: of the model.
        request_id: the id that the endpoint gave.
        duration_ms: from the request to the last event.
    """

    message: Message
    request_id: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the endpoint said instead of an answer; status 0 = it could not be reached."""

    status: int
    text: str


class _Delta(msgspec.Struct):
    type: str = ""
    text: str = ""
    partial_json: str = ""
    thinking: str = ""
    signature: str = ""
    stop_reason: str | None = None


class _Counts(msgspec.Struct):
    output_tokens: int = 0


class _Event(msgspec.Struct):
    type: str
    message: Message | None = None
    index: int = 0
    content_block: Block | None = None
    delta: _Delta | None = None
    usage: _Counts | None = None


class _Fault(msgspec.Struct):
    message: str = ""


class _Error(msgspec.Struct):
    error: _Fault = msgspec.field(default_factory=_Fault)


class _Cut(Exception):
    """The stream ended before the answer did."""


class Model:
    """A model at an endpoint.

    Args:
        http: a client whose base URL is the endpoint and whose headers carry the key.
        name: of the model.
        now: the present.
        tools: as the API describes them.
        user: what the endpoint is told about the session.
    """

    def __init__(self, http: httpx.Client, name: str, now: Callable[[], datetime], tools: Sequence[Block], user: str) -> None:
        self._http = http
        self._now = now
        self._body: Block = {"model": name, "max_tokens": 8192, "system": SYSTEM, "tools": list(tools), "metadata": {"user_id": user}}

    def answer(self, messages: Sequence[Block], on_text: Callable[[str], None]) -> Answer | Refusal:
        """Send a conversation and return the answer; a stream that is cut is asked for once more, in one piece.

        Args:
            messages: the conversation so far.
            on_text: gets the text as it comes.
        """
        try:
            return self._streamed(messages, on_text)
        except (_Cut, httpx.RemoteProtocolError, httpx.ReadError, httpx.ReadTimeout):
            return self._whole(messages, on_text)
        except httpx.HTTPError as error:
            return Refusal(0, f"the model could not be reached ({type(error).__name__})")

    def _streamed(self, messages: Sequence[Block], on_text: Callable[[str], None]) -> Answer | Refusal:
        begun = self._now()
        with self._http.stream("POST", "/v1/messages", json={**self._body, "messages": list(messages), "stream": True}) as response:
            if response.status_code != 200:
                response.read()
                return _refusal(response)
            message = _assemble(_events(response.iter_lines()), on_text)
            return Answer(message, response.headers.get("request-id", ""), _ms(begun, self._now()))

    def _whole(self, messages: Sequence[Block], on_text: Callable[[str], None]) -> Answer | Refusal:
        begun = self._now()
        try:
            response = self._http.post("/v1/messages", json={**self._body, "messages": list(messages), "stream": False})
            if response.status_code != 200:
                return _refusal(response)
            message = msgspec.json.decode(response.content, type=Message)
        except (httpx.HTTPError, msgspec.DecodeError) as error:
            return Refusal(0, f"the model's answer was cut ({type(error).__name__})")
        on_text(message.text)
        return Answer(message, response.headers.get("request-id", ""), _ms(begun, self._now()))


SYSTEM = "You are a coding agent in the person's working folder. Read before you write. Say in one sentence what you did."


def _events(lines: Iterable[str]) -> Iterator[_Event]:
    for line in lines:
        if line.startswith("data:"):
            try:
                yield msgspec.json.decode(line[5:], type=_Event)
            except msgspec.DecodeError as error:
                raise _Cut from error


def _assemble(events: Iterable[_Event], on_text: Callable[[str], None]) -> Message:
    message, inputs = Message(), dict[int, str]()
    for event in events:
        match event:
            case _Event(type="message_start", message=Message() as begun):
                message = begun
            case _Event(type="content_block_start", content_block=dict() as block):
                message.content.append(block)
            case _Event(type="content_block_delta", delta=_Delta() as delta) if event.index < len(message.content):
                inputs[event.index] = inputs.get(event.index, "") + delta.partial_json
                _extend(message.content[event.index], delta)
                on_text(delta.text)
            case _Event(type="content_block_stop") if inputs.get(event.index):
                message.content[event.index]["input"] = _decoded(inputs[event.index])
            case _Event(type="message_delta"):
                message.stop_reason = event.delta.stop_reason if event.delta else None
                message.usage.output_tokens = event.usage.output_tokens if event.usage else message.usage.output_tokens
            case _Event(type="message_stop"):
                return message
            case _:
                pass
    raise _Cut


def _extend(block: Block, delta: _Delta) -> None:
    for key in ("text", "thinking", "signature"):
        if part := getattr(delta, key):
            block[key] = str(block.get(key, "")) + part


def _decoded(text: str) -> dict[str, object]:
    try:
        return msgspec.json.decode(text, type=dict[str, object])
    except msgspec.DecodeError as error:
        raise _Cut from error


def _refusal(response: httpx.Response) -> Refusal:
    try:
        text = msgspec.json.decode(response.content, type=_Error).error.message
    except msgspec.DecodeError:
        text = "no reason was given"
    return Refusal(response.status_code, text)


def _ms(begun: datetime, ended: datetime) -> int:
    return max(0, int((ended - begun).total_seconds() * 1000))
