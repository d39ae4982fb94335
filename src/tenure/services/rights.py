"""Rights: everything that is held of a person, handed over with a manifest. Source: GDPR, articles 15 and 20."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Selection, Store
from tenure.records.canonical import Plain
from tenure.records.facts import ACCOUNT, MEMBER, TEAM, render_fact
from tenure.records.held import Bucket, Permit, RecordName
from tenure.records.instants import render_time
from tenure.services.accounts import Accounts
from tenure.services.cells import plain
from tenure.services.holdings import is_open
from tenure.services.timekeeping import Timekeeper

SCHEMA = "tenure.export/1"
VALID_FOR = timedelta(minutes=10)
_MOST_BUCKETS = 256


@dataclass(frozen=True, slots=True)
class Exported:
    """One record that is handed over.

    Attributes:
        name: of the record.
        content: its bytes.
        described: its line of the manifest.
    """

    name: RecordName
    content: bytes
    described: dict[str, Plain]


class Rights:
    """Hands over what is held.

    Args:
        store: where it is held.
        accounts: what is known about the person.
        time: what time it is.
    """

    def __init__(self, store: Store, accounts: Accounts, time: Timekeeper) -> None:
        self._store = store
        self._accounts = accounts
        self._time = time

    def export(self, subject: str) -> Iterator[Exported]:
        """Yield all records of a person that can still open; each is logged before it opens.

        Raises:
            IntegrityError: a frame is missing or changed.
        """
        keys = [bucket.key for bucket in self._of(subject)]
        for start in range(0, len(keys), _MOST_BUCKETS):
            now = self._time.now
            some = self._store.keys.buckets(Selection(keys=keys[start : start + _MOST_BUCKETS]))
            if buckets := [bucket for bucket in some if is_open(bucket, now)]:
                yield from self._opened(buckets)

    def account(self, subject: str) -> list[Plain]:
        """Return every fact on record about a person: tiers, answers, roles; each with since when it holds and since when it is known."""
        registry = self._accounts.registry
        accounts = registry.accounts_of(self._accounts.resolve(subject, self._time.now))
        facts = (fact for topic in (ACCOUNT, MEMBER, TEAM) for account in accounts for fact in registry.facts(topic, account))
        return [json.loads(render_fact(fact)) for fact in facts]

    def unopened(self, subject: str) -> int:
        """Return how many records of a person only a hold keeps: they are not handed over, and the manifest says so."""
        now = self._time.now
        return sum(bucket.records for bucket in self._of(subject) if not is_open(bucket, now))

    def _of(self, subject: str) -> Iterator[Bucket]:
        """Yield what is held of a person, under whichever of their accounts."""
        return self._store.keys.buckets(self._accounts.whole(Selection(subjects=[subject]), self._time.now))

    def _opened(self, buckets: list[Bucket]) -> Iterator[Exported]:
        keys = frozenset(bucket.key for bucket in buckets)
        until = self._time.now + VALID_FOR
        with self._store.transaction():
            records = sum(bucket.records for bucket in buckets)
            at = self._time.stamp()
            entry = render_entry("exported", at, keys=keys_digest(keys).hex(), records=records, until=render_time(until))
            index = self._store.ledger.append([entry])
        opener = self._store.keys.open(Permit(index, entry, keys, frozenset(), until), self._time.now)
        by_key = {bucket.key: bucket for bucket in buckets}
        for frame in self._store.frames.read(list(by_key)):
            opened = opener.open(frame)
            for place in range(len(opened)):
                name, content = RecordName(opened.key, opened.batch, place), bytes(opened.record(place))
                yield Exported(name, content, _described(by_key[opened.key], name, content))


def _described(bucket: Bucket, name: RecordName, content: bytes) -> dict[str, Plain]:
    return {
        "record": str(name),
        "kind": str(bucket.kind),
        "org": bucket.owner.org,
        "session": bucket.owner.session,
        "collected_from": render_time(bucket.collected_at),
        "expires_at": None if bucket.expires_at is None else render_time(bucket.expires_at),
        "bytes": len(content),
        "sha256": hashlib.sha256(content).hexdigest(),
        "terms": [plain(each) for each in bucket.cells],
        "holds": list(bucket.holds),
    }
