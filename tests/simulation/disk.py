"""The simulated disk: the vault's own `Folder`, and SQLite, on files that lose power, run full and rot."""

from collections.abc import Callable, Iterator
from random import Random
from typing import TYPE_CHECKING

from tests.simulation.content import Fate
from tests.simulation.files import Crash, Event, Files
from tests.simulation.system import simulated
from tests.simulation.vfs import NAME

if TYPE_CHECKING:
    from tenure.vault.disk import Folder
else:
    Folder = simulated("tenure.vault.disk").Folder

__all__ = ["Crash", "Fate", "SimulatedDisk"]


class SimulatedDisk(Folder):
    """A disk for one store.

    Args:
        files: what lies on it; None = nothing.
    """

    vfs: str | None = NAME

    def __init__(self, files: Files | None = None) -> None:
        self.files = Files() if files is None else files
        super().__init__(self.files.mount)

    @property
    def events(self) -> int:
        """How many changes there have been."""
        return self.files.events

    def watch(self, seen: Callable[[Event], None] | None) -> None:
        """Have a function called before each change."""
        self.files.watch = seen

    def clone(self) -> "SimulatedDisk":
        """Return the same disk once more, with all that is not durable yet. Pages are shared, so this is cheap."""
        return SimulatedDisk(self.files.copy())

    def crash(self, random: Random, fate: Fate | None = None) -> "SimulatedDisk":
        """Return the disk as it is found after a power cut now.

        Args:
            random: decides.
            fate: what becomes of everything that was not synced; None = a fate for each file and each name.
        """
        return SimulatedDisk(self.files.after_crash(random, fate))

    def fail_at(self, number: int, *, is_applied: bool = False) -> None:
        """Raise `Crash` at a change, before or after it, and at each one that follows."""
        self.files.off_at(number, is_applied=is_applied)

    def full_after(self, room: int) -> None:
        """Let files grow by so many bytes, and no more."""
        self.files.room = room

    def full_at(self, number: int) -> None:
        """Let no file grow from a change on."""
        self.files.full_at(number)

    def make_room(self) -> None:
        """Let files grow again."""
        self.files.make_room()

    def flip(self, name: str, offset: int, bit: int) -> None:
        """Turn one bit around, in what programs see and in what is durable."""
        inode = self.files.file(name)
        assert inode is not None
        inode.sync()
        inode.content.write(offset, bytes([inode.content.read(offset, 1)[0] ^ (1 << bit)]))
        inode.durable = inode.content.copy()

    def raw(self) -> Iterator[tuple[str, bytes]]:
        """Yield all bytes that lie there, by name: free pages, logs, temporary files, what is deleted and may come back."""
        return self.files.raw()
