"""Runs the console examples of the documentation. `python -m tests.meta.examples` writes into the pages what the program prints.

The examples of a page run in order, in one home folder, with the clock standing at `AT`. A block of TOML whose first line names a file is written
to that file first, and so is a block with a title. Commands that begin with another word than `tenure` or `bin/tenure` are not run. Names of
records are random: the n-th one of a page is shown under a name of its own.
"""

import contextlib
import hashlib
import io
import os
import re
import shlex
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.meta.tree import ROOT, tracked_with

from tenure.cli.main import main

AT = datetime(2026, 10, 12, 9, 30, tzinfo=UTC)
SHOWN_HOME = "/home/anna"
_BLOCK = re.compile(r"^```(console|toml|\w+ title=\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_RECORD = re.compile(r"\b[0-9a-f]{32}(?=\.\d+\.\d+\b)")
_NAMED = re.compile(r"# (\S+\.toml)\n")
_ACCOUNT = '{\n  "oauthAccount": {\n    "organizationType": "claude_max"\n  }\n}\n'
_SETTINGS = '{\n  "env": {\n    "DISABLE_TELEMETRY": "1"\n  }\n}\n'
_SESSION = '{"type":"user","entrypoint":"cli","version":"2.1.280","cwd":"/home/anna/shop"}\n'


@dataclass(frozen=True, slots=True)
class Example:
    """A command of a page, with what the page says it prints, and what it prints."""

    command: str
    written: str
    printed: str
    exit: int


class _Clock:
    def now(self) -> datetime:
        return AT


def pages() -> list[Path]:
    return [page for page in tracked_with(".md") if "docs/design/" not in page.as_posix() and _BLOCK.search(page.read_text(encoding="utf-8"))]


def is_run(command: str) -> bool:
    return command.split()[0] in {"tenure", "bin/tenure"}


def split(block: str) -> list[tuple[str, str]]:
    """Pairs of command and output of a console block."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [(command, output) for command, _, output in (part.partition("\n") for part in parts)]


def run_page(page: Path) -> list[Example]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve()
        _furnish(home)
        with _at_home(home):
            return list(_run(page, home))


def _furnish(home: Path) -> None:
    session = home / ".claude" / "projects" / "-home-anna-shop" / "a.jsonl"
    session.parent.mkdir(parents=True)
    session.write_text(_SESSION, encoding="utf-8")
    (home / ".claude.json").write_text(_ACCOUNT, encoding="utf-8")
    (home / ".claude" / "settings.json").write_text(_SETTINGS, encoding="utf-8")
    (home / "shop").mkdir()


@contextlib.contextmanager
def _at_home(home: Path) -> Iterator[None]:
    before, folder = dict(os.environ), Path.cwd()
    os.environ.clear()
    os.environ.update({"HOME": str(home), "PATH": before.get("PATH", "")})
    os.chdir(home / "shop")
    try:
        yield
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)


def _run(page: Path, home: Path) -> Iterator[Example]:
    shown: dict[str, str] = {}
    for kind, body in _BLOCK.findall(page.read_text(encoding="utf-8")):
        if " title=" in kind:
            (home / "shop" / kind.partition(" title=")[2]).write_text(body, encoding="utf-8")
            continue
        if kind == "toml":
            named = _NAMED.match(body)
            if named:
                (home / "shop" / named.group(1)).write_text(body, encoding="utf-8")
            continue
        for line, output in split(body):
            command = line.partition(" # ")[0].strip()
            if is_run(command):
                yield _call(command, output, home, shown)


def _call(command: str, written: str, home: Path, shown: dict[str, str]) -> Example:
    real = {name: key for key, name in shown.items()}
    argv = shlex.split(_RECORD.sub(lambda found: real.get(found.group(), found.group()), command))[1:]
    out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv, clock=_Clock())
    text = _RECORD.sub(lambda found: shown.setdefault(found.group(), _shown_key(len(shown))), out.buffer.getvalue().decode())
    own = re.compile(r"'?(?:/[^\s'\"]+)?/tenure'? stamp")
    printed = own.sub("tenure stamp", text.replace(str(home), SHOWN_HOME))
    return Example(command, written, "\n".join(line.rstrip() for line in printed.splitlines()), code)


def _shown_key(number: int) -> str:
    return hashlib.sha256(f"record {number}".encode()).hexdigest()[:32]


def rewritten(page: Path) -> str:
    """The page with what the program prints."""
    examples = iter(run_page(page))

    def replace(block: re.Match[str]) -> str:
        if block.group(1) != "console":
            return block.group()
        lines: list[str] = []
        for line, output in split(block.group(2)):
            lines.append(f"$ {line}\n")
            if not is_run(line):
                lines.append(output)
                continue
            printed = next(examples).printed
            lines.append(f"{printed}\n" if printed and output.strip() else "")
        return f"```console\n{''.join(lines)}```"

    return _BLOCK.sub(replace, page.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for each in pages():
        each.write_text(rewritten(each), encoding="utf-8")
    print(f"{len(pages())} pages of {ROOT.name} rewritten")  # noqa: T201 - a script that a person runs
