"""A store whose ledger has everything that can become of a key, written through the ports as the services write it."""

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tenure.ledger.entries import render_entry
from tenure.records.held import KeyId, Owner
from tenure.records.kinds import Kind
from tenure.vault.disk import Folder
from tenure.vault.store import SqliteStore

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


@contextlib.contextmanager
def opened(folder: Path, anchor=None) -> Iterator[SqliteStore]:
    store = SqliteStore(Folder(str(folder)), at=AT, anchor=anchor)
    try:
        yield store
    finally:
        store.close()


def put(store: SqliteStore, session: str, days: int = 30, records: int = 2) -> KeyId:
    """Hold records of a session for some days."""
    with store.transaction():
        bucket = store.keys.make(Owner("someone", None, session), Kind.PROMPT, [b"{}"], AT, AT + timedelta(days=days))
        frame = store.keys.seal(bucket.key, [b"content"] * records, [AT] * records)
        day = store.keys.day_key(bucket.day).hex()
        commitment = store.keys.commitment(bucket.key, b"content").hex()
        values = {"cells": [], "terms": "sha256:0", "key": bucket.key.hex(), "day": day, "expires": bucket.day.isoformat()}
        store.ledger.append([render_entry("ingested", AT, **values, records=records, commitment=commitment)])
        store.frames.write(bucket.day, [frame])
    return bucket.key


def tighten(store: SqliteStore, key: KeyId, days: int) -> None:
    with store.transaction():
        ends = AT + timedelta(days=days)
        store.keys.tighten([key], [], ends)
        day = store.keys.day_key(ends.date()).hex()
        store.ledger.append([render_entry("tightened", AT, keys=[key.hex()], day=day, expires=ends.date().isoformat(), reason="test")])


def hold(store: SqliteStore, key: KeyId, name: str, kind: str) -> None:
    with store.transaction():
        wrapper = store.keys.hold(name, [key], kind)
        store.ledger.append([render_entry("held", AT, keys=[key.hex()], hold=wrapper.hex(), kind=kind)])


def release(store: SqliteStore, key: KeyId, name: str, kind: str) -> None:
    with store.transaction():
        wrapper = store.keys.hold(name, [], kind)
        gone = store.keys.release(name)
        store.ledger.append([render_entry("released", AT, keys=[key.hex()], hold=wrapper.hex(), kind=kind)])
    store.frames.forget(gone)


def erase(store: SqliteStore, key: KeyId) -> None:
    with store.transaction():
        kept = store.keys.destroy([key])
        store.ledger.append([render_entry("erased", AT, keys=[key.hex()], records=2, reason="request")])
    store.frames.forget([] if kept else [key])


def expire(store: SqliteStore, days: int) -> None:
    before = {bucket.key for bucket in store.keys.buckets()}
    with store.transaction():
        gone = store.keys.destroy_days((AT + timedelta(days=days)).date())
        named = [{"day": day.isoformat(), "key": key.hex()} for day, key in gone]
        store.ledger.append([render_entry("expired", AT, days=named, records=2, early=False, confirmed=False)])
    store.frames.forget(list(before - {bucket.key for bucket in store.keys.buckets()}))


def fill(store: SqliteStore, count: int) -> None:
    """Append entries about nothing."""
    with store.transaction():
        store.ledger.append([render_entry("rotated", AT, what=f"test {number}") for number in range(count)])
