"""The controls, and how each is taken away."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.simulation.disk import SimulatedDisk

from tenure.records.kinds import Verdict
from tenure.services import derive, intake, ruling, timekeeping, use
from tenure.services.accounts import Accounts
from tenure.services.cells import Judge
from tenure.services.derive import Derivations
from tenure.services.disposition import Disposition
from tenure.services.lineage import Lineage
from tenure.services.ruling import rule
from tenure.services.timekeeping import Timekeeper
from tenure.services.use import Uses
from tenure.vault import database
from tenure.vault.backups import epochs, replay
from tenure.vault.database import Database
from tenure.vault.keys import SqliteKeyRing
from tenure.vault.segments import FOLDER
from tenure.vault.store import SqliteStore

Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Control:
    """One control.

    Attributes:
        name: what it does.
        guarantee: which it serves.
        remove: takes it away.
        cover: another control, behind which a missing one is not noticed; both are taken away, then.
        code: of the error by which it is noticed, where something behind it refuses; empty = a guarantee is violated.
    """

    name: str
    guarantee: str
    remove: Patch
    cover: "Control | None" = None
    code: str = ""

    def remove_all(self, patch: pytest.MonkeyPatch) -> None:
        """Take it and its cover away."""
        self.remove(patch)
        if self.cover is not None:
            self.cover.remove(patch)


def _set(where: object, name: str, to: Any) -> Patch:  # Any: whatever stands there
    return lambda patch: patch.setattr(where, name, to)


def _nothing(*_: object, **__: object) -> None:
    return None


def _first_purpose_alone(patch: pytest.MonkeyPatch) -> None:
    inner = Uses._ruled

    def ruled(self: Uses, bucket: Any, job: Any, *rest: Any) -> Any:  # Any: passed on as it comes
        return inner(self, bucket, replace(job, purposes=frozenset(sorted(job.purposes)[-1:])), *rest)

    patch.setattr(Uses, "_ruled", ruled)


def _all_permitted(patch: pytest.MonkeyPatch) -> None:
    inner = Judge.of_bucket
    patch.setattr(Judge, "of_bucket", lambda self, *rest: replace(inner(self, *rest), verdict=Verdict.PERMIT))


def _one_cell(patch: pytest.MonkeyPatch) -> None:
    inner = Judge.cells
    patch.setattr(Judge, "cells", lambda self, *rest: inner(self, *rest)[-1:])


def _no_end(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Judge, "end", lambda self, *rest: None)


def _day_later(patch: pytest.MonkeyPatch) -> None:
    inner = SqliteKeyRing.make

    def make(self: SqliteKeyRing, owner: Any, kind: Any, found: Any, at: Any, end: Any) -> Any:  # Any: passed on as it comes
        return inner(self, owner, kind, found, at, None if end is None else end + timedelta(days=1))

    patch.setattr(SqliteKeyRing, "make", make)


def _pragma(was: str, is_now: str) -> Patch:
    changed = tuple(pragma.replace(was, is_now) for pragma in database._PRAGMAS)
    return _set(database, "_PRAGMAS", changed)


def _names_in_receipts(patch: pytest.MonkeyPatch) -> None:
    inner = intake.render_ingested

    def receipt(store: Any, bucket: Any, *rest: Any) -> bytes:  # Any: passed on as it comes
        return inner(store, bucket, *rest).replace(b'"commitment":"', b'"commitment":"%s' % str(bucket.owner.session).encode())

    patch.setattr(intake, "render_ingested", receipt)


def _never_dead(patch: pytest.MonkeyPatch) -> None:
    def ruled(store: Any, judge: Any, bucket: Any, *rest: Any) -> Any:  # Any: passed on as it comes
        return rule(store, judge, replace(bucket, is_dead=False), *rest)

    patch.setattr(use, "rule", ruled)


def _ring_opens_dead(patch: pytest.MonkeyPatch) -> None:
    inner = Database.among
    patch.setattr(Database, "among", lambda self, statement, *rest: inner(self, statement.replace("WHERE dead = 0 AND", "WHERE"), *rest))


def _no_tightening_by_answers(patch: pytest.MonkeyPatch) -> None:
    inner = Disposition.tighten

    def tighten(self: Disposition, selection: Any, at: Any, reason: str) -> None:  # Any: passed on as it comes
        if reason != "withdrawn":
            inner(self, selection, at, reason)

    patch.setattr(Disposition, "tighten", tighten)


def _refused_is_sealed(patch: pytest.MonkeyPatch) -> None:
    inner = intake.Intake._put

    def put(self: Any, item: Any, now: Any, frames: Any) -> Any:  # Any: passed on as it comes
        found = inner(self, item, now, frames)
        if found.verdict is not Verdict.PERMIT:
            bucket = self._store.keys.make(item.owner, item.case.kind, (b'{"agent":"claude_code","kind":"prompt"}',), now, None)
            frames.append((bucket, self._store.keys.seal(bucket.key, item.contents, [now] * len(item.contents))))
        return found

    patch.setattr(intake.Intake, "_put", put)


def _unsynced_segments(patch: pytest.MonkeyPatch) -> None:
    inner = SimulatedDisk.sync
    patch.setattr(SimulatedDisk, "sync", lambda self, name: None if name.startswith(FOLDER) else inner(self, name))


RULING_TIME = Control("a use has an end", "G2", _set(ruling, "is_over", lambda bucket, at: False))
RULING_DEAD = Control("what is dead opens for nothing", "G2", _never_dead, code="vault/no-key")
TIGHTENED_BY_ANSWERS = Control("an answer tightens what is held", "G8", _no_tightening_by_answers)

CRASH_CONTROLS: tuple[Control, ...] = (
    Control("frames are synced before the key that counts them", "G1", _unsynced_segments, code="integrity/segment"),
)
"""Those that only a power cut shows."""

CONTROLS: tuple[Control, ...] = (
    Control("a use asks the terms", "G1", _all_permitted),
    Control("a use asks for all purposes of its job", "G3", _first_purpose_alone),
    Control("data are under the account and under what was said", "G7", _one_cell),
    Control("data have an end", "G2", _no_end),
    Control("data end on their day", "G2", _day_later),
    Control("what is over is not taken in", "G5", _set(intake, "_held_until", lambda it, end, _: (it.verdict, "", end)), code="vault/already-over"),
    Control("a receipt names nobody", "G6", _names_in_receipts),
    Control("a change tightens what is held", "G8", _set(Disposition, "tighten", _nothing)),
    Control("erasing reaches what was made", "G3", _set(Lineage, "dependants", lambda self, keys: [])),
    Control("nothing is made of what is under zero retention", "G4", _set(derive, "is_zero_retention", lambda judge, found: False)),
    Control("what is made inherits the earliest end", "G3", _set(derive, "inherited_end", lambda decision, inputs, at: None)),
    Control("what is made asks whether its inputs permit it", "G3", _set(Derivations, "denied", _nothing)),
    Control("due days are destroyed", "G2", _set(SqliteKeyRing, "destroy_days", lambda self, until: [])),
    Control("erased keys are destroyed", "G2", _set(SqliteKeyRing, "destroy", lambda self, keys: [])),
    Control("the log of the keys is emptied after a destruction", "G2", _set(Database, "truncate_log", _nothing)),
    Control("a clock that runs ahead is in doubt", "G9", _set(timekeeping, "MOST_DRIFT", timedelta(days=4000))),
    Control("a store that was long unused is in doubt", "G9", _set(timekeeping, "LONGEST_PAUSE", timedelta(days=4000))),
    Control("the highest instant is kept", "G9", _set(SqliteStore, "raise_to", _nothing), code="case/ahead"),
    Control("the present never goes back", "G9", _set(Timekeeper, "now", property(lambda self: self._clock.now()))),
    Control("an older copy of the store is refused", "G10", _set(SqliteStore, "anchor", _nothing)),
    Control("erased persons are forgotten", "G2", _set(Accounts, "forget", lambda self, subject, at: 0)),
    Control("commits are synced", "G1", _pragma("synchronous=FULL", "synchronous=OFF")),
    Control("SQLite overwrites what it deletes", "G2", _pragma("secure_delete=ON", "secure_delete=OFF")),
    Control("epoch keys end", "G2", _set(epochs, "purge", lambda disk, at: 0)),
    Control("a restore replays what was destroyed since", "G2", _set(replay.Replay, "run", _nothing)),
    Control("a permit opens with its receipt alone", "G1", _set(SqliteStore, "_check_permit", _nothing)),
    Control("what is refused is not sealed", "G5", _refused_is_sealed),
    Control("what is kept for safety alone is not served", "G4", _set(Judge, "_is_kept_for_safety_alone", lambda self, cells: False)),
    Control("what is gone is not tightened with its inputs", "G8", _set(Disposition, "_living", lambda self, keys: list(keys)), code="vault/no-key"),
    Control("what is held passes on with its account", "G8", _set(SqliteKeyRing, "pass_to", _nothing)),
    RULING_TIME,
    Control("the ring opens nothing that is over", "G2", _set(SqliteKeyRing, "_is_for_safety", lambda self, key, permit: True), RULING_TIME),
    RULING_DEAD,
    Control("the ring opens nothing that is dead", "G2", _ring_opens_dead, RULING_DEAD),
    TIGHTENED_BY_ANSWERS,
    Control("a use asks for the answers since", "G8", _set(Judge, "answers", lambda self, bucket, at: ()), TIGHTENED_BY_ANSWERS),
)
