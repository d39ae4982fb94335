"""Messages of gRPC: a flag of one byte, a length of four, the message. Source: gRPC over HTTP/2, "Length-Prefixed-Message"."""

from typing import NamedTuple

from tenure.errors import DataError
from tenure.server.otlp.wire import malformed

_PREFIX = 5


class Frame(NamedTuple):
    """One message.

    Attributes:
        is_compressed: whether `message` is compressed as the call's header says.
        message: its bytes.
        size: how many bytes of the stream it took.
    """

    is_compressed: bool
    message: bytes
    size: int


def parse_frame(data: bytes, most: int) -> Frame | None:
    """Read the first message of a stream.

    Args:
        data: what has come of it.
        most: bytes that a message may have.

    Returns:
        The message; None while it is not there whole.

    Raises:
        DataError: the flag is neither 0 nor 1, or the message is too long.
    """
    if len(data) < _PREFIX:
        return None
    size = int.from_bytes(data[1:_PREFIX], "big")
    if data[0] > 1:
        raise malformed()
    if size > most:
        raise DataError(f"telemetry: expected a message of at most {most} bytes, got one of {size}", code="otlp/too-much")
    end = _PREFIX + size
    return Frame(data[0] == 1, data[_PREFIX:end], end) if len(data) >= end else None


def render_frame(message: bytes) -> bytes:
    """Put the prefix before a message that is not compressed."""
    return b"\x00" + len(message).to_bytes(4, "big") + message
