"""What a store refuses, and what it makes of files that are not what they were."""

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest
from tests.unit.vault.stores import open_store, raw, segment

from tenure.errors import Error, IntegrityError, VaultError
from tenure.records.held import Owner
from tenure.testing.keys_checks import DAY, END, START, opened, put
from tenure.vault import database, root
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore


@pytest.fixture(params=[0o000, 0o022, 0o077, 0o777])
def umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.mark.usefixtures("umask")
def test_files_are_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    os.chmod(tmp_path, 0o755)  # noqa: S103 - the folder above is open
    folder = tmp_path / "deep" / "store"
    store = open_store(folder)
    put(store)

    for place, _, names in os.walk(folder):
        assert stat.S_IMODE(os.stat(place).st_mode) == 0o700, place
        for name in names:
            assert stat.S_IMODE((Path(place) / name).stat().st_mode) == 0o600, name
    assert {"keys.db", "keys.db-wal", "catalogue.db", "catalogue.db-wal", "root.key", "lock"} <= set(os.listdir(folder))
    store.close()


def test_second_opener_is_told_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    before = raw(tmp_path)

    for _ in range(2):
        assert refusal(lambda: open_store(tmp_path)).code == "vault/busy"
    with store.transaction():
        store.journal.add("topic", "key", b"")
        assert refusal(lambda: open_store(tmp_path)).code == "vault/busy", "inside of SQLite too"
    assert before[:200] == raw(tmp_path)[:200]
    store.close()
    open_store(tmp_path).close()


def test_other_process_is_told_at_once(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.transaction():
        store.journal.add("topic", "key", b"")
        code = (
            "import sys; from tenure.errors import VaultError; from tenure.testing.keys_checks import START\n"
            "from tenure.vault.disk import Folder; from tenure.vault.store import SqliteStore\n"
            "try: SqliteStore(Folder(sys.argv[1]), at=START)\n"
            "except VaultError as error: print(error.code)"
        )
        found = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False, timeout=60)
    assert found.stdout == "vault/busy\n", found.stderr
    store.close()


def test_files_that_were_opened_to_others_are_closed_again(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    os.chmod(tmp_path / "keys.db", 0o644)

    store = open_store(tmp_path)

    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("keys.db", "keys.db-wal")} == {0o600}
    store.close()


def test_foreign_reader_of_a_database_is_noticed(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    other = apsw.Connection(str(tmp_path / "keys.db"))
    other.execute("BEGIN EXCLUSIVE").fetchall()

    assert refusal(lambda: open_store(tmp_path)).code == "vault/busy"
    other.close()


def refusal(act: Callable[[], object]) -> Error:
    with pytest.raises(Error) as caught:
        act()
    assert caught.value.remedy, "it says what to do"
    return caught.value


def filled(folder: Path) -> None:
    store = open_store(folder)
    for number in range(40):
        put(store, b"canary %d" % number, owner=Owner(session=str(number)))
    store.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file() and path.name != "lock"}


@pytest.mark.parametrize(
    ("name", "code"),
    [("keys.db", "integrity/keys"), ("catalogue.db", "integrity/catalogue"), ("root.key", "vault/root-key")],
)
def test_missing_file_is_named_and_nothing_is_destroyed(tmp_path: Path, name: str, code: str) -> None:
    filled(tmp_path)
    (tmp_path / name).unlink()
    before = contents(tmp_path)

    for _ in range(2):
        found = refusal(lambda: open_store(tmp_path))
        assert (found.code, name in found.message) == (code, True)

    assert contents(tmp_path) == before, "no file is made in its place"


