"""Restore: a store from a backup of its data, one of its keys, and its root key. What was destroyed since is destroyed before anything is written.

The keys are opened in memory, the ledger's later destructions are replayed there, what is due goes, and only then the files are made; keys.db and
root.key last, under a mark that keeps a store that is half restored from being opened. Source: design 0002; guarantees G2 and G9.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from tenure.errors import IntegrityError, VaultError
from tenure.records.upkeep import Restored
from tenure.vault import epochs, root
from tenure.vault.backup import KeysBackup, Manifest, keys_backups, read_manifest
from tenure.vault.database import Database
from tenure.vault.disk import Disk
from tenure.vault.reopening import KeptKeys, Reopening
from tenure.vault.sealed_file import open_file
from tenure.vault.segments import segment_name
from tenure.vault.snapshot import in_memory, snapshot
from tenure.vault.store import CATALOGUE, KEYS, LOCK, RESTORING, Anchor

_PIECE = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sources:
    """Where a store is restored from.

    Attributes:
        data: the backup of its data.
        keys: the backups of its keys.
        epochs: the epoch keys that open those.
        root: the root key, 32 bytes.
        ledger: a ledger that is newer than the backup; None = the backup's is the newest.
        anchor: the newest checkpoint that this machine has seen; None = no check.
    """

    data: Disk
    keys: Disk
    epochs: Disk
    root: bytes
    ledger: Disk | None = None
    anchor: Anchor | None = None


def restore(target: Disk, sources: Sources, at: datetime, passphrase: bytes | None, random: Callable[[int], bytes], *, is_applied: bool) -> Restored:
    """Restore a store into a folder that is absent or empty.

    Args:
        target: the folder.
        sources: where from.
        at: the present.
        passphrase: seals the root key in the new store; None = it stands in the clear.
        random: source of random bytes.
        is_applied: whether to write it; otherwise everything is checked, and nothing written.

    Raises:
        VaultError: a folder that is not empty, no backup, an epoch that is over, the wrong root key, an unknown format.
        IntegrityError: damaged files, or a ledger older than the newest checkpoint.
    """
    _need_empty(target)
    manifest = read_manifest(sources.data)
    if manifest is None:
        raise _none(sources.data, "a backup of data", "give the folder of tenure vault backup --data")
    backup, content = _open_keys(sources, manifest.store, at)
    for name in manifest.files:
        _read(sources.data, manifest, name)
    shown = sources.keys.path(backup.name)
    with in_memory(content, shown) as database:
        kept = Reopening(database, sources.root, sources.ledger, sources.anchor, random).run(at)
        epoch = epochs.living(sources.epochs, backup.epoch, kept.now)
        if epoch is None:
            raise _over(sources.keys, backup)
        with in_memory(_catalogue(sources.data, manifest), sources.data.path(manifest.catalogue)) as catalogue:
            lost = _match(catalogue, kept, manifest)
            if is_applied:
                _write(target, sources, manifest, snapshot(catalogue), snapshot(database), passphrase, random)
                if sources.anchor is not None:
                    sources.anchor.write(kept.store, kept.checkpoint)
    return Restored(
        store=kept.store,
        keys_at=backup.at,
        data_at=manifest.at,
        entries=kept.entries,
        buckets=len(kept.batches),
        records=kept.records,
        destroyed=kept.destroyed,
        lost_buckets=lost,
        lost_records=kept.lost_records,
        narrowed=kept.narrowed,
        lost_facts=kept.lost_facts,
        is_anchored=kept.is_anchored,
        is_applied=is_applied,
    )


def _need_empty(target: Disk) -> None:
    names = [name for name in target.names() if name != LOCK and not name.startswith(".new-")]
    if names and RESTORING not in names:
        message = f"{target.path('')}: expected an absent or empty folder to restore into, found {len(names)} files"
        raise VaultError(message, code="vault/not-empty", remedy="move what is there aside, or restore to another place with --store DIR")


def _open_keys(sources: Sources, store: str, at: datetime) -> tuple[KeysBackup, bytes]:
    """Return the newest backup of keys whose epoch lives, opened."""
    backups = [backup for backup in keys_backups(sources.keys) if backup.store == store]
    if not backups:
        raise _none(sources.keys, f"a backup of the keys of the store {store}", "give the folder of tenure vault backup --keys")
    for backup in reversed(backups):
        epoch = epochs.living(sources.epochs, backup.epoch, at)
        if epoch is not None:
            path = sources.keys.path(backup.name)
            return backup, open_file(epoch.secret, sources.keys.read(backup.name), path)
    raise _over(sources.keys, backups[-1])


def _none(disk: Disk, expected: str, remedy: str) -> VaultError:
    return VaultError(f"{disk.path('')}: expected {expected}, found none", code="backup/none", remedy=remedy)


def _over(disk: Disk, backup: KeysBackup) -> VaultError:
    message = f"{disk.path(backup.name)}: expected a backup whose epoch key still lives, found one of {backup.at:%Y-%m-%d %H:%M} UTC"
    remedy = "epoch keys live 24 hours: without a younger backup of the keys, what they sealed is gone"
    return VaultError(message, code="backup/epoch-over", remedy=remedy)


def _catalogue(data: Disk, manifest: Manifest) -> bytes:
    return data.read(manifest.catalogue, 0, manifest.files[manifest.catalogue][0])


def _read(data: Disk, manifest: Manifest, name: str, to: Disk | None = None) -> None:
    """Check a file of a backup against its digest, and copy it."""
    size, expected = manifest.files[name]
    digest = hashlib.sha256()
    for place in range(0, size, _PIECE):
        piece = data.read(name, place, min(_PIECE, size - place)) if data.size(name) is not None else b""
        digest.update(piece)
        if to is not None:
            to.append(name, piece)
    if digest.hexdigest() != expected:
        message = f"{data.path(name)}: expected the {size} bytes that were backed up, found others"
        raise IntegrityError(message, code="backup/damaged", remedy="use another backup of the data")
    if to is not None:
        to.sync(name)


def _match(catalogue: Database, kept: KeptKeys, manifest: Manifest) -> int:
    """Drop the frames that no key opens; return how many buckets lack frames."""
    found: dict[bytes, int] = {}
    dead: list[tuple[bytes, int]] = []
    live: dict[int, int] = {}
    names = {number: segment_name(cast(str, day), cast(int, number)) for number, day in catalogue.run("SELECT number, day FROM segments")}
    for row in catalogue.rows("SELECT key, batch, segment, offset, length FROM frames"):
        key, batch, segment, offset, length = cast(tuple[bytes, int, int, int, int], row)
        if batch >= kept.batches.get(key, 0):
            dead.append((key, batch))
            continue
        if offset + length > manifest.files.get(names.get(segment, ""), (0, ""))[0]:
            message = f"{manifest.catalogue}: expected frames that the backup has, found one beyond its segments"
            raise IntegrityError(message, code="backup/damaged", remedy="use another backup of the data")
        found[key] = found.get(key, 0) + 1
        live[segment] = live.get(segment, 0) + length
    with catalogue.transaction():
        catalogue.many("DELETE FROM frames WHERE key = ? AND batch = ?", dead)
        for number, name in names.items():
            size = manifest.files.get(name, (0, ""))[0]
            catalogue.run("UPDATE segments SET size = ?, live = ? WHERE number = ?", (size, live.get(cast(int, number), 0), number))
        catalogue.run("DELETE FROM segments WHERE live = 0")
        catalogue.run("INSERT OR REPLACE INTO state(name, value) VALUES ('unsettled', 1)")
    return sum(1 for key, batches in kept.batches.items() if found.get(key, 0) < batches)


def _write(
    target: Disk, sources: Sources, manifest: Manifest, catalogue: bytes, keys: bytes, passphrase: bytes | None, random: Callable[[int], bytes]
) -> None:
    with target.lock(LOCK):
        for name in list(target.names()):
            if name not in (LOCK, RESTORING):
                target.shred(name)  # what an interrupted run left: the root key may be in it
        target.replace(RESTORING, b"a restore that was interrupted: run it again\n")
        with in_memory(catalogue, manifest.catalogue) as database:
            rows = cast(list[tuple[str, int]], database.run("SELECT day, number FROM segments"))
        for day, number in rows:
            _read(sources.data, manifest, segment_name(day, number), target)
        target.replace(CATALOGUE, catalogue)
        target.replace(KEYS, keys)
        root.write_root(target, sources.root, passphrase, random)
        target.remove(RESTORING)
