"""A store in a folder with its backups, for the tests of its upkeep."""

import json
import os
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tenure.errors import Error
from tenure.ledger.entries import render_entry
from tenure.ledger.tiles import WIDTH, bundle_path, render_bundle
from tenure.ledger.tree import keys_digest
from tenure.records.held import Bucket, KeyId, Owner, Permit
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Purpose
from tenure.records.upkeep import Examination, Restored
from tenure.vault.backups import taking
from tenure.vault.backups.restore import Sources, restore
from tenure.vault.disk import Folder
from tenure.vault.examination.visit import doctor
from tenure.vault.root import parse_root
from tenure.vault.store import SqliteStore

DAY0 = datetime(2026, 12, 1, 9, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CELL = b'{"agent":"claude-code","kind":"prompt"}'


class MemoryAnchor:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.places: dict[str, str] = {}

    def read(self, store: str) -> str | None:
        return self.kept.get(store)

    def write(self, store: str, checkpoint: str, place: str) -> None:
        self.kept[store] = checkpoint
        self.places[store] = place

    def path(self, store: str) -> str:
        return f"anchors/{store}.checkpoint"

    def place(self, store: str) -> str | None:
        return self.places.get(store)


@dataclass
class Place:
    """A store and where its backups lie."""

    base: Path
    anchor: MemoryAnchor = field(default_factory=MemoryAnchor)

    @property
    def folder(self) -> Path:
        return self.base / "store"

    def open(self, at: datetime = DAY0, passphrase: bytes | None = None) -> "closing[SqliteStore]":
        return closing(SqliteStore(Folder(str(self.folder)), at=at, passphrase=passphrase, anchor=self.anchor))

    def disk(self, name: str) -> Folder:
        return Folder(str(self.base / name))

    def back_up(self, store: SqliteStore, at: datetime) -> None:
        taking.back_up_data(store, self.disk("data"), at)
        taking.back_up_keys(store, self.disk("keys"), self.disk("epochs"), at)
        taking.back_up_root(store, str(self.base / "root"), (self.base / "root").write_bytes, b"open", at)

    def restore(
        self,
        at: datetime,
        *,
        ledger: str | None = None,
        to: str = "again",
        is_applied: bool = True,
        anchor: bool = True,
        takes_over: bool | None = None,
    ) -> Restored:
        root = parse_root("root", (self.base / "root").read_bytes(), b"open")
        published = None if ledger is None else self.disk(ledger)
        sources = Sources(self.disk("data"), self.disk("keys"), self.disk("epochs"), root, published, self.anchor if anchor else None, self.folder_at)
        return restore(self.disk(to), sources, at, None, os.urandom, is_applied=is_applied, takes_over=takes_over)

    def opened(self, at: datetime, to: str = "again") -> "closing[SqliteStore]":
        return closing(SqliteStore(self.disk(to), at=at, anchor=self.anchor))

    def examine(self, at: datetime, *, repair: bool = False, store: str = "store", passphrase: bytes | None = None) -> Examination:
        return doctor(self.disk(store), at, passphrase, self.anchor, {}, self.folder_at, is_repaired=repair)

    def folder_at(self, path: str) -> Folder | None:
        return Folder(path) if Path(path).is_dir() else None


def put(
    store: SqliteStore, content: bytes, *, at: datetime = DAY0, expires: datetime | None = None, session: str = "s", subject: str = "ann"
) -> KeyId:
    """Take a record in, as intake does: segment first, then key and receipt."""
    with store.transaction():
        bucket = store.keys.make(Owner(subject, None, session), Kind.PROMPT, (CELL,), at, expires)
        frame = store.keys.seal(bucket.key, [content], [at])
        store.frames.write(bucket.day, [frame])
        day = store.keys.day_key(bucket.day).hex()
        ends = None if bucket.expires_at is None else bucket.day.isoformat()
        values = {"cells": [json.loads(CELL)], "terms": "t", "key": bucket.key.hex(), "day": day, "expires": ends}
        store.ledger.append([render_entry("ingested", at, records=1, commitment="00", **values)])
        store.raise_to(at)
    return bucket.key


def get(store: SqliteStore, key: KeyId, at: datetime = DAY0) -> bytes:
    """Read a bucket under a permit."""
    with store.transaction():
        entry = render_entry(
            "permitted", at, job="j", purposes=["debug"], cells=[], terms="t", keys=keys_digest([key]).hex(), records=1, until=render_time(at + HOUR)
        )
        index = store.ledger.append([entry])
    permit = Permit(index, entry, frozenset([key]), frozenset([Purpose.DEBUG]), at + HOUR)
    opener = store.keys.open(permit, at)
    return b"".join(bytes(opener.open(frame).payload) for frame in store.frames.read([key]))


def erase(store: SqliteStore, keys: list[KeyId], at: datetime = DAY0) -> None:
    with store.transaction():
        kept = store.keys.destroy(keys)
        store.ledger.append([render_entry("erased", at, keys=[key.hex() for key in keys], records=1, reason="request")])
        store.raise_to(at)
    store.keys.scrub()
    store.frames.forget([key for key in keys if key not in kept])


def publish(store: SqliteStore, folder: Path) -> None:
    """Write the ledger as others read it: what a restore takes of it."""
    for index in range(-(-store.ledger.size // WIDTH)):
        entries = list(store.ledger.entries(index * WIDTH, (index + 1) * WIDTH))
        path = folder / bundle_path(index, len(entries))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render_bundle(entries))
    folder.mkdir(exist_ok=True)
    (folder / "checkpoint").write_text(store.checkpoint())
    (folder / "verifier-key").write_text(store.verifier_key)


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def bucket_of(store: SqliteStore, key: KeyId) -> Bucket:
    return next(bucket for bucket in store.keys.buckets() if bucket.key == key)


def code_of(error: BaseException) -> str:
    assert isinstance(error, Error)
    return error.code
