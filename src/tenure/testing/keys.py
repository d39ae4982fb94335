"""A fake of the key ring: the same rules in plain dicts. Destroying a key drops its secret, so that what it sealed opens nowhere."""

import hmac
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenure.errors import DataError, IntegrityError, VaultError
from tenure.ports import Selection
from tenure.records.held import NO_LIMIT, Bucket, KeyId, Opened, Owner, Permit, Sealed
from tenure.records.kinds import Kind, Purpose

_MAGIC = b"MEMF"
_HEADER = 24
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Row:
    """A bucket and what nobody else may see of it.

    Attributes:
        bucket: the bucket.
        secret: its key.
        batches: how many there are.
        has_day: whether the day under whose key it belongs was not destroyed.
    """

    bucket: Bucket
    secret: bytes
    batches: int = 0
    has_day: bool = True


@dataclass(slots=True)
class Keys:
    """Everything that a key ring knows, to be copied and put back.

    Attributes:
        rows: by key, in the order in which they were made.
        days: id of the key by day.
        holds: id of the key and kind by name.
    """

    rows: dict[KeyId, Row] = field(default_factory=dict)
    days: dict[date, KeyId] = field(default_factory=dict)
    holds: dict[str, tuple[KeyId, str]] = field(default_factory=dict)

    def copy(self) -> "Keys":
        """Return the same once more."""
        return Keys(dict(self.rows), dict(self.days), dict(self.holds))


