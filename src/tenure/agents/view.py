"""What an agent's rules may ask of a machine: a read-only view. The machine itself stands behind it (`ports.Machine`).

Paths are absolute POSIX strings. What cannot be read is a value with its reason, never an exception.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

WHOLE = 16 * 1024 * 1024
"""The largest settings file that is read, in bytes."""

WINDOW = 64 * 1024
"""How much of either end of a session file may be read, in bytes."""


NOT_SEARCHED = frozenset({"node_modules", "Library"})
"""Folders that a search for names passes over, beside those that begin with a dot."""

DEPTH = 48
"""How many levels of folders a walk goes down."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why something could not be read.

    Attributes:
        reason: in words, without content: `not there`, `not a regular file`, `permission denied`, `larger than 16 MiB`.
        is_absent: there is nothing at that path; no reader would expect more.
    """

    reason: str
    is_absent: bool = False


ABSENT = Unreadable("not there", is_absent=True)


@dataclass(frozen=True, slots=True)
class Entry:
    """The metadata of one file.

    Attributes:
        path: relative to the folder that was walked.
        size: bytes.
        modified: seconds since 1970-01-01 UTC.
        shared: other users of the machine may read it, judged by its mode and those of the folders from the home folder down to it.
        regular: a regular file; else a link, pipe, socket or device, which is never opened.
    """

    path: str
    size: int
    modified: float
    shared: bool = False
    regular: bool = True


@dataclass(frozen=True, slots=True)
class Listing:
    """The files below a folder, and what could not be looked at.

    Attributes:
        entries: metadata of each file, in no particular order.
        problems: pairs of relative path and reason.
    """

    entries: Sequence[Entry]
    problems: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Ends:
    """The beginning and the end of a file.

    Attributes:
        head: its first bytes.
        tail: its last bytes; empty where `head` is the whole file.
        size: of the whole file, in bytes.
    """

    head: bytes
    tail: bytes
    size: int


@dataclass(frozen=True, slots=True)
class Scope:
    """What the view is of.

    Attributes:
        home: the home folder.
        platform: `linux`, `darwin` or `win32`.
        folder: the working folder; None when it is not part of the view.
        is_own: the view has the environment of this process; else the environment is empty.
        home_is_open: other users of the machine can pass through the home folder.
        is_sample: nobody's machine: made up.
    """

    home: str
    platform: str
    folder: str | None
    is_own: bool
    home_is_open: bool
    is_sample: bool = False


@dataclass(frozen=True, slots=True)
class Reads:
    """What was read of a machine.

    Attributes:
        settings: settings files opened.
        credentials: credential files opened; 0.
        connections: connections made; 0.
        content_bytes: bytes of prompts or outputs kept or shown; 0.
        sessions: session files of which an end was looked at.
        files: files of which the metadata was looked at.
        refused: openings that the port refused because the name is that of a credential file.
    """

    settings: int = 0
    credentials: int = 0
    connections: int = 0
    content_bytes: int = 0
    sessions: int = 0
    files: int = 0
    refused: int = 0


class View(Protocol):
    """A read-only view of a machine."""

    @property
    def scope(self) -> Scope:
        """What the view is of."""
        ...

    def has_variable(self, name: str) -> bool:
        """Tell whether an environment variable is set and not empty."""
        ...

    def variable(self, name: str) -> str | None:
        """Return a variable's value; None when unset.

        Raises:
            AgentError: the name says that the value may be a secret.
        """
        ...

    def read(self, path: str) -> bytes | Unreadable:
        """Read a settings file of at most `WHOLE` bytes. A link is followed; a credential file and what is no regular file are refused."""
        ...

    def ends(self, path: str, window: int = WINDOW) -> Ends | Unreadable:
        """Read the first and the last `window` bytes, at most `WINDOW`, of a session file. No link is followed."""
        ...

    def walk(self, path: str, *, names: Collection[str] | None = None, depth: int = DEPTH) -> Listing | Unreadable:
        """List the files below a folder without following links, except that the folder itself may be one.

        Args:
            path: the folder.
            names: only files of these names, and no folders that begin with a dot or are in `NOT_SEARCHED`; None = all.
            depth: how many levels of folders below it are looked into.
        """
        ...

    def rows(self, path: str, table: str, keys: Sequence[str]) -> Mapping[str, str] | Unreadable:
        """Select named keys from an SQLite table with the columns `key` and `value`, read-only, leaving nothing behind."""
        ...
