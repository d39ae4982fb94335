"""What the upkeep of a store reports: backups that were made, what a restore brings back and destroys, what an examination found.

Source: docs/design/0002-held-data.md; design idea 2.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

EPOCH_LIFE = timedelta(hours=24)
"""An epoch key lives so long: after it, what was sealed under it opens nowhere. The bound of G2 for backups."""
EPOCH_TURN = timedelta(hours=12)
"""A new epoch key is made after so long, so that epochs overlap and every backup of keys can be used for at least as long."""
LONGEST_PAUSE = timedelta(days=30)
"""A store that is opened longer after its highest durable instant is in doubt: nothing is destroyed by such a clock."""
WARN_AFTER = timedelta(hours=12)
FAIL_AFTER = EPOCH_LIFE


def is_in_doubt(at: datetime, highest: datetime, longest: timedelta = LONGEST_PAUSE) -> bool:
    """Whether an instant is too far past the highest durable one to destroy anything by it."""
    return at - highest > longest  # a sum could pass the last year that there is


@dataclass(frozen=True, slots=True)
class BackedUp:
    """A backup that was made.

    Attributes:
        what: `data`, `keys` or `root`.
        place: the folder or file.
        files: how many files it has.
        size: bytes of all of them.
        copied: bytes that were written by this run.
        epochs_destroyed: how many epoch keys had come to their end and were destroyed.
    """

    what: str
    place: str
    files: int
    size: int
    copied: int
    epochs_destroyed: int = 0


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore brings back.

    Attributes:
        store: the id of the store that was backed up.
        restored_as: the id of what is restored: the same, or another where it is a copy, whose log goes its own way.
        other: the folder in which this machine still has the store; None where it has not.
        keys_at: when the keys were backed up.
        data_at: when the data were backed up.
        entries: how many entries of a newer ledger were replayed.
        buckets: how many open again.
        records: in them.
        destroyed: how many buckets of the backup were destroyed by the replay, or because their time is over.
        lost_buckets: how many that open again lack frames, which are not in the backup of the data.
        lost_records: how many were taken in after the backup of the keys.
        narrowed: how many open for nothing that turns on what is not known, since consents or terms changed after the backup.
        lost_facts: how many changes to accounts and answers to questions came after it.
        is_anchored: whether the ledger reaches the newest checkpoint that this machine has seen; None = it has seen none.
        is_applied: whether it was written.
    """

    store: str
    restored_as: str
    other: str | None
    keys_at: datetime
    data_at: datetime
    entries: int
    buckets: int
    records: int
    destroyed: int
    lost_buckets: int
    lost_records: int
    narrowed: int
    lost_facts: int
    is_anchored: bool | None
    is_applied: bool


    @property
    def is_copy(self) -> bool:
        """Whether the store that was backed up goes on beside it."""
        return self.store != self.restored_as


@dataclass(frozen=True, slots=True)
class Rotated:
    """A root key that was replaced.

    Attributes:
        keys: how many keys were wrapped anew.
        receipt: index of the ledger entry.
        is_sealed: whether it stands under a passphrase.
    """

    keys: int
    receipt: int
    is_sealed: bool


class Level(StrEnum):
    """How bad a finding is."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be.

    Attributes:
        code: stable name, as of an error.
        where: the file.
        expected: what should be there.
        found: what is there.
        remedy: what to do about it.
        level: a problem, or a warning.
        is_repairable: whether `tenure vault doctor --repair` mends it.
    """

    code: str
    where: str
    expected: str
    found: str
    remedy: str
    level: Level = Level.PROBLEM
    is_repairable: bool = False


@dataclass(frozen=True, slots=True)
class Examination:
    """What an examination of a store found.

    Attributes:
        store: its id; None where the keys cannot be read.
        checked: how many of each thing were looked at, such as `frames`.
        findings: in the order of the checks.
        repaired: what was mended, in words.
        epochs_destroyed: how many epoch keys had come to their end and were destroyed.
    """

    store: str | None
    checked: dict[str, int]
    findings: tuple[Finding, ...]
    repaired: tuple[str, ...] = ()
    epochs_destroyed: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether there is no problem; warnings aside."""
        return not any(finding.level == Level.PROBLEM for finding in self.findings)
