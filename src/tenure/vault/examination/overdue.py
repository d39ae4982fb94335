"""What is overdue: backups that are too old or were never made, and a clock that cannot be right."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tenure.errors import Error
from tenure.records.instants import parse_time
from tenure.records.upkeep import FAIL_AFTER, WARN_AFTER, Finding, Level, is_in_doubt
from tenure.vault.backups import epochs
from tenure.vault.backups.keys import keys_backups
from tenure.vault.backups.record import Made
from tenure.vault.disk import Disk
from tenure.vault.examination.keys import OpenedKeys

_KEYS = "tenure vault backup --keys DIR --epochs DIR2"
_MOST_BEHIND = timedelta(days=1)


def check_time(keys: OpenedKeys, at: datetime) -> Iterator[Finding]:
    """Compare the clock with the highest durable instant."""
    near = f"a time near {keys.highest:%Y-%m-%d %H:%M} UTC, when this store was last used"
    if is_in_doubt(at, keys.highest):
        remedy = "until then nothing is destroyed; if the clock is right: tenure vault expire --confirm-clock"
        yield Finding("vault/clock", "clock", near, f"{at:%Y-%m-%d}", remedy, Level.WARNING)
    elif at < keys.highest - _MOST_BEHIND:
        yield Finding("vault/clock", "clock", near, f"{at:%Y-%m-%d}", "set the clock; the later of the two counts", Level.WARNING)


def check_backups(keys: OpenedKeys, at: datetime, folder: Callable[[str], Disk | None]) -> Iterator[Finding]:
    """Say which backups are missing or too old."""
    made, path, now = keys.backups, keys.database.path, max(at, keys.highest)
    if "keys" not in made:
        text = "a backup of the keys, at most 12 hours old"
        yield Finding("backup/none", path, text, "none was ever made", _KEYS, Level.WARNING)
    else:
        yield from _check_age(made["keys"], now)
        yield from _check_files(keys.id, made["keys"], now, folder)
        if "rotated" in made and parse_time(made["rotated"].at) > parse_time(made["keys"].at):
            yield Finding("backup/before-rotation", made["keys"].place, "keys under the root key", "one from before it was replaced", _KEYS)
    if "data" not in made:
        yield Finding("backup/none", path, "a backup of the data", "none was ever made", "tenure vault backup --data DIR", Level.WARNING)
    if "root" not in made:
        found = "none: losing it means losing everything"
        yield Finding("backup/root", path, "a backup of the root key", found, "tenure vault backup --root FILE", Level.WARNING)


def _check_age(made: Made, now: datetime) -> Iterator[Finding]:
    age = now - parse_time(made.at)
    found = f"one of {made.at}"
    if age >= FAIL_AFTER:
        yield Finding("backup/stale", made.place, "a backup of the keys that can still be opened", f"{found}: its epoch key is over", _KEYS)
    elif age >= WARN_AFTER:
        yield Finding("backup/old", made.place, "a backup of the keys at most 12 hours old", found, _KEYS, Level.WARNING)


def _check_files(store: str, made: Made, now: datetime, folder: Callable[[str], Disk | None]) -> Iterator[Finding]:
    """Look whether the backup is there, where its folders can be seen."""
    to, beside = folder(made.place), None if made.epochs is None else folder(made.epochs)
    for path in [] if beside is None else epochs.damaged(beside):
        remedy = "if it is none of yours, move it away; if it is, overwrite and remove it, and back up the keys anew"
        yield Finding("backup/damaged", path, "an epoch key", "a damaged file, which is never destroyed by itself", remedy)
    if to is None or beside is None or now - parse_time(made.at) >= FAIL_AFTER:
        return
    try:
        usable = [backup for backup in keys_backups(to) if backup.store == store and epochs.living(beside, backup.epoch, now) is not None]
    except Error as error:
        yield Finding(error.code, error.message.partition(": expected ")[0], "a backup of the keys", "a damaged file", error.remedy or _KEYS)
        return
    if not usable:
        yield Finding("backup/none", made.place, f"the backup of {made.at}, and its epoch key in {made.epochs}", "one or both missing", _KEYS)
