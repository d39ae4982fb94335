"""Proofs from the ledger: what it says about one key, and the log as files that others can read. Source: design 0002; C2SP tlog-tiles."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass

from tenure.errors import DataError
from tenure.ledger.checkpoint import Checkpoint, open_checkpoint, render_checkpoint
from tenure.ledger.entries import parse_entry
from tenure.ledger.lives import Lives, entries_about
from tenure.ledger.tiles import log_files
from tenure.ledger.tree import inclusion_proof
from tenure.ports import Store
from tenure.records.canonical import Plain
from tenure.records.held import KeyId, parse_record_name
from tenure.records.note import parse_verifier_key

SCHEMA = "tenure.proof/1"
CHECKPOINT = "checkpoint"
VERIFIER_KEY = "verifier-key"
PROGRAM = "tenure_verify.py"


@dataclass(frozen=True, slots=True)
class Proven:
    """One entry with its way to the root.

    Attributes:
        index: in the log.
        entry: its bytes.
        path: the hashes up to the root of the checkpoint, the nearest first.
    """

    index: int
    entry: bytes
    path: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """All that the log says about one key.

    Attributes:
        key: of the bucket.
        verifier_key: of the store.
        checkpoint: the signed note that all paths lead to.
        entries: about the key and the day keys that it stood under, in order.
        is_destroyed: whether they say that the key is gone.
    """

    key: KeyId
    verifier_key: str
    checkpoint: str
    entries: tuple[Proven, ...]
    is_destroyed: bool


def signed_checkpoint(store: Store) -> str:
    """Return a signed checkpoint of the ledger as it stands."""
    origin = parse_verifier_key(store.verifier_key).name
    return store.sign(render_checkpoint(Checkpoint(origin, store.ledger.size, store.ledger.root())))


def prove(store: Store, key: KeyId) -> Proof:
    """Return what the log says about a key up to now.

    Raises:
        DataError: it says nothing about such a key.
        IntegrityError: an entry or a hash cannot be read.
    """
    size, lives = store.ledger.size, Lives()
    about = list(entries_about(store.ledger.entries(), key.hex(), lives))
    if key.hex() not in lives.keys:
        message = f"key {key.hex()}: expected one that the ledger names, found none"
        raise DataError(message, code="ledger/unknown-key", remedy="give a record as `tenure vault put` printed it, or its 32 hexadecimal digits")
    entries = tuple(Proven(index, entry, tuple(inclusion_proof(index, size, store.ledger.hash))) for index, entry, _ in about)
    return Proof(key, store.verifier_key, signed_checkpoint(store), entries, lives.is_destroyed(key.hex()))


def prove_destroyed(store: Store, key: KeyId) -> Proof:
    """Return the proof that a key is destroyed.

    Raises:
        DataError: the log says nothing about such a key, or not that it is destroyed.
    """
    proof = prove(store, key)
    if not proof.is_destroyed:
        message = f"key {key.hex()}: expected one that the ledger says is destroyed, found a living one"
        raise DataError(message, code="ledger/not-destroyed", remedy="`tenure vault why RECORD` says until when it is held")
    return proof


def prove_record(store: Store, name: str) -> Proof:
    """Return what the log says about the key of a record.

    Args:
        store: whose log.
        name: of the record, or the key alone.

    Raises:
        DataError: neither, or the log says nothing about it.
    """
    if "." not in name:
        name = f"{name}.0.0"
    record = parse_record_name(name)
    proof = prove(store, record.key)
    batches = sum(1 for proven in proof.entries if parse_entry(proven.entry)["type"] == "ingested")
    if record.batch and record.batch >= batches:
        message = f"record: expected a batch below {batches} of its key, as the ledger names them, got {record.batch}"
        raise DataError(message, code="ledger/unknown-key", remedy="give a record as `tenure vault put` printed it")
    return proof


def render_proof(proof: Proof) -> dict[str, Plain]:
    """Return a proof as the JSON that the independent verifier reads."""
    entries: list[Plain] = [{"index": each.index, "entry": _text(each.entry), "proof": [_text(part) for part in each.path]} for each in proof.entries]
    return {
        "schema": SCHEMA,
        "key": proof.key.hex(),
        "verifier_key": proof.verifier_key,
        "checkpoint": proof.checkpoint,
        "entries": entries,
    }


def published_size(store: Store, note: str) -> int:
    """Return the size of a checkpoint that was published earlier, once the ledger is known to extend it.

    Raises:
        DataError: not a checkpoint of this log, or the ledger does not begin with what it says: a fork.
    """
    seen = open_checkpoint(note, (parse_verifier_key(store.verifier_key),))
    if seen.size > store.ledger.size or store.ledger.root(seen.size) != seen.root:
        message = f"ledger: expected one that begins with the {seen.size} entries that were published, found another of {store.ledger.size}"
        raise DataError(message, code="ledger/fork", remedy="the store is an older or another copy: tenure vault restore; nothing was published")
    return seen.size


def export(store: Store, *, since: int = 0, program: bytes | None = None) -> Iterator[tuple[str, bytes]]:
    """Yield the log as files, the checkpoint last, so that whoever reads it finds the tiles that it stands on.

    Args:
        store: whose log.
        since: leave out the tiles that were full at this size already.
        program: the independent verifier, to be put beside them; None = leave it out.

    Yields:
        Relative name and content: tiles and bundles of C2SP tlog-tiles, `tenure_verify.py`, `verifier-key`, `checkpoint`.
    """
    checkpoint = signed_checkpoint(store)
    yield from log_files(store.ledger, store.ledger.size, since)
    if program is not None:
        yield PROGRAM, program
    yield VERIFIER_KEY, f"{store.verifier_key}\n".encode()
    yield CHECKPOINT, checkpoint.encode()


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
