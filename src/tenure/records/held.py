"""What is held: who it belongs to, the bucket that has one key, the name of a record, and the permit without which nothing opens.

Source: docs/design/0002-held-data.md.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NewType

from tenure.errors import DataError
from tenure.records.ids import normal_id
from tenure.records.kinds import Kind, Purpose

KeyId = NewType("KeyId", bytes)
"""16 random bytes that name a key; they mean nothing once its row is gone."""

NO_LIMIT = date.max
"""The day of what is held without limit."""

_NAME = re.compile(r"([0-9a-f]{32})\.(\d{1,9})\.(\d{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose data it is. Never written to the ledger.

    Attributes:
        subject: the person's id; None = no person, or not known.
        org: the organisation's id; None = none.
        session: the session's id; None = none. All of them are taken into their one form.
    """

    subject: str | None = None
    org: str | None = None
    session: str | None = None

    def __post_init__(self) -> None:
        for name in ("subject", "org", "session"):
            value = getattr(self, name)
            if value is not None and not value.isascii():
                object.__setattr__(self, name, normal_id(value))


@dataclass(frozen=True, slots=True)
class Bucket:
    """The data of one owner and kind under the same terms that ends on the same day: what has one key.

    Attributes:
        key: names its key.
        owner: whose it is.
        kind: of all records.
        cells: canonical bytes of the plain cases whose meet are its terms, without `purpose` and `asked_at`.
        collected_at: of the earliest record, aware.
        expires_at: when it becomes unreadable, aware; None = held without limit.
        day: the day under whose key it stands; `NO_LIMIT` where `expires_at` is None.
        records: how many it holds.
        size: bytes of plaintext.
        holds: names of the holds on it.
        is_dead: whether it was to be destroyed while a legal hold was on it; it opens for nothing and goes with the last hold.
    """

    key: KeyId
    owner: Owner
    kind: Kind
    cells: tuple[bytes, ...]
    collected_at: datetime
    expires_at: datetime | None
    day: date
    records: int = 0
    size: int = 0
    holds: tuple[str, ...] = ()
    is_dead: bool = False


@dataclass(frozen=True, slots=True)
class RecordName:
    """The name of one record, written `KEY.BATCH.INDEX`.

    Attributes:
        key: its bucket's key.
        batch: which intake into that bucket, from 0.
        index: which record of the batch, from 0.
    """

    key: KeyId
    batch: int
    index: int

    def __str__(self) -> str:
        return f"{self.key.hex()}.{self.batch}.{self.index}"


def parse_record_name(text: str) -> RecordName:
    """Parse `KEY.BATCH.INDEX`.

    Raises:
        DataError: another form.
    """
    match = _NAME.fullmatch(text)
    if match is None:
        message = f"record: expected a name as `tenure vault put` prints, KEY.BATCH.INDEX, got {len(text)} characters"
        raise DataError(message, code="vault/record-name")
    return RecordName(KeyId(bytes.fromhex(match[1])), int(match[2]), int(match[3]))


@dataclass(frozen=True, slots=True)
class Permit:
    """What opens buckets: a receipt that is durable, and the keys that it is about.

    Attributes:
        index: of the receipt in the ledger.
        entry: its bytes; its `keys` is `keys_digest(keys)`.
        keys: the bucket keys that it opens.
        purposes: for which.
        until: aware; from then on it opens nothing.
    """

    index: int
    entry: bytes
    keys: frozenset[KeyId]
    purposes: frozenset[Purpose]
    until: datetime


@dataclass(frozen=True, slots=True)
class Sealed:
    """A frame as it lies in a segment.

    Attributes:
        key: whose bucket.
        batch: its number there.
        content: header and ciphertext.
        records: how many are in it.
        size: bytes of plaintext of all of them.
    """

    key: KeyId
    batch: int
    content: bytes
    records: int
    size: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A frame's records.

    Attributes:
        key: whose bucket.
        batch: its number there.
        offsets: n + 1 positions in `payload`; record i is `payload[offsets[i]:offsets[i + 1]]`.
        collected: n instants in microseconds since 1970-01-01 UTC.
        payload: the records end to end.
    """

    key: KeyId
    batch: int
    offsets: Sequence[int]
    collected: Sequence[int]
    payload: memoryview

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def record(self, index: int) -> memoryview:
        """Return the bytes of one record.

        Raises:
            IndexError: there is no such record.
        """
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.payload[self.offsets[index] : self.offsets[index + 1]]
