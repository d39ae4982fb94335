"""The root key of a store: 32 random bytes in a file of their own, in the clear (mode 0600) or sealed under a passphrase.

Source: design 0002; RFC 7914 (scrypt).
"""

import json
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tenure.errors import VaultError
from tenure.vault.disk import Disk

NAME = "root.key"
_COST = 1 << 15
_FORMAT = 1


def write_root(disk: Disk, root: bytes, passphrase: bytes | None, random: Callable[[int], bytes]) -> None:
    """Write the root key durably.

    Args:
        disk: the store's.
        root: 32 bytes.
        passphrase: seals it; None = it stands in the clear.
        random: source of random bytes.
    """
    form: dict[str, object] = {"tenure_root": _FORMAT}
    if passphrase is None:
        form["key"] = root.hex()
    else:
        salt, nonce = random(16), random(12)
        form |= {"scrypt": _COST, "salt": salt.hex(), "nonce": nonce.hex()}
        form["sealed"] = AESGCM(_stretched(passphrase, salt, _COST)).encrypt(nonce, root, None).hex()
    disk.replace(NAME, json.dumps(form).encode() + b"\n")


def read_root(disk: Disk, passphrase: bytes | None) -> bytes:
    """Return the root key.

    Raises:
        VaultError: the file is missing or malformed, the passphrase is missing or wrong.
    """
    path = disk.path(NAME)
    try:
        form = json.loads(disk.read(NAME))
        version, plain = form["tenure_root"], form.get("key")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _malformed(path) from error
    if version != _FORMAT:
        message = f"{path}: expected a root key of version {_FORMAT}, found another"
        raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
    try:
        root = bytes.fromhex(plain) if plain is not None else _unsealed(path, form, passphrase)
    except (ValueError, KeyError, TypeError) as error:
        raise _malformed(path) from error
    if len(root) != 32:
        raise _malformed(path)
    return root


def is_sealed(disk: Disk) -> bool:
    """Whether the root key needs a passphrase."""
    return b'"scrypt"' in disk.read(NAME)


def _unsealed(path: str, form: Mapping[str, object], passphrase: bytes | None) -> bytes:
    if passphrase is None:
        message = f"{path}: expected a passphrase, since the root key is sealed, got none"
        raise VaultError(message, code="vault/passphrase", remedy="--passphrase-file FILE names the file that holds it")
    cost = form["scrypt"]
    if not isinstance(cost, int) or not 1 < cost <= 1 << 22 or cost & (cost - 1):
        raise _malformed(path)
    key = _stretched(passphrase, bytes.fromhex(str(form["salt"])), cost)
    try:
        return AESGCM(key).decrypt(bytes.fromhex(str(form["nonce"])), bytes.fromhex(str(form["sealed"])), None)
    except InvalidTag as error:
        message = f"{path}: expected the passphrase that sealed the root key, got another, or the file is damaged"
        raise VaultError(message, code="vault/passphrase", remedy="give the right one with --passphrase-file FILE; nothing was changed") from error


def _stretched(passphrase: bytes, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase)


def _malformed(path: str) -> VaultError:
    return VaultError(f"{path}: expected the root key of a store, found a damaged file", code="vault/root-key", remedy="restore it from a backup")
