"""Leaves out what came before: a client that was not answered in time sends a batch again, and DELTA points would count twice."""

from collections import OrderedDict
from collections.abc import Iterable

from tenure.server.otlp.rows import Row, SessionId

MOST_SESSIONS = 1_024
MOST_ROWS_OF_SESSION = 8_192


class Deduplicator:
    """Remembers the digests of the last rows of the last sessions of one subject, in memory only.

    A row is marked as seen only by `commit`, so that what could not be stored may come again.
    """

    def __init__(self, *, sessions: int = MOST_SESSIONS, rows: int = MOST_ROWS_OF_SESSION) -> None:
        """Begin with nothing seen.

        Args:
            sessions: how many are remembered; the one that was quiet for longest goes first.
            rows: how many of each; the oldest goes first.
        """
        self._most_sessions = sessions
        self._most_rows = rows
        self._seen: OrderedDict[SessionId | None, dict[bytes, None]] = OrderedDict()

    def fresh(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that were not seen, each once."""
        found: dict[tuple[SessionId | None, bytes], Row] = {}
        for row in rows:
            session, digest = row.labels.session, row.digest()
            if digest not in self._seen.get(session, {}):
                found.setdefault((session, digest), row)
        return list(found.values())

    def commit(self, rows: Iterable[Row]) -> None:
        """Mark rows as seen: they are stored."""
        for row in rows:
            session = row.labels.session
            seen = self._seen.setdefault(session, {})
            self._seen.move_to_end(session)
            seen[row.digest()] = None
            if len(seen) > self._most_rows:
                del seen[next(iter(seen))]
            if len(self._seen) > self._most_sessions:
                self._seen.popitem(last=False)

    def forget(self, session: SessionId | None) -> None:
        """Forget a session: it was erased."""
        self._seen.pop(session, None)
