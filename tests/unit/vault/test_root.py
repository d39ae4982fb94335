import contextlib
import json
from pathlib import Path

import pytest

from tenure.errors import VaultError
from tenure.vault import root
from tenure.vault.disk import Folder

KEY, PASSPHRASE = bytes(range(32)), b"correct horse"


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(root, "_COST", 1 << 4)
    return Folder(str(tmp_path / "store"))


def counted(size: int) -> bytes:
    return bytes(size)


def refusal(disk: Folder, passphrase: bytes | None = None) -> VaultError:
    with pytest.raises(VaultError) as caught:
        root.read_root(disk, passphrase)
    assert disk.path(root.NAME) in caught.value.message, "the file is named"
    assert caught.value.remedy, "what to do is said"
    assert KEY.hex() not in str(caught.value)
    assert not any(secret in str(caught.value) for secret in ("correct horse", "hunter2"))
    return caught.value


def test_root_key_comes_back_in_the_clear_and_sealed(disk: Folder) -> None:
    for passphrase in (None, PASSPHRASE):
        root.write_root(disk, KEY, passphrase, counted)

        assert root.read_root(disk, passphrase) == KEY
        assert root.is_sealed(disk) is (passphrase is not None)
        assert (KEY.hex() in Path(disk.path(root.NAME)).read_text()) is (passphrase is None)


def test_file_with_the_root_key_is_closed_to_others(disk: Folder) -> None:
    root.write_root(disk, KEY, None, counted)

    assert Path(disk.path(root.NAME)).stat().st_mode & 0o777 == 0o600


def test_missing_passphrase_is_asked_for(disk: Folder) -> None:
    root.write_root(disk, KEY, PASSPHRASE, counted)

    assert refusal(disk).code == "vault/passphrase"


def test_wrong_passphrase_opens_nothing_and_changes_nothing(disk: Folder) -> None:
    root.write_root(disk, KEY, PASSPHRASE, counted)
    before = Path(disk.path(root.NAME)).read_bytes()

    assert refusal(disk, b"hunter2").code == "vault/passphrase"
    assert Path(disk.path(root.NAME)).read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        *(
            b"",
            b"\x00\xff",
            b"[]",
            b"7",
            b"{}",
            b'{"tenure_root":1}',
            b'{"tenure_root":1,"key":"zz"}',
            b'{"tenure_root":1,"key":"00"}',
            b'{"tenure_root":1,"key":7}',
        ),
        *(
            b'{"tenure_root":1,"scrypt":16}',
            b'{"tenure_root":1,"scrypt":3,"salt":"00","nonce":"00","sealed":"00"}',
            b'{"tenure_root":1,"scrypt":true}',
        ),
        *(b'{"tenure_root":1,"scrypt":1099511627776,"salt":"00"}', b'{"tenure_root":1,"scrypt":16,"salt":"00","nonce":"00","sealed":"00"}'),
    ],
)
def test_damaged_file_is_named(disk: Folder, content: bytes) -> None:
    disk.replace(root.NAME, content)

    assert refusal(disk, PASSPHRASE).code == "vault/root-key"


def test_other_version_is_refused(disk: Folder) -> None:
    disk.replace(root.NAME, json.dumps({"tenure_root": 2, "key": KEY.hex()}).encode())

    assert refusal(disk).code == "vault/format"


def test_any_flipped_bit_of_a_sealed_root_key_is_noticed(disk: Folder) -> None:
    root.write_root(disk, KEY, PASSPHRASE, counted)
    content = disk.read(root.NAME)
    for place in range(0, len(content) - 1, 7):
        changed = bytearray(content)
        changed[place] ^= 1
        disk.replace(root.NAME, bytes(changed))
        with contextlib.suppress(VaultError):
            assert root.read_root(disk, PASSPHRASE) == KEY, "a changed file gives the key or an error, never another key"
