"""Logs as Tenure would tell them, made without Tenure: the tree by the recursion of RFC 9162 section 2.1.1, tiles and notes as C2SP has them."""

import base64
import importlib.util
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = Path(__file__).parents[3] / "src" / "tenure" / "ledger" / "verifier" / "tenure_verify.py"
SPEC = importlib.util.spec_from_file_location("tenure_verify", FILE)
assert SPEC is not None
assert SPEC.loader is not None
VERIFIER = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(VERIFIER)

NAME = "example.org/log"
OURS, THEIRS = (Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32) for number in (1, 2))
T0 = datetime(2027, 1, 1, tzinfo=UTC)
Log = list[bytes]
Run = Callable[..., tuple[int, str]]
"""Runs the verifier, and returns its exit code and all that it said."""


def verifier_key(private: Ed25519PrivateKey = OURS) -> str:
    public = b"\1" + private.public_key().public_bytes_raw()
    digest = sha256(NAME.encode() + b"\n" + public).hexdigest()[:8]
    return f"{NAME}+{digest}+{base64.b64encode(public).decode()}"


def checkpoint(log: Log, private: Ed25519PrivateKey = OURS, origin: str = NAME) -> str:
    text = f"{origin}\n{len(log)}\n{base64.b64encode(mth(log)).decode()}\n"
    digest = bytes.fromhex(verifier_key(private).split("+")[1])
    return f"{text}\n— {NAME} {base64.b64encode(digest + private.sign(text.encode())).decode()}\n"


def split(size: int) -> int:
    """The largest power of two below `size`, as RFC 9162 section 2.1.1 has it."""
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def mth(log: Log) -> bytes:
    if len(log) <= 1:
        return sha256(b"\0" + log[0] if log else b"").digest()
    half = split(len(log))
    return sha256(b"\1" + mth(log[:half]) + mth(log[half:])).digest()


def path(index: int, log: Log) -> list[bytes]:
    if len(log) == 1:
        return []
    half = split(len(log))
    return [*path(index, log[:half]), mth(log[half:])] if index < half else [*path(index - half, log[half:]), mth(log[:half])]


def write_tiles(folder: Path, kind: str, row: Log) -> None:
    assert len(row) < 256_000
    for number in range(-(-len(row) // 256)):
        part = row[number * 256 : number * 256 + 256]
        file = folder / "tile" / kind / (f"{number:03}" if len(part) == 256 else f"{number:03}.p/{len(part)}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"".join(part))


def bundled(log: Log) -> Log:
    return [len(entry).to_bytes(2, "big") + entry for entry in log]


def export(folder: Path, log: Log, note: str | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "verifier-key").write_text(verifier_key() + "\n", "utf-8")
    (folder / "checkpoint").write_text(checkpoint(log) if note is None else note, "utf-8")
    write_tiles(folder, "entries", bundled(log))
    for level in range(3):
        span = 256**level
        write_tiles(folder, str(level), [mth(log[at : at + span]) for at in range(0, len(log) - span + 1, span)])
    return folder


def key(name: str) -> str:
    return sha256(name.encode()).hexdigest()[:32]


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def entry(index: int, kind: str, /, **more: object) -> bytes:
    return canonical({"v": 1, "type": kind, "at": (T0 + timedelta(hours=6 * index)).isoformat(), **more})


def day_of(index: int) -> str:
    return (T0 + timedelta(hours=6 * index)).date().isoformat()


def chapter(first: int) -> Log:
    """Twelve entries: a, c and d end with their day, but c is held beyond it; b is tightened; d is derived and erased."""
    a, b, c, d, day, hold = (key(f"{first}/{name}") for name in ("a", "b", "c", "d", "day", "hold"))
    until = day_of(first + 10)
    told: list[tuple[str, dict[str, object]]] = [
        ("ingested", {"key": a, "day": day, "expires": until, "records": 3, "cells": [], "terms": "sha256:00", "commitment": "é"}),
        ("ingested", {"key": b, "day": key("no limit"), "expires": None, "records": 1}),
        ("ingested", {"key": c, "day": day, "expires": until, "records": 2}),
        ("derived", {"key": d, "inputs": "00", "inputs_count": 2, "transform": {}, "declassifier": None, "started_at": T0.isoformat()}),
        ("permitted", {"keys": "00", "purposes": ["debug"], "records": 6, "until": (T0 + timedelta(hours=6 * (first + 6))).isoformat()}),
        ("read", {"permit": first + 4, "records": 6}),
        ("tightened", {"keys": [b], "day": day, "expires": until, "reason": "withdrawn"}),
        ("held", {"hold": hold, "keys": [c], "kind": "legal", "days": 9}),
        ("erased", {"keys": [d], "records": 1, "reason": "subject"}),
        ("account", {"event": "tier", "commitment": "00"}),
        ("expired", {"days": [{"day": until, "key": day}], "records": 4, "early": False, "confirmed": False}),
        ("released", {"hold": hold, "keys": [c], "kind": "legal", "days": 9}),
    ]
    return [entry(first + index, kind, **more) for index, (kind, more) in enumerate(told)]


def ledger(size: int) -> Log:
    return [raw for first in range(0, size, 12) for raw in chapter(first)][:size]


def proof(log: Log, name: str, indexes: Sequence[int]) -> bytes:
    entries = [
        {"index": index, "entry": base64.b64encode(log[index]).decode(), "proof": [base64.b64encode(part).decode() for part in path(index, log)]}
        for index in indexes
    ]
    made = {"schema": "tenure.proof/1", "key": name, "verifier_key": verifier_key(), "checkpoint": checkpoint(log), "entries": entries}
    return json.dumps(made, separators=(",", ":")).encode()


A, B, C, DAY, HOLD = (key(f"0/{name}") for name in ("a", "b", "c", "day", "hold"))
NEXT, NEXT_DAY, END = key("next"), day_of(40), day_of(10)
"""Names of the first chapter, and one that comes from nowhere."""
