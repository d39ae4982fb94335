"""The doctor: looks at every file of a store and says what is not as it should be. It works where the store cannot be opened.

It shows nothing of what is held: where a key is at hand it checks the seal of a frame, and drops what was inside. Source: design 0002; issue 3 C.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from tenure.errors import Error, IntegrityError, VaultError
from tenure.ledger.entries import parse_entry
from tenure.ledger.tree import root_of
from tenure.records.upkeep import Examination, Finding, Level
from tenure.vault import root, row_seals, segments, tiles, wraps
from tenure.vault.anchor import Anchor, newest_seen
from tenure.vault.database import Database
from tenure.vault.disk import Disk, is_unfinished
from tenure.vault.examination.frames import check_frames
from tenure.vault.examination.keys import OpenedKeys
from tenure.vault.examination.overdue import check_backups, check_time
from tenure.vault.examination.tiles import check_tiles
from tenure.vault.ledger import SqliteLedger
from tenure.vault.store import CATALOGUE, DATABASES, FORMAT, KEYS, LOCK, RESTORING

_KNOWN = (root.NAME, root.NEXT, LOCK, RESTORING, *DATABASES)
_BACKUP = "restore it from a backup: tenure vault restore"
_REPAIR = "tenure vault doctor --repair"
_MESSAGE = re.compile(r"(?:(.+?): )?expected (.+?),(?: but)? (?:found|got):? (.+)", re.DOTALL)
"""How messages of errors are made: where, what was expected, what was found."""


@dataclass
class Patient:
    """A store that is looked at.

    Attributes:
        disk: its folder.
        at: the present.
        passphrase: opens the root key.
        anchor: the newest checkpoint that this machine has seen; None = no check.
        modes: of the files whose mode lets others in, by path.
        folder: returns what lies at a path; None = nothing does.
        keys: the keys, where they can be opened.
        catalogue: of the segments, where it can be opened.
        is_true: whether the keys are whole, and as new as this machine has seen them: only then can it be said that a frame has no key.
        checked: how many of each thing were looked at.
    """

    disk: Disk
    at: datetime
    passphrase: bytes | None
    anchor: Anchor | None
    modes: Mapping[str, int]
    folder: Callable[[str], Disk | None]
    keys: OpenedKeys | None = None
    catalogue: Database | None = None
    is_true: bool = False
    checked: dict[str, int] = field(default_factory=dict)

    def close_catalogue(self) -> None:
        """Let go of the catalogue, so that it can be made anew."""
        if self.catalogue is not None:
            self.catalogue.close()


def examine(patient: Patient, stack: contextlib.ExitStack) -> Examination:
    """Look at every file of a store.

    Args:
        patient: the store; what was opened stays there.
        stack: closes it.

    Raises:
        VaultError: there is no store, it is in use, or its root key needs a passphrase: no answer is possible.
    """
    disk = patient.disk
    if not [name for name in disk.names() if name != LOCK]:
        message = f"{disk.path('')}: expected a store, found none"
        raise VaultError(message, code="vault/none", remedy="--store DIR names another; tenure vault restore brings one back")
    findings = [*_check_files(patient), *_check_root_and_keys(patient, stack)]
    keys = patient.keys
    if keys is not None:
        findings += [*_check_ledger(patient, keys), *_check_anchor(patient, keys)]
        patient.is_true = all(finding.is_repairable or finding.level != Level.PROBLEM for finding in findings)
        findings += [*check_tiles(disk, keys.ledger), *check_time(keys, patient.at), *check_backups(keys, patient.at, patient.folder)]
    findings += _check_catalogue(patient, stack)
    return Examination(None if keys is None else keys.id, patient.checked, tuple(findings))


def failed(error: Error, where: str, *, is_repairable: bool = False) -> Finding:
    """Return an error as a finding."""
    parts = _MESSAGE.fullmatch(error.message)
    if parts is None:
        return Finding(error.code, where, "no error", error.message, error.remedy, is_repairable=is_repairable)
    said, expected, found = parts.groups()
    return Finding(error.code, said if said and "/" in said else where, expected, found, error.remedy, is_repairable=is_repairable)


def _check_files(patient: Patient) -> Iterator[Finding]:
    disk = patient.disk
    names = list(disk.names())
    patient.checked["files"] = len(names)
    for name in names:
        path = disk.path(name)
        if name == RESTORING:
            yield Finding("vault/unfinished", path, "a whole store", "one half restored", "run tenure vault restore again with --apply")
        elif name == root.NEXT:
            text = "a root key that was about to take over"
            yield Finding("vault/rotation", path, "one root key", text, "the next command finishes it", Level.WARNING, True)
        elif is_unfinished(name):
            yield Finding("integrity/leftover", path, "no unfinished file", "what a crash left", _REPAIR, Level.WARNING, True)
        elif name not in _KNOWN and not name.startswith((segments.FOLDER, tiles.FOLDER)):
            yield Finding("integrity/unknown-file", path, "files of a store", "another file", "look at it and move it away", Level.WARNING)
    for path, mode in patient.modes.items():
        yield Finding("vault/modes", path, "a mode that lets in nobody else", f"{mode:04o}", _REPAIR, Level.WARNING, True)


def _check_root_and_keys(patient: Patient, stack: contextlib.ExitStack) -> Iterator[Finding]:
    disk = patient.disk
    has_keys = bool(disk.size(KEYS))
    if not has_keys:
        yield Finding("integrity/keys", disk.path(KEYS), "the keys of this store", "no file", _BACKUP)
    if disk.size(root.NAME) is None and disk.size(root.NEXT) is None:
        remedy = "put it back from a backup: nothing opens without it"
        yield Finding("vault/root-key", disk.path(root.NAME), "the root key of this store", "no file", remedy)
        return
    try:
        roots = root.read_roots(disk, patient.passphrase)
    except VaultError as error:
        if error.code == "vault/passphrase":
            raise
        yield failed(error, disk.path(root.NAME))
        return
    if not has_keys:
        return
    try:
        database = stack.enter_context(contextlib.closing(Database(disk, KEYS)))
        if database.run("PRAGMA integrity_check") != [("ok",)]:
            yield Finding("integrity/database", database.path, "a whole database", "a damaged one", _BACKUP)
            return
        if database.value("SELECT value FROM meta WHERE name = 'format'") != str(FORMAT).encode():
            yield Finding("vault/format", database.path, f"format {FORMAT}", "another", "use the Tenure that wrote it, or a newer one")
            return
        patient.keys = OpenedKeys(database, roots)
        yield from _check_wraps(patient, patient.keys)
    except (VaultError, IntegrityError) as error:
        patient.keys = None
        if error.code == "vault/busy":
            raise
        yield failed(error, disk.path(KEYS))


def _check_wraps(patient: Patient, keys: OpenedKeys) -> Iterator[Finding]:
    """Unwrap every key."""
    path = keys.database.path
    count = 0
    for table in ("days", "holds"):
        for key, wrapped in keys.database.run(f"SELECT id, wrapped FROM {table}"):  # noqa: S608 - one of two literals
            count += 1
            try:
                wraps.unwrap(keys.root, cast(bytes, wrapped), path)
            except IntegrityError:
                yield Finding("integrity/key", path, f"the key {cast(bytes, key).hex()} under the root key", "changed bytes", _BACKUP)
    for key, wrapped, wrapper in keys.database.rows("SELECT key, wrapped, wrapper FROM buckets"):
        count += 1
        try:
            wraps.unwrap(keys.wrapping.secret(cast(bytes, wrapper)), cast(bytes, wrapped), path)
        except IntegrityError:
            yield Finding("integrity/key", path, f"the key {cast(bytes, key).hex()} under its day or hold", "changed bytes, or no such day", _BACKUP)
    patient.checked["keys"] = count
    for error in row_seals.changed(keys.database):
        yield failed(error, path)
    statement = "SELECT key FROM held WHERE key NOT IN (SELECT key FROM buckets) OR hold NOT IN (SELECT id FROM holds)"
    for (key,) in keys.database.run(statement):
        yield Finding("integrity/key", path, "holds on buckets that there are", f"one on {cast(bytes, key).hex()}", _BACKUP)


def _check_ledger(patient: Patient, keys: OpenedKeys) -> Iterator[Finding]:
    """Compare the tree with the entries."""
    path = keys.database.path
    count, first, last = keys.database.run("SELECT count(*), min(number), max(number) FROM entries")[0]
    patient.checked["entries"] = cast(int, count)
    if count and (first, last) != (0, cast(int, count) - 1):
        yield Finding("ledger/damaged", path, "the entries of the ledger in order", "some missing", _BACKUP)
        return
    for number, entry in keys.database.rows("SELECT number, entry FROM entries ORDER BY number"):
        try:
            parse_entry(cast(bytes, entry))
        except IntegrityError as error:
            yield failed(error, f"{path}: entry {cast(int, number)}")
    keys.entries_root = root_of(cast(bytes, entry) for (entry,) in keys.database.rows("SELECT entry FROM entries ORDER BY number"))
    try:
        keys.ledger = SqliteLedger(keys.database)
        is_whole = keys.ledger.root() == keys.entries_root
    except IntegrityError:
        is_whole = False
    if not is_whole:
        keys.ledger = None
        yield Finding("ledger/damaged", path, "the hashes over the entries of the ledger", "others, or none", _REPAIR, is_repairable=True)


def _check_anchor(patient: Patient, keys: OpenedKeys) -> Iterator[Finding]:
    path = keys.database.path
    try:
        seen = newest_seen(patient.anchor, keys.id, keys.verifier_key)
    except Error as error:
        yield failed(error, path)
        return
    size = patient.checked["entries"]
    if patient.anchor is not None and size > (0 if seen is None else seen.size):
        expected, found = f"the checkpoint of all {size} entries", "none" if seen is None else f"one of {seen.size}"
        remedy = "see that it can be written there; the next command that writes makes it anew"
        yield Finding("ledger/anchor-behind", patient.anchor.path(keys.id), expected, found, remedy, Level.WARNING)
    if seen is None:
        return
    statement = "SELECT entry FROM entries WHERE number < ? ORDER BY number"
    if seen.size > size:
        remedy = "this is an older copy: tenure vault restore brings it back without what was destroyed since"
        yield Finding("ledger/rolled-back", path, f"at least {seen.size} entries, as last seen here", str(size), remedy)
    elif root_of(cast(bytes, entry) for (entry,) in keys.database.rows(statement, (seen.size,))) != seen.root:
        yield Finding("ledger/forked", path, f"the first {seen.size} entries as last seen here", "others", "find out who changed it; " + _BACKUP)


def _check_catalogue(patient: Patient, stack: contextlib.ExitStack) -> Iterator[Finding]:
    disk = patient.disk
    path = disk.path(CATALOGUE)
    files = list(disk.names(segments.FOLDER))
    patient.checked["segments"] = len(files)
    if not disk.size(CATALOGUE):
        if files:
            yield Finding("integrity/catalogue", path, "the catalogue of the segments", "no file", f"{_REPAIR} makes it anew", is_repairable=True)
        return
    try:
        catalogue = patient.catalogue = stack.enter_context(contextlib.closing(Database(disk, CATALOGUE)))
        if catalogue.run("PRAGMA integrity_check") != [("ok",)]:
            raise IntegrityError(f"{path}: expected a whole database, found a damaged one", code="integrity/database")
        if catalogue.value("SELECT count(*) FROM sqlite_schema WHERE name IN ('frames', 'segments', 'state')") != 3:
            raise IntegrityError(f"{path}: expected the tables of a catalogue, found others", code="integrity/database")
    except (VaultError, IntegrityError) as error:
        if error.code == "vault/busy":
            raise
        yield Finding("integrity/catalogue", path, "the catalogue of the segments", "a damaged file", f"{_REPAIR} makes it anew", is_repairable=True)
        return
    buckets = patient.keys.buckets(patient.at) if patient.keys is not None and patient.is_true else None
    yield from check_frames(disk, catalogue, files, buckets, patient.checked)
