"""Transcripts that arrive in parts: append-only, and a part that comes again changes nothing.

What is noted of a session's parts goes when the last of them has gone; from then on its transcript begins anew.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tenure.errors import DataError
from tenure.ports import Selection, Store
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.case import Case
from tenure.records.facts import UPLOAD
from tenure.records.held import Owner, parse_record_name
from tenure.records.kinds import Verdict
from tenure.services.accounts import Accounts
from tenure.services.intake import Intake, Item, Put
from tenure.services.timekeeping import Timekeeper


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What became of a part.

    Attributes:
        put: whether it is held; of a part that was held already, with its names.
        length: bytes of the session's transcript that are held by now.
        is_repeated: whether it was held already.
    """

    put: Put
    length: int
    is_repeated: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A part that goes on where its transcript ends.

    Attributes:
        item: what is to be held.
        note: writes it down, inside of the transaction that holds it.
        start: bytes of the transcript that are held already.
    """

    item: Item
    note: Callable[[Put], object]
    start: int

    def done(self, put: Put) -> Uploaded:
        """Return what became of it."""
        return Uploaded(put, self.start + sum(map(len, self.item.contents)) if put.records else self.start)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part as it is noted."""

    session: str | None
    record: str
    commitment: str
    start: int
    length: int


class Uploads:
    """The transcripts of the sessions of a store.

    Args:
        store: where they are held.
        intake: the way in.
        accounts: whose sessions they are.
        time: what time it is.
    """

    def __init__(self, store: Store, intake: Intake, accounts: Accounts, time: Timekeeper) -> None:
        self._store = store
        self._intake = intake
        self._accounts = accounts
        self._time = time

    def add(self, case: Case, owner: Owner, start: int, content: bytes) -> Uploaded:
        """Hold a part of a session's transcript.

        Args:
            case: under which it was collected.
            owner: with subject and session.
            start: its offset in the transcript.
            content: its bytes.

        Raises:
            DataError: it neither goes on where the transcript ends nor repeats a part (`server/conflict`), or is empty (`server/malformed`).
        """
        prepared = self.prepare(case, owner, start, content)
        if isinstance(prepared, Uploaded):
            return prepared
        (put,) = self._intake.put_all([prepared.item], then=lambda puts: prepared.note(puts[0]))
        return prepared.done(put)

    def prepare(self, case: Case, owner: Owner, start: int, content: bytes) -> "Uploaded | Part":
        """Return what is to be held of a part, or what became of one that is held already. Arguments and errors as in `add`."""
        if not content:
            raise DataError("transcript: expected a part of at least one byte, got none", code="server/malformed")
        owner = self._accounts.owner(owner, self._time.now)
        parts = self._parts(owner)
        length = parts[-1].start + parts[-1].length if parts else 0
        if start != length:
            return self._repeated(parts, start, content, length)
        return Part(Item(case, owner, [content]), lambda put: self._note(owner, start, content, put), length)

    def _note(self, owner: Owner, start: int, content: bytes, put: Put) -> None:
        """Write down a part that is held, inside of the transaction that holds it. What it commits to means nothing once its key is gone."""
        if put.records:
            bound = self._store.keys.commitment(put.records[0].key, content).hex()
            named: dict[str, Plain] = {"session": owner.session, "record": str(put.records[0]), "commitment": bound}
            self._store.journal.add(UPLOAD, owner.subject or "", canonical_bytes({**named, "start": start, "length": len(content)}))

    def _repeated(self, parts: list[_Part], start: int, content: bytes, length: int) -> Uploaded:
        for part in parts:
            if (part.start, part.length) == (start, len(content)):
                name = parse_record_name(part.record)
                bucket = next(iter(self._store.keys.buckets(Selection(keys=[name.key]))), None)
                if bucket is not None and not bucket.is_dead and self._store.keys.commitment(name.key, content).hex() == part.commitment:
                    return Uploaded(Put(Verdict.PERMIT, (name,), bucket.expires_at), length, is_repeated=True)
        message = f"transcript: expected a part that begins at {length}, or one that is held already, got another"
        raise DataError(message, code="server/conflict", remedy=f"go on from byte {length}")

    def _parts(self, owner: Owner) -> list[_Part]:
        """Return the parts of a session; none when all of them have gone."""
        accounts = self._accounts.registry.accounts_of(owner.subject or "")
        notes = sorted((note for each in accounts for note in self._store.journal.notes(UPLOAD, each)), key=lambda note: note.number)
        named = canonical_bytes(owner.session)
        parts = [part for part in (_read(note.body) for note in notes if named in note.body) if part.session == owner.session]
        return parts if self._living(parts) else []

    def _living(self, parts: Iterable[_Part]) -> set[str | None]:
        """Return the sessions of which something is left that a person could open."""
        sessions = {parse_record_name(part.record).key: part.session for part in parts}
        found = self._store.keys.buckets(Selection(keys=list(sessions))) if sessions else ()
        return {sessions[bucket.key] for bucket in found if not bucket.is_dead}

    def prune(self, subject: str | None = None) -> int:
        """Remove what is noted of sessions of which nothing is left, and return of how many parts.

        Args:
            subject: of this person; None = of all.
        """
        named = None if subject is None else self._accounts.registry.accounts_of(self._accounts.resolve(subject, self._time.now))
        topic = self._store.journal.notes(UPLOAD)
        count = 0
        for key in dict.fromkeys(note.key for note in topic) if named is None else named:
            bodies = [note.body for note in self._store.journal.notes(UPLOAD, key)]
            living = self._living(map(_read, bodies))
            kept = [body for body in bodies if _read(body).session in living]
            if len(kept) < len(bodies):
                count += len(bodies) - len(kept)
                with self._store.transaction():
                    self._store.journal.remove(UPLOAD, key)
                    for body in kept:
                        self._store.journal.add(UPLOAD, key, body)
        if count:
            self._store.keys.scrub()
        return count


def _read(body: bytes) -> _Part:
    plain = json.loads(body)
    return _Part(plain["session"], plain["record"], plain["commitment"], plain["start"], plain["length"])
