"""What the features share: who is there, which services are on, and how anything leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

import msgspec

from tenure.client.opt_outs import Service
from tenure.client.service import Block, Server
from tenure.client.terminal import Terminal
from tenure.records.instants import render_time
from tenure.scrub.finder import Finder
from tenure.scrub.redact import Redactor

Redact = Callable[[bytes], tuple[bytes, int]]
"""Returns a transcript with what must not leave replaced, and in how many places."""


def redactor(finder: Finder | None = None) -> Redact:
    """Return what replaces secrets and personal data in everything that leaves.

    Args:
        finder: looks beside the built-in finders; None = nothing does.
    """
    keeps = Redactor(finder)

    def redact(content: bytes) -> tuple[bytes, int]:
        done = keeps.redact(content)
        return done.content, sum(done.counts().values())

    return redact


class Conversation(Protocol):
    """The session that a feature is about."""

    @property
    def session(self) -> str:
        """Its id."""
        ...

    @property
    def path(self) -> Path | None:
        """The file of its lines; None = nothing is kept."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a feature has to work with.

    Attributes:
        terminal: a person, or nobody.
        on: the services that are on.
        why_off: says what switches a service off.
        server: Tenure's service; None = there is none.
        collect: sends a payload of logs to one's own collector; None = there is none.
        transcript: of this session.
        home: the agent's own folder.
        redact: sees everything that leaves before a person does.
        case: what the agent says about itself; who the person is, the token tells.
        rate: how likely the survey is at a fitting moment.
        arm: of an experiment; None = none.
        version: of the agent.
        now: the present.
        chance: a number from 0 to 1.
    """

    terminal: Terminal
    on: frozenset[Service]
    why_off: Callable[[Service], str]
    server: Server | None
    collect: Callable[[bytes], None] | None
    transcript: Conversation
    home: Path
    redact: Redact
    case: Block
    rate: float
    arm: str | None
    version: str
    now: Callable[[], datetime]
    chance: Callable[[], float]

    def archive(self, name: str, text: str, sessions: Mapping[str, bytes]) -> Path:
        """Write a report to the local archive, readable by the person only, and return its path."""
        at = render_time(self.now())
        path = self.home / "archive" / f"{name}-{at.replace(':', '')}-{self.transcript.session[:8]}.json"
        parts = [{"id": session, "transcript": lines} for session, lines in sessions.items()]
        _write(path, msgspec.json.encode({"at": at, "text": text, "sessions": parts, "case": self.case}))
        return path

    def remembered(self, name: str) -> str:
        """Return what the person chose for good; empty when nothing."""
        return _choices(self.home).get(name, "")

    def remember(self, name: str, choice: str) -> None:
        """Keep what the person chose for good."""
        _write(self.home / "state.json", msgspec.json.encode({**_choices(self.home), name: choice}))


def _choices(home: Path) -> dict[str, str]:
    try:
        return msgspec.json.decode((home / "state.json").read_bytes(), type=dict[str, str])
    except (OSError, msgspec.DecodeError):
        return {}


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
