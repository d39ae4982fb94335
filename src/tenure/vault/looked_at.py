"""A store on a medium that cannot be written: it is read as it is, and nothing in it is touched, not even a lock."""

import contextlib
from collections.abc import Iterator
from typing import NoReturn

from tenure.errors import VaultError
from tenure.vault.disk import Folder


class ReadOnlyFolder(Folder):
    """A folder that is only read. Nobody else writes to it either, so there is nothing to lock."""

    is_read_only = True

    def append(self, name: str, content: bytes) -> int:
        """Refuse."""
        self.refuse()

    def cut(self, name: str, size: int) -> None:
        """Refuse."""
        self.refuse()

    def sync(self, name: str) -> None:
        """Refuse."""
        self.refuse()

    def replace(self, name: str, content: bytes) -> None:
        """Refuse."""
        self.refuse()

    def remove(self, name: str) -> None:
        """Refuse."""
        self.refuse()

    def shred(self, name: str) -> None:
        """Refuse."""
        self.refuse()

    @contextlib.contextmanager
    def lock(self, name: str) -> Iterator[None]:
        """Lock nothing."""
        yield

    def refuse(self) -> NoReturn:
        """Say that nothing can be written here.

        Raises:
            VaultError: always.
        """
        raise read_only(self.path(""))


def read_only(path: str) -> VaultError:
    """Return the error that a store can only be looked at."""
    message = f"{path}: expected a store that can be written, found one on a medium that cannot, or closed to this user"
    return VaultError(message, code="vault/read-only", remedy="looking works here; for all else copy the store to where it can be written")
