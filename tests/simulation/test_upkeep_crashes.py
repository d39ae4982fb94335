"""The power goes at each write of a rotation, a backup, a restore and a repair."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

import pytest
from tests.simulation.disk import Fate, SimulatedDisk
from tests.unit.vault.kept import DAY, DAY0, HOUR, MemoryAnchor, erase, get, put

from tenure.errors import Error
from tenure.records.held import KeyId
from tenure.vault.backups import taking
from tenure.vault.backups.restore import Sources, restore
from tenure.vault.examination.visit import doctor
from tenure.vault.store import SqliteStore

FATES: tuple[Fate | None, ...] = (*Fate, None)
CANARY = b"canary-91ce"


@dataclass
class Held:
    """A store on a simulated disk: what is living in it, and what is gone."""

    disk: SimulatedDisk
    random: Random
    key: KeyId
    root: bytes

    def open(self, disk: SimulatedDisk) -> SqliteStore:
        return SqliteStore(disk, at=DAY0, random=self.random.randbytes)


@pytest.fixture
def held() -> Held:
    disk, random = SimulatedDisk(), Random(7)
    store = SqliteStore(disk, at=DAY0, random=random.randbytes)
    key = put(store, CANARY, expires=DAY0 + 30 * DAY, session="a")
    erase(store, [put(store, b"gone" * 50, expires=DAY0 + 30 * DAY, session="b")])
    root = store._root
    store.close()
    return Held(disk, random, key, root)


def crashes(disk: SimulatedDisk, act: Callable[[], object], fates: tuple[Fate | None, ...] = FATES) -> Iterator[SimulatedDisk]:
    """Yield the disk as it is after a power cut before each change that an act makes, with several fates, and after the last."""
    moments = [disk.clone()]
    disk.watch(lambda _: moments.append(disk.clone()))
    act()
    disk.watch(None)
    moments.append(disk.clone())
    assert len(moments) > 5
    for number, moment in enumerate(moments):
        for fate in fates:
            yield moment.crash(Random(f"{number} {fate}"), fate)


def bytes_of(disk: SimulatedDisk) -> bytes:
    return b"".join(content for _, content in disk.raw())


def test_a_rotation_leaves_one_root_key_that_opens(held: Held) -> None:
    store = held.open(held.disk)
    found = set()
    for disk in crashes(held.disk, lambda: taking.rotate(store, None, DAY0)):
        opened = held.open(disk)
        assert get(opened, held.key) == CANARY
        found.add(opened._root)
        opened.close()
        assert disk.size("root.key.next") is None
        assert (held.root.hex().encode() in bytes_of(disk)) == (opened._root == held.root)
    assert len(found) == 2
    store.close()


def test_a_backup_leaves_the_one_before_or_its_own(held: Held) -> None:
    data, keys, epochs, anchor = SimulatedDisk(), SimulatedDisk(), SimulatedDisk(), MemoryAnchor()
    store = held.open(held.disk)
    taking.back_up_data(store, data, DAY0)
    taking.back_up_keys(store, keys, epochs, DAY0)
    put(store, b"more", expires=DAY0 + 30 * DAY, session="c")

    def brought_back(data: SimulatedDisk, keys: SimulatedDisk, epochs: SimulatedDisk) -> int:
        sources = Sources(data, keys, epochs, held.root, None, anchor)
        return restore(SimulatedDisk(), sources, DAY0 + 2 * HOUR, None, held.random.randbytes, is_applied=False).buckets

    for disk in crashes(data, lambda: taking.back_up_data(store, data, DAY0 + HOUR)):
        assert brought_back(disk, keys, epochs) == 1
    for disk in crashes(keys, lambda: taking.back_up_keys(store, keys, epochs, DAY0 + HOUR)):
        assert brought_back(data, disk, epochs) in (1, 2)
    store.close()


def test_epochs_come_and_go_whole(held: Held) -> None:
    keys, epochs = SimulatedDisk(), SimulatedDisk()
    store = held.open(held.disk)
    taking.back_up_keys(store, keys, epochs, DAY0)
    secret = bytes_of(epochs)
    late = DAY0 + 25 * HOUR
    for disk in crashes(epochs, lambda: taking.back_up_keys(store, keys, epochs, late)):
        taking.back_up_keys(store, SimulatedDisk(), disk, late)
        assert secret not in bytes_of(disk)
        assert not [name for name in disk.names() if name.startswith(".tenure-new-")]
    store.close()


def test_a_restore_is_whole_or_refuses_to_open(held: Held) -> None:
    data, keys, epochs = SimulatedDisk(), SimulatedDisk(), SimulatedDisk()
    store = held.open(held.disk)
    taking.back_up_data(store, data, DAY0)
    taking.back_up_keys(store, keys, epochs, DAY0)
    store.close()
    sources = Sources(data, keys, epochs, held.root)
    target = SimulatedDisk()
    whole = 0
    for disk in crashes(target, lambda: restore(target, sources, DAY0, None, held.random.randbytes, is_applied=True)):
        if disk.size("keys.db") or disk.size("restoring") is not None:
            try:
                opened = held.open(disk)
            except Error as error:
                if error.code != "vault/unfinished":
                    raise
            else:
                assert get(opened, held.key) == CANARY
                opened.close()
                whole += 1
                continue
        again = restore(disk, sources, DAY0, None, held.random.randbytes, is_applied=True)
        assert again.is_applied
        opened = held.open(disk)
        assert get(opened, held.key) == CANARY
        opened.close()
    assert whole > 0


@pytest.mark.parametrize("is_catalogue_lost", [False, True])
def test_a_repair_never_loses_what_lives(held: Held, is_catalogue_lost: bool) -> None:
    if is_catalogue_lost:
        held.disk.remove("catalogue.db")

    def mend(disk: SimulatedDisk) -> bool:
        return doctor(disk, DAY0, None, None, {}, lambda _: None, is_repaired=True).is_sound

    for disk in crashes(held.disk, lambda: mend(held.disk), (None,)):
        with contextlib.suppress(Error):  # a catalogue that is not whole is refused, never filled up
            held.open(disk).close()
        assert mend(disk)
        opened = held.open(disk)
        assert get(opened, held.key) == CANARY
        assert len(list(opened.frames.read([held.key]))) == 1
        opened.close()
