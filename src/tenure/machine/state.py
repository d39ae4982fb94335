"""Tenure's own state as files under one folder, readable by the person alone. Not for data of others: that is the vault's."""

import contextlib
import os
import posixpath
import stat
import tempfile
from collections.abc import Mapping

from tenure.errors import ConfigError

_LARGEST = 64 * 1024 * 1024


class FolderState:
    """State in a folder, made with mode 0700 when the first file is written.

    Args:
        folder: absolute path.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when it is not there."""
        try:
            with open(self._path(name), "rb") as file:
                content = file.read(_LARGEST + 1)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _refused(self._path(name), "a readable file", error) from error
        if len(content) > _LARGEST:
            raise ConfigError(f"{self._path(name)}: expected at most {_LARGEST} bytes, found more", code="state/too-large")
        return content

    def write(self, name: str, content: bytes | None) -> None:
        """Replace a file as a whole, durably; None removes it, and folders that it leaves empty."""
        path = self._path(name)
        try:
            if content is None:
                self._remove(path)
            else:
                self._make_folder(os.path.dirname(path))
                replace_file(path, content, 0o600)
        except OSError as error:
            raise _refused(path, "a place that can be written", error) from error

    def append(self, name: str, line: bytes) -> None:
        """Add one line to a file of lines, in one system call."""
        path = self._path(name)
        try:
            self._make_folder(os.path.dirname(path))
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
            try:
                os.write(descriptor, line + b"\n")
            finally:
                os.close(descriptor)
        except OSError as error:
            raise _refused(path, "a place that can be written", error) from error

    def places(self) -> Mapping[str, str]:
        """Return everything that is stored, and for each name its path."""
        found = {}
        for folder, _, files in os.walk(self._folder):
            for file in files:
                path = os.path.join(folder, file)
                found[os.path.relpath(path, self._folder).replace(os.sep, "/")] = path
        return dict(sorted(found.items()))

    def _path(self, name: str) -> str:
        if not name or posixpath.isabs(name) or posixpath.normpath(name) != name or name.startswith(".."):
            raise ConfigError(f"state: expected a relative name, got {name[:60]!r}", code="state/name")
        return os.path.join(self._folder, *name.split("/"))

    def _make_folder(self, folder: str) -> None:
        if not os.path.isdir(folder):
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            os.chmod(self._folder, 0o700)
            os.makedirs(folder, mode=0o700, exist_ok=True)

    def _remove(self, path: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        folder = os.path.dirname(path)
        while folder == self._folder or folder.startswith(self._folder + os.sep):
            try:
                os.rmdir(folder)
            except OSError:
                return
            folder = os.path.dirname(folder)


def replace_file(path: str, content: bytes, mode: int) -> None:
    """Replace a file in one step through a neighbour of it, so that a crash leaves the old or the new content.

    Raises:
        OSError: the system refuses; the neighbour is gone then.
    """
    descriptor, neighbour = tempfile.mkstemp(prefix=f".{os.path.basename(path)[:40]}.", dir=os.path.dirname(path))
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), stat.S_IMODE(mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(neighbour, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(neighbour)
        raise
    _sync_folder(os.path.dirname(path))


def place_file(path: str, content: bytes, mode: int) -> None:
    """Replace a file in one step, durably; the folders above it are made, and are durable too.

    Raises:
        OSError: the system refuses.
    """
    missing, existing = list[str](), os.path.dirname(os.path.abspath(path))
    while not os.path.isdir(existing) and os.path.dirname(existing) != existing:
        missing.append(existing)
        existing = os.path.dirname(existing)
    for made in reversed(missing):
        os.makedirs(made, exist_ok=True)
        _sync_folder(os.path.dirname(made))
    replace_file(os.path.abspath(path), content, mode)


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refused(path: str, expected: str, error: OSError) -> ConfigError:
    reason = (error.strerror or "the system gives no reason").lower()
    return ConfigError(f"{path}: expected {expected}, found: {reason}", code="state/unusable", remedy="XDG_DATA_HOME names another place for it")
