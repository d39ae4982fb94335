"""The contract of `ports.KeyRing` as runnable code: who is let in, what holds keep, and that what is destroyed opens nowhere."""

from collections.abc import Callable, Collection, Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count

from tenure.errors import Error
from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Opener, Selection, Store
from tenure.records.held import NO_LIMIT, Bucket, KeyId, Owner, Permit
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Purpose

MakeStore = Callable[[], Store]
"""Makes an empty store whose first instant is `START`; called once per check."""

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
END = START + 30 * DAY
CELL = b'{"agent":"claude_code","kind":"prompt"}'
OTHER_CELL = b'{"agent":"claude_code","kind":"prompt","tier":"free"}'
OWNER = Owner("ada", "acme", "s1")
IMPROVE = frozenset({Purpose.IMPROVE})
SAFETY = frozenset({Purpose.SAFETY})


def check_key_ring(make: MakeStore) -> None:
    """Check that the keys of a store do what `ports.KeyRing` says.

    Args:
        make: makes the store to check.

    Raises:
        AssertionError: they do not.
    """
    for check in (*_OF_BUCKETS, *_OF_PERMITS, *_OF_TIME, *_OF_HOLDS, *_OF_DESTRUCTION):
        store = make()
        try:
            check(store)
        finally:
            store.close()


def put(store: Store, *records: bytes, owner: Owner = OWNER, kind: Kind = Kind.PROMPT, end: datetime | None = END, at: datetime = START) -> Bucket:
    """Seal records and store their frame, as an intake does; return the bucket."""
    with store.transaction():
        bucket = store.keys.make(owner, kind, (CELL,), at, end)
        store.frames.write(bucket.day, [store.keys.seal(bucket.key, records or (b"content",), [at] * (len(records) or 1))])
    return only(store.keys.buckets(Selection(keys={bucket.key})))


def permit(store: Store, keys: Collection[KeyId], purposes: frozenset[Purpose] = IMPROVE, until: datetime = END + 900 * DAY) -> Permit:
    """Write a receipt for opening buckets and return the permit that rests on it."""
    entry = receipt(keys, purposes, until)
    with store.transaction():
        index = store.ledger.append([entry])
    return Permit(index, entry, frozenset(keys), purposes, until)


def receipt(keys: Iterable[KeyId], purposes: frozenset[Purpose], until: datetime, job: str = "sha256:one") -> bytes:
    """Return the ledger entry of a permit."""
    named = [str(purpose) for purpose in sorted(purposes)]
    digest = keys_digest(keys).hex()
    return render_entry("permitted", START, job=job, purposes=[*named], cells=[], terms="t", keys=digest, records=1, until=render_time(until))


def opened(store: Store, bucket: Bucket, at: datetime = START, purposes: frozenset[Purpose] = IMPROVE) -> list[bytes]:
    """Return the records of a bucket as a job reads them."""
    opener = store.keys.open(permit(store, [bucket.key], purposes), at)
    frames = [opener.open(frame) for frame in store.frames.read([bucket.key])]
    return [bytes(frame.record(index)) for frame in frames for index in range(len(frame))]


def refused(act: Callable[[], object], code: str) -> None:
    """Check that something is refused with a code, and that the refusal says why.

    Raises:
        AssertionError: it is not.
    """
    try:
        act()
    except Error as error:
        found = error
    else:
        raise AssertionError(f"expected a refusal with {code}")
    assert found.code == code, f"expected {code}, got {found.code}: {found.message}"
    assert found.message, code


def only(buckets: Iterable[Bucket]) -> Bucket:
    """Return the one bucket that there is."""
    found = list(buckets)
    assert len(found) == 1, f"expected one bucket, got {len(found)}"
    return found[0]


def _again(store: Store, bucket: Bucket) -> Bucket:
    return only(store.keys.buckets(Selection(keys={bucket.key})))


def _is_gone(store: Store, bucket: Bucket) -> bool:
    return not list(store.keys.buckets(Selection(keys={bucket.key})))


