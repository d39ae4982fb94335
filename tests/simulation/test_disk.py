"""The simulated disk itself: what is synced stays, what is not may go, and all that SQLite and the vault ask of it is answered."""

from random import Random

import apsw
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simulation.content import SECTOR, Content, Fate
from tests.simulation.disk import Crash, SimulatedDisk
from tests.simulation.vfs import NAME

from tenure.errors import VaultError

NAMES = ("a", "folder/b", "folder/deeper/c", "other/d")
writes = st.tuples(st.just("append"), st.sampled_from(NAMES), st.integers(1, 3000))
operations = st.lists(
    st.one_of(writes, *(st.tuples(st.just(kind), st.sampled_from(NAMES), st.integers(1, 2000)) for kind in ("sync", "replace", "remove"))),
    max_size=14,
)


def filled(seed: int, length: int) -> bytes:
    return bytes(byte % 255 + 1 for byte in Random(seed).randbytes(length))  # no zeros, which is what a hole reads as


@settings(max_examples=150, deadline=None)
@given(operations, st.integers(0, 1000), st.sampled_from([*Fate, None]))
def test_what_was_synced_is_found_after_a_crash_and_what_was_not_is_nothing_else(
    steps: list[tuple[str, str, int]], seed: int, fate: Fate | None
) -> None:
    disk, now, durable = SimulatedDisk(), dict[str, bytes](), dict[str, bytes | None]()
    for place, (kind, name, length) in enumerate(steps):
        if kind == "append":
            disk.append(name, filled(place, length))
            now[name] = now.get(name, b"") + filled(place, length)
            durable.setdefault(name, None)
        elif kind == "replace":
            disk.replace(name, filled(place, length))
            now[name] = durable[name] = filled(place, length)
        elif kind == "remove":
            disk.remove(name)
            now.pop(name, None)
            durable.pop(name, None)
        elif name in now:
            disk.sync(name)
            durable[name] = now[name]
    assert {name: disk.read(name) for name in disk.names()} == now
    found = disk.crash(Random(seed), fate)
    for name, content in durable.items():
        if content is not None:
            assert found.read(name)[: len(content)] == content, "synced, and not there"
            assert (found.size(name) or 0) <= len(now[name])
    assert set(found.names()) <= set(now), "removed durably, and there again"
    assert {name: found.read(name) for name in found.names()} == dict(found.crash(Random(0)).raw())


def outcomes(disk: SimulatedDisk, name: str, fate: Fate | None = None) -> set[bytes | None]:
    crashed = [disk.crash(Random(seed), fate) for seed in range(60)]
    return {None if each.size(name) is None else each.read(name) for each in crashed}


def test_a_file_that_was_never_synced_is_missing_empty_whole_or_torn() -> None:
    disk = SimulatedDisk()
    disk.append("a", filled(1, 4 * SECTOR))
    found, whole = outcomes(disk, "a"), filled(1, 4 * SECTOR)
    assert {None, b"", whole} <= found
    assert any(content and content != whole and len(content) == len(whole) for content in found), "no hole"
    assert any(content and whole.startswith(content) and content != whole for content in found)


def test_a_synced_file_without_a_synced_name_may_be_missing() -> None:
    disk = SimulatedDisk()
    disk.append("a", b"content")
    inode = disk.files.file("a")
    assert inode is not None
    disk.files.sync("a", inode)
    assert outcomes(disk, "a") == {None, b"content"}
    disk.files.sync_folder("")
    assert outcomes(disk, "a") == {b"content"}


def test_a_file_in_a_folder_whose_own_name_was_not_synced_may_be_missing() -> None:
    disk = SimulatedDisk()
    disk.files.make_folder("folder")
    inode = disk.files.create("folder/a")
    disk.files.sync("folder/a", inode)
    disk.files.sync_folder("folder")
    assert outcomes(disk, "folder/a") == {None, b""}


