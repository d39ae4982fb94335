"""Signed notes: a text followed by signature lines, as checkpoints of transparency logs and signed packs are passed around.

Only Ed25519 (algorithm 1). Source: C2SP signed-note, https://c2sp.org/signed-note.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tenure.errors import DataError

_ED25519 = b"\x01"
_MARK = "\u2014 "
_MAX_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, written `NAME+HASH+BASE64`.

    Attributes:
        name: whose key; no spaces, no plus signs.
        public: 32 bytes.
    """

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """The first four bytes of the hash of name and key: how signature lines name the key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"


def parse_verifier_key(text: str) -> VerifierKey:
    """Parse `NAME+HASH+BASE64`.

    Raises:
        DataError: another form, another algorithm, or a hash that does not fit.
    """
    name, _, rest = text.strip().partition("+")
    digest, _, encoded = rest.partition("+")
    key = _decode(encoded)
    if not _is_name(name) or len(key) != 33 or key[:1] != _ED25519:
        raise DataError(f"key: expected NAME+HASH+BASE64 of an Ed25519 key, got {len(text)} characters", code="note/bad-key")
    found = VerifierKey(name, key[1:])
    if found.id.hex() != digest:
        raise DataError(f"key {name}: expected the hash {found.id.hex()}, got {digest[:16]!r}", code="note/bad-key")
    return found


def verifier_key(name: str, private: Ed25519PrivateKey) -> VerifierKey:
    """Return the public half of a key under a name.

    Raises:
        DataError: the name has a space or a plus sign, or is empty.
    """
    if not _is_name(name):
        raise DataError("key: expected a name without spaces and plus signs", code="note/bad-key")
    return VerifierKey(name, private.public_key().public_bytes_raw())


def sign_note(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """Return `text` with a signature line; signatures that it has already stay.

    Raises:
        DataError: the text does not end with a line feed.
    """
    if not text.endswith("\n"):
        raise DataError("note: expected a text that ends with a line feed", code="note/malformed")
    signature = private.sign(text.encode())
    line = f"{_MARK}{name} {base64.b64encode(verifier_key(name, private).id + signature).decode()}\n"
    return f"{text}\n{line}"


def open_note(note: str, keys: tuple[VerifierKey, ...]) -> tuple[str, VerifierKey]:
    """Return the text of a note and the key that signed it.

    Raises:
        DataError: no signature by one of the keys, or one of them does not fit the text.
    """
    text, separator, signatures = note.rpartition("\n\n")
    lines = signatures.splitlines()
    if not separator or not lines or len(lines) > _MAX_SIGNATURES or not signatures.endswith("\n"):
        raise DataError("note: expected a text, an empty line and signature lines", code="note/malformed")
    text += "\n"
    signed = [key for line in lines if (key := _signer(line, text, keys)) is not None]
    if not signed:
        names = ", ".join(key.name for key in keys) or "no key"
        raise DataError(f"note: expected a signature by {names}, found none", code="note/unsigned")
    return text, signed[0]


def _signer(line: str, text: str, keys: tuple[VerifierKey, ...]) -> VerifierKey | None:
    if not line.startswith(_MARK):
        raise DataError("note: expected signature lines after the last empty line", code="note/malformed")
    name, _, encoded = line.removeprefix(_MARK).partition(" ")
    raw = _decode(encoded)
    for key in keys:
        if (key.name, key.id) == (name, raw[:4]):
            try:
                Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())
            except InvalidSignature as error:
                raise DataError(f"note: the signature by {name} does not fit the text", code="note/bad-signature") from error
            return key
    return None


def _decode(text: str) -> bytes:
    """Return what a text stands for in base64; nothing, where it is none or not the one spelling of it."""
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def _is_name(name: str) -> bool:
    return bool(name) and "+" not in name and not any(letter.isspace() for letter in name)
