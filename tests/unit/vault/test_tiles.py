"""The ledger as files in the store: as new as the last destruction, and enough for a restore when keys.db is lost."""

import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY, DAY0, HOUR, Place, erase, put

from tenure.ledger.entries import render_entry
from tenure.ledger.tiles import log_files
from tenure.ledger.verifier import tenure_verify
from tenure.vault.store import SqliteStore


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def add(store: SqliteStore, count: int) -> None:
    with store.transaction():
        store.ledger.append([render_entry("rotated", DAY0, what=str(number)) for number in range(count)])


def tiles(place: Place) -> dict[str, bytes]:
    folder = place.folder / "tiles"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def verified(place: Place) -> int:
    argv = [sys.executable, tenure_verify.__file__, "log", str(place.folder / "tiles")]
    return subprocess.run(argv, capture_output=True, check=False).returncode


def test_a_destruction_is_in_the_tiles_before_the_store_is_closed(place: Place) -> None:
    with place.open() as store:
        key = put(store, b"x")
        assert not (place.folder / "tiles").exists()
        erase(store, [key])
        assert key.hex().encode() in (place.folder / "tiles" / "tile" / "entries" / "000.p" / "2").read_bytes()
        assert verified(place) == 0


def test_tiles_follow_the_ledger_and_full_ones_are_written_once(place: Place) -> None:
    with place.open() as store:
        add(store, 300)
    first = (place.folder / "tiles" / "tile" / "0" / "000").stat().st_ino
    for count in (3, 0, 300):
        with place.open() as store:
            add(store, count)
            files = dict(log_files(store.ledger, store.ledger.size))
            size = store.ledger.size
        assert {name: content for name, content in tiles(place).items() if name.startswith("tile/")} == files
        assert f"\n{size}\n".encode() in tiles(place)["checkpoint"]
        assert verified(place) == 0
    assert (place.folder / "tiles" / "tile" / "0" / "000").stat().st_ino == first


@pytest.mark.parametrize("content", [b"", b"no checkpoint", None])
def test_a_damaged_or_missing_checkpoint_has_them_made_anew(place: Place, content: bytes | None) -> None:
    with place.open() as store:
        add(store, 300)
    whole, path = tiles(place), place.folder / "tiles" / "checkpoint"
    (place.folder / "tiles" / "tile" / "0" / "000").write_bytes(b"x")
    path.unlink() if content is None else path.write_bytes(content)
    assert "ledger/tiles" in {finding.code for finding in place.examine(DAY0).findings}
    with place.open() as store:
        add(store, 1)
    assert tiles(place)["tile/0/000"] == whole["tile/0/000"]
    assert verified(place) == 0


def test_a_changed_tile_is_a_problem_and_is_made_anew(place: Place) -> None:
    with place.open() as store:
        add(store, 300)
    whole = tiles(place)
    (place.folder / "tiles" / "tile" / "0" / "000").write_bytes(b"x")
    assert not place.examine(DAY0).is_sound
    assert place.examine(DAY0, repair=True).is_sound
    assert tiles(place) == whole


def test_a_lost_database_is_restored_by_the_tiles_that_are_left(place: Place) -> None:
    with place.open() as store:
        gone, _ = put(store, b"gone", session="a"), put(store, b"kept", session="b", expires=DAY0 + 30 * DAY)
        place.back_up(store, DAY0)
        erase(store, [gone], DAY0 + HOUR)
    (place.folder / "keys.db").unlink()
    done = place.restore(DAY0 + 2 * HOUR, ledger="store/tiles")
    assert (done.destroyed, done.buckets, done.is_copy) == (1, 1, False)
