"""Entries: the table of types is closed, and bytes that are not the one spelling of an entry are none."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenure.errors import IntegrityError
from tenure.ledger.entries import TYPES, key_groups, parse_entry, render_entry
from tenure.ledger.tiles import LONGEST
from tenure.records.canonical import canonical_bytes
from tenure.records.held import KeyId

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
READ = {"v": 1, "type": "read", "at": "2026-11-25T12:00:00Z", "permit": 7, "records": 3}
CONTENT = canonical_bytes(READ)


def refused(content):
    with pytest.raises(IntegrityError) as caught:
        parse_entry(content)
    return caught.value


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_round_trips(kind):
    content = render_entry(kind, AT, **dict.fromkeys(TYPES[kind], 1))
    entry = parse_entry(content)
    assert entry == {"v": 1, "type": kind, "at": "2026-11-25T12:00:00Z", **dict.fromkeys(TYPES[kind], 1)}


def test_an_entry_is_canonical_json():
    assert render_entry("read", AT, permit=7, records=3) == CONTENT
    assert CONTENT == b'{"at":"2026-11-25T12:00:00Z","permit":7,"records":3,"type":"read","v":1}'


@pytest.mark.parametrize("values", [{"permit": 7}, {"permit": 7, "records": 3, "subject": "someone"}, {}])
def test_keys_that_are_not_those_of_the_type_are_not_written(values):
    with pytest.raises(IntegrityError, match="expected the keys of read"):
        render_entry("read", AT, **values)


def test_a_type_that_is_not_declared_is_not_written():
    with pytest.raises(IntegrityError):
        render_entry("leaked", AT)


def test_an_entry_that_is_too_long_is_not_written():
    with pytest.raises(IntegrityError, match="expected at most 65535 bytes"):
        render_entry("rotated", AT, what="x" * LONGEST)


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "someone"},
        {"v": 2},
        {"v": "1"},
        {"v": None},
        {"v": True},
        {"v": 1.0},
        {"type": "leaked"},
        {"type": ["read"]},
        {"type": None},
        {"type": "rotated"},
        {"at": 5},
        {"at": "yesterday"},
        {"at": "2026-11-25T12:00:00"},
        {"at": "9999-12-31T23:00:00-12:00"},
        {"at": "2026-11-25T13:00:00+01:00"},
    ],
)
def test_other_values_of_the_envelope_are_refused(change):
    assert refused(json.dumps({**READ, **change}, sort_keys=True, separators=(",", ":")).encode()).code == "ledger/entry"


@pytest.mark.parametrize("key", list(READ))
def test_a_missing_key_is_refused(key):
    assert refused(canonical_bytes({name: value for name, value in READ.items() if name != key})).code == "ledger/entry"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff",
        b"{" * 100_000,
        b"[" * 100_000,
        CONTENT + b"\n",
        b" " + CONTENT,
        b"\xef\xbb\xbf" + CONTENT,
        CONTENT.replace(b":7", b": 7"),
        CONTENT.replace(b":7", b":7.0"),
        CONTENT.replace(b":7", b":NaN"),
        CONTENT.replace(b":7", b":07"),
        CONTENT.replace(b":7", b':"\\ud800"'),
        CONTENT.replace(b"read", b"\\u0072ead"),
        CONTENT.replace(b'{"at"', b'{"at":"2026-11-25T12:00:00Z","at"'),
        json.dumps(READ, separators=(",", ":")).encode(),
        CONTENT.decode().encode("utf-16"),
    ],
)
def test_another_spelling_is_refused(content):
    assert refused(content).code == "ledger/entry"


@given(st.binary(max_size=60))
def test_any_bytes_are_an_entry_or_an_error(content):
    assert refused(content).code == "ledger/entry"


@given(st.integers(0, len(CONTENT) - 1), st.integers(1, 255))
def test_a_changed_byte_is_another_entry_or_none(place, flip):
    changed = CONTENT[:place] + bytes([CONTENT[place] ^ flip]) + CONTENT[place + 1 :]
    try:
        entry = parse_entry(changed)
    except IntegrityError:
        return
    assert canonical_bytes(entry) == changed


def test_a_message_never_holds_what_an_entry_says():
    error = refused(canonical_bytes({**READ, "canary-in-a-key": "canary-in-a-value"}))
    assert "canary" not in str(error)


@pytest.mark.parametrize(("count", "groups"), [(0, [0]), (1, [1]), (1_700, [1_700]), (1_701, [1_700, 1]), (5_000, [1_700, 1_700, 1_600])])
def test_a_long_list_of_keys_is_spread_over_entries(count, groups):
    keys = [KeyId(number.to_bytes(16, "big")) for number in reversed(range(count))]
    found = list(key_groups(keys))
    assert [len(group) for group in found] == groups
    assert [key for group in found for key in group] == sorted(key.hex() for key in keys)
    for group in found:
        assert len(render_entry("erased", AT, keys=list(group), records=count, reason="x" * 1_000)) <= LONGEST
