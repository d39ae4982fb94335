"""The journal in SQLite: facts by topic and key, in order."""

from collections.abc import Iterator
from typing import cast

from tenure.ports import Note
from tenure.vault.database import Database

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal(number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS journal_key ON journal(topic, key, number);
"""


class SqliteJournal:
    """A journal in a database, inside whatever transaction is open there.

    Args:
        database: with the tables of `SCHEMA`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, topic: str, key: str, body: bytes) -> int:
        """Add a fact and return its number."""
        return cast(int, self._database.value("INSERT INTO journal(topic, key, body) VALUES (?, ?, ?) RETURNING number", (topic, key, body)))

    def notes(self, topic: str, key: str | None = None) -> Iterator[Note]:
        """Yield the facts of a topic, of one key or of all, in order."""
        if key is None:
            found = self._database.rows("SELECT number, topic, key, body FROM journal WHERE topic = ? ORDER BY number", (topic,))
        else:
            found = self._database.rows("SELECT number, topic, key, body FROM journal WHERE topic = ? AND key = ? ORDER BY number", (topic, key))
        for row in found:
            yield Note(*cast(tuple[int, str, str, bytes], row))

    def remove(self, topic: str, key: str) -> int:
        """Remove the facts of one key and return how many there were."""
        return len(self._database.run("DELETE FROM journal WHERE topic = ? AND key = ? RETURNING number", (topic, key)))
