"""Check a Tenure ledger, or a proof that a key was destroyed, without Tenure: one file, to be read before it is trusted.

    python tenure_verify.py log DIR [--against OLDER_CHECKPOINT] | proof FILE  [--key NAME+HASH+BASE64 | --key-file FILE] [--json]
Exit: 0 holds, 10 fails, 1 could not be read or the signature could not be checked. Needs `cryptography` for the signature only.
Source: RFC 9162 section 2.1; C2SP signed-note, tlog-checkpoint, tlog-tiles; Tenure's design 0002, sections Ledger and Keys.
"""

import argparse
import base64
import json
import re
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

try:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
except ImportError:
    Ed25519PublicKey = None  # type: ignore[assignment,misc]  # main() says so

MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)  # what JSON of another form than the expected one leads to
ID, NO_LIMIT = re.compile("[0-9a-f]{32}"), "9999-12-31"
NOTE = re.compile(r"(([!-~]+)\n(0|[1-9][0-9]{0,17})\n(.+)\n)\n((?:— .+\n)*)")  # the text, and in it origin, size and root; the signatures
PLACED, NAMED = ("ingested", "derived", "tightened"), ("tightened", "held", "released", "erased")  # types that set a day; that list keys
OTHERS = ("refused", "permitted", "read", "expired", "consented", "account", "exported", "opened", "restored", "rotated", "registered")

def root(hashes: list[bytes]) -> bytes:
    """Return the root over hashes of entries, or of complete subtrees of one size: MTH of RFC 9162 section 2.1.1."""
    if len(hashes) < 2:
        return hashes[0] if hashes else sha256(b"").digest()
    half = 1 << ((len(hashes) - 1).bit_length() - 1)
    return sha256(b"\1" + root(hashes[:half]) + root(hashes[half:])).digest()

