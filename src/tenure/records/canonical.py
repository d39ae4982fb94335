"""Canonical bytes of plain values, so that a digest names a content and nothing else.

Keys sorted, no white space, UTF-8, no floats: the subset of RFC 8785 that needs no number rules.
"""

import hashlib
import json

type_error = "canonical: expected a str, int, bool, None, list or dict"

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


def canonical_bytes(value: Plain) -> bytes:
    """Return the one spelling of `value` as JSON bytes.

    Raises:
        TypeError: a value that is not plain, a float included.
    """
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(value: Plain) -> str:
    """Return `sha256:` and the hexadecimal digest of the canonical bytes of `value`."""
    return "sha256:" + hashlib.sha256(canonical_bytes(value)).hexdigest()


def _check(value: Plain) -> None:
    if isinstance(value, dict):
        for key, part in value.items():
            if not isinstance(key, str):
                raise TypeError(type_error)
            _check(part)
    elif isinstance(value, list):
        for part in value:
            _check(part)
    elif not (value is None or isinstance(value, str | int)):
        raise TypeError(type_error)
