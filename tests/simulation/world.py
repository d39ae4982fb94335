"""Five years of a town and its sessions over one store: every border of the terms, clocks that are wrong, backups, disasters, power cuts.

`World(seed, ...).run()` is a whole life. The same seed gives the same life.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest
from tests.oracle import claude_code, naive
from tests.simulation.disk import SimulatedDisk
from tests.simulation.sessions import Sessions
from tests.simulation.town import DAY, END, HOUR, SECOND, START, USES

from tenure.errors import IntegrityError, VaultError
from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.records.held import KeyId, Permit
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose
from tenure.release.declassifier import Released
from tenure.release.threshold import ThresholdCount
from tenure.services.proving import export
from tenure.testing.noise import SeededNoise
from tenure.vault.backups import taking
from tenure.vault.backups.restore import Sources, restore
from tenure.vault.store import SqliteStore


def borders() -> list[datetime]:
    """Both sides of every instant at which a text of the terms may have come, or has certainly come, into force."""
    found = {instant for sighting in claude_code.RULES.sightings for instant in naive.interval(sighting)}
    return sorted(side for instant in found if START < instant < END for side in (instant - SECOND, instant))


class World(Sessions):
    """A town with all that can befall its store.

    Args:
        seed: of everything.
        sessions: how many come along at once, at most.
        crashes: how often the power goes, of all that is done.
    """

    def __init__(self, seed: int, *, sessions: int = 40, crashes: float = 0.02) -> None:
        self.runs = []
        super().__init__(seed, sessions=sessions, crashes=crashes)
        self.data, self.keys, self.epochs = SimulatedDisk(), SimulatedDisk(), SimulatedDisk()
        self.copy: tuple[SimulatedDisk, int] | None = None
        self.done: Counter[str] = Counter()
        self.acts: dict[Callable[[], None], int] = {
            self.new_person: 3, self.new_org: 1, self.set_tier: 3, self.set_org_tier: 2, self.join: 5, self.leave: 2, self.zero_retention: 3,
            self.merge: 2, self.answer_yes: 6, self.withdraw: 4, self.program: 3, self.use: 4, self.get_one: 2, self.export: 3, self.derive: 6,
            self.train: 5, self.count: 2, self.hold: 3, self.release: 2, self.erase: 2, self.erase_session: 2, self.hold_and_erase: 1,
            self.outlive: 2, self.forge: 1, self.expire: 2, self.early: 1,
            self.restart: 3, self.rush: 2, self.leap: 1, self.lag: 2, self.back_up: 3, self.disaster: 2, self.old_copy: 2, self.rotate: 1,
        }  # fmt: skip

    def run(self, check: Callable[[], None], *, steps: int = 120, acts: int = 3, every: int = 15) -> None:
        """Live from the first day to the last.

        Args:
            check: looks at everything, every now and then.
            steps: instants beside the borders of the terms.
            acts: how many things happen at each.
            every: so many instants lie between two checks.
        """
        names = [act for act, weight in self.acts.items() for _ in range(weight)]
        instants = sorted([*borders(), *(START + (END - START) * self.random.random() for _ in range(steps))])
        for number, at in enumerate(instants):
            self.go_on(at)
            self.hand_in()
            for act in self.random.sample(names, acts):
                self.done[act.__name__] += 1
                act()
            if number % every == every - 1:
                check()

    def go_on(self, at: datetime) -> None:
        """Let time go by until an instant; on the way a process that runs destroys what is due."""
        while self.house.wall.true < at:
            self.house.later(min(at - self.house.wall.true, 20 * DAY))
            self.house.keeping.settle()
            self.model.sweep(self.now)

    # --- clocks that are wrong

    def rush(self) -> None:
        """The wall clock runs ahead of the monotonic one: what is due by it is unreadable, and nothing is destroyed."""
        self._in_doubt(self.random.randrange(2, 26) * DAY, is_restarted=False)

    def leap(self) -> None:
        """A store is opened long after it was used last."""
        self._in_doubt(self.random.randrange(32, 45) * DAY, is_restarted=True)

    def _in_doubt(self, ahead: timedelta, *, is_restarted: bool) -> None:
        before = {bucket.key for bucket in self.store.keys.buckets()}
        highest = self.store.highest
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} the clock is {ahead.days} days ahead")
        self.house.wall.error = ahead
        if is_restarted:
            self.house.close()
            self.house.open()
            self.restarted()
        assert self.house.keeping.time.is_in_doubt
        self.house.keeping.settle()
        for name in USES:
            self.reads([held for held in self.model.held.values() if self.model.is_over(held, self.now)][-15:], name)
        self.reads(self.sample(15), "serve")
        for refused in (self.house.keeping.disposition.expire, lambda: self.house.keeping.intake.put_all([])):
            with pytest.raises(VaultError) as caught:
                refused()
            assert caught.value.code == "vault/clock"
        assert {bucket.key for bucket in self.store.keys.buckets()} == before, "something was destroyed by a clock in doubt"
        assert self.store.highest == highest, "a clock in doubt was made durable"
        if self.random.random() < 0.5:
            self.house.wall.error = timedelta()
            if is_restarted:
                self.house.close()
                self.house.open()
                self.model.sweep(self.now)
            return
        self.house.wall.true, self.house.wall.error = self.house.wall.true + ahead, timedelta()
        while self.house.keeping.time.is_in_doubt:  # again, where the power went meanwhile
            confirmed = partial(self.house.keeping.disposition.expire, confirm=True)
            self.do("a person confirms the clock", confirmed, lambda _: self.model.sweep(self.now))

    def lag(self) -> None:
        """The wall clock is set back: the present stays where it was."""
        highest = self.store.highest
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} the clock is set back")
        self.house.wall.error = -self.random.randrange(1, 20) * DAY
        self.restart()
        assert self.now >= highest
        self.hand_in(3)
        self.use()
        self.house.keeping.settle()
        self.house.wall.error = timedelta()
        self.restart()  # a process that was started by a clock set back takes the right time for a jump
        self.house.later(SECOND)

    def forge(self) -> None:
        """Somebody makes up a permit: one without a receipt, one with that of another, one whose receipt is not in the ledger yet."""
        keys = frozenset(KeyId(bytes.fromhex(held.key)) for held in self.sample(1) if held.state == "held")
        if not keys:
            return
        until, size = self.now + HOUR, self.store.ledger.size
        purposes = frozenset([Purpose.SERVE])
        values = {"job": "", "cells": [], "terms": "", "records": 1, "purposes": ["serve"], "until": render_time(until)}
        entry = render_entry("permitted", self.now, keys=keys_digest(keys).hex(), **values)  # type: ignore[arg-type]  # plain values
        for index, content in ((size, entry), (size - 1, entry), (size - 1, next(self.store.ledger.entries(size - 1)))):
            with pytest.raises(VaultError) as caught:
                self.store.keys.open(Permit(index, content, keys, purposes, until), self.now)
            assert caught.value.code == "vault/no-permit"

    def early(self) -> None:
        """What ends soon is destroyed before its time; the clock does not move."""
        until = self.now + self.random.randrange(1, 6) * DAY
        self.do("expire early", partial(self.house.keeping.disposition.expire, until), lambda _: self.model.sweep(until))

    # --- figures

    def count(self) -> None:
        """Release how many persons there are, which takes 25 of them and their budgets."""
        now = self.now
        chosen = [held for held in self.model.alive() if not held.inputs and held.subject is not None and not self.model.is_zero_retention(held, now)]
        chosen = [held for held in chosen if not held.is_narrowed and self.model.may_read(held, ("serve",), now)]
        if not chosen:
            return
        run, read = self._start("serve", self.random.sample(chosen, min(120, len(chosen))))
        subjects = {held.subject for held in read if held.subject is not None}
        spent = Counter(name for at, names in self.model.charges if at > now - 30 * DAY for name in names)
        outcome = self.house.keeping.releases.release(run, ThresholdCount({"all": subjects}), SeededNoise(1))
        if isinstance(outcome, Released):
            assert dict(outcome.value.cells) == {"all": len(subjects)}
            assert len(subjects) >= 25, "a count of few was released"
            assert all(spent[self.model.resolve(name, now)] < 12 for name in subjects), "a budget was overdrawn"
            self.model.charges.append((now, frozenset(self.model.resolve(name, now) for name in subjects)))
        else:
            assert len(subjects) < 25 or outcome.reason in ("budget", "difference"), outcome
        self.house.later(SECOND)

    # --- backups

    def back_up(self) -> None:
        """Back up data and keys; what was destroyed a day ago is in none from then on."""
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} back up")
        taking.back_up_data(self.store, self.data, self.now)
        taking.back_up_keys(self.store, self.keys, self.epochs, self.now)
        self.backed_up(self.keys, self.epochs)

    def backed_up(self, keys: SimulatedDisk, others: SimulatedDisk) -> None:
        """What is looked at after each backup; a test sets it."""

    def old_copy(self) -> None:
        """Someone puts an older copy of the whole store in place: it is refused as soon as the machine has seen a newer ledger."""
        if self.copy is not None:
            disk, size = self.copy
            self.restart()
            if self.store.ledger.size > size:
                with pytest.raises(IntegrityError) as caught:
                    SqliteStore(disk.clone(), at=self.now, anchor=self.house.anchor).close()
                assert caught.value.code == "ledger/rolled-back"
        self.copy = (self.house.disk.clone(), self.store.ledger.size)

    def rotate(self) -> None:
        self.do("another root key", lambda: taking.rotate(self.store, None, self.now), lambda _: None)

    def disaster(self) -> None:
        """The store is lost and restored from a backup; what was destroyed since is destroyed before anything opens. It happens twice at most."""
        if self.done["disaster"] > 2:
            return
        self.back_up()
        names, facts, began, erased = set(self.model.held), self._facts(), self.now, len(self.erased)
        rate, self.crash_rate = self.crash_rate, 0.0
        for act in self.random.sample([self.withdraw, self.erase, self.erase_session, self.zero_retention, self.hold, self.derive, self.hand_in], 4):
            act()
        if self.random.random() < 0.5:
            self.early()
        self.crash_rate = rate
        self.go_on(self.now + self.random.choice((SECOND, 11 * HOUR)))
        published, key = SimulatedDisk(), self.store._root
        for name, content in export(self.store):
            published.replace(name, content)
        size = self.store.ledger.size
        self.house.close()
        sources = Sources(self.data, self.keys, self.epochs, key, None, self.house.anchor)
        if size > self.size_at_backup:
            with pytest.raises(IntegrityError) as caught:
                restore(SimulatedDisk(), sources, self.now, None, self.random.randbytes, is_applied=False)
            assert caught.value.code == "ledger/rolled-back", "an older ledger came back without the newer one"
        target = SimulatedDisk()
        restore(target, replace(sources, ledger=published), self.now, None, self.random.randbytes, is_applied=True)
        self.log.append(f"{self.now:%Y-%m-%d %H:%M:%S} restored as of {began:%Y-%m-%d %H:%M:%S}")
        self.house.disk = target
        self.house.open()
        self.restarted()
        del self.erased[erased:]  # the ledger names nobody: of a person without data the facts come back
        self._learn_what_is_lost(names, facts)
        self.recovered()

    def _facts(self) -> dict[str, int]:
        accounts = {**self.model.people, **self.model.orgs}
        self.size_at_backup = self.store.ledger.size
        return {name: len(each.tiers) + len(each.flags) + len(each.answers) + len(each.roles) for name, each in accounts.items()}

    def _learn_what_is_lost(self, names: set[str], facts: dict[str, int]) -> None:
        now = self.now
        self.model.sweep(now)
        for held in [held for held in self.model.held.values() if held.name not in names]:
            self.lost.add(held.key)
            self.model.drop(held, now)
        kinds = {name: kind for name, (_, kind) in self.store.keys.holds().items()}
        found = {bucket.key.hex(): bucket for bucket in self.store.keys.buckets()}
        for held in self.model.held.values():
            held.is_narrowed = True
            bucket = found[held.key]
            assert sorted(held.holds.values()) == sorted(kinds[name] for name in bucket.holds), f"a hold was lost or made: {held}"
            held.holds = {name: kinds[name] for name in bucket.holds}
        after = self._facts()
        for name, account in {**self.model.people, **self.model.orgs}.items():
            is_forgotten = name in self.model.people and not self.house.keeping.accounts.knows(name)  # all of theirs was erased since
            if facts.get(name) != after[name] or is_forgotten:
                account.is_retired = True
