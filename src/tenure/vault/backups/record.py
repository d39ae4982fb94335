"""The record of backups in keys.db: when each was made and where, so that the doctor can say when one is due."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tenure.records.upkeep import is_in_doubt
from tenure.vault.backups.epochs import purge
from tenure.vault.disk import Disk

NAME = "backups"
"""Of the record, among what a store remembers."""


@dataclass(frozen=True, slots=True)
class Made:
    """When a backup was made, and where.

    Attributes:
        at: as `records.instants` writes it.
        place: the folder or file.
        epochs: the folder of the epoch keys, for a backup of keys.
    """

    at: str
    place: str
    epochs: str | None = None


def parse_record(content: bytes | None) -> dict[str, Made]:
    """Return the newest backup of each sort: `data`, `keys`, `root`; and `rotated`, when the root key was replaced."""
    return {} if content is None else {what: Made(**made) for what, made in json.loads(content).items()}


def render_record(made: Mapping[str, Made]) -> bytes:
    """Return the record as it is stored."""
    return json.dumps({what: {"at": each.at, "place": each.place, "epochs": each.epochs} for what, each in made.items()}).encode()


def purge_epochs(record: Mapping[str, Made], at: datetime, highest: datetime, folder: Callable[[str], Disk | None]) -> int:
    """Destroy the epoch keys that are over, where the last backup of the keys left them; return how many.

    Args:
        record: of the backups.
        at: the present.
        highest: the highest durable instant of the store.
        folder: returns what lies at a path; None = nothing does.
    """
    made = record.get("keys")
    if made is None or made.epochs is None or is_in_doubt(at, highest):
        return 0
    disk = folder(made.epochs)
    return 0 if disk is None else purge(disk, max(at, highest))
