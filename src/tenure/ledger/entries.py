"""Entries of the ledger: one table of types and keys, rendered to canonical bytes and read back strictly.

No entry holds an id of a person, an organisation, a session or a record, nor a digest of content. Source: design 0002.
"""

import contextlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime

from tenure.errors import IntegrityError
from tenure.ledger.tiles import LONGEST
from tenure.records.canonical import Plain, canonical_bytes
from tenure.records.held import KeyId
from tenure.records.instants import parse_time, render_time

VERSION = 1
TYPES: Mapping[str, tuple[str, ...]] = {
    "ingested": ("cells", "commitment", "day", "expires", "key", "records", "terms"),
    "refused": ("because", "cells", "records", "terms", "verdict"),
    "permitted": ("cells", "job", "keys", "purposes", "records", "terms", "until"),
    "read": ("permit", "records"),
    "derived": ("declassifier", "inputs", "inputs_count", "key", "started_at", "transform"),
    "tightened": ("day", "expires", "keys", "reason"),
    "expired": ("confirmed", "days", "early", "records"),
    "erased": ("keys", "reason", "records"),
    "held": ("hold", "keys", "kind"),
    "released": ("hold", "keys", "kind"),
    "consented": ("by", "channel", "commitment", "default", "dwell_ms", "name", "text_sha256", "value"),
    "account": ("by", "commitment", "event"),
    "exported": ("keys", "records", "until"),
    "opened": ("confirmed", "in_doubt"),
    "restored": ("entries", "keys", "origin"),
    "rotated": ("what",),
    "registered": ("code", "job", "purposes", "sink"),
}
"""Every type with the keys that it has beside `v`, `type` and `at`."""

_KEYS_PER_ENTRY = 1_700
_DAYS_PER_ENTRY = 700


def render_entry(kind: str, at: datetime, /, **values: Plain) -> bytes:
    """Return the canonical bytes of an entry.

    Raises:
        IntegrityError: not the keys of its type, or more than 65,535 bytes.
    """
    if kind not in TYPES or tuple(sorted(values)) != TYPES[kind]:
        raise IntegrityError(f"entry: expected the keys of {kind}, got {', '.join(sorted(values))}", code="ledger/entry")
    content = canonical_bytes({"v": VERSION, "type": kind, "at": render_time(at), **values})
    if len(content) > LONGEST:
        raise IntegrityError(f"entry: expected at most {LONGEST} bytes, got {len(content)}", code="ledger/entry-too-long")
    return content


def parse_entry(content: bytes) -> dict[str, Plain]:
    """Parse an entry.

    Raises:
        IntegrityError: not canonical, of another version or type, or with other keys than its type has.
    """
    try:
        entry = json.loads(content)
        is_canonical = isinstance(entry, dict) and canonical_bytes(entry) == content
    except (ValueError, TypeError, RecursionError) as error:
        raise IntegrityError("entry: expected canonical JSON, found other bytes", code="ledger/entry") from error
    if not is_canonical or not _is_version(entry.get("v")) or not _is_instant(entry.get("at")):
        raise IntegrityError(f"entry: expected canonical JSON of version {VERSION}, found another form", code="ledger/entry")
    kind = entry.get("type")
    if not isinstance(kind, str) or kind not in TYPES or tuple(sorted(entry.keys() - {"v", "type", "at"})) != TYPES[kind]:
        raise IntegrityError("entry: expected a declared type with its keys, found others", code="ledger/entry")
    return dict(entry)


def _is_version(value: object) -> bool:
    return value == VERSION and not isinstance(value, bool)


def _is_instant(value: object) -> bool:
    """Whether a value is an instant in the one spelling that entries have."""
    with contextlib.suppress(ValueError, OverflowError):
        return isinstance(value, str) and render_time(parse_time(value)) == value
    return False


def key_groups(keys: Collection[KeyId]) -> Iterator[Sequence[Plain]]:
    """Yield key ids as text, in order, in groups that fit into one entry each; at least one group."""
    texts: list[Plain] = [key.hex() for key in sorted(keys)]
    for start in range(0, max(len(texts), 1), _KEYS_PER_ENTRY):
        yield texts[start : start + _KEYS_PER_ENTRY]


def render_about(kind: str, at: datetime, keys: Collection[KeyId], /, **values: Plain) -> list[bytes]:
    """Return the entries of one event about keys: as many as they fit into; what is counted stands in the first."""
    made = list[bytes]()
    for group in key_groups(keys):
        made.append(render_entry(kind, at, keys=list(group), **values))
        values = {name: 0 if name == "records" else value for name, value in values.items()}
    return made


def render_expired(at: datetime, days: Sequence[tuple[date, KeyId]], *, records: int, early: bool, confirmed: bool) -> list[bytes]:
    """Return the entries of an expiry: as many as the days fit into; what is counted stands in the first.

    Args:
        at: the present.
        days: whose keys were destroyed, with the ids of those; none = no entry.
        records: how many went with them.
        early: whether it was before the end of one of them.
        confirmed: whether a person confirmed a clock that was in doubt.
    """
    made = list[bytes]()
    for start in range(0, len(days), _DAYS_PER_ENTRY):
        named: list[Plain] = [{"day": day.isoformat(), "key": key.hex()} for day, key in days[start : start + _DAYS_PER_ENTRY]]
        made.append(render_entry("expired", at, days=named, records=0 if made else records, early=early, confirmed=confirmed))
    return made