def _same_data_shares_a_bucket(store: Store) -> None:
    first = put(store, b"one")
    with store.transaction():
        again = store.keys.make(OWNER, Kind.PROMPT, (CELL,), START - DAY, END)
    assert again.key == first.key
    assert again.collected_at == _again(store, first).collected_at == START - DAY, "collected_at is that of the earliest record"
    others = [
        *((Owner("bob", "acme", "s1"), Kind.PROMPT, (CELL,), END), (Owner("ada", None, "s1"), Kind.PROMPT, (CELL,), END)),
        *((Owner("ada", "acme", None), Kind.PROMPT, (CELL,), END), (OWNER, Kind.CODE, (CELL,), END)),
        *((OWNER, Kind.PROMPT, (CELL, OTHER_CELL), END), (OWNER, Kind.PROMPT, (CELL,), END + DAY), (OWNER, Kind.PROMPT, (CELL,), None)),
    ]
    with store.transaction():
        keys = {store.keys.make(owner, kind, cells, START, end).key for owner, kind, cells, end in others}
    assert len(keys) == len(others), "another owner, kind, day or other terms are another bucket"
    assert first.key not in keys


def _sooner_record_of_a_day_ends_the_bucket_sooner(store: Store) -> None:
    bucket = put(store, b"late", end=END + timedelta(hours=3))
    with store.transaction():
        joined = store.keys.make(OWNER, Kind.PROMPT, (CELL,), START, END)
    assert joined.key == bucket.key
    assert joined.expires_at == _again(store, bucket).expires_at == END, "no record outlives its own end"
    with store.transaction():
        assert store.keys.make(OWNER, Kind.PROMPT, (CELL,), END, END + timedelta(hours=1)).key != bucket.key, "what is over takes nothing in"


def _bucket_is_described(store: Store) -> None:
    bucket = put(store, b"one", b"three")
    put(store, b"")
    found = _again(store, bucket)
    assert (found.owner, found.kind, found.cells) == (OWNER, Kind.PROMPT, (CELL,))
    assert (found.collected_at, found.expires_at, found.day) == (START, END, END.date())
    assert (found.records, found.size, found.holds, found.is_dead) == (3, 8, (), False)
    assert opened(store, found) == [b"one", b"three", b""]
    forever = put(store, end=None)
    assert (forever.expires_at, forever.day) == (None, NO_LIMIT)
    with store.transaction():
        refused(lambda: store.keys.make(OWNER, Kind.PROMPT, (CELL,), START, START), "vault/already-over")


def _selection_narrows_by_everything_that_is_given(store: Store) -> None:
    one = put(store)
    two = put(store, owner=Owner("bob", None, "s2"), kind=Kind.CODE, end=END + 9 * DAY)
    three = put(store, owner=Owner(None, None, None), end=None)
    with store.transaction():
        store.keys.hold("case-1", [two.key], "legal")
    cases: tuple[tuple[Selection, list[Bucket]], ...] = (
        *((Selection(), [one, two, three]), (Selection(subjects={"ada", "bob", "eve"}), [one, two]), (Selection(subjects=()), [])),
        *((Selection(orgs=["acme"]), [one]), (Selection(sessions=["s2"]), [two]), (Selection(kinds=[Kind.CODE]), [two])),
        *((Selection(keys=[three.key, one.key, one.key]), [one, three]), (Selection(keys=[]), []), (Selection(keys=[KeyId(bytes(16))]), [])),
        *((Selection(due=END - timedelta(microseconds=1)), []), (Selection(due=END), [one]), (Selection(due=END + 900 * DAY), [one, two])),
        *((Selection(hold="case-1"), [two]), (Selection(hold="case-2"), []), (Selection(subjects=["ada"], kinds=[Kind.CODE]), [])),
        (Selection(subjects=["bob"], kinds=[Kind.CODE], due=END + 9 * DAY, hold="case-1", keys=[two.key], sessions=["s2"]), [two]),
    )
    for selection, expected in cases:
        assert [bucket.key for bucket in store.keys.buckets(selection)] == [bucket.key for bucket in expected], selection


def _many_buckets_come_in_order_while_they_change(store: Store) -> None:
    with store.transaction():
        made = [store.keys.make(Owner("ada", None, str(number)), Kind.PROMPT, (CELL,), START, END).key for number in range(2_100)]
    assert [bucket.key for bucket in store.keys.buckets(Selection(keys=made[::-1]))] == made
    with store.transaction():
        for place, bucket in enumerate(store.keys.buckets(Selection(due=END))):
            assert bucket.key == made[place]
            store.keys.tighten([bucket.key], (OTHER_CELL,), END - DAY)
    assert {bucket.day for bucket in store.keys.buckets()} == {(END - DAY).date()}
    with store.transaction():
        store.keys.pass_to(made[:3], "bob")
        store.keys.pass_to([KeyId(bytes(16))], "bob")
    assert [bucket.key for bucket in store.keys.buckets(Selection(subjects=["bob"]))] == made[:3]


