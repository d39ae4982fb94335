"""The doctor: what is wrong with a file is said with the file's name, and only what cannot be opened is ever removed."""

import os
import shutil
from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY, DAY0, HOUR, Place, erase, get, put, raw

from tenure.errors import Error
from tenure.ledger.entries import render_entry
from tenure.ledger.tiles import log_files
from tenure.records.held import KeyId
from tenure.records.upkeep import Examination, Level
from tenure.vault.backups import taking
from tenure.vault.store import SqliteStore

CANARY = b"canary-7f1d"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def codes(found: Examination, level: Level | None = Level.PROBLEM) -> set[str]:
    return {finding.code for finding in found.findings if level is None or finding.level == level}


def test_a_sound_store_has_no_problem(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, expires=DAY0 + 30 * DAY)
        place.back_up(store, DAY0)
    found = place.examine(DAY0 + HOUR)
    assert found.findings == ()
    assert found.is_sound
    assert {"frames": 1, "segments": 1, "entries": 1, "keys": 2}.items() <= found.checked.items()


def test_no_store_is_no_answer(place: Place) -> None:
    with pytest.raises(Error) as error:
        place.examine(DAY0)
    assert error.value.code == "vault/none"
    assert not place.folder.exists()


def test_a_store_in_use_is_no_answer(place: Place) -> None:
    with place.open(), pytest.raises(Error) as error:
        place.examine(DAY0)
    assert error.value.code == "vault/busy"


def test_a_sealed_root_key_without_its_passphrase_is_no_answer(place: Place) -> None:
    with place.open(passphrase=b"one") as store:
        put(store, CANARY)
    with pytest.raises(Error) as error:
        place.examine(DAY0)
    assert error.value.code == "vault/passphrase"
    assert place.examine(DAY0, passphrase=b"one").is_sound


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("root.key", "vault/root-key"),
        ("keys.db", "integrity/keys"),
        ("catalogue.db", "integrity/catalogue"),
        ("segments/*/*.seg", "integrity/segment"),
    ],
)
def test_each_missing_file_is_named_and_nothing_else_is_lost(place: Place, name: str, code: str) -> None:
    with place.open() as store:
        key = put(store, CANARY)
    path = next(place.folder.glob(name))
    aside = path.read_bytes()
    path.unlink()
    found = place.examine(DAY0)
    assert code in codes(found)
    assert all(finding.remedy for finding in found.findings)
    assert any(finding.where == str(path) for finding in found.findings)
    place.examine(DAY0, repair=name != "catalogue.db")
    with pytest.raises(Error, match=path.name):  # as each command says it
        _read_it(place, key)
    path.write_bytes(aside)
    with place.open() as store:
        assert get(store, key) == CANARY


def _read_it(place: Place, key: KeyId) -> None:
    with place.open() as store:
        get(store, key)


def test_the_catalogue_is_made_anew_from_the_segments(place: Place) -> None:
    with place.open() as store:
        keys = [put(store, CANARY + bytes([number]), session=f"s{number}", expires=DAY0 + (1 + number % 3) * 30 * DAY) for number in range(9)]
        put(store, b"second batch", session="s0", expires=DAY0 + 30 * DAY)
        erase(store, keys[7:])
    (place.folder / "catalogue.db").unlink()
    found = place.examine(DAY0, repair=True)
    assert found.is_sound
    assert any("catalogue.db" in line for line in found.repaired)
    with place.open() as store:
        assert get(store, keys[0]) == CANARY + bytes([0]) + b"second batch"
        assert all(get(store, key) == CANARY + bytes([number]) for number, key in enumerate(keys[1:7], 1))
        put(store, b"more", session="s1", expires=DAY0 + 60 * DAY)
        assert get(store, keys[1]) == CANARY + bytes([1]) + b"more"


