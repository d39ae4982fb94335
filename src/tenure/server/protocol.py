"""Connections: strict heads, and none that may last without sending. What is ambiguous on the wire is refused, not guessed.

uvicorn has no limit to the time in which a head arrives, and h11 takes lone line feeds and folded lines. Source: RFC 9112, 2.2, 5.2 and 11.2.
"""

import asyncio
import json
import re

import h11
from h11._receivebuffer import ReceiveBuffer
from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 20.0
"""Seconds from the first byte of a connection, or of its next request, to the end of the head."""
LONGEST_HEAD = 32 * 1024
MOST_CONNECTIONS = 4_000
_END = re.compile(rb"\n\r?\n")
_LONE = re.compile(rb"(?<!\r)\n")
_FOLDED = re.compile(rb"\n[ \t]")


class StrictBuffer(ReceiveBuffer):
    """A buffer of h11 that takes a block of lines only when each of them ends in CR LF and none goes on in the next one."""

    def maybe_extract_lines(self) -> list[bytearray] | None:
        """Extract everything up to the first blank line.

        Raises:
            h11.RemoteProtocolError: a lone line feed, a folded line, or too many bytes.
        """
        end = None if self._data[:2] == b"\r\n" else _END.search(self._data, self._multiple_lines_search)
        if end is not None and end.end() > LONGEST_HEAD:
            raise h11.RemoteProtocolError("too long")
        if self._data[:1] == b"\n" or (end is not None and (_LONE.search(self._data, 0, end.end()) or _FOLDED.search(self._data, 0, end.end()))):
            raise h11.RemoteProtocolError("lone line feed or folded line")
        return super().maybe_extract_lines()


class Connection(H11Protocol):
    """A connection of a client."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Take a connection, or close it where there are too many."""
        super().connection_made(transport)
        self.conn._receive_buffer = StrictBuffer()
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Let go of a connection."""
        self._head_came()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes."""
        if self.transport.is_closing():
            return
        if self._waiting is None and self.conn.their_state is h11.IDLE:
            self._expect_head()
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            self._head_came()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request, once; where an answer was begun, there is nothing to say any more."""
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]  # uvicorn begins with None
            self.cycle.disconnected = True  # whoever reads the body learns that no more comes
            self.cycle.message_event.set()
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.close()
            return
        told = {"code": "server/malformed", "message": "request: expected one of HTTP/1.1, found another", "remedy": "send one"}
        headers = [(b"content-type", b"application/json"), (b"connection", b"close")]
        events = [
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(json.dumps({"error": told}).encode()),
            h11.EndOfMessage(),
        ]
        self.transport.write(b"".join(self.conn.send(event) or b"" for event in events))
        self.transport.close()

    def _expect_head(self) -> None:
        self._waiting = self.loop.call_later(HEAD_S, self._too_slow)

    def _head_came(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _too_slow(self) -> None:
        self._waiting = None
        if not self.transport.is_closing():
            self.transport.abort()
