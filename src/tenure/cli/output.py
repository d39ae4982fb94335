"""Output: data on stdout, talk on stderr, no control characters of others, colours only where they are wanted."""

import os
import re
import sys
from collections.abc import Iterable
from typing import IO

import click
import msgspec
from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderHook, RenderResult
from rich.segment import Segment

WIDTH = 100

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]")


def clean(text: str) -> str:
    """Return text of others without what could steer a terminal: control characters, changes of direction, lone surrogates."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def emit_json(value: object) -> None:
    """Print a value as indented JSON."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def printer(*, stderr: bool = False) -> Console:
    """Return a console of at most 100 columns. `NO_COLOR` wins over `FORCE_COLOR`."""
    stream = sys.stderr if stderr else sys.stdout
    plain = bool(os.environ.get("NO_COLOR"))
    forced = True if os.environ.get("FORCE_COLOR") and not plain else None
    console = _console(stream, is_plain=plain, is_forced=forced)
    console.width = min(console.width, WIDTH) if stream.isatty() else WIDTH
    return console


def file_printer(stream: IO[str]) -> Console:
    """Return a console of 100 columns without colours, for a file."""
    console = _console(stream, is_plain=True)
    console.width = WIDTH
    return console


def _console(stream: IO[str], *, is_plain: bool, is_forced: bool | None = None) -> Console:
    console = Console(file=stream, no_color=is_plain, force_terminal=is_forced, highlight=False, markup=False)
    console.push_render_hook(_Trim())
    return console


class _Trim(RenderHook):
    """Has every line end where its text ends: tables would fill it with spaces up to their width."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Trimmed(each) for each in renderables]


class _Trimmed:
    def __init__(self, inner: ConsoleRenderable) -> None:
        self._inner = inner

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in console.render_lines(self._inner, options, pad=False):
            yield from _trimmed(line)
            yield Segment.line()


def _trimmed(line: Iterable[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    if kept:
        kept[-1] = Segment(kept[-1].text.rstrip(), kept[-1].style, kept[-1].control)
    return kept
