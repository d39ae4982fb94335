"""Configuration: which file says what. Tenure's own has one file, a repository's policy; every value of it knows its line."""

import posixpath

from tenure.agents.view import Unreadable, View
from tenure.errors import ConfigError
from tenure.services.policy import FILE


def find_policy(view: View, folder: str) -> tuple[str, bytes]:
    """Return the nearest policy, in a folder or in one that it lies in, with its path.

    Args:
        view: reads it.
        folder: absolute path.

    Raises:
        ConfigError: there is none, or it cannot be read.
    """
    place = folder
    while True:
        path = posixpath.join(place, FILE)
        content = view.read(path)
        if not isinstance(content, Unreadable):
            return path, content
        if not content.is_absent:
            raise ConfigError(f"{path}: expected a readable file, found: {content.reason}", code="policy/unreadable")
        if place == posixpath.dirname(place):
            break
        place = posixpath.dirname(place)
    message = f"{FILE}: expected one in {folder} or in a folder that it lies in, found none"
    raise ConfigError(message, code="policy/not-found", remedy="docs/how-to/require.md shows one; --file names another place")


def read_policy(view: View, path: str) -> bytes:
    """Return the policy at a path.

    Raises:
        ConfigError: it cannot be read.
    """
    content = view.read(path)
    if isinstance(content, Unreadable):
        raise ConfigError(f"{path}: expected a readable file, found: {content.reason}", code="policy/unreadable")
    return content
