"""Reports of a local archive, which Claude Code writes where it may not send them: a zip with one JSON document. Parsed as what a stranger wrote.

Source: what release 2.1.197 writes to `feedback-bundles` in its configuration folder, and the reference agent's own archive.
"""

import io
import re
import zipfile
import zlib
from dataclasses import dataclass

import msgspec

from tenure.errors import DataError

FOLDER = "feedback-bundles"
LARGEST = 64 * 1024 * 1024
"""The most bytes that a report may have, packed or not."""
_NAMES = ("feedback.json", "transcript.json")
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_TRANSCRIPT = "rawTranscriptJsonl"


@dataclass(frozen=True, slots=True)
class Archived:
    """A report.

    Attributes:
        text: what the person wrote.
        sessions: transcripts by session, as they lie in the archive.
    """

    text: str
    sessions: dict[str, bytes]


class _Part(msgspec.Struct):
    id: str
    transcript: bytes


class _Own(msgspec.Struct):
    text: str
    sessions: list[_Part]


def read_archive(name: str, content: bytes) -> Archived:
    """Read a report.

    Args:
        name: of the file; names the session where the report does not.
        content: of the file.

    Raises:
        DataError: it is no report, or a larger one than is read (`client/archive`).
    """
    if len(content) > LARGEST:
        raise _refused(f"at most {LARGEST >> 20} MiB", "more")
    document = _unpacked(content) if content.startswith(b"PK") else content
    found = _object(document)
    if isinstance(found.get("sessions"), list):
        return _own(document)
    if isinstance(inner := found.get("content"), str):
        found = _object(inner.encode())
    text, raw, messages = found.get("description"), found.get(_TRANSCRIPT), found.get("transcript")
    if isinstance(raw, str) and raw:
        lines = raw.encode()
    else:
        lines = b"".join(msgspec.json.encode(row) + b"\n" for row in (messages if isinstance(messages, list) else [found]))
    session = next((value for key in ("sessionId", "session_id") if isinstance(value := found.get(key), str) and _ID.fullmatch(value)), _stem(name))
    return Archived(text if isinstance(text, str) else "", {session: lines} if lines else {})


def _object(document: bytes) -> dict[str, object]:
    try:
        found = msgspec.json.decode(document)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused("JSON", "something else") from error
    if not isinstance(found, dict):
        raise _refused("an object", "something else")
    return found


def _own(document: bytes) -> Archived:
    try:
        own = msgspec.json.decode(document, type=_Own)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _refused("a report", "something else") from error
    if not all(_ID.fullmatch(part.id) for part in own.sessions):
        raise _refused("ids of sessions", "something else")
    return Archived(own.text, {part.id: part.transcript for part in own.sessions})


def _unpacked(content: bytes) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            name = next((name for name in bundle.namelist() if name in _NAMES), None)
            if name is None:
                raise _refused(f"one of {', '.join(_NAMES)}", "neither")
            with bundle.open(name) as file:
                document = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise _refused("a zip archive", "a damaged one") from error
    if len(document) > LARGEST:
        raise _refused(f"at most {LARGEST >> 20} MiB", "more")
    return document


def _stem(name: str) -> str:
    stem = name.rpartition(".")[0]
    return stem if _ID.fullmatch(stem) else "archived"


def _refused(expected: str, found: str) -> DataError:
    return DataError(f"archive: expected {expected}, found {found}", code="client/archive", remedy=f"name a file of {FOLDER}")
