"""Use: a registered job reads what the terms permit for all of its purposes. The permit is durable before the first byte.

Source: guarantees G1, G2 and G6; design 0002.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection, Store
from tenure.records.canonical import Plain
from tenure.records.held import Bucket, Opened, Permit, RecordName
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Verdict
from tenure.services.cells import Judge, plain
from tenure.services.jobs import Job
from tenure.services.ruling import rule
from tenure.services.runs import Run, Runs, unknown_run
from tenure.services.timekeeping import Timekeeper
from tenure.terms.decision import Because

VALID_FOR = timedelta(minutes=10)
"""A permit is over after that."""
MOST_RECORDS = 1_000
"""Records under one permit, unless one bucket alone holds more."""
_MOST_CELLS = 32_000
"""Bytes of the cells of one permit, unless one bucket alone has more."""


@dataclass(frozen=True, slots=True)
class Denied:
    """What a job may not read.

    Attributes:
        kind: of the data.
        records: how many.
        verdict: deny or gap.
        because: the clauses that decided.
        reason: in words, where no clause says so.
    """

    kind: Kind
    records: int
    verdict: Verdict
    because: tuple[Because, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """What was read under one permit.

    Attributes:
        permit: index of its receipt in the ledger.
        buckets: whose data it is.
        frames: what was sealed together, opened.
    """

    permit: int
    buckets: Sequence[Bucket]
    frames: Sequence[Opened]

    def __len__(self) -> int:
        return sum(len(frame) for frame in self.frames)

    def records(self) -> Iterator[tuple[RecordName, memoryview]]:
        """Yield names and contents."""
        for frame in self.frames:
            for index in range(len(frame)):
                yield RecordName(frame.key, frame.batch, index), frame.record(index)


class Uses:
    """The way out of a store.

    Args:
        store: what is held.
        judge: decides.
        time: what time it is.
    """

    def __init__(self, store: Store, judge: Judge, time: Timekeeper) -> None:
        self._store = store
        self._judge = judge
        self._time = time
        self._runs = Runs(store)

    def read(self, job: Job, selection: Selection, *, run: Run | None = None) -> Iterator[Batch | Denied]:
        """Read what a job may of a selection, permit by permit. What it may not is told, never skipped in silence.

        Args:
            job: a registered one.
            selection: which buckets.
            run: the run that reads; its start is what the store wrote down. None = now, for the purposes that ask for it.

        Raises:
            VaultError: no run of that job that was started here.
            IntegrityError: a frame is missing or changed.
        """
        if run is not None and run.job != job:
            raise unknown_run()
        started_at = None if run is None else self._runs.known(run).started_at
        told = list[tuple[int, int]]()
        try:
            for group in _groups(self._store.keys.buckets(selection)):
                permitted, denied = self._sorted(group, job, started_at)
                found = self._opened(job, permitted, told) if permitted else None
                yield from denied
                if found is not None:
                    yield found
        finally:
            self._tell(told)

    def get(self, job: Job, name: RecordName) -> tuple[Opened, int] | Denied:
        """Return the frame of one record and its place in it, or why not."""
        buckets = list(self._store.keys.buckets(Selection(keys=[name.key])))
        if not buckets:
            return Denied(Kind.DERIVED_SIGNAL, 0, Verdict.DENY, reason="no such record: it was destroyed, or never held here")
        ruled = self._ruled(buckets[0], job, self._time.now, None)
        if isinstance(ruled, Denied):
            return ruled
        told = list[tuple[int, int]]()
        batch = self._opened(job, [(buckets[0], ruled)], told, name)
        self._tell(told)
        if not _has(batch, name):
            return Denied(buckets[0].kind, 0, Verdict.DENY, reason="no such record in its bucket")
        return batch.frames[0], name.index

    def _sorted(self, group: Sequence[Bucket], job: Job, run: datetime | None) -> tuple[list[tuple[Bucket, str]], list[Denied]]:
        """Rule on buckets as they are now: whoever reads may have taken hours over those before."""
        now, permitted, denied = self._time.now, list[tuple[Bucket, str]](), list[Denied]()
        found = {bucket.key: bucket for bucket in self._store.keys.buckets(Selection(keys=[bucket.key for bucket in group]))}
        for listed in group:
            bucket = found.get(listed.key)
            if bucket is None:
                denied.append(Denied(listed.kind, listed.records, Verdict.DENY, reason="it was destroyed"))
                continue
            ruled = self._ruled(bucket, job, now, run)
            if isinstance(ruled, Denied):
                denied.append(ruled)
            else:
                permitted.append((bucket, ruled))
        return permitted, denied

    def _ruled(self, bucket: Bucket, job: Job, now: datetime, run: datetime | None) -> Denied | str:
        """Return why a job may not read a bucket, or the hash of the terms by which it may."""
        found = rule(self._store, self._judge, bucket, job.purposes, now, run or now)
        return found.table if found.verdict is Verdict.PERMIT else Denied(bucket.kind, bucket.records, found.verdict, found.because, found.reason)

    def _opened(self, job: Job, group: Sequence[tuple[Bucket, str]], told: list[tuple[int, int]], name: RecordName | None = None) -> Batch:
        """Write the permit, make it durable, then open. `told` carries what was read under it into the next transaction."""
        buckets = [bucket for bucket, _ in group]
        keys = frozenset(bucket.key for bucket in buckets)
        until = self._time.now + VALID_FOR
        with self._store.transaction():
            self._append_read(told)
            entry = self._permit(job, group, until, None if name is None else 1)
            index = self._store.ledger.append([entry])
            self._runs.read(job, keys, self._time.now)
        opener = self._store.keys.open(Permit(index, entry, keys, job.purposes, until), self._time.now)
        frames = self._store.frames.read([bucket.key for bucket in buckets], None if name is None else name.batch)
        found = Batch(index, buckets, [opener.open(frame) for frame in frames])
        told.append((index, len(found) if name is None else int(_has(found, name))))
        return found

    def _permit(self, job: Job, group: Sequence[tuple[Bucket, str]], until: datetime, records: int | None) -> bytes:
        cells = list[Plain](plain(each) for each in dict.fromkeys(content for bucket, _ in group for content in bucket.cells))
        return render_entry(
            "permitted",
            self._time.stamp(),
            job=job.digest,
            purposes=[str(purpose) for purpose in sorted(job.purposes)],
            cells=cells,
            terms=group[0][1],
            keys=keys_digest(bucket.key for bucket, _ in group).hex(),
            records=sum(bucket.records for bucket, _ in group) if records is None else records,
            until=render_time(until),
        )

    def _tell(self, told: list[tuple[int, int]]) -> None:
        if told:
            with self._store.transaction():
                self._append_read(told)

    def _append_read(self, told: list[tuple[int, int]]) -> None:
        at = self._time.stamp()
        self._store.ledger.append([render_entry("read", at, permit=index, records=count) for index, count in told])
        told.clear()


def _groups(buckets: Iterable[Bucket]) -> Iterator[list[Bucket]]:
    """Yield buckets in groups that one permit can name."""
    group, cells, records = list[Bucket](), set[bytes](), 0
    for bucket in list(buckets):
        wider = cells | set(bucket.cells)
        if group and (records + bucket.records > MOST_RECORDS or sum(map(len, wider)) > _MOST_CELLS):
            yield group
            group, wider, records = [], set(bucket.cells), 0
        group.append(bucket)
        cells, records = wider, records + bucket.records
    if group:
        yield group


def _has(batch: Batch, name: RecordName) -> bool:
    return bool(batch.frames) and name.index < len(batch.frames[0])
