"""The command: reads options, settings and environment, decides once which services are on, and puts the parts together."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from random import SystemRandom
from typing import TextIO, TypeVar
from uuid import uuid4

import httpx
import msgspec

from tenure import wiring
from tenure.client.opt_outs import Service, Settings, provider_of, services_on, survey_rate, variables_on, why_off
from tenure.client.service import Access, Block, Client, Server, collector, connector, trust
from tenure.client.sessions import branch_of, project_folder
from tenure.client.surroundings import Redact, Surroundings, redactor
from tenure.client.telemetry import Telemetry
from tenure.client.terminal import Nobody, Person, Terminal, is_yes
from tenure.demo.agent.desk import Desk
from tenure.demo.agent.loop import Loop
from tenure.demo.agent.messages import Answer, Model, Usage
from tenure.demo.agent.tools import TOOLS, Workspace
from tenure.demo.agent.transcript import Transcript
from tenure.errors import ConfigError

_Form = TypeVar("_Form")
HOME = ".tenure-agent"
FOLLOWS = "2.1.250"
"""The release of Claude Code whose terms the agent follows."""


def stamp(hook: bytes, env: Mapping[str, str]) -> None:
    """Stamp the session as its start hook would: `tenure stamp` with the hook's JSON. It never disturbs the session."""
    subprocess.run([sys.executable, "-m", "tenure", "stamp"], input=hook, env=dict(env), capture_output=True, timeout=60, check=False)


@dataclass(frozen=True, slots=True)
class World:
    """What the program needs of the machine.

    Attributes:
        env: the environment.
        cwd: the working folder.
        typed: standard input.
        shown: standard output.
        log: standard error.
        terminal: a person or nobody; None = as the input is.
        now: the present.
        chance: a number from 0 to 1.
        new_id: makes an id.
        stamp: stamps the session.
        redact: replaces what must not leave.
    """

    env: Mapping[str, str]
    cwd: str
    typed: TextIO = field(default_factory=lambda: sys.stdin)
    shown: TextIO = field(default_factory=lambda: sys.stdout)
    log: TextIO = field(default_factory=lambda: sys.stderr)
    terminal: Terminal | None = None
    now: Callable[[], datetime] = field(default_factory=lambda: wiring.system_clock().now)
    chance: Callable[[], float] = SystemRandom().random
    new_id: Callable[[], str] = lambda: str(uuid4())
    stamp: Callable[[bytes, Mapping[str, str]], None] = stamp
    redact: Redact = field(default_factory=redactor)

    @property
    def home(self) -> Path:
        """The agent's own folder."""
        return Path(self.env.get("HOME") or "/") / HOME


def main(argv: Sequence[str], world: World) -> int:
    """Run the agent and return its exit code: 0 done, 1 not, 2 wrong use, 130 stopped."""
    options = _parser().parse_args(argv)
    try:
        settings = _read(world.home / "settings.json", Settings) or Settings()
        access = None if options.tenure is None else _read(Path(options.tenure), Access)
        if options.tenure is not None and access is None:
            raise ConfigError("--tenure: expected the ready file of a service, found none")
    except ConfigError as error:
        world.log.write(f"tenure.demo.agent: {error}\n")
        return 2
    with httpx.Client(base_url=_endpoint(options, world.env), headers=_headers(options, world.env), verify=trust(""), timeout=600) as http:
        session = Session(world, options, settings, access, http)
        return session.once(options.prompt) if options.prompt is not None else session.stay()


