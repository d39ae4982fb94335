"""Proofs about keys, exports of the log and its verification, on a real store."""

import base64
import json
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.integration.ledgers import AT, erase, expire, fill, hold, opened, put, release, tighten

from tenure.errors import DataError, Error
from tenure.ledger.checkpoint import open_checkpoint
from tenure.ledger.entries import parse_entry, render_entry
from tenure.ledger.tiles import HEIGHT, WIDTH, parse_bundle
from tenure.ledger.tree import is_included, leaf_hash, root_of
from tenure.records.held import KeyId
from tenure.records.note import parse_verifier_key
from tenure.services.proving import (
    export,
    prove,
    prove_destroyed,
    prove_record,
    published_size,
    render_proof,
    signed_checkpoint,
)
from tenure.services.verifying import MOST_PROBLEMS, verify


@pytest.fixture
def store(tmp_path):
    with opened(tmp_path / "store") as found:
        yield found


def types(proof):
    return [parse_entry(each.entry)["type"] for each in proof.entries]


def holds(store):
    return verify(store).problems == ()


def test_a_proof_of_a_living_key_shows_what_is_recorded(store):
    fill(store, 5)
    key = put(store, "one")
    put(store, "two")
    tighten(store, key, 10)
    proof = prove(store, key)
    assert (types(proof), proof.is_destroyed) == (["ingested", "tightened"], False)
    with pytest.raises(DataError) as caught:
        prove_destroyed(store, key)
    assert caught.value.code == "ledger/not-destroyed"


def test_every_path_of_a_proof_leads_to_its_checkpoint(store):
    fill(store, 300)
    key = put(store, "one")
    erase(store, key)
    fill(store, 20)
    plain = json.loads(json.dumps(render_proof(prove_destroyed(store, key))))
    seen = open_checkpoint(plain["checkpoint"], (parse_verifier_key(plain["verifier_key"]),))
    assert (seen.size, plain["schema"], plain["key"]) == (322, "tenure.proof/1", key.hex())
    for each in plain["entries"]:
        path = [base64.b64decode(part) for part in each["proof"]]
        assert is_included(leaf_hash(base64.b64decode(each["entry"])), each["index"], seen.size, path, seen.root)
    assert [each["index"] for each in plain["entries"]] == [300, 301]


STORIES: dict[str, tuple[Callable[..., None], list[str], bool]] = {}


def story(*expected, gone):
    def kept(function):
        STORIES[function.__name__] = (function, ["ingested", *expected], gone)
        return function

    return kept


@story("erased", gone=True)
def erasing(store, key):
    erase(store, key)


@story("expired", gone=True)
def expiring(store, key):
    expire(store, 30)


@story(gone=False)
def expiring_another_day(store, key):
    put(store, "other", days=5)
    expire(store, 29)


@story("tightened", "expired", gone=True)
def expiring_after_tightening(store, key):
    tighten(store, key, 10)
    expire(store, 10)


@story("held", "expired", gone=False)
def expiring_under_a_hold(store, key):
    hold(store, key, "case", "legal")
    expire(store, 30)


@story("held", "expired", "released", gone=True)
def releasing_after_expiry(store, key):
    hold(store, key, "case", "legal")
    expire(store, 30)
    release(store, key, "case", "legal")


@story("held", "released", gone=False)
def releasing_before_expiry(store, key):
    hold(store, key, "case", "legal")
    release(store, key, "case", "legal")


@story("held", "erased", gone=False)
def erasing_under_a_legal_hold(store, key):
    hold(store, key, "case", "legal")
    erase(store, key)


@story("held", "erased", "released", gone=True)
def releasing_what_was_erased(store, key):
    hold(store, key, "case", "legal")
    erase(store, key)
    release(store, key, "case", "legal")


@story("held", "erased", gone=True)
def erasing_under_a_safety_hold(store, key):
    hold(store, key, "incident", "safety")
    erase(store, key)


@story("held", "held", "erased", "released", gone=True)
def erasing_under_two_holds(store, key):
    hold(store, key, "case", "legal")
    hold(store, key, "incident", "safety")
    erase(store, key)
    release(store, key, "case", "legal")


@story("held", "held", "expired", "released", gone=False)
def expiring_under_two_holds(store, key):
    hold(store, key, "case", "legal")
    hold(store, key, "incident", "safety")
    expire(store, 30)
    release(store, key, "case", "legal")


@pytest.mark.parametrize("name", STORIES)
def test_the_ledger_says_of_a_key_what_the_key_ring_did(store, name):
    act, expected, gone = STORIES[name]
    key = put(store, "one")
    act(store, key)
    fill(store, 3)
    proof = prove(store, key)
    assert (types(proof), proof.is_destroyed) == (expected, gone)
    assert gone == (key not in {bucket.key for bucket in store.keys.buckets()})
    assert holds(store)
    if gone:
        assert prove_destroyed(store, key) == proof


