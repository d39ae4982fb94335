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
from tenure.vault import root
from tenure.vault.anchor import Anchor
from tenure.vault.backups import epochs
from tenure.vault.backups.data import Manifest, read_manifest
from tenure.vault.backups.keys import KeysBackup, keys_backups
from tenure.vault.backups.revival import KeptKeys, Revival
from tenure.vault.backups.sealed_file import open_file
from tenure.vault.database import Database
from tenure.vault.disk import Disk, is_unfinished
from tenure.vault.segments import SEGMENT, segment_name
from tenure.vault.snapshot import in_memory, snapshot
from tenure.vault.store import CATALOGUE, DATABASES, KEYS, LOCK, RESTORING

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
        folder: returns what lies at a path; None = nothing does.
    """

    data: Disk
    keys: Disk
    epochs: Disk
    root: bytes
    ledger: Disk | None = None
    anchor: Anchor | None = None
    folder: Callable[[str], Disk | None] = lambda _: None


def restore(
    target: Disk,
    sources: Sources,
    at: datetime,
    passphrase: bytes | None,
    random: Callable[[int], bytes],
    *,
    is_applied: bool,
    takes_over: bool | None = None,
) -> Restored:
    """Restore a store into a folder that is absent or empty.

    Two stores that go on with one log would each prove the other false. So what is restored either takes the place of the store, or is a copy
    with an id, a signing key and a log of its own from there on.

    Args:
        target: the folder.
        sources: where from.
        at: the present.
        passphrase: seals the root key in the new store; None = it stands in the clear.
        random: source of random bytes.
        is_applied: whether to write it; otherwise everything is checked, and nothing written.
        takes_over: whether it takes the place of the store; None = unless this machine still has that in another folder.

    Raises:
        VaultError: a folder that is not empty, no backup, an epoch that is over, the wrong root key, an unknown format.
        IntegrityError: damaged files, or a ledger older than the newest checkpoint.
    """
    manifest = read_manifest(sources.data)
    if manifest is None or not manifest.catalogue:
        raise _none(sources.data, "a backup of data", "give the folder of tenure vault backup --data")
    _need_empty(target, manifest.store)
    other = _elsewhere(target, sources, manifest.store)
    is_copy = other is not None if takes_over is None else not takes_over
    backup, content = _open_keys(sources, manifest.store, at)
    for name in manifest.files:
        _read(sources.data, manifest, name)
    shown = sources.keys.path(backup.name)
    with in_memory(content, shown) as database:
        kept = Revival(database, sources.root, sources.ledger, sources.anchor, random, is_copy=is_copy).run(at)
        epoch = epochs.living(sources.epochs, backup.epoch, kept.now)
        if epoch is None:
            raise _over(sources.keys, backup)
        with in_memory(_catalogue(sources.data, manifest), sources.data.path(manifest.catalogue)) as catalogue:
            lost = _match(catalogue, kept, manifest)
            if is_applied:
                _write(target, sources, manifest, snapshot(catalogue), snapshot(database), passphrase, random)
                if sources.anchor is not None:
                    sources.anchor.write(kept.store, kept.checkpoint, target.path(""))
    return Restored(
        store=manifest.store,
        restored_as=kept.store,
        other=other,
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


def _elsewhere(target: Disk, sources: Sources, store: str) -> str | None:
    """Return the folder in which this machine still has the store; None where it has not."""
    place = None if sources.anchor is None else sources.anchor.place(store)
    disk = None if place is None or place == target.path("") else sources.folder(place)
    return None if disk is None or not disk.size(KEYS) else place


def _mark(store: str) -> bytes:
    """Return what stands in a folder while a store is restored into it."""
    return f"the store {store} was not restored to the end: run tenure vault restore again\n".encode()


def _is_ours(name: str) -> bool:
    return name in (LOCK, RESTORING, root.NAME, *DATABASES) or SEGMENT.fullmatch(name) is not None or is_unfinished(name)


def _need_empty(target: Disk, store: str) -> None:
    """Refuse a folder with anything in it but what a restore of this store that was interrupted left."""
    names = [name for name in target.names() if name != LOCK and not is_unfinished(name)]
    is_marked = RESTORING in names and target.read(RESTORING) == _mark(store)
    if names and not (is_marked and all(_is_ours(name) for name in names)):
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
    name = epochs.name_of(backups[-1].epoch)
    if sources.epochs.path(name) in epochs.damaged(sources.epochs):
        message = f"{sources.epochs.path(name)}: expected an epoch key, found a damaged file"
        raise IntegrityError(message, code="backup/damaged", remedy="use another backup of the keys, with its epoch key")
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
    source, digest = manifest.place(name), hashlib.sha256()
    for place in range(0, size, _PIECE):
        piece = data.read(source, place, min(_PIECE, size - place)) if data.size(source) is not None else b""
        digest.update(piece)
        if to is not None:
            to.append(name, piece)
    if digest.hexdigest() != expected:
        message = f"{data.path(source)}: expected the {size} bytes that were backed up, found others"
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
            if name not in (LOCK, RESTORING) and _is_ours(name):
                target.shred(name)  # what an interrupted run left: the root key may be in it
        target.replace(RESTORING, _mark(manifest.store))
        with in_memory(catalogue, manifest.catalogue) as database:
            rows = cast(list[tuple[str, int]], database.run("SELECT day, number FROM segments"))
        for day, number in rows:
            _read(sources.data, manifest, segment_name(day, number), target)
        target.replace(CATALOGUE, catalogue)
        target.replace(KEYS, keys)
        root.write_root(target, sources.root, passphrase, random)
        target.remove(RESTORING)
