"""What the services need of the world, as Protocols. Adapters stand in machine/; fakes and contract checks in testing/."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from tenure.agents.view import Reads as Reads
from tenure.agents.view import View


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class Machine(View, Protocol):
    """A read-only view of a machine that counts what it reads."""

    @property
    def reads(self) -> Reads:
        """What was read up to here."""
        ...


class StateStore(Protocol):
    """Tenure's own state on this machine: small files by name, such as `attestations.json` or `packs/claude_code.toml`.

    Names are relative POSIX paths without `..`. Only the person can read what is stored.
    """

    def read(self, name: str) -> bytes | None:
        """Return a file's content; None when it is not there.

        Raises:
            ConfigError: it is there and cannot be read.
        """
        ...

    def write(self, name: str, content: bytes | None) -> None:
        """Replace a file as a whole, durably; None removes it, and folders that it leaves empty. A crash leaves the old or the new content.

        Raises:
            ConfigError: it cannot be written.
        """
        ...

    def append(self, name: str, line: bytes) -> None:
        """Add one line to a file of lines, which several processes may do at once.

        Raises:
            ConfigError: it cannot be written.
        """
        ...

    def places(self) -> Mapping[str, str]:
        """Return everything that is stored, and for each name its path on this machine."""
        ...


class Editor(Protocol):
    """Settings files of others, changed only after the change was shown."""

    def load(self, path: str) -> bytes | None:
        """Return a file's content; None when it is not there.

        Raises:
            ConfigError: it cannot be read, is no regular file, is larger than 16 MiB, or holds credentials.
        """
        ...

    def replace(self, path: str, shown: bytes | None, content: bytes | None) -> None:
        """Replace a file's content in one step, keeping its mode; a link stays a link to the file that is replaced.

        Args:
            path: the file.
            shown: the content that the person was shown; the file must still have it.
            content: the new content; None removes the file.

        Raises:
            ConfigError: the file has changed since, or cannot be written.
        """
        ...
