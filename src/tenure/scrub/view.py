r"""Two views of raw JSONL for finders: one as long as the raw bytes, with escapes laid flat, and one with escapes decoded, and a map back.

The flat view costs a few passes at the speed of memory: `\n` becomes a space and a line end, so that each offset stays what it is. It shows where a
token begins and ends, at any depth of JSON in JSON. What is written with an escape *inside* a token (`\u002d`, `\/`, a colour code) only the
joined view shows; it is made for the lines that have such escapes.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

_COLOUR = rb"(?:\x1b|\\+(?:u001[bB]|x1[bB]|033))\[[0-9;:]{0,32}[A-Za-z]"
_COLOURS = re.compile(_COLOUR)
_CODE = re.compile(rb"\\u(?:00([2-7][0-9a-fA-F])|[0-9a-fA-F]{4})")
_UNIT = re.compile(_COLOUR + rb"|\\+(?:u(00[0-7][0-9a-fA-F]|[0-9a-fA-F]{4})|([\"/nrtbf]))|\\+")
_PLAIN = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b" ", b"f": b" "}
_TELLING = (b"\\u", b"\\/", b"\x1b[", b"\\x1b[", b"\\x1B[", b"\\033[")


def flat(raw: bytes, lines: Iterable[tuple[int, int]]) -> bytes:
    """Return a text of the same length in which JSON's escapes are spaces and what they stand for, and each escaped quote is several.

    Args:
        raw: lines of JSON.
        lines: what `lines_to_join` said of them.
    """
    if b"\\" not in raw and not lines:
        return raw
    pieces, after = [], 0
    for start, end in lines:
        line = _COLOURS.sub(lambda match: b" " * len(match[0]), raw[start:end])
        pieces += [raw[after:start], _CODE.sub(_code, line)]
        after = end
    text = b"".join([*pieces, raw[after:]])
    return text.replace(b"\\n", b" \n").replace(b'\\\\\\"', b'""""').replace(b'\\"', b'""').replace(b"\\t", b" \t").replace(b"\\r", b" \r")


def _code(match: re.Match[bytes]) -> bytes:
    """Return an escaped character as long as its escape; what is not ASCII is some byte that is not ASCII either."""
    return b"\x80" * len(match[0]) if match[1] is None else b"     " + bytes.fromhex(match[1].decode())


def lines_to_join(raw: bytes) -> list[tuple[int, int]]:
    """Return start and end of the lines that have escapes which may stand inside a token, in order."""
    return sorted({line for telling in _TELLING for line in _lines_with(raw, telling)})


def _lines_with(raw: bytes, telling: bytes) -> Iterator[tuple[int, int]]:
    at = raw.find(telling)
    while at >= 0:
        end = raw.find(b"\n", at)
        end = len(raw) if end < 0 else end
        yield raw.rfind(b"\n", 0, at) + 1, end
        at = raw.find(telling, end)


class Joined:
    """Text with all escapes decoded and colour codes left out, and where each of its bytes came from.

    Args:
        raw: a line.
    """

    __slots__ = ("_from", "_starts", "_to", "text")

    def __init__(self, raw: bytes) -> None:
        self._starts: list[int] = []
        self._from: list[int] = []
        self._to: list[int | None] = []
        pieces, size, after = [], 0, 0
        for match in _UNIT.finditer(raw):
            start, end = match.span()
            if start > after:
                self._add(size, after, None)
                pieces.append(raw[after:start])
                size += start - after
            after = end
            decoded = _decoded(match)
            if decoded:
                self._add(size, start, end)
                pieces.append(decoded)
                size += 1
        self._add(size, after, None)
        pieces.append(raw[after:])
        self.text = b"".join(pieces)

    def _add(self, at: int, start: int, end: int | None) -> None:
        self._starts.append(at)
        self._from.append(start)
        self._to.append(end)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the raw line a part of the text stands, escapes included."""
        first, last = bisect_right(self._starts, start) - 1, bisect_right(self._starts, end - 1) - 1
        begins = self._from[first] + (start - self._starts[first] if self._to[first] is None else 0)
        unit = self._to[last]
        return begins, unit if unit is not None else self._from[last] + end - self._starts[last]


def _decoded(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        code = int(match[1], 16)
        if code > 127:
            return b"\x80"
        return bytes((code,)) if code >= 32 or code in (9, 10, 13) else b" "
    if match[2] is not None:
        return _PLAIN.get(match[2], match[2])
    return b"\\" if match[0].endswith(b"\\") else b""
