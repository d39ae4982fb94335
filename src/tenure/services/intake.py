"""Intake: classify, decide, seal, receipt. What is refused leaves no byte behind.

Source: guarantees G5 to G8; design 0002.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from tenure.errors import TermsError
from tenure.ledger.entries import render_entry
from tenure.ports import Store
from tenure.records.case import Case
from tenure.records.held import Bucket, Owner, RecordName, Sealed
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose, Verdict
from tenure.services.accounts import Accounts
from tenure.services.cells import UNSTATED as UNSTATED
from tenure.services.cells import Judge, plain
from tenure.services.evidence import counted
from tenure.services.receipts import render_ingested
from tenure.services.timekeeping import Timekeeper
from tenure.terms.decision import Because, Decision
from tenure.terms.keeping import NOTHING

LONGEST_CELLS = 48_000
"""Bytes of the declared cases of one record: a ledger entry holds them."""


@dataclass(frozen=True, slots=True)
class Item:
    """What is handed in.

    Attributes:
        case: who, under what, when; `collected_at` None = now. Its purpose does not matter: intake asks `collect`.
        owner: whose it is.
        contents: one or more records.
    """

    case: Case
    owner: Owner
    contents: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Put:
    """What became of it.

    Attributes:
        verdict: permit = held; deny and gap = refused, with nothing left.
        records: names, in order; none where it was refused.
        expires_at: when they become unreadable; None = held without limit, or refused.
        because: the clauses that decided.
        reason: why it was refused where no clause says so, and why a yes in the case does not count, in words; else empty.
    """

    verdict: Verdict
    records: tuple[RecordName, ...] = ()
    expires_at: datetime | None = None
    because: tuple[Because, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Ruled:
    item: Item
    case: Case
    collected_at: datetime
    cells: tuple[bytes, ...]
    decision: Decision
    verdict: Verdict
    reason: str
    expires_at: datetime | None


class Intake:
    """The way into a store.

    Args:
        store: where it is held.
        accounts: who an owner is.
        judge: decides.
        time: what time it is.
    """

    def __init__(self, store: Store, accounts: Accounts, judge: Judge, time: Timekeeper) -> None:
        self._store = store
        self._accounts = accounts
        self._judge = judge
        self._time = time

    def put(self, item: Item) -> Put:
        """Hold one item, or refuse it.

        Raises:
            TermsError: the case is malformed, or later than the clock.
            VaultError: the clock is in doubt, or the store cannot be written; then nothing is held.
        """
        return self.put_all([item])[0]

    def preview(self, item: Item) -> Put:
        """Return what `put` would answer, and hold nothing. It names no record."""
        ruled = self._rule(item, self._time.now)
        return Put(ruled.verdict, (), ruled.expires_at, ruled.decision.because, ruled.reason)

    def put_all(self, items: Sequence[Item], then: Callable[[list[Put]], object] | None = None) -> list[Put]:
        """Hold several items, each judged for itself, durable together.

        Args:
            items: what is handed in.
            then: is done in the same transaction, with what became of them.
        """
        frames: list[tuple[Bucket, Sealed]] = []
        with self._store.transaction():
            now = self._time.keep()
            puts = [self._put(item, now, frames) for item in items]
            for day in dict.fromkeys(bucket.day for bucket, _ in frames):
                self._store.frames.write(day, [frame for bucket, frame in frames if bucket.day == day])
            if then is not None:
                then(puts)
        return puts

    def _put(self, item: Item, now: datetime, frames: list[tuple[Bucket, Sealed]]) -> Put:
        ruled = self._rule(item, now)
        if ruled.verdict is not Verdict.PERMIT:
            self._store.ledger.append([_refusal(ruled, now)])
            return Put(ruled.verdict, because=ruled.decision.because, reason=ruled.reason)
        owner = self._accounts.owner(item.owner, now)
        self._attest(ruled.case, owner, ruled.collected_at, now)
        bucket = self._store.keys.make(owner, item.case.kind, ruled.cells, ruled.collected_at, ruled.expires_at)
        frame = self._store.keys.seal(bucket.key, item.contents, [ruled.collected_at] * len(item.contents))
        frames.append((bucket, frame))
        self._store.ledger.append([render_ingested(self._store, bucket, frame, item.contents, ruled.cells, ruled.decision.table, now)])
        names = tuple(RecordName(bucket.key, frame.batch, index) for index in range(len(item.contents)))
        return Put(Verdict.PERMIT, names, bucket.expires_at, ruled.decision.because, ruled.reason)

    def _rule(self, item: Item, now: datetime) -> _Ruled:
        collected = now if item.case.collected_at is None else item.case.collected_at.astimezone(UTC)
        if collected > now:
            message = f"collected_at: expected a time up to now, {render_time(now)}, got {render_time(collected)}"
            raise TermsError(message, code="case/ahead", remedy="leave it out for what is collected now")
        agreement = self._accounts.agreement(item.case.agent, item.owner.subject, item.owner.org, collected)
        is_former = self._accounts.is_former(item.owner)
        case, uncounted = counted(item.case, is_known=agreement.consents is not None, is_erased=is_former)
        case = replace(case, collected_at=collected)
        cells = self._judge.cells(case, item.owner, collected, now)
        size = sum(len(each) for each in cells)
        if size > LONGEST_CELLS:
            message = f"case: expected at most {LONGEST_CELLS} bytes of declared values, got {size}"
            raise TermsError(message, code="case/too-large", remedy="give fewer answers to consents, or fewer sources")
        decision = self._judge.decide(cells, Purpose.COLLECT, now)
        verdict, reason, expires_at = _held_until(decision, self._judge.end(cells, now), now)
        return _Ruled(item, case, collected, cells, decision, verdict, reason or uncounted, expires_at)

    def _attest(self, case: Case, owner: Owner, collected_at: datetime, now: datetime) -> None:
        """Make an account of what a case says about someone who is not known."""
        is_known = self._accounts.knows_org(owner.org) if owner.org is not None else owner.subject is None or self._accounts.knows(owner.subject)
        if not is_known:
            self._accounts.attest(
                case.agent,
                owner.subject,
                owner.org,
                tier=case.tier,
                provider=case.provider,
                flags=case.flags,
                consents=case.consents,
                at=collected_at,
                recorded_at=now,
            )


def _held_until(decision: Decision, expires_at: datetime | None, now: datetime) -> tuple[Verdict, str, datetime | None]:
    """Return whether something is held, why not, and until when."""
    is_over = expires_at is not None and expires_at <= now
    if decision.keep == NOTHING:
        verdict = Verdict.GAP if decision.verdict is Verdict.GAP else Verdict.DENY
        return verdict, "the terms keep nothing of it beyond the response", None
    if is_over and decision.verdict is not Verdict.GAP:
        return Verdict.DENY, f"its time was over on {expires_at:%Y-%m-%d}", None
    return decision.verdict, "", expires_at if decision.verdict is Verdict.PERMIT else None


def _refusal(ruled: _Ruled, now: datetime) -> bytes:
    return render_entry(
        "refused",
        now,
        cells=[plain(each) for each in ruled.cells],
        terms=ruled.decision.table,
        verdict=str(ruled.verdict),
        because=[part.clause for part in ruled.decision.because],
        records=len(ruled.item.contents),
    )
