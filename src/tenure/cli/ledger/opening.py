"""Opens a store whose log is to be looked at: one that is there, and that is left as it is."""

import contextlib
import os
from collections.abc import Iterator

from tenure.cli.context import Shell
from tenure.cli.store import Place, open_keeping
from tenure.errors import VaultError
from tenure.ports import Store


@contextlib.contextmanager
def open_log(shell: Shell, place: Place, *, settle: bool = False) -> Iterator[Store]:
    """Open a store without making one where a folder was named that has none.

    Args:
        shell: the clock and the terms.
        place: which store.
        settle: whether what is due goes first.

    Raises:
        VaultError: the folder that was named is no store.
    """
    if place.store is not None and not os.path.exists(os.path.join(place.folder, "keys.db")):
        message = f"{place.folder}: expected a store, found none"
        raise VaultError(message, code="vault/no-store", remedy="look at the path; `tenure vault put` makes a store")
    with open_keeping(shell, place, settle=settle) as keeping:
        yield keeping.store
