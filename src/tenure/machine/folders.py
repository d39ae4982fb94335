"""Walking a folder's metadata. No file is opened and no link is followed, except that the folder itself may be a link."""

import os
import stat
from collections.abc import Iterator

from tenure.agents.view import Entry, Listing, Unreadable
from tenure.machine.files import reason

_DEPTH = 48
_MOST = 2_000_000
_PASS = stat.S_IXOTH


def walk(path: str, home: str) -> Listing | Unreadable:
    """List the files below a folder."""
    try:
        top = os.path.realpath(path) if os.path.islink(path) else path
        if not stat.S_ISDIR(os.stat(top).st_mode):
            return Unreadable("not a folder")
        os.close(os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC | os.O_NONBLOCK))
        is_open = can_pass(path, home)
    except (OSError, ValueError) as error:
        return reason(error)
    entries: list[Entry] = []
    problems: list[tuple[str, str]] = []
    folders = [("", top, is_open, 0)]
    while folders:
        prefix, folder, passable, depth = folders.pop()
        try:
            with os.scandir(folder) as found:
                folders.extend(_sort(found, prefix, passable, depth, entries, problems))
        except OSError as error:
            problems.append((prefix.rstrip("/"), reason(error).reason))
        if len(entries) > _MOST:
            problems.append(("", f"more than {_MOST} files: the rest was not counted"))
            break
    return Listing(entries, problems)


def _sort(
    found: Iterator[os.DirEntry[str]], prefix: str, passable: bool, depth: int, entries: list[Entry], problems: list[tuple[str, str]]
) -> Iterator[tuple[str, str, bool, int]]:
    for item in found:
        name = prefix + item.name
        try:
            status = item.stat(follow_symlinks=False)
        except OSError as error:
            problems.append((name, reason(error).reason))
            continue
        mode = status.st_mode
        if stat.S_ISDIR(mode):
            if depth < _DEPTH:
                yield name + "/", item.path, passable and bool(mode & _PASS), depth + 1
            else:
                problems.append((name, f"folders deeper than {_DEPTH} levels"))
            continue
        regular = stat.S_ISREG(mode)
        entries.append(Entry(name, status.st_size, status.st_mtime, regular and passable and bool(mode & stat.S_IROTH), regular))


def can_pass(path: str, home: str) -> bool:
    """Tell whether other users can pass from the home folder (exclusive) down to a folder (inclusive)."""
    if os.path.commonpath([path, home]) != home:
        return _all_open(path, "/")
    return _all_open(path, home)


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
