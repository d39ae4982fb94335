"""A visit to the doctor: look, mend where that is wanted, and look again."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from tenure.errors import Error
from tenure.records.upkeep import Examination, Finding
from tenure.vault.anchor import Anchor
from tenure.vault.backups.record import purge_epochs
from tenure.vault.disk import Disk
from tenure.vault.examination.checks import Patient, examine, failed
from tenure.vault.examination.repair import repair
from tenure.vault.store import LOCK


def doctor(
    disk: Disk,
    at: datetime,
    passphrase: bytes | None,
    anchor: Anchor | None,
    modes: Mapping[str, int],
    folder: Callable[[str], Disk | None],
    *,
    is_repaired: bool = False,
) -> Examination:
    """Look at every file of a store; destroy the epoch keys that are over.

    Args:
        disk: its folder.
        at: the present.
        passphrase: opens the root key.
        anchor: the newest checkpoint that this machine has seen; None = no check.
        modes: of the files whose mode lets others in, by path.
        folder: returns what lies at a path; None = nothing does.
        is_repaired: whether to mend what can be mended.

    Raises:
        VaultError: no answer is possible: there is no store, it is in use, or its root key needs a passphrase.
    """
    if not list(disk.names()):
        return _look(Patient(disk, at, passphrase, anchor, modes, folder))  # says so, and makes no lock
    with disk.lock(LOCK):
        gone, done = 0, list[str]()
        with contextlib.ExitStack() as stack:
            patient = Patient(disk, at, passphrase, anchor, modes, folder)
            found = examine(patient, stack)
            kept = list[Finding]()
            if patient.keys is not None:
                try:
                    gone = _purge(patient)
                except Error as error:
                    kept.append(failed(error, "epoch keys"))
            if is_repaired:
                patient.close_catalogue()
                done = repair(patient, {finding.code for finding in found.findings})
        if is_repaired:
            found = _look(Patient(disk, at, passphrase, anchor, {}, folder))
    return replace(found, findings=(*found.findings, *kept), repaired=tuple(done), epochs_destroyed=gone)


def _look(patient: Patient) -> Examination:
    with contextlib.ExitStack() as stack:
        return examine(patient, stack)


def _purge(patient: Patient) -> int:
    keys = patient.keys
    return 0 if keys is None else purge_epochs(keys.backups, patient.at, keys.highest, patient.folder)
