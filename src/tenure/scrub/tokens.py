"""The built-in finders of secrets. They search for literals at the speed of memory and try a bounded pattern only where one stands."""

import math
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate

from tenure.scrub.finder import MASK, Span
from tenure.scrub.shapes import LEAD, RUN, SHAPES, Shape


def places(text: bytes, literal: bytes) -> Iterator[int]:
    """Yield the offsets at which a literal stands."""
    at = text.find(literal)
    while at >= 0:
        yield at
        at = text.find(literal, at + len(literal))


_RUN_BYTES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
_AS_RUNS = bytes(120 if byte in _RUN_BYTES else 32 for byte in range(256))
_A_RUN = b"x" * RUN


class Tokens:
    """Finds tokens by their documented shapes.

    Sixty searches through a whole transcript take long. Nearly all tokens hold a long run of letters and digits, and such runs are found
    in two passes; the searches then go through the runs alone, each of them once, however often it stands in the text.

    Args:
        shapes: what to look for.
    """

    def __init__(self, shapes: Sequence[Shape] = SHAPES) -> None:
        self._with_run = [shape for shape in shapes if shape.has_run]
        self._without = [shape for shape in shapes if not shape.has_run]

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where a token of a known shape stands."""
        found = {span for shape in self._without for literal in shape.literals for at in places(text, literal) for span in _tried(shape, text, at)}
        runs = _runs(text)
        begins = list(accumulate((len(run) + 1 for run in runs), initial=0))
        gathered, offsets = b" ".join(runs), list(runs.values())
        for shape in self._with_run:
            for literal in shape.literals:
                covered = 0
                for at in places(gathered, literal):
                    if at >= covered:
                        index = bisect_right(begins, at) - 1
                        spans = [span for offset in offsets[index] for span in _tried(shape, text, offset + at - begins[index])]
                        found.update(spans)
                        covered = min(begins[index + 1], at + min((span.end - span.start for span in spans), default=0) - shape.before)
        return sorted(found, key=lambda span: (span.start, span.end))


def _runs(text: bytes) -> dict[bytes, list[int]]:
    """Return the long runs of letters and digits with what stands before them, but no UUIDs, and where each stands."""
    map_, runs = text.translate(_AS_RUNS), dict[bytes, list[int]]()
    find, size = map_.find, len(text)
    at = find(_A_RUN)
    while at >= 0:
        end = find(b" ", at + RUN)
        if end < 0:
            end = size
        if not (end - at == 36 and text[at + 8] == text[at + 13] == text[at + 18] == text[at + 23] == 45):
            start = at - LEAD if at > LEAD else 0
            run = text[start:end]
            if run in runs:
                runs[run].append(start)
            else:
                runs[run] = [start]
        at = find(_A_RUN, end)
    return runs


def _tried(shape: Shape, text: bytes, at: int) -> Iterator[Span]:
    for start in range(max(0, at - shape.before), at + 1):
        match = shape.pattern.match(text, start)
        if match is not None:
            yield Span(*match.span(match.re.groups), shape.rule)
            return


class PrivateKeys:
    """Finds the blocks of private keys, also where each of their lines stands in a string of its own, or the end is missing."""

    _BEGIN = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
    _HEADERS = re.compile(rb"(?:[\s\\+\-0-9|\xe2\x86\x92\"',]{1,40}(?:Proc-Type|DEK-Info|Version|Comment|Hash): [A-Za-z0-9 ,()./-]{0,100}){1,4}")
    _BODY = re.compile(rb"[A-Za-z0-9+/=\s\\\"',|>\-\xe2\x86\x92]{1,20000}")
    _END = re.compile(rb"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
    _RUN = re.compile(rb"[A-Za-z0-9+/=]{40,20000}")

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where the block of a private key stands."""
        return [span for at in places(text, b"-----BEGIN ") if (span := self._block(text, at)) is not None]

    def _block(self, text: bytes, at: int) -> Span | None:
        begin = self._BEGIN.match(text, at)
        if begin is None:
            return None
        headers = self._HEADERS.match(text, begin.end())
        # up to the next block: what is long is read once
        stop = text.find(b"-----BEGIN ", begin.end(), begin.end() + 20_000)
        body = self._BODY.match(text, headers.end() if headers else begin.end(), stop if stop >= 0 else len(text))
        if body is None:
            return None
        end = self._END.search(text, body.start(), body.end())
        runs = [run.end() for run in self._RUN.finditer(text, body.start(), end.start() if end else body.end())]
        if not runs:
            return None
        return Span(at, end.end() if end else runs[-1], "private-key")


