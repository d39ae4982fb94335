"""The power goes at each write of a short life of a store, and again while it recovers; the disk runs full at each write."""

import contextlib
from dataclasses import dataclass
from random import Random

import pytest
from tests.simulation.checks import View, look, wrapped_keys
from tests.simulation.disk import Crash, Fate, SimulatedDisk
from tests.simulation.script import AT, LATER, Life

from tenure.errors import Error, VaultError
from tenure.vault import database, store
from tenure.vault.keys import SqliteKeyRing
from tenure.vault.segments import Segments
from tenure.vault.store import SqliteStore

FATES: tuple[Fate | None, ...] = (*Fate, None)


@dataclass(frozen=True)
class Moment:
    """The instant before a change.

    Attributes:
        disk: as it was.
        event: what was about to happen.
        step: in which step, as its place.
    """

    disk: SimulatedDisk
    event: tuple[int, str, str]
    step: int


@dataclass(frozen=True)
class Told:
    """A life that nothing happened to.

    Attributes:
        moments: before each change, and at the end.
        views: what the store says before the first step and after each.
        gone: every wrapped key that ever stood on the disk.
        names: of the steps.
    """

    moments: list[Moment]
    views: list[View | None]
    gone: frozenset[bytes]
    names: list[str]

    def check(self, disk: SimulatedDisk, step: int) -> View:
        """Check that what is found after a crash in a step is all of before it or all of after it."""
        found = look(disk, self.gone)
        assert found in (self.views[step], self.views[step + 1]) or self.views[step] is None, f"in between, in: {self.names[step]}"
        return found


def tell(seed: int, disk: SimulatedDisk | None = None) -> Told:
    disk = disk or SimulatedDisk()
    moments, views, names, gone = list[Moment](), list[View | None]([None]), list[str](), set[bytes]()
    disk.watch(lambda event: moments.append(Moment(disk.clone(), event, len(names))))
    life = Life(disk, Random(seed))
    for name, step in life.steps():
        step()
        names.append(name)
        gone |= wrapped_keys(disk)
        view = look(disk.clone())
        assert view.texts == life.texts, f"not what was put, after: {name}"
        views.append(view)
    moments.append(Moment(disk.clone(), (disk.events + 1, "end", ""), len(names) - 1))
    return Told(moments, views, frozenset(gone), names)


@pytest.fixture(scope="module")
def told() -> Told:
    return tell(1)


def seeded(*parts: object) -> Random:
    return Random(repr(parts))


def crash_everywhere(told: Told, seed: int, fates: int, *, recoveries: int, stride: int) -> None:
    """Let the power go before each change.

    Args:
        told: what happens otherwise.
        seed: decides.
        fates: how many fates to try at each change; they take turns.
        recoveries: how many crashes to try in a recovery.
        stride: so many changes lie between those whose recovery crashes too.
    """
    for place, moment in enumerate(told.moments):
        for fate in [FATES[(place + number) % len(FATES)] for number in range(fates)]:
            found = moment.disk.crash(seeded(seed, moment.event, fate), fate)
            try:
                if (place + seed) % stride == 0:
                    crash_again(told, found, moment, seed, recoveries)
                told.check(found, moment.step)
            except Exception as error:
                error.add_note(f"seed {seed}, before change {moment.event}, unsynced changes {fate}")
                raise


def crash_again(told: Told, disk: SimulatedDisk, moment: Moment, seed: int, recoveries: int) -> None:
    """Let the power go in the recovery too, before some of its changes and after the last."""
    halves, random = recovering(disk), seeded(seed, moment.event, "again")
    for half in [*random.sample(halves[:-1], min(recoveries - 1, len(halves) - 1)), halves[-1]]:
        told.check(half.crash(random), moment.step)


def recovering(disk: SimulatedDisk) -> list[SimulatedDisk]:
    """Return the disk before each change that the opening of its store makes, and at its end."""
    again, halves = disk.clone(), list[SimulatedDisk]()
    again.watch(lambda _: halves.append(again.clone()))
    life = Life(again, Random(0))
    life.open()
    halves.append(again.clone())
    again.watch(None)
    life.abandon()
    return halves


def test_a_crash_at_each_write_loses_nothing_acknowledged_and_brings_back_nothing_destroyed(told: Told) -> None:
    assert len(told.moments) > 500
    crash_everywhere(told, 1, 2, recoveries=1, stride=10)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2, 8))
def test_a_crash_at_each_write_under_every_fate(seed: int) -> None:
    crash_everywhere(tell(seed), seed, len(FATES), recoveries=6, stride=2)


def test_what_a_store_says_after_its_process_was_killed_stays_when_the_power_goes_next(told: Told) -> None:
    for moment in told.moments[::15]:
        said = told.check(moment.disk.clone(), moment.step)
        assert look(recovering(moment.disk)[-1].crash(Random(0), Fate.LOST), told.gone) == said, moment.event


