"""The files of a store, and whether a folder is one. Source: docs/design/0002-held-data.md, Files of a store."""

from tenure.errors import IntegrityError, VaultError
from tenure.vault import root, segments
from tenure.vault.disk import Disk, is_unfinished

KEYS = "keys.db"
CATALOGUE = "catalogue.db"
DATABASES = tuple(f"{name}{end}" for name in (KEYS, CATALOGUE) for end in ("", "-wal", "-shm", "-journal"))
"""The files of both, with what SQLite puts beside them."""
LOCK = "lock"
RESTORING = "restoring"
"""Stands in a folder while a store is restored into it."""


def need_store(disk: Disk, *, may_make: bool) -> None:
    """Refuse a folder that is no store, before anything in it is touched.

    Args:
        disk: the folder.
        may_make: whether one that is empty or absent will do.

    Raises:
        VaultError: there is no store, or other files.
        IntegrityError: parts of a store without its keys.
    """
    if any(disk.size(name) is not None for name in (root.NAME, root.NEXT, RESTORING)):
        return
    if disk.size(KEYS):
        raise no_root_key(disk)
    found = [name for name in disk.entries() if name != LOCK and not is_unfinished(name)]
    if segments.FOLDER.rstrip("/") in found or CATALOGUE in found:
        need_whole(disk)
    if found:
        message = f"{disk.path('')}: expected a store, or an empty folder to make one in, found other files"
        raise VaultError(message, code="vault/no-store", remedy="look at the path: --store DIR names another; nothing there was touched")
    if not may_make:
        remedy = "look at the path: --store DIR names another; tenure vault put makes one"
        raise VaultError(f"{disk.path('')}: expected a store, found none", code="vault/none", remedy=remedy)


def no_root_key(disk: Disk) -> VaultError:
    """Return the error that the root key of a store is missing."""
    message = f"{disk.path(root.NAME)}: expected the root key of this store, found no file"
    return VaultError(message, code="vault/root-key", remedy="put it back from a backup: nothing opens without it")


def need_whole(disk: Disk) -> None:
    """Refuse a store of which a file is missing, before anything is made that would stand in its place."""
    if disk.size(RESTORING) is not None:
        message = f"{disk.path(RESTORING)}: expected a whole store, found one that was not restored to the end"
        raise VaultError(message, code="vault/unfinished", remedy="run tenure vault restore again with --apply")
    if disk.size(KEYS) is None and (has_frames(disk) or disk.size(CATALOGUE)):
        message = f"{disk.path(KEYS)}: expected the keys of the segments beside it, found no file"
        raise IntegrityError(message, code="integrity/keys", remedy="restore it from a backup: tenure vault restore")
    if disk.size(KEYS) and disk.size(CATALOGUE) is None and has_frames(disk):
        raise no_catalogue(disk)


def has_frames(disk: Disk) -> bool:
    """Whether there is a segment."""
    return next(iter(disk.names(segments.FOLDER)), None) is not None


def no_catalogue(disk: Disk) -> IntegrityError:
    """Return the error that the catalogue of a store is missing."""
    message = f"{disk.path(CATALOGUE)}: expected the catalogue of the segments beside it, found none"
    return IntegrityError(message, code="integrity/catalogue", remedy="tenure vault doctor --repair makes it anew from the segments")
