"""Another root key: the old one is gone from every file, and a crash at any step leaves a store that opens."""

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY, DAY0, HOUR, Place, get, put, raw

from tenure.errors import Error
from tenure.vault.backups import taking
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

CANARY = b"canary-7f1d"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_old_root_key_is_gone_from_every_file(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY, expires=DAY0 + 30 * DAY)
        old, verifier = store._root, store.verifier_key
        done = taking.rotate(store, None, DAY0)
        assert get(store, key) == CANARY
    assert old.hex().encode() not in raw(place.folder)
    assert old not in raw(place.folder)
    assert done.keys == 2
    with place.open() as store:
        assert store._root != old
        assert store.verifier_key == verifier
        assert get(store, key) == CANARY
        assert b'"rotated"' in next(store.ledger.entries(done.receipt))


def test_the_old_root_key_is_overwritten_where_it_stood(place: Place) -> None:
    with place.open() as store:
        old = store._root
        os.link(place.folder / "root.key", place.base / "same-bytes")
        taking.rotate(store, None, DAY0)
    assert old.hex().encode() not in (place.base / "same-bytes").read_bytes()


def test_holds_are_wrapped_anew_too(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY, expires=DAY0 + 30 * DAY)
        with store.transaction():
            store.keys.hold("case", [key], "legal")
        assert taking.rotate(store, None, DAY0).keys == 3
    with place.open() as store:
        assert get(store, key) == CANARY


def test_a_new_passphrase_counts_from_then_on(place: Place) -> None:
    with place.open(passphrase=b"one") as store:
        put(store, CANARY)
        taking.rotate(store, b"two", DAY0)
    with pytest.raises(Error) as error:
        place.open(passphrase=b"one")
    assert error.value.code == "vault/passphrase"
    with place.open(passphrase=b"two") as store:
        assert len(list(store.keys.buckets())) == 1


class Stopped(BaseException):
    """The power goes."""


class Stopping(Folder):
    """A folder in which the power goes at the nth change."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.left = 10**9

    def _step(self) -> None:
        if self.left == 0:
            raise Stopped
        self.left -= 1

    def replace(self, name: str, content: bytes) -> None:
        self._step()
        super().replace(name, content)

    def remove(self, name: str) -> None:
        self._step()
        super().remove(name)

    def shred(self, name: str) -> None:
        self._step()
        super().shred(name)


@pytest.mark.parametrize("passphrases", [(None, None), (b"one", b"two")])
def test_a_crash_at_each_step_leaves_a_store_that_opens(place: Place, passphrases: tuple[bytes | None, bytes | None]) -> None:
    before, after = passphrases
    with place.open(passphrase=before) as store:
        key = put(store, CANARY)
        old = store._root
    seen = set()
    for step in range(20):
        copy = place.base / f"copy{step}"
        shutil.copytree(place.folder, copy)
        disk = Stopping(str(copy))
        store = SqliteStore(disk, at=DAY0, passphrase=before)
        disk.left = step
        try:
            taking.rotate(store, after, DAY0)
        except Stopped:
            is_whole = False
        else:
            is_whole = True
        store._open.close()
        opened = _opened(copy, before, after)
        assert opened is not None, f"step {step}"
        seen.add(opened._root == old)
        assert get(opened, key) == CANARY
        opened.close()
        assert not (copy / "root.key.next").exists()
        assert [old.hex().encode() in raw(copy)] == [opened._root == old and before is None]
        if is_whole:
            break
    assert seen == {True, False}
    assert step > 2


def _opened(folder: Path, *passphrases: bytes | None) -> SqliteStore | None:
    for passphrase in passphrases:
        try:
            return SqliteStore(Folder(str(folder)), at=DAY0 + HOUR, passphrase=passphrase)
        except Error as error:
            if error.code != "vault/passphrase":
                raise
    return None


def test_a_failed_rotation_leaves_the_store_as_it_was(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
        old = store._root
        store._keys_db.run("UPDATE days SET wrapped = zeroblob(44)")
        with pytest.raises(Error):
            taking.rotate(store, None, DAY0)
        assert store._root == old
        assert store.ledger.size == 1
    with place.open() as store:
        assert store._root == old
        assert key in {bucket.key for bucket in store.keys.buckets()}
