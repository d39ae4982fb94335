"""Places of backups: which must lie apart. Source: design 0002, Backups."""

import os
from collections.abc import Mapping

from tenure.errors import ConfigError

_APART = "give each a folder of its own: data, keys, epoch keys and root key on different storage, none of it in the store"


def need_apart(places: Mapping[str, str]) -> None:
    """Refuse places of which one lies in another: whoever has that one has both.

    Args:
        places: absolute paths, with links resolved, by what lies there, such as `data`; `store` is the store itself.

    Raises:
        ConfigError: one is, or lies in, another.
    """
    for what, path in places.items():
        for other, outer in places.items():
            if what != other and os.path.commonpath([path, outer]) == outer:
                message = f"{path}: expected a place for {what} apart from {other}, found one in {outer}"
                raise ConfigError(message, code="backup/together", remedy=_APART)
