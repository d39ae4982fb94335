"""The newest checkpoint of each store that this machine has seen, outside of the store: an older copy of a store is known by it."""

from tenure.vault.disk import Disk


class FolderAnchor:
    """Checkpoints in a folder, one file per store.

    Args:
        disk: the folder.
    """

    def __init__(self, disk: Disk) -> None:
        self._disk = disk

    def read(self, store: str) -> str | None:
        """Return the signed checkpoint of a store; None when there is none."""
        name = _name(store)
        return None if self._disk.size(name) is None else self._disk.read(name).decode(errors="replace")

    def write(self, store: str, checkpoint: str) -> None:
        """Keep a signed checkpoint."""
        self._disk.replace(_name(store), checkpoint.encode())


def _name(store: str) -> str:
    return f"{store}.checkpoint"