def test_a_record_names_its_key_and_batch(store):
    key = put(store, "one")
    put(store, "one")
    for name in (key.hex(), f"{key.hex()}.0.0", f"{key.hex()}.1.5"):
        assert prove_record(store, name).key == key
    for name, code in ((f"{key.hex()}.2.0", "ledger/unknown-key"), ("00" * 16, "ledger/unknown-key"), ("nonsense", "vault/record-name")):
        with pytest.raises(DataError) as caught:
            prove_record(store, name)
        assert caught.value.code == code


def test_a_key_that_stands_in_another_entry_by_chance_is_not_its_own(store):
    key = put(store, "one")
    with store.transaction():
        store.ledger.append([render_entry("rotated", AT, what=key.hex())])
    assert types(prove(store, key)) == ["ingested"]
    other = KeyId(bytes(16))
    with store.transaction():
        store.ledger.append([render_entry("rotated", AT, what=other.hex())])
    with pytest.raises(DataError):
        prove(store, other)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 600])
def test_an_export_is_the_log_as_tiles(store, size):
    fill(store, size)
    files = dict(export(store, program=b"print()\n"))
    seen = open_checkpoint(files.pop("checkpoint").decode(), (parse_verifier_key(files.pop("verifier-key").decode()),))
    assert files.pop("tenure_verify.py") == b"print()\n"
    entries = [entry for name in sorted(files) if name.startswith("tile/entries/") for entry in parse_bundle(files[name])]
    assert entries == list(store.ledger.entries())
    assert (seen.size, seen.root) == (size, root_of(entries))
    lowest = b"".join(files[name] for name in sorted(files) if name.startswith("tile/0/"))
    assert lowest == b"".join(leaf_hash(entry) for entry in entries)
    above = b"".join(files[name] for name in sorted(files) if name.startswith("tile/1/"))
    assert above == b"".join(store.ledger.hash(HEIGHT, index) for index in range(size // WIDTH))
    partial = [name for name in files if ".p/" in name]
    assert len(partial) == (2 if size % WIDTH else 0) + (1 if size // WIDTH else 0)


def test_the_checkpoint_comes_last(store):
    fill(store, 300)
    assert [name for name, _ in export(store)][-2:] == ["verifier-key", "checkpoint"]


def test_full_tiles_are_exported_once(store):
    fill(store, 300)
    before = dict(export(store))
    fill(store, 300)
    after = dict(export(store, since=300))
    assert "tile/0/000" not in after
    assert "tile/entries/000" not in after
    assert {"tile/0/001", "tile/entries/001", "tile/0/002.p/88", "tile/1/000.p/2"} <= after.keys()
    assert {**before, **after}.keys() >= dict(export(store)).keys()


def test_a_ledger_that_does_not_begin_with_what_was_published_is_a_fork(store, tmp_path):
    fill(store, 10)
    note = signed_checkpoint(store)
    fill(store, 10)
    assert published_size(store, note) == 10
    forged = store.sign(note.split("\n\n")[0].replace("\n10\n", "\n11\n") + "\n")
    longer = store.sign(note.split("\n\n")[0].replace("\n10\n", "\n21\n") + "\n")
    for other in (forged, longer):
        with pytest.raises(DataError) as caught:
            published_size(store, other)
        assert caught.value.code == "ledger/fork"
    with opened(tmp_path / "other") as stranger, pytest.raises(DataError, match="found none"):
        published_size(stranger, note)


@pytest.mark.parametrize("size", [0, 1, 127, 128, 256, 700])
def test_a_ledger_holds(store, size):
    fill(store, size)
    steps = []
    found = verify(store, anchored=signed_checkpoint(store), progress=lambda done, total: steps.append((done, total)))
    assert (found.ok, found.size, found.root) == (True, size, root_of(store.ledger.entries()))
    assert (steps[0], steps[-1]) == ((0, size), (size, size))


@pytest.mark.parametrize("place", [0, 31, 4095, 4096, 8191])
@pytest.mark.parametrize("number", [0, 1])
def test_any_byte_of_a_tile_is_read(store, place, number):
    fill(store, 600)
    content = store._keys_db.value("SELECT hashes FROM tiles WHERE level = 0 AND number = ?", (number,))
    changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
    store._keys_db.run("UPDATE tiles SET hashes = ? WHERE level = 0 AND number = ?", (changed, number))
    store.ledger._tiles.clear()
    assert f"tile 0/{number}: expected the hashes of what is below it, found others" in verify(store).problems


def test_a_changed_entry_is_noticed(store):
    fill(store, 600)
    content = store._keys_db.value("SELECT entry FROM entries WHERE number = 40")
    store._keys_db.run("UPDATE entries SET entry = ? WHERE number = 40", (content.replace(b"test 40", b"test 41"),))
    assert verify(store).problems == (
        "tile 0/0: expected the hashes of what is below it, found others",
        "root: expected that of the entries, found another",
    )


def test_an_entry_that_is_none_is_noticed(store):
    with store.transaction():
        store.ledger.append([b"{}", b"not an entry"])
    found = verify(store)
    assert [problem.split(":")[0] for problem in found.problems] == ["entry 0", "entry 1"]


def test_a_log_that_differs_from_the_newest_checkpoint_is_noticed(store):
    fill(store, 10)
    text = signed_checkpoint(store).split("\n\n")[0] + "\n"
    assert verify(store, anchored=store.sign(text)).ok
    for other in (text.replace("\n10\n", "\n9\n"), text.replace("\n10\n", "\n11\n")):
        found = verify(store, anchored=store.sign(other))
        assert [problem.split(":")[0] for problem in found.problems] == ["newest checkpoint"]
    assert [problem[:17] for problem in verify(store, anchored="no note").problems] == ["newest checkpoint"]


def test_a_key_without_an_entry_is_noticed(store):
    key = put(store, "one")
    assert holds(store)
    store._keys_db.run("UPDATE buckets SET key = ? WHERE key = ?", (bytes(16), key))
    problems = verify(store).problems
    assert f"bucket {'00' * 16}: expected an entry about its ingestion, found none" in problems
    assert f"bucket {key.hex()}: expected a key, as the ledger says nothing of its destruction, found none" in problems
    assert f"frames of {key.hex()}: expected none without a key, found some" in problems


@pytest.mark.parametrize(
    ("kind", "values", "named"),
    [
        ("erased", {"keys": ["KEY"], "records": 2, "reason": "request"}, "found one"),
        ("expired", {"days": [{"day": "2026-12-25", "key": "DAY"}], "records": 2, "early": False, "confirmed": False}, "found one"),
    ],
)
def test_a_key_that_outlives_its_destruction_is_noticed(store, kind, values, named):
    key = put(store, "one")
    day = store.keys.days()[0][1]
    text = json.dumps(values).replace("KEY", key.hex()).replace("DAY", day.hex())
    with store.transaction():
        store.ledger.append([render_entry(kind, AT, **json.loads(text))])
    problems = verify(store).problems
    assert f"bucket {key.hex()}: expected no key, as the ledger says that it is destroyed, found one" in problems
    assert (f"day key {day.hex()}: expected none, as the ledger says that it is destroyed, found one" in problems) == (kind == "expired")


def test_an_erased_bucket_under_a_legal_hold_must_be_dead(store):
    key = put(store, "one")
    hold(store, key, "case", "legal")
    erase(store, key)
    assert holds(store)
    store._keys_db.run("UPDATE buckets SET dead = 0")
    assert "expected a dead one" in verify(store).problems[0]


def test_keys_that_a_restored_backup_did_not_have_are_no_problem(store):
    key = put(store, "one")
    with store.transaction():
        store.ledger.append([render_entry("restored", AT, entries=1, keys=0, origin=None)])
    store._keys_db.run("DELETE FROM buckets WHERE key = ?", (key,))
    store.frames.forget([key])
    assert holds(store)
    later = put(store, "two")
    store._keys_db.run("DELETE FROM buckets WHERE key = ?", (later,))
    assert not holds(store)


def test_problems_are_listed_up_to_a_bound(store):
    with store.transaction():
        store.ledger.append([b"{}"] * 300)
    problems = verify(store).problems
    assert (len(problems), problems[-1]) == (MOST_PROBLEMS + 1, "further problems are left out")


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A store's keys.db, with the pages on which its ledger lies and the root over its entries."""
    folder = tmp_path_factory.mktemp("flips") / "store"
    with opened(folder) as store:
        fill(store, 300)
        erase(store, put(store, "one"))
        put(store, "two")
        found = store._keys_db.run("SELECT pageno FROM dbstat WHERE name IN ('entries', 'tiles', 'newest')")
        assert len(found) > 8
        root = verify(store).root
    return folder, (folder / "keys.db").read_bytes(), [page for (page,) in found], root


def outcome(folder, content):
    """Return what `verify` says of a store with that keys.db: problems, the code of an error, or the root."""
    (folder / "keys.db").write_bytes(content)
    try:
        with opened(folder) as store:
            found = verify(store)
            return found.root if found.ok else "problems"
    except Error as error:
        return error.code


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_flipped_bit_on_any_page_of_the_ledger_is_noticed_or_changes_nothing(pages, data):
    """What is not in use on a page may be anything; whatever is read is the log as it was, or refused."""
    folder, content, numbers, root = pages
    page, bit = data.draw(st.sampled_from(numbers)), data.draw(st.integers(0, 7))
    place = (page - 1) * 4096 + data.draw(st.integers(0, 4095))
    changed = content[:place] + bytes([content[place] ^ 1 << bit]) + content[place + 1 :]
    found = outcome(folder, changed)
    assert found in (root, "problems", "ledger/damaged", "integrity/database")


@pytest.mark.parametrize("sought", [b'"what":"test 40"', b'"what":"test 299"', b'"type":"erased"', b'"type":"ingested"'])
def test_every_byte_of_an_entry_counts(pages, sought):
    folder, content, _, _ = pages
    start = content.rindex(sought)
    for place in range(start, start + len(sought)):
        changed = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
        assert outcome(folder, changed) in ("problems", "ledger/damaged")