def climb(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """Return the root to which the inclusion proof `path` leads from entry `index` of `size`: PATH of section 2.1.3.1."""
    if size <= 1 or not path:
        return sha256(b"\0" + entry if (index, size, path) == (0, 1, []) else b"no tree has this hash").digest()
    half = 1 << ((size - 1).bit_length() - 1)
    if index < half:
        return sha256(b"\1" + climb(entry, index, half, path[:-1]) + path[-1]).digest()
    return sha256(b"\1" + path[-1] + climb(entry, index - half, size - half, path[:-1])).digest()

def decode(text: str) -> bytes:
    """Decode base64 in its one spelling."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("base64: bits are set that mean nothing")
    return raw

def checkpoint(note: str, beside: str, trusted: str | None, problems: list[str]) -> tuple[str, int, bytes]:
    """Check a signed note by the trusted key, or else by the one that came with it; return origin, size and root."""
    key, parts = (beside if trusted is None else trusted).strip(), NOTE.fullmatch(note)
    name, digest, encoded = key.split("+", 2)
    public = decode(encoded)
    if parts is None or len(public) != 33 or public[0] != 1 or sha256(name.encode() + b"\n" + public).hexdigest()[:8] != digest:
        raise ValueError("expected a checkpoint as a signed note of origin, size and root, and an Ed25519 key as NAME+HASH+BASE64")
    ours = [line for line in map(decode, re.findall(f"^— {re.escape(name)} (.+)$", parts[5], re.MULTILINE)) if line[:4].hex() == digest]
    if not ours or key != beside.strip():
        problems.append(f"checkpoint of {parts[3]} entries: no signature by the key {key!a}, or another key came with it")
    for signature in ours if Ed25519PublicKey is not None else []:
        try:
            Ed25519PublicKey.from_public_bytes(public[1:]).verify(signature[4:], parts[1].encode())
        except Exception:  # whatever keeps a signature from being checked counts against it
            problems.append(f"checkpoint of {parts[3]} entries: the signature by the key {key!a} does not fit")
    return parts[2], int(parts[3]), decode(parts[4])

class Story:
    """What the entries say of each key. In it, entries are named in words: `entry 7 (erased, 2027-01-31 00:00:00+00:00)`."""
    def __init__(self, entries: Iterable[tuple[int, bytes]], problems: list[str]) -> None:
        self.last = datetime.min.replace(tzinfo=UTC)
        self.born: dict[str, str] = {}  # bucket key: its first entry
        self.days: dict[str, str] = {}  # day key: its day
        self.under: dict[str, str] = {}  # key: the day key that it stands under; a day key: itself
        self.holds: dict[str, dict[str, str]] = {}  # key: the holds on it, each with its kind
        self.doomed: set[str] = set()  # bucket keys that were erased under a legal hold; they go with their last hold
        self.dead: dict[str, str] = {}  # key: the entry that destroyed it
        self.permits: dict[int, datetime] = {}  # entry: until when
        for index, raw in entries:
            try:
                problems += [f"entry {index}: {problem}" for problem in self._tell(index, raw)]
            except MALFORMED as error:
                problems.append(f"entry {index}: not as design 0002 says: {error}")

    def end(self, key: str) -> str | None:
        """Return the entry that destroyed a key: itself, or its day key while no hold was on it."""
        return self.dead.get(key, None if self.holds.get(key) else self.dead.get(self.under.get(key, "")))

    def _tell(self, index: int, raw: bytes) -> Iterator[str]:
        entry = json.loads(raw, parse_float=str, parse_constant=str)  # so that a float is not canonical
        kind, at, known = entry["type"], datetime.fromisoformat(entry["at"]), (*PLACED, *NAMED, *OTHERS)
        if json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() != raw or entry["v"] != 1 or kind not in known:
            raise ValueError("not canonical JSON, or of a version or type that this file does not know")
        if at < self.last:
            yield f"{at} is before the entry that it follows"
        self.last, place = max(at, self.last), f"entry {index} ({kind}, {at})"
        keys = entry["keys"] if kind in NAMED else [entry["key"]] if kind in PLACED and entry.get("declassifier") is None else []  # figures: none
        named = [(key, entry.get("day") if kind in PLACED else None, entry.get("expires")) for key in keys]
        named += [(part["key"], part["key"], part["day"]) for part in entry["days"]] if kind == "expired" else []
        for key, day, text in named:
            if not ID.fullmatch(key) or not ID.fullmatch(day or key):
                raise ValueError("a key id is not 32 hexadecimal digits")
            if (kind in PLACED or kind == "held") and (end := self.end(key) or self.end(day or key)):
                yield f"{kind} uses the key {key} or its day key, which {end} destroyed"
            if day:
                until = date.fromisoformat(text or NO_LIMIT).isoformat()
                if self.days.setdefault(day, until) != until or self.days[self.under.get(key, day)] < until:
                    yield f"the key {key} moves to a later day, {until}, or the day key {day} was of another day before"
                if kind == "expired" and at.astimezone(UTC).date().isoformat() < until and entry["early"] is not True:
                    yield f"the day key {day} is destroyed before its day {until}, and not as early"
                self.under[key] = day
            holds, is_due = self.holds.setdefault(key, {}), key in self.doomed or self.under.get(key) in self.dead
            if kind in ("ingested", "derived"):
                self.born.setdefault(key, place)
            elif kind == "held":
                holds[entry["hold"]] = entry["kind"]
            elif kind == "erased" and "legal" in holds.values():
                self.doomed.add(key)
            elif kind in ("erased", "expired") or (kind == "released" and holds.pop(entry["hold"], None) and not holds and is_due):
                self.dead.setdefault(key, place)
        self.permits[index] = datetime.fromisoformat(entry["until"]) if kind == "permitted" else at  # what is no permit is over at once
        if kind == "read" and at >= self.permits.get(entry["permit"], at):
            yield "read without a permit that stands before it and is not over"

def tiles(folder: Path, kind: str, size: int) -> Iterator[tuple[str, bytes, range]]:
    """Read the tiles over a row of so many hashes or entries: name, content (b"" where it is not there), and which of the row are in it."""
    for start in range(0, size, 256):
        *groups, last = [f"{group:0>3}" for group in f"{start // 256:,}".split(",")]
        part = range(start, min(start + 256, size))
        name = "/".join(["tile", kind, *(f"x{group}" for group in groups), last]) + (f".p/{len(part)}" if len(part) < 256 else "")
        yield name, (folder / name).read_bytes() if (folder / name).is_file() else b"", part

def check_log(given: argparse.Namespace, problems: list[str]) -> str:
    """Check the tiles, the root, an older checkpoint and what the entries say."""
    folder, entries, beside = Path(given.path), list[bytes](), (Path(given.path) / "verifier-key").read_text("utf-8")
    origin, size, top = checkpoint((folder / "checkpoint").read_text("utf-8"), beside, given.key, problems)
    for name, raw, part in tiles(folder, "entries", size):
        at = 0
        while at < len(raw):
            begin, at = at + 2, at + 2 + int.from_bytes(raw[at : at + 2], "big")
            entries.append(raw[begin:at])
        if at > len(raw):
            raise ValueError(f"{name}: cut short")
        if len(entries) != part.stop:
            problems.append(f"entry {min(len(entries), part.stop)}: {name} has {len(entries) - part.start} entries, not {len(part)}")
            return f"log {origin}: not as many entries as the {size} that the checkpoint signs"
    hashes = row = [sha256(b"\0" + entry).digest() for entry in entries]
    for level in range(8):
        for name, raw, part in tiles(folder, str(level), len(row)):
            if len(raw) != 32 * len(part):
                raise ValueError(f"{name}: expected {len(part)} hashes")
            problems += [f"entry {at << 8 * level}: {name} has another hash" for at in part if row[at] != raw[32 * (at - part.start) :][:32]]
        row = [root(row[at : at + 256]) for at in range(0, len(row) - 255, 256)]
    if root(hashes) != top:
        problems.append(f"entries 0 to {size - 1}: their root is not the one that the checkpoint signs")
    if given.against:
        before, older, former = checkpoint(Path(given.against).read_text("utf-8"), beside, given.key, problems)
        if before != origin or older > size or root(hashes[:older]) != former:
            problems.append(f"older checkpoint: not over the first {older} entries of this log")
    story = Story(enumerate(entries), problems)
    return f"log {origin}: {size} entries; {len([key for key in story.born if story.end(key)])} of {len(story.born)} keys destroyed"

def check_proof(given: argparse.Namespace, problems: list[str]) -> str:
    """Check that the log holds the entries of a proof, and that they tell the destruction of its key."""
    proof = json.loads(Path(given.path).read_bytes())
    if sorted(proof) != ["checkpoint", "entries", "key", "schema", "verifier_key"] or proof["schema"] != "tenure.proof/1":
        raise ValueError("expected a proof of schema tenure.proof/1")
    origin, size, top = checkpoint(proof["checkpoint"], proof["verifier_key"], given.key, problems)
    entries = [(int(str(part["index"])), decode(part["entry"])) for part in proof["entries"]]
    roots = [climb(raw, index, size, [decode(text) for text in part["proof"]]) for (index, raw), part in zip(entries, proof["entries"], strict=True)]
    problems += [f"entry {index}: not shown to be in the log" for (index, _), found in zip(entries, roots, strict=True) if found != top]
    key, story = proof["key"], Story(entries, problems)
    if entries != sorted(entries) or key not in story.born or story.end(key) is None:
        problems.append(f"key {key!a}: the entries do not tell, in order, that it was put to use and that it was destroyed")
    born, day, end = story.born.get(key), story.days.get(story.under.get(key, "")), story.end(key)
    return f"log {origin}, {size} entries: key {key!a} put to use in {born}, kept until {day}, destroyed in {end}"

def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("log", "proof"))
    for name in ("path", "--key", "--key-file", "--against"):
        parser.add_argument(name)
    parser.add_argument("--json", action="store_true")
    given, problems, is_checked = parser.parse_args(), list[str](), Ed25519PublicKey is not None
    not_shown = ["that no copy of data or key exists elsewhere", "that what was logged is what happened"]
    try:
        given.key = Path(given.key_file).read_text("utf-8") if given.key_file else given.key
        shown = (check_log if given.what == "log" else check_proof)(given, problems)
    except (OSError, *MALFORMED) as error:
        parser.exit(1, f"could not be read: {error}\n")
    not_shown += ["SIGNATURE NOT CHECKED: install `cryptography`"] if not is_checked else [] if given.key else ["whose key signed: no --key given"]
    answer = {"schema": "tenure.verify/1", "ok": is_checked and not problems, "shown": shown, "not_shown": not_shown, "problems": problems}
    lines = [f"problem: {text}" for text in problems] + [f"not shown: {text}" for text in not_shown]
    sys.stdout.write(json.dumps(answer) + "\n" if given.json else "\n".join([("fails: " if problems else "holds: ") + shown, *lines, ""]))
    return 10 if problems else 0 if is_checked else 1

if __name__ == "__main__":
    raise SystemExit(main())
