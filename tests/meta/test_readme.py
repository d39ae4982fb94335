"""The README's commands run, and show what it says they show."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from tests.meta.tree import ROOT

README = ROOT / "README.md"
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
SET_UP = {"git", "cd", "bin/test", "uvx", "pipx"}
"""Commands that this test cannot run inside of itself."""


def examples() -> list[tuple[str, str]]:
    """Pairs of command and documented output, of the console blocks."""
    pairs = []
    for block in BLOCK.findall(README.read_text(encoding="utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            pairs.append((command.partition(" # ")[0].strip(), output.strip()))
    return pairs


RUNNABLE = [(command, output) for command, output in examples() if command.split()[0] not in SET_UP]


def squeezed(text: str) -> str:
    return "\n".join(" ".join(line.split()) for line in text.splitlines())


def test_readme_is_short() -> None:
    assert len(README.read_text(encoding="utf-8").splitlines()) <= 150


def test_readme_begins_with_the_two_commands() -> None:
    commands = [command for command, _ in examples() if command.startswith("bin/")]

    assert commands[:2] == ["bin/tenure audit", "bin/test"]


@pytest.mark.parametrize(("command", "output"), RUNNABLE, ids=[command for command, _ in RUNNABLE])
def test_documented_command_runs_and_shows_what_is_written(command: str, output: str, tmp_path: Path) -> None:
    words = shlex.split(command)
    assert words[0] in {"tenure", "bin/tenure"}
    environment = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "COLUMNS": "100", "TERM": "dumb"}

    program = [sys.executable, "-m", "tenure", *words[1:]]
    done = subprocess.run(program, cwd=ROOT, env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, check=False)

    assert done.returncode in {0, 10, 11}, done.stderr.decode()
    assert squeezed(output) in squeezed(done.stdout.decode())
