"""Backups: what they hold, for how long they open, and what a restore brings back."""

import json
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from tests.unit.vault.kept import CELL, DAY, DAY0, HOUR, Place, bucket_of, erase, get, publish, put, raw

from tenure.errors import Error
from tenure.ledger.entries import render_entry
from tenure.records.facts import FORMER, FORMER_KEY, MEMBER, ORG, SALT, bind, forgotten, render_fact
from tenure.records.held import NO_LIMIT, KeyId, Owner, Sealed
from tenure.records.kinds import Kind
from tenure.vault.backups import epochs, taking
from tenure.vault.backups.sealed_file import open_file
from tenure.vault.store import SqliteStore

CANARY = b"canary-7f1d"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_restored_store_opens_what_was_held(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY, expires=DAY0 + 30 * DAY)
        place.back_up(store, DAY0)
    done = place.restore(DAY0 + HOUR)
    assert (done.buckets, done.records, done.destroyed, done.lost_buckets, done.is_anchored) == (1, 1, 0, 0, True)
    with place.opened(DAY0 + HOUR) as store:
        assert get(store, key, DAY0 + HOUR) == CANARY


def test_a_dry_run_writes_nothing(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
    assert place.restore(DAY0, is_applied=False).buckets == 1
    assert not (place.base / "again").exists()


def test_no_backup_alone_holds_content_or_a_key_in_the_clear(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
        root = store._root
        wrapped = [row[0] for row in store._keys_db.run("SELECT wrapped FROM buckets UNION ALL SELECT wrapped FROM days")]
    for name in ("data", "keys", "epochs"):
        content = raw(place.base / name)
        assert CANARY not in content
        assert root not in content
        assert root.hex().encode() not in content
        assert not any(each in content for each in wrapped)
    assert root.hex().encode() not in (place.base / "root").read_bytes()


def test_what_was_erased_since_opens_from_no_backup(place: Place) -> None:
    with place.open() as store:
        gone, kept = put(store, CANARY, session="a", subject="ann"), put(store, b"other", session="b", subject="bob")
        store.journal.add("account", "ann", b"facts about ann")
        secret = store.keys._secret(gone)
        wrapped = store._keys_db.value("SELECT wrapped FROM buckets WHERE key = ?", (gone,))
        place.back_up(store, DAY0)
        erase(store, [gone], DAY0 + HOUR)
        publish(store, place.base / "log")
    done = place.restore(DAY0 + 2 * HOUR, ledger="log")
    assert (done.entries, done.destroyed, done.buckets) == (1, 1, 1)
    content = raw(place.base / "again")
    assert secret not in content
    assert wrapped not in content
    assert b"facts about ann" not in content
    with place.opened(DAY0 + 2 * HOUR) as store:
        assert get(store, kept, DAY0 + 2 * HOUR) == b"other"
        with pytest.raises(Error, match="expected one that has a key"):
            get(store, gone, DAY0 + 2 * HOUR)
        (key,) = store.journal.notes(FORMER_KEY)
        assert [mark.key for mark in store.journal.notes(FORMER)] == [bind(key.body, b"subject:ann").hex()]


def test_an_organisation_that_was_forgotten_since_stays_forgotten(place: Place) -> None:
    at, salt = DAY0 + HOUR, bytes(32)
    with place.open() as store:
        put(store, CANARY)
        store.journal.add(SALT, "org:acme", salt)
        store.journal.add(ORG, "acme", b"facts about acme")
        for org in ("acme", "other"):
            store.journal.add(MEMBER, "mia", b'{"values":{"org":"%s"}}' % org.encode())
        place.back_up(store, DAY0)
        with store.transaction():
            bound = bind(salt, render_fact(forgotten(at))).hex()
            store.ledger.append([render_entry("account", at, event="forgotten", by="operator", commitment=bound)])
            store.raise_to(at)
        publish(store, place.base / "log")
    place.restore(DAY0 + 2 * HOUR, ledger="log")
    assert b"acme" not in raw(place.base / "again")
    with place.opened(DAY0 + 2 * HOUR) as store:
        assert [note.body for note in store.journal.notes(MEMBER)] == [b'{"values":{"org":"other"}}']
        assert len(list(store.journal.notes(FORMER))) == 1


def test_a_ledger_older_than_the_newest_seen_is_refused(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
        place.back_up(store, DAY0)
        publish(store, place.base / "old")
        erase(store, [key], DAY0 + HOUR)
    for ledger in (None, "old"):
        with pytest.raises(Error) as error:
            place.restore(DAY0 + 2 * HOUR, ledger=ledger)
        assert error.value.code == "ledger/rolled-back"
        assert "--ledger" in error.value.remedy
    assert not (place.base / "again").exists()


def test_the_ledger_of_another_store_is_refused(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    with place.open() as store, other.open() as another:
        put(store, CANARY)
        put(another, CANARY)
        put(another, CANARY)
        place.back_up(store, DAY0)
        publish(another, place.base / "log")
    with pytest.raises(Error) as error:
        place.restore(DAY0, ledger="log")
    assert error.value.code == "ledger/checkpoint"


def test_a_published_ledger_that_was_changed_is_refused(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY)
        place.back_up(store, DAY0)
        erase(store, [key], DAY0 + HOUR)
        publish(store, place.base / "log")
    bundle = next((place.base / "log" / "tile" / "entries").rglob("2"))
    whole = bundle.read_bytes()
    for content in (whole.replace(key.hex().encode(), bytes(16).hex().encode()), whole[:-1], b""):
        bundle.write_bytes(content)
        with pytest.raises(Error) as error:
            place.restore(DAY0 + 2 * HOUR, ledger="log")
        assert error.value.code == "ledger/damaged"


def test_a_ledger_that_went_another_way_is_refused(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        shutil.copytree(place.folder, place.base / "twin")
        put(store, b"one way", session="x")
        place.back_up(store, DAY0)
    with closing(SqliteStore(place.disk("twin"), at=DAY0)) as twin:
        put(twin, b"another", session="y")
        put(twin, b"way", session="z")
        publish(twin, place.base / "log")
    with pytest.raises(Error) as error:
        place.restore(DAY0, ledger="log")
    assert error.value.code == "ledger/forked"


def test_what_is_due_is_destroyed_before_the_store_opens(place: Place) -> None:
    with place.open() as store:
        due = put(store, CANARY, expires=DAY0 + 5 * HOUR, session="a")
        put(store, b"other", expires=DAY0 + 30 * DAY, session="b")
        secret = store.keys._secret(due)
        place.back_up(store, DAY0)
    done = place.restore(DAY0 + 6 * HOUR)
    assert (done.destroyed, done.buckets) == (1, 1)
    assert secret not in raw(place.base / "again")
    with place.opened(DAY0 + 6 * HOUR) as store:
        assert [json.loads(entry)["type"] for entry in store.ledger.entries()][-2:] == ["erased", "restored"]


def test_days_that_ended_since_go_as_days(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, expires=DAY0 + 5 * HOUR)
        place.back_up(store, DAY0)
    assert place.restore(DAY0 + 16 * HOUR).destroyed == 1
    with place.opened(DAY0 + 16 * HOUR) as store:
        assert [json.loads(entry)["type"] for entry in store.ledger.entries()][-2:] == ["expired", "restored"]


def test_an_expiry_since_is_replayed_on_its_day(place: Place) -> None:
    with place.open() as store:
        key = put(store, CANARY, expires=DAY0 + 30 * DAY)
        held = put(store, b"held", expires=DAY0 + 30 * DAY, session="h")
        place.back_up(store, DAY0)
        with store.transaction():
            hold = store.keys.hold("case-1", [held], "legal")
            store.ledger.append([render_entry("held", DAY0, hold=hold.hex(), keys=[held.hex()], kind="legal")])
            days = store.keys.destroy_days((DAY0 + 30 * DAY).date())
            named = [{"day": day.isoformat(), "key": each.hex()} for day, each in days]
            store.ledger.append([render_entry("expired", DAY0, days=named, records=1, early=True, confirmed=False)])
        publish(store, place.base / "log")
    place.restore(DAY0 + HOUR, ledger="log")
    with place.opened(DAY0 + HOUR) as store:
        assert [bucket.key for bucket in store.keys.buckets()] == [held]
        assert key not in {bucket.key for bucket in store.keys.buckets()}
        name = bucket_of(store, held).holds[0]
        with store.transaction():
            assert list(store.keys.release(name)) == [held]


def test_a_tightening_since_is_replayed_and_narrows(place: Place) -> None:
    sooner = DAY0 + 3 * DAY
    with place.open() as store:
        key = put(store, CANARY, expires=DAY0 + 30 * DAY)
        place.back_up(store, DAY0)
        with store.transaction():
            store.keys.tighten([key], (b'{"agent":"claude-code","kind":"prompt","tier":"x"}',), sooner)
            day = store.keys.day_key(sooner.date())
            values = {"keys": [key.hex()], "day": day.hex(), "expires": sooner.date().isoformat(), "reason": "tier"}
            store.ledger.append([render_entry("tightened", DAY0, **values)])
        publish(store, place.base / "log")
    assert place.restore(DAY0 + HOUR, ledger="log").narrowed == 1
    with place.opened(DAY0 + HOUR) as store:
        bucket = bucket_of(store, key)
        assert bucket.expires_at is not None
        assert bucket.expires_at <= sooner
        assert (sooner.date(), day) in store.keys.days()
        assert store._keys_db.value("SELECT wrapper FROM buckets") == day


def test_an_answer_of_no_since_narrows_all_since_it_names_nobody(place: Place) -> None:
    with place.open() as store:
        with store.transaction():
            bucket = store.keys.make(Owner("ann", None, "s"), Kind.PROMPT, (b'{"agent":"claude-code","kind":"prompt","tier":"free"}',), DAY0, None)
        place.back_up(store, DAY0)
        with store.transaction():
            values = {"by": "owner", "channel": "cli", "commitment": "00", "default": None, "dwell_ms": 0, "name": "training", "text_sha256": None}
            store.ledger.append([render_entry("consented", DAY0, value=False, **values)])
        publish(store, place.base / "log")
    done = place.restore(DAY0 + HOUR, ledger="log")
    assert (done.narrowed, done.lost_facts) == (1, 1)
    with place.opened(DAY0 + HOUR) as store:
        assert CELL in bucket_of(store, bucket.key).cells


def test_what_came_after_the_backup_is_reported_lost(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY, session="a")
        place.back_up(store, DAY0)
        late = put(store, b"late", session="a")
        put(store, b"later", session="b")
        taking.back_up_data(store, place.disk("data"), DAY0 + HOUR)
        publish(store, place.base / "log")
    done = place.restore(DAY0 + 2 * HOUR, ledger="log")
    assert (done.lost_records, done.lost_buckets) == (2, 0)
    with place.opened(DAY0 + 2 * HOUR) as store:
        assert get(store, late, DAY0 + 2 * HOUR) == CANARY


def test_keys_newer_than_the_data_name_what_is_missing(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
        put(store, CANARY)
        taking.back_up_keys(store, place.disk("keys"), place.disk("epochs"), DAY0 + HOUR)
    assert place.restore(DAY0 + HOUR).lost_buckets == 1


def test_epochs_overlap_and_end(place: Place) -> None:
    keys, beside = place.disk("keys"), place.disk("epochs")
    with place.open() as store:
        for hours in (0, 11, 12, 23):
            taking.back_up_keys(store, keys, beside, DAY0 + hours * HOUR)
        made = sorted(epoch.made_at for epoch in epochs.epochs(beside))
        assert made == [DAY0, DAY0 + 12 * HOUR]
        first = next(epoch for epoch in epochs.epochs(beside) if epoch.made_at == DAY0)
        os.link(place.base / "epochs" / first.name, place.base / "same-bytes")
        assert epochs.living(beside, first.id, DAY0 + 24 * HOUR) is None
        done = taking.back_up_keys(store, keys, beside, DAY0 + 24 * HOUR)
    assert done.epochs_destroyed == 1
    assert first.secret.hex().encode() not in raw(place.base / "epochs") + (place.base / "same-bytes").read_bytes()
    assert len(list((place.base / "keys").iterdir())) == 3


def test_nothing_opens_a_backup_after_24_hours_even_where_nothing_purged(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
    with pytest.raises(Error) as error:
        place.restore(DAY0 + 24 * HOUR)
    assert error.value.code == "backup/epoch-over"


def test_a_clock_set_back_does_not_bring_an_epoch_back(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
        put(store, b"late", at=DAY0 + 25 * HOUR, session="z")
        publish(store, place.base / "log")
    with pytest.raises(Error) as error:
        place.restore(DAY0 + HOUR, ledger="log")
    assert error.value.code == "backup/epoch-over"


def test_a_key_destroyed_before_a_backup_is_in_no_byte_of_it(place: Place) -> None:
    with place.open() as store:
        keys = [put(store, CANARY, session=f"s{number}") for number in range(300)]
        wrapped = [row[0] for row in store._keys_db.run("SELECT wrapped FROM buckets")]
        erase(store, keys[::2])
        taking.back_up_keys(store, place.disk("keys"), place.disk("epochs"), DAY0)
    backup = next(place.disk("keys").names())
    epoch = next(epochs.epochs(place.disk("epochs")))
    content = open_file(epoch.secret, place.disk("keys").read(backup), backup)
    assert wrapped[1] in content
    assert not any(each in content for each in wrapped[::2])


def test_a_changed_byte_of_a_backup_is_noticed(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
    for path in [*(place.base / "data").rglob("*.seg"), *(place.base / "data").glob("*.db"), *(place.base / "keys").iterdir()]:
        content = path.read_bytes()
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(Error) as error:
            place.restore(DAY0)
        assert error.value.code == "backup/damaged"
        assert path.name in error.value.message
        path.write_bytes(content)
    assert place.restore(DAY0).buckets == 1


def test_unknown_formats_are_refused(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
    manifest = place.base / "data" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"tenure_data_backup": 1', '"tenure_data_backup": 2'))
    with pytest.raises(Error) as error:
        place.restore(DAY0)
    assert error.value.code == "vault/format"


def test_a_folder_that_is_not_empty_is_left_alone(place: Place) -> None:
    with place.open() as store:
        place.back_up(store, DAY0)
    (place.base / "again").mkdir()
    (place.base / "again" / "mine").write_text("x")
    with pytest.raises(Error) as error:
        place.restore(DAY0)
    assert error.value.code == "vault/not-empty"


def test_a_backup_of_another_store_is_not_overwritten(place: Place, tmp_path: Path) -> None:
    other = Place(tmp_path / "other")
    with place.open() as store, other.open() as another:
        place.back_up(store, DAY0)
        with pytest.raises(Error) as error:
            taking.back_up_data(another, place.disk("data"), DAY0)
    assert error.value.code == "backup/other-store"


def test_data_are_copied_once_and_an_interrupted_run_is_made_good(place: Place) -> None:
    with place.open() as store:
        put(store, bytes(5000), session="a")
        first = taking.back_up_data(store, place.disk("data"), DAY0)
        again = taking.back_up_data(store, place.disk("data"), DAY0)
        assert again.copied < first.copied - 5000
        segment = next((place.base / "data").rglob("*.seg"))
        with segment.open("ab") as file:
            file.write(b"torn")
        put(store, bytes(3000), session="b")
        place.back_up(store, DAY0)
    assert place.restore(DAY0).buckets == 2


def test_a_segment_that_was_cut_does_not_replace_its_backup(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
        segment = next((place.folder / "segments").rglob("*.seg"))
        segment.write_bytes(segment.read_bytes()[:-5])
        with pytest.raises(Error) as error:
            taking.back_up_data(store, place.disk("data"), DAY0 + HOUR)
    assert error.value.code == "integrity/segment"
    assert place.restore(DAY0 + HOUR).lost_buckets == 0


@pytest.mark.parametrize("beyond", [-2000, 0, 4000])
def test_a_segment_that_was_cut_and_grew_again_is_backed_up_as_it_is(place: Place, beyond: int) -> None:
    """As after a power cut or a restore: what lies in the backup behind the cut is another past, and no manifest may vouch for a mixture."""
    with place.open() as store:
        kept = put(store, b"a" * 1000, session="kept")
        segment = next((place.folder / "segments").rglob("*.seg"))
        start = segment.stat().st_size
        store.frames.write(NO_LIMIT, [Sealed(KeyId(bytes(16)), 0, b"b" * 5000, 1, 5000)])  # no key row will count it
        place.back_up(store, DAY0)
        assert segment.stat().st_size == start
        assert taking.back_up_data(store, place.disk("data"), DAY0).copied == len(store.catalogue_snapshot())
        place.restore(DAY0, to="shorter", anchor=False)
        size, grown = 5000 + beyond - (start - 1000), kept
        for number in range(2):  # the second goes on from what the first made of it
            grown = put(store, b"c" * size, session=f"grown {number}")
            assert segment.stat().st_size == start + (5000 + beyond) * (number + 1)
            place.back_up(store, DAY0 + HOUR * (number + 1))
    with closing(SqliteStore(place.disk("shorter"), at=DAY0)) as store:
        assert get(store, kept) == b"a" * 1000
    place.restore(DAY0 + 2 * HOUR, to="grown", anchor=False)
    with closing(SqliteStore(place.disk("grown"), at=DAY0)) as store:
        assert get(store, kept) == b"a" * 1000
        assert get(store, grown) == b"c" * size


def test_a_segment_that_grows_goes_on_from_what_is_backed_up_even_if_it_rots(place: Place) -> None:
    with place.open() as store:
        kept = put(store, b"a" * 9000, session="kept")
        place.back_up(store, DAY0)
        segment = next((place.folder / "segments").rglob("*.seg"))
        content = bytearray(segment.read_bytes())
        content[500] ^= 1
        segment.write_bytes(content)
        put(store, b"b" * 1000, session="more")
        place.back_up(store, DAY0 + HOUR)
    place.restore(DAY0 + HOUR)
    with place.opened(DAY0 + HOUR) as store:
        assert get(store, kept) == b"a" * 9000


def test_a_half_restored_store_does_not_open_and_is_restored_again(place: Place) -> None:
    with place.open() as store:
        put(store, CANARY)
        place.back_up(store, DAY0)
        name = store.id
    place.restore(DAY0, anchor=False)
    (place.base / "again" / "restoring").write_text(f"the store {name} was not restored to the end: run tenure vault restore again\n")
    with pytest.raises(Error) as error:
        place.opened(DAY0)
    assert error.value.code == "vault/unfinished"
    place.restore(DAY0)
    with place.opened(DAY0) as store:
        assert len(list(store.keys.buckets())) == 1


def test_no_backup_is_made_by_a_clock_in_doubt(place: Place) -> None:
    with place.open() as store:
        for run in (lambda: place.back_up(store, DAY0 + 31 * DAY), lambda: taking.rotate(store, None, DAY0 + 31 * DAY)):
            with pytest.raises(Error) as error:
                run()
            assert error.value.code == "vault/clock"
