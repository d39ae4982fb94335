"""Replacing what finders found in the bytes of a transcript. The same value gets the same placeholder, in every copy."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tenure.scrub import FINDERS
from tenure.scrub.finder import MASK, PERSONAL, Finder, Span, Together
from tenure.scrub.lines import Piece, fit
from tenure.scrub.tokens import places
from tenure.scrub.view import Joined, flat, lines_to_join

_PLACEHOLDER = re.compile(rb"\[redacted:([a-z0-9-]{1,80})-(\d{1,6})\]")
_PERSON = re.compile(rb"user-(\d{1,6})(?!\d)")
_LAYOUT = re.compile(rb"[^A-Za-z0-9/]+")
_RULE = re.compile(r"[^a-z0-9]+")
_SWEPT = re.compile(rb"[^\s\x00\\\"]{8,512}")
_MOST_SWEPT = 1000
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Replaced:
    """What was done in one line under one rule.

    Attributes:
        line: its number, from 1.
        rule: what it was found by.
        count: how many places.
    """

    line: int
    rule: str
    count: int


@dataclass(frozen=True, slots=True)
class Redaction:
    """A transcript with placeholders.

    Attributes:
        content: the bytes.
        replaced: what was replaced, by line.
        signed: what of it lies in signed thinking, whose signature therefore no longer fits; with `keep_signed` what was found there and left.
    """

    content: bytes
    replaced: tuple[Replaced, ...]
    signed: tuple[Replaced, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how many places were replaced, by rule."""
        counted: Counter[str] = Counter()
        for one in self.replaced:
            counted[one.rule] += one.count
        return dict(sorted(counted.items()))


