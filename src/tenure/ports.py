"""What the services need of the world, as Protocols. Adapters stand in machine/; fakes and contract checks in testing/."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from tenure.agents.view import Reads as Reads
from tenure.agents.view import View
from tenure.records.held import Bucket, KeyId, Opened, Owner, Permit, Sealed
from tenure.records.kinds import Kind


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Machine(View, Protocol):
    """A read-only view of a machine that counts what it reads."""

    @property
    def reads(self) -> Reads:
        """What was read up to here."""
        ...


class StateStore(Protocol):
    """Tenure's own state on this machine: small files by name, such as `attestations.json` or `packs/claude_code.toml`.

    Names are relative POSIX paths without `..`. Only the person can read what is stored.
    """

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when it is not there.

        Raises:
            ConfigError: it is there and cannot be read.
        """
        ...

    def write(self, name: str, content: bytes | None) -> None:
        """Replace a file as a whole, durably; None removes it, and folders that it leaves empty. A crash leaves the old or the new content.

        Raises:
            ConfigError: it cannot be written.
        """
        ...

    def append(self, name: str, line: bytes) -> None:
        """Add one line to a file of lines, which several processes may do at once.

        Raises:
            ConfigError: it cannot be written.
        """
        ...

    def places(self) -> Mapping[str, str]:
        """Return everything that is stored, and for each name its path on this machine."""
        ...


class Editor(Protocol):
    """Settings files of others, changed only after the change was shown."""

    def load(self, path: str) -> bytes | None:
        """Return a file's content; None when it is not there.

        Raises:
            ConfigError: it cannot be read, is no regular file, is larger than 16 MiB, or holds credentials.
        """
        ...

    def replace(self, path: str, shown: bytes | None, content: bytes | None) -> None:
        """Replace a file's content in one step, keeping its mode; a link stays a link to the file that is replaced.

        Args:
            path: the file.
            shown: the content that the person was shown; the file must still have it.
            content: the new content; None removes the file.

        Raises:
            ConfigError: the file has changed since, or cannot be written.
        """
        ...


@dataclass(frozen=True, slots=True)
class Note:
    """One fact of a journal.

    Attributes:
        number: its place in the order of all facts.
        topic: what it is about, such as `account`.
        key: which one, such as a subject's id.
        body: the fact.
    """

    number: int
    topic: str
    key: str
    body: bytes


class Journal(Protocol):
    """Small facts by topic and key, in the order in which they were added: accounts, consents, jobs, questions, holds, budgets, lineage."""

    def add(self, topic: str, key: str, body: bytes) -> int:
        """Add a fact and return its number."""
        ...

    def notes(self, topic: str, key: str | None = None) -> Iterator[Note]:
        """Yield the facts of a topic, of one key or of all, in order."""
        ...

    def remove(self, topic: str, key: str) -> int:
        """Remove the facts of one key, unrecoverably, and return how many there were."""
        ...


