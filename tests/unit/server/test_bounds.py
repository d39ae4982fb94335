"""What bounds a request: room for bodies, time for pieces and heads, the form of lines; and where the service may listen."""

import asyncio
import json
import stat

import h11
import pytest
from starlette.requests import Request

from tenure.errors import ConfigError, DataError, VaultError
from tenure.server import protocol, reading
from tenure.server.protocol import LONGEST_HEAD, StrictBuffer
from tenure.server.reading import Room, body_of
from tenure.server.run import Ready, parse_address


def read(messages, most=100, room=None, headers=()):
    """Read a body that comes in messages; after the last of them nothing comes."""
    left = list(messages)

    async def receive():
        return left.pop(0) if left else await asyncio.Event().wait()

    async def run():
        with (room or Room()).part() as part:
            return await body_of(Request({"type": "http", "headers": list(headers), "tenure.part": part}, receive), most)

    return asyncio.run(run())


def piece(content: bytes, more: bool = False) -> dict:
    return {"type": "http.request", "body": content, "more_body": more}


def test_body_comes_in_pieces():
    assert read([piece(b"one", True), piece(b"two")]) == b"onetwo"


def test_body_that_stops_coming_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "PIECE_S", 0.01)
    with pytest.raises(DataError) as raised:
        read([piece(b"one", True)])
    assert raised.value.code == "server/too-slow"


def test_body_that_comes_for_ever_is_given_up(monkeypatch):
    monkeypatch.setattr(reading, "BODY_S", 0.01)
    with pytest.raises(DataError) as raised:
        read([piece(b"", True), piece(b"x", True)])
    assert raised.value.code == "server/too-slow"


def test_body_is_bounded_while_it_comes_and_before():
    for sent in ([piece(b"x" * 60, True), piece(b"x" * 60)], [piece(b"x" * 101)]):
        with pytest.raises(DataError) as raised:
            read(sent)
        assert raised.value.code == "server/too-large"
    with pytest.raises(DataError) as raised:
        read([], headers=[(b"content-length", b"101")])
    assert raised.value.code == "server/too-large"


def test_bodies_share_a_room_that_is_given_back():
    room = Room(50)
    with room.part() as part:
        part.take(30)
        with pytest.raises(VaultError) as raised:
            read([piece(b"x" * 21)], room=room)
        assert raised.value.code == "server/busy"
        assert room.taken == 30
    assert room.taken == 0
    assert read([piece(b"x" * 50)], room=room) == b"x" * 50


def lines_of(content: bytes):
    buffer = StrictBuffer()
    buffer += content
    return buffer.maybe_extract_lines()


def test_lines_that_end_as_they_should_are_taken():
    assert lines_of(b"GET / HTTP/1.1\r\nA: b\r\n\r\nrest") == [b"GET / HTTP/1.1", b"A: b"]
    assert lines_of(b"\r\nrest") == []
    assert lines_of(b"GET / HTTP/1.1\r\nA: b\r\n") is None


@pytest.mark.parametrize(
    "content",
    [
        b"GET / HTTP/1.1\nA: b\n\n",
        b"GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        b"A: b\r\n\tc\r\n\r\n",
        b"\nrest",
        b"A: b\r\n\n",
        b"A: " + b"b" * LONGEST_HEAD + b"\r\n\r\n",
    ],
)
def test_other_lines_are_refused(content):
    with pytest.raises(h11.RemoteProtocolError):
        lines_of(content)


class Wire(asyncio.Transport):
    """A transport that only notes that it was closed."""

    def __init__(self):
        super().__init__()
        self.is_over = asyncio.Event()

    def abort(self):
        self.is_over.set()

    close = abort

    def is_closing(self):
        return self.is_over.is_set()

    def write(self, data):
        pass

    def pause_reading(self):
        pass

    resume_reading = pause_reading


@pytest.mark.parametrize("sent", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_head_that_does_not_come_to_its_end_is_given_up(monkeypatch, sent):
    import uvicorn
    from uvicorn.server import ServerState

    monkeypatch.setattr(protocol, "HEAD_S", 0.01)

    async def run():
        config = uvicorn.Config(lambda *_: None, log_config=None, lifespan="off")
        config.load()
        connection, wire = protocol.Connection(config, ServerState(), {}), Wire()
        connection.connection_made(wire)
        if sent:
            connection.data_received(sent)
        await asyncio.wait_for(wire.is_over.wait(), 5)

    asyncio.run(run())


def test_one_connection_too_many_is_closed(monkeypatch):
    import uvicorn
    from uvicorn.server import ServerState

    monkeypatch.setattr(protocol, "MOST_CONNECTIONS", 2)

    async def run():
        config, state = uvicorn.Config(lambda *_: None, log_config=None, lifespan="off"), ServerState()
        config.load()
        wires = [Wire() for _ in range(3)]
        for wire in wires:
            protocol.Connection(config, state, {}).connection_made(wire)
        return [wire.is_closing() for wire in wires]

    assert asyncio.run(run()) == [False, False, True]


@pytest.mark.parametrize(
    ("text", "is_loopback"),
    [
        ("127.0.0.1:1", True),
        ("127.9.9.9:1", True),
        ("localhost:1", True),
        ("[::1]:1", True),
        (":1", True),
        ("8443", True),
        ("0.0.0.0:1", False),
        ("[::]:1", False),
        ("127.example.org:1", False),
        ("localhost.example.org:1", False),
        ("10.0.0.1:1", False),
    ],
)
def test_only_loopback_is_loopback(text, is_loopback):
    assert parse_address(text).is_loopback is is_loopback


@pytest.mark.parametrize("text", ["", "x", "127.0.0.1:", "127.0.0.1:-1", "127.0.0.1:65536", "127.0.0.1:٣"])
def test_address_has_a_port(text):
    with pytest.raises(ConfigError):
        parse_address(text)


def test_ready_file_comes_whole_replaces_what_was_left_and_goes(tmp_path):
    path = tmp_path / "ready.json"
    path.write_text("left")
    told = []
    ready = Ready(str(path), {"url": "u"}, lambda: told.append(path.read_text()))
    assert not path.exists()
    ready.come()
    assert json.loads(told[0]) == {"url": "u"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["ready.json"]
    ready.gone()
    ready.gone()
    assert list(tmp_path.iterdir()) == []


def test_ready_file_that_cannot_be_written_is_said(tmp_path):
    with pytest.raises(ConfigError) as raised:
        Ready(str(tmp_path / "no" / "ready.json"), {}, lambda: None).come()
    assert raised.value.code == "config/unwritable"
