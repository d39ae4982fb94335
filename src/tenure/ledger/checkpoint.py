"""Checkpoints: a log's name, size and root as a signed note, which existing witnesses can read and co-sign.

Source: C2SP tlog-checkpoint, https://c2sp.org/tlog-checkpoint.
"""

import base64
import binascii
from dataclasses import dataclass

from tenure.errors import DataError
from tenure.records.note import VerifierKey, open_note


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log.

    Attributes:
        origin: which log.
        size: how many entries.
        root: over them, 32 bytes.
    """

    origin: str
    size: int
    root: bytes


def render_checkpoint(checkpoint: Checkpoint) -> str:
    """Return the text that is signed."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Parse the text of a checkpoint; further lines are extensions and are passed over.

    Raises:
        DataError: another form.
    """
    lines = text.split("\n")
    try:
        origin, size, root = lines[0], lines[1], base64.b64decode(lines[2], validate=True)
    except (IndexError, binascii.Error, ValueError) as error:
        raise _malformed() from error
    if not text.endswith("\n") or not origin or not size.isascii() or not size.isdigit() or str(int(size[:19])) != size or len(root) != 32:
        raise _malformed()
    return Checkpoint(origin, int(size), root)


def open_checkpoint(note: str, keys: tuple[VerifierKey, ...]) -> Checkpoint:
    """Return a signed checkpoint.

    Raises:
        DataError: not signed by one of the keys, or of another form.
    """
    text, _ = open_note(note, keys)
    return parse_checkpoint(text)


def _malformed() -> DataError:
    return DataError("checkpoint: expected lines of origin, size and root, found others", code="ledger/checkpoint")