def _day_has_one_key(store: Store) -> None:
    with store.transaction():
        late, early = store.keys.day_key(date(2026, 5, 2)), store.keys.day_key(date(2026, 5, 1))
        assert store.keys.day_key(date(2026, 5, 2)) == late
    assert list(store.keys.days()) == [(date(2026, 5, 1), early), (date(2026, 5, 2), late)]
    assert len(late) == len(early) == 16


def _commitment_binds_until_the_key_is_gone(store: Store) -> None:
    one, two = put(store), put(store, kind=Kind.CODE)
    bound = store.keys.commitment(one.key, b"x")
    assert len(bound) == 32
    assert bound == store.keys.commitment(one.key, b"x")
    assert bound not in (store.keys.commitment(one.key, b"y"), store.keys.commitment(two.key, b"x"))
    with store.transaction():
        store.keys.destroy([one.key])
    refused(lambda: store.keys.commitment(one.key, b"x"), "vault/no-key")


def _sealing_takes_a_living_key(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        sealed = store.keys.seal(bucket.key, [b"12", b"345"], [START, START])
        store.frames.write(bucket.day, [sealed])
        refused(lambda: store.keys.seal(KeyId(bytes(16)), [], []), "vault/no-key")
        refused(lambda: store.keys.seal(bucket.key, [b"one"], []), "data/length")
    assert (sealed.key, sealed.batch, sealed.records, sealed.size) == (bucket.key, 1, 2, 5)
    assert b"345" not in sealed.content
    with store.transaction():
        assert store.keys.seal(bucket.key, [b"12", b"345"], [START, START]).content[-20:] != sealed.content[-20:], "no two frames are alike"


def _permit_must_rest_on_its_receipt(store: Store) -> None:
    bucket, other, until = put(store), put(store, kind=Kind.CODE), START + DAY
    good = permit(store, [bucket.key], until=until)
    assert store.keys.open(good, START) is not None
    refused(lambda: store.keys.open(good, until), "vault/permit-over")
    refused(lambda: store.keys.open(good, until + DAY), "vault/permit-over")
    another = receipt([bucket.key], IMPROVE, until, job="sha256:two")
    forged = (
        Permit(good.index, good.entry, frozenset({bucket.key, other.key}), IMPROVE, until),
        Permit(good.index, good.entry, frozenset({other.key}), IMPROVE, until),
        Permit(good.index, good.entry, frozenset(), IMPROVE, until),
        Permit(good.index, good.entry, good.keys, SAFETY, until),
        Permit(good.index, good.entry, good.keys, IMPROVE, until + DAY),
        Permit(good.index, another, good.keys, IMPROVE, until),
        Permit(good.index + 1, good.entry, good.keys, IMPROVE, until),
        Permit(-1, good.entry, good.keys, IMPROVE, until),
    )
    for each in forged:
        refused(lambda each=each: store.keys.open(each, START), "vault/no-permit")  # type: ignore[misc]
    read = render_entry("read", START, permit=0, records=1)
    with store.transaction():
        index = store.ledger.append([read])
    refused(lambda: store.keys.open(Permit(index, read, good.keys, IMPROVE, until), START), "vault/no-permit")


def _export_does_not_reach_what_safety_holds(store: Store) -> None:
    bucket = put(store)
    until = END + 9 * DAY
    entry = render_entry("exported", START, keys=keys_digest([bucket.key]).hex(), records=1, until=render_time(until))
    with store.transaction():
        index = store.ledger.append([entry])
        store.keys.hold("abuse-1", [bucket.key], "safety")
    keys = frozenset({bucket.key})
    assert store.keys.open(Permit(index, entry, keys, frozenset(), until), START) is not None
    refused(lambda: store.keys.open(Permit(index, entry, keys, SAFETY, until), END), "vault/no-permit")
    refused(lambda: store.keys.open(Permit(index, entry, keys, frozenset(), until), END), "vault/expired")


def _receipt_must_be_durable(store: Store) -> None:
    bucket = put(store)
    entry = receipt([bucket.key], IMPROVE, END)
    with store.transaction():
        index = store.ledger.append([entry])
        early = Permit(index, entry, frozenset({bucket.key}), IMPROVE, END)
        refused(lambda: store.keys.open(early, START), "vault/no-permit")
    assert store.keys.open(early, START) is not None
    try:
        with store.transaction():
            store.ledger.append([receipt([bucket.key], IMPROVE, END + DAY)])
            raise _Undo
    except _Undo:
        undone = Permit(index + 1, receipt([bucket.key], IMPROVE, END + DAY), frozenset({bucket.key}), IMPROVE, END + DAY)
        refused(lambda: store.keys.open(undone, START), "vault/no-permit")


def _opener_opens_what_the_permit_names(store: Store) -> None:
    bucket, other = put(store, b"mine"), put(store, b"other", kind=Kind.CODE)
    opener: Opener = store.keys.open(permit(store, [bucket.key]), START)
    frame = next(iter(store.frames.read([bucket.key])))
    found = opener.open(frame)
    assert (found.key, found.batch, len(found), bytes(found.record(0))) == (bucket.key, 0, 1, b"mine")
    assert list(found.collected) == [(START - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)]
    refused(lambda: opener.open(next(iter(store.frames.read([other.key])))), "vault/no-permit")
    refused(lambda: opener.open(frame[:-1]), "integrity/frame")
    refused(lambda: opener.open(frame[:-1] + bytes([frame[-1] ^ 1])), "integrity/frame")
    refused(lambda: opener.open(b""), "integrity/frame")
    assert b"mine" not in repr(opener).encode()


def _expired_bucket_does_not_open(store: Store) -> None:
    bucket = put(store)
    assert opened(store, bucket, END - timedelta(microseconds=1)) == [b"content"]
    for at in (END, END + DAY):
        for purposes in (IMPROVE, SAFETY):
            refused(lambda at=at, purposes=purposes: opened(store, bucket, at, purposes), "vault/expired")  # type: ignore[misc]
    both = [bucket.key, put(store, end=END + DAY).key]
    refused(lambda: store.keys.open(permit(store, both), END), "vault/expired")
    assert opened(store, put(store, end=None), END + 899 * DAY) == [b"content"]


def _tightening_moves_to_an_earlier_day(store: Store) -> None:
    bucket, forever = put(store), put(store, end=None)
    with store.transaction():
        store.keys.tighten([bucket.key, forever.key], (CELL, OTHER_CELL), END - 3 * DAY)
        store.keys.tighten([forever.key], (), None)
    for each in (_again(store, bucket), _again(store, forever)):
        assert (each.cells, each.expires_at, each.day) == ((CELL, OTHER_CELL), END - 3 * DAY, (END - 3 * DAY).date())
        assert opened(store, each, END - 4 * DAY) == [b"content"]
        refused(lambda each=each: opened(store, each, END - 3 * DAY), "vault/expired")  # type: ignore[misc]
    with store.transaction():
        store.keys.tighten([bucket.key], (), END - 3 * DAY + timedelta(hours=5))
    assert _again(store, bucket).expires_at == END - 3 * DAY, "later on the same day is not earlier"
    with store.transaction():
        assert [day for day, _ in store.keys.destroy_days((END - 3 * DAY).date())] == [(END - 3 * DAY).date()]
    assert _is_gone(store, bucket)
    assert _is_gone(store, forever)


def _what_has_no_end_is_never_due(store: Store) -> None:
    forever, held, last = put(store, end=None), put(store, kind=Kind.CODE, end=None), put(store, kind=Kind.OUTPUT, end=END)
    with store.transaction():
        store.keys.hold("a", [held.key], "legal")
        assert [day for day, _ in store.keys.destroy_days(NO_LIMIT)] == [END.date()]
    assert _is_gone(store, last)
    with store.transaction():
        assert list(store.keys.release("a")) == [], "its day was not destroyed"
    assert opened(store, forever) == opened(store, held) == [b"content"]
    assert NO_LIMIT in dict(store.keys.days())


def _tightening_never_widens(store: Store) -> None:
    early, late = put(store), put(store, kind=Kind.CODE, end=END + 9 * DAY)
    with store.transaction():
        refused(lambda: store.keys.tighten([late.key, early.key], (OTHER_CELL,), END + 5 * DAY), "vault/later-day")
        refused(lambda: store.keys.tighten([late.key, KeyId(bytes(16))], (OTHER_CELL,), START + DAY), "vault/no-key")
    assert _again(store, late) == late, "what is refused for one bucket is done to none"
    assert _again(store, early) == early


def _safety_hold_opens_for_safety_only(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        hold = store.keys.hold("abuse-1", [bucket.key], "safety")
        assert store.keys.hold("abuse-1", [bucket.key], "safety") == hold
    assert _again(store, bucket).holds == ("abuse-1",)
    assert opened(store, bucket, START) == [b"content"]
    with store.transaction():
        store.keys.destroy_days(END.date())
    assert opened(store, bucket, END + DAY, SAFETY) == [b"content"]
    for purposes in (IMPROVE, SAFETY | IMPROVE, frozenset[Purpose]()):
        refused(lambda purposes=purposes: opened(store, bucket, END + DAY, purposes), "vault/expired")  # type: ignore[misc]
    with store.transaction():
        assert list(store.keys.destroy([bucket.key])) == [], "a safety hold does not keep from erasure"
    assert _is_gone(store, bucket)


def _legal_hold_opens_for_nothing(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        store.keys.hold("case-1", [bucket.key], "legal")
    assert opened(store, bucket, START) == [b"content"], "until its time is over it opens as before"
    with store.transaction():
        store.keys.destroy_days(END.date())
    for purposes in (IMPROVE, SAFETY):
        refused(lambda purposes=purposes: opened(store, bucket, END, purposes), "vault/expired")  # type: ignore[misc]


def _legal_hold_keeps_what_is_dead(store: Store) -> None:
    bucket, free = put(store), put(store, kind=Kind.CODE)
    with store.transaction():
        store.keys.hold("abuse-1", [bucket.key], "safety")
        store.keys.hold("case-1", [bucket.key], "legal")
        assert list(store.keys.destroy([free.key, bucket.key, KeyId(bytes(16))])) == [bucket.key]
    assert _is_gone(store, free)
    assert _again(store, bucket).is_dead
    for purposes in (IMPROVE, SAFETY):
        refused(lambda purposes=purposes: opened(store, bucket, START, purposes), "vault/no-key")  # type: ignore[misc]
    refused(lambda: store.keys.commitment(bucket.key, b""), "vault/no-key")
    with store.transaction():
        refused(lambda: store.keys.seal(bucket.key, [], []), "vault/no-key")
        assert store.keys.make(OWNER, Kind.PROMPT, (CELL,), START, END).key != bucket.key
    with store.transaction():
        assert list(store.keys.release("case-1")) == [bucket.key], "it goes with the legal hold"
    assert _is_gone(store, bucket)


def _several_holds_pass_a_bucket_on(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        ids = [store.keys.hold(name, [bucket.key], kind) for name, kind in (("b", "legal"), ("a", "safety"), ("c", "legal"))]
    assert len(set(ids)) == 3
    assert _again(store, bucket).holds == ("a", "b", "c")
    with store.transaction():
        assert list(store.keys.release("b")) == []
    assert opened(store, bucket, START) == [b"content"], "it passes to another hold"
    with store.transaction():
        assert list(store.keys.release("a")) == list(store.keys.release("c")) == []
    assert _again(store, bucket).holds == ()
    assert opened(store, bucket, START) == [b"content"], "it goes back to its day"
    with store.transaction():
        store.keys.destroy_days(END.date())
    assert _is_gone(store, bucket)
    with store.transaction():
        refused(lambda: store.keys.release("a"), "hold/unknown")


def _release_without_a_day_is_the_end(store: Store) -> None:
    one, two = put(store), put(store, kind=Kind.CODE)
    with store.transaction():
        store.keys.hold("a", [one.key, two.key], "legal")
        store.keys.hold("b", [one.key], "safety")
        store.keys.destroy_days(END.date())
        store.keys.day_key(END.date())
    with store.transaction():
        assert list(store.keys.release("a", [one.key])) == [], "the other hold keeps it"
    assert _again(store, one).holds == ("b",)
    assert _again(store, two).holds == ("a",), "the hold is lifted from what was named"
    with store.transaction():
        assert list(store.keys.release("b")) == [one.key], "a day that is made again is not the day that was destroyed"
        assert list(store.keys.release("a", [])) == []
        assert list(store.keys.release("a")) == [two.key]
    assert not list(store.keys.buckets())


def _tightening_under_a_hold_counts_after_it(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        store.keys.hold("a", [bucket.key], "legal")
        store.keys.tighten([bucket.key], (), END - 9 * DAY)
    with store.transaction():
        assert list(store.keys.release("a")) == [], "its earlier day has not come"
    assert opened(store, bucket, START) == [b"content"]
    with store.transaction():
        store.keys.destroy_days((END - 9 * DAY).date())
    assert _is_gone(store, bucket)


def _hold_covers_what_was_there(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        store.keys.hold("a", [bucket.key], "legal")
    later = put(store, b"later")
    assert later.key != bucket.key, "what comes later is not on the receipt of the hold"
    assert put(store).key == later.key
    with store.transaction():
        store.keys.destroy_days(END.date())
    assert _is_gone(store, later)
    assert not _is_gone(store, bucket)


def _hold_has_one_kind(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        store.keys.hold("a", [], "legal")
        refused(lambda: store.keys.hold("a", [bucket.key], "safety"), "hold/kind")
        refused(lambda: store.keys.hold("b", [bucket.key], "other"), "hold/kind")
        refused(lambda: store.keys.hold("c", [bucket.key, KeyId(bytes(16))], "legal"), "vault/no-key")
    assert _again(store, bucket).holds == ()
    with store.transaction():
        refused(lambda: store.keys.release("c"), "hold/unknown")
        assert list(store.keys.release("a")) == [], "a hold on nothing can be lifted"


def _destroyed_key_opens_nowhere(store: Store) -> None:
    bucket = put(store)
    given = permit(store, [bucket.key])
    with store.transaction():
        assert list(store.keys.destroy([bucket.key])) == []
        assert list(store.keys.destroy([bucket.key])) == [], "destroying twice is no error"
    refused(lambda: store.keys.open(given, START), "vault/no-key")
    with store.transaction():
        refused(lambda: store.keys.tighten([bucket.key], (), None), "vault/no-key")
        refused(lambda: store.keys.hold("a", [bucket.key], "legal"), "vault/no-key")
    again = put(store, b"anew")
    assert again.key != bucket.key
    assert opened(store, again) == [b"anew"]
    store.keys.scrub()
    assert opened(store, again) == [b"anew"]


def _days_go_with_what_stands_under_them(store: Store) -> None:
    numbers = count()
    early, same, late, forever = (put(store, owner=Owner(session=str(next(numbers))), end=end) for end in (END - DAY, END, END + DAY, None))
    held = put(store, kind=Kind.CODE)
    with store.transaction():
        store.keys.hold("a", [held.key], "legal")
        days = dict(store.keys.days())
        gone = list(store.keys.destroy_days(END.date()))
        assert gone == [(day, days[day]) for day in (early.day, same.day)]
        assert list(store.keys.destroy_days(END.date())) == []
    assert [bucket.key for bucket in store.keys.buckets()] == [late.key, forever.key, held.key]
    assert [day for day, _ in store.keys.days()] == [late.day, NO_LIMIT]
    with store.transaction():
        assert store.keys.day_key(END.date()) != days[END.date()], "a day that was destroyed has another key when it is made again"
    put(store, end=END)
    with store.transaction():
        store.keys.destroy_days(END.date())
    assert not _is_gone(store, held)


class _Undo(Exception):
    """Undoes a transaction."""


_OF_BUCKETS = (
    *(
        _same_data_shares_a_bucket,
        _sooner_record_of_a_day_ends_the_bucket_sooner,
        _bucket_is_described,
        _selection_narrows_by_everything_that_is_given,
    ),
    *(_many_buckets_come_in_order_while_they_change, _day_has_one_key, _commitment_binds_until_the_key_is_gone, _sealing_takes_a_living_key),
)
_OF_PERMITS = (
    *(_permit_must_rest_on_its_receipt, _export_does_not_reach_what_safety_holds, _receipt_must_be_durable, _opener_opens_what_the_permit_names),
)
_OF_TIME = (_expired_bucket_does_not_open, _what_has_no_end_is_never_due, _tightening_moves_to_an_earlier_day, _tightening_never_widens)
_OF_HOLDS = (
    *(_safety_hold_opens_for_safety_only, _legal_hold_opens_for_nothing, _legal_hold_keeps_what_is_dead, _several_holds_pass_a_bucket_on),
    *(_release_without_a_day_is_the_end, _tightening_under_a_hold_counts_after_it, _hold_covers_what_was_there, _hold_has_one_kind),
)
_OF_DESTRUCTION = (_destroyed_key_opens_nowhere, _days_go_with_what_stands_under_them)