def test_writes_reach_the_medium_in_any_order() -> None:
    disk = SimulatedDisk()
    disk.append("a", bytes(2 * SECTOR))
    disk.sync("a")
    inode = disk.files.file("a")
    assert inode is not None
    disk.files.write("a", inode, 0, b"1" * SECTOR)
    disk.files.write("a", inode, SECTOR, b"2" * SECTOR)
    assert bytes(SECTOR) + b"2" * SECTOR in outcomes(disk, "a", Fate.SECTORS)
    assert bytes(SECTOR) + b"2" * SECTOR not in outcomes(disk, "a", Fate.PREFIX)


def test_a_write_in_doubt_may_leave_other_bytes_and_none_outside_of_it() -> None:
    disk = SimulatedDisk()
    disk.append("a", bytes(SECTOR))
    disk.sync("a")
    inode = disk.files.file("a")
    assert inode is not None
    disk.files.write("a", inode, 100, b"1" * 100)
    found = outcomes(disk, "a", Fate.GARBAGE)
    assert len(found) > 2
    assert {content[:100] + content[200:] for content in found if content is not None} == {bytes(SECTOR - 100)}


def test_a_name_that_was_deleted_without_a_sync_may_come_back() -> None:
    disk = SimulatedDisk()
    disk.append("a", b"content")
    disk.sync("a")
    disk.files.delete("a")
    assert outcomes(disk, "a") == {None, b"content"}
    assert ("a", b"content") in list(disk.raw()), "a scan for bytes finds it"


def test_a_removal_that_a_killed_process_began_is_durable_once_it_is_done_again() -> None:
    disk = SimulatedDisk()
    disk.append("folder/a", b"content")
    disk.sync("folder/a")
    disk.fail_at(disk.events + 3)  # deleted, its folder too, and then no sync
    with pytest.raises(Crash):
        disk.remove("folder/a")
    after = disk.clone()
    assert outcomes(after, "folder/a") == {None, b"content"}
    after.remove("folder/a")
    assert outcomes(after, "folder/a") == {None}


def test_a_replacement_is_the_old_or_the_new_content_at_each_change() -> None:
    disk = SimulatedDisk()
    disk.replace("a", b"old" * 500)
    moments = list[SimulatedDisk]()
    disk.watch(lambda _: moments.append(disk.clone()))
    disk.replace("a", b"new" * 700)
    found = [outcomes(moment, "a") for moment in moments]
    assert set.union(*found) == {b"old" * 500, b"new" * 700}
    assert outcomes(disk, "a") == {b"new" * 700}


def test_the_same_seed_finds_the_same_disk() -> None:
    disk = SimulatedDisk()
    for place, name in enumerate(NAMES):
        disk.append(name, filled(place, 5000))
    assert list(disk.crash(Random(7)).raw()) == list(disk.crash(Random(7)).raw()) != list(disk.crash(Random(8)).raw())


def test_a_clone_goes_its_own_way_and_keeps_what_is_in_doubt() -> None:
    disk = SimulatedDisk()
    disk.append("a", b"1" * 6000)
    other = disk.clone()
    other.append("a", b"2")
    disk.replace("b", b"3")
    assert (disk.size("a"), other.size("a"), other.size("b")) == (6000, 6001, None)
    assert None in outcomes(other, "a")


def test_the_power_goes_at_a_change_before_or_after_it_and_stays_off() -> None:
    for is_applied, size in ((False, None), (True, 0)):
        disk = SimulatedDisk()
        disk.fail_at(1, is_applied=is_applied)
        for _ in range(2):
            with pytest.raises(Crash):
                disk.append("a", b"content")
        assert disk.size("a") == size


def test_a_full_disk_is_an_error_that_names_the_file_and_leaves_it_as_it_was() -> None:
    disk = SimulatedDisk()
    disk.full_after(1000)
    disk.append("a", bytes(900))
    with pytest.raises(VaultError, match=r"^/disk-\d+/a: .*none left") as caught:
        disk.append("a", bytes(200))
    assert (caught.value.code, disk.size("a")) == ("vault/full", 900)
    disk.append("b", bytes(100))
    disk.remove("b")
    disk.append("a", bytes(100))
    disk.make_room()
    disk.append("a", bytes(5000))


