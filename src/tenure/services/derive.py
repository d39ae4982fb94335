"""Deriving: what a registered job makes of what it read is held under the meet of the terms of all of it.

A run is written down when it starts, and with each permit what its job reads from then on, through the run or beside it: none of that can be left
out, by whichever process derives. What a job remembers from before its run, or is handed by another job, the store cannot see: a run is to be a
process of its own, and names such inputs. Source: guarantees G3, G4 and G8; design 0002.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tenure.errors import DataError, VaultError
from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection, Store
from tenure.records.canonical import Plain
from tenure.records.held import Bucket, KeyId, RecordName
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Purpose, Verdict
from tenure.services.cells import Judge
from tenure.services.inherit import common_owner, inherited_cells, inherited_end, is_zero_retention
from tenure.services.intake import LONGEST_CELLS
from tenure.services.jobs import Job
from tenure.services.lineage import Derivation, Lineage
from tenure.services.receipts import render_ingested
from tenure.services.runs import LONGEST_RUN as LONGEST_RUN
from tenure.services.runs import Run as Run
from tenure.services.runs import Runs
from tenure.services.timekeeping import Timekeeper
from tenure.services.use import Batch, Denied, Uses
from tenure.terms.cells import STRICTEST
from tenure.terms.decision import Decision
from tenure.terms.keeping import NOTHING


@dataclass(frozen=True, slots=True)
class Derived:
    """What a run made, held.

    Attributes:
        records: names, in order.
        expires_at: when they become unreadable; None = no limit.
        receipt: index of the ledger entry `derived`.
    """

    records: tuple[RecordName, ...]
    expires_at: datetime | None
    receipt: int


class Derivations:
    """Makes data of data.

    Args:
        store: where both are held.
        judge: decides.
        time: what time it is.
        uses: the way out.
        lineage: what was made of what.
    """

    def __init__(self, store: Store, judge: Judge, time: Timekeeper, uses: Uses, lineage: Lineage) -> None:
        self._store = store
        self._judge = judge
        self._time = time
        self._uses = uses
        self._lineage = lineage
        self._runs = Runs(store)

    def start(self, job: Job) -> Run:
        """Start a run: its inputs begin here. A job that makes one thing per session starts a run per session."""
        with self._store.transaction():
            return self._runs.start(job, self._time.keep())

    def end(self, run: Run) -> None:
        """End a run: it makes nothing any more; what it made stays.

        Raises:
            VaultError: there is no such run.
        """
        with self._store.transaction():
            self._runs.end(self._runs.known(run), self._time.stamp())

    def read(self, run: Run, selection: Selection) -> Iterator[Batch | Denied]:
        """Read what the run's job may, as `Uses.read`; all of it counts as its input from then on."""
        return self._uses.read(run.job, selection, run=run)

    def derive(self, run: Run, records: Sequence[bytes], inputs: Collection[KeyId] = (), *, kind: Kind = Kind.DERIVED_SIGNAL) -> Derived | Denied:
        """Hold what a run made, under the meet of the terms of its inputs.

        Args:
            run: what made it.
            records: one or more.
            inputs: keys beside those that the job has read since the run started, for what another job handed it.
            kind: of the output.

        Returns:
            Names of the records; or which terms do not permit it, with nothing left.

        Raises:
            DataError: no records, or no inputs.
            VaultError: the run is not one of this store, the clock is in doubt, or the store cannot be written.
        """
        if not records:
            raise DataError("derive: expected one record or more, got none", code="derive/no-records")
        with self._store.transaction():
            now = self._time.keep()
            run = self.known(run)
            buckets = self.inputs(run, inputs)
            denied = self.denied(run, buckets, now)
            return denied if denied is not None else self._made(run, buckets, records, kind, now)

    def known(self, run: Run) -> Run:
        """Return a run as it was written down.

        Raises:
            VaultError: there is no such run, or it has ended.
        """
        return self._runs.known(run)

    def inputs(self, run: Run, further: Collection[KeyId]) -> list[Bucket]:
        """Return the buckets that the job has read since the run started, with further ones.

        Raises:
            DataError: there are none.
            VaultError: one of them is gone.
        """
        keys = {**self._runs.inputs(run), **dict.fromkeys(further)}
        if not keys:
            message = f"derive: expected one input or more for {run.job.name}, got none"
            raise DataError(message, code="derive/no-inputs", remedy="read through the run, or name the inputs")
        found = list(self._store.keys.buckets(Selection(keys=keys)))
        if len(found) < len(keys):
            raise VaultError("derive: expected inputs that are held, got some that are gone", code="derive/input-gone", remedy="start the run anew")
        return found

    def denied(self, run: Run, buckets: Sequence[Bucket], now: datetime) -> Denied | None:
        """Return why a run may not make anything of its inputs: each must be readable for all purposes of its job, and none under zero retention."""
        if now - run.started_at > LONGEST_RUN:
            return _no(buckets, f"the run started more than {LONGEST_RUN.days} days ago")
        asked: set[tuple[object, ...]] = set()
        for bucket in buckets:
            if bucket.is_dead or (bucket.expires_at is not None and bucket.expires_at <= now):
                return _no([bucket], "an input was erased, or its time is over")
            terms = (bucket.cells, bucket.owner.subject, bucket.owner.org)
            if terms in asked:
                continue
            asked.add(terms)
            if is_zero_retention(self._judge, bucket.cells):
                return _no([bucket], "nothing is made of what is under zero data retention")
            decisions = [self._judge.of_bucket(bucket, purpose, now, run.started_at) for purpose in sorted(run.job.purposes)]
            if (denied := _worst(bucket.kind, bucket.records, decisions)) is not None:
                return denied
        return None

    def _made(self, run: Run, buckets: Sequence[Bucket], records: Sequence[bytes], kind: Kind, now: datetime) -> Derived | Denied:
        cells = inherited_cells(self._judge, ((bucket.cells, self._judge.answers(bucket, now)) for bucket in buckets), kind, now)
        if sum(map(len, cells)) > LONGEST_CELLS:
            return _no(buckets, f"the declared cases of the inputs differ by more than {LONGEST_CELLS} bytes; make it of fewer sessions at a time")
        decision = self._judge.decide(cells, Purpose.COLLECT, now)
        if (denied := _worst(kind, len(records), [decision])) is not None:
            return denied
        expires_at = inherited_end(decision, buckets, now)
        if decision.keep == NOTHING or (expires_at is not None and expires_at <= now):
            return Denied(kind, len(records), Verdict.DENY, decision.because, "the terms keep nothing of it")
        unique = f"run:{run.number}.{self._store.ledger.size}"
        bucket = self._store.keys.make(common_owner(buckets, unique), kind, cells, now, expires_at)
        if bucket.key in {each.key for each in buckets}:  # nothing is made of itself
            bucket = self._store.keys.make(replace(bucket.owner, session=unique), kind, cells, now, expires_at)
        frame = self._store.keys.seal(bucket.key, records, [now] * len(records))
        self._store.frames.write(bucket.day, [frame])
        self._store.ledger.append([render_ingested(self._store, bucket, frame, records, bucket.cells, decision.table, now)])
        receipt = self.tell(run, bucket.key, buckets, None, now)
        return Derived(tuple(RecordName(bucket.key, frame.batch, index) for index in range(len(records))), bucket.expires_at, receipt)

    def tell(self, run: Run, output: KeyId | None, inputs: Sequence[Bucket], declassifier: dict[str, Plain] | None, now: datetime) -> int:
        """Write the receipt and the lineage of a derivation; return the index of the receipt. Runs inside of the open transaction."""
        keys = tuple(sorted(bucket.key for bucket in inputs))
        entry = render_entry(
            "derived",
            now,
            key=None if output is None else output.hex(),
            inputs=keys_digest(keys).hex(),
            inputs_count=len(keys),
            transform={"name": run.job.name, "digest": run.job.code},
            declassifier=declassifier,
            started_at=render_time(run.started_at),
        )
        index = self._store.ledger.append([entry])
        by = None if declassifier is None else f"{declassifier['name']}/{declassifier['version']}"
        self._lineage.add(Derivation(output, keys, run.job.name, run.job.code, by, run.started_at, now, index))
        return index


def _worst(kind: Kind, records: int, decisions: Sequence[Decision]) -> Denied | None:
    verdict = min((decision.verdict for decision in decisions), key=STRICTEST.index)
    if verdict is Verdict.PERMIT:
        return None
    because = dict.fromkeys(part for decision in decisions if decision.verdict is verdict for part in decision.because)
    return Denied(kind, records, verdict, tuple(because))


def _no(buckets: Sequence[Bucket], reason: str) -> Denied:
    return Denied(buckets[0].kind, sum(bucket.records for bucket in buckets), Verdict.DENY, reason=reason)
