"""Only files that Tenure wrote are ever touched: whatever else lies where backups go is as it was after."""

from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY0, HOUR, Place, put

from tenure.errors import Error
from tenure.vault.backups import epochs, taking
from tenure.vault.disk import Folder

CANARY = b"canary-7f1d"
EPOCH = f"epoch-{'0a' * 16}.key"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def write(folder: Path, *names: str) -> dict[Path, bytes]:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(f"mine: {name}".encode())
    return {folder / name: (folder / name).read_bytes() for name in names}


def still(files: dict[Path, bytes]) -> bool:
    return all(path.exists() and path.read_bytes() == content for path, content in files.items())


def test_a_folder_of_others_is_refused_for_data(place: Place) -> None:
    mine = write(place.base / "data", "segments/photos/a.jpg", "catalogue-2024.txt", ".new-draft")
    with place.open() as store:
        put(store, CANARY)
        with pytest.raises(Error) as error:
            taking.back_up_data(store, place.disk("data"), DAY0)
    assert error.value.code == "backup/not-empty"
    assert still(mine)
    assert len(list((place.base / "data").rglob("*.*"))) == len(mine)


def test_files_of_others_beside_a_backup_stay(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        taking.back_up_data(store, place.disk("data"), DAY0)
        mine = write(place.base / "data", "segments/photos/a.jpg", "catalogue-2024.txt", "catalogue-notes.db", ".new-draft", ".tenure-new-letter")
        put(store, b"more", session="t")
        taking.back_up_data(store, place.disk("data"), DAY0 + HOUR)
    assert still(mine)
    assert [path.name for path in (place.base / "data").glob("catalogue-[0-9].db")] == ["catalogue-2.db"]


def test_a_file_of_others_in_the_place_of_one_of_the_backup_is_refused(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        taking.back_up_data(store, place.disk("data"), DAY0)
        mine = write(place.base / "data", "catalogue-2.db")
        with pytest.raises(Error) as error:
            taking.back_up_data(store, place.disk("data"), DAY0)
        assert error.value.code == "backup/not-empty"
        assert still(mine)


def test_files_of_others_beside_keys_and_epochs_stay(place: Place) -> None:
    names = ("epoch-results.csv", ".new-letter", EPOCH, "epoch-notes.txt", ".tenure-new-letter", "keys/a.keys")
    mine = write(place.base / "epochs", *names) | write(place.base / "keys", "mine.keys", ".new-letter")
    with place.open() as store:
        put(store, CANARY)
        taking.back_up_keys(store, place.disk("keys"), place.disk("epochs"), DAY0)
        assert taking.purge_epochs(store, DAY0 + 25 * HOUR, lambda _: place.disk("epochs")) == 1
        assert list(epochs.epochs(place.disk("epochs"))) == []
    place.examine(DAY0 + 26 * HOUR, repair=True)
    assert still(mine)


def test_what_a_crash_left_beside_the_epochs_goes(place: Place) -> None:
    write(place.base / "epochs", ".tenure-new-ab_12cd9")
    with place.open() as store:
        taking.back_up_keys(store, place.disk("keys"), place.disk("epochs"), DAY0)
    assert [path.name[:6] for path in (place.base / "epochs").iterdir()] == ["epoch-"]


def test_a_damaged_epoch_is_said_and_never_destroyed(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
    (path,) = (place.base / "epochs").iterdir()
    content = bytearray(path.read_bytes())
    content[content.index(b'"key": "') + 10] ^= 1
    path.write_bytes(content)
    found = place.examine(DAY0 + HOUR)
    assert [(each.code, each.where) for each in found.findings if each.code == "backup/damaged"] == [("backup/damaged", str(path))]
    place.examine(DAY0 + 30 * HOUR)
    assert path.read_bytes() == content


@pytest.mark.parametrize("mark", [b"a", None])
def test_a_folder_that_only_looks_half_restored_is_refused(place: Place, mark: bytes | None) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
        right = f"the store {store.id} was not restored to the end: run tenure vault restore again\n".encode()
    mine = write(place.base / "again", "thesis.tex")
    (place.base / "again" / "restoring").write_bytes(right if mark is None else mark)
    with pytest.raises(Error) as error:
        place.restore(DAY0)
    assert error.value.code == "vault/not-empty"
    assert still(mine)
    assert not (place.base / "again" / "keys.db").exists()


def test_a_store_sweeps_only_what_it_left_itself(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        mine = write(place.folder, ".new-draft", ".tenure-new-letter", "notes.txt")
        write(place.folder, ".tenure-new-ab_12cd9")
        taking.rotate(store, None, DAY0)
    place.examine(DAY0, repair=True)
    assert still(mine)
    assert not (place.folder / ".tenure-new-ab_12cd9").exists()


def test_an_interrupted_first_backup_is_made_good(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        with pytest.raises(Error, match="power"):
            taking.back_up_data(store, Stopping(str(place.base / "data")), DAY0)
        taking.back_up_keys(store, place.disk("keys"), place.disk("epochs"), DAY0)
        taking.back_up_root(store, str(place.base / "root"), (place.base / "root").write_bytes, b"open", DAY0)
        with pytest.raises(Error) as error:
            place.restore(DAY0)
        assert error.value.code == "backup/none"
        taking.back_up_data(store, place.disk("data"), DAY0)
    assert place.restore(DAY0).buckets == 1


class Stopping(Folder):
    def append(self, name: str, content: bytes) -> int:
        super().append(name, content[:5])
        raise Error("power: expected some, found none", code="vault/full")
