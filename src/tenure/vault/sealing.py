"""Frames: what one intake adds to one bucket, as one sealed message. The header stands in the clear and is bound to what follows.

    header   magic, version, key id, batch, salt, digest of the terms, length of the ciphertext       84 bytes, big-endian
    inside   count (8 bytes), n x collected (8), n + 1 offsets (4), the records end to end             little-endian

The message key is HKDF-SHA256(bucket key, salt) and seals one message, so the nonce is fixed. Source: design 0002; RFC 5869; NIST SP 800-38D.
"""

import hashlib
import hmac
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tenure.errors import IntegrityError, VaultError
from tenure.records.held import KeyId, Opened

MAGIC = b"TNRF"
VERSION = 1
SALT_SIZE = 16
LARGEST = 1 << 30
"""Bytes of plaintext in one frame."""

_HEADER = struct.Struct(">4sB3x16sI16s32sQ")
_HEAD = struct.Struct(">4sB3x16sI")
HEADER_SIZE = _HEADER.size
_NONCE = bytes(12)
_TAG_SIZE = 16


@dataclass(frozen=True, slots=True)
class Header:
    """What stands in the clear before a frame.

    Attributes:
        key: the bucket's.
        batch: its number there.
        salt: 16 random bytes.
        terms: SHA-256 of the cells at sealing.
        length: bytes of ciphertext that follow.
    """

    key: KeyId
    batch: int
    salt: bytes
    terms: bytes
    length: int

    def render(self) -> bytes:
        """Return its bytes."""
        return _HEADER.pack(MAGIC, VERSION, self.key, self.batch, self.salt, self.terms, self.length)


def parse_header(content: bytes | memoryview) -> Header:
    """Parse the header at the beginning of a frame.

    Raises:
        IntegrityError: it is none, or of a version that this Tenure does not know.
    """
    if len(content) < HEADER_SIZE:
        raise IntegrityError(f"frame: expected a header of {HEADER_SIZE} bytes, found {len(content)}", code="integrity/frame")
    magic, version, key, batch, salt, terms, length = _HEADER.unpack_from(content)
    if magic != MAGIC:
        remedy = "tenure vault doctor says what is affected"
        raise IntegrityError("frame: expected a sealed frame, found other bytes", code="integrity/frame", remedy=remedy)
    if version != VERSION:
        remedy = "use the Tenure that wrote it, or a newer one"
        raise IntegrityError(f"frame: expected version {VERSION}, found {version}", code="integrity/frame-version", remedy=remedy)
    return Header(KeyId(key), batch, salt, terms, length)


def head(key: KeyId, batch: int) -> bytes:
    """Return the bytes with which a frame begins."""
    return _HEAD.pack(MAGIC, VERSION, key, batch)


def derive(secret: bytes, salt: bytes | None, purpose: bytes) -> bytes:
    """Return a 32-byte key for one purpose."""
    return HKDF(hashes.SHA256(), 32, salt, purpose).derive(secret)


def commit(secret: bytes, content: bytes) -> bytes:
    """Return 32 bytes that bind to content under a bucket key."""
    return hmac.digest(derive(secret, None, b"commit"), content, "sha256")


def terms_digest(cells: Sequence[bytes]) -> bytes:
    """Return SHA-256 over cells, each with its length."""
    digest = hashlib.sha256()
    for cell in cells:
        digest.update(len(cell).to_bytes(8, "big") + cell)
    return digest.digest()


def seal_frame(secret: bytes, key: KeyId, batch: int, salt: bytes, terms: bytes, records: Sequence[bytes], collected: Sequence[int]) -> bytes:
    """Seal records.

    Args:
        secret: the bucket key, 32 bytes.
        key: its id.
        batch: number of the frame in the bucket.
        salt: 16 random bytes, never used before with this key.
        terms: SHA-256 of the cells.
        records: n records.
        collected: n instants in microseconds since 1970-01-01 UTC.

    Raises:
        VaultError: more than 1 GiB.
    """
    offsets = [0, *accumulate(len(record) for record in records)]
    if offsets[-1] > LARGEST:
        raise VaultError(f"frame: expected at most {LARGEST} bytes in one intake, got {offsets[-1]}", code="vault/too-large")
    inside = b"".join((struct.pack(f"<Q{len(records)}q{len(offsets)}i", len(records), *collected, *offsets), *records))
    header = Header(key, batch, salt, terms, len(inside) + _TAG_SIZE).render()
    return header + AESGCM(derive(secret, salt, b"frame")).encrypt(_NONCE, inside, header)


def open_frame(secret: bytes, frame: bytes, header: Header | None = None) -> Opened:
    """Open a frame.

    Args:
        secret: the bucket key.
        frame: as it was sealed.
        header: that of the frame, where it was parsed before.

    Raises:
        IntegrityError: a changed or cut frame, or one of another key.
    """
    header = parse_header(frame) if header is None else header
    view = memoryview(frame)
    try:
        inside = AESGCM(derive(secret, header.salt, b"frame")).decrypt(_NONCE, view[HEADER_SIZE:], view[:HEADER_SIZE])
    except InvalidTag as error:
        message = f"frame {header.key.hex()}.{header.batch}: expected what was sealed, found changed bytes"
        raise IntegrityError(message, code="integrity/frame", remedy="restore it from a backup; tenure vault doctor says what is affected") from error
    return _unpacked(header, memoryview(inside))


def _unpacked(header: Header, inside: memoryview) -> Opened:
    count = int.from_bytes(inside[:8], "little")
    start = 8 + 8 * count
    end = start + 4 * (count + 1)
    offsets = inside[start:end].cast("i") if 12 <= end <= len(inside) else [-1]
    if offsets[0] != 0 or offsets[-1] != len(inside) - end:
        message = f"frame {header.key.hex()}.{header.batch}: expected records with their index, found {len(inside)} other bytes"
        raise IntegrityError(message, code="integrity/frame", remedy="report it: it was sealed like this")
    return Opened(header.key, header.batch, offsets, inside[8:start].cast("q"), inside[end:])