class MemoryKeyRing:
    """A key ring that forgets.

    Args:
        random: source of random bytes.
        check: raises VaultError unless a permit's receipt is durable and says what the permit says.
    """

    def __init__(self, random: Callable[[int], bytes], check: Callable[[Permit], None]) -> None:
        self.kept = Keys()
        self._random = random
        self._check = check

    def make(self, owner: Owner, kind: Kind, cells: Sequence[bytes], collected_at: datetime, expires_at: datetime | None) -> Bucket:
        """Return the bucket for such data: the one that there is, or a new one."""
        if expires_at is not None and expires_at <= collected_at:
            raise VaultError("bucket: expected an end after the collection, got one before", code="vault/already-over")
        sought = (owner, kind, tuple(cells), _day(expires_at))
        for key, row in self.kept.rows.items():
            found = row.bucket
            is_free = not (found.is_dead or found.holds) and (found.expires_at is None or found.expires_at > collected_at)
            if is_free and (found.owner, found.kind, found.cells, found.day) == sought:
                return self._put(
                    row, replace(found, collected_at=min(found.collected_at, collected_at), expires_at=_sooner(found.expires_at, expires_at)), key
                )
        self.day_key(sought[3])
        bucket = Bucket(KeyId(self._random(16)), owner, kind, tuple(cells), collected_at, expires_at, sought[3])
        return self._put(Row(bucket, self._random(32)), bucket, bucket.key)

    def _put(self, row: Row, bucket: Bucket, key: KeyId) -> Bucket:
        self.kept.rows[key] = replace(row, bucket=bucket)
        return bucket

    def buckets(self, selection: Selection = Selection()) -> Iterator[Bucket]:  # noqa: B008 - frozen
        """Yield the buckets of a selection, in the order in which they were made."""
        for row in list(self.kept.rows.values()):
            if _is_selected(row.bucket, selection):
                yield row.bucket

    def day_key(self, day: date) -> KeyId:
        """Return the id of a day's key; it is made when it is first asked for."""
        if day not in self.kept.days:
            self.kept.days[day] = KeyId(self._random(16))
        return self.kept.days[day]

    def days(self) -> Sequence[tuple[date, KeyId]]:
        """Return the days that have a key, in order."""
        return sorted(self.kept.days.items())

    def commitment(self, key: KeyId, content: bytes) -> bytes:
        """Return 32 bytes that bind to `content` for as long as the bucket's key lives."""
        return hmac.digest(self._living(key).secret, b"commit" + content, "sha256")

    def seal(self, key: KeyId, records: Sequence[bytes], collected: Sequence[datetime]) -> Sealed:
        """Seal records as the bucket's next batch and count them as held."""
        row = self._living(key)
        if len(records) != len(collected):
            raise DataError(f"seal: expected an instant for each of {len(records)} records, got {len(collected)}", code="data/length")
        size, batch = sum(len(record) for record in records), row.batches
        held = replace(row.bucket, records=row.bucket.records + len(records), size=row.bucket.size + size)
        self.kept.rows[key] = replace(row, bucket=held, batches=batch + 1)
        return Sealed(key, batch, _sealed(row.secret, key, batch, records, collected), len(records), size)

    def open(self, permit: Permit, at: datetime) -> "MemoryOpener":
        """Return what opens the frames of the permit's buckets."""
        if at >= permit.until:
            raise VaultError("permit: expected one that is not over, got an older one", code="vault/permit-over", remedy="ask again")
        self._check(permit)
        return MemoryOpener({key: self._openable(key, permit, at) for key in permit.keys})

    def _openable(self, key: KeyId, permit: Permit, at: datetime) -> bytes:
        row = self._living(key)
        end = row.bucket.expires_at
        is_for_safety = permit.purposes == {Purpose.SAFETY} and any(self.kept.holds[name][1] == "safety" for name in row.bucket.holds)
        if end is not None and end <= at and not is_for_safety:
            raise VaultError(f"bucket {key.hex()}: expected one whose time is not over, found an expired one", code="vault/expired")
        return row.secret

    def tighten(self, keys: Collection[KeyId], cells: Sequence[bytes], expires_at: datetime | None) -> None:
        """Add cells to buckets and move them under the key of an earlier day."""
        rows = [self._row(key) for key in keys]
        for row in rows:
            if expires_at is not None and _day(expires_at) > row.bucket.day:
                message = f"bucket {row.bucket.key.hex()}: expected a day up to {row.bucket.day}, got {_day(expires_at)}: terms only tighten"
                raise VaultError(message, code="vault/later-day")
        for row in rows:
            bucket = replace(row.bucket, cells=tuple(dict.fromkeys((*row.bucket.cells, *cells))))
            if expires_at is not None:
                bucket = replace(bucket, expires_at=_sooner(bucket.expires_at, expires_at), day=_day(expires_at))
                if not bucket.holds:
                    self.day_key(bucket.day)
            self._put(row, bucket, bucket.key)

    def pass_to(self, keys: Collection[KeyId], subject: str) -> None:
        """Give buckets to another person."""
        for key in keys:
            if key in self.kept.rows:
                row = self.kept.rows[key]
                self._put(row, replace(row.bucket, owner=replace(row.bucket.owner, subject=subject)), key)

    def hold(self, name: str, keys: Collection[KeyId], kind: str) -> KeyId:
        """Put a hold on buckets and return the id of its key."""
        if kind not in ("legal", "safety"):
            raise VaultError(f"hold {name}: expected a legal or a safety hold, got another kind", code="hold/kind")
        hold, known = self.kept.holds.get(name, (None, kind))
        if known != kind:
            raise VaultError(f"hold {name}: expected a {known} hold, as it was made, got {kind}", code="hold/kind", remedy="choose another name")
        rows = [self._row(key) for key in keys]
        if hold is None:
            hold = KeyId(self._random(16))
            self.kept.holds[name] = hold, kind
        for row in rows:
            self._put(row, replace(row.bucket, holds=tuple(sorted({*row.bucket.holds, name}))), row.bucket.key)
        return hold

    def holds(self) -> Mapping[str, tuple[KeyId, str]]:
        """Return the holds: the id of the key and the kind, by name."""
        return dict(sorted(self.kept.holds.items()))

    def release(self, name: str, keys: Collection[KeyId] | None = None) -> Sequence[KeyId]:
        """Lift a hold from buckets; return those that are gone with it."""
        if name not in self.kept.holds:
            remedy = "tenure vault status lists the holds"
            raise VaultError(f"hold {name}: expected a hold of that name, found none", code="hold/unknown", remedy=remedy)
        covered = [row for row in self.kept.rows.values() if name in row.bucket.holds and (keys is None or row.bucket.key in keys)]
        gone = [row.bucket.key for row in covered if self._is_gone_without(row, name)]
        if not any(name in row.bucket.holds for row in self.kept.rows.values()):
            del self.kept.holds[name]
        return gone

    def _is_gone_without(self, row: Row, name: str) -> bool:
        bucket = replace(row.bucket, holds=tuple(each for each in row.bucket.holds if each != name))
        is_kept = self._is_legal(bucket) if bucket.is_dead else bool(bucket.holds) or row.has_day
        if not is_kept:
            del self.kept.rows[bucket.key]
            return True
        self._put(row, bucket, bucket.key)
        if not bucket.holds:
            self.day_key(bucket.day)
        return False

    def _is_legal(self, bucket: Bucket) -> bool:
        return any(self.kept.holds[name][1] == "legal" for name in bucket.holds)

    def destroy(self, keys: Collection[KeyId]) -> Sequence[KeyId]:
        """Destroy the keys of buckets; return those that a legal hold keeps."""
        kept = []
        for key in dict.fromkeys(keys):
            row = self.kept.rows.get(key)
            if row is not None and self._is_legal(row.bucket):
                kept.append(key)
                self._put(row, replace(row.bucket, is_dead=True), key)
            else:
                self.kept.rows.pop(key, None)
        return kept

    def destroy_days(self, until: date) -> Sequence[tuple[date, KeyId]]:
        """Destroy the keys of all days up to and with `until`, and the buckets under them that no hold is on."""
        gone = [(day, key) for day, key in self.days() if day <= until and day != NO_LIMIT]
        for day, _ in gone:
            del self.kept.days[day]
        for key, row in list(self.kept.rows.items()):
            if row.bucket.day <= until and row.bucket.day != NO_LIMIT:
                if row.bucket.holds:
                    self.kept.rows[key] = replace(row, has_day=False)
                else:
                    del self.kept.rows[key]
        return gone

    def scrub(self) -> None:
        """Nothing is left here of what was destroyed."""

    def _row(self, key: KeyId) -> Row:
        row = self.kept.rows.get(key)
        if row is None:
            raise _no_key(key)
        return row

    def _living(self, key: KeyId) -> Row:
        row = self._row(key)
        if row.bucket.is_dead:
            raise _no_key(key)
        return row


