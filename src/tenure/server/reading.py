"""Reading requests: who sends it, how much it may be, what form it has. Bounded before it is read, and under compression too."""

import gzip
import io
import zlib
from typing import TypeVar

import msgspec
from starlette.requests import Request

from tenure.errors import DataError
from tenure.server.wire import why_malformed
from tenure.server.writer import Writer
from tenure.services.tokens import Scope, Token, Tokens

LARGEST = 64 * 1024 * 1024
"""Bytes of a body, compressed and not."""
LARGEST_SMALL = 256 * 1024
"""The same for forms that carry no transcript."""
_PIECE = 64 * 1024
Form = TypeVar("Form")


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
    """Return a request's body, decompressed.

    Raises:
        DataError: more than `most` bytes (`server/too-large`), or not what its encoding says (`server/malformed`).
    """
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > most:
        raise _too_large(most)
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > most:
            raise _too_large(most)
    return _plain(bytes(content), request.headers.get("content-encoding", "identity").strip().lower(), most)


def _plain(content: bytes, encoding: str, most: int) -> bytes:
    if encoding in ("", "identity"):
        return content
    if encoding not in ("gzip", "deflate"):
        raise DataError("content-encoding: expected gzip, deflate or identity, got another", code="server/malformed")
    try:
        if encoding == "deflate":
            expander = zlib.decompressobj()
            found = expander.decompress(content, most + 1)
        else:
            with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
                found = file.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"body: expected {encoding}, found other bytes", code="server/malformed") from error
    if len(found) > most:
        raise _too_large(most)
    return found


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
