"""Splicing into one line of JSONL: replacements lie inside JSON strings, on the borders of escapes, and never in what holds a transcript together."""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass

import msgspec

_STRING = re.compile(rb'"([^"\\]*(?:\\.[^"\\]*)*)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.", re.DOTALL)
_COLON = re.compile(rb"\s*:")
_ID_KEYS = frozenset(
    b"uuid parentUuid logicalParentUuid sessionId session_id id leafUuid messageId message_id requestId request_id promptId agentId toolUseID "
    b"tool_use_id parentToolUseID parent_tool_use_id sourceToolAssistantUUID sourceToolUseID timestamp version type".split()
)
_FIXED_KEYS = _ID_KEYS | {b"signature", b"data", b"base64"}
_NEAR = 4096
_ID = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|(?:toolu|srvtoolu|msg|req|call|resp|fc|rs|chatcmpl)_[A-Za-z0-9_]{8,80}|[a-f0-9]{1,40}|[0-9T:.Z+-]{1,40}|[a-z_.-]{1,32}"
)
# outside of strings JSON has digits, signs, brackets and the letters of true, false, null and 1E5 only
_INSIDE = re.compile(rb"[A-DF-Zbcdghijkmo-qv-z@/_$%&*;#!?=<>~^]")
_SIGNATURE = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
_BLOB = re.compile(rb"[A-Za-z0-9+/]{256,}={0,2}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and what was found there.

    Attributes:
        start: offset in the line of the first byte.
        end: offset behind the last byte.
        rule: what it was found by.
        value: what tells the same thing in two places from two things; never shown.
        is_signed: it lies in the text of a block with a signature.
    """

    start: int
    end: int
    rule: str
    value: bytes
    is_signed: bool = False

    def __repr__(self) -> str:
        return f"Piece({self.start}, {self.end}, {self.rule!r})"


def parses(line: bytes) -> bool:
    """Whether a line is JSON to a reader that is strict, or at least to Python's own."""
    try:
        msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, ValueError):
        pass
    else:
        return True
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def fit(line: bytes, pieces: list[Piece]) -> list[Piece]:
    """Return what of the pieces can be replaced, in order and apart from each other.

    In a line that is JSON, pieces are cut to the strings that they lie in and widened to whole escapes and characters; what lies in ids, signatures
    and images falls away. In another line they stay as they are: there is no form to be kept.

    Args:
        line: without its line end.
        pieces: in order, apart from each other, within the line.
    """
    if b'"signature"' not in line and all(_is_plain(line, piece) for piece in pieces):
        return pieces
    if not parses(line):
        return _apart([_whole_characters(line, piece, 0, len(line)) for piece in pieces]) if _is_text(line) else pieces
    strings = [match.span(1) for match in _STRING.finditer(line)]
    starts = [start for start, _ in strings]
    fitted = [part for piece in pieces for part in _parts(line, piece, strings, starts)]
    return _apart(fitted)


def _is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_plain(line: bytes, piece: Piece) -> bool:
    """Whether a piece lies within one string that is no id and no image, which in most cases a look around it tells, without reading the line."""
    part = line[max(0, piece.start - 12) : piece.end]
    if b"\\" in part or b'"' in line[piece.start : piece.end] or not (piece.rule == "home" or _INSIDE.search(part)) or not part.isascii():
        return False
    quote = line.rfind(b'"', max(0, piece.start - _NEAR), piece.start)
    end = line.find(b'"', piece.end, piece.end + _NEAR)
    if quote < 0 or end < 0:
        return len(line) > 2 * _NEAR and _BLOB.fullmatch(line, max(0, piece.start - _NEAR), piece.end + _NEAR) is None
    if line[quote - 1] == 92 or line[end - 1] == 92:
        return True
    before = line.rfind(b'"', max(0, quote - 100), max(0, quote - 1))
    key = _key_of(line, (line.rfind(b'"', max(0, before - 100), max(0, before)) + 1, before), quote + 1)
    return key not in _FIXED_KEYS or not _is_fixed(key, line[quote + 1 : end])


def _parts(line: bytes, piece: Piece, strings: list[tuple[int, int]], starts: list[int]) -> list[Piece]:
    first, last = max(0, bisect_right(starts, piece.start) - 1), bisect_right(starts, piece.end - 1)
    parts = []
    for number in range(first, last):
        start, end = strings[number]
        if piece.start >= end or piece.end <= start:
            continue
        is_key = _COLON.match(line, end + 1) is not None
        if is_key and (piece.start < start or piece.end > end):
            continue
        key = b"" if is_key or number == 0 else _key_of(line, strings[number - 1], start)
        if key in _FIXED_KEYS and _is_fixed(key, line[start:end]):
            continue
        cut = Piece(max(piece.start, start), min(piece.end, end), piece.rule, piece.value, key == b"thinking" and b'"signature"' in line)
        parts.append(_whole_escapes(line, _whole_characters(line, cut, start, end), start))
    return parts


def _key_of(line: bytes, before: tuple[int, int], start: int) -> bytes:
    between = line[before[1] + 1 : start - 1]
    return line[before[0] : before[1]] if between.strip() == b":" else b""


def _is_fixed(key: bytes, value: bytes) -> bool:
    if key in _ID_KEYS:
        return _ID.fullmatch(value) is not None
    if key == b"signature":
        return _SIGNATURE.fullmatch(value) is not None
    return key in (b"data", b"base64") and _BLOB.fullmatch(value) is not None


def _whole_characters(line: bytes, piece: Piece, first: int, last: int) -> Piece:
    start, end = piece.start, piece.end
    while start > first and line[start] & 0xC0 == 0x80:
        start -= 1
    while end < last and line[end] & 0xC0 == 0x80:
        end += 1
    return piece if (start, end) == (piece.start, piece.end) else Piece(start, end, piece.rule, piece.value, piece.is_signed)


def _whole_escapes(line: bytes, piece: Piece, first: int) -> Piece:
    if b"\\" not in line[max(first, piece.start - 12) : piece.end]:
        return piece
    start, end = piece.start, piece.end
    # an escape begins at most 12 bytes before what it covers; behind a byte that is no backslash every run of backslashes is read from its start
    at = max(first, start - 12)
    while at > first and line[at - 1] == 92:
        at -= 1
    for escape in _ESCAPE.finditer(line, at):
        begins, ends = escape.span()
        if begins >= piece.end:
            break
        if begins < start < ends:
            start = begins
        if begins < piece.end < ends:
            end = ends
    return Piece(start, end, piece.rule, piece.value, piece.is_signed)


def _apart(pieces: list[Piece]) -> list[Piece]:
    kept: list[Piece] = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        if not kept or piece.start >= kept[-1].end:
            kept.append(piece)
        elif piece.end > kept[-1].end:
            last = kept[-1]
            kept[-1] = Piece(last.start, piece.end, last.rule, last.value, last.is_signed)
    return kept
