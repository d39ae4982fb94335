"""Jobs: what may read. A job has the hash of its code, a sink and purposes; a reader names a job, never a purpose.

Source: design 0002; governance, purpose is bound to the job's identity.
"""

import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tenure.errors import DataError, VaultError
from tenure.ledger.entries import render_entry
from tenure.ports import Store
from tenure.records.canonical import Plain, canonical_bytes, digest
from tenure.records.instants import parse_time, render_time
from tenure.records.kinds import Purpose
from tenure.services.timekeeping import Timekeeper

TOPIC = "job"
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,63}", re.ASCII)
_CODE = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)
_SINK = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Job:
    """A registered reader.

    Attributes:
        name: how it is called.
        code: `sha256:` of what runs.
        sink: where its output goes.
        purposes: what it reads for; each of them must be permitted.
        registered_at: aware.
    """

    name: str
    code: str
    sink: str
    purposes: frozenset[Purpose]
    registered_at: datetime

    @property
    def plain(self) -> dict[str, Plain]:
        """Its plain form."""
        purposes: list[Plain] = [str(purpose) for purpose in sorted(self.purposes)]
        at = render_time(self.registered_at)
        return {"name": self.name, "code": self.code, "sink": self.sink, "purposes": purposes, "registered_at": at}

    @property
    def digest(self) -> str:
        """What receipts call it."""
        return digest(self.plain)


class Jobs:
    """The jobs of a store. A job that is registered anew under its name replaces the one before; receipts go on naming the old one.

    Args:
        store: where they are written down.
        time: what time it is.
    """

    def __init__(self, store: Store, time: Timekeeper) -> None:
        self._store = store
        self._time = time

    def register(self, name: str, code: str, sink: str, purposes: Collection[Purpose]) -> Job:
        """Register a job.

        Args:
            name: of letters, digits and `._/-`.
            code: `sha256:` of what runs.
            sink: where its output goes, such as a path or a table.
            purposes: one or more; `collect` is none.

        Raises:
            DataError: one of them is malformed.
        """
        if not _NAME.fullmatch(name):
            raise DataError("job: expected a name of up to 64 lower-case letters, digits and ._/-, got another", code="job/name")
        if not _CODE.fullmatch(code) or not _SINK.fullmatch(sink):
            raise DataError(f"job {name}: expected sha256: and 64 digits for its code, and a sink without spaces, got others", code="job/malformed")
        if not purposes or Purpose.COLLECT in purposes:
            message = f"job {name}: expected one or more purposes other than collect, got {', '.join(sorted(purposes)) or 'none'}"
            raise DataError(message, code="job/purposes", remedy="tenure terms purposes lists them")
        with self._store.transaction():
            job = Job(name, code, sink, frozenset(purposes), self._time.keep())
            self._store.journal.add(TOPIC, name, canonical_bytes(job.plain))
            self._store.ledger.append(
                [render_entry("registered", job.registered_at, job=job.digest, code=code, sink=digest(sink), purposes=job.plain["purposes"])]
            )
        return job

    def get(self, name: str) -> Job:
        """Return a job.

        Raises:
            VaultError: there is none of that name.
        """
        found = [note.body for note in self._store.journal.notes(TOPIC, name)]
        if not found:
            message = f"job: expected the name of a registered job, got {name[:64]!r}"
            raise VaultError(message, code="job/unknown", remedy="tenure job list names them; tenure job register adds one")
        return _read(found[-1])

    def all(self) -> list[Job]:
        """Return the jobs, each as it was last registered."""
        return list({note.key: _read(note.body) for note in self._store.journal.notes(TOPIC)}.values())


def _read(body: bytes) -> Job:
    plain = json.loads(body)
    purposes = frozenset(Purpose(text) for text in plain["purposes"])
    return Job(plain["name"], plain["code"], plain["sink"], purposes, parse_time(plain["registered_at"]))