class Session:
    """The parts of a session, put together."""

    def __init__(self, world: World, options: argparse.Namespace, settings: Settings, access: Access | None, http: httpx.Client) -> None:
        env, account, is_ci = world.env, settings.account, options.prompt is not None
        provider = provider_of(env, account)
        self._world, self._options, self._settings = world, options, settings
        self._on = services_on(env, settings, provider, account)
        self._server: Server | None = None if access is None else Client(access, connector(access))
        self._terminal = world.terminal or (Nobody(world.log) if is_ci or not world.typed.isatty() else Person(world.typed, world.shown))
        self._version = version("tenure")
        self._usage: dict[str, int] = {}
        self._id = world.new_id()
        folder = project_folder(world.home, world.cwd) if Service.HISTORY in self._on else None
        entry = "sdk-cli" if is_ci else "cli"
        fields: Block = {"cwd": world.cwd, "gitBranch": branch_of(world.cwd), "version": self._version, "entrypoint": entry}
        transcript = Transcript(folder, self._id, fields, world.now, world.new_id)
        case: Block = {"surface": "cli", "client_version": FOLLOWS, "env": dict.fromkeys(variables_on(env), "1"), "settings": {}}
        here = Surroundings(
            terminal=self._terminal,
            on=self._on,
            why_off=lambda service: why_off(service, env, settings, provider, account),
            server=self._server,
            collect=collector(env),
            transcript=transcript,
            home=world.home,
            redact=world.redact,
            case=case,
            rate=survey_rate(settings),
            arm=env.get("TENURE_ARM") or None,
            version=self._version,
            now=world.now,
            chance=world.chance,
        )
        send = self._send if Service.METRICS in self._on and self._server is not None else None
        self._telemetry = Telemetry(self._id, self._version, "xterm" if self._terminal.is_person else "non-interactive", world.now, send)
        user = msgspec.json.encode({"device_id": "", "account_uuid": "", "session_id": self._id}).decode()
        http.headers["x-claude-code-session-id"] = self._id
        loop = Loop(
            Model(http, options.model, world.now, TOOLS, user),
            Workspace(world.cwd, self._allow, env),
            transcript,
            self._telemetry,
            self._terminal.write,
            self._heard,
        )
        self._desk = Desk(here, loop, self._telemetry, account.subject)
        path = "" if transcript.path is None else str(transcript.path)
        hook = {"session_id": self._id, "cwd": world.cwd, "source": "startup", "transcript_path": path, "hook_event_name": "SessionStart"}
        world.stamp(msgspec.json.encode(hook), {**env, "CLAUDE_CODE_ENTRYPOINT": entry})
        self._telemetry.count("claude_code.session.count", 1, start_type="fresh")

    def stay(self) -> int:
        """Serve a person until they leave."""
        self._desk.serve()
        self._telemetry.flush()
        return 0

    def once(self, prompt: str) -> int:
        """Do one task without a person, as in CI, and print its outcome."""
        try:
            done = self._desk.task(prompt)
        except KeyboardInterrupt:
            return 130
        except Exception as error:
            self._desk.report(error)
            return 1
        if self._options.as_json:
            said = {"schema": "tenure.agent/1", "session": self._id, "result": done.text, "turns": done.turns, "refusal": done.refusal}
            said["usage"] = self._usage
            self._world.shown.write(msgspec.json.encode(said).decode() + "\n")
        else:
            self._world.shown.write(done.text + "\n")
            if done.refusal:
                self._terminal.say(done.refusal)
        return 1 if done.refusal else 0

    def _allow(self, command: str) -> bool:
        """A command runs with a person's yes, or where all were allowed beforehand."""
        return self._options.allow_commands or is_yes(self._terminal.ask(f"\nRun this?  {command}\ny: yes  anything else: no"))

    def _heard(self, answer: Answer) -> None:
        usage = answer.message.usage
        for name in Usage.__struct_fields__:
            self._usage[name] = self._usage.get(name, 0) + getattr(usage, name)
        if Service.USAGE in self._on and self._server is not None:
            tokens = {"input": usage.input_tokens, "output": usage.output_tokens}
            tokens |= {"read": usage.cache_read_input_tokens, "write_5m": usage.cache_creation_input_tokens}
            self._server.usage(answer.message.model, tokens, answer.request_id or answer.message.id)

    def _send(self, signal: str, payload: bytes) -> None:
        if self._server is not None:
            self._server.telemetry(signal, payload)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tenure.demo.agent", description="A small coding agent that shows every client-side feature of data use.")
    parser.add_argument("-p", dest="prompt", metavar="PROMPT", help="do one task without a person, as in CI")
    parser.add_argument("--json", dest="as_json", action="store_true", help="with -p: print JSON")
    parser.add_argument("--endpoint", metavar="URL", help="of the model; default: $ANTHROPIC_BASE_URL")
    parser.add_argument("--api-key", metavar="KEY", help="of the model; default: $ANTHROPIC_API_KEY")
    parser.add_argument("--model", metavar="NAME", default="claude-opus-4-8", help="which model (%(default)s)")
    parser.add_argument("--tenure", metavar="FILE", help="ready file of `tenure serve`; without it nothing leaves but requests to the model")
    parser.add_argument("--allow-commands", action="store_true", help="run commands without asking")
    return parser


def _endpoint(options: argparse.Namespace, env: Mapping[str, str]) -> str:
    return str(options.endpoint or env.get("ANTHROPIC_BASE_URL") or "https://api.anthropic.com")


def _headers(options: argparse.Namespace, env: Mapping[str, str]) -> dict[str, str]:
    key = options.api_key or env.get("ANTHROPIC_API_KEY", "")
    return {"x-api-key": key, "anthropic-version": "2023-06-01", "user-agent": f"tenure-agent/{version('tenure')}"}


def _read(path: Path, form: type[_Form]) -> _Form | None:
    """Return a file's content; None when it is not there.

    Raises:
        ConfigError: it has another form.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=form)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigError(f"{path.name}: expected its settings as JSON, found {type(error).__name__}") from error


def run() -> int:
    """Run with this process's own surroundings."""
    return main(sys.argv[1:], World(dict(os.environ), os.getcwd()))
