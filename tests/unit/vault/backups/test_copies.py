"""A restore beside a store that lives is a copy with a log of its own; one that takes the place of the store ends that."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY, DAY0, HOUR, Place, erase, get, put

from tenure.errors import Error
from tenure.ledger.verifier import tenure_verify
from tenure.vault.backups import taking

CANARY = b"canary-7f1d"
LATER = DAY0 + HOUR


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def filled(place: Place) -> str:
    with place.open() as store:
        put(store, CANARY, expires=DAY0 + 30 * DAY)
        store.journal.add("account", "ann", b"facts")
        place.back_up(store, DAY0)
        return store.id


def test_a_drill_leaves_the_living_store_as_it_is(place: Place) -> None:
    name = filled(place)
    done = place.restore(LATER)
    assert (done.store, done.is_copy, done.other) == (name, True, str(place.folder))
    with place.opened(LATER) as copy, place.open(LATER) as store:
        assert (copy.id, store.id) == (done.restored_as, name)
        assert copy.id != store.id
        assert copy.verifier_key != store.verifier_key
        assert json.loads(list(copy.ledger.entries())[-1])["origin"] == f"tenure/{name}"
        put(store, b"more", session="t")
        put(copy, b"other", session="u")
    for opened in (place.open(LATER), place.opened(LATER)):
        with opened as store:
            (key, *_) = [bucket.key for bucket in store.keys.buckets()]
            assert get(store, key, LATER) == CANARY
    assert place.examine(LATER).is_sound
    assert place.examine(LATER, store="again").is_sound


def test_a_copy_is_no_part_of_the_backups_of_the_store(place: Place) -> None:
    filled(place)
    place.restore(LATER)
    with place.opened(LATER) as copy:
        assert taking.places(copy) == {}
        with pytest.raises(Error) as error:
            taking.back_up_data(copy, place.disk("data"), LATER)
        assert error.value.code == "backup/other-store"


def test_taking_over_ends_the_store_that_is_still_there(place: Place) -> None:
    name = filled(place)
    done = place.restore(LATER, takes_over=True)
    assert (done.is_copy, done.other, done.restored_as) == (False, str(place.folder), name)
    with place.opened(LATER) as store:
        assert json.loads(list(store.ledger.entries())[-1])["origin"] is None
    with pytest.raises(Error) as error:
        place.open(LATER)
    assert error.value.code == "ledger/rolled-back"


def test_a_store_that_is_lost_goes_on_under_its_name(place: Place) -> None:
    name = filled(place)
    shutil.rmtree(place.folder)
    done = place.restore(LATER, to="store")
    assert (done.is_copy, done.other, done.restored_as) == (False, None, name)


def test_a_copy_can_be_asked_for(place: Place) -> None:
    name = filled(place)
    shutil.rmtree(place.folder)
    done = place.restore(LATER, to="store", takes_over=False)
    assert done.is_copy
    assert done.restored_as != name


def test_a_copy_brings_back_nothing_that_was_erased_since(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
        place.back_up(store, DAY0)
        erase(store, [key], DAY0)
    with pytest.raises(Error) as error:
        place.restore(LATER)
    assert error.value.code == "ledger/rolled-back"
    assert place.restore(LATER, ledger="store/tiles").destroyed == 1  # the tiles of the living store say so


def test_the_independent_verifier_accepts_the_log_of_a_copy(place: Place) -> None:
    filled(place)
    place.restore(LATER)
    with place.opened(LATER) as copy:
        put(copy, b"other", session="u", at=LATER)
    done = subprocess.run(
        [sys.executable, tenure_verify.__file__, "log", str(place.base / "again" / "tiles"), "--json"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])
