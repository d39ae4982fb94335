"""The key ring in SQLite: one row per bucket, its key wrapped by that of its day, or of a hold.

Source: design 0002. What stands here runs inside whatever transaction is open on the database.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from tenure.errors import DataError, IntegrityError, VaultError
from tenure.ports import Selection
from tenure.records.held import NO_LIMIT, Bucket, KeyId, Owner, Permit, Sealed
from tenure.records.kinds import Kind
from tenure.vault import row_seals
from tenure.vault.bucket_rows import COLUMNS, Described, bucket_of, conditions, day_of, micros
from tenure.vault.database import Database, Row, Value
from tenure.vault.opening import Check, FrameOpener, Locate
from tenure.vault.sealing import SALT_SIZE, commit, seal_frame, terms_digest
from tenure.vault.wraps import MARK, SIZE, Wrapping, unwrap, wrap

SCHEMA = """
CREATE TABLE IF NOT EXISTS terms(id INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, cells TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS buckets(
    number INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, wrapped BLOB NOT NULL, wrapper BLOB NOT NULL,
    day TEXT NOT NULL, expires INTEGER, collected INTEGER NOT NULL, subject TEXT, org TEXT, session TEXT, kind TEXT NOT NULL,
    terms INTEGER NOT NULL, batches INTEGER NOT NULL DEFAULT 0, records INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
    dead INTEGER NOT NULL DEFAULT 0, dayless INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX IF NOT EXISTS buckets_session ON buckets(session, subject, kind, day);
CREATE INDEX IF NOT EXISTS buckets_subject ON buckets(subject);
CREATE INDEX IF NOT EXISTS buckets_org ON buckets(org);
CREATE INDEX IF NOT EXISTS buckets_expires ON buckets(expires);
CREATE INDEX IF NOT EXISTS buckets_wrapper ON buckets(wrapper);
CREATE INDEX IF NOT EXISTS buckets_terms ON buckets(terms);
CREATE TABLE IF NOT EXISTS held(key BLOB NOT NULL, hold BLOB NOT NULL, PRIMARY KEY (key, hold)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS held_hold ON held(hold);
"""

_FITTING = (
    "session IS ?1 AND subject IS ?2 AND org IS ?3 AND kind = ?4 AND terms = ?5 AND day = ?6 AND dead = 0 AND (expires IS NULL OR expires > ?7)"
    " AND NOT EXISTS (SELECT 1 FROM held WHERE held.key = buckets.key)"
)
_WRAPPED = re.compile(re.escape(MARK) + b".{40}", re.DOTALL)
_MOST_TERMS = 4096


class SqliteKeyRing:
    """The keys of a store.

    Args:
        database: with the tables of `SCHEMA` and of `wraps.SCHEMA`.
        wrapping: the keys of days and holds in it.
        random: source of random bytes.
        check: tells whether a permit's receipt is durable and about its keys.
        locate: tells where a frame lies, for messages.
    """

    def __init__(
        self, database: Database, wrapping: Wrapping, random: Callable[[int], bytes], check: Check, locate: Locate = lambda _, __: "segments"
    ) -> None:
        self._database = database
        self._wrapping = wrapping
        self._random = random
        self._check = check
        self._locate = locate
        self._terms: dict[int, tuple[bytes, ...]] = {}
        self.is_stale = False
        """Whether the file may hold bytes of destroyed keys, until it is scrubbed."""
        self.destructions = 0
        """How often buckets were destroyed since the store was opened."""

    def make(self, owner: Owner, kind: Kind, cells: Sequence[bytes], collected_at: datetime, expires_at: datetime | None) -> Bucket:
        """Return the bucket for such data: the one that there is, or a new one with a random key."""
        if expires_at is not None and expires_at <= collected_at:
            raise VaultError("bucket: expected an end after the collection, got one before", code="vault/already-over")
        terms, day = self._intern(cells), day_of(expires_at)
        given = (owner.session, owner.subject, owner.org, str(kind), terms, day.isoformat(), micros(collected_at))
        rows = self._database.run(f"SELECT {COLUMNS} FROM buckets WHERE {_FITTING} LIMIT 1", given)  # noqa: S608 - literals only
        if rows:
            return self._joined(next(self._made(rows)), collected_at, expires_at)
        return self._new(owner, kind, tuple(cells), terms, day, collected_at, expires_at)

    def _joined(self, bucket: Bucket, collected_at: datetime, expires_at: datetime | None) -> Bucket:
        """Let a bucket take in more: it ends when the first of its records does."""
        first = min(bucket.collected_at, collected_at)
        ends = bucket.expires_at if bucket.expires_at is None or expires_at is None else min(bucket.expires_at, expires_at)
        if (first, ends) == (bucket.collected_at, bucket.expires_at):
            return bucket
        values = (micros(first), None if ends is None else micros(ends), bucket.key)
        self._database.run("UPDATE buckets SET collected = ?, expires = ? WHERE key = ?", values)
        return replace(bucket, collected_at=first, expires_at=ends)

    def _new(
        self, owner: Owner, kind: Kind, cells: tuple[bytes, ...], terms: int, day: date, collected_at: datetime, expires_at: datetime | None
    ) -> Bucket:
        key, secret, wrapper = KeyId(self._random(16)), self._random(SIZE), self._wrapping.day(day)
        ends = None if expires_at is None else micros(expires_at)
        self._database.run(
            "INSERT INTO buckets(key, wrapped, wrapper, day, expires, collected, subject, org, session, kind, terms) VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            (
                *(key, wrap(self._wrapping.secret(wrapper), secret), wrapper, day.isoformat(), ends, micros(collected_at)),
                *(owner.subject, owner.org, owner.session, str(kind), terms),
            ),
        )
        return Bucket(key, owner, kind, cells, collected_at, expires_at, day)

    def buckets(self, selection: Selection = Selection()) -> Iterator[Bucket]:  # noqa: B008 - frozen
        """Yield the buckets of a selection, in the order in which they were made."""
        numbers = list[int]()
        for where, values in conditions(selection):
            numbers += [cast(int, number) for (number,) in self._database.run(f"SELECT number FROM buckets WHERE {where}", values)]  # noqa: S608
        numbers.sort()
        for rows in self._database.among(f"SELECT {COLUMNS} FROM buckets WHERE number IN ({{}}) ORDER BY number", numbers):  # noqa: S608 - literals only
            yield from self._made(rows)

    def day_key(self, day: date) -> KeyId:
        """Return the id of a day's key; it is made when it is first asked for."""
        return self._wrapping.day(day)

    def days(self) -> Sequence[tuple[date, KeyId]]:
        """Return the days that have a key, in order."""
        return self._wrapping.days()

    def commitment(self, key: KeyId, content: bytes) -> bytes:
        """Return 32 bytes that bind to `content` for as long as the bucket's key lives."""
        return commit(self._secret(key), content)

    def seal(self, key: KeyId, records: Sequence[bytes], collected: Sequence[datetime]) -> Sealed:
        """Seal records as the bucket's next batch and count them as held."""
        if len(records) != len(collected):
            raise DataError(f"seal: expected an instant for each of {len(records)} records, got {len(collected)}", code="data/length")
        secret, size = self._secret(key), sum(len(record) for record in records)
        rows = self._database.run(
            "UPDATE buckets SET batches = batches + 1, records = records + ?, size = size + ? WHERE key = ? RETURNING batches - 1, terms",
            (len(records), size, key),
        )
        batch, terms = cast(tuple[int, int], rows[0])
        instants = [micros(at) for at in collected]
        content = seal_frame(secret, key, batch, self._random(SALT_SIZE), terms_digest(self._cells(terms)), records, instants)
        return Sealed(key, batch, content, len(records), size)

    def open(self, permit: Permit, at: datetime) -> FrameOpener:
        """Return what opens the frames of the permit's buckets."""
        if at >= permit.until:
            raise VaultError("permit: expected one that is not over, got an older one", code="vault/permit-over", remedy="ask again")
        self._check(permit)
        secrets, now = dict[KeyId, bytes](), micros(at)
        columns = f"key, wrapped, wrapper, expires, {row_seals.is_whole('buckets')}"
        statement = f"SELECT {columns} FROM buckets WHERE dead = 0 AND key IN ({{}})"  # noqa: S608 - literals only
        for rows in cast(Iterator[list[tuple[KeyId, bytes, bytes, int | None, int]]], self._database.among(statement, permit.keys)):
            for key, wrapped, wrapper, expires, is_whole in rows:
                if not is_whole:
                    raise row_seals.broken(self._database, "buckets", key)
                if expires is not None and expires <= now and not self._is_for_safety(key, permit):
                    raise VaultError(f"bucket {key.hex()}: expected one whose time is not over, found an expired one", code="vault/expired")
                secrets[key] = unwrap(self._wrapping.secret(wrapper), wrapped, key.hex())
        for key in permit.keys - secrets.keys():
            raise _no_key(key)
        return FrameOpener(secrets, self._locate)

    def _is_for_safety(self, key: KeyId, permit: Permit) -> bool:
        return {str(purpose) for purpose in permit.purposes} == {"safety"} and "safety" in {kind for _, _, kind in self._holds(key)}

    def tighten(self, keys: Collection[KeyId], cells: Sequence[bytes], expires_at: datetime | None) -> None:
        """Add cells to buckets and move them under the key of an earlier day; None leaves the day as it is."""
        found = [(key, self._row(key, "wrapped, wrapper, day, terms")) for key in dict.fromkeys(keys)]
        for key, (_, _, day, _) in found:
            if expires_at is not None and day_of(expires_at) > date.fromisoformat(cast(str, day)):
                message = f"bucket {key.hex()}: expected a day up to {day!s}, got {day_of(expires_at)}: terms only tighten"
                raise VaultError(message, code="vault/later-day")
        for key, row in found:
            wrapped, wrapper, day, terms = cast(tuple[bytes, bytes, str, int], row)
            known = self._cells(terms)
            added = tuple(dict.fromkeys(cell for cell in cells if cell not in known))
            if added:
                self._database.run("UPDATE buckets SET terms = ? WHERE key = ?", (self._intern((*known, *added)), key))
            if expires_at is not None:
                self._move(key, wrapped, wrapper, date.fromisoformat(day), expires_at)

    def _move(self, key: KeyId, wrapped: bytes, wrapper: bytes, day: date, expires_at: datetime) -> None:
        sooner = day_of(expires_at)
        statement = "UPDATE buckets SET day = ?1, expires = min(ifnull(expires, ?2), ?2) WHERE key = ?3"
        self._database.run(statement, (sooner.isoformat(), micros(expires_at), key))
        if sooner < day and not self._holds(key):
            self._rewrap(key, wrapped, wrapper, self._wrapping.day(sooner))

    def _rewrap(self, key: KeyId, wrapped: bytes, wrapper: bytes, to: KeyId) -> None:
        self.is_stale = True
        secret = unwrap(self._wrapping.secret(wrapper), wrapped, key.hex())
        self._database.run("UPDATE buckets SET wrapped = ?, wrapper = ? WHERE key = ?", (wrap(self._wrapping.secret(to), secret), to, key))

    def pass_to(self, keys: Collection[KeyId], subject: str) -> None:
        """Give buckets to another person, into whose account an account was merged."""
        self._database.many("UPDATE buckets SET subject = ? WHERE key = ?", [(subject, key) for key in keys])

    def hold(self, name: str, keys: Collection[KeyId], kind: str) -> KeyId:
        """Put a hold on buckets and return the id of its key."""
        found = [(key, self._row(key, "wrapped, wrapper")) for key in dict.fromkeys(keys)]
        hold = self._wrapping.hold(name, kind)
        for key, row in found:
            if not self._holds(key):
                self._rewrap(key, *cast(tuple[bytes, bytes], row), hold)
            self._database.run("INSERT OR IGNORE INTO held(key, hold) VALUES (?, ?)", (key, hold))
        return hold

    def holds(self) -> Mapping[str, tuple[KeyId, str]]:
        """Return the holds: the id of the key and the kind, by name."""
        rows = cast(list[tuple[str, bytes, str]], self._database.run("SELECT name, id, kind FROM holds ORDER BY name"))
        return {name: (KeyId(key), kind) for name, key, kind in rows}

    def release(self, name: str, keys: Collection[KeyId] | None = None) -> Sequence[KeyId]:
        """Lift a hold from buckets; return those that are gone with it."""
        found = self._database.value("SELECT id FROM holds WHERE name = ?", (name,))
        if found is None:
            message = f"hold {name}: expected a hold of that name, found none"
            raise VaultError(message, code="hold/unknown", remedy="tenure vault status lists the holds")
        hold = KeyId(cast(bytes, found))
        covered = [KeyId(cast(bytes, key)) for (key,) in self._database.run("SELECT key FROM held WHERE hold = ?", (hold,))]
        named = None if keys is None else frozenset(keys)
        gone = [key for key in covered if (named is None or key in named) and self._is_gone_without(key, hold)]
        if self._database.value("SELECT 1 FROM held WHERE hold = ?", (hold,)) is None:
            self._wrapping.destroy_hold(hold)
            self.is_stale = True
        return gone

    def _is_gone_without(self, key: KeyId, hold: KeyId) -> bool:
        """Lift one hold from a bucket: it passes to another hold, to its day, or goes."""
        self._database.run("DELETE FROM held WHERE key = ? AND hold = ?", (key, hold))
        wrapped, wrapper, day, dead, dayless = self._row(key, "wrapped, wrapper, day, dead, dayless")
        others = self._holds(key)
        if (dead or dayless) and (not others or (dead and "legal" not in {kind for _, _, kind in others})):
            self._drop([key])
            return True
        if wrapper == hold:
            to = others[0][0] if others else self._wrapping.day(date.fromisoformat(cast(str, day)))
            self._rewrap(key, cast(bytes, wrapped), hold, to)
        return False

    def destroy(self, keys: Collection[KeyId]) -> Sequence[KeyId]:
        """Destroy the keys of buckets; return those that a legal hold keeps, which are dead from now on."""
        rows = self._database.run("SELECT DISTINCT held.key FROM held JOIN holds ON holds.id = held.hold WHERE holds.kind = 'legal'")
        legal = {cast(bytes, key) for (key,) in rows}
        kept = [key for key in dict.fromkeys(keys) if key in legal]
        self._database.many("UPDATE buckets SET dead = 1 WHERE key = ?", [(key,) for key in kept])
        self._drop([key for key in keys if key not in legal])
        return kept

    def _drop(self, keys: Sequence[KeyId]) -> None:
        self.is_stale = True
        self.destructions += bool(keys)
        self._database.many("DELETE FROM buckets WHERE key = ?", [(key,) for key in keys])
        self._database.many("DELETE FROM held WHERE key = ?", [(key,) for key in keys])

    def destroy_days(self, until: date) -> Sequence[tuple[date, KeyId]]:
        """Destroy the keys of all days up to and with `until`, and the buckets under them that no hold is on; return the days."""
        self.is_stale = True
        gone = self._wrapping.destroy_days(until)
        self.destructions += bool(gone)
        self._database.many("DELETE FROM buckets WHERE wrapper = ?", [(key,) for _, key in gone])
        statement = "UPDATE buckets SET dayless = 1 WHERE day <= ? AND day <> ? AND key IN (SELECT key FROM held)"
        self._database.run(statement, (until.isoformat(), NO_LIMIT.isoformat()))
        return gone

    def scrub(self) -> None:
        """Leave no byte of a destroyed key in any file. Call it outside of a transaction.

        What is deleted is overwritten, and `blanking` keeps copies out of the file, so only the log has to go.
        """
        self._database.run("DELETE FROM terms WHERE NOT EXISTS (SELECT 1 FROM buckets WHERE buckets.terms = terms.id)")
        self._terms.clear()
        self._database.truncate_log()
        self.is_stale = False

    def check_scrubbed(self) -> None:
        """Look at every byte of the file for a wrapped key that no row names. Slow: for `doctor` and tests; call it after `scrub`.

        Raises:
            IntegrityError: there is one.
        """
        rows = self._database.run("SELECT wrapped FROM buckets UNION ALL SELECT wrapped FROM days UNION ALL SELECT wrapped FROM holds")
        live = {cast(bytes, wrapped) for (wrapped,) in rows}
        if any(found not in live for found in _WRAPPED.findall(self._database.content())):
            message = f"{self._database.path}: expected no byte of a destroyed key, found some"
            raise IntegrityError(message, code="integrity/residue", remedy="tenure vault doctor --repair writes the file anew")

    def batches(self, keys: Collection[KeyId]) -> dict[KeyId, int]:
        """Return how many frames buckets have; one that there is not is left out."""
        found = self._database.among("SELECT key, batches FROM buckets WHERE key IN ({})", keys)
        return {key: batches for rows in found for key, batches in cast(list[tuple[KeyId, int]], rows)}

    def forget_rolled_back(self) -> None:
        """Drop what was remembered of a transaction that was undone."""
        self._terms.clear()
        self._wrapping.forget()

    def _row(self, key: KeyId, columns: str) -> Row:
        rows = self._database.run(f"SELECT {columns} FROM buckets WHERE key = ?", (key,))  # noqa: S608 - literals only
        if not rows:
            raise _no_key(key)
        return rows[0]

    def _secret(self, key: KeyId) -> bytes:
        rows = self._database.run("SELECT wrapped, wrapper FROM buckets WHERE key = ? AND dead = 0", (key,))
        if not rows:
            raise _no_key(key)
        wrapped, wrapper = cast(tuple[bytes, bytes], rows[0])
        return unwrap(self._wrapping.secret(wrapper), wrapped, key.hex())

    def _holds(self, key: KeyId) -> list[tuple[KeyId, str, str]]:
        rows = self._database.run("SELECT holds.id, name, kind FROM held JOIN holds ON holds.id = held.hold WHERE held.key = ? ORDER BY name", (key,))
        return cast(list[tuple[KeyId, str, str]], rows)

    def _made(self, rows: Sequence[Row]) -> Iterator[Bucket]:
        """Yield the buckets of rows of `COLUMNS`."""
        holds: dict[Value, list[str]] = {}
        statement = "SELECT held.key, name FROM held JOIN holds ON holds.id = held.hold WHERE held.key IN ({}) ORDER BY name"
        for found in self._database.among(statement, [row[0] for row in rows]):
            for key, name in found:
                holds.setdefault(key, []).append(cast(str, name))
        for row in cast(Sequence[Described], rows):
            yield self._described(row, tuple(holds.get(row[0], ())))

    def _described(self, row: Described, holds: tuple[str, ...]) -> Bucket:
        try:
            return bucket_of(row, self._cells, holds)
        except (ValueError, OverflowError, TypeError) as error:
            raise row_seals.broken(self._database, "buckets", row[0]) from error

    def _intern(self, cells: Sequence[bytes]) -> int:
        digest = terms_digest(cells)
        found = self._database.value("SELECT id FROM terms WHERE digest = ?", (digest,))
        if found is None:
            text = json.dumps([cell.decode() for cell in cells], ensure_ascii=False)
            found = self._database.value("INSERT INTO terms(digest, cells) VALUES (?, ?) RETURNING id", (digest, text))
        return cast(int, found)

    def _cells(self, terms: int) -> tuple[bytes, ...]:
        found = self._terms.get(terms)
        if found is None:
            statement = f"SELECT cells, {row_seals.is_whole('terms')} FROM terms WHERE id = ?"  # noqa: S608 - literals only
            text, is_whole = cast(tuple[str, int], (self._database.run(statement, (terms,)) or [("", 0)])[0])
            if not is_whole:
                raise row_seals.broken(self._database, "terms", terms)
            if len(self._terms) >= _MOST_TERMS:
                self._terms.clear()
            found = self._terms[terms] = tuple(cell.encode() for cell in json.loads(text))
        return found


def _no_key(key: KeyId) -> VaultError:
    message = f"bucket {key.hex()}: expected one that has a key, found none: never made here, or destroyed"
    return VaultError(message, code="vault/no-key", remedy="tenure vault why RECORD says what became of it")
