"""Repair: what can be made anew from the rest, and the removal of what no key opens. Nothing that can still be opened is ever touched.

Only where the keys are whole, and as new as this machine has seen them, is a frame taken to have no key. Source: issue 3 C; design 0002.
"""

import contextlib
from collections.abc import Mapping
from typing import cast

from tenure.ledger.tree import leaf_hash, node_hash
from tenure.vault import root, segments, tiles
from tenure.vault.backups.revival import refuse
from tenure.vault.database import Database
from tenure.vault.disk import Disk, is_unfinished
from tenure.vault.examination.checks import Patient
from tenure.vault.examination.frames import Row, frames_in, rows_by_segment
from tenure.vault.examination.keys import Lid, OpenedKeys, no_chance
from tenure.vault.keys import SqliteKeyRing
from tenure.vault.ledger import SqliteLedger
from tenure.vault.sealing import HEADER_SIZE, Header
from tenure.vault.segments import FOLDER, SEGMENT, segment_name
from tenure.vault.store import CATALOGUE


def repair(patient: Patient, codes: set[str]) -> list[str]:
    """Mend what can be mended, and return what was done.

    Args:
        patient: a store that was looked at; its databases are open.
        codes: of the findings.
    """
    disk, keys, done = patient.disk, patient.keys, list[str]()
    if keys is None or not patient.is_true:
        return done
    for name in [name for name in disk.names() if is_unfinished(name)]:
        disk.shred(name)
        done.append(f"{disk.path(name)}: removed what a crash left")
    if disk.size(root.NEXT) is not None:
        roots = root.read_roots(disk, patient.passphrase)
        root.settle_root(disk, next(name for name, found in roots.items() if found == keys.root))
        done.append(f"{disk.path(root.NAME)}: one root key is left")
    if keys.ledger is None:
        keys.ledger = _hash_anew(keys)
        done.append(f"{keys.database.path}: the hashes over the ledger were made anew")
    done += _clean_keys(keys)
    done += _mend_segments(disk, keys.buckets(patient.at), is_damaged="integrity/catalogue" in codes)
    if "ledger/tiles" in codes:
        disk.remove(tiles.FOLDER + tiles.CHECKPOINT)
        tiles.write_tiles(disk, keys.ledger, keys.checkpoint(keys.ledger), keys.verifier_key)
        done.append(f"{disk.path(tiles.FOLDER)}: made anew")
    return done


def _hash_anew(keys: OpenedKeys) -> SqliteLedger:
    """Make the tiles in the database from the entries, which are as this machine has seen them."""
    with keys.database.transaction():
        hashes = [leaf_hash(cast(bytes, entry)) for (entry,) in keys.database.rows("SELECT entry FROM entries ORDER BY number")]
        keys.database.run("DELETE FROM tiles")
        level = 0
        while len(hashes) >= 256:
            tiles = [hashes[start : start + 256] for start in range(0, len(hashes) - 255, 256)]
            keys.database.many("INSERT INTO tiles VALUES (?, ?, ?)", [(level, number, b"".join(tile)) for number, tile in enumerate(tiles)])
            level, hashes = level + 1, [_root(tile) for tile in tiles]
    return SqliteLedger(keys.database)


def _root(tile: list[bytes]) -> bytes:
    while len(tile) > 1:
        tile = [node_hash(left, right) for left, right in zip(tile[::2], tile[1::2], strict=True)]
    return tile[0]


def _clean_keys(keys: OpenedKeys) -> list[str]:
    """Write keys.db anew, so that nothing destroyed is left in it."""
    ring = SqliteKeyRing(keys.database, keys.wrapping, no_chance, refuse)
    keys.database.run("VACUUM")
    ring.scrub()
    return [f"{keys.database.path}: written anew"]


def _mend_segments(disk: Disk, buckets: Mapping[bytes, Lid], *, is_damaged: bool) -> list[str]:
    """Bring catalogue, segments and keys together."""
    done = list[str]()
    if is_damaged:
        for end in ("", "-wal", "-shm", "-journal"):
            disk.remove(CATALOGUE + end)
        done.append(f"{disk.path(CATALOGUE)}: made anew from the segments")
    with contextlib.closing(Database(disk, CATALOGUE)) as catalogue:
        with catalogue.transaction():  # one: a catalogue with tables is a whole one
            catalogue.run(segments.SCHEMA)
            _adopt(disk, catalogue, buckets)
        done += _compact(disk, catalogue, buckets)
        segments.Segments(disk, catalogue).settle()
    return done


