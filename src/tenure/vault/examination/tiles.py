"""The ledger of a store as files, compared with the ledger."""

from collections.abc import Iterator

from tenure.ledger.tiles import log_files
from tenure.records.upkeep import Finding, Level
from tenure.vault.disk import Disk
from tenure.vault.ledger import SqliteLedger
from tenure.vault.tiles import CHECKPOINT, FOLDER, written

_REPAIR = "tenure vault doctor --repair"


def check_tiles(disk: Disk, ledger: SqliteLedger | None) -> Iterator[Finding]:
    """Compare the files with the ledger, up to the checkpoint beside them: they may be behind."""
    if ledger is None or not ledger.size:
        return
    seen = written(disk)
    if seen is None:
        if disk.size(FOLDER + CHECKPOINT) is None:
            found, level = "no file; the next command that writes makes it", Level.WARNING
        else:
            found, level = "other bytes", Level.PROBLEM
        yield Finding("ledger/tiles", disk.path(FOLDER + CHECKPOINT), "a checkpoint of the ledger", found, _REPAIR, level, True)
        return
    if seen.size > ledger.size or ledger.root(seen.size) != seen.root:
        yield Finding("ledger/tiles", disk.path(FOLDER + CHECKPOINT), "a checkpoint of this ledger", "that of another", _REPAIR, is_repairable=True)
        return
    for name, content in log_files(ledger, seen.size):
        path = disk.path(FOLDER + name)
        if disk.size(FOLDER + name) is None:
            yield Finding("ledger/tiles", path, "a tile of the ledger", "no file", _REPAIR, Level.WARNING, True)
        elif disk.read(FOLDER + name) != content:
            yield Finding("ledger/tiles", path, "a tile of the ledger", "other bytes", _REPAIR, is_repairable=True)
