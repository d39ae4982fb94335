"""Rulings: what a job of some purposes may have of a bucket. One rule, by which data is read and by which it is said why it is not.

Once its time is over, nothing opens but what a safety hold is on, and that for a job of the one purpose `safety`: then the hold is what opens,
whatever the terms said of `safety` before. Until then the terms decide, and a hold opens nothing. Source: guarantees G2 and G6.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tenure.ports import Store
from tenure.records.held import Bucket
from tenure.records.kinds import Purpose, Verdict
from tenure.services.cells import Judge
from tenure.terms.cells import STRICTEST
from tenure.terms.decision import Because

SAFETY = "safety"
"""The kind of hold that opens for `safety`."""
_LONGEST_CELLS = 60_000


@dataclass(frozen=True, slots=True)
class Ruling:
    """What may be had.

    Attributes:
        verdict: permit, deny or gap.
        table: hash of the terms that decided.
        because: the clauses that decided; none where none says so.
        reason: then, in words.
    """

    verdict: Verdict
    table: str
    because: tuple[Because, ...] = ()
    reason: str = ""


def is_over(bucket: Bucket, at: datetime) -> bool:
    """Whether a bucket's time is over."""
    return bucket.expires_at is not None and bucket.expires_at <= at


def is_open(bucket: Bucket, at: datetime) -> bool:
    """Whether a bucket's time is not over, and nobody erased it."""
    return not bucket.is_dead and not is_over(bucket, at)


def is_under(store: Store, bucket: Bucket, kind: str) -> bool:
    """Whether a hold of a kind is on a bucket."""
    holds = store.keys.holds() if bucket.holds else {}
    return any(holds[name][1] == kind for name in bucket.holds)


def rule(store: Store, judge: Judge, bucket: Bucket, purposes: Collection[Purpose], at: datetime, run: datetime) -> Ruling:
    """Return what a job may have of a bucket.

    Args:
        store: where its holds are.
        judge: decides by the terms.
        bucket: as it is at that instant.
        purposes: all of the job's; each has to be permitted.
        at: when it reads.
        run: when the training run started that reads.
    """
    decisions = [judge.of_bucket(bucket, purpose, at, run) for purpose in sorted(purposes)]
    table = decisions[0].table
    if bucket.is_dead:
        return Ruling(Verdict.DENY, table, reason="it was erased, and only a legal hold keeps it")
    if sum(map(len, bucket.cells)) > _LONGEST_CELLS:
        return Ruling(Verdict.DENY, table, reason="its terms changed so often that no receipt can hold them")
    if is_over(bucket, at):
        if set(purposes) == {Purpose.SAFETY} and is_under(store, bucket, SAFETY):
            return Ruling(Verdict.PERMIT, table, reason="its time is over; a safety hold opens it for safety alone")
        return Ruling(Verdict.DENY, table, reason="its time is over")
    verdict = min((decision.verdict for decision in decisions), key=STRICTEST.index)
    because = dict.fromkeys(part for decision in decisions if decision.verdict is verdict for part in decision.because)
    return Ruling(verdict, table, tuple(because))