def _adopt(disk: Disk, catalogue: Database, buckets: Mapping[bytes, Lid]) -> None:
    """Take frames that a bucket counts, and that no row names, into the catalogue; of two of one name, the later one."""
    rows = rows_by_segment(catalogue)
    known = {(row.key, row.batch) for each in rows.values() for row in each}
    places = [(place[1], int(place[2]), name) for name in disk.names(FOLDER) if (place := SEGMENT.fullmatch(name)) is not None]
    # days only come nearer, so of two frames of one name that of the nearer day was written later
    for day, number, name in sorted(sorted(places, key=lambda place: place[1]), key=lambda place: place[0], reverse=True):
        size, found = disk.size(name) or 0, 0
        for offset, header in _loose(disk, name, size, rows.get(number, [])):
            lid = buckets.get(header.key)
            if lid is not None and header.batch < lid.batches and (header.key, header.batch) not in known:
                length = HEADER_SIZE + header.length
                catalogue.run("INSERT OR REPLACE INTO frames VALUES (?, ?, ?, ?, ?)", (header.key, header.batch, number, offset, length))
                found += 1
        if found or number in rows:
            catalogue.run("INSERT OR REPLACE INTO segments(number, day, size, live) VALUES (?, ?, ?, 1)", (number, day, size))


def _loose(disk: Disk, name: str, size: int, rows: list[Row]) -> list[tuple[int, Header]]:
    """Return the frames of a segment that lie where no row says."""
    place, found = 0, []
    for start, stop in [*((row.offset, row.offset + row.length) for row in rows), (size, size)]:
        found += list(frames_in(disk, name, place, start))
        place = max(place, stop)
    return found


def _compact(disk: Disk, catalogue: Database, buckets: Mapping[bytes, Lid]) -> list[str]:
    """Write segments anew without the frames that no key opens; those that hold nothing else go."""
    done = list[str]()
    names = {cast(int, number): cast(str, day) for number, day in catalogue.run("SELECT number, day FROM segments")}
    rows = rows_by_segment(catalogue)
    for number, day in names.items():
        name = segment_name(day, number)
        kept = [row for row in rows.get(number, []) if (lid := buckets.get(row.key)) is not None and row.batch < lid.batches]
        dead = [row for row in rows.get(number, []) if row not in kept]
        size, live = disk.size(name), sum(row.length for row in kept)
        with catalogue.transaction():
            catalogue.many("DELETE FROM frames WHERE key = ? AND batch = ?", [(row.key, row.batch) for row in dead])
            if kept and size is not None and size > live:
                _rewrite(disk, catalogue, name, day, kept)
            if kept and (size is None or size <= live):
                catalogue.run("UPDATE segments SET live = ?, size = ? WHERE number = ?", (live, live if size is None else size, number))
            else:
                catalogue.run("DELETE FROM segments WHERE number = ?", (number,))
        if not kept or (size is not None and size > live):
            disk.remove(name)
            if size:
                done.append(f"{disk.path(name)}: {size - live} dead bytes removed")
    return done


def _rewrite(disk: Disk, catalogue: Database, name: str, day: str, kept: list[Row]) -> None:
    """Copy the frames that are left into another segment; the catalogue's commit makes it the one that counts."""
    live = sum(row.length for row in kept)
    number = cast(int, catalogue.value("INSERT INTO segments(day, size, live) VALUES (?, ?, ?) RETURNING number", (day, live, live)))
    to, place = segment_name(day, number), 0
    disk.remove(to)
    for row in kept:
        disk.append(to, disk.read(name, row.offset, row.length))
        catalogue.run("UPDATE frames SET segment = ?, offset = ? WHERE key = ? AND batch = ?", (number, place, row.key, row.batch))
        place += row.length
    disk.sync(to)