@pytest.mark.parametrize("name", ["keys.db", "catalogue.db"])
@pytest.mark.parametrize("how", ["empty", "cut", "garbled"])
def test_damaged_database_is_named_and_no_segment_is_removed(tmp_path: Path, name: str, how: str) -> None:
    filled(tmp_path)
    content = (tmp_path / name).read_bytes()
    frames = segment(tmp_path).read_bytes()
    (tmp_path / name).write_bytes({"empty": b"", "cut": content[: len(content) // 2 // 4096 * 4096], "garbled": b"garbage" * 2_000}[how])

    def use() -> None:
        store = open_store(tmp_path)
        try:
            for bucket in store.keys.buckets():
                opened(store, bucket)
        finally:
            store.close()

    found = refusal(use)

    assert isinstance(found, IntegrityError)
    assert str(tmp_path) in found.message
    assert segment(tmp_path).read_bytes() == frames
    refusal(use)
    assert segment(tmp_path).read_bytes() == frames


def test_older_catalogue_costs_no_segment(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    put(store, b"first")
    store.close()
    older = (tmp_path / "catalogue.db").read_bytes()
    store = open_store(tmp_path)
    put(store, b"second")
    other = put(store, b"other", end=END + DAY)
    store.close()
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.seg")}
    (tmp_path / "catalogue.db").write_bytes(older)

    for _ in range(2):
        store = open_store(tmp_path)
        found = refusal(lambda store=store: opened(store, other))  # type: ignore[misc]
        assert (found.code, "catalogue.db" in found.message) == ("integrity/segment", True)
        store.frames.unsettle()
        store.close()
    store = open_store(tmp_path)
    store.close()

    assert {path: path.read_bytes() for path in tmp_path.rglob("*.seg")} == before


def test_root_key_of_another_store_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    open_store(tmp_path / "two").close()
    (tmp_path / "one" / "root.key").write_bytes((tmp_path / "two" / "root.key").read_bytes())

    found = refusal(lambda: open_store(tmp_path / "one"))

    assert (found.code, "root.key" in found.message) == ("vault/root-key", True)


def test_passphrase_opens_a_store_and_stands_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(root, "_COST", 1 << 4)
    store = open_store(tmp_path, b"correct horse")
    bucket = put(store)
    store.close()

    for wrong in (None, b"other words"):
        found = refusal(lambda wrong=wrong: open_store(tmp_path, wrong))  # type: ignore[misc]
        assert (found.code, "root.key" in found.message, "other words" in str(found)) == ("vault/passphrase", True, False)
    assert b"correct horse" not in raw(tmp_path)
    again = open_store(tmp_path, b"correct horse")
    assert opened(again, bucket) == [b"content"]
    again.close()


def test_unknown_format_is_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store._set("format", b"2")
    store.close()

    found = refusal(lambda: open_store(tmp_path))

    assert (found.code, "keys.db" in found.message) == ("vault/format", True)


class Full(apsw.VFSFile):
    """A file on a disk without space."""

    is_full = False

    def xWrite(self, data: bytes, offset: int) -> None:
        if Full.is_full:
            raise apsw.FullError
        super().xWrite(data, offset)


class FullVfs(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("tests-full", "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return Full("", name, flags)


class FullFolder(Folder):
    vfs = "tests-full"


def test_full_disk_below_sqlite_undoes_and_loses_nothing(tmp_path: Path) -> None:
    vfs = FullVfs()
    store = SqliteStore(FullFolder(str(tmp_path)), at=START)
    bucket = put(store, b"first")
    size = store.ledger.size
    Full.is_full = True
    try:
        found = refusal(lambda: put(store, b"second"))
        assert (found.code, str(tmp_path) in found.message) == ("vault/full", True)
    finally:
        Full.is_full = False

    assert opened(store, bucket) == [b"first"]
    assert store.ledger.size == size + 1
    put(store, b"third")
    assert opened(store, bucket) == [b"first", b"third"]
    store.close()
    again = SqliteStore(FullFolder(str(tmp_path)), at=START)
    assert opened(again, bucket) == [b"first", b"third"]
    again.close()
    vfs.unregister()


def test_full_disk_below_a_segment_leaves_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    bucket = put(store, b"first")
    before = segment(tmp_path).read_bytes()

    def half(descriptor: int, data: bytes, offset: int, write: Callable[[int, bytes, int], int] = os.pwrite) -> int:
        if offset > len(before):
            raise OSError(28, "No space left on device")
        return write(descriptor, data[:5], offset)

    monkeypatch.setattr(os, "pwrite", half)
    found = refusal(lambda: put(store, b"second"))
    monkeypatch.undo()

    assert (found.code, str(segment(tmp_path)) in found.message) == ("vault/full", True)
    assert segment(tmp_path).read_bytes() == before
    put(store, b"third")
    assert opened(store, bucket) == [b"first", b"third"]
    store.close()


def test_failed_sync_of_a_segment_leaves_no_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_store(tmp_path)
    bucket = put(store, b"first")
    before = segment(tmp_path).read_bytes()

    def broken(self: Folder, name: str) -> None:
        raise VaultError("sync", code="vault/unusable", remedy="none")

    monkeypatch.setattr(Folder, "sync", broken)
    refusal(lambda: put(store, b"second"))
    monkeypatch.undo()

    assert segment(tmp_path).read_bytes() == before
    assert store.frames.residue() == (0, 0)
    assert opened(store, bucket) == [b"first"]
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can write everywhere")
def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    filled(tmp_path)
    os.chmod(tmp_path, 0o500)
    try:
        found = refusal(lambda: open_store(tmp_path))
    finally:
        os.chmod(tmp_path, 0o700)
    assert (found.code, str(tmp_path) in found.message) == ("vault/unusable", True)


def test_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")

    found = refusal(lambda: open_store(tmp_path / "store"))

    assert (found.code, str(tmp_path / "store") in found.message) == ("vault/unusable", True)


def test_undone_intake_of_a_large_store_leaves_no_bytes(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    put(store, b"first")
    before = segment(tmp_path).read_bytes()
    with contextlib.suppress(ZeroDivisionError), store.transaction():
        bucket = store.keys.make(Owner("ada", "acme", "s1"), next(store.keys.buckets()).kind, (b"{}",), START, END)
        store.frames.write(bucket.day, [store.keys.seal(bucket.key, [b"second"], [START])])
        raise ZeroDivisionError

    assert segment(tmp_path).read_bytes() == before
    store.close()


def test_frames_that_were_not_forgotten_are_swept_at_the_next_start(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    gone, kept = put(store, b"gone"), put(store, b"kept", owner=Owner("bob"))
    with store.transaction():
        store.keys.destroy([gone.key])
    store.keys.scrub()
    store.close()

    again = open_store(tmp_path)

    assert list(again.frames.keys()) == [kept.key]
    assert again.frames.residue()[0] == 1
    assert opened(again, kept) == [b"kept"]
    again.close()


def test_unreleased_name_of_a_vfs_is_given_back(tmp_path: Path) -> None:
    before = set(apsw.vfs_names())
    found = database.Database(Folder(str(tmp_path)), "a.db")
    assert len(set(apsw.vfs_names()) - before) == 1
    found.close()
    (tmp_path / "b.db").write_bytes(b"garbage" * 999)
    refusal(lambda: database.Database(Folder(str(tmp_path)), "b.db"))

    assert set(apsw.vfs_names()) == before
