"""Output: data on stdout, talk on stderr, no control characters of others, colours only where they are wanted."""

import os
import re
import sys

import click
import msgspec
from rich.console import Console

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
    console = Console(file=stream, no_color=plain, force_terminal=forced, highlight=False, markup=False)
    console.width = min(console.width, WIDTH) if stream.isatty() else WIDTH
    return console
