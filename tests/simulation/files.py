"""A file system in memory that counts its changes, keeps apart what is durable, and fails when it is told to.

Files are durable after a sync of the file, names after a sync of their folder. Stricter than POSIX nowhere, so that what relies on the habits of one
file system fails here.
"""

import errno
import os
import weakref
from collections.abc import Callable, Iterator
from itertools import count
from random import Random
from typing import ClassVar

from tests.simulation.content import Fate, Inode

ROOT = ""
"""The folder that is always there."""


class Folder:
    """A folder that is a name in another."""


FOLDER = Folder()
Entry = Inode | Folder
Names = dict[str, Entry]
Event = tuple[int, str, str]
"""The number of a change from 1 on, its kind, and the name that it is about."""


class Crash(BaseException):
    """The power went. No handler may take this for an error."""


class Files:
    """The files of one simulated disk. Names are relative, parted by `/`.

    Attributes:
        events: how many changes there have been.
        watch: called before each change.
        lies: says of which names a sync does nothing; a folder's ends in `/`.
        room: bytes that files may still grow by; None = without end.
    """

    by_mount: ClassVar["weakref.WeakValueDictionary[str, Files]"] = weakref.WeakValueDictionary()
    _numbers: ClassVar = count(1)

    def __init__(self, names: Names | None = None) -> None:
        self.mount = f"/disk-{next(self._numbers)}"
        self.by_mount[self.mount] = self
        self.names: Names = {} if names is None else names
        self.durable_names: Names = dict(self.names)
        self.moves: list[dict[str, Entry | None]] = []
        self.locks: dict[str, dict[object, int]] = {}
        self.events = 0
        self.room: int | None = None
        self.watch: Callable[[Event], None] | None = None
        self.lies: Callable[[str], bool] = lambda name: False
        self.is_off = False
        self._off_at: tuple[int, bool] | None = None
        self._full_at: int | None = None

    def copy(self) -> "Files":
        """Return the same disk once more, with what is not durable yet, unwatched and without faults."""
        other, seen = Files(), dict[int, Entry]()

        def twin(entry: Entry) -> Entry:
            if isinstance(entry, Folder):
                return entry
            if id(entry) not in seen:
                seen[id(entry)] = entry.copy()
            return seen[id(entry)]

        other.names = {name: twin(entry) for name, entry in self.names.items()}
        other.durable_names = {name: twin(entry) for name, entry in self.durable_names.items()}
        other.moves = [{name: None if entry is None else twin(entry) for name, entry in move.items()} for move in self.moves]
        other.events = self.events
        return other

    def after_crash(self, random: Random, fate: Fate | None = None) -> "Files":
        """Return the files as they are found after a power cut; each has its own fate where none is given."""
        found: Names = {}
        for name, entry in self._names_after_crash(random, fate).items():
            if isinstance(entry, Folder):
                found[name] = entry
            else:
                found[name] = Inode(entry.after_crash(random, fate or random.choice(list(Fate))))
        return Files(found)

    def _names_after_crash(self, random: Random, fate: Fate | None) -> Names:
        if fate is Fate.KEPT:
            return dict(self.names)
        found, lost = dict(self.durable_names), set[str]()
        for move in self.moves if fate is not Fate.LOST else ():
            if not lost.isdisjoint(move) or random.random() < 0.5:
                lost.update(move)  # what follows on the same name is lost too
            else:
                _move(found, move)
        return {name: entry for name, entry in found.items() if all(parent in found for parent in parents(name))}

    def off_at(self, number: int, *, is_applied: bool = False) -> None:
        """Cut the power at a change, before or after it. In between is no third case: a change is in doubt until it is synced."""
        self._off_at = (number, is_applied)

    def full_at(self, number: int) -> None:
        """Leave no room from a change on."""
        self._full_at = number

    def make_room(self) -> None:
        """Let files grow again."""
        self._full_at = self.room = None

    def file(self, name: str) -> Inode | None:
        """Return a file; None = there is none."""
        found = self.names.get(name)
        return found if isinstance(found, Inode) else None

    def is_folder(self, name: str) -> bool:
        return name == ROOT or isinstance(self.names.get(name), Folder)

    def listed(self, folder: str) -> list[str]:
        """Return the names in a folder, the last part of each."""
        return sorted(os.path.basename(name) for name in self.names if os.path.dirname(name) == folder)

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """Yield every byte that a thief of the machine or of the disk finds, temporary files and names not yet gone included."""
        seen = set[int]()
        for names in (self.names, self.durable_names, *({n: e for n, e in move.items() if e is not None} for move in self.moves)):
            for name, entry in names.items():
                if isinstance(entry, Inode) and id(entry) not in seen:
                    seen.add(id(entry))
                    yield name, entry.content.whole()
                    if entry.pending:
                        yield name, entry.durable.whole()

    def create(self, name: str) -> Inode:
        self._need_folder(name)
        self._begin("create", name)
        inode = Inode()
        self._rename({name: inode})
        self._end()
        return inode

    def write(self, name: str, inode: Inode, offset: int, data: bytes) -> None:
        """Write; where room ends, what still fits is written.

        Raises:
            OSError: no space left.
        """
        self._begin("write", name)
        if self.room is not None:
            growth = max(0, offset + len(data) - inode.content.size)
            if growth > self.room:
                fits = len(data) - (growth - self.room)
                self.room = 0
                if fits > 0:
                    inode.change((offset, data[:fits]))
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), name)
            self.room -= growth
        inode.change((offset, data))
        self._end()

    def truncate(self, name: str, inode: Inode, size: int) -> None:
        self._begin("truncate", name)
        self._give_back(inode.content.size - size)
        inode.change((size, None))
        self._end()

    def sync(self, name: str, inode: Inode) -> None:
        self._begin("sync", name)
        if not self.lies(name):
            inode.sync()
        self._end()

    def sync_folder(self, folder: str) -> None:
        self._begin("sync", folder + "/")
        left = []
        for move in self.moves:
            if not self.lies(folder + "/") and any(os.path.dirname(name) == folder for name in move):
                _move(self.durable_names, move)
            else:
                left.append(move)
        self.moves = left
        self._end()

    def make_folder(self, name: str) -> None:
        self._need_folder(name)
        if name in self.names:
            raise FileExistsError(errno.EEXIST, "exists", name)
        self._begin("mkdir", name)
        self._rename({name: FOLDER})
        self._end()

    def remove_folder(self, name: str) -> None:
        if self.listed(name):
            raise OSError(errno.ENOTEMPTY, "not empty", name)
        self._begin("rmdir", name)
        self.moves = [move for move in self.moves if not all(os.path.dirname(each) == name for each in move)]  # they go with it, or come back with it
        self._rename({name: None})
        self._end()

    def rename(self, name: str, to: str) -> None:
        inode = self.file(name)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        self._need_folder(to)
        self._begin("rename", to)
        self._rename({name: None, to: inode})
        self._end()

    def delete(self, name: str) -> None:
        inode = self.file(name)
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, "no such file", name)
        self._begin("delete", name)
        self._give_back(inode.content.size)
        self._rename({name: None})
        self._end()

    def _need_folder(self, name: str) -> None:
        if not self.is_folder(os.path.dirname(name)):
            raise FileNotFoundError(errno.ENOENT, "no such folder", name)

    def _rename(self, move: dict[str, Entry | None]) -> None:
        _move(self.names, move)
        self.moves.append(move)

    def _give_back(self, size: int) -> None:
        if self.room is not None and self._full_at is None:
            self.room = max(0, self.room + size)

    def _begin(self, kind: str, name: str) -> None:
        if self.is_off:
            raise Crash
        self.events += 1
        if self.watch is not None:
            self.watch((self.events, kind, name))
        if self._full_at is not None and self.events >= self._full_at:
            self.room = 0
        if self._off_at == (self.events, False):
            self.is_off = True
            raise Crash

    def _end(self) -> None:
        if self._off_at == (self.events, True):
            self.is_off = True
            raise Crash


def _move(names: Names, move: dict[str, Entry | None]) -> None:
    for name, entry in move.items():
        if entry is not None:
            names[name] = entry
            continue
        gone = names.pop(name, None)
        if isinstance(gone, Folder):
            for below in [each for each in names if each.startswith(name + "/")]:
                del names[below]


def parents(name: str) -> Iterator[str]:
    """Yield the folders that a name is in, the nearest first, without the root."""
    while name := os.path.dirname(name):
        yield name


def find(path: str) -> tuple[Files, str]:
    """Return the disk that a path is on, and the name there.

    Raises:
        FileNotFoundError: there is no such disk.
    """
    _, mount, *name = path.split("/", 2)
    files = Files.by_mount.get(f"/{mount}")
    if files is None:
        raise FileNotFoundError(errno.ENOENT, "no such disk", path)
    return files, name[0] if name else ROOT
