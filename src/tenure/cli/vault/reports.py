"""The plain forms of what is reported of backups, restores and examinations. Source: design 0002, Backups; issue 3 C."""

from collections.abc import Sequence

from tenure.records.instants import render_time
from tenure.records.upkeep import BackedUp, Examination, Finding, Restored, Rotated

BACKUP_SCHEMA = "tenure.backup/1"
RESTORE_SCHEMA = "tenure.restore/1"
ROTATE_SCHEMA = "tenure.rotate/1"
DOCTOR_SCHEMA = "tenure.doctor/1"


def plain_backups(made: Sequence[BackedUp]) -> dict[str, object]:
    """Return the plain form of backups that were made."""
    return {
        "schema": BACKUP_SCHEMA,
        "backups": [{"what": each.what, "place": each.place, "files": each.files, "bytes": each.size, "copied": each.copied} for each in made],
        "epochs_destroyed": sum(each.epochs_destroyed for each in made),
    }


def plain_restored(done: Restored) -> dict[str, object]:
    """Return the plain form of a restore."""
    return {
        "schema": RESTORE_SCHEMA,
        "applied": done.is_applied,
        "store": done.store,
        "restored_as": done.restored_as,
        "other": done.other,
        "keys_at": render_time(done.keys_at),
        "data_at": render_time(done.data_at),
        "replayed": done.entries,
        "opens": {"keys": done.buckets, "records": done.records},
        "destroyed": done.destroyed,
        "narrowed": done.narrowed,
        "lost": {"keys_without_frames": done.lost_buckets, "records": done.lost_records, "account_changes": done.lost_facts},
        "anchored": done.is_anchored,
    }


def plain_rotated(done: Rotated) -> dict[str, object]:
    """Return the plain form of a rotation."""
    return {"schema": ROTATE_SCHEMA, "keys": done.keys, "receipt": done.receipt, "sealed": done.is_sealed}


def plain_examination(found: Examination) -> dict[str, object]:
    """Return the plain form of an examination."""
    return {
        "schema": DOCTOR_SCHEMA,
        "ok": found.is_sound,
        "store": found.store,
        "checked": found.checked,
        "findings": [_plain_finding(each) for each in found.findings],
        "repaired": list(found.repaired),
        "epochs_destroyed": found.epochs_destroyed,
    }


def _plain_finding(finding: Finding) -> dict[str, object]:
    return {
        "level": str(finding.level),
        "code": finding.code,
        "where": finding.where,
        "expected": finding.expected,
        "found": finding.found,
        "remedy": finding.remedy,
        "repairable": finding.is_repairable,
    }
