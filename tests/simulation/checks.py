"""What must hold of a store on a disk whenever it is opened, whatever happened to the disk before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import cast

from tests.simulation.disk import SimulatedDisk
from tests.simulation.script import AT

from tenure.ledger.entries import render_entry
from tenure.ledger.tree import keys_digest
from tenure.ports import Note
from tenure.records.held import Bucket, KeyId, Permit
from tenure.records.instants import render_time
from tenure.records.kinds import Purpose
from tenure.vault import tiles
from tenure.vault.examination.tiles import check_tiles
from tenure.vault.segments import segment_name
from tenure.vault.store import SqliteStore

_NAMED = re.compile(rb"(?:PERSON|SESSION|FACT)-[a-z0-9-]*\.")
_WRAPPED = re.compile(rb"TNRW(.{40})", re.DOTALL)


@dataclass(frozen=True)
class View:
    """All that a store says.

    Attributes:
        entries: of the ledger.
        notes: of the journal.
        buckets: with what is known of them.
        days: that have a key.
        highest: instant.
        texts: for each bucket what opens.
    """

    entries: tuple[bytes, ...]
    notes: tuple[Note, ...]
    buckets: tuple[Bucket, ...]
    days: tuple[tuple[date, KeyId], ...]
    highest: datetime
    texts: dict[KeyId, list[bytes]]


def wrapped_keys(disk: SimulatedDisk) -> set[bytes]:
    """Return everything in any byte of a disk that looks like a wrapped key."""
    return {found for _, content in disk.raw() for found in _WRAPPED.findall(content)}


def look(disk: SimulatedDisk, gone: frozenset[bytes] = frozenset()) -> View:
    """Open the store on a disk, check that it is sound, and return what it says. The disk is changed: a permit is entered.

    Args:
        disk: with a store on it.
        gone: wrapped keys that were in use once; those that are in use no more must not stand anywhere.
    """
    store = SqliteStore(disk, at=AT)
    try:
        _check_bytes(disk, store, gone)
        _check_files(disk, store)
        entries = tuple(store.ledger.entries())
        assert store.ledger.root() == _root(entries), "the stored hashes are not those of the entries"
        buckets = tuple(store.keys.buckets())
        found = (entries, tuple(store.journal.notes("account")), buckets, tuple(store.keys.days()), store.highest)
        return View(*found, texts=_texts(store, buckets))
    finally:
        store.close()


def _check_bytes(disk: SimulatedDisk, store: SqliteStore, gone: frozenset[bytes]) -> None:
    rows = store._keys_db.run("SELECT wrapped FROM buckets UNION ALL SELECT wrapped FROM days UNION ALL SELECT wrapped FROM holds")
    live = {wrapped[4:] for (wrapped,) in rows if isinstance(wrapped, bytes)}
    named = _named(store)
    for name, content in disk.raw():
        assert set(_NAMED.findall(content)) <= named, f"{name} names someone, or holds a fact, that is gone"
        assert b"CANARY" not in content, f"{name} holds a record in clear"
        assert set(_WRAPPED.findall(content)) <= live, f"{name} holds a destroyed key"
        if not name.startswith(("segments/", "catalogue.db")):  # parts are looked for where keys are written
            assert not any(part in content for key in gone - live for part in (key[:16], key[-16:])), f"{name} holds a part of a destroyed key"


def _named(store: SqliteStore) -> set[bytes]:
    owners = [bucket.owner for bucket in store.keys.buckets()]
    facts = {note.body for note in store.journal.notes("account")}
    return facts | {str(name).encode() for owner in owners for name in (owner.subject, owner.session)}


def _check_files(disk: SimulatedDisk, store: SqliteStore) -> None:
    for database in (store._keys_db, store._catalogue):
        assert database.run("PRAGMA integrity_check") == [("ok",)]
    live = {bucket.key for bucket in store.keys.buckets()}
    assert set(store.frames.keys()) <= live, "a frame has no key"
    known = {segment_name(str(day), cast(int, number)) for day, number in store._catalogue.run("SELECT day, number FROM segments WHERE live > 0")}
    expected = known | {"catalogue.db", "keys.db", "lock", "root.key"}
    found = {name.removesuffix("-wal") for name in disk.names() if not name.startswith(tiles.FOLDER)}
    if disk.size(tiles.FOLDER + tiles.CHECKPOINT) is not None:
        assert list(check_tiles(disk, store.ledger)) == [], "not the tiles that their checkpoint stands on"
    assert found == expected, f"missing: {expected - found}, belonging to nothing: {found - expected}"


def _texts(store: SqliteStore, buckets: Sequence[Bucket]) -> dict[KeyId, list[bytes]]:
    """Read all that opens, through a permit."""
    keys = [bucket.key for bucket in buckets if not bucket.is_dead]
    digest, until = keys_digest(keys).hex(), AT + timedelta(hours=1)
    entry = render_entry("permitted", AT, cells=[], job="look", keys=digest, purposes=["debug"], records=0, terms="", until=render_time(until))
    with store.transaction():
        index = store.ledger.append([entry])
    opener = store.keys.open(Permit(index, entry, frozenset(keys), frozenset([Purpose.DEBUG]), until), AT)
    found: dict[KeyId, list[bytes]] = {}
    for bucket in buckets:
        if not bucket.is_dead:
            frames = [opener.open(frame) for frame in store.frames.read([bucket.key])]
            texts = [bytes(frame.record(place)) for frame in frames for place in range(len(frame))]
            assert len(texts) == bucket.records, f"{bucket.owner.session} has {bucket.records} records, {len(texts)} open"
            found[bucket.key] = texts
    return found


def _root(entries: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash, by its definition in RFC 9162, 2.1.1."""
    if len(entries) < 2:
        return sha256(b"\0" + entries[0]).digest() if entries else sha256(b"").digest()
    split = 1 << (len(entries) - 1).bit_length() - 1
    return sha256(b"\1" + _root(entries[:split]) + _root(entries[split:])).digest()
