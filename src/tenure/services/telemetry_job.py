"""The job that reads telemetry for whoever runs the service: registered as any other, for one purpose, and denied as any other.

What it works out is returned and kept nowhere: a figure of what has expired must not outlive it.
"""

import hashlib
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenure.errors import VaultError
from tenure.ports import Selection
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services import sketch, telemetry, usage_rows
from tenure.services.jobs import Job
from tenure.services.keeping import Keeping
from tenure.services.telemetry import Telemetry
from tenure.services.usage_rows import parse_columns, rows_of
from tenure.services.use import Denied
from tenure.terms.decision import Because

NAME = "tenure/telemetry"
SINK = "console"
PURPOSES = frozenset({Purpose.DEBUG})
"""Latency and failures are looked at to find what is broken."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the job was denied.

    Attributes:
        verdict: deny or gap.
        because: the clauses; empty = no clause permits it.
        reason: in words, where no clause says so.
        records: how many.
    """

    verdict: Verdict
    because: tuple[Because, ...]
    reason: str
    records: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What the job found.

    Attributes:
        job: as it is registered.
        telemetry: what it added up.
        records: how many it read.
        rows: how many rows those hold.
        denied: what it was not given.
    """

    job: Job
    telemetry: Telemetry
    records: int
    rows: int
    denied: Sequence[Kept]


def read_figures(keeping: Keeping) -> Figures:
    """Read the telemetry that a store holds, as far as the terms permit, with receipts.

    Raises:
        VaultError: the clock is in doubt, where the job is not registered yet.
        IntegrityError: a frame is missing or changed.
    """
    job, found, records, rows = _job(keeping), Telemetry(), 0, 0
    denied: dict[tuple[Verdict, tuple[Because, ...], str], int] = {}
    for part in keeping.uses.read(job, Selection(kinds=[Kind.USAGE_METRIC])):
        if isinstance(part, Denied):
            why = (part.verdict, part.because, part.reason)
            denied[why] = denied.get(why, 0) + part.records
            continue
        sessions: Mapping[bytes, str | None] = {bucket.key: bucket.owner.session for bucket in part.buckets}
        for name, content in part.records():
            columns = parse_columns(content)
            found.add(sessions[name.key], rows_of(columns))
            records, rows = records + 1, rows + len(columns.name)
    return Figures(job, found, records, rows, [Kept(*why, count) for why, count in denied.items()])


def _job(keeping: Keeping) -> Job:
    """Return the job; it is registered anew where its code is another than the one on record."""
    code = _code()
    try:
        known = keeping.jobs.get(NAME)
    except VaultError:
        return keeping.jobs.register(NAME, code, SINK, PURPOSES)
    is_same = (known.code, known.sink, known.purposes) == (code, SINK, PURPOSES)
    return known if is_same else keeping.jobs.register(NAME, code, SINK, PURPOSES)


def _code() -> str:
    """Return the digest of what runs."""
    source = "".join(inspect.getsource(module) for module in (telemetry, sketch, usage_rows)) + inspect.getsource(read_figures)
    return "sha256:" + hashlib.sha256(source.encode()).hexdigest()
