"""Opening files of others: regular files only, never a credential file, never more than asked for, never waiting."""

import errno
import os
import stat

from tenure.agents.credentials import is_credential
from tenure.agents.view import ABSENT, Unreadable

REFUSED = Unreadable("a credential file, never opened")
_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY
_HOPS = 16


def reason(error: OSError | ValueError) -> Unreadable:
    """Return why the system refused, without the path."""
    if isinstance(error, ValueError):
        return Unreadable("not a possible path")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ABSENT
    if error.errno == errno.ELOOP:
        return Unreadable("a loop of links")
    return Unreadable((error.strerror or "the system gives no reason").lower())


def resolve(path: str) -> str | Unreadable:
    """Follow the links of a path's last part, refusing where any hop names a credential file."""
    for _ in range(_HOPS):
        if is_credential(path):
            return REFUSED
        if not os.path.islink(path):
            real = os.path.realpath(path)
            return REFUSED if is_credential(real) else real
        path = os.path.join(os.path.dirname(path), os.readlink(path))
    return Unreadable("a loop of links")


def open_regular(path: str, *, follow: bool) -> int | Unreadable:
    """Open a regular file for reading and return its descriptor.

    What is no regular file is not opened at all: opening a pipe could wait, opening a device could act.
    """
    try:
        target = resolve(path) if follow else (REFUSED if is_credential(path) else path)
        if isinstance(target, Unreadable):
            return target
        if not stat.S_ISREG(os.lstat(target).st_mode):
            return Unreadable(_what(os.lstat(target).st_mode))
        descriptor = os.open(target, _FLAGS)
    except (OSError, ValueError) as error:
        return reason(error)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return Unreadable("not a regular file")
    return descriptor


def _what(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISLNK, "a link, not followed"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((f"{name}, not a regular file" for test, name in kinds if test(mode)), "a device, not a regular file")


def read_at_most(descriptor: int, count: int, offset: int = 0) -> bytes:
    """Read up to `count` bytes from `offset`; fewer at the end of the file."""
    parts = []
    while count > 0:
        part = os.pread(descriptor, min(count, 1 << 20), offset)
        if not part:
            break
        parts.append(part)
        count -= len(part)
        offset += len(part)
    return b"".join(parts)