class Redactor:
    """Redacts transcripts that belong together: what is the same in two of them gets the same placeholder.

    Args:
        finder: looks for more than the built-in finders do.
        keep_signed: leave the text of thinking blocks that have a signature as it is, secrets included, so that a session can
            be resumed from the copy.
    """

    def __init__(self, finder: Finder | None = None, *, keep_signed: bool = False) -> None:
        self._finder = Together([*FINDERS.values(), *([] if finder is None else [finder])])
        self._keep_signed = keep_signed
        self._placeholders: dict[tuple[str, bytes], bytes] = {}
        self._numbers: Counter[str] = Counter()

    def redact(self, content: bytes) -> Redaction:
        """Return the content with placeholders; redacting that again changes nothing.

        Args:
            content: JSONL; lines that are not JSON are redacted as they stand.
        """
        self._learn_numbers(content)
        lines = content.split(b"\n")
        numbers: Sequence[int] = range(len(lines))
        replaced: Counter[tuple[int, str]] = Counter()
        signed: Counter[tuple[int, str]] = Counter()
        for _ in range(_ROUNDS):
            changed = []
            for number, pieces in self._found([lines[number] for number in numbers], numbers):
                kept = [piece for piece in pieces if not (piece.is_signed and self._keep_signed)]
                signed.update((number, piece.rule) for piece in pieces if piece.is_signed)
                if not kept:
                    continue
                lines[number] = self._spliced(lines[number], kept)
                replaced.update((number, piece.rule) for piece in kept)
                if any(piece.rule != "home" for piece in kept):
                    changed.append(number)
            if not changed:
                break
            numbers = changed
        return Redaction(b"\n".join(lines), _listed(replaced), _listed(signed))

    def _found(self, lines: list[bytes], numbers: Sequence[int]) -> Iterable[tuple[int, list[Piece]]]:
        """Yield the numbers of lines in which something is to be replaced, with what and where."""
        raw = b"\n".join(lines)
        begins = [0]
        for line in lines:
            begins.append(begins[-1] + len(line) + 1)
        by_line: dict[int, list[Piece]] = {}
        for start, end, rule, known in _apart(self._places(raw)):
            value = raw[start:end] if known is None else known
            first, last = bisect_right(begins, start) - 1, bisect_right(begins, end - 1) - 1
            for index in range(first, last + 1):
                size = len(lines[index]) - lines[index].endswith(b"\r")
                piece = Piece(max(0, start - begins[index]), min(size, end - begins[index]), rule, value)
                if piece.start < piece.end:
                    by_line.setdefault(index, []).append(piece)
        for index, pieces in sorted(by_line.items()):
            line = lines[index]
            fitted = fit(line[: len(line) - line.endswith(b"\r")], pieces)
            if fitted:
                yield numbers[index], fitted

    def _places(self, raw: bytes) -> list[tuple[int, int, str, bytes]]:
        """Return everything that was found in either view: start, end, rule, value."""
        raw_masked = _masked(raw)
        to_join = lines_to_join(raw_masked)
        text = flat(raw_masked, to_join)
        found = [(span.start, span.end, span.rule, _value(span, raw, text)) for span in self._ask(text)]
        joined = [(start, Joined(raw_masked[start:end])) for start, end in to_join]
        whole = b"\n".join(view.text for _, view in joined)
        begins = [0]
        for _, view in joined:
            begins.append(begins[-1] + len(view.text) + 1)

        def place(span: Span) -> tuple[int, int, str, bytes]:
            index = bisect_right(begins, span.start) - 1
            start, view = joined[index]
            first, last = view.raw_span(span.start - begins[index], min(span.end - begins[index], len(view.text)))
            return start + first, start + last, span.rule, _value(span, whole, whole)

        spans = self._ask(whole) if joined else []
        found += [place(span) for span in spans]
        values = {value: rule for _, _, rule, value in found if rule not in PERSONAL and _SWEPT.fullmatch(value)}
        for value, rule in list(values.items())[:_MOST_SWEPT]:
            size = len(value)
            found += [(at, at + size, rule, value) for at in places(text, value)]
            found += [place(Span(at, at + size, rule)) for at in places(whole, value)]
        return found

    def _ask(self, text: bytes) -> list[Span]:
        return [span for span in self._finder.find(text) if 0 <= span.start < span.end <= len(text) and MASK not in text[span.start : span.end]]

    def _learn_numbers(self, content: bytes) -> None:
        """Go on counting where placeholders in the content left off, so that a number never stands for two things."""
        for rule, number in _PLACEHOLDER.findall(content):
            name = rule.decode()
            self._numbers[name] = max(self._numbers[name], int(number))
        for number in _PERSON.findall(content):
            self._numbers["home"] = max(self._numbers["home"], int(number))

    def _spliced(self, line: bytes, pieces: Sequence[Piece]) -> bytes:
        parts, after = [], 0
        for piece in pieces:
            parts += [line[after : piece.start], self._placeholder(piece)]
            after = piece.end
        return b"".join([*parts, line[after:]])

    def _placeholder(self, piece: Piece) -> bytes:
        given = self._placeholders.get((piece.rule, piece.value))
        if given is None:
            name = _RULE.sub("-", piece.rule.lower()).strip("-")[:80] or "secret"
            self._numbers[name] += 1
            given = f"user-{self._numbers[name]}".encode() if piece.rule == "home" else f"[redacted:{name}-{self._numbers[name]}]".encode()
            self._placeholders[piece.rule, piece.value] = given
        return given


def _value(span: Span, raw: bytes, text: bytes) -> bytes:
    """Return what tells the same thing in two places from two things: a private key may be laid out otherwise, a view may cut a name at an escape."""
    if span.rule == "private-key":
        return _LAYOUT.sub(b"", text[span.start : span.end])
    return (raw if span.rule == "home" else text)[span.start : span.end]


def _masked(raw: bytes) -> bytes:
    """Return the text with masks where placeholders stand, as long as before."""
    return _PLACEHOLDER.sub(lambda match: bytes((MASK,)) * len(match[0]), raw) if b"[redacted:" in raw else raw


def _apart(found: list[tuple[int, int, str, bytes]]) -> list[tuple[int, int, str, bytes | None]]:
    """Join secrets that overlap, whose value is then not known; drop personal data that overlaps a secret or other personal data."""
    kept: list[tuple[int, int, str, bytes | None]] = []
    for start, end, rule, value in sorted(found, key=lambda one: (one[0], -one[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end, rule, value))
            continue
        before = kept[-1]
        if before[2] in PERSONAL and rule not in PERSONAL:
            kept[-1] = (start, end, rule, value) if end >= before[1] else (start, before[1], rule, None)
        elif rule not in PERSONAL and end > before[1]:
            kept[-1] = (before[0], end, before[2], None)
    return kept


def _listed(counted: Counter[tuple[int, str]]) -> tuple[Replaced, ...]:
    return tuple(Replaced(number + 1, rule, count) for (number, rule), count in sorted(counted.items()))
