"""A ledger as it was exported or published: `checkpoint`, `verifier-key` and `tile/...`, read and checked whole.

Source: C2SP tlog-tiles, https://c2sp.org/tlog-tiles.
"""

from collections.abc import Iterator
from itertools import islice

from tenure.errors import DataError, Error, IntegrityError
from tenure.ledger.checkpoint import Checkpoint, open_checkpoint
from tenure.ledger.tiles import WIDTH, bundle_path, parse_bundle
from tenure.ledger.tree import root_of
from tenure.records.note import parse_verifier_key
from tenure.vault.disk import Disk

CHECKPOINT = "checkpoint"


def read_published(disk: Disk, verifier_key: str, older: Checkpoint) -> list[bytes]:
    """Return the entries of a published ledger behind those of an older state of it.

    Args:
        disk: its folder.
        verifier_key: of the store, which must have signed it.
        older: the state that it has to extend.

    Raises:
        IntegrityError: it is damaged, older, or not the same ledger.
    """
    path = disk.path(CHECKPOINT)
    try:
        seen = open_checkpoint(disk.read(CHECKPOINT).decode(), (parse_verifier_key(verifier_key),))
    except (DataError, UnicodeDecodeError) as error:
        message = f"{path}: expected a checkpoint that this store signed, found another"
        raise IntegrityError(message, code="ledger/checkpoint", remedy="give the folder of a ledger of this store") from error
    if seen.size < older.size:
        message = f"{path}: expected a ledger of at least {older.size} entries, as the backup has, found {seen.size}"
        raise IntegrityError(message, code="ledger/rolled-back", remedy="give a newer export with --ledger, or none")
    if root_of(_entries(disk, seen.size)) != seen.root:
        message = f"{disk.path('tile/entries')}: expected the {seen.size} entries that the checkpoint is about, found others"
        raise IntegrityError(message, code="ledger/damaged", remedy="get it again from where it came")
    if root_of(islice(_entries(disk, seen.size), older.size)) != older.root:
        message = f"{path}: expected a ledger that begins with the {older.size} entries of the backup, found another"
        raise IntegrityError(message, code="ledger/forked", remedy="give the ledger of this very store")
    return list(islice(_entries(disk, seen.size), older.size, None))


def _entries(disk: Disk, size: int) -> Iterator[bytes]:
    """Yield the entries of a ledger, bundle by bundle: a ledger may be larger than the memory."""
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        name = bundle_path(index, width)
        if width < WIDTH and disk.size(name) is None:
            name = bundle_path(index)
        try:
            entries = parse_bundle(disk.read(name))[:width]
        except Error as error:
            remedy = "get it again from where it came"
            message = f"{disk.path(name)}: expected {width} entries of the ledger, found none"
            raise IntegrityError(message, code="ledger/damaged", remedy=remedy) from error
        if len(entries) != width:
            message = f"{disk.path(name)}: expected {width} entries of the ledger, found {len(entries)}"
            raise IntegrityError(message, code="ledger/damaged", remedy="get it again from where it came")
        yield from entries
