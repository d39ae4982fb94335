"""Telemetry: OTLP payloads become typed rows, sealed under their session, and a batch that comes again changes nothing."""

import hmac
import os
from collections import OrderedDict
from dataclasses import dataclass, field, replace

from tenure.errors import DataError
from tenure.records.case import Case
from tenure.records.facts import SALT
from tenure.records.held import Owner
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.server.otlp.batch import render_batch
from tenure.server.otlp.dedup import Deduplicator
from tenure.server.otlp.drops import Drops
from tenure.server.otlp.intake import Reader
from tenure.server.otlp.memory import Memory
from tenure.server.otlp.response import Encoding, render_response
from tenure.server.otlp.rows import Reading, SessionId, by_session
from tenure.server.otlp.schema import Schema, Signal, packaged_schema
from tenure.services.intake import Item
from tenure.services.keeping import Keeping
from tenure.services.tokens import Token

MOST_SUBJECTS = 256
"""People whose attribute sets are remembered."""
_WHOSE = "telemetry:"


@dataclass(slots=True)
class _Of:
    """What is remembered of one person's telemetry."""

    reader: Reader
    seen: Deduplicator = field(default_factory=Deduplicator)


class Telemetry:
    """The way of telemetry into a store. Called in the writer's thread alone.

    Args:
        schema: what telemetry may hold; None = the one that came with Tenure.
    """

    def __init__(self, schema: Schema | None = None) -> None:
        self._schema = packaged_schema() if schema is None else schema
        self._drops = Drops(os.urandom(32))
        self._of: OrderedDict[tuple[str, str | None], _Of] = OrderedDict()
        self.forgotten = 0
        """How often somebody was forgotten: who remembers anything else of persons drops it when this has grown."""

    def take(self, keeping: Keeping, token: Token, signal: Signal, encoding: Encoding, payload: bytes) -> bytes:
        """Hold the rows of a payload, durably, and return the answer in its encoding.

        Raises:
            DataError: the payload is malformed or too much; or the terms do not let any of it be kept (`otlp/refused`).
        """
        known = self._known(keeping, token)
        reading = known.reader.read(signal, encoding, payload)
        fresh = replace(reading, rows=known.seen.fresh(reading.rows))
        kept = self._hold(keeping, token, fresh)
        if not kept and fresh.rows:
            message = "telemetry: expected what the terms let in, got what they refuse"
            raise DataError(message, code="otlp/refused", remedy="tenure terms decide says which clause; tenure account show, under which account")
        known.seen.commit(fresh.rows)
        return render_response(signal, encoding, reading.rejected)

    def forget(self, subject: str) -> None:
        """Drop what is remembered of a person."""
        self.forgotten += 1
        for key in [key for key in self._of if key[0] == subject]:
            del self._of[key]

    def _hold(self, keeping: Keeping, token: Token, reading: Reading) -> bool:
        items = [
            Item(_case(token), Owner(token.subject, token.org, session), [render_batch(self._schema, rows)])
            for session, rows in by_session(reading.rows).items()
        ]
        return any(put.verdict is Verdict.PERMIT for put in keeping.intake.put_all(items)) if items else False

    def _known(self, keeping: Keeping, token: Token) -> _Of:
        key = (token.subject or "", token.org)
        found = self._of.get(key)
        if found is None:
            secret = _secret(keeping, token.subject or "")

            def key_of(session: SessionId | None) -> bytes:
                return hmac.digest(secret, (session or "").encode(), "sha256")

            found = self._of[key] = _Of(Reader(self._schema, key_of, self._drops, Memory()))
            if len(self._of) > MOST_SUBJECTS:
                self._of.popitem(last=False)
        self._of.move_to_end(key)
        return found


def _secret(keeping: Keeping, subject: str) -> bytes:
    """Return the key under which a person's ids are hashed; it goes with the person."""
    whose = _WHOSE + subject
    for note in keeping.store.journal.notes(SALT, whose):
        return note.body
    made = os.urandom(32)
    with keeping.store.transaction():
        keeping.store.journal.add(SALT, whose, made)
    return made


def _case(token: Token) -> Case:
    return Case(token.agent, Kind.USAGE_METRIC, Purpose.COLLECT, surface="cli", env={}, settings={}, safety_flagged=False, model_class="ordinary")
