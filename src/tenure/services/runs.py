"""Runs: when a run of a job started, and what its job has read since. Both are facts of the store, so that a run's inputs outlive the process.

What a job reads while a run of it is open counts as read by that run, whoever asks for it and by which of its runs. Source: guarantee G3.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tenure.errors import VaultError
from tenure.ports import Store
from tenure.records.canonical import canonical_bytes
from tenure.records.held import KeyId
from tenure.records.instants import parse_time, render_time
from tenure.services.jobs import Job

STARTED = "run"
"""Topic: the runs that were started, by the name of the job."""
ENDED = "run_ended"
"""Topic: the numbers of those that ended, by the name of the job."""
READ = "run_read"
"""Topic: the keys that were read under a permit while a run was open, by the name of the job."""
LONGEST_RUN = timedelta(days=30)
"""A run that started longer ago makes nothing any more: its start counts for what a withdrawal leaves to it."""
_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job.

    Attributes:
        number: its fact in the journal.
        job: what runs.
        started_at: aware; by this store's clock, never by the caller's.
    """

    number: int
    job: Job
    started_at: datetime


class Runs:
    """The runs of a store.

    Args:
        store: where they are written down.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def start(self, job: Job, at: datetime) -> Run:
        """Write down that a run starts. Runs inside of the open transaction."""
        if not self._open(job.name, at):
            self._forget(job.name)
        body = canonical_bytes({"job": job.digest, "started_at": render_time(at)})
        return Run(self._store.journal.add(STARTED, job.name, body), job, at)

    def end(self, run: Run, at: datetime) -> None:
        """Write down that a run is over: it makes nothing any more. Runs inside of the open transaction."""
        self._store.journal.add(ENDED, run.job.name, str(run.number).encode())
        if not self._open(run.job.name, at):
            self._forget(run.job.name)

    def known(self, run: Run) -> Run:
        """Return a run as it was written down, whatever the caller says of its start.

        Raises:
            VaultError: there is no such run of that job, or it has ended.
        """
        ended = self._ended(run.job.name)
        for number, job, started_at in self._started(run.job.name):
            if number == run.number and number not in ended and job == run.job.digest:
                return Run(number, run.job, started_at)
        raise unknown_run()

    def read(self, job: Job, keys: Collection[KeyId], at: datetime) -> None:
        """Write down what a job reads, where a run of it is open. Runs inside of the transaction that makes the permit durable."""
        if self._open(job.name, at):
            self._store.journal.add(READ, job.name, b"".join(sorted(keys)))

    def inputs(self, run: Run) -> dict[KeyId, None]:
        """Return the keys that the job has read since the run started."""
        read = (note.body for note in self._store.journal.notes(READ, run.job.name) if note.number > run.number)
        return dict.fromkeys(KeyId(body[place : place + _LENGTH]) for body in read for place in range(0, len(body), _LENGTH))

    def _open(self, name: str, at: datetime) -> bool:
        """Whether a run of a job can still make something."""
        ended = self._ended(name)
        return any(number not in ended and at - started_at <= LONGEST_RUN for number, _, started_at in self._started(name))

    def _started(self, name: str) -> Iterator[tuple[int, str, datetime]]:
        for note in self._store.journal.notes(STARTED, name):
            body = json.loads(note.body)
            yield note.number, body["job"], parse_time(body["started_at"])

    def _ended(self, name: str) -> set[int]:
        return {int(note.body) for note in self._store.journal.notes(ENDED, name)}

    def _forget(self, name: str) -> None:
        """Remove what no run needs any more."""
        for topic in (STARTED, ENDED, READ):
            self._store.journal.remove(topic, name)


def unknown_run() -> VaultError:
    """Return the error of a run that is none."""
    return VaultError("run: expected one that was started here, got another", code="derive/unknown-run", remedy="start a run of the job first")
