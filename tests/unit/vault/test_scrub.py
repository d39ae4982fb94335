"""What is destroyed stands in no file: not in a free page, not in the gap of a page that was split, not in a log, not in a segment."""

import random
import re
from pathlib import Path
from typing import cast

import apsw
import pytest
from tests.simulation.disk import SimulatedDisk
from tests.unit.vault.stores import open_store, raw

from tenure.ports import Selection
from tenure.records.held import Bucket, Owner
from tenure.records.kinds import Kind
from tenure.testing.keys_checks import CELL, DAY, END, START, opened, put
from tenure.vault.blanking import BlankingVfs, blanked, blanked_file
from tenure.vault.snapshot import snapshot
from tenure.vault.store import SqliteStore

SOAK = 200_000


def secrets_of(store: SqliteStore, buckets: list[Bucket]) -> list[bytes]:
    """Everything that must not be found after: wrapped keys of buckets and of their days, and the ids."""
    found = [cast(bytes, store._keys_db.value("SELECT wrapped FROM buckets WHERE key = ?", (bucket.key,))) for bucket in buckets]
    days = {bucket.day.isoformat() for bucket in buckets}
    return found + [cast(bytes, store._keys_db.value("SELECT wrapped FROM days WHERE day = ?", (day,))) for day in days]


def ids_of(buckets: list[Bucket]) -> list[bytes]:
    return [part for bucket in buckets for part in (bytes(bucket.key), str(bucket.owner.session).encode())]


