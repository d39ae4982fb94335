"""The tiles of a store as files: made from the ledger, so that each can be compared with it and made anew."""

from collections.abc import Iterator

from tenure.errors import DataError, Error
from tenure.ledger.checkpoint import parse_checkpoint
from tenure.ledger.tiles import HEIGHT, WIDTH, bundle_path, render_bundle, tile_path, tiles_of
from tenure.records.upkeep import Finding, Level
from tenure.vault.disk import Disk
from tenure.vault.ledger import SqliteLedger

FOLDER = "tiles/"
_REPAIR = "tenure vault doctor --repair"


def check_tiles(disk: Disk, ledger: SqliteLedger | None) -> Iterator[Finding]:
    """Compare the tiles that the newest checkpoint beside them stands on with the ledger; nothing where there are none."""
    if ledger is None or disk.size(f"{FOLDER}checkpoint") is None:
        return
    for name, content in tile_files(disk, ledger):
        path = disk.path(name)
        if disk.size(name) is None:
            yield Finding("ledger/tiles", path, "a tile of the ledger", "no file", _REPAIR, Level.WARNING, True)
        elif disk.read(name) != content:
            yield Finding("ledger/tiles", path, "a tile of the ledger", "other bytes", _REPAIR, is_repairable=True)


def tile_files(disk: Disk, ledger: SqliteLedger) -> Iterator[tuple[str, bytes]]:
    """Yield the tiles that the newest checkpoint beside them stands on, by name."""
    try:
        size = parse_checkpoint(disk.read(f"{FOLDER}checkpoint").decode().partition("\n\n")[0] + "\n").size
    except (DataError, Error, UnicodeDecodeError):
        size = ledger.size
    size = min(size, ledger.size)
    for level, index, width in tiles_of(size):
        hashes = b"".join(ledger.hash(level * HEIGHT, index * WIDTH + place) for place in range(width))
        yield FOLDER + tile_path(level, index, width), hashes
        if level == 0:
            entries = list(ledger.entries(index * WIDTH, index * WIDTH + width))
            yield FOLDER + bundle_path(index, width), render_bundle(entries)
