"""What a finding says: the file that is damaged, once, and what is wrong with it."""

from pathlib import Path

import pytest
from tests.unit.vault.kept import DAY0, Place, put

from tenure.errors import Error, IntegrityError, VaultError
from tenure.vault import root
from tenure.vault.examination.checks import failed


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize(
    ("message", "where", "expected", "found"),
    [
        ("/s/keys.db: expected keys under the root key, found others", "/s/keys.db", "keys under the root key", "others"),
        ("/s/root.key: expected a passphrase, since it is sealed, got none", "/s/root.key", "a passphrase, since it is sealed", "none"),
        ("/s/keys.db: expected a file that can be used, found: denied", "/s/keys.db", "a file that can be used", "denied"),
        ("entry: expected canonical JSON, found other bytes", "at hand", "canonical JSON", "other bytes"),
        ("something else", "at hand", "no error", "something else"),
    ],
)
def test_an_error_becomes_a_finding_without_its_prefix(message: str, where: str, expected: str, found: str) -> None:
    finding = failed(Error(message, code="a/b"), "at hand")
    assert (finding.where, finding.expected, finding.found) == (where, expected, found)


def test_no_finding_says_expected_twice(place: Place) -> None:
    with place.open() as store:
        put(store, b"x")
    other = Place(place.base / "other")
    with other.open() as store:
        put(store, b"x")
    (place.folder / "root.key").write_bytes((other.folder / "root.key").read_bytes())
    (finding,) = [each for each in place.examine(DAY0).findings if each.code == "vault/root-key"]
    assert not finding.expected.startswith((str(place.folder), "expected"))


@pytest.mark.parametrize("passphrase", [None, b"one"])
def test_a_flipped_bit_in_a_root_key_is_never_taken_for_a_missing_passphrase(passphrase: bytes | None) -> None:
    content = root.render_root(bytes(range(32)), None, bytes)
    assert root.parse_root("root.key", content, passphrase) == bytes(range(32))
    codes = set()
    for place in range(len(content)):
        for bit in range(8):
            damaged = bytearray(content)
            damaged[place] ^= 1 << bit
            try:
                root.parse_root("root.key", bytes(damaged), passphrase)
            except VaultError as error:
                codes.add(error.code)
    assert codes <= {"vault/root-key", "vault/format"}


def test_a_restore_names_the_file_that_is_damaged(place: Place) -> None:
    with place.open() as store:
        put(store, b"x")
        place.back_up(store, DAY0)
    (epoch,) = (place.base / "epochs").iterdir()
    manifest = place.base / "data" / "manifest.json"
    for path in (epoch, manifest):
        content = path.read_bytes()
        for name in (b'"store": "', b'"key": "' if path == epoch else b'"catalogue": "'):
            damaged = bytearray(content)
            damaged[content.index(name) + len(name) + 1] ^= 1
            path.write_bytes(damaged)
            with pytest.raises(IntegrityError) as error:
                place.restore(DAY0)
            assert (error.value.code, error.value.message.startswith(f"{path}: ")) == ("backup/damaged", True)
        path.write_bytes(content)
    assert place.restore(DAY0).buckets == 1