class Credentials:
    """Finds passwords in connection strings, and what is sent in an authorization header."""

    _USERINFO = re.compile(rb"://[^\s:/@\"'`<>\\\x00]{0,64}:([^\s/@\"'`<>\\\x00]{3,128})@[A-Za-z0-9.\[_-]")
    _HEADER = re.compile(rb"(?i)(?:bearer|basic|token)[ +]{1,3}([A-Za-z0-9._~+/-]{16,4000}+={0,2})")

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where a password or the value of an authorization header stands."""
        found = []
        for at in places(text, b"://"):
            match = self._USERINFO.match(text, at)
            if match is not None and not is_placeholder(match[1]):
                found.append(Span(*match.span(1), "url-password"))
        for literal, before in ((b"earer ", 1), (b"EARER ", 1), (b"Basic ", 0), (b"uthorization: token ", -14)):
            for at in places(text, literal):
                match = self._HEADER.match(text, max(0, at - before))
                if match is not None and entropy(match[1]) > 3.0 and _is_mixed(match[1]):
                    found.append(Span(*match.span(1), "authorization"))
        return found


class Assignments:
    """Finds what is assigned to a name such as `password` or `api_key`, where it looks like no word and no code."""

    _PASSWORDS = (b"passw", b"pwd", b"passphrase")
    _SECRETS = (b"secret", b"token", b"credential", b"key")
    _KEYS = (b"api", b"access", b"account", b"auth", b"private", b"encryption", b"signing", b"secret", b"license", b"master", b"shared")
    _LEFT = rb"[A-Za-z0-9_-]{3,40}+[\"'`\]\\]{0,8}\s{0,3}(?:=>|:=|[:=]|\s(?=['\"]))\s{0,3}"
    _QUOTED = re.compile(_LEFT + rb"\\{0,8}[bru]?['\"`]{1,8}([^\s\"'`<>\\\x00]{8,500}+)\\{0,8}['\"`]")
    _BARE = re.compile(_LEFT + rb"([^\s\"'`,;&<>(){}\[\]\\\x00]{8,500}+)(?![A-Za-z0-9_(.\[\x00])")
    _OPTION = re.compile(rb"[A-Za-z0-9-]{1,40} ([^\s\"'`,;&<>(){}\[\]\\\x00-]{1}[^\s\"'`,;&<>(){}\[\]\\\x00]{7,200})")

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where a value stands that is assigned to such a name."""
        found, folded = [], text.lower()
        for name in (*self._PASSWORDS, *self._SECRETS):
            is_password = name in self._PASSWORDS
            for at in places(folded, name):
                value = self._value(text, at, is_password=is_password) if self._is_name(folded, name, at) else None
                if value is not None:
                    found.append(Span(*value, "password" if is_password else "assigned-secret"))
        return found

    def _is_name(self, folded: bytes, name: bytes, at: int) -> bool:
        if name == b"key":
            return folded[max(0, at - 12) : at].rstrip(b"_-").endswith(self._KEYS)
        # usage counts stand on every line of an agent's answers
        return not (name == b"token" and folded[at + 5 : at + 6] == b"s")

    def _value(self, text: bytes, at: int, *, is_password: bool) -> tuple[int, int] | None:
        quoted = self._QUOTED.match(text, at)
        if quoted is not None:
            return quoted.span(1) if _is_secret(quoted[1], is_quoted=True, is_password=is_password) else None
        bare = self._BARE.match(text, at)
        if bare is None and text[max(0, at - 2) : at].startswith(b"--"):
            bare = self._OPTION.match(text, at)
        if bare is not None and _is_secret(bare[1], is_quoted=False, is_password=is_password):
            return bare.span(1)
        return None


_WORDS = re.compile(
    rb"(?i)\$|%\(|%[A-Z_]{3,}%|\{|process\.env|os\.environ|getenv|x{4}|\*{3}|\.\.\.|redacted|example|placeholder|changeme|change_me|your[_-]|my[_-]?(?:pass|secret|token)"
    rb"|^(?:pass(?:word)?|passwd|pwd|secret|null|none|undefined|true|false)$|dummy|insert[_-]"
)
_PATH = re.compile(rb"(?:[A-Za-z]:)?[.~]{0,2}[/\\]|https?:|[A-Za-z_$][A-Za-z0-9_$]*(?:(?:\.|::|->|/)[A-Za-z_$][A-Za-z0-9_$-]*)+$|@")
_UUID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)


def is_placeholder(value: bytes) -> bool:
    """Whether a value only says that a secret belongs there."""
    return MASK in value or _WORDS.search(value) is not None


def entropy(value: bytes) -> float:
    """Return Shannon's entropy of the bytes, in bits per byte."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


def _is_secret(value: bytes, *, is_quoted: bool, is_password: bool) -> bool:
    if is_placeholder(value) or (_PATH.match(value) and not _is_base64(value)) or _UUID.match(value) or not _is_mixed(value):
        return False
    least = 2.5 if is_password else 3.0 if is_quoted else 3.3
    if not is_quoted and not is_password and sum(48 <= byte < 58 for byte in value) < 2:
        return False
    return entropy(value) >= least


def _is_base64(value: bytes) -> bool:
    """Whether a value with slashes is so mixed that it is no path."""
    kinds = [sum(first <= byte <= last for byte in value) for first, last in (b"az", b"AZ", b"09")]
    return len(value) >= 30 and min(kinds) >= 1 and sum(kinds) + value.count(b"/") + value.count(b"+") + value.count(b"=") == len(value)


def _is_mixed(value: bytes) -> bool:
    return any(48 <= byte < 58 for byte in value) and any(byte | 32 in range(97, 123) for byte in value)