class MemoryOpener:
    """What a permit opens.

    Args:
        secrets: the bucket keys.
    """

    def __init__(self, secrets: Mapping[KeyId, bytes]) -> None:
        self._secrets = secrets

    def open(self, frame: bytes) -> Opened:
        """Open a frame."""
        if len(frame) < _HEADER or frame[:4] != _MAGIC:
            raise IntegrityError("frame: expected a sealed frame, found other bytes", code="integrity/frame")
        key, batch = KeyId(frame[4:20]), int.from_bytes(frame[20:24], "big")
        if key not in self._secrets:
            raise VaultError(f"bucket {key.hex()}: expected one that the permit covers, got another", code="vault/no-permit")
        try:
            inside = AESGCM(self._secrets[key]).decrypt(frame[12:24], frame[_HEADER:], frame[:_HEADER])
        except InvalidTag as error:
            raise IntegrityError(f"frame {key.hex()}.{batch}: expected what was sealed, found changed bytes", code="integrity/frame") from error
        head, _, payload = inside.partition(b"\n")
        offsets, collected = json.loads(head)
        return Opened(key, batch, offsets, collected, memoryview(payload))


def _sealed(secret: bytes, key: KeyId, batch: int, records: Sequence[bytes], collected: Sequence[datetime]) -> bytes:
    header = _MAGIC + key + batch.to_bytes(4, "big")
    offsets = [0, *accumulate(len(record) for record in records)]
    instants = [(at - _EPOCH) // _MICROSECOND for at in collected]
    inside = json.dumps([offsets, instants]).encode() + b"\n" + b"".join(records)
    return header + AESGCM(secret).encrypt(header[12:24], inside, header)


def _no_key(key: KeyId) -> VaultError:
    message = f"bucket {key.hex()}: expected one that has a key, found none: never made here, or destroyed"
    return VaultError(message, code="vault/no-key", remedy="tenure vault why RECORD says what became of it")


def _day(expires_at: datetime | None) -> date:
    return NO_LIMIT if expires_at is None else expires_at.astimezone(UTC).date()


def _sooner(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)


def _is_selected(bucket: Bucket, selection: Selection) -> bool:
    owner = bucket.owner
    given: tuple[tuple[object, Collection[object] | None], ...] = (
        *((owner.subject, selection.subjects), (owner.org, selection.orgs), (owner.session, selection.sessions)),
        *((bucket.kind, selection.kinds), (bucket.key, selection.keys)),
    )
    return (
        all(wanted is None or value in wanted for value, wanted in given)
        and (selection.due is None or (bucket.expires_at is not None and bucket.expires_at <= selection.due))
        and (selection.hold is None or selection.hold in bucket.holds)
    )
