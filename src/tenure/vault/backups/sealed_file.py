"""A file that is sealed as a whole under one key: a line of JSON in the clear, then chunks, each bound to its place and to that line.

No chunk can be changed, moved, left out or cut off. The message key is HKDF-SHA256(key, salt) and seals one file, so the nonces are counted.
Source: Hoang, Reyhanitabar, Rogaway and Vizár 2015 (STREAM); NIST SP 800-38D.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import cast

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tenure.errors import IntegrityError
from tenure.records.canonical import Plain
from tenure.vault.sealing import derive

_CHUNK = 16 * 1024 * 1024
_TAG = 16
_LONGEST_HEAD = 4096


def seal_file(secret: bytes, head: Mapping[str, Plain], content: bytes, random: Callable[[int], bytes]) -> bytes:
    """Return a sealed file.

    Args:
        secret: 32 bytes.
        head: what stands in the clear.
        content: what is sealed.
        random: source of random bytes.
    """
    salt = random(32)
    line = json.dumps({**head, "salt": salt.hex()}, sort_keys=True).encode() + b"\n"
    cipher = AESGCM(derive(secret, salt, b"file"))
    view = memoryview(content)
    count = max(1, -(-len(content) // _CHUNK))
    sealed = [cipher.encrypt(_nonce(place, count), bytes(view[place * _CHUNK : (place + 1) * _CHUNK]), line) for place in range(count)]
    return b"".join((line, *sealed))


def read_head(content: bytes, path: str) -> dict[str, Plain]:
    """Return what stands in the clear before a sealed file.

    Raises:
        IntegrityError: it is none.
    """
    line, separator, _ = content[:_LONGEST_HEAD].partition(b"\n")
    try:
        head = json.loads(line)
    except ValueError:
        head = None
    if not separator or not isinstance(head, dict):
        raise IntegrityError(f"{path}: expected a sealed backup, found other bytes", code="backup/damaged", remedy="take another backup")
    return cast(dict[str, Plain], head)


def open_file(secret: bytes, content: bytes, path: str) -> bytes:
    """Return what a file seals.

    Raises:
        IntegrityError: it was changed or cut, or sealed under another key.
    """
    head = read_head(content, path)
    start = content.index(b"\n") + 1
    try:
        cipher = AESGCM(derive(secret, bytes.fromhex(str(head["salt"])), b"file"))
        return b"".join(_opened(cipher, content[:start], memoryview(content)[start:]))
    except (InvalidTag, KeyError, ValueError) as error:
        message = f"{path}: expected what was sealed, found changed bytes or another key's"
        raise IntegrityError(message, code="backup/damaged", remedy="take another backup") from error


def _opened(cipher: AESGCM, line: bytes, view: memoryview) -> Iterator[bytes]:
    whole = _CHUNK + _TAG
    count = max(1, -(-len(view) // whole))
    for place in range(count):
        yield cipher.decrypt(_nonce(place, count), view[place * whole : (place + 1) * whole], line)


def _nonce(place: int, count: int) -> bytes:
    return place.to_bytes(11, "big") + bytes([place == count - 1])
