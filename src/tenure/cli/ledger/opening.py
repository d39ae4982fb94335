"""Opens a store whose log is to be looked at: one that is there, and that is left as it is."""

import contextlib
from collections.abc import Iterator

from tenure.cli.context import Shell
from tenure.cli.store import Place, open_keeping
from tenure.ports import Store


@contextlib.contextmanager
def open_log(shell: Shell, place: Place, *, settle: bool = False) -> Iterator[Store]:
    """Open a store that is there.

    Args:
        shell: the clock and the terms.
        place: which store.
        settle: whether what is due goes first.

    Raises:
        VaultError: there is none.
    """
    with open_keeping(shell, place, settle=settle) as keeping:
        yield keeping.store
