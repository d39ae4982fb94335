"""Claude Code's session files: the surface, the client's version and the folder of each, from the ends of the file. Named keys only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from tenure.agents import shown
from tenure.agents.claude_code import footprint
from tenure.agents.settings import join
from tenure.agents.view import Ends, Entry, Unreadable, View

_SMALL = 8 * 1024
_LINES = 40


class _Line(msgspec.Struct):
    entrypoint: str | None = None
    version: str | None = None
    cwd: str | None = None


_decoder = msgspec.json.Decoder(_Line)


@dataclass(frozen=True, slots=True)
class Session:
    """One session.

    Attributes:
        entry: its file.
        surface: where it was begun, of the closed list of the terms; None when it does not tell.
        last: where it was last continued; None when it does not tell.
        version: the client that wrote its last line; None when it does not tell.
        folder: where it was begun; None when it does not tell.
        problem: why the file could not be read, or not understood; empty when it could.
    """

    entry: Entry
    surface: str | None = None
    last: str | None = None
    version: str | None = None
    folder: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sessions:
    """All sessions of a folder.

    Attributes:
        all: each of them.
        version: the client of the newest that tells; None when none does.
        newest: the path of that one, relative to the folder.
    """

    all: tuple[Session, ...]
    version: str | None
    newest: str

    @property
    def surfaces(self) -> Mapping[str, int]:
        """How many sessions per surface; `unknown` counts those that do not tell."""
        return dict(Counter(session.surface or "unknown" for session in self.all))

    @property
    def folders(self) -> frozenset[str]:
        """Where sessions were begun."""
        return frozenset(session.folder for session in self.all if session.folder)


def read_sessions(view: View, root: str, entries: Iterable[Entry]) -> Sessions:
    """Read the ends of each session file."""
    found = tuple(_read(view, root, entry) for entry in entries)
    telling = max((session for session in found if session.version), key=lambda session: session.entry.modified, default=None)
    return Sessions(found, telling.version if telling else None, telling.entry.path if telling else "")


def _read(view: View, root: str, entry: Entry) -> Session:
    path = join(root, entry.path)
    ends = view.ends(path, _SMALL)
    if isinstance(ends, Unreadable):
        return Session(entry, problem=ends.reason)
    first, last = _first(ends.head), _first(ends.tail or ends.head, backwards=True)
    if (first.version is None or last.version is None) and ends.size > 2 * _SMALL:
        wide = view.ends(path)
        if not isinstance(wide, Unreadable):
            ends, first, last = wide, _first(wide.head), _first(wide.tail or wide.head, backwards=True)
    begun, continued = _surface(first), _surface(last)
    if first.version is None and last.version is None and (problem := _why_not(ends)):
        return Session(entry, problem=problem)
    return Session(entry, begun, continued, shown.version(last.version) or shown.version(first.version), first.cwd)


def _first(data: bytes, *, backwards: bool = False) -> _Line:
    """Return the first line, from either end, that names the client. A line that is cut off or malformed is passed over."""
    lines = data.splitlines()
    for line in (reversed(lines[-_LINES:]) if backwards else lines[:_LINES]):
        if b'"version"' not in line:
            continue
        try:
            found = _decoder.decode(line)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            continue
        if found.version is not None:
            return found
    return _Line()


def _why_not(ends: Ends) -> str:
    """Say why none of a file's lines names a client; empty when they are lines of JSON that need not."""
    if not ends.size:
        return "it is empty"
    if ends.head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "UTF-16 text where UTF-8 was expected"
    if b"\n" not in ends.head and ends.size > len(ends.head):
        return "its first line is longer than what is read"
    if any(_is_object(line) for line in ends.head.splitlines()[:_LINES]):
        return ""
    return "no line of it is understood"


def _is_object(line: bytes) -> bool:
    try:
        _decoder.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return False
    return True


def _surface(line: _Line) -> str | None:
    return footprint.SURFACES.get(line.entrypoint or "")
