from datetime import date
from pathlib import Path

import pytest

from tenure.errors import IntegrityError, VaultError
from tenure.vault.database import Database
from tenure.vault.disk import Folder
from tenure.vault.wraps import MARK, SCHEMA, Wrapping, unwrap, wrap

ROOT = bytes(range(32))


class Numbered:
    """Bytes that are never the same twice."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, size: int) -> bytes:
        self.calls += 1
        return self.calls.to_bytes(size, "big")


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(Folder(str(tmp_path)), "keys.db")
    found.run(SCHEMA)
    return found


def test_wrapped_key_is_as_rfc_3394_has_it() -> None:
    secret = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")

    wrapped = wrap(ROOT, secret)

    assert wrapped == MARK + bytes.fromhex("28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21")
    assert unwrap(ROOT, wrapped, "key") == secret


def test_any_flipped_bit_of_a_wrapped_key_is_noticed() -> None:
    wrapped = wrap(ROOT, bytes(32))
    for place in range(len(wrapped)):
        for bit in range(8):
            changed = bytearray(wrapped)
            changed[place] ^= 1 << bit
            with pytest.raises(IntegrityError, match=r"keys.db: expected a key under its wrapper") as caught:
                unwrap(ROOT, bytes(changed), "keys.db")
            assert (caught.value.code, caught.value.remedy) == ("integrity/key", "restore from a backup")


def test_other_root_opens_nothing(database: Database) -> None:
    key = Wrapping(database, ROOT, Numbered()).day(date(2026, 1, 1))

    with pytest.raises(IntegrityError) as caught:
        Wrapping(database, bytes(32), Numbered()).secret(key)

    assert caught.value.code == "integrity/key"
    assert ROOT.hex() not in str(caught.value)


def test_rewrapping_keeps_the_keys(database: Database) -> None:
    wrapping = Wrapping(database, ROOT, Numbered())
    day, hold = wrapping.day(date(2026, 1, 1)), wrapping.hold("case-1", "legal")
    before = [wrapping.secret(day), wrapping.secret(hold)]

    wrapping.rewrap(bytes(32))

    fresh = Wrapping(database, bytes(32), Numbered())
    assert [fresh.secret(day), fresh.secret(hold)] == before
    with pytest.raises(IntegrityError):
        Wrapping(database, ROOT, Numbered()).secret(day)


def test_destroyed_wrapper_is_forgotten_at_once(database: Database) -> None:
    wrapping = Wrapping(database, ROOT, Numbered())
    day, hold = wrapping.day(date(2026, 1, 1)), wrapping.hold("case-1", "legal")

    assert wrapping.destroy_days(date(2026, 1, 1)) == [(date(2026, 1, 1), day)]
    wrapping.destroy_hold(hold)

    for key in (day, hold):
        with pytest.raises(IntegrityError, match="expected the key"):
            wrapping.secret(key)


def test_hold_is_legal_or_for_safety(database: Database) -> None:
    with pytest.raises(VaultError) as caught:
        Wrapping(database, ROOT, Numbered()).hold("case-1", "other")

    assert caught.value.code == "hold/kind"
