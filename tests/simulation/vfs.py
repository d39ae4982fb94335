"""SQLite's view of simulated files: a VFS that takes nothing from the operating system.

It has no shared memory: a database in WAL mode opens with `locking_mode=EXCLUSIVE` only, as the vault's do.
Source: https://sqlite.org/c3ref/vfs.html, https://sqlite.org/c3ref/io_methods.html, https://rogerbinns.github.io/apsw/vfs.html.
"""

import os

import apsw
from tests.simulation.content import Inode
from tests.simulation.files import Files, find

NAME = "tenure-simulated"
_JOURNALS = apsw.SQLITE_OPEN_MAIN_JOURNAL | apsw.SQLITE_OPEN_WAL | apsw.SQLITE_OPEN_SUPER_JOURNAL
_JULIAN_EPOCH_MS = 210_866_760_000_000


class SimulatedVfs(apsw.VFS):
    """All simulated disks; a path names the disk."""

    def __init__(self) -> None:
        super().__init__(NAME, base=None, iVersion=2)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> "SimulatedFile":
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is None:
            raise apsw.CantOpenError("a temporary file belongs in memory")
        files, short = find(path)
        inode, is_new = files.file(short), False
        if inode is None:
            if not flags[0] & apsw.SQLITE_OPEN_CREATE:
                raise apsw.CantOpenError(path)
            inode, is_new = files.create(short), True
        flags[1] = flags[0]
        return SimulatedFile(files, short, inode, is_named_by_sync=is_new and bool(flags[0] & _JOURNALS), flags=flags[0])

    def xDelete(self, filename: str, syncdir: bool) -> None:
        files, name = find(filename)
        if files.file(name) is None:
            raise _error(apsw.IOError, apsw.SQLITE_IOERR_DELETE_NOENT, filename)
        files.delete(name)
        if syncdir:
            files.sync_folder(os.path.dirname(name))

    def xAccess(self, pathname: str, flags: int) -> bool:
        files, name = find(pathname)
        return name in files.names or files.is_folder(name)

    def xFullPathname(self, name: str) -> str:
        return name

    def xRandomness(self, numbytes: int) -> bytes:
        return bytes(numbytes)

    def xSleep(self, microseconds: int) -> int:
        return microseconds

    def xCurrentTime(self) -> float:
        return _JULIAN_EPOCH_MS / 86_400_000

    def xCurrentTimeInt64(self) -> int:
        return _JULIAN_EPOCH_MS

    def xGetLastError(self) -> tuple[int, str | None]:
        return 0, None


class SimulatedFile(apsw.VFSFile):
    """An open file."""

    def __init__(self, files: Files, name: str, inode: Inode, *, is_named_by_sync: bool, flags: int) -> None:
        self._files, self._name, self._inode = files, name, inode
        self._is_named_by_sync = is_named_by_sync
        self._is_temporary = bool(flags & apsw.SQLITE_OPEN_DELETEONCLOSE)

    def xRead(self, amount: int, offset: int) -> bytes:
        return self._inode.content.read(offset, amount)

    def xWrite(self, data: bytes, offset: int) -> None:
        try:
            self._files.write(self._name, self._inode, offset, bytes(data))
        except OSError as error:
            raise apsw.FullError(self._name) from error

    def xTruncate(self, newsize: int) -> None:
        self._files.truncate(self._name, self._inode, newsize)

    def xSync(self, flags: int) -> None:
        """Sync the file; the first sync of a new journal syncs its name too, as SQLite's own VFS for Unix does."""
        self._files.sync(self._name, self._inode)
        if self._is_named_by_sync:
            self._files.sync_folder(os.path.dirname(self._name))
            self._is_named_by_sync = False

    def xFileSize(self) -> int:
        return self._inode.content.size

    def xLock(self, level: int) -> None:
        holders = self._files.locks.setdefault(self._name, {})
        others = max((held for holder, held in holders.items() if holder is not self), default=apsw.SQLITE_LOCK_NONE)
        if level == apsw.SQLITE_LOCK_SHARED:
            is_free = others < apsw.SQLITE_LOCK_PENDING
        elif level == apsw.SQLITE_LOCK_EXCLUSIVE:
            is_free = others == apsw.SQLITE_LOCK_NONE
        else:
            is_free = others < apsw.SQLITE_LOCK_RESERVED
        if not is_free:
            raise apsw.BusyError(self._name)
        holders[self] = max(level, holders.get(self, level))

    def xUnlock(self, level: int) -> None:
        holders = self._files.locks.get(self._name, {})
        if level == apsw.SQLITE_LOCK_NONE:
            holders.pop(self, None)
        else:
            holders[self] = level

    def xCheckReservedLock(self) -> bool:
        return any(held >= apsw.SQLITE_LOCK_RESERVED for held in self._files.locks.get(self._name, {}).values())

    def xFileControl(self, op: int, ptr: int) -> bool:
        return False

    def xSectorSize(self) -> int:
        return 512

    def xDeviceCharacteristics(self) -> int:
        """A write leaves the bytes beside it alone, as SQLite takes for granted on Unix; nothing else is promised."""
        return int(apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE)

    def xClose(self) -> None:
        self._files.locks.get(self._name, {}).pop(self, None)
        if self._is_temporary and self._files.file(self._name) is self._inode and not self._files.is_off:
            self._files.delete(self._name)


def _error(kind: type[apsw.Error], extended: int, text: str) -> apsw.Error:
    error = kind(text)
    vars(error)["extendedresult"] = extended  # apsw reads it, and does not declare it
    return error


vfs = SimulatedVfs()
