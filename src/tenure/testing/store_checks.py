"""The contracts of `ports.Store` and of its journal, ledger and frames as runnable code."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from tenure.ledger.tree import EMPTY, complete_subtrees, fold, leaf_hash, root_of
from tenure.ports import Selection, Store
from tenure.records.held import KeyId
from tenure.records.kinds import Kind
from tenure.records.note import open_note, parse_verifier_key
from tenure.testing.keys_checks import CELL, DAY, END, OWNER, START, MakeStore, check_key_ring, opened, permit, put, refused


def check_whole_store(make: MakeStore) -> None:
    """Check that a store and all of its parts keep their contracts.

    Args:
        make: makes an empty store whose first instant is `START`; called once per check.

    Raises:
        AssertionError: one does not.
    """
    for check in (check_journal, check_ledger_store, check_key_ring, check_frames, check_store):
        check(make)


def check_journal(make: MakeStore) -> None:
    """Check that a store's journal does what `ports.Journal` says."""
    with _closing(make()) as store:
        journal = store.journal
        with store.transaction():
            numbers = [journal.add("account", "ada", b"1"), journal.add("job", "ada", b"2"), journal.add("account", "bob", b"")]
            numbers += [journal.add("account", "ada", b"4")]
            assert [note.body for note in journal.notes("account")] == [b"1", b"", b"4"], "what was added is there at once"
        assert numbers == sorted(set(numbers))
        found = list(journal.notes("account", "ada"))
        assert [(note.number, note.topic, note.key, note.body) for note in found] == [
            (numbers[0], "account", "ada", b"1"),
            (numbers[3], "account", "ada", b"4"),
        ]
        assert list(journal.notes("none")) == list(journal.notes("account", "eve")) == []
        with store.transaction():
            assert (journal.remove("account", "ada"), journal.remove("account", "ada")) == (2, 0)
        assert [note.body for note in journal.notes("account")] == [b""]
        assert [note.body for note in journal.notes("job")] == [b"2"]
        with store.transaction():
            assert journal.add("account", "ada", b"5") > numbers[-1], "no number is given twice"
        with store.transaction():
            for number in range(2_500):
                journal.add("many", str(number % 2), str(number).encode())
            seen = [(note.body, journal.add("other", "x", b"")) for note in journal.notes("many", "1")]
        assert [int(body) for body, _ in seen] == list(range(1, 2_500, 2)), "adding while reading disturbs nothing"


def check_ledger_store(make: MakeStore) -> None:
    """Check that a store's ledger does what `ports.LedgerStore` says."""
    with _closing(make()) as store:
        ledger = store.ledger
        assert (ledger.size, ledger.root(), list(ledger.entries())) == (0, EMPTY, [])
        entries = [str(number).encode() * 3 for number in range(700)]
        with store.transaction():
            assert (ledger.append(entries[:3]), ledger.append([]), ledger.append(entries[3:4])) == (0, 3, 3)
            assert (ledger.size, ledger.root()) == (4, root_of(entries[:4])), "what was appended counts at once"
        with store.transaction():
            assert ledger.append(entries[4:]) == 4
            refused(lambda: ledger.append([b"short", b"x" * 65_536]), "ledger/entry-too-long")
        assert ledger.size == 700
        assert list(ledger.entries()) == entries
        for start, stop in ((0, 0), (5, 9), (255, 257), (699, None), (690, 10_000), (700, None)):
            assert list(ledger.entries(start, stop)) == entries[start:stop]
        for size in (0, 1, 2, 255, 256, 257, 511, 512, 513, 700):
            assert ledger.root(size) == root_of(entries[:size]), size
        for level, index in (*complete_subtrees(0, 700), (0, 0), (0, 699), (3, 5), (8, 1)):
            span = entries[index << level : (index + 1) << level]
            assert ledger.hash(level, index) == (leaf_hash(span[0]) if level == 0 else root_of(span)) == fold([root_of(span)])
        for level, index in ((0, 700), (10, 0), (9, 1), (0, -1)):
            refused(lambda level=level, index=index: ledger.hash(level, index), "ledger/no-entry")  # type: ignore[misc]
        refused(lambda: ledger.root(701), "ledger/no-entry")
        with _undone(store):
            ledger.append([b"lost"] * 400)
            assert ledger.root() == root_of([*entries, *[b"lost"] * 400])
        assert (ledger.size, ledger.root()) == (700, root_of(entries)), "what was undone leaves no hash"
        with store.transaction():
            ledger.append([b"x" * 65_535] * 2)
        assert ledger.root() == root_of([*entries, b"x" * 65_535, b"x" * 65_535])


