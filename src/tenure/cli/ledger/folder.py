"""Files that a person asked to have written."""

import os
from collections.abc import Iterable
from pathlib import Path

from tenure import wiring
from tenure.errors import ConfigError


def read_text(folder: str, name: str) -> str | None:
    """Return a text file of a folder; None when it is not there.

    Raises:
        ConfigError: it cannot be read, or is no text.
    """
    path = Path(folder, name)
    try:
        return path.read_bytes().decode()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        found = "other bytes" if isinstance(error, UnicodeDecodeError) else error.strerror
        raise ConfigError(f"{path}: expected a readable text file, found: {found}", code="config/unreadable") from error


def write_under(folder: str, files: Iterable[tuple[str, bytes]]) -> int:
    """Write files into a folder one after the other, each as a whole, and return how many.

    Raises:
        ConfigError: one cannot be written.
    """
    count = 0
    for name, content in files:
        write_file(os.path.join(folder, *name.split("/")), content)
        count += 1
    return count


def write_file(path: str, content: bytes) -> None:
    """Replace a file as a whole, durably: a restore may rely on it. The folders above it are made.

    Raises:
        ConfigError: it cannot be written.
    """
    try:
        wiring.write_public(path, content)
    except OSError as error:
        raise ConfigError(f"{path}: expected a file that can be written, found: {error.strerror}", code="config/unwritable") from error
