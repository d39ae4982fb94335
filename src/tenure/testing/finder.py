"""A finder that knows what was planted, and what every finder keeps to."""

import random
import re
from collections.abc import Collection, Sequence

from tenure.scrub.finder import Finder, Span
from tenure.testing.secrets import SECRETS, name_of

_PROSE = b"The quick brown fox jumps over the lazy dog. def add(one, other):\n    return one + other\n" * 20


class KnownFinder:
    """Finds given values wherever they stand. For tests of what comes behind a finder.

    Args:
        values: each with the rule to report it by.
    """

    def __init__(self, values: dict[bytes, str]) -> None:
        self._values = values

    def find(self, text: bytes) -> Sequence[Span]:
        """Return where the values stand."""
        return [Span(*match.span(), rule) for value, rule in self._values.items() for match in re.finditer(re.escape(value), text)]

    @classmethod
    def seeded(cls, seed: int) -> "KnownFinder":
        """Return a finder that knows the secrets which `planted` makes of a seed."""
        return cls({secret.encode(): "planted" for secret in planted(seed).values()})


def planted(seed: int) -> dict[str, str]:
    """Return a made-up secret of each kind."""
    chance = random.Random(seed)  # noqa: S311 - known chance is the point of a fake
    return {kind: make(chance) for kind, make in SECRETS.items()}


def check_finder(finder: Finder, kinds: Collection[str], *, seed: int = 7) -> None:
    """Check that a finder finds what it is said to find, says where it stands and not what it is, and takes any bytes.

    Args:
        finder: what is checked.
        kinds: kinds of `SECRETS` that it finds.
        seed: of the secrets.
    """
    assert list(finder.find(b"")) == []
    assert list(finder.find(_PROSE)) == [], "prose is taken for a secret"
    for text in (b"\x00" * 100, b"\xff\xfe\x80" * 100, bytes(range(256)) * 4, b"\\" * 1000, b'"' * 1000, b"a" * 100_000, "密码".encode() * 100):
        check_spans(finder.find(text), text)
    for kind in kinds:
        secret = planted(seed)[kind].encode()
        text = b"line one\n  " + name_of(kind).encode() + b'="' + secret + b'"\nline three\n'
        spans = finder.find(text)
        check_spans(spans, text)
        inner = secret if kind != "database url" else secret.split(b":")[2].split(b"@")[0]
        at = text.index(inner)
        assert any(span.start <= at and at + len(inner) <= span.end for span in spans), f"{kind}: not found"
        assert all(span.end - span.start <= len(secret) + len(name_of(kind)) + 4 for span in spans), f"{kind}: more than the secret is found"
        assert list(spans) == list(finder.find(text)), "the same text gives two answers"
        assert not any(inner.decode() in repr(span) for span in spans), "a span shows what it found"


def check_spans(spans: Sequence[Span], text: bytes) -> None:
    """Check that spans lie within a text and have speakable rules."""
    for span in spans:
        assert 0 <= span.start < span.end <= len(text), f"{span.rule}: {span.start} to {span.end} of {len(text)}"
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", span.rule), "a rule's name holds other than lower-case letters, digits and hyphens"
