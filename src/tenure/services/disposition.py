"""Disposition: what happens at the end of retention, and before it. Expire, tighten, erase, hold, release.

Source: guarantees G2, G8 and G9; ISO 15489-1 for the words; design 0002.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tenure.ledger.entries import render_about, render_expired
from tenure.ports import Selection, Store
from tenure.records.canonical import Plain
from tenure.records.held import Bucket, KeyId
from tenure.services.accounts import Accounts
from tenure.services.cells import Judge
from tenure.services.ruling import is_over, is_under
from tenure.services.timekeeping import Timekeeper
from tenure.services.tokens import Tokens

Dependants = Callable[[Collection[KeyId]], Collection[KeyId]]
"""Returns what was derived from buckets, and from that, and so on."""


@dataclass(frozen=True, slots=True)
class Expired:
    """What went, or would go, at the end of its time.

    Attributes:
        at: everything whose time is over by then.
        keys: of buckets, and `records` in them.
        days: the day keys that were destroyed.
        receipt: index of the first ledger entry that says so; None = nothing was destroyed.
    """

    at: datetime
    keys: int
    records: int
    days: tuple[date, ...]
    receipt: int | None = None


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased, or would be.

    Attributes:
        keys: of buckets, and `records` in them.
        kept: of these, the keys that a legal hold keeps; they open for nothing and go with the hold.
        receipt: index of the first ledger entry that says so; None = nothing was destroyed.
    """

    keys: int
    records: int
    kept: int = 0
    receipt: int | None = None


