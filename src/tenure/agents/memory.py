"""A machine that exists in memory only: for the bundled sample and for tests. Behaves as `ports.Machine` says."""

import posixpath
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tenure.agents.credentials import is_credential
from tenure.agents.environment import Environment
from tenure.agents.view import ABSENT, DEPTH, NOT_SEARCHED, WHOLE, WINDOW, Ends, Entry, Listing, Reads, Scope, Unreadable

REFUSED = Unreadable("a credential file, never opened")
_HOPS = 16


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in memory.

    Attributes:
        content: its bytes.
        modified: seconds since 1970-01-01 UTC.
        mode: permission bits.
        size: as shown, where the content only stands for a larger file.
        link: the path that it points to, for a link.
        problem: why it cannot be opened.
        tables: for an SQLite file, its tables of keys and values.
    """

    content: bytes = b""
    modified: float = 0.0
    mode: int = 0o600
    size: int | None = None
    link: str | None = None
    problem: str = ""
    tables: Mapping[str, Mapping[str, str]] | None = None

    @property
    def length(self) -> int:
        """The size as shown."""
        return len(self.content) if self.size is None else self.size


class MemoryMachine(Environment):
    """A machine of files in memory, which counts what is read.

    Args:
        scope: what the view is of.
        files: by absolute path.
        environment: variables.
        folders: permission bits of folders; others are closed to everybody else.
        closed: folders that cannot be looked into, with the reason.
    """

    def __init__(
        self,
        scope: Scope,
        files: Mapping[str, StoredFile],
        environment: Mapping[str, str] | None = None,
        folders: Mapping[str, int] | None = None,
        closed: Mapping[str, str] | None = None,
    ) -> None:
        self._closed = dict(closed or {})
        self._files = dict(files)
        super().__init__(scope, dict(environment or {}))
        self._folders = dict(folders or {})
        self._reads = Reads()
        self._opened: set[str] = set()

    @property
    def reads(self) -> Reads:
        """What was read up to here."""
        return self._reads

    def read(self, path: str) -> bytes | Unreadable:
        """Read a settings file of at most `WHOLE` bytes."""
        for _ in range(_HOPS):
            if is_credential(path):
                return self._refuse()
            file = self._files.get(path)
            if file is None or file.link is None:
                found = self._open(path, file)
                if isinstance(found, Unreadable):
                    return found
                if found.length > WHOLE:
                    return Unreadable(f"larger than {WHOLE >> 20} MiB")
                self._count(path)
                return found.content
            path = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.link))
        return Unreadable("a loop of links")

    def ends(self, path: str, window: int = WINDOW) -> Ends | Unreadable:
        """Read the first and the last `window` bytes of a session file."""
        window = min(window, WINDOW)
        if is_credential(path):
            return self._refuse()
        file = self._files.get(path)
        if file is not None and file.link is not None:
            return Unreadable("a link, not followed, not a regular file")
        found = self._open(path, file)
        if isinstance(found, Unreadable):
            return found
        self._reads = replace(self._reads, sessions=self._reads.sessions + 1)
        head = found.content[:window]
        rest = len(found.content) - len(head)
        return Ends(head, found.content[-min(window, rest) :] if rest else b"", found.length)

    def walk(self, path: str, *, names: Collection[str] | None = None, depth: int = DEPTH) -> Listing | Unreadable:
        """List the files below a folder without following links."""
        if path in self._files:
            return Unreadable("not a folder")
        if not self._is_folder(path):
            return ABSENT
        if path in self._closed:
            return Unreadable(self._closed[path])
        entries = [entry for entry in self._below(path, names, depth) if not self._is_closed(f"{path}/{entry.path}")]
        self._reads = replace(self._reads, files=self._reads.files + len(entries))
        start = path.rstrip("/") + "/"
        return Listing(entries, [(folder.removeprefix(start), reason) for folder, reason in self._closed.items() if folder.startswith(start)])

    def rows(self, path: str, table: str, keys: Sequence[str]) -> Mapping[str, str] | Unreadable:
        """Select named keys from an SQLite table."""
        if is_credential(path):
            return self._refuse()
        found = self._open(path, self._files.get(path))
        if isinstance(found, Unreadable):
            return found
        if found.tables is None:
            return Unreadable("not a readable database (SQLITE_NOTADB)")
        if table not in found.tables:
            return Unreadable(f"it has no table {table}")
        self._count(path)
        return {key: value for key, value in found.tables[table].items() if key in keys}

    def _refuse(self) -> Unreadable:
        self._reads = replace(self._reads, refused=self._reads.refused + 1)
        return REFUSED

    def _count(self, path: str) -> None:
        self._opened.add(path)
        self._reads = replace(self._reads, settings=len(self._opened))

    def _open(self, path: str, file: StoredFile | None) -> StoredFile | Unreadable:
        if file is None:
            return Unreadable("a folder, not a regular file") if self._is_folder(path) else ABSENT
        return Unreadable(file.problem) if file.problem else file

    def _is_folder(self, path: str) -> bool:
        return path in self._folders or any(name.startswith(path.rstrip("/") + "/") for name in self._files)

    def _is_closed(self, path: str) -> bool:
        return any(path.startswith(folder + "/") for folder in self._closed)

    def _below(self, path: str, names: Collection[str] | None, depth: int) -> Iterator[Entry]:
        start = path.rstrip("/") + "/"
        for name, file in self._files.items():
            relative = name.removeprefix(start)
            folders = relative.split("/")[:-1]
            if relative == name or len(folders) > depth:
                continue
            if names is not None and (posixpath.basename(name) not in names or any(map(_is_passed_over, folders))):
                continue
            yield Entry(relative, file.length, file.modified, file.link is None and self._is_shared(name, file), file.link is None)

    def _is_shared(self, path: str, file: StoredFile) -> bool:
        folder = posixpath.dirname(path)
        while folder not in (self._scope.home, "/"):
            if not self._folders.get(folder, 0o700) & 0o001:
                return False
            folder = posixpath.dirname(folder)
        return bool(file.mode & 0o004)


def _is_passed_over(folder: str) -> bool:
    return folder.startswith(".") or folder in NOT_SEARCHED
