"""What both readers share: attributes are judged by the schema, ids hashed, and rows made. Here is every rule that drops something."""

import hmac
from collections.abc import Callable, Iterable
from hashlib import blake2b

from tenure.errors import DataError
from tenure.server.otlp.distributions import is_sound
from tenure.server.otlp.drops import Drops, Reason
from tenure.server.otlp.memory import LONGEST_PAIR, Context, Memory, remember
from tenure.server.otlp.rows import Distribution, Labels, Row, SessionId
from tenure.server.otlp.schema import Client, Key, Name, Schema, Signal
from tenure.server.otlp.values import DIGEST_BYTES, Digest, Given, Identifier, Judged, Value

MOST_ROWS = 100_000
MOST_ATTRIBUTES = 256
DROPPED, EMPTY, SESSION = -1, -2, -3
"""Places of what is no kept attribute: it was dropped, it has no value, it names the session (by this key, the next one by the next lower place)."""

KeyOf = Callable[[SessionId | None], bytes]
"""The key under which ids of a session are hashed; of None, that of the subject for rows without a session."""

Pair = tuple[str, Given]
Taken = tuple[bytes, int, Judged | None]
"""One spelling of an attribute as it came, the place of its key, and what may be kept of it."""

_UNKNOWN = {Signal.METRICS: Reason.METRIC, Signal.LOGS: Reason.EVENT, Signal.TRACES: Reason.SPAN}
_LAST_INSTANT = 2**63 - 1


def too_much(what: str, most: int) -> DataError:
    """Make the error of a payload that holds more than is read at once."""
    return DataError(f"telemetry: expected at most {most} {what}, got more", code="otlp/too-much")


class Gather:
    """Collects the rows of one payload."""

    def __init__(self, schema: Schema, key_of: KeyOf, drops: Drops, memory: Memory) -> None:
        self.schema = schema
        self.drops = drops
        self.memory = memory
        self.rows: list[Row] = []
        self.rejected = 0
        self._seen = 0
        self._key_of = key_of
        self._keys: dict[SessionId | None, bytes] = {}
        self._digests: dict[tuple[bytes, str], Digest] = {}

    def name(self, signal: Signal, text: str) -> Name | None:
        """Find a metric, an event or a span in the schema; what is not there is counted."""
        found = self.schema.by_name[signal].get(text)
        if found is None:
            self.drops.add((_UNKNOWN[signal], self.drops.name(text)))
        return found

    def count(self, points: int = 1) -> None:
        """Count points before they are read.

        Raises:
            DataError: they are more than one payload may hold.
        """
        self._seen += points
        if self._seen > MOST_ROWS:
            raise too_much("points, events or spans", MOST_ROWS)

    def reject(self, points: int = 1) -> None:
        """Count points that are not kept."""
        self.rejected += points

    def drop(self, reason: Reason, name: str = "") -> None:
        """Count what is dropped."""
        self.drops.add((reason, self.drops.name(name)))

    def context(self, pairs: Iterable[Pair]) -> Context:
        """Take what may be kept of a resource."""
        values, sessions, dropped, kept = [], {}, [], list(pairs)
        names = {name for client in self.schema.clients for name in client.session}
        for pair in kept:
            name, given = pair
            key = self.schema.resource.get(name)
            if name in names and self.schema.session(given) is not None:
                sessions[name] = SessionId(str(given))
                continue
            judged = key.kind(given) if key is not None else None
            if key is not None and judged is not None and not isinstance(judged, Identifier):
                values.append((key.place, judged))
            elif given is not None:
                dropped.append((Reason.RESOURCE, self.drops.name(name)))
        session = next((sessions[name] for name in ("session.id", *sorted(names)) if name in sessions), None)
        return Context(session, tuple(values), tuple(dropped), blake2b(b"".join(sorted(map(_spell, kept))), digest_size=DIGEST_BYTES).digest())

    def enter(self, context: Context) -> Context:
        """Count what was dropped of a resource, each time that it comes."""
        for drop in context.dropped:
            self.drops.add(drop)
        return context

    def take(self, client: Client, pair: Pair) -> Taken:
        """Judge one attribute; one of text that was kept before is recognised."""
        if type(pair[1]) is not str:
            return self._judge(client, pair)
        known = self.memory.texts(client.place)
        found = known.get(pair)
        if found is None:
            found = self._judge(client, pair)
            if found[1] != DROPPED and len(pair[1]) <= LONGEST_PAIR:
                remember(known, pair, found)
        return found

    def _judge(self, client: Client, pair: Pair) -> Taken:
        name, given = pair
        spelled = _spell(pair)
        if name in client.session and isinstance(found := self.schema.session(given), Identifier):
            return spelled, SESSION - client.session.index(name), found
        key: Key | None = client.keys.get(name)
        if given is None:
            return spelled, EMPTY, None
        judged = key.kind(given) if key is not None else None
        if key is None or judged is None:
            self.drops.add((Reason.KEY if key is None else Reason.VALUE, self.drops.name(name)))
            return spelled, DROPPED, None
        return spelled, key.place, judged

    def built_in(self, name: str, text: str | None, size: int) -> list[Taken]:
        """Judge an id of a trace or a span, in lower-case hexadecimal digits; an empty one is none."""
        if not text:
            return []
        key = self.schema.built_in[name]
        judged = key.kind(text) if len(text) == size else None
        if judged is None:
            self.drops.add((Reason.VALUE, self.drops.name(name)))
            return []
        return [(_spell((name, text)), key.place, judged)]

    def labels(self, context: Context, client: Client, taken: list[Taken]) -> Labels:
        """Make the labels of a row, or of many.

        Raises:
            DataError: there are more attributes than a row may have.
        """
        if len(taken) > MOST_ATTRIBUTES:
            raise too_much("attributes of one row", MOST_ATTRIBUTES)
        values: dict[int, Value] = dict(context.values)
        spelled = [context.mark]
        ids: list[tuple[int, str]] = []
        sessions: list[tuple[int, str]] = []
        for spelling, place, judged in taken:
            spelled.append(spelling)
            if judged is None:
                continue
            if isinstance(judged, Identifier):
                (ids if place >= 0 else sessions).append((place, judged.text))
            else:
                values[place] = judged
        session = SessionId(max(sessions)[1]) if sessions else context.session
        key = self._key(session)
        for place, text in ids:
            values[place] = self._hashed(text, key)
        spelled.sort()
        mark = blake2b(b"".join(spelled), digest_size=DIGEST_BYTES, key=key[:64]).digest()
        return Labels(session, tuple(sorted(values.items())), mark)

    def _hashed(self, text: str, key: bytes) -> Digest:
        found = self._digests.get((key, text))
        if found is None:
            found = self._digests[key, text] = Digest(hmac.digest(key, text.encode(), "sha256")[:DIGEST_BYTES])
        return found

    def _key(self, session: SessionId | None) -> bytes:
        key = self._keys.get(session)
        if key is None:
            key = self._keys[session] = self._key_of(session)
        return key

    def add(self, name: Name, labels: Labels, times: tuple[int, int], value: int | float | Distribution | None, detail: int) -> None:
        """Keep a row, unless its numbers are none: what is not finite, before 1970 or without a value."""
        start, at = times
        if value is None or not 0 <= at <= _LAST_INSTANT or not 0 <= start <= _LAST_INSTANT or not is_sound(value):
            self.drop(Reason.SHAPE)
            self.rejected += 1
            return
        self.rows.append(Row(name, labels, start, at, value, detail))


def _spell(pair: Pair) -> bytes:
    return repr(pair).encode("utf-8", "surrogatepass")
