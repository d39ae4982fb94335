"""Modes of files: those of a store let in nobody but the person."""

import os
import stat
from collections.abc import Iterable

_OTHERS = 0o077


def open_modes(folder: str) -> dict[str, int]:
    """Return the files under a folder, and the folder itself, whose mode lets others in, with their modes."""
    paths = [folder, *(os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names)]
    modes = {path: stat.S_IMODE(os.lstat(path).st_mode) for path in paths if os.path.lexists(path)}
    return {path: mode for path, mode in modes.items() if mode & _OTHERS}


def shut(paths: Iterable[str]) -> None:
    """Let nobody else into files and folders."""
    for path in paths:
        os.chmod(path, stat.S_IMODE(os.lstat(path).st_mode) & ~_OTHERS)
