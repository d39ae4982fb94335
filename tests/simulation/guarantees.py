"""One check for each guarantee of the design, over a store, every byte of its disk, its ledger, and the model that says what must be true."""

import importlib.util
import json
import re
from argparse import Namespace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap
from tests.oracle import naive
from tests.simulation.checks import _WRAPPED, _root
from tests.simulation.content import Fate
from tests.simulation.disk import SimulatedDisk
from tests.simulation.model import STRICT, Held
from tests.simulation.town import USES
from tests.simulation.world import World

from tenure.ledger.verifier import __path__ as _verifier
from tenure.records.held import KeyId
from tenure.services.proving import export, prove_destroyed, render_proof
from tenure.services.use import Batch
from tenure.vault.backups import epochs
from tenure.vault.backups.keys import keys_backups
from tenure.vault.backups.sealed_file import open_file
from tenure.vault.snapshot import in_memory
from tenure.vault.store import SqliteStore

BOUND = timedelta(hours=24)
_NAMED = re.compile(rb"(?:PERSON|ORG|SESSION|CANARY|hold)-\d+")
_DIGEST = re.compile(rb"[0-9a-f]{64}")


class Guarantees:
    """Watches a world, and says what it breaks.

    Args:
        world: with a model of it.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.ends: dict[KeyId, datetime | None] = {}
        self.seen = 0
        self.batches = self.looks = 0
        self.last = START_OF_TIME
        self.published: list[str] = []
        world.watch = self.g1_permit_is_durable
        world.recovered = self.after_recovery  # type: ignore[method-assign]  # it is there to be set
        world.backed_up = self.g2_backups  # type: ignore[method-assign]  # as above

    def after_recovery(self) -> None:
        self.check(sample=25)

    def check(self, *, sample: int, is_thorough: bool = False) -> None:
        """Check all of them.

        Args:
            sample: how many records are read for each purpose.
            is_thorough: whether the bytes and the whole ledger are looked at, too.
        """
        self.looks += 1
        self.g9_time_goes_on()
        self.g8_g2_buckets()
        self.g2_g3_readable(sample)
        self.g2_bytes()
        self.g4_g5_nothing_of_what_was_refused()
        self.g6_entries()
        if is_thorough:
            self.g10_receipts()
            self.g10_verifier()

    # --- G1

    def g1_permit_is_durable(self, batch: Batch) -> None:
        """What was handed out has a receipt that a power cut at this instant leaves."""
        self.batches += 1
        files = self.world.house.disk.files
        for name in ("keys.db", "keys.db-wal"):
            inode = files.file(name)
            assert inode is not None
            assert not inode.pending, f"handed out while {name} was not durable"
            assert files.durable_names.get(name) is inode
        if self.batches % 25 == 1:
            found = SqliteStore(self.world.house.disk.crash(self.world.random, Fate.LOST), at=self.world.now)
            try:
                entry = json.loads(next(found.ledger.entries(batch.permit, batch.permit + 1)))
            finally:
                found.close()
            assert entry["type"] == "permitted"
            assert entry["keys"] == _root(sorted(bucket.key for bucket in batch.buckets)).hex()

    # --- G2, G3, G8

    def g8_g2_buckets(self) -> None:
        """What has a key is what the model holds, and ends when it says; an end never moves away."""
        model, now = self.world.model, self.world.now
        by_key = dict[str, Held]()
        for held in model.held.values():
            by_key.setdefault(held.key, held)
        found = {bucket.key: bucket for bucket in self.world.store.keys.buckets()}
        for key, bucket in found.items():
            held = by_key.get(key.hex())
            assert held is not None, f"{key.hex()} has a key, and should be gone"
            assert bucket.is_dead == (held.state == "dead"), held
            assert len(bucket.holds) == len(held.holds), held
            assert held.is_narrowed or bucket.owner.subject == held.subject, f"belongs to another: {held}"
            end = model.end(held, now)
            if held.inputs or held.is_narrowed or (end is not None and end <= now):  # what is over moves to the start of its day
                assert not _later(bucket.expires_at, end), f"ends at {bucket.expires_at}, after {end}: {held}"
            else:
                assert bucket.expires_at == end, f"ends at {bucket.expires_at}, should at {end}: {held}"
            if key in self.ends:
                assert not _later(bucket.expires_at, self.ends[key]), f"lived until {self.ends[key]}, now until {bucket.expires_at}: {held}"
            self.ends[key] = bucket.expires_at
        missing = [held for held in by_key.values() if KeyId(bytes.fromhex(held.key)) not in found]
        assert all(self._may_have_ended(held) for held in missing), f"have no key any more: {missing}"
        for held in missing:
            for each in [each for each in model.held.values() if each.key == held.key]:
                model.drop(each, now)

    def _may_have_ended(self, held: Held) -> bool:
        """Of what was derived, and of what came out of a backup, the model knows the latest end alone."""
        end = self.ends.get(KeyId(bytes.fromhex(held.key)))
        return bool(held.inputs or held.is_narrowed) and not held.holds and end is not None and end <= self.world.now

    def g2_g3_readable(self, sample: int) -> None:
        """For each use what opens is what the model lets open."""
        for name in USES:
            chosen = {held.name: held for held in (*self.world.sample(sample), *self.world.at_the_edge(sample // 2))}
            self.world.reads(list(chosen.values()), name)

    def g2_bytes(self) -> None:
        """No destroyed key, no plaintext, and no name of somebody who was erased stands in any byte."""
        world = self.world
        store, disk = world.store, world.house.disk
        rows = store._keys_db.run("SELECT wrapped FROM buckets UNION ALL SELECT wrapped FROM days UNION ALL SELECT wrapped FROM holds")
        live, left = {wrapped[4:] for (wrapped,) in rows if isinstance(wrapped, bytes)}, set[bytes]()
        kept = {held.subject for held in world.model.held.values() if held.state == "dead"}  # a legal hold keeps the owner's name too
        erased = [subject for subject in world.erased if subject not in kept]
        for name, content in disk.raw():
            assert b"CANARY-" not in content, f"{name} holds a record in clear"
            found = set(_WRAPPED.findall(content))
            left |= found - live
            assert found <= live or store.keys.is_stale, f"{name} holds {len(found - live)} destroyed keys"
            if not name.startswith("segments/"):
                for subject in erased:
                    assert subject.encode() not in content, f"{name} names {subject}, who was erased"
        if left:
            self._only_other_wraps_of_what_lives(left)

    def _only_other_wraps_of_what_lives(self, left: set[bytes]) -> None:
        """Of what was tightened, held or released, the wrap from before may lie there until it ends: it opens nothing that is gone."""
        store = self.world.store
        by_id = {key: wrapped[4:] for key, wrapped in store._keys_db.run("SELECT id, wrapped FROM days UNION ALL SELECT id, wrapped FROM holds")}
        wrappers = {key: secret for key, wrapped in by_id.items() if (secret := _unwrapped(store._root, wrapped)) is not None}
        living = {_unwrapped(wrappers[wrapper], wrapped[4:]) for wrapper, wrapped in store._keys_db.run("SELECT wrapper, wrapped FROM buckets")}
        old = {secret for wrapped in left if (secret := _unwrapped(store._root, wrapped)) is not None}
        for wrapped in left:
            for wrapper in {*wrappers.values(), *old}:
                secret = _unwrapped(wrapper, wrapped)
                assert secret is None or secret in living, "a destroyed key still opens"

    def g2_backups(self, keys: SimulatedDisk, others: SimulatedDisk) -> None:
        """What was destroyed a day ago opens from no backup, whatever is left of the epoch keys."""
        now = self.world.now
        secrets = {each.id: each.secret for each in epochs.epochs(others)}
        gone = {held.key for held in self.world.model.gone.values() if held.gone_at is not None and held.gone_at + BOUND < now}
        for backup in keys_backups(keys):
            if backup.epoch in secrets:
                content = open_file(secrets[backup.epoch], keys.read(backup.name), backup.name)
                with in_memory(content, backup.name) as database:
                    left = {key.hex() for (key,) in database.run("SELECT key FROM buckets") if isinstance(key, bytes)} & gone
                assert not left, f"the backup of {backup.at} opens what was destroyed more than a day before {now}"

    # --- G4, G5

    def g4_g5_nothing_of_what_was_refused(self) -> None:
        """No digest of what was refused is anywhere; of its text `g2_bytes` finds any."""
        refused = self.world.refusals[-6:]
        digests = [sha256(content).digest() for content in refused]
        for name, content in self.world.house.disk.raw():
            for digest in digests:
                assert digest not in content, f"{name} holds a digest of what was refused"
                assert digest.hex().encode() not in content, f"{name} holds a digest of what was refused"

    # --- G6, G7

    def g6_entries(self) -> None:
        """New entries name nobody, hold no digest of content, and their decisions come out again by the oracle."""
        ledger = self.world.store.ledger
        for index, content in enumerate(ledger.entries(self.seen), self.seen):
            assert not _NAMED.search(content), f"entry {index} names somebody: {content!r}"
            assert not {bytes.fromhex(found.decode()) for found in _DIGEST.findall(content)} & self.world.digests, (
                f"entry {index} holds a digest of content"
            )
            if index % 11 == 0:
                self._decided_again(json.loads(content))
        self.seen = ledger.size

    def _decided_again(self, entry: dict[str, Any]) -> None:
        match entry["type"]:
            case "ingested" if "derived_from" not in entry["cells"][0]:
                assert _met(entry["cells"], "collect", entry["at"])[0] == "permit", entry
            case "refused":
                verdict, is_nothing = _met(entry["cells"], "collect", entry["at"])
                assert entry["verdict"] == verdict or (is_nothing and verdict == "permit" and entry["verdict"] == "deny"), entry
            case "permitted" if entry["purposes"] != ["safety"] and not any(each.startswith("train") for each in entry["purposes"]):
                for purpose in entry["purposes"]:
                    assert _met(entry["cells"], purpose, entry["at"])[0] == "permit", (purpose, entry)

    # --- G9

    def g9_time_goes_on(self) -> None:
        highest = self.world.store.highest
        assert highest >= self.last, "the highest durable instant went backwards"
        assert self.world.now >= highest, "the present is before what was durable"
        self.last = highest

    # --- G10

    def g10_receipts(self) -> None:
        """What was taken in has a receipt, and so has its end."""
        under, ended, destroyed = dict[str, set[str]](), set[str](), set[str]()
        for content in self.world.store.ledger.entries():
            entry = json.loads(content)
            if entry["type"] == "ingested":
                under.setdefault(entry["key"], set()).add(entry["day"])
            elif entry["type"] == "tightened":
                for key in entry["keys"]:
                    under.setdefault(key, set()).add(entry["day"])
            elif entry["type"] == "erased":
                destroyed.update(entry["keys"])
            elif entry["type"] == "expired":
                ended.update(day["key"] for day in entry["days"])
        for held in self.world.model.held.values():
            assert held.key in under, f"no receipt of its intake: {held}"
        for held in self.world.model.gone.values():
            assert held.key in self.world.lost or held.key in destroyed or under.get(held.key, set()) & ended, f"no receipt of its end: {held}"

    def g10_verifier(self) -> None:
        """The independent verifier passes on an export, extends each checkpoint that was published, and follows proofs of destruction."""
        program, store, problems = verifier(), self.world.store, list[str]()
        key = store.verifier_key
        with TemporaryDirectory(prefix="tenure-tests-") as name:
            folder = Path(name)
            for path, content in export(store):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            for older in (self.published or [""])[-3:]:
                (folder / "older").write_text(older, encoding="utf-8")
                program.check_log(Namespace(path=name, key=key, against=str(folder / "older") if older else None), problems)
            gone = [held for held in self.world.model.gone.values() if held.key not in self.world.lost][-2:]
            for held in gone:
                proof = render_proof(prove_destroyed(store, KeyId(bytes.fromhex(held.key))))
                (folder / "proof").write_text(json.dumps(proof), encoding="utf-8")
                program.check_proof(Namespace(path=str(folder / "proof"), key=key), problems)
            self.published.append((folder / "checkpoint").read_text(encoding="utf-8"))
        assert not problems, problems[:3]


START_OF_TIME = naive.BEFORE_ALL


@cache
def verifier() -> ModuleType:
    """Load the independent verifier as the one file that it is."""
    spec = importlib.util.spec_from_file_location("tenure_verify", Path(next(iter(_verifier))) / "tenure_verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _unwrapped(wrapper: bytes, wrapped: bytes) -> bytes | None:
    try:
        return aes_key_unwrap(wrapper, wrapped)
    except InvalidUnwrap:
        return None


def _later(one: datetime | None, other: datetime | None) -> bool:
    return other is not None and (one is None or one > other)


def _met(cells: list[dict[str, Any]], purpose: str, at: str) -> tuple[str, bool]:
    """Decide cells again by the oracle: the strictest verdict, and whether nothing may be kept, or its time was over."""
    found = [naive.decide({**cell, "purpose": purpose, "asked_at": at}) for cell in cells]
    collected = [naive.instant(cell["collected_at"]) for cell in cells]
    ends = [
        naive.end_of("P30D", start) if each["keep"] is None else naive.instant(each["expires_at"])
        for each, start in zip(found, collected, strict=True)
    ]
    asked = naive.instant(at)
    assert asked is not None
    is_nothing = any(each["keep"] == "P0D" for each in found) or any(end is not None and end <= asked for end in ends)
    return min((str(each["verdict"]) for each in found), key=STRICT.index), is_nothing
