"""This machine, read-only: the adapter behind `ports.Machine`. Every read goes through here and is counted."""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tenure.agents.environment import Environment
from tenure.agents.view import DEPTH, WHOLE, WINDOW, Ends, Listing, Scope, Unreadable
from tenure.machine import files, folders, tables
from tenure.ports import Reads


class LocalMachine(Environment):
    """A view of one home folder.

    Args:
        scope: what the view is of.
        environment: the variables that the view has; empty for another's home folder.
    """

    def __init__(self, scope: Scope, environment: Mapping[str, str]) -> None:
        super().__init__(scope, environment)
        self._reads = Reads()
        self._settings: set[str] = set()

    @property
    def reads(self) -> Reads:
        """What was read up to here."""
        return self._reads

    def read(self, path: str) -> bytes | Unreadable:
        """Read a settings file of at most `WHOLE` bytes."""
        descriptor = files.open_regular(path, follow=True)
        if isinstance(descriptor, Unreadable):
            return self._note(descriptor)
        try:
            data = files.read_at_most(descriptor, WHOLE + 1)
        except OSError as error:
            return files.reason(error)
        finally:
            os.close(descriptor)
        if len(data) > WHOLE:
            return Unreadable(f"larger than {WHOLE >> 20} MiB")
        self._settings.add(path)
        self._reads = replace(self._reads, settings=len(self._settings))
        return data

    def ends(self, path: str, window: int = WINDOW) -> Ends | Unreadable:
        """Read the first and the last `window` bytes, at most `WINDOW`, of a session file."""
        window = min(window, WINDOW)
        descriptor = files.open_regular(path, follow=False)
        if isinstance(descriptor, Unreadable):
            return self._note(descriptor)
        try:
            size = os.fstat(descriptor).st_size
            head = files.read_at_most(descriptor, window)
            tail = files.read_at_most(descriptor, window, max(size - window, len(head))) if size > len(head) else b""
        except OSError as error:
            return files.reason(error)
        finally:
            os.close(descriptor)
        self._reads = replace(self._reads, sessions=self._reads.sessions + 1)
        return Ends(head, tail, size)

    def walk(self, path: str, *, names: Collection[str] | None = None, depth: int = DEPTH) -> Listing | Unreadable:
        """List the files below a folder without following links."""
        listing = folders.walk(path, self._scope.home, names, depth)
        if isinstance(listing, Listing):
            self._reads = replace(self._reads, files=self._reads.files + len(listing.entries))
        return listing

    def rows(self, path: str, table: str, keys: Sequence[str]) -> Mapping[str, str] | Unreadable:
        """Select named keys from an SQLite table, read-only, leaving nothing behind."""
        found = tables.read_rows(path, table, keys)
        if isinstance(found, Unreadable):
            return self._note(found)
        self._settings.add(path)
        self._reads = replace(self._reads, settings=len(self._settings))
        return found

    def _note(self, problem: Unreadable) -> Unreadable:
        if problem is files.REFUSED:
            self._reads = replace(self._reads, refused=self._reads.refused + 1)
        return problem
