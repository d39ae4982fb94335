"""A visit to the doctor: look, mend where that is wanted, and look again."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from tenure.errors import Error
from tenure.records.upkeep import Examination, Finding
from tenure.vault.disk import Disk
from tenure.vault.doctor import Patient, examine, failed
from tenure.vault.epochs import purge
from tenure.vault.repair import repair
from tenure.vault.store import LOCK, Anchor
from tenure.vault.upkeep import backups_made, is_in_doubt


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
    made = None if keys is None else backups_made(keys.database).get("keys")
    if keys is None or made is None or made.epochs is None or is_in_doubt(patient.at, keys.highest):
        return 0
    disk = patient.folder(made.epochs)
    return 0 if disk is None else purge(disk, max(patient.at, keys.highest))