def check_frames(make: MakeStore) -> None:
    """Check that a store's frames do what `ports.Frames` says."""
    for check in (_frames_are_read_in_order, _forgotten_frames_are_gone, _missing_frame_is_noticed):
        with _closing(make()) as store:
            check(store)


def _frames_are_read_in_order(store: Store) -> None:
    store.frames.write(END.date(), [])
    assert list(store.frames.keys()) == []
    one = put(store, b"1a")
    two = put(store, b"2a", kind=Kind.CODE, end=END + DAY)
    put(store, b"1b")
    first, second = store.frames.read([one.key])
    assert list(store.frames.read([two.key, one.key]))[1:] == [first, second]
    assert list(store.frames.read([one.key], 1)) == [second]
    assert list(store.frames.read([one.key], 2)) == list(store.frames.read([])) == list(store.frames.read([KeyId(bytes(16))])) == []
    assert sorted(store.frames.keys()) == sorted([one.key, two.key])
    assert store.frames.residue() == (0, 0)
    assert b"1a" not in first


def _forgotten_frames_are_gone(store: Store) -> None:
    one, two, three = put(store), put(store, kind=Kind.CODE), put(store, end=END + DAY)
    size = sum(map(len, store.frames.read([one.key])))
    kept = list(store.frames.read([two.key]))
    with store.transaction():
        store.keys.destroy([one.key, three.key])
    store.frames.forget([one.key, three.key, KeyId(bytes(16))])
    store.frames.forget([one.key])
    assert list(store.frames.keys()) == [two.key]
    assert list(store.frames.read([one.key, three.key])) == []
    assert store.frames.residue() == (1, size), "a segment with live frames keeps dead bytes; one without is removed"
    assert list(store.frames.read([two.key])) == kept
    with store.transaction():
        store.keys.destroy([two.key])
    store.frames.forget([two.key])
    assert store.frames.residue() == (0, 0)


def _missing_frame_is_noticed(store: Store) -> None:
    bucket = put(store)
    with store.transaction():
        store.keys.seal(bucket.key, [b"never written"], [START])
    refused(lambda: list(store.frames.read([bucket.key])), "integrity/segment")
    refused(lambda: list(store.frames.read([bucket.key], 1)), "integrity/segment")
    assert len(list(store.frames.read([bucket.key], 0))) == 1


def check_store(make: MakeStore) -> None:
    """Check that a store does what `ports.Store` says."""
    for check in (
        _highest_never_goes_back,
        _what_was_written_is_whole,
        _store_signs,
        _transaction_undoes_everything,
        _undone_intake_leaves_nothing,
        _transaction_does_not_nest,
    ):
        with _closing(make()) as store:
            check(store)
    with _closing(make()) as one, _closing(make()) as two:
        assert one.id, "a store has a name"
        assert two.highest == START


def _highest_never_goes_back(store: Store) -> None:
    assert store.highest == START
    store.raise_to(START - DAY)
    assert store.highest == START
    store.raise_to(START + DAY)
    with store.transaction():
        store.raise_to(START)
        store.raise_to(START + timedelta(microseconds=1) + DAY)
    assert store.highest == START + DAY + timedelta(microseconds=1)
    assert store.highest.tzinfo is not None
    with _undone(store):
        store.raise_to(START + 9 * DAY)
    assert store.highest == START + DAY + timedelta(microseconds=1), "an instant that was undone was never durable"


