"""Walking a folder's metadata. No file is opened and no link is followed, except that the folder itself may be a link."""

import os
import stat
from collections.abc import Collection, Iterator

from tenure.agents.view import DEPTH, NOT_SEARCHED, Entry, Listing, Unreadable
from tenure.machine.files import reason

_MOST = 2_000_000
_MOST_SEARCHED = 20_000
_PASS = stat.S_IXOTH


def walk(path: str, home: str, names: Collection[str] | None = None, depth: int = DEPTH) -> Listing | Unreadable:
    """List the files below a folder.

    Args:
        path: the folder.
        home: where judging the modes of folders begins.
        names: only files of these names, and no folders that begin with a dot; None = all.
        depth: how many levels of folders below it are looked into.
    """
    try:
        top = os.path.realpath(path) if os.path.islink(path) else path
        if not stat.S_ISDIR(os.stat(top).st_mode):
            return Unreadable("not a folder")
        os.close(os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK))
        passable = can_pass(path, home)
    except (OSError, ValueError) as error:
        return reason(error)
    return _Walk(names, depth).run(top, passable)


class _Walk:
    """One walk: what was found, and the folders that are still to do."""

    def __init__(self, names: Collection[str] | None, depth: int) -> None:
        self.names, self.depth = names, depth
        self.entries: list[Entry] = []
        self.problems: list[tuple[str, str]] = []

    def run(self, top: str, passable: bool) -> Listing:
        folders = [("", top, passable, 0)]
        searched = 0
        while folders:
            searched += 1
            if self.names is not None and searched > _MOST_SEARCHED:
                self.problems.append(("", f"more than {_MOST_SEARCHED} folders: the rest was not searched"))
                break
            prefix, folder, passable, depth = folders.pop()
            try:
                with os.scandir(folder) as found:
                    folders.extend(self.sort(found, prefix, passable, depth))
            except OSError as error:
                self.problems.append((prefix.rstrip("/"), reason(error).reason))
            if len(self.entries) > _MOST:
                self.problems.append(("", f"more than {_MOST} files: the rest was not counted"))
                break
        return Listing(self.entries, self.problems)

    def sort(self, found: Iterator[os.DirEntry[str]], prefix: str, passable: bool, depth: int) -> Iterator[tuple[str, str, bool, int]]:
        """Take the files of a folder, and yield its folders."""
        for item in found:
            name = prefix + item.name
            try:
                is_folder = item.is_dir(follow_symlinks=False)
                if self.is_passed_over(item.name, is_folder):
                    continue
                status = item.stat(follow_symlinks=False)
            except OSError as error:
                self.problems.append((name, reason(error).reason))
                continue
            if not is_folder:
                regular = stat.S_ISREG(status.st_mode)
                shared = regular and passable and bool(status.st_mode & stat.S_IROTH)
                self.entries.append(Entry(name, status.st_size, status.st_mtime, shared, regular))
            elif depth < self.depth:
                yield name + "/", item.path, passable and bool(status.st_mode & _PASS), depth + 1
            elif self.names is None:
                self.problems.append((name, f"folders deeper than {self.depth} levels"))

    def is_passed_over(self, name: str, is_folder: bool) -> bool:
        """Tell whether something is not looked for."""
        if self.names is None:
            return False
        return name.startswith(".") or name in NOT_SEARCHED if is_folder else name not in self.names


def can_pass(path: str, home: str) -> bool:
    """Tell whether other users can pass from the home folder (exclusive) down to a folder (inclusive)."""
    return _all_open(path, home if os.path.commonpath([path, home]) == home else "/")


def is_home_open(home: str) -> bool:
    """Tell whether other users can pass from the root down to and through the home folder."""
    try:
        return _all_open(home, "/")
    except (OSError, ValueError):
        return False


def _all_open(path: str, stop: str) -> bool:
    while path not in (stop, "/", ""):
        if not os.stat(path).st_mode & _PASS:
            return False
        path = os.path.dirname(path)
    return True
