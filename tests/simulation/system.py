"""The calls to the operating system that `tenure.vault.disk.Folder` makes, answered by simulated files.

So the real code, with its order of writes and syncs, runs on a disk that fails. A call that is missing here ends the test.
"""

import errno
import importlib.util
import os
import posixpath
import stat
from collections.abc import Iterator
from itertools import count
from types import ModuleType, SimpleNamespace
from typing import cast

from tests.simulation.content import Inode
from tests.simulation.files import Files, find, parents

_DISK = "tenure.vault.disk"


class _Opened:
    """What a descriptor stands for; no inode = a folder."""

    __slots__ = ("files", "inode", "name")

    def __init__(self, files: Files, name: str, inode: Inode | None) -> None:
        self.files, self.name, self.inode = files, name, inode

    @property
    def file(self) -> Inode:
        if self.inode is None:
            raise IsADirectoryError(errno.EISDIR, "is a folder", self.name)
        return self.inode


class System:
    """Stands in for the modules `os`, `tempfile` and `fcntl`, and for `open`."""

    O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_CLOEXEC, O_NOFOLLOW = os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_CREAT, os.O_CLOEXEC, os.O_NOFOLLOW
    O_EXCL, O_DIRECTORY, O_APPEND, O_TRUNC = os.O_EXCL, os.O_DIRECTORY, os.O_APPEND, os.O_TRUNC
    LOCK_EX, LOCK_NB = 2, 4
    sep = "/"

    def __init__(self) -> None:
        self._opened: dict[int, _Opened] = {}
        self._numbers = count(1000)
        self.path = SimpleNamespace(
            join=posixpath.join,
            dirname=posixpath.dirname,
            basename=posixpath.basename,
            relpath=posixpath.relpath,
            isdir=self._isdir,
            exists=self._exists,
        )

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        files, name = find(path)
        inode = files.file(name)
        if inode is None and not files.is_folder(name):
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, "no such file", path)
            inode = files.create(name)
        elif flags & os.O_EXCL:
            raise FileExistsError(errno.EEXIST, "exists", path)
        number = next(self._numbers)
        self._opened[number] = _Opened(files, name, inode)
        return number

    def close(self, descriptor: int) -> None:
        opened = self._opened.pop(descriptor)
        if opened.files.locks.get(opened.name, {}).pop(descriptor, None) is not None and not opened.files.locks[opened.name]:
            del opened.files.locks[opened.name]

    def fstat(self, descriptor: int) -> SimpleNamespace:
        return SimpleNamespace(st_size=self._opened[descriptor].file.content.size, st_mode=stat.S_IFREG | 0o600)

    def stat(self, path: str) -> SimpleNamespace:
        files, name = find(path)
        inode = files.file(name)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", path)
        return SimpleNamespace(st_size=inode.content.size, st_mode=stat.S_IFREG | 0o600)

    def pread(self, descriptor: int, length: int, offset: int) -> bytes:
        return self._opened[descriptor].file.content.read(offset, length)

    def pwrite(self, descriptor: int, data: bytes | memoryview, offset: int) -> int:
        opened = self._opened[descriptor]
        opened.files.write(opened.name, opened.file, offset, bytes(data))
        return len(data)

    def ftruncate(self, descriptor: int, size: int) -> None:
        opened = self._opened[descriptor]
        opened.files.truncate(opened.name, opened.file, size)

    def fsync(self, descriptor: int) -> None:
        opened = self._opened[descriptor]
        if opened.inode is None:
            opened.files.sync_folder(opened.name)
        else:
            opened.files.sync(opened.name, opened.inode)

    def replace(self, path: str, to: str) -> None:
        files, name = find(path)
        files.rename(name, find(to)[1])

    def unlink(self, path: str) -> None:
        files, name = find(path)
        files.delete(name)

    def mkdir(self, path: str, mode: int = 0o777) -> None:
        files, name = find(path)
        files.make_folder(name)

    def makedirs(self, path: str, mode: int = 0o777, exist_ok: bool = False) -> None:
        files, name = find(path)
        for parent in [*reversed([*parents(name)]), name]:
            if not files.is_folder(parent):
                files.make_folder(parent)

    def rmdir(self, path: str) -> None:
        files, name = find(path)
        files.remove_folder(name)

    def listdir(self, path: str) -> list[str]:
        files, name = find(path)
        return files.listed(name)

    def walk(self, path: str) -> Iterator[tuple[str, list[str], list[str]]]:
        files, name = find(path)
        for folder in [name, *sorted(each for each in files.names if files.is_folder(each) and (not name or each.startswith(name + "/")))]:
            below = [(each, posixpath.join(folder, each)) for each in files.listed(folder)]
            found = [each for each, whole in below if not files.is_folder(whole)]
            yield posixpath.join(files.mount, folder), [each for each, whole in below if files.is_folder(whole)], found

    def chmod(self, path: str, mode: int) -> None:
        """Modes are not simulated."""

    def flock(self, descriptor: int, operation: int) -> None:
        opened = self._opened[descriptor]
        holders = opened.files.locks.setdefault(opened.name, {})
        if holders and descriptor not in holders:
            raise BlockingIOError(errno.EWOULDBLOCK, "locked", opened.name)
        holders[descriptor] = operation

    def mkstemp(self, suffix: str = "", prefix: str = "tmp", dir: str = "") -> tuple[int, str]:
        files, number = find(dir)[0], find(dir)[0].events
        while files.file(find(path := posixpath.join(dir, f"{prefix}{number:08d}{suffix}"))[1]) is not None:
            number += 1
        return self.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL), path

    def open_file(self, descriptor: int, mode: str) -> "_Stream":
        return _Stream(self, descriptor)

    def _isdir(self, path: str) -> bool:
        files, name = find(path)
        return files.is_folder(name)

    def _exists(self, path: str) -> bool:
        files, name = find(path)
        return name in files.names or files.is_folder(name)


class _Stream:
    """A file that is written from its beginning, once."""

    def __init__(self, system: System, descriptor: int) -> None:
        self._system, self._descriptor, self._at = system, descriptor, 0

    def __enter__(self) -> "_Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self._system.close(self._descriptor)

    def write(self, data: bytes) -> int:
        written = self._system.pwrite(self._descriptor, data, self._at)
        self._at += written
        return written

    def flush(self) -> None:
        """Nothing is kept back."""

    def fileno(self) -> int:
        return self._descriptor


def simulated(name: str = _DISK) -> ModuleType:
    """Return a module once more, bound to simulated files; the one that others import is left as it is."""
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    system = System()
    names = cast(dict[str, object], vars(module))
    names |= {"os": system, "tempfile": system, "fcntl": system, "open": system.open_file}
    return module
