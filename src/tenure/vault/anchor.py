"""The newest checkpoint of each store that this machine has seen, outside of the store: an older copy of a store is known by it."""

from collections.abc import Callable
from typing import Protocol

from tenure.errors import DataError, IntegrityError
from tenure.ledger.checkpoint import Checkpoint, open_checkpoint
from tenure.records.note import parse_verifier_key
from tenure.vault.disk import Disk

_CHECKPOINT, _PLACE = ".checkpoint", ".place"


class Anchor(Protocol):
    """Where the newest checkpoint that this machine has seen is kept, outside of the store."""

    def read(self, store: str) -> str | None:
        """Return the signed checkpoint of a store; None when there is none."""
        ...

    def write(self, store: str, checkpoint: str, place: str) -> None:
        """Keep a signed checkpoint, and the folder that the store lies in."""
        ...

    def path(self, store: str) -> str:
        """Return where the checkpoint of a store is kept, for messages."""
        ...

    def place(self, store: str) -> str | None:
        """Return the folder that a store lay in when its checkpoint was kept; None when that is not known."""
        ...


def newest_seen(anchor: Anchor | None, store: str, verifier_key: str) -> Checkpoint | None:
    """Return the newest checkpoint of a store that this machine has seen; None when there is none.

    Args:
        anchor: where it is kept; None = nowhere.
        store: its id.
        verifier_key: of the store, which must have signed it.

    Raises:
        IntegrityError: it is damaged.
    """
    note = None if anchor is None else anchor.read(store)
    if anchor is None or note is None:
        return None
    try:
        return open_checkpoint(note, (parse_verifier_key(verifier_key),))
    except (DataError, IntegrityError) as error:
        message = f"{anchor.path(store)}: expected the newest checkpoint of this store that this machine has seen, found a damaged file"
        remedy = "compare the store with a checkpoint that was published; then remove that file: the next command that writes makes it anew"
        raise IntegrityError(message, code="ledger/anchor", remedy=remedy) from error


class FolderAnchor:
    """Checkpoints in a folder, one file per store, and beside each the folder of the store.

    Args:
        disk: the folder.
        is_store: whether a store lies in a folder.
    """

    def __init__(self, disk: Disk, is_store: Callable[[str], bool] = lambda _: True) -> None:
        self._disk, self._is_store = disk, is_store

    def read(self, store: str) -> str | None:
        """Return the signed checkpoint of a store; None when there is none."""
        name = store + _CHECKPOINT
        return None if self._disk.size(name) is None else self._disk.read(name).decode(errors="replace")

    def write(self, store: str, checkpoint: str, place: str) -> None:
        """Keep a signed checkpoint, and the folder that the store lies in."""
        if self.place(store) != place:
            self._disk.replace(store + _PLACE, f"{place}\n".encode(errors="surrogateescape"))
        self._disk.replace(store + _CHECKPOINT, checkpoint.encode())

    def path(self, store: str) -> str:
        """Return where the checkpoint of a store is kept."""
        return self._disk.path(store + _CHECKPOINT)

    def place(self, store: str) -> str | None:
        """Return the folder that a store lay in when its checkpoint was kept; None when that is not known."""
        name = store + _PLACE
        found = "" if self._disk.size(name) is None else self._disk.read(name).decode(errors="surrogateescape").removesuffix("\n")
        return found or None

    def strays(self) -> dict[str, list[str]]:
        """Return the stores that are no more where they lay, by id, with the paths of what is kept of each."""
        names = set(self._disk.names())
        places = {name.removesuffix(_PLACE): self.place(name.removesuffix(_PLACE)) for name in sorted(names) if name.endswith(_PLACE)}
        gone = [store for store, place in places.items() if place is not None and not self._is_store(place)]
        return {store: [self._disk.path(store + end) for end in (_CHECKPOINT, _PLACE) if store + end in names] for store in gone}

    def forget(self, store: str) -> None:
        """Remove what is kept of a store."""
        for end in (_CHECKPOINT, _PLACE):
            self._disk.remove(store + end)
