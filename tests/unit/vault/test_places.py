"""Frames that lie end to end are read together; each is looked at for itself."""

from pathlib import Path

import pytest
from tests.unit.vault.stores import open_store, segment

from tenure.errors import IntegrityError, VaultError
from tenure.ports import Selection
from tenure.records.held import Bucket, KeyId, Owner
from tenure.records.kinds import Kind
from tenure.testing.keys_checks import CELL, END, START, opened, permit, put
from tenure.vault.disk import Folder
from tenure.vault.places import Place, runs
from tenure.vault.store import SqliteStore

KEY = KeyId(bytes(16))


def place(offset: int, length: int, segment: int = 1) -> Place:
    return Place(KEY, 0, "2026-03-31", segment, offset, length)


def test_frames_that_lie_end_to_end_are_one_run() -> None:
    first, second, after_a_gap, in_another = place(0, 10), place(10, 10), place(21, 10), place(31, 10, segment=2)

    assert list(runs([first, second, after_a_gap, in_another])) == [[first, second], [after_a_gap], [in_another]]
    assert list(runs([second, first])) == [[second], [first]], "never backwards"
    assert list(runs([])) == []


def test_large_frame_stands_alone() -> None:
    small, large, further = place(0, 10), place(10, 70_000), place(70_010, 10)

    assert list(runs([small, large, further])) == [[small], [large], [further]]


def held(store: SqliteStore, count: int) -> list[Bucket]:
    """Take in one record for each of many sessions at once, so that their frames lie end to end."""
    with store.transaction():
        buckets = [store.keys.make(Owner("ada", None, f"s{number}"), Kind.PROMPT, (CELL,), START, END) for number in range(count)]
        store.frames.write(END.date(), [store.keys.seal(bucket.key, [b"record %d" % at], [START]) for at, bucket in enumerate(buckets)])
    return buckets


def test_more_buckets_than_one_statement_takes_open_in_the_order_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, reads = open_store(tmp_path), list[int]()
    buckets = held(store, 1_203)[::-1]
    keys = [bucket.key for bucket in buckets]

    def counted(self: Folder, name: str, offset: int = 0, length: int | None = None) -> bytes:
        reads.append(length or 0)
        return read(self, name, offset, length)

    read = Folder.read
    monkeypatch.setattr(Folder, "read", counted)
    opener = store.keys.open(permit(store, keys), START)
    assert [bytes(opener.open(frame).payload) for frame in store.frames.read(keys)] == [b"record %d" % at for at in range(1_202, -1, -1)]
    reads.clear()
    assert len(list(store.frames.read(keys[::-1]))) == 1_203
    assert len(reads) < 20, "neighbours are read together"
    store.close()


def test_more_buckets_than_one_statement_takes_show_their_holds_and_go(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keys = [bucket.key for bucket in held(store, 1_203)]
    with store.transaction():
        store.keys.hold("case", [keys[1_100]], "legal")
    assert [bucket.key for bucket in store.keys.buckets(Selection(keys=keys)) if bucket.holds] == [keys[1_100]]

    with store.transaction():
        kept = store.keys.destroy(keys)
    store.frames.forget([key for key in keys if key not in kept])

    assert list(store.frames.keys()) == list(kept) == [keys[1_100]]
    assert store.frames.residue()[1] > 0
    store.close()


def test_bucket_without_a_key_opens_no_other_under_the_same_permit(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    keys = [bucket.key for bucket in held(store, 3)]
    allowed = permit(store, keys)
    with store.transaction():
        store.keys.destroy([keys[1]])

    with pytest.raises(VaultError) as found:
        store.keys.open(allowed, START)
    assert found.value.code == "vault/no-key"
    store.close()


def test_changed_neighbour_is_named_and_the_one_before_opens(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first, second = held(store, 2)
    length = len(next(store.frames.read([first.key])))
    content = bytearray(segment(tmp_path).read_bytes())
    content[length] ^= 1
    segment(tmp_path).write_bytes(content)

    assert opened(store, first) == [b"record 0"]
    found = store.frames.read([first.key, second.key])
    next(found)
    with pytest.raises(IntegrityError) as error:
        next(found)
    assert error.value.message.startswith(f"{segment(tmp_path)} at {length}: ")
    store.close()


def test_frame_in_the_place_of_its_neighbour_is_noticed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first, second = put(store, b"one"), put(store, b"two", owner=Owner("eve", None, "s"))
    content = segment(tmp_path).read_bytes()
    half = len(content) // 2
    segment(tmp_path).write_bytes(content[half:] + content[:half])

    with pytest.raises(IntegrityError, match=f"expected the frame {first.key.hex()}.0, found another"):
        list(store.frames.read([first.key, second.key]))
    store.close()
