"""Files that a person names on the command line."""

from pathlib import Path

from tenure.errors import ConfigError


def read_file(path: str) -> bytes:
    """Return a file's content.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: expected a readable file, found: {error.strerror}", code="config/unreadable") from error
