"""What the services need of the world, as Protocols. Adapters stand in machine/; fakes and contract checks in testing/."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tenure.agents.view import View


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Reads:
    """What was read of a machine.

    Attributes:
        settings: settings files opened.
        credentials: credential files opened; 0.
        connections: connections made; 0.
        content_bytes: bytes of prompts or outputs kept or shown; 0.
        sessions: session files of which an end was looked at.
        files: files of which the metadata was looked at.
        refused: openings that the port refused because the name is that of a credential file.
    """

    settings: int = 0
    credentials: int = 0
    connections: int = 0
    content_bytes: int = 0
    sessions: int = 0
    files: int = 0
    refused: int = 0


class Machine(View, Protocol):
    """A read-only view of a machine that counts what it reads."""

    @property
    def reads(self) -> Reads:
        """What was read up to here."""
        ...
