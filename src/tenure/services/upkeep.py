"""The upkeep of a store as commands and servers show it: which places must lie apart, and the plain forms of reports.

Source: design 0002, Backups; issue 3 C.
"""

import os
from collections.abc import Mapping, Sequence

from tenure.errors import ConfigError
from tenure.records.instants import render_time
from tenure.records.upkeep import BackedUp, Examination, Finding, Restored, Rotated

BACKUP_SCHEMA = "tenure.backup/1"
RESTORE_SCHEMA = "tenure.restore/1"
ROTATE_SCHEMA = "tenure.rotate/1"
DOCTOR_SCHEMA = "tenure.doctor/1"
_APART = "give each a folder of its own: data, keys, epoch keys and root key on different storage, none of it in the store"


def need_apart(places: Mapping[str, str]) -> None:
    """Refuse places of which one lies in another: whoever has that one has both.

    Args:
        places: absolute paths, with links resolved, by what lies there, such as `data`; `store` is the store itself.

    Raises:
        ConfigError: one is, or lies in, another.
    """
    for what, path in places.items():
        for other, outer in places.items():
            if what != other and os.path.commonpath([path, outer]) == outer:
                message = f"{path}: expected a place for {what} apart from {other}, found one in {outer}"
                raise ConfigError(message, code="backup/together", remedy=_APART)


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