def _what_was_written_is_whole(store: Store) -> None:
    buckets = [put(store, str(number).encode(), kind=kind, end=END + number * DAY) for number, kind in enumerate((Kind.PROMPT, Kind.CODE) * 2)]
    keys = [bucket.key for bucket in buckets]
    with store.transaction():
        store.journal.add("topic", "key", b"body")
        store.raise_to(START + DAY)
        store.keys.hold("a", keys[:2], "legal")
        store.keys.hold("b", keys[:1], "safety")
        store.keys.tighten(keys, (b"more terms",), START + 2 * DAY)
        store.keys.pass_to(keys, "eve")
        store.keys.destroy(keys[:3])
        store.keys.destroy_days((START + 2 * DAY).date())
    put(store, b"again", at=START - DAY)
    assert list(store.changed()) == []


def _store_signs(store: Store) -> None:
    text, key = open_note(store.sign("one\ntwo\n"), (parse_verifier_key(store.verifier_key),))
    assert text == "one\ntwo\n"
    assert store.id in key.name


def _transaction_undoes_everything(store: Store) -> None:
    bucket = put(store, b"first")
    with store.transaction():
        store.journal.add("topic", "key", b"kept")
        store.keys.hold("kept", [bucket.key], "legal")
    before = _everything(store)
    given = permit(store, [bucket.key])
    with _undone(store):
        store.journal.add("topic", "key", b"lost")
        store.journal.remove("topic", "key")
        store.ledger.append([b"lost"])
        store.keys.day_key((START + 3 * DAY).date())
        store.keys.make(OWNER, Kind.CODE, (CELL, b"new terms"), START, END)
        store.keys.pass_to([bucket.key], "eve")
        store.keys.release("kept")
        store.keys.hold("lost", [bucket.key], "safety")
        store.keys.tighten([bucket.key], (b"more terms",), START + DAY)
        store.keys.release("lost")
        store.keys.destroy([bucket.key])
        store.keys.destroy_days(END.date())
    assert _everything(store) == before
    assert [store.keys.open(given, START).open(frame).batch for frame in store.frames.read([bucket.key])] == [0], "as before"
    fresh = put(store, b"after", kind=Kind.CODE, end=START + 3 * DAY)
    assert opened(store, fresh) == [b"after"], "nothing is remembered of what was undone"
    with store.transaction():
        store.keys.tighten([bucket.key], (b"new terms",), START + 2 * DAY)
        store.keys.release("kept")
    assert opened(store, bucket) == [b"first"]


def _undone_intake_leaves_nothing(store: Store) -> None:
    bucket = put(store, b"first")
    frames = list(store.frames.read([bucket.key]))
    with _undone(store):
        store.frames.write(bucket.day, [store.keys.seal(bucket.key, [b"second"], [START])])
        new = store.keys.make(OWNER, Kind.CODE, (CELL,), START, END + DAY)
        store.frames.write(new.day, [store.keys.seal(new.key, [b"third"], [START])])
    assert list(store.frames.read([bucket.key])) == frames
    assert list(store.frames.keys()) == [bucket.key]
    assert store.frames.residue() == (0, 0)
    put(store, b"fourth")
    assert opened(store, bucket) == [b"first", b"fourth"]


def _transaction_does_not_nest(store: Store) -> None:
    def nested() -> None:
        with store.transaction():
            store.journal.add("topic", "key", b"inner")

    with store.transaction():
        store.journal.add("topic", "key", b"outer")
        refused(nested, "vault/nested")
    assert [note.body for note in store.journal.notes("topic")] == [b"outer"]


def _everything(store: Store) -> tuple[object, ...]:
    return (
        *(list(store.journal.notes("topic")), list(store.keys.buckets(Selection())), list(store.keys.days())),
        *(store.highest, [entry for entry in store.ledger.entries() if entry == b"lost"]),
    )


class _Undo(Exception):
    """Undoes a transaction."""


@contextmanager
def _undone(store: Store) -> Iterator[None]:
    try:
        with store.transaction():
            yield
            raise _Undo
    except _Undo:
        return


@contextmanager
def _closing(store: Store) -> Iterator[Store]:
    try:
        yield store
    finally:
        store.close()