def test_expired_day_leaves_no_byte(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    gone = [put(store, b"canary-%d" % number, owner=Owner("ada", None, f"session-of-{number:08d}")) for number in range(60)]
    kept = put(store, b"kept", end=END + DAY)
    sealed = b"".join(store.frames.read([bucket.key for bucket in gone]))
    secrets = secrets_of(store, gone)
    assert all(each in raw(tmp_path) for each in (*secrets, *ids_of(gone), sealed[:200])), "the search finds what is there"

    with store.transaction():
        store.keys.destroy_days(END.date())
    store.keys.scrub()
    store.frames.forget([bucket.key for bucket in gone])
    store._catalogue.truncate_log()

    left = raw(tmp_path)
    assert not any(each in left for each in (*secrets, *ids_of(gone), sealed[:200], b"canary"))
    assert opened(store, kept) == [b"kept"]
    store.close()
    assert not any(each in raw(tmp_path) for each in (*secrets, *ids_of(gone)))


def test_what_was_destroyed_does_not_come_back_into_the_log_with_the_next_change() -> None:
    """A page that was split keeps copies in its gap while it is in memory, and the log takes pages as they are there."""
    disk, chance = SimulatedDisk(), random.Random(10)  # noqa: S311 - these very sizes leave a copy
    store = SqliteStore(disk, at=START, random=chance.randbytes)
    owners = [Owner("ada" * chance.randrange(1, 5), None, f"s-{number}") for number in range(300)]
    buckets = [put(store, b"x", owner=owner, end=END + DAY * chance.randrange(3)) for owner in owners]
    with store.transaction():
        store.keys.pass_to([bucket.key for bucket in chance.sample(buckets, 40)], "somebody".ljust(260))
    gone = [bucket for bucket in buckets if bucket.day == END.date()]
    secrets = secrets_of(store, gone)
    with store.transaction():
        store.keys.destroy_days(END.date())
    store.keys.scrub()
    with store.transaction():
        store._keys_db.run("UPDATE buckets SET batches = batches + 1")
    assert not any(secret in content for _, content in disk.raw() for secret in secrets)
    store.close()


def test_no_plaintext_stands_in_any_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    put(store, b"a canary of some length", b"another canary")

    assert b"canary" not in raw(tmp_path)
    store.close()
    assert b"canary" not in raw(tmp_path)


@pytest.mark.parametrize("act", ["erase", "tighten", "hold", "release", "unused terms", "journal"])
def test_old_wrapping_goes_with_every_move(tmp_path: Path, act: str) -> None:
    store = open_store(tmp_path)
    bucket = put(store)
    if act == "release":
        with store.transaction():
            store.keys.hold("case-1", [bucket.key], "legal")
    secret = cast(bytes, store._keys_db.value("SELECT wrapped FROM buckets WHERE key = ?", (bucket.key,)))
    with store.transaction():
        store.journal.add("topic", "canary-key", b"canary-body")
    with store.transaction():
        match act:
            case "erase" | "unused terms":
                store.keys.destroy([bucket.key])
            case "tighten":
                store.keys.tighten([bucket.key], (), END - DAY)
            case "hold":
                store.keys.hold("case-1", [bucket.key], "legal")
            case "release":
                store.keys.release("case-1")
            case _:
                store.journal.remove("topic", "canary-key")

    assert secret in raw(tmp_path), "it stands in the log until then"
    store.keys.scrub()

    assert (secret in raw(tmp_path)) is (act == "journal")
    assert (b"canary" in raw(tmp_path)) is (act != "journal")
    assert (CELL.replace(b'"', b'\\"') in raw(tmp_path)) is (act not in ("erase", "unused terms"))
    store.keys.check_scrubbed()
    store.close()


def churned(store: SqliteStore, count: int, seed: int) -> tuple[set[bytes], set[bytes]]:
    """Make and destroy many buckets, so that pages split and merge; return the wrapped keys that ever were, and the sessions that are gone."""
    chance, seen, sessions = random.Random(seed), set[bytes](), set[bytes]()  # noqa: S311 - repeatable, not secret
    made = 0
    while made < count:
        with store.transaction():
            for _ in range(min(chance.randrange(1, 900), count - made)):
                made += 1
                session = f"session-{chance.getrandbits(128):032x}" + "x" * chance.randrange(80)
                store.keys.make(Owner(session=session), Kind.PROMPT, (CELL,), START, END + chance.randrange(40) * DAY)
        with store.transaction():
            seen |= {cast(bytes, row[0]) for row in store._keys_db.run("SELECT wrapped FROM buckets UNION SELECT wrapped FROM days")}
            live = list(store.keys.buckets())
            leaving = chance.sample(live, len(live) // 4)
            sessions |= {str(bucket.owner.session).encode()[:40] for bucket in leaving}
            store.keys.destroy([bucket.key for bucket in leaving])
            moving = chance.sample(live, len(live) // 9)
            gone = {bucket.key for bucket in leaving}
            store.keys.tighten([bucket.key for bucket in moving if bucket.key not in gone and bucket.day > END.date()], (), END)
    return seen, sessions


def leftovers(content: bytes, store: SqliteStore, sessions: set[bytes]) -> tuple[int, int]:
    live = {cast(bytes, row[0]) for row in store._keys_db.run("SELECT wrapped FROM buckets UNION ALL SELECT wrapped FROM days")}
    wraps = set(re.findall(rb"TNRW.{40}", content, re.DOTALL))
    assert live <= wraps, "the search finds what is there"
    return len(wraps - live), len(set(re.findall(rb"session-[0-9a-f]{32}", content)) & sessions)


@pytest.mark.parametrize("seed", range(3))
def test_pages_that_split_and_merge_keep_no_copy(tmp_path: Path, seed: int) -> None:
    store = open_store(tmp_path)
    _, sessions = churned(store, 5_000, seed)

    store.keys.scrub()

    assert leftovers(raw(tmp_path), store, sessions) == (0, 0)
    store.keys.check_scrubbed()
    with store.transaction():
        store.keys.destroy_days(END.date() + 20 * DAY)
    store.keys.scrub()
    assert leftovers(raw(tmp_path), store, sessions) == (0, 0)
    store.close()


@pytest.mark.soak
def test_large_store_keeps_no_copy(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    _, sessions = churned(store, 3_000, 1)
    with store.transaction():
        for number in range(SOAK):
            store.keys.make(Owner(session=f"large-{number * 7919 % SOAK:020d}"), Kind.PROMPT, (CELL,), START, END + number % 200 * DAY)
    gone = secrets_of(store, list(store.keys.buckets(Selection(due=END + 3 * DAY))))

    with store.transaction():
        store.keys.destroy_days((END + 3 * DAY).date())
    store.keys.scrub()

    content = raw(tmp_path)
    assert leftovers(content, store, sessions) == (0, 0)
    assert not set(gone) & set(re.findall(rb"TNRW.{40}", content, re.DOTALL))
    store.close()


def test_sqlite_alone_keeps_copies(tmp_path: Path) -> None:
    """Why `blanking` is there: without it the same work leaves what was deleted. When this fails, SQLite has learnt it."""
    found = [_left_by_sqlite(str(tmp_path / f"{seed}.db"), None, seed) for seed in range(4)]

    assert any(found)


@pytest.mark.parametrize("seed", range(4))
def test_blanked_pages_keep_none(tmp_path: Path, seed: int) -> None:
    vfs = BlankingVfs(None)

    assert _left_by_sqlite(str(tmp_path / "a.db"), vfs.name, seed) == 0

    content = (tmp_path / "a.db").read_bytes()
    assert blanked_file(content) == content
    vfs.unregister()


def test_a_snapshot_holds_each_row_once(tmp_path: Path) -> None:
    """A second copy in the gap of a page would outlive its row in the store that is restored from it."""
    store = open_store(tmp_path)
    for number in range(300):
        with store.transaction():
            store.journal.add("account", f"person-{number * 7919 % 1000:09d}", b"fact")
    found = snapshot(store._keys_db)
    store.close()

    assert blanked_file(found) == found


def _left_by_sqlite(path: str, vfs: str | None, seed: int) -> int:
    chance, live, dead = random.Random(seed), set[str](), set[str]()  # noqa: S311 - repeatable, not secret
    connection = apsw.Connection(path, vfs=vfs)
    for pragma in ("locking_mode=EXCLUSIVE", "secure_delete=ON", "journal_mode=WAL", "synchronous=OFF"):
        connection.execute(f"PRAGMA {pragma}").fetchall()
    connection.execute("CREATE TABLE t(n INTEGER PRIMARY KEY, s TEXT); CREATE INDEX i ON t(s)")
    while len(live) + len(dead) < 6_000:
        with connection:
            added = [f"id-{chance.getrandbits(128):032x}" + "x" * chance.randrange(200) for _ in range(chance.randrange(400))]
            connection.executemany("INSERT INTO t(s) VALUES (?)", [(each,) for each in added])
            live |= set(added)
        with connection:
            leaving = chance.sample(sorted(live), len(live) // 6)
            connection.executemany("DELETE FROM t WHERE s = ?", [(each,) for each in leaving])
            live, dead = live - set(leaving), dead | set(leaving)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return len(set(re.findall(rb"id-[0-9a-f]{32}", Path(path).read_bytes())) & {each[:35].encode() for each in dead})


def test_only_unallocated_space_of_b_tree_pages_is_blanked() -> None:
    leaf = bytes([13, 0, 0, 0, 1, 0, 60, 0]) + b"\x00\x3c" + b"left" * 12 + b"cell" + bytes(2)
    assert len(leaf) == 64

    assert blanked(leaf, 1) == leaf[:10] + bytes(50) + leaf[60:]
    for first in (0, 1, 3, 4, 6, 9, 11, 12, 14, 255):
        other = bytes([first]) + leaf[1:]
        assert blanked(other, 1) == other, "an overflow page, a free page"
    assert blanked(leaf[:6], 1) == leaf[:6]
    assert blanked(bytes([13, 0, 0, 255, 255, 0, 60, 0]) + leaf[8:], 1)[10:] == leaf[10:], "a damaged page stays as it is"