def test_a_damaged_catalogue_is_made_anew(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
    (place.folder / "catalogue.db").write_bytes(b"no database" * 400)
    assert codes(place.examine(DAY0)) == {"integrity/catalogue"}
    assert place.examine(DAY0, repair=True).is_sound
    with place.open() as store:
        assert get(store, key) == CANARY


def test_a_catalogue_without_tables_makes_residue_of_nothing(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
    (place.folder / "catalogue.db").write_bytes(b"")
    with pytest.raises(Error) as error:
        place.open()
    assert error.value.code == "integrity/catalogue"
    assert place.examine(DAY0, repair=True).is_sound
    with place.open() as store:
        assert get(store, key) == CANARY


def test_residue_is_removed_and_what_lives_stays(place: Place) -> None:
    with place.open() as store:
        gone, kept = put(store, CANARY * 50, session="a"), put(store, b"other", session="b")
        erase(store, [gone])
    stray = place.folder / "segments" / "2026-01-01" / "000099.seg"
    stray.parent.mkdir()
    stray.write_bytes(b"stray")
    before = len(raw(place.folder / "segments"))
    assert codes(place.examine(DAY0), Level.WARNING) >= {"integrity/residue"}
    found = place.examine(DAY0, repair=True)
    assert "integrity/residue" not in codes(found, None)
    assert len(raw(place.folder / "segments")) < before - 500
    assert not stray.exists()
    with place.open() as store:
        assert get(store, kept) == b"other"


def test_a_flipped_bit_is_found_in_its_frame(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        put(store, b"other")
    path = next((place.folder / "segments").rglob("*.seg"))
    content = bytearray(path.read_bytes())
    for place_in_file in (0, 20, 100, len(content) - 1):
        content[place_in_file] ^= 1
        path.write_bytes(content)
        found = place.examine(DAY0)
        assert len([finding for finding in found.findings if finding.level == Level.PROBLEM and finding.where.startswith(str(path))]) == 1
        content[place_in_file] ^= 1
        place.examine(DAY0, repair=True)
    path.write_bytes(content)
    assert place.examine(DAY0).is_sound


def test_a_key_that_does_not_unwrap_is_named_and_no_frame_is_taken_for_residue(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
        store._keys_db.run("UPDATE buckets SET wrapped = zeroblob(44)")
    before = raw(place.folder / "segments")
    found = place.examine(DAY0, repair=True)
    assert codes(found) == {"integrity/key"}
    assert key.hex() in found.findings[0].expected
    assert raw(place.folder / "segments") == before


def test_an_older_copy_of_the_keys_makes_no_frame_residue(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, session="a")
    shutil.copy(place.folder / "keys.db", place.base / "older")
    with place.open() as store:
        put(store, b"new", session="b")
    before = raw(place.folder / "segments")
    shutil.copy(place.base / "older", place.folder / "keys.db")
    found = place.examine(DAY0, repair=True)
    assert "ledger/rolled-back" in codes(found)
    assert raw(place.folder / "segments") == before


def test_hashes_over_the_ledger_are_made_anew(place: Place) -> None:
    with place.open() as store:
        with store.transaction():
            for number in range(600):
                put_entry(store, number)
        root = store.ledger.root()
        store._keys_db.run("DELETE FROM tiles")
    assert codes(place.examine(DAY0)) == {"ledger/damaged"}
    assert place.examine(DAY0, repair=True).is_sound
    with place.open() as store:
        assert store.ledger.root() == root


def put_entry(store: SqliteStore, number: int) -> None:
    store.ledger.append([render_entry("rotated", DAY0, what=f"{number}")])


def test_missing_tiles_are_made_anew(place: Place) -> None:
    with place.open() as store:
        with store.transaction():
            for number in range(300):
                put_entry(store, number)
        files = {f"tiles/{name}": content for name, content in log_files(store.ledger, store.ledger.size)}
    assert all((place.folder / name).read_bytes() == content for name, content in files.items())
    shutil.rmtree(place.folder / "tiles" / "tile")
    assert "ledger/tiles" in codes(place.examine(DAY0), Level.WARNING)
    place.examine(DAY0, repair=True)
    assert all((place.folder / name).read_bytes() == content for name, content in files.items())
    assert "tiles/tile/0/000" in files


def test_old_backups_of_keys_warn_then_fail(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, expires=DAY0 + 90 * DAY)
        place.back_up(store, DAY0)
    assert codes(place.examine(DAY0 + 11 * HOUR), None) == set()
    assert codes(place.examine(DAY0 + 12 * HOUR), Level.WARNING) == {"backup/old"}
    late = place.examine(DAY0 + 24 * HOUR)
    assert codes(late) == {"backup/stale"}
    assert late.epochs_destroyed == 1
    assert not list((place.base / "epochs").iterdir())


def test_backups_that_were_never_made_are_said(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
    found = place.examine(DAY0)
    assert codes(found, Level.WARNING) == {"backup/none", "backup/root"}
    assert any("losing everything" in finding.found for finding in found.findings)
    assert found.is_sound


def test_a_backup_that_is_gone_is_noticed(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
    for path in (place.base / "epochs").iterdir():
        path.unlink()
    assert codes(place.examine(DAY0 + HOUR)) == {"backup/none"}


def test_backups_from_before_a_rotation_do_not_count(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
        taking.rotate(store, None, DAY0 + HOUR)
    found = place.examine(DAY0 + HOUR)
    assert codes(found) == {"backup/before-rotation"}
    assert "backup/root" in codes(found, Level.WARNING)


def test_epochs_that_cannot_be_destroyed_are_a_problem(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
    epoch = next((place.base / "epochs").iterdir())
    epoch.write_text(epoch.read_text().replace('"tenure_epoch": 1', '"tenure_epoch": 2'))
    assert "vault/format" in codes(place.examine(DAY0 + HOUR))


def test_a_clock_in_doubt_is_said_and_destroys_no_epoch(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
    found = place.examine(DAY0 + 31 * DAY)
    assert "vault/clock" in codes(found, Level.WARNING)
    assert found.epochs_destroyed == 0
    assert list((place.base / "epochs").iterdir())


def test_open_modes_and_strange_files_are_said(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
    (place.folder / "notes.txt").write_text("x")
    assert "integrity/unknown-file" in codes(place.examine(DAY0), Level.WARNING)
    for path in place.folder.rglob("*"):
        assert path.is_dir() or path.name == "notes.txt" or os.stat(path).st_mode & 0o077 == 0, path


def test_the_doctor_says_nothing_of_what_is_held(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, subject="ann-canary", session="session-canary")
        secret = store._root
    path = next((place.folder / "segments").rglob("*.seg"))
    path.write_bytes(path.read_bytes()[:-3])
    text = repr(place.examine(DAY0, repair=True))
    assert not any(part in text for part in ("canary", secret.hex()))
