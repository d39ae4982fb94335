"""The files of one store. Everything that the vault writes goes through here or through SQLite, so that a test can put a failing disk below both.

A name is a relative POSIX path. What is written is durable after `sync`, the name of a new file too.
"""

import contextlib
import errno
import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from typing import Protocol

from tenure.errors import VaultError

FOLDER_MODE = 0o700
FILE_MODE = 0o600
UNFINISHED = ".tenure-new-"
"""How the name of a file begins that was to replace another, and was not finished."""
_UNFINISHED = re.compile(r"(?:.*/)?" + re.escape(UNFINISHED) + r"[a-z0-9_]{8}", re.ASCII)


class Disk(Protocol):
    """What the vault needs of a folder."""

    @property
    def vfs(self) -> str | None:
        """The SQLite VFS that databases in this folder are opened with; None = SQLite's own."""
        ...

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be written here."""
        ...

    def path(self, name: str) -> str:
        """Return the path of a name, for SQLite and for messages."""
        ...

    def entries(self) -> list[str]:
        """Return the names of the files and folders right in this folder; none where there is no folder.

        Raises:
            VaultError: it cannot be read, or is no folder.
        """
        ...

    def size(self, name: str) -> int | None:
        """Return the size of a file in bytes; None when it is not there."""
        ...

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return a part of a file, which is shorter where the file ends; None = up to its end.

        Raises:
            VaultError: it is not there or cannot be read.
        """
        ...

    def append(self, name: str, content: bytes) -> int:
        """Write at the end of a file, which is made if it is not there, and return the offset of what was written.

        Raises:
            VaultError: no space left, or it cannot be written; the file then has the size that it had.
        """
        ...

    def cut(self, name: str, size: int) -> None:
        """Cut a file that is longer to a size, durably.

        Raises:
            VaultError: it is not there or cannot be written.
        """
        ...

    def sync(self, name: str) -> None:
        """Make a file and its name durable."""
        ...

    def replace(self, name: str, content: bytes) -> None:
        """Replace a file as a whole, durably: after a crash it has the old or the new content."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file if it is there, and the folder that it leaves empty."""
        ...

    def shred(self, name: str) -> None:
        """Overwrite a file in place, durably, then remove it: for keys in the clear."""
        ...

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of all files that begin with a prefix, in order."""
        ...

    def lock(self, name: str) -> contextlib.AbstractContextManager[None]:
        """Hold a file locked against other processes.

        Raises:
            VaultError: another process holds it.
        """
        ...


class Folder:
    """A disk in a folder of this machine, made with mode 0700.

    Args:
        folder: absolute path.
        wait: waits a moment and says whether to try once more to lock what another process holds.
    """

    vfs: str | None = None
    is_read_only: bool = False

    def __init__(self, folder: str, wait: Callable[[], bool] = lambda: False) -> None:
        self._folder = folder
        self._wait = wait

    def path(self, name: str) -> str:
        """Return the absolute path of a name."""
        return os.path.join(self._folder, *name.split("/")) if name else self._folder

    def size(self, name: str) -> int | None:
        """Return the size of a file; None when it is not there."""
        try:
            return os.stat(self.path(name)).st_size
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _failed(self.path(name), error) from error

    def entries(self) -> list[str]:
        """Return the names of the files and folders right in this folder."""
        try:
            return sorted(os.listdir(self._folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _failed(self._folder, error) from error

    def read(self, name: str, offset: int = 0, length: int | None = None) -> bytes:
        """Return a part of a file."""
        try:
            descriptor = os.open(self.path(name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                wanted = max(0, os.fstat(descriptor).st_size - offset) if length is None else length
                return os.pread(descriptor, wanted, offset)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _failed(self.path(name), error) from error

    def append(self, name: str, content: bytes) -> int:
        """Write at the end of a file."""
        path = self.path(name)
        try:
            self._make(os.path.dirname(path))
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
            try:
                _close_to_others(descriptor)
                return _append(descriptor, content)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _failed(path, error) from error

    def cut(self, name: str, size: int) -> None:
        """Cut a file that is longer to a size, durably."""
        path = self.path(name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                if os.fstat(descriptor).st_size > size:
                    os.ftruncate(descriptor, size)
                    os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _failed(path, error) from error

    def sync(self, name: str) -> None:
        """Make a file and its name durable."""
        path = self.path(name)
        try:
            _sync(path)
            _sync(os.path.dirname(path))
        except OSError as error:
            raise _failed(path, error) from error

    def replace(self, name: str, content: bytes) -> None:
        """Replace a file as a whole, durably."""
        path = self.path(name)
        try:
            self._make(os.path.dirname(path))
            descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path), prefix=UNFINISHED)
            try:
                _close_to_others(descriptor)
                with open(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                os.replace(temporary, path)
            except BaseException:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(temporary)
                raise
            _sync(os.path.dirname(path))
        except OSError as error:
            raise _failed(path, error) from error

    def remove(self, name: str) -> None:
        """Remove a file if it is there, and the folder that it leaves empty."""
        path = self.path(name)
        try:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
            parent = os.path.dirname(path)
            if parent != self._folder and os.path.isdir(parent) and not os.listdir(parent):
                os.rmdir(parent)
            while parent != self._folder and not os.path.isdir(parent):
                parent = os.path.dirname(parent)  # removed now, or before by a process that did not come to the sync
            if os.path.isdir(parent):
                _sync(parent)
        except OSError as error:
            raise _failed(path, error) from error

    def shred(self, name: str) -> None:
        """Overwrite a file in place, durably, then remove it."""
        path = self.path(name)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        except OSError as error:
            raise _failed(path, error) from error
        try:
            os.pwrite(descriptor, bytes(os.fstat(descriptor).st_size), 0)
            os.fsync(descriptor)
        except OSError as error:
            raise _failed(path, error) from error
        finally:
            os.close(descriptor)
        self.remove(name)

    def names(self, prefix: str = "") -> Iterator[str]:
        """Yield the names of all files that begin with a prefix, in order."""
        found = []
        for folder, _, files in os.walk(self._folder):
            found += [os.path.relpath(os.path.join(folder, file), self._folder).replace(os.sep, "/") for file in files]
        yield from sorted(name for name in found if name.startswith(prefix))

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Hold a file locked against other processes."""
        path = self.path(name)
        try:
            self._make(os.path.dirname(path))
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        except OSError as error:
            raise _failed(path, error) from error
        try:
            _close_to_others(descriptor)
            self._flock(descriptor, path)
            yield
        finally:
            os.close(descriptor)

    def _flock(self, descriptor: int, path: str) -> None:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                if error.errno == errno.EWOULDBLOCK and self._wait():
                    continue
                message = f"{path}: expected a store that nobody else writes to, found it in use by another process"
                raise VaultError(message, code="vault/busy", remedy="wait for that command, or stop it, and try again") from error
            return

    def _make(self, folder: str) -> None:
        missing, existing = [], folder
        while not os.path.isdir(existing):
            missing.append(existing)
            existing = os.path.dirname(existing)
        if missing:
            for made in reversed(missing):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(made, FOLDER_MODE)
                    os.chmod(made, FOLDER_MODE)  # whatever the umask
                _sync(os.path.dirname(made))  # each name is an entry in its own parent


def is_unfinished(name: str) -> bool:
    """Whether a name is one that `replace` gives to a file until it takes its place: only this may be taken for what a crash left."""
    return _UNFINISHED.fullmatch(name) is not None


def _close_to_others(descriptor: int) -> None:
    """Give a file its mode, whatever the umask."""
    if stat.S_IMODE(os.fstat(descriptor).st_mode) != FILE_MODE:
        os.fchmod(descriptor, FILE_MODE)


def _append(descriptor: int, content: bytes) -> int:
    start = os.fstat(descriptor).st_size
    try:
        left, at = memoryview(content), start
        while left:
            written = os.pwrite(descriptor, left, at)
            left, at = left[written:], at + written
    except OSError:
        os.ftruncate(descriptor, start)
        raise
    return start


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _failed(path: str, error: OSError) -> VaultError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        message = f"{path}: expected space on the disk, found none left"
        return VaultError(message, code="vault/full", remedy="make room and try again; nothing was lost")
    message = f"{path}: expected a file that can be used, found: {error.strerror}"
    return VaultError(message, code="vault/unusable", remedy="look at its mode and owner")
