"""Reading requests: who sends it, how much it may be, what form it has. Bounded before it is read, in time too, and under compression too."""

import asyncio
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import msgspec
from starlette.requests import Request

from tenure.errors import DataError, VaultError
from tenure.server.wire import why_malformed
from tenure.server.writer import Writer
from tenure.services.tokens import Scope, Token, Tokens

LARGEST = 64 * 1024 * 1024
"""Bytes of a body, compressed and not."""
LARGEST_SMALL = 256 * 1024
"""The same for forms that carry no transcript."""
MOST_AT_ONCE = 512 * 1024 * 1024
"""Bytes of bodies that are in memory at once; what would go beyond is told to come back later."""
PIECE_S = 20.0
"""Seconds until the next piece of a body, at the most."""
BODY_S = 600.0
"""Seconds for a whole body."""
_WINDOW = {"gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
Form = TypeVar("Form")


class Room:
    """How much of bodies is in memory. Used on the event loop's thread alone.

    Args:
        most: bytes.
    """

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self.taken = 0

    @contextmanager
    def part(self) -> Iterator["Part"]:
        """Give a request its part, and take it back after."""
        part = Part(self)
        try:
            yield part
        finally:
            self.taken -= part.size

    def take(self, size: int) -> None:
        """Take up room.

        Raises:
            VaultError: there is none left (`server/busy`).
        """
        if self.taken + size > self._most:
            raise VaultError("body: expected room for it, found none left", code="server/busy", remedy="come back in a second")
        self.taken += size


class Part:
    """What one request takes up of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.size = 0

    def take(self, size: int) -> None:
        """Take up more.

        Raises:
            VaultError: there is none left (`server/busy`).
        """
        self._room.take(size)
        self.size += size


async def authenticated(request: Request, writer: Writer, *scopes: Scope) -> Token:
    """Return the token of a request.

    Raises:
        DataError: there is none that is worth something (`server/no-token`), or it may not do this (`server/scope`).
    """
    kind, _, text = request.headers.get("authorization", "").partition(" ")
    token = None
    if kind.lower() == "bearer" and len(text) <= 100:
        token = await writer.run(lambda keeping: Tokens(keeping.store, keeping.time).find(text.strip(), keeping.accounts.resolve))
    if token is None:
        raise DataError("authorization: expected a token that is good, found none", code="server/no-token", remedy="tenure keys mint makes one")
    if token.scope not in scopes:
        expected = " or ".join(scopes)
        raise DataError(f"authorization: expected a token of scope {expected}, got {token.scope}", code="server/scope", remedy="tenure keys mint")
    return token


async def body_of(request: Request, most: int = LARGEST) -> bytes:
    """Return a request's body, decompressed. What it takes up of the room is given back when the request is over.

    Raises:
        DataError: more than `most` bytes (`server/too-large`), slower than may be (`server/too-slow`), or not what its encoding says
            (`server/malformed`).
        VaultError: too much is in memory (`server/busy`).
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("", "identity", *_WINDOW):
        raise DataError("content-encoding: expected gzip, deflate or identity, got another", code="server/malformed")
    part: Part = request.scope["tenure.part"]
    content = bytearray()
    end = asyncio.get_running_loop().time() + BODY_S
    try:
        async with asyncio.timeout(PIECE_S) as limit:
            async for piece in request.stream():
                part.take(len(piece))
                content += piece
                if len(content) > most:
                    raise _too_large(most)
                limit.reschedule(min(end, asyncio.get_running_loop().time() + PIECE_S))
    except TimeoutError as error:
        raise DataError("body: expected its next part sooner, got none", code="server/too-slow", remedy="send it again") from error
    if encoding not in _WINDOW:
        return bytes(content)
    found = await asyncio.to_thread(_expanded, bytes(content), encoding, most)
    part.take(len(found))
    return found


def _expanded(content: bytes, encoding: str, most: int) -> bytes:
    """Expand a body up to a bound."""
    try:
        expander = zlib.decompressobj(_WINDOW[encoding])
        found = expander.decompress(content, most + 1)
    except zlib.error as error:
        raise _other_bytes(encoding) from error
    if len(found) > most:
        raise _too_large(most)
    if not expander.eof or expander.unused_data:
        raise _other_bytes(encoding)
    return found


def _other_bytes(encoding: str) -> DataError:
    return DataError(f"body: expected {encoding} in one part, found other bytes", code="server/malformed")


async def form_of(request: Request, form: type[Form], most: int = LARGEST_SMALL) -> Form:
    """Return a request's body in its form.

    Raises:
        DataError: too large, or another form.
    """
    content = await body_of(request, most)
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        reason = why_malformed(error) if isinstance(error, msgspec.DecodeError) else "no JSON"
        raise DataError(f"body: expected the form that /openapi.json describes, found: {reason}", code="server/malformed") from error


def _too_large(most: int) -> DataError:
    return DataError(f"body: expected at most {most} bytes, got more", code="server/too-large", remedy="send it in parts")
