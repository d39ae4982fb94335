"""Transcripts that arrive in parts: append-only, and a part that comes again changes nothing."""

import json
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
            DataError: it neither goes on where the transcript ends nor repeats a part (`server/conflict`).
        """
        owner = self._accounts.owner(owner, self._time.now)
        parts = self._parts(owner)
        length = int(str(parts[-1]["start"])) + int(str(parts[-1]["length"])) if parts else 0
        if start != length:
            return self._repeated(parts, start, content, length)
        (put,) = self._intake.put_all([Item(case, owner, [content])], then=lambda puts: self._note(owner, start, content, puts[0]))
        return Uploaded(put, length + len(content) if put.records else length)

    def _note(self, owner: Owner, start: int, content: bytes, put: Put) -> None:
        """Write down a part that is held, inside of the transaction that holds it. What it commits to means nothing once its key is gone."""
        if put.records:
            bound = self._store.keys.commitment(put.records[0].key, content).hex()
            named: dict[str, Plain] = {"session": owner.session, "record": str(put.records[0]), "commitment": bound}
            self._store.journal.add(UPLOAD, owner.subject or "", canonical_bytes({**named, "start": start, "length": len(content)}))

    def _repeated(self, parts: list[dict[str, object]], start: int, content: bytes, length: int) -> Uploaded:
        for part in parts:
            if (part["start"], part["length"]) == (start, len(content)):
                name = parse_record_name(str(part["record"]))
                bucket = next(self._store.keys.buckets(Selection(keys=[name.key])), None)
                if bucket is not None and self._store.keys.commitment(name.key, content).hex() == part["commitment"]:
                    return Uploaded(Put(Verdict.PERMIT, (name,), bucket.expires_at), length, is_repeated=True)
        message = f"transcript: expected a part that begins at {length}, or one that is held already, got another"
        raise DataError(message, code="server/conflict", remedy=f"go on from byte {length}")

    def _parts(self, owner: Owner) -> list[dict[str, object]]:
        accounts = self._accounts.registry.accounts_of(owner.subject or "")
        notes = sorted((note for each in accounts for note in self._store.journal.notes(UPLOAD, each)), key=lambda note: note.number)
        bodies = (json.loads(note.body) for note in notes)
        return [body for body in bodies if body["session"] == owner.session]
