"""`tenure demo`: plays the walk in a temporary home on a virtual clock, through this very command line."""

import contextlib
import io
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.padding import Padding
from rich.text import Text

from tenure.cli import main as entry
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.demo.stage import Outcome, Stage, VirtualClock
from tenure.demo.walk import STEPS, Seen, walk

BEGINNING = datetime(2025, 9, 1, tzinfo=UTC)
STYLES = {"seen": "bold green", "part": "yellow", "not yet": "dim", "failed": "bold red"}
KEPT = frozenset({"PATH", "LANG", "LC_ALL", "TERM", "NO_COLOR", "FORCE_COLOR", "TZ"})


@click.command("demo")
@click.option("--step", "wanted", multiple=True, metavar="W1", help="Only this step; may be given again.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def demo(wanted: tuple[str, ...], as_json: bool) -> int:
    """Walk through what Tenure makes true, one step per promise, on a virtual clock and a made-up home.

    A step is `seen` with its evidence, `part` with what is missing, or `not yet`. Exits 10 when a step saw something else than it should.
    """
    steps = [step for step in STEPS if not wanted or step.id in wanted]
    if unknown := set(wanted) - {step.id for step in STEPS}:
        raise click.UsageError(f"expected steps W1 to W{len(STEPS)}, got {', '.join(sorted(unknown))}")
    results = []
    with tempfile.TemporaryDirectory(prefix="tenure-demo-") as folder:
        for result in walk(_stage(Path(folder)), steps):
            results.append(result)
            if not as_json:
                _print(result)
    if as_json:
        emit_json({"schema": "tenure.demo/1", "steps": [_plain(result) for result in results]})
    else:
        counts = {state: sum(result.state == state for result in results) for state in STYLES}
        printer().print(Text("\n" + ", ".join(f"{count} {state}" for state, count in counts.items() if count)))
    return Exit.NO if any(result.state == "failed" for result in results) else Exit.YES


class _Run:
    """Runs a command of this command line with the virtual clock and a home of its own."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        self._folder = folder
        self._clock = clock

    def __call__(self, argv: Sequence[str], stdin: str) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        with _surroundings(self._folder, stdin), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = entry.main(argv, clock=self._clock)
        return Outcome(code, out.getvalue(), err.getvalue())


    def answer(self, argv: Sequence[str], line: str) -> Outcome:
        """Run a command in a process of its own, on a terminal, and type a line when it asks."""
        person, program = os.openpty()
        command = [sys.executable, "-c", _ON_A_TERMINAL, self._clock.now().isoformat(), *argv]
        try:
            with (
                _surroundings(self._folder, ""),
                subprocess.Popen(command, stdin=program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
            ):
                said = b""
                while _PROMPT not in said and process.stderr is not None and (part := os.read(process.stderr.fileno(), 4096)):
                    said += part
                os.write(person, line.encode() + b"\n")
                out, rest = process.communicate(timeout=60)
        finally:
            os.close(person)
            os.close(program)
        return Outcome(process.returncode, out.decode(), (said + rest).decode())


_PROMPT = b"[y/N] "
_ON_A_TERMINAL = """\
import sys
from datetime import datetime, timedelta
from tenure.cli.main import main

class Clock:
    at = datetime.fromisoformat(sys.argv[1])

    def now(self):
        self.at += timedelta(seconds=2)
        return self.at

sys.exit(main(sys.argv[2:], clock=Clock()))
"""
"""A program with a clock that goes on by two seconds each time it is looked at: so long a person takes to answer."""


def _stage(folder: Path) -> Stage:
    (folder / "home").mkdir()
    clock = VirtualClock(BEGINNING)
    run = _Run(folder, clock)
    return Stage(folder / "home", clock, run, run.answer)


@contextlib.contextmanager
def _surroundings(folder: Path, stdin: str) -> Iterator[None]:
    """Give a command an environment with nothing of the person's in it, and take it away again."""
    environment, stream = dict(os.environ), sys.stdin
    os.environ.clear()
    os.environ.update({name: value for name, value in environment.items() if name in KEPT})
    os.environ.update({"HOME": str(folder / "home"), "XDG_DATA_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")})
    sys.stdin = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = stream
        os.environ.clear()
        os.environ.update(environment)


def _plain(result: Seen) -> dict[str, object]:
    return {
        "step": result.step.id,
        "says": result.step.says,
        "state": result.state,
        "evidence": list(result.evidence),
        "missing": list(result.missing),
        "wrong": list(result.wrong),
    }


def _print(result: Seen) -> None:
    console = printer()
    console.print(Text(f"{result.step.id:<4}") + Text(f"{result.state:<8}", STYLES[result.state]) + Text(result.step.says))
    missing = [f"missing: {'; '.join(result.missing)}"] if result.missing and result.evidence else []
    for lines, style in ((result.evidence, "cyan"), (result.wrong, "red"), (missing, "dim")):
        for line in lines:
            console.print(Padding(Text(line, style), (0, 0, 0, 12)))
