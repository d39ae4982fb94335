"""The journal in SQLite: facts by topic and key, in order."""

from collections.abc import Iterator
from typing import cast

from tenure.ports import Note
from tenure.vault.database import Database, Row, Value

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal(number INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL) STRICT;
CREATE INDEX IF NOT EXISTS journal_key ON journal(topic, key, number);
CREATE INDEX IF NOT EXISTS journal_topic ON journal(topic, number);
"""
_GROUP = 1000


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
        last = 0
        while found := cast(list[tuple[int, str, str, bytes]], self._group(topic, key, last)):
            yield from [Note(*row) for row in found]
            last = found[-1][0]

    def _group(self, topic: str, key: str | None, after: int) -> list[Row]:
        values: tuple[Value, ...]
        if key is None:
            statement, values = "topic = ? AND number > ?", (topic, after)
        else:
            statement, values = "topic = ? AND key = ? AND number > ?", (topic, key, after)
        columns = "SELECT number, topic, key, body FROM journal"
        return self._database.run(f"{columns} WHERE {statement} ORDER BY number LIMIT {_GROUP}", values)

    def remove(self, topic: str, key: str) -> int:
        """Remove the facts of one key and return how many there were."""
        return len(self._database.run("DELETE FROM journal WHERE topic = ? AND key = ? RETURNING number", (topic, key)))
