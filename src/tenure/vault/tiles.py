"""The ledger of a store as files, `tiles/` in its folder: what others read, and what is left of it when keys.db is lost.

They are made from keys.db, and may be missing or behind: whoever needs the newest ledger takes it from there. Source: design 0002; C2SP tlog-tiles.
"""

import contextlib

from tenure.errors import DataError, VaultError
from tenure.ledger.checkpoint import Checkpoint, parse_checkpoint
from tenure.ledger.tiles import bundle_path, log_files, tile_path, tiles_of
from tenure.vault.disk import Disk
from tenure.vault.ledger import SqliteLedger

FOLDER = "tiles/"
CHECKPOINT = "checkpoint"
VERIFIER_KEY = "verifier-key"


def write_tiles(disk: Disk, ledger: SqliteLedger, checkpoint: str, verifier_key: str) -> None:
    """Bring the files up to the ledger. The checkpoint is replaced last, so that whatever it stands on is there.

    Args:
        disk: the folder of the store.
        ledger: the ledger.
        checkpoint: of it as it stands, signed.
        verifier_key: of the store.
    """
    seen = written(disk)
    if seen is not None and (seen.size > ledger.size or ledger.root(seen.size) != seen.root):
        seen = None  # of another ledger, or changed: all of it is written anew
    since = 0 if seen is None else seen.size
    if since == ledger.size:
        return
    for name, content in log_files(ledger, ledger.size, since):
        disk.replace(FOLDER + name, content)
    key = f"{verifier_key}\n".encode()
    if disk.size(FOLDER + VERIFIER_KEY) != len(key) or disk.read(FOLDER + VERIFIER_KEY) != key:
        disk.replace(FOLDER + VERIFIER_KEY, key)
    disk.replace(FOLDER + CHECKPOINT, checkpoint.encode())
    kept = set(tiles_of(ledger.size, since))
    for level, index, width in set(tiles_of(since, since)) - kept:
        disk.remove(FOLDER + tile_path(level, index, width))
        if level == 0:
            disk.remove(FOLDER + bundle_path(index, width))


def written(disk: Disk) -> Checkpoint | None:
    """Return the checkpoint that stands beside the tiles; None where there is none that can be read."""
    if disk.size(FOLDER + CHECKPOINT) is None:
        return None
    with contextlib.suppress(DataError, VaultError, UnicodeDecodeError):
        return parse_checkpoint(disk.read(FOLDER + CHECKPOINT).decode().partition("\n\n")[0] + "\n")
    return None
