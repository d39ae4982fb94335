"""One request's talk with its client: what was read of the body, what was answered, and how a refusal reaches a client that still sends.

A connection that is closed while bytes wait unread is reset, and the answer may be lost with it; so a part of them is read and thrown away first.
Source: RFC 9112, 9.6.
"""

import asyncio

from starlette.types import Message, Receive, Scope, Send

LINGER_S = 2.0
LINGER_BYTES = 128 * 1024 * 1024
_HEADERS = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Talk:
    """A request and its answer, as they pass by.

    Args:
        scope: of the request.
        receive: its body.
        send: takes its answer.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = [name for name, _ in scope["headers"]]
        self.status = 0
        self.is_odd = (b"content-length" in names and b"transfer-encoding" in names) or scope["http_version"] not in ("1.0", "1.1")
        self._receive = receive
        self._send = send
        self._is_read = not (dict(scope["headers"]).get(b"content-length", b"0").strip(b"0") or b"transfer-encoding" in names)
        self._is_waiting_to_send = b"expect" in names

    async def receive(self) -> Message:
        """Receive the next part of the body."""
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._is_read = True
        return message

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        is_closing = not self._is_read
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            named = {name for name, _ in message.get("headers", [])}
            more = [
                *(header for header in _HEADERS if header[0] not in named),
                *([(b"connection", b"close")] if is_closing or self.is_odd else []),
            ]
            message = {**message, "headers": [*message.get("headers", []), *more]}
        elif is_closing and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    async def _linger(self) -> None:
        if self._is_waiting_to_send:
            return
        thrown_away = 0
        try:
            async with asyncio.timeout(LINGER_S):
                while not self._is_read and thrown_away < LINGER_BYTES:
                    thrown_away += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return
