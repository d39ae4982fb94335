"""What a reader remembers from one payload to the next: attribute sets and single attributes, by the bytes that they came as.

Only what was kept whole is remembered, so content that was dropped does not rest here. One memory serves one subject; after an erasure it is
forgotten, since it holds ids that were hashed under keys that are gone.
"""

from dataclasses import dataclass, field
from typing import TypeVar

from tenure.server.otlp.drops import Drop
from tenure.server.otlp.rows import Labels, SessionId
from tenure.server.otlp.values import Given, Judged, Value

MOST_ENTRIES = 4_096
MOST_CONTEXTS = 16
LONGEST_SET = 4_096
LONGEST_PAIR = 256

Key = TypeVar("Key")
Found = TypeVar("Found")


@dataclass(slots=True)
class Context:
    """What holds for all rows of one resource.

    Attributes:
        session: that the resource names.
        values: what may be kept of it.
        dropped: what was dropped of it.
        mark: tells resources apart.
        sets: labels by client and tag, and by the bytes of an attribute set.
    """

    session: SessionId | None
    values: tuple[tuple[int, Value], ...]
    dropped: tuple[Drop, ...]
    mark: bytes
    sets: dict[tuple[int, int], dict[bytes, Labels]] = field(default_factory=dict)

    def of(self, client: int, tag: int) -> dict[bytes, Labels]:
        """Return the labels known of a client's attribute sets that stand under a tag."""
        return self.sets.setdefault((client, tag), {})


class Memory:
    """Bounded; when one of its tables is full, that table is emptied."""

    def __init__(self) -> None:
        self._contexts: dict[bytes, Context] = {}
        self._pairs: dict[int, dict[bytes, tuple[bytes, int, Judged | None]]] = {}
        self._texts: dict[int, dict[tuple[str, Given], tuple[bytes, int, Judged | None]]] = {}

    def forget(self) -> None:
        """Forget all of it."""
        self._contexts.clear()
        self._pairs.clear()
        self._texts.clear()

    def context(self, raw: bytes) -> Context | None:
        """Return what is known of a resource."""
        return self._contexts.get(raw)

    def keep_context(self, raw: bytes, context: Context) -> None:
        """Remember a resource of which nothing was dropped."""
        if not context.dropped and len(raw) <= LONGEST_SET:
            if len(self._contexts) >= MOST_CONTEXTS:
                self._contexts.clear()
            self._contexts[raw] = context

    def pairs(self, client: int) -> dict[bytes, tuple[bytes, int, Judged | None]]:
        """Return the single attributes known of a client."""
        return self._pairs.setdefault(client, {})

    def texts(self, client: int) -> dict[tuple[str, Given], tuple[bytes, int, Judged | None]]:
        """Return the single attributes known of a client whose values are text, by key and value."""
        return self._texts.setdefault(client, {})


def remember(known: dict[Key, Found], key: Key, found: Found) -> None:
    """Put something into a table, which is emptied first when it is full."""
    if len(known) >= MOST_ENTRIES:
        known.clear()
    known[key] = found
