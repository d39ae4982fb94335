"""The wire format of protobuf, as far as OTLP needs it. Nothing recurses: what is not asked for is stepped over by its length.

Source: protobuf.dev/programming-guides/encoding.
"""

from collections.abc import Iterator
from struct import error as StructError
from struct import unpack, unpack_from

from tenure.errors import DataError

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5
_MASK = 2**64 - 1


def malformed() -> DataError:
    """Make the one error of all payloads that cannot be read. It says nothing of what was in them."""
    return DataError("telemetry: expected an OTLP payload, got bytes that are none", code="otlp/malformed")


def varint(data: bytes, at: int) -> tuple[int, int]:
    """Read a varint.

    Returns:
        It, as 64 bits without a sign, and the position behind it.

    Raises:
        DataError: it is longer than ten bytes.
        IndexError: the data ends first.
    """
    found = data[at]
    if found < 128:
        return found, at + 1
    found &= 127
    for shift in range(7, 70, 7):
        at += 1
        byte = data[at]
        found |= (byte & 127) << shift
        if byte < 128:
            return found & _MASK, at + 1
    raise malformed()


def fields(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Go through the fields of a message.

    Yields:
        Of each field its tag (number * 8 + wire type); then, for a varint, its value and 0; for others the positions where it begins and ends.

    Raises:
        DataError: it is no message.
    """
    at, end = 0, len(data)
    try:
        while at < end:
            tag, at = varint(data, at)
            kind = tag & 7
            if kind == LENGTH:
                size, at = varint(data, at)
                stop = at + size
            elif kind == FIXED64:
                stop = at + 8
            elif kind == FIXED32:
                stop = at + 4
            elif kind == VARINT:
                value, at = varint(data, at)
                stop = at
                if 8 <= tag < 2**32:
                    yield tag, value, 0
                    continue
            else:
                raise malformed()
            if stop > end or not 8 <= tag < 2**32:
                raise malformed()
            yield tag, at, stop
            at = stop
    except IndexError:
        raise malformed() from None


def signed(value: int) -> int:
    """Read 64 bits as a number with a sign."""
    return value - 2**64 if value >= 2**63 else value


def enum(value: int) -> int:
    """Read a varint as an enum: 32 bits with a sign."""
    value &= 2**32 - 1
    return value - 2**32 if value >= 2**31 else value


def zigzag(value: int) -> int:
    """Read a varint as a sint32."""
    value &= 2**32 - 1
    return (value >> 1) ^ -(value & 1)


def double(data: bytes, at: int) -> float:
    """Read a double."""
    found: float = unpack_from("<d", data, at)[0]
    return found


def fixed64(data: bytes, at: int) -> int:
    """Read eight bytes as a number without a sign."""
    return int.from_bytes(data[at : at + 8], "little")


def sfixed64(data: bytes, at: int) -> int:
    """Read eight bytes as a number with a sign."""
    return int.from_bytes(data[at : at + 8], "little", signed=True)


def text(data: bytes) -> str:
    """Read a string.

    Raises:
        DataError: it is no UTF-8.
    """
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise malformed() from None


def packed64(data: bytes, code: str) -> tuple[int | float, ...]:
    """Read a packed run of doubles (`d`) or fixed64 (`Q`).

    Raises:
        DataError: it is cut.
    """
    try:
        return unpack(f"<{len(data) // 8}{code}", data)
    except StructError:
        raise malformed() from None


def packed_varints(data: bytes) -> list[int]:
    """Read a packed run of varints.

    Raises:
        DataError: it is cut.
    """
    found, at, end = [], 0, len(data)
    try:
        while at < end:
            value, at = varint(data, at)
            found.append(value)
    except IndexError:
        raise malformed() from None
    return found