class LedgerStore(Protocol):
    """The entries of the ledger and the hashes over them. Nothing is ever changed or removed."""

    @property
    def size(self) -> int:
        """How many entries there are."""
        ...

    def append(self, entries: Sequence[bytes]) -> int:
        """Append entries in order and return the index of the first.

        Raises:
            VaultError: an entry of more than 65,535 bytes.
        """
        ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the entries of a range, in order.

        Raises:
            IntegrityError: one cannot be read.
        """
        ...

    def hash(self, level: int, index: int) -> bytes:
        """Return the hash of a complete subtree: of the entries from `index << level` on, `1 << level` of them.

        Raises:
            IntegrityError: the log does not reach so far, or a stored hash cannot be read.
        """
        ...

    def root(self, size: int | None = None) -> bytes:
        """Return the root over the first `size` entries; None = over all."""
        ...


class Anchors(Protocol):
    """What this machine has seen of stores, outside of them."""

    def strays(self) -> Mapping[str, Sequence[str]]:
        """Return the stores that are no more where they lay, by id, with the paths of what is kept of each."""
        ...

    def forget(self, store: str) -> None:
        """Remove what is kept of a store."""
        ...


@dataclass(frozen=True, slots=True)
class Selection:
    """Which buckets. What is None does not narrow; a bucket is selected when everything that is given fits.

    Attributes:
        subjects: ids of persons.
        orgs: ids of organisations.
        sessions: ids of sessions.
        kinds: of data.
        keys: of buckets.
        due: those whose `expires_at` is at or before this instant.
        hold: those on which the hold of this name is.
    """

    subjects: Collection[str] | None = None
    orgs: Collection[str] | None = None
    sessions: Collection[str] | None = None
    kinds: Collection[Kind] | None = None
    keys: Collection[KeyId] | None = None
    due: datetime | None = None
    hold: str | None = None


class KeyRing(Protocol):
    """The keys, each wrapped by that of its day or of its hold. What is destroyed here opens nowhere, ever."""

    def make(self, owner: Owner, kind: Kind, cells: Sequence[bytes], collected_at: datetime, expires_at: datetime | None) -> Bucket:
        """Return the bucket for such data: the one that there is, or a new one with a random key.

        A bucket ends with the first of its records. What is over at `collected_at`, is dead, or has a hold on it, takes nothing in.

        Raises:
            VaultError: `expires_at` is at or before `collected_at`.
        """
        ...

    def buckets(self, selection: Selection = Selection()) -> Iterator[Bucket]:
        """Yield the buckets of a selection, in the order in which they were made."""
        ...

    def day_key(self, day: date) -> KeyId:
        """Return the id of a day's key; it is made when it is first asked for."""
        ...

    def days(self) -> Sequence[tuple[date, KeyId]]:
        """Return the days that have a key, in order."""
        ...

    def commitment(self, key: KeyId, content: bytes) -> bytes:
        """Return 32 bytes that bind to `content` for as long as the bucket's key lives, and say nothing after."""
        ...

    def seal(self, key: KeyId, records: Sequence[bytes], collected: Sequence[datetime]) -> Sealed:
        """Seal records as the bucket's next batch and count them as held. Nothing is written to a segment.

        Raises:
            VaultError: there is no such key.
        """
        ...

    def open(self, permit: Permit, at: datetime) -> "Opener":
        """Return what opens the frames of the permit's buckets.

        Raises:
            VaultError: the permit's receipt is not in the ledger, not durable, about other keys, or over; or a bucket has no key.
        """
        ...

    def tighten(self, keys: Collection[KeyId], cells: Sequence[bytes], expires_at: datetime | None) -> None:
        """Add cells to buckets and move them under the key of an earlier day; None leaves the day as it is.

        Raises:
            VaultError: a day that is later than the one that a bucket stands under.
        """
        ...

    def pass_to(self, keys: Collection[KeyId], subject: str) -> None:
        """Give buckets to another person, into whose account an account was merged."""
        ...

    def hold(self, name: str, keys: Collection[KeyId], kind: str) -> KeyId:
        """Put a hold on buckets, which from then on outlive their day, and return the id of its key.

        Args:
            name: of the hold; the same name extends the hold.
            keys: of the buckets.
            kind: `legal` or `safety`; a bucket under a safety hold goes on opening for `safety`.

        Raises:
            VaultError: another kind than the hold has, or a key that there is not; then the hold is put on none.
        """
        ...

    def holds(self) -> Mapping[str, tuple[KeyId, str]]:
        """Return the holds: the id of the key and the kind, by name."""
        ...

    def release(self, name: str, keys: Collection[KeyId] | None = None) -> Sequence[KeyId]:
        """Lift a hold from buckets (None = from all); return those that are gone with it: dead ones, and those whose day is gone.

        Raises:
            VaultError: there is no such hold.
        """
        ...

    def destroy(self, keys: Collection[KeyId]) -> Sequence[KeyId]:
        """Destroy the keys of buckets; return those that a legal hold keeps, which are dead from now on and go with the hold."""
        ...

    def destroy_days(self, until: date) -> Sequence[tuple[date, KeyId]]:
        """Destroy the keys of all days up to and with `until`, and the buckets under them that no hold is on; return the days.

        `NO_LIMIT` is no day: what has no end is never due.
        """
        ...

    def scrub(self) -> None:
        """Leave no byte of a destroyed key in any file: not in a free page, not in the log of the database. Call it outside of a transaction."""
        ...


class Opener(Protocol):
    """What a permit opens."""

    def open(self, frame: bytes) -> Opened:
        """Open a frame.

        Raises:
            VaultError: the permit does not cover the frame's bucket.
            IntegrityError: the frame is not what was sealed.
        """
        ...


class Frames(Protocol):
    """Sealed frames, found by their bucket's key. They say nothing without it."""

    def write(self, day: date, frames: Sequence[Sealed]) -> None:
        """Store frames that end on a day, durably.

        Raises:
            VaultError: no space left, or the place cannot be written; nothing of these frames is found after.
        """
        ...

    def read(self, keys: Collection[KeyId], batch: int | None = None) -> Iterator[bytes]:
        """Yield the frames of buckets, those of one after those of the other; of one batch, or of all in order.

        Raises:
            IntegrityError: a frame that should be there is not, or is cut short; the message names the file.
        """
        ...

    def forget(self, keys: Collection[KeyId]) -> None:
        """Drop the frames of destroyed buckets; segments without a live frame are removed."""
        ...

    def keys(self) -> Iterator[KeyId]:
        """Yield every bucket that has a frame."""
        ...

    def residue(self) -> tuple[int, int]:
        """Return how many segments hold dead bytes, and how many bytes those are."""
        ...


class Store(Protocol):
    """Everything that is held in one place, with one writer."""

    @property
    def journal(self) -> Journal:
        """Small facts."""
        ...

    @property
    def ledger(self) -> LedgerStore:
        """The receipts."""
        ...

    @property
    def keys(self) -> KeyRing:
        """What opens the frames."""
        ...

    @property
    def frames(self) -> Frames:
        """The sealed data."""
        ...

    @property
    def id(self) -> str:
        """A random name, which the checkpoints of the ledger carry as their origin."""
        ...

    @property
    def highest(self) -> datetime:
        """The highest instant that was made durable, aware."""
        ...

    @property
    def undone(self) -> int:
        """How many transactions failed since the store was opened: what was read inside of one no longer holds when this has grown."""
        ...

    def raise_to(self, at: datetime) -> None:
        """Make an instant the highest, if it is."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Make all that is done to journal, keys and ledger inside durable together when it ends, or undo it when it fails. Does not nest."""
        ...

    def changed(self) -> Iterator[str]:
        """Yield what of the journal and the keys is not as it was written, in words that hold nothing of it."""
        ...

    def sign(self, text: str) -> str:
        """Return a text that ends in a line feed as a signed note under the store's own key."""
        ...

    @property
    def verifier_key(self) -> str:
        """The public half of the store's own key, as `records.note` writes it."""
        ...

    def close(self) -> None:
        """Let go of the store."""
        ...
