"""The root key of a store: 32 random bytes in a file of their own, in the clear (mode 0600) or sealed under a passphrase.

While it is being replaced there are two: `root.key` and `root.key.next`. Source: design 0002; RFC 7914 (scrypt).
"""

import json
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tenure.errors import Error, VaultError
from tenure.vault.disk import Disk, is_unfinished

NAME = "root.key"
NEXT = "root.key.next"
_COST = 1 << 15
_FORMAT = 1
_SEALED = ("scrypt", "salt", "nonce", "sealed")
"""What stands in the file of a root key that a passphrase seals."""


def render_root(root: bytes, passphrase: bytes | None, random: Callable[[int], bytes], *, is_store_sealed: bool | None = None) -> bytes:
    """Return the content of a file that holds a root key.

    Args:
        root: 32 bytes.
        passphrase: seals it; None = it stands in the clear.
        random: source of random bytes.
        is_store_sealed: for a backup, whether the store's own file stands under a passphrase, so that a restored one does too.
    """
    form: dict[str, object] = {"tenure_root": _FORMAT}
    if is_store_sealed is not None:
        form["store_sealed"] = is_store_sealed
    if passphrase is None:
        form["key"] = root.hex()
    else:
        salt, nonce = random(16), random(12)
        form |= {"scrypt": _COST, "salt": salt.hex(), "nonce": nonce.hex()}
        form["sealed"] = AESGCM(_stretched(passphrase, salt, _COST)).encrypt(nonce, root, None).hex()
    return json.dumps(form).encode() + b"\n"


def parse_root(path: str, content: bytes, passphrase: bytes | None) -> bytes:
    """Return the root key of a file's content.

    Args:
        path: of the file, for messages.
        content: of the file.
        passphrase: opens it where it is sealed.

    Raises:
        VaultError: it is malformed or of another version, the passphrase is missing or wrong.
    """
    try:
        form = json.loads(content)
        version, plain = form["tenure_root"], form.get("key")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _malformed(path) from error
    if version != _FORMAT:
        message = f"{path}: expected a root key of version {_FORMAT}, found another"
        raise VaultError(message, code="vault/format", remedy="use the Tenure that wrote it, or a newer one")
    try:
        if (plain is None) == (form.keys().isdisjoint(_SEALED)):
            raise _malformed(path)
        root = bytes.fromhex(plain) if plain is not None else _unsealed(path, form, passphrase)
    except (ValueError, KeyError, TypeError) as error:
        raise _malformed(path) from error
    if len(root) != 32:
        raise _malformed(path)
    return root


def write_root(disk: Disk, root: bytes, passphrase: bytes | None, random: Callable[[int], bytes], name: str = NAME) -> None:
    """Write the root key durably, sealed where a passphrase is given."""
    disk.replace(name, render_root(root, passphrase, random))


def read_root(disk: Disk, passphrase: bytes | None) -> bytes:
    """Return the root key.

    Raises:
        VaultError: the file is missing or malformed, the passphrase is missing or wrong.
    """
    return parse_root(disk.path(NAME), disk.read(NAME), passphrase)


def read_roots(disk: Disk, passphrase: bytes | None) -> dict[str, bytes]:
    """Return the root keys that may be the store's, by file: more than one while a new one takes over.

    Raises:
        VaultError: none can be read; what is wrong with the first.
    """
    found: dict[str, bytes] = {}
    failed: Error | None = None
    for name in (NAME, NEXT):
        if disk.size(name) is not None:
            try:
                found[name] = parse_root(disk.path(name), disk.read(name), passphrase)
            except Error as error:
                failed = error if failed is None or error.code == "vault/passphrase" else failed
    if not found:
        raise failed or _malformed(disk.path(NAME))
    return found


def settle_root(disk: Disk, name: str) -> None:
    """Finish or undo a replacement that was interrupted: the key of the file `name` is the store's, the other one goes."""
    if disk.size(NEXT) is None:
        return
    if name == NEXT:
        content = disk.read(NEXT)
        disk.shred(NAME)
        disk.replace(NAME, content)
    for unfinished in [each for each in disk.names() if is_unfinished(each)]:
        disk.shred(unfinished)
    disk.shred(NEXT)


def is_sealed(disk: Disk, name: str = NAME) -> bool:
    """Whether the root key needs a passphrase."""
    return is_sealed_content(disk.read(name))


def is_sealed_content(content: bytes) -> bool:
    """Whether the content of a file with a root key needs a passphrase."""
    return any(f'"{name}"'.encode() in content for name in _SEALED)


def was_store_sealed(content: bytes) -> bool:
    """Whether a backup of a root key is that of a store whose own file stood under a passphrase."""
    return b'"store_sealed": true' in content


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
