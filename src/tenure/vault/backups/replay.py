"""Replay: what a newer ledger says was done since a backup is done to the keys of the backup, in order, before anything opens.

The ledger names keys and days, never persons and never terms. So what was tightened gets a case that says nothing beside, under which nothing
is permitted that turns on what is not known; and where somebody has answered no since, everything gets it, since it may be theirs.
Source: guarantees G2, G7 and G8; design idea 2.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time
from typing import cast

from tenure.ledger.entries import parse_entry
from tenure.ports import Selection
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.facts import (
    ACCOUNT,
    ATTEMPT,
    FORMER,
    FORMER_KEY,
    MEMBER,
    MERGED,
    NAMING,
    OF_A_PERSON,
    ORG,
    SALT,
    USAGE,
    bind,
    forgotten,
    render_fact,
)
from tenure.records.held import Bucket, KeyId
from tenure.records.instants import parse_time
from tenure.vault.database import Database
from tenure.vault.journal import SqliteJournal
from tenure.vault.keys import SqliteKeyRing
from tenure.vault.wraps import SIZE, wrap

_LOST = ("ingested", "derived")


class Replay:
    """Does to restored keys what was done since.

    Args:
        database: with the keys.
        ring: over it.
        root: the root key.
        random: source of random bytes.

    Attributes:
        highest: the latest instant of the entries; None before there is one.
        lost: records that were taken in since and are not there.
        facts: changes to accounts and answers to questions since, which are not there either.
    """

    def __init__(self, database: Database, ring: SqliteKeyRing, root: bytes, random: Callable[[int], bytes]) -> None:
        self._database, self._ring, self._root, self._random = database, ring, root, random
        self._narrowed: set[KeyId] = set()
        self._erased: set[str] = set()
        self._forgotten: dict[datetime, set[str]] = {}
        self.highest: datetime | None = None
        self.lost = 0
        self.facts = 0

    def run(self, entries: Iterable[bytes]) -> None:
        """Replay entries, in order. Call it inside of a transaction."""
        steps = {
            "expired": self._expired,
            "erased": self._destroyed,
            "tightened": self._tightened,
            "held": self._held,
            "released": self._released,
            "ingested": self._taken_in,
            "consented": self._answered,
            "account": self._changed,
        }
        for content in entries:
            entry = parse_entry(content)
            at = parse_time(cast(str, entry["at"]))
            self.highest = at if self.highest is None else max(at, self.highest)
            step = steps.get(cast(str, entry["type"]))
            if step is not None:
                step(entry)
        self._forget_persons()
        self._forget_owners()

    @property
    def narrowed(self) -> int:
        """How many buckets that are left open for less than they did."""
        return sum(1 for bucket in self._ring.buckets() if bucket.key in self._narrowed)

    def _present(self, entry: Mapping[str, Plain]) -> list[KeyId]:
        keys = [KeyId(bytes.fromhex(cast(str, key))) for key in cast(Sequence[Plain], entry["keys"])]
        return [bucket.key for bucket in self._ring.buckets(Selection(keys=keys))]

    def _expired(self, entry: Mapping[str, Plain]) -> None:
        for named in cast(Sequence[Mapping[str, str]], entry["days"]):
            rows = self._database.run("DELETE FROM days WHERE day = ? OR id = ? RETURNING id", (named["day"], bytes.fromhex(named["key"])))
            self._database.many("DELETE FROM buckets WHERE wrapper = ?", rows)
            self._database.run("UPDATE buckets SET dayless = 1 WHERE day = ? AND key IN (SELECT key FROM held)", (named["day"],))

    def _destroyed(self, entry: Mapping[str, Plain]) -> None:
        keys = self._present(entry)
        if entry["reason"] != "released":
            self._erased |= {bucket.owner.subject for bucket in self._ring.buckets(Selection(keys=keys)) if bucket.owner.subject is not None}
        self._ring.destroy(keys)

    def _tightened(self, entry: Mapping[str, Plain]) -> None:
        keys, expires = self._present(entry), cast(str | None, entry["expires"])
        if expires is not None:
            day = date.fromisoformat(expires)
            self._make_day(day, bytes.fromhex(cast(str, entry["day"])))
            later = [bucket.key for bucket in self._ring.buckets(Selection(keys=keys)) if bucket.day >= day]
            self._ring.tighten(later, (), datetime.combine(day, time(), UTC))
        self._narrow(self._ring.buckets(Selection(keys=keys)))

    def _make_day(self, day: date, key: bytes) -> None:
        """Give a day that was first used since the id that the ledger knows it by; its secret is another one, and nothing is under it yet."""
        if self._database.value("SELECT 1 FROM days WHERE day = ? OR id = ?", (day.isoformat(), key)) is None:
            wrapped = wrap(self._root, self._random(SIZE))
            self._database.run("INSERT INTO days(id, day, wrapped) VALUES (?, ?, ?)", (key, day.isoformat(), wrapped))

    def _held(self, entry: Mapping[str, Plain]) -> None:
        hold, kind = bytes.fromhex(cast(str, entry["hold"])), cast(str, entry["kind"])
        if self._name(hold) is None:
            wrapped = wrap(self._root, self._random(SIZE))
            name = f"restored-{hold.hex()[:8]}"
            self._database.run("INSERT INTO holds(id, name, kind, wrapped) VALUES (?, ?, ?, ?)", (hold, name, kind, wrapped))
        self._ring.hold(cast(str, self._name(hold)), self._present(entry), kind)

    def _released(self, entry: Mapping[str, Plain]) -> None:
        name = self._name(bytes.fromhex(cast(str, entry["hold"])))
        if name is not None:
            self._ring.release(name, self._present(entry))

    def _name(self, hold: bytes) -> str | None:
        return cast(str | None, self._database.value("SELECT name FROM holds WHERE id = ?", (hold,)))

    def _taken_in(self, entry: Mapping[str, Plain]) -> None:
        self.lost += cast(int, entry["records"])

    def _answered(self, entry: Mapping[str, Plain]) -> None:
        self.facts += 1
        if entry["value"] is not True:
            self._narrow(self._ring.buckets())

    def _changed(self, entry: Mapping[str, Plain]) -> None:
        if entry["event"] == "forgotten":
            self._forgotten.setdefault(parse_time(cast(str, entry["at"])), set()).add(cast(str, entry["commitment"]))
        else:
            self.facts += 1

    def _narrow(self, buckets: Iterable[Bucket]) -> None:
        silent: dict[bytes, list[KeyId]] = {}
        for bucket in buckets:
            if bucket.key not in self._narrowed:
                silent.setdefault(_silent(bucket.cells), []).append(bucket.key)
        for cell, keys in silent.items():
            self._ring.tighten(keys, (cell,), None)
            self._narrowed.update(keys)

    def _forget_persons(self) -> None:
        """Remove the facts about persons who were forgotten since: the entries name nobody, but commit under salts that the backup has."""
        salts = cast(list[tuple[str, bytes]], self._database.run("SELECT key, body FROM journal WHERE topic = ?", (SALT,)))
        for at, commitments in self._forgotten.items():
            content = render_fact(forgotten(at))
            for whose, salt in salts:
                what, _, name = whose.partition(":")
                if bind(salt, content).hex() not in commitments:
                    continue
                if what == "subject":
                    self._forget(name)
                elif what == "org":
                    self._forget_org(name)

    def _forget_owners(self) -> None:
        """Remove the facts about persons of whom everything was erased, and of whom there was no account to forget."""
        for subject in self._erased:
            if next(iter(self._ring.buckets(Selection(subjects=(subject,)))), None) is None:
                self._forget(subject)

    def _forget(self, subject: str) -> None:
        """Remove all that is known about a person, as `services.registry` does."""
        self._database.many("DELETE FROM journal WHERE topic = ? AND key = ?", [(topic, subject) for topic in OF_A_PERSON])
        self._database.run("DELETE FROM journal WHERE topic = ? AND key = ?", (SALT, f"subject:{subject}"))
        self._database.run("DELETE FROM journal WHERE topic = ? AND body = ?", (MERGED, subject.encode()))
        for topic in NAMING:
            rows = cast(list[tuple[int, bytes]], self._database.run("SELECT number, body FROM journal WHERE topic = ?", (topic,)))
            named = [(number,) for number, body in rows if json.loads(body).get("subject") == subject]
            self._database.many("DELETE FROM journal WHERE number = ?", named)
        self._mark(f"subject:{subject}")

    def _forget_org(self, org: str) -> None:
        """Remove all that is known about an organisation, as `services.registry` does."""
        gone = [(ORG, org), (SALT, f"org:{org}"), (USAGE, f"org:{org}")]
        self._database.many("DELETE FROM journal WHERE topic = ? AND key = ?", gone)
        for topic in (*NAMING, ACCOUNT, MEMBER, ATTEMPT):
            rows = cast(list[tuple[int, bytes]], self._database.run("SELECT number, body FROM journal WHERE topic = ?", (topic,)))
            plain = ((number, json.loads(body)) for number, body in rows)
            self._database.many("DELETE FROM journal WHERE number = ?", [(n,) for n, each in plain if each.get("values", each).get("org") == org])
        self._mark(f"org:{org}")

    def _mark(self, whose: str) -> None:
        """Leave the mark by which a yes that a case states of somebody erased does not count, as `services.registry` does."""
        journal = SqliteJournal(self._database)
        key = next((note.body for note in journal.notes(FORMER_KEY)), None)
        if key is None:
            key = self._random(32)
            journal.add(FORMER_KEY, "", key)
        mark = bind(key, whose.encode()).hex()
        if next(iter(journal.notes(FORMER, mark)), None) is None:
            journal.add(FORMER, mark, b"")


def _silent(cells: Collection[bytes]) -> bytes:
    """Return a case of the agent and kind of cells that says nothing further."""
    case = json.loads(next(iter(cells)))
    return canonical_bytes({name: case[name] for name in ("agent", "kind") if name in case})
