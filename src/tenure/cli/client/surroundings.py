"""What a command of `tenure client` works with: a person at a terminal, a session of Claude Code, and the service that was named."""

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom

import msgspec

from tenure import wiring
from tenure.agents.claude_code.layers import root_of
from tenure.cli.context import Shell
from tenure.client.kept import Choices, choices
from tenure.client.opt_outs import survey_rate
from tenure.client.presence import presence
from tenure.client.service import Access, Client, collector, connector
from tenure.client.sessions import project_folder, version_of
from tenure.client.surroundings import Surroundings, redactor
from tenure.client.terminal import Person, Terminal
from tenure.errors import ConfigError, DataError
from tenure.services import attest

INSIDE = ("CLAUDECODE", "CLAUDE_CODE_SESSION_ID", "CODEX_SANDBOX", "CODEX_THREAD_ID", "GEMINI_CLI", "OPENCODE", "CURSOR_AGENT")
"""Variables that an agent sets for what it starts."""
AGENTS = frozenset({"claude", "codex", "gemini", "opencode", "cursor-agent"})
"""Names of programs; what one of them started is no person."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_COLLECTOR = "OTEL_EXPORTER_OTLP_ENDPOINT"


@dataclass(frozen=True, slots=True)
class Session:
    """A session of Claude Code."""

    session: str
    path: Path | None


def person() -> Person:
    """Return the person at the terminal.

    Raises:
        DataError: there is none: no terminal, or an agent started this (`client/no-person`).
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise _nobody("a person at a terminal", "none")
    if any(os.environ.get(name) for name in INSIDE) or not AGENTS.isdisjoint(wiring.ancestors()):
        raise _nobody("a terminal of the person's own", "one inside of an agent")
    return Person(sys.stdin, sys.stdout)


def _nobody(expected: str, found: str) -> DataError:
    remedy = "run it in a terminal of your own; an agent cannot answer for you"
    return DataError(f"terminal: expected {expected}, found {found}", code="client/no-person", remedy=remedy)


def root() -> str:
    """Return Claude Code's folder."""
    return root_of(wiring.this_machine())


def session_of(given: str | None) -> Session:
    """Return a session by its id, or the newest one of the working folder.

    Raises:
        DataError: there is none (`client/no-session`).
    """
    projects = Path(root()) / "projects"
    folder = project_folder(Path(root()), os.getcwd())
    if given is None:
        found = _newest(folder.glob("*.jsonl"))
        return Session("", None) if found is None else Session(found.stem, found)
    found = _newest(projects.glob(f"*/{given}.jsonl")) if _ID.fullmatch(given) else None
    if found is not None:
        return Session(given, found)
    raise DataError("session: expected the id of one of Claude Code's on this machine, got another", code="client/no-session")


def _newest(paths: Iterable[Path]) -> Path | None:
    found = [(path.stat().st_mtime, path) for path in paths if path.is_file() and not path.is_symlink()]
    return max(found)[1] if found else None


def access(place: str) -> Access:
    """Read where the service is and what opens it.

    Raises:
        ConfigError: the file is not there, others can change it, or it is not of that form (`client/server`).
    """
    remedy = "tenure client connect FILE names the ready file of `tenure serve`"
    try:
        status = os.stat(place)
        if status.st_mode & 0o022 or (hasattr(os, "getuid") and status.st_uid not in (0, os.getuid())):
            raise ConfigError("server: expected a file that only you can change, found another", code="client/server", remedy=remedy)
        return msgspec.json.decode(Path(place).read_bytes(), type=Access)
    except OSError as error:
        raise ConfigError(f"server: expected a ready file, found: {error.strerror}", code="client/server", remedy=remedy) from error
    except msgspec.DecodeError as error:
        raise ConfigError("server: expected a ready file, found something else", code="client/server", remedy=remedy) from error


def furnish(shell: Shell, terminal: Terminal, session: Session, folder: str = "") -> Surroundings:
    """Return the surroundings of a command or an event.

    Args:
        shell: clock and state.
        terminal: who is there.
        session: what it is about.
        folder: the working folder of the session; empty = this process's own.
    """
    at, chosen = shell.clock.now(), choices(shell.state)
    said = attest.attestations(attest.load(shell.state), at)
    view = wiring.this_machine()
    found = presence(view, folder or os.getcwd(), said, uploads=chosen.uploads)
    return Surroundings(
        terminal=terminal,
        on=found.on,
        why_off=found.why_off,
        server=_server(chosen),
        collect=collector(_collecting(view.variable(_COLLECTOR))),
        transcript=session,
        home=Path(wiring.client_folder()),
        redact=_redact,
        case=found.case(None if session.path is None else version_of(session.path)),
        rate=survey_rate(found.settings),
        arm=os.environ.get("TENURE_ARM") or None,
        version=version("tenure"),
        now=shell.clock.now,
        chance=SystemRandom().random,
    )


def _redact(content: bytes) -> tuple[bytes, int]:
    """Replace what must not leave. The engine is started only when something is about to leave: it takes seconds the first time."""
    return redactor(wiring.secret_finder())(content)


def _server(chosen: Choices) -> Client | None:
    if not chosen.server or not os.path.exists(chosen.server):
        return None  # a service that has stopped takes its ready file with it
    found = access(chosen.server)
    return Client(found, connector(found))


def _collecting(endpoint: str | None) -> Mapping[str, str]:
    return {} if endpoint is None else {_COLLECTOR: endpoint}