def steps_until_crash(life: Life) -> int:
    """Return how many steps were done before the power went."""
    for done, (_, step) in enumerate(life.steps()):
        try:
            step()
        except Crash:
            return done
    raise AssertionError("the power did not go")


def test_the_power_that_goes_under_a_running_store_ends_it_at_once(told: Told) -> None:
    for moment in told.moments[:-1:40]:
        for is_applied in (False, True):
            disk = SimulatedDisk()
            disk.fail_at(moment.event[0], is_applied=is_applied)
            life = Life(disk, Random(1))
            done = steps_until_crash(life)
            life.abandon()
            assert (disk.events, done) == (moment.event[0], moment.step), "the same seed makes the same changes"
            told.check(disk.crash(Random(0)), moment.step)


def check_is_full(error: VaultError, disk: SimulatedDisk) -> None:
    assert (error.code, error.message.startswith(disk.path(""))) == ("vault/full", True)


def fill_at(change: int) -> None:
    """Leave no room from a change on; once a step has failed there is room again, and the step is done once more."""
    disk = SimulatedDisk()
    disk.full_at(change)
    life, failed = Life(disk, Random(1)), False
    for name, step in life.steps():
        try:
            step()
        except VaultError as error:
            assert not failed, f"{name}: there was room again"
            failed = True
            check_is_full(error, disk)
            disk.make_room()
            if life.written:
                assert look(disk.clone()).texts == life.texts, f"{name}: not what it was before"
            step()
    disk.make_room()
    assert look(disk, frozenset(wrapped_keys(disk))).texts == life.texts
    assert not disk.files.locks.get("lock")


def test_a_disk_that_runs_full_at_a_write_is_named_and_nothing_is_lost(told: Told) -> None:
    for moment in told.moments[::11]:
        fill_at(moment.event[0])


@pytest.mark.soak
def test_a_disk_that_runs_full_at_each_write(told: Told) -> None:
    for moment in told.moments:
        fill_at(moment.event[0])


def is_caught(disk: SimulatedDisk | None = None) -> bool:
    """Whether a store without one of its controls is found out, by the script itself or by a crash that loses all that it may or nothing."""
    try:
        told = tell(1, disk)
        for moment in told.moments:
            for fate in (Fate.LOST, Fate.KEPT):
                told.check(moment.disk.crash(Random(0), fate), moment.step)
    except (AssertionError, Error):
        return True
    return False


@pytest.mark.parametrize(
    "file", [".tenure-new-", "/", "segments/", "segments/2026-12-25/", "segments/2026-12-25/000001.seg", "keys.db-wal", "catalogue.db-wal"]
)
def test_each_sync_is_needed(file: str) -> None:
    disk = SimulatedDisk()
    disk.files.lies = lambda name: name == file or (file == ".tenure-new-" and name.startswith(file))
    assert is_caught(disk)


def nothing(*_: object) -> None:
    """Stand in for a control."""


CONTROLS: list[tuple[object, str]] = [
    (SqliteStore, "_recover"),
    (Segments, "cut"),
    (Segments, "unsettle"),
    (SqliteKeyRing, "scrub"),
    (store, "_sweep"),
]


@pytest.mark.parametrize("control", CONTROLS, ids=lambda control: control[1])
def test_each_control_is_needed(control: tuple[object, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*control, nothing)
    assert is_caught()


def test_sqlite_that_does_not_sync_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_PRAGMAS", tuple(pragma.replace("synchronous=FULL", "synchronous=OFF") for pragma in database._PRAGMAS))
    assert is_caught()


def test_what_an_undone_transaction_wrote_is_not_found_and_leaves_no_trace_in_the_counts() -> None:
    life = Life(SimulatedDisk(), Random(1))
    life.put({"a": LATER})
    (key,) = life.keys["a"]
    with contextlib.suppress(ZeroDivisionError), life.opened.transaction():
        life.opened.frames.write(LATER.date(), [life.opened.keys.seal(key, [b"never"], [AT])])
        raise ZeroDivisionError
    assert len(list(life.opened.frames.read([key]))) == 1
    life.put({"a": LATER})
    assert len(list(life.opened.frames.read([key]))) == 2
    life.erase("a")
    life.scrub()
    life.forget()
    assert (life.opened.frames.residue(), list(life.disk.names("segments/"))) == ((0, 0), [])
    life.close()


def test_a_destruction_that_could_not_be_scrubbed_is_scrubbed_at_the_next_start() -> None:
    disk = SimulatedDisk()
    life = Life(disk, Random(1))
    life.put({"a": LATER, "b": LATER})
    life.close()
    life.erase("a")
    before = wrapped_keys(disk)
    life.close()
    assert look(disk, frozenset(before)).texts == life.texts
