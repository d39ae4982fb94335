"""How much was dropped, counted by the keyed hash of a name: which names those were, only who knows a name can ask."""

import hmac
from collections import Counter
from enum import StrEnum

from tenure.server.otlp.values import DIGEST_BYTES

MOST_NAMES = 4_096
OTHER = bytes(DIGEST_BYTES)
"""Stands for all names after the first `MOST_NAMES`, and for what has no name."""


class Reason(StrEnum):
    """Why something was dropped."""

    METRIC = "metric"
    EVENT = "event"
    SPAN = "span"
    KEY = "key"
    VALUE = "value"
    RESOURCE = "resource"
    EXEMPLAR = "exemplar"
    SPAN_EVENT = "span_event"
    LINK = "link"
    SHAPE = "shape"


Drop = tuple[Reason, bytes]


class Drops:
    """Counts of what was dropped, bounded."""

    def __init__(self, key: bytes) -> None:
        """Begin at nothing.

        Args:
            key: of the store, under which names are hashed.
        """
        self._key = key
        self._counts: Counter[Drop] = Counter()

    def name(self, text: str) -> bytes:
        """Return what a name is counted under."""
        return hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")[:DIGEST_BYTES]

    def add(self, drop: Drop) -> None:
        """Count one."""
        if drop not in self._counts and len(self._counts) >= MOST_NAMES:
            drop = (drop[0], OTHER)
        self._counts[drop] += 1

    def counts(self) -> dict[Drop, int]:
        """Return all counts."""
        return dict(self._counts)

    def total(self, reason: Reason) -> int:
        """Return how many were dropped for one reason."""
        return sum(count for (found, _), count in self._counts.items() if found is reason)