def test_a_bit_that_rots_is_read_as_it_is() -> None:
    disk = SimulatedDisk()
    disk.replace("a", b"\x00\x01")
    disk.flip("a", 1, 3)
    assert disk.read("a") == disk.crash(Random(0), Fate.LOST).read("a") == b"\x00\x09"


def test_a_locked_file_is_not_locked_twice_and_is_free_after_a_crash() -> None:
    disk = SimulatedDisk()
    with disk.lock("lock"):
        with pytest.raises(VaultError) as caught, disk.lock("lock"):
            pass
        assert caught.value.code == "vault/busy"
        with disk.crash(Random(0)).lock("lock"):
            pass
    with disk.lock("lock"):
        pass


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 12_000), st.integers(0, 9000)), max_size=12))
def test_pages_hold_what_one_array_would(changes: list[tuple[bool, int, int]]) -> None:
    content, expected = Content(), bytearray()
    for place, (is_write, offset, length) in enumerate(changes):
        if is_write and length:
            expected.extend(bytes(max(0, offset - len(expected))))
            expected[offset : offset + length] = filled(place, length)
            content.write(offset, filled(place, length))
        elif not is_write:
            expected = expected[:offset].ljust(offset, b"\0")
            content.truncate(offset)
        assert (content.whole(), content.read(offset, length), content.size) == (
            bytes(expected),
            bytes(expected[offset : offset + length]),
            len(expected),
        )


def connected(disk: SimulatedDisk, mode: str) -> apsw.Connection:
    connection = apsw.Connection(disk.path("x.db"), vfs=NAME)
    for pragma in ("locking_mode=EXCLUSIVE", f"journal_mode={mode}"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    return connection


@pytest.mark.parametrize("mode", ["WAL", "DELETE", "TRUNCATE", "PERSIST"])
@pytest.mark.parametrize("is_synced", [True, False])
def test_sqlite_keeps_what_it_committed_when_it_syncs_and_only_then(mode: str, is_synced: bool) -> None:
    disk = SimulatedDisk()
    moments = list[tuple[SimulatedDisk, int]]()
    connection, done = connected(disk, mode), 0
    connection.execute(f"PRAGMA synchronous={'EXTRA' if is_synced else 'OFF'}")
    connection.execute("CREATE TABLE t(number INTEGER, filling BLOB)")
    disk.watch(lambda _: moments.append((disk.clone(), done)))
    for number in range(1, 9):
        connection.execute("INSERT INTO t VALUES (?, randomblob(3000))", (number,))
        done = number
    disk.watch(None)
    connection.close()
    kept = [_found(moment.crash(Random(place))) in range(done, done + 2) for place, (moment, done) in enumerate(moments)]
    assert all(kept) is is_synced


def _found(disk: SimulatedDisk) -> object:
    connection = apsw.Connection(disk.path("x.db"), vfs=NAME)
    try:
        connection.execute("PRAGMA locking_mode=EXCLUSIVE").fetchall()
        if connection.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            return None
        return connection.execute("SELECT count(*) FROM t WHERE number <= (SELECT count(*) FROM t)").get
    except apsw.Error:
        return None
    finally:
        connection.close()


def test_two_connections_do_not_write_to_one_database() -> None:
    disk = SimulatedDisk()
    first = connected(disk, "DELETE")
    first.execute("CREATE TABLE t(x)")
    second = apsw.Connection(disk.path("x.db"), vfs=NAME)
    with pytest.raises(apsw.BusyError):
        second.execute("SELECT * FROM t").fetchall()
    first.close()
    assert second.execute("SELECT * FROM t").fetchall() == []
    second.close()