class Disposition:
    """The end of what is held.

    Args:
        store: where it is held.
        accounts: whose it is.
        judge: decides.
        time: what time it is.
        dependants: what was derived from what.
    """

    def __init__(self, store: Store, accounts: Accounts, judge: Judge, time: Timekeeper, dependants: Dependants) -> None:
        self._store = store
        self._accounts = accounts
        self._judge = judge
        self._time = time
        self._dependants = dependants

    def due(self, at: datetime | None = None) -> list[Bucket]:
        """Return the buckets whose time is over at an instant (None = now) and that no hold keeps."""
        return [bucket for bucket in self._store.keys.buckets(Selection(due=at or self._time.now)) if not bucket.holds]

    def preview(self, at: datetime | None = None) -> Expired:
        """Return what expiring would destroy."""
        at = self._time.now if at is None else at.astimezone(UTC)
        return _expired(at, self.due(at), None)

    def expire(self, at: datetime | None = None, *, confirm: bool = False) -> Expired:
        """Destroy the keys of what is due, then the bytes that they opened.

        Args:
            at: an instant ahead destroys early; None = now. The clock does not move.
            confirm: believe a clock that is in doubt, on a person's word.

        Raises:
            VaultError: the clock is in doubt; nothing was destroyed.
        """
        confirmed = confirm and self._time.is_in_doubt
        with self._store.transaction():
            if confirm:
                self._time.confirm()
            now = self._time.keep()
            until = now if at is None else at.astimezone(UTC)
            gone = self.due(until)
            receipt = self._expire(until, confirmed, now, sum(bucket.records for bucket in gone))
        if receipt is not None:
            self._store.keys.scrub()
            self._store.frames.forget([bucket.key for bucket in gone])
        return _expired(until, gone, receipt)

    def confirm_clock(self) -> None:
        """Believe a clock that is in doubt, on a person's word. What is due by it goes with the next `expire`."""
        with self._store.transaction():
            self._time.confirm()

    def _expire(self, until: datetime, confirmed: bool, now: datetime, records: int) -> int | None:
        days = self._store.keys.destroy_days(until.date())
        entries = render_expired(now, days, records=records, early=until > now, confirmed=confirmed)
        return self._store.ledger.append(entries) if entries else None

    def erase(self, selection: Selection, reason: str, *, subject: str | None = None, org: str | None = None) -> Erased:
        """Destroy the keys of a selection and of what was derived from it, at once.

        Args:
            selection: which buckets.
            reason: a word, such as `request`.
            subject: the person who goes with it: what is known about their account is removed too.
            org: the organisation that goes with it, in the same way.
        """
        with self._store.transaction():
            chosen = self.chosen(selection)
            subject = None if subject is None else self._accounts.resolve(subject, self._time.now)
            keys = [bucket.key for bucket in chosen]
            kept = self._store.keys.destroy(keys)
            receipt = self._tell("erased", keys, reason=reason, records=sum(bucket.records for bucket in chosen)) if keys else None
            if subject is not None:
                self._forget(subject)
            if org is not None:
                self._accounts.forget_org(org, self._time.stamp())
        if keys or subject is not None or org is not None:
            self._store.keys.scrub()
            self._store.frames.forget([key for key in keys if key not in set(kept)])
        return Erased(len(keys), sum(bucket.records for bucket in chosen), len(kept), receipt)

    def _forget(self, subject: str) -> None:
        """Remove what is known about a person, under all of their accounts, and their tokens."""
        tokens = Tokens(self._store, self._time)
        for account in self._accounts.registry.accounts_of(subject):
            tokens.forget(account)
        self._accounts.forget(subject, self._time.stamp())

    def chosen(self, selection: Selection) -> list[Bucket]:
        """Return the buckets of a selection with those that were derived from them; none that is dead already.

        Where a person's accounts were merged, any of them names all.
        """
        found = {bucket.key: bucket for bucket in self._store.keys.buckets(self._accounts.whole(selection, self._time.now))}
        further = [key for key in self._dependants(found.keys()) if key not in found]
        if further:
            found |= {bucket.key: bucket for bucket in self._store.keys.buckets(Selection(keys=further))}
        return [bucket for bucket in found.values() if not bucket.is_dead]

    def hold(self, name: str, selection: Selection, kind: str) -> int:
        """Put a hold on what is selected and return on how many buckets.

        Args:
            name: of the hold.
            selection: which buckets; those that are dead already stay so; what is over takes a hold only where one of that kind is on it.
            kind: `legal` (opens for nothing once the time is over) or `safety` (opens for safety alone).
        """
        with self._store.transaction():
            now = self._time.now
            selection = self._accounts.whole(selection, now)
            buckets = self._store.keys.buckets(selection)
            keys = [bucket.key for bucket in buckets if not is_over(bucket, now) or is_under(self._store, bucket, kind)]
            if keys:
                hold = self._store.keys.hold(name, keys, kind)
                self._tell("held", keys, hold=hold.hex(), kind=kind)
        return len(keys)

    def release(self, name: str) -> Erased:
        """Lift a hold; what it alone kept goes."""
        with self._store.transaction():
            held = {bucket.key: bucket for bucket in self._store.keys.buckets(Selection(hold=name))}
            hold, kind = self._store.keys.holds().get(name, (KeyId(b""), ""))
            gone = self._store.keys.release(name)
            self._tell("released", list(held), hold=hold.hex(), kind=kind)
            records = sum(held[key].records for key in gone)
            receipt = self._tell("erased", gone, reason="released", records=records) if gone else None
        if gone:
            self._store.keys.scrub()
            self._store.frames.forget(gone)
        return Erased(len(gone), records, 0, receipt)

    def tighten(self, selection: Selection, at: datetime, reason: str) -> None:
        """Hold a selection, and what was derived from it, under the agreement as it is at an instant, where that is stricter.

        Runs inside of the open transaction. What is over by that stays unreadable from now on, and goes with the next `expire`.
        """
        moved: dict[tuple[tuple[bytes, ...], datetime | None], list[KeyId]] = {}
        for bucket in self._store.keys.buckets(selection):
            added = self._added(bucket, at)
            sooner = self._judge.end((*bucket.cells, *added), at, self._judge.answers(bucket, at))
            if sooner is not None and bucket.expires_at is not None and sooner >= bucket.expires_at:
                sooner = None
            if added or sooner is not None:
                moved.setdefault((added, sooner), []).append(bucket.key)
        for (added, sooner), keys in moved.items():
            chosen = [*keys, *self._living(set(self._dependants(keys)) - set(keys))]
            later = self._later_than(chosen, sooner)  # what was made of several may have moved with another of them
            self._tighten(later, added, sooner, reason)
            # What ends before that keeps its day, and is under the same cells all the same.
            self._tighten([key for key in chosen if added and key not in set(later)], added, None, reason)

    def _added(self, bucket: Bucket, at: datetime) -> tuple[bytes, ...]:
        """Return the cell that the present agreement adds to a bucket, where it has not got it."""
        added = self._judge.cell_since(bucket.cells[0], bucket.owner, at)
        return () if added in bucket.cells else (added,)

    def _living(self, keys: Collection[KeyId]) -> list[KeyId]:
        """Return those that still have a key: lineage tells of destroyed ones too."""
        return [bucket.key for bucket in self._store.keys.buckets(Selection(keys=keys))] if keys else []

    def _later_than(self, keys: Collection[KeyId], sooner: datetime | None) -> list[KeyId]:
        buckets = self._store.keys.buckets(Selection(keys=keys))
        return [bucket.key for bucket in buckets if sooner is None or bucket.expires_at is None or bucket.expires_at > sooner]

    def _tighten(self, keys: Sequence[KeyId], added: tuple[bytes, ...], sooner: datetime | None, reason: str) -> None:
        self._store.keys.tighten(keys, added, sooner)
        days: dict[date, list[KeyId]] = {}
        for bucket in self._store.keys.buckets(Selection(keys=keys)):
            days.setdefault(bucket.day, []).append(bucket.key)
        for day, moved in days.items():
            expires = None if day == date.max else day.isoformat()
            self._tell("tightened", moved, day=self._store.keys.day_key(day).hex(), expires=expires, reason=reason)

    def _tell(self, kind: str, keys: Iterable[KeyId], /, **values: Plain) -> int:
        """Append one entry per group of keys and return the index of the first; what is counted stands in the first."""
        return self._store.ledger.append(render_about(kind, self._time.stamp(), list(keys), **values))


def _expired(at: datetime, gone: Sequence[Bucket], receipt: int | None) -> Expired:
    return Expired(at, len(gone), sum(bucket.records for bucket in gone), tuple(sorted({bucket.day for bucket in gone})), receipt)
