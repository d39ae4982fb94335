"""`tenure scrub`: a transcript without its secrets, and what was replaced in it."""

import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress

import click
from rich.table import Table as Grid

from tenure import wiring
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.errors import ConfigError
from tenure.scrub.redact import Redaction, Redactor, Replaced

SCANNERS = ("auto", "built-in", "kingfisher")


@click.command("scrub")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True), default="-")
@click.option("-o", "--output", type=click.Path(dir_okay=False), metavar="FILE", help="Write to FILE, mode 0600, instead of standard output.")
@click.option("--report", is_flag=True, help="Print what would be replaced, by rule and line, instead of the transcript.")
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON; with --output beside the transcript, else instead of it.")
@click.option(
    "--scanner",
    type=click.Choice(SCANNERS),
    default="auto",
    help="What looks for secrets beside the built-in rules. Default: Kingfisher where tenure[scan] is installed.",
)
@click.option("--keep-signed", is_flag=True, help="Leave thinking that is signed as it is, secrets included, so that a session can be resumed.")
def scrub(file: str, output: str | None, report: bool, as_json: bool, scanner: str, keep_signed: bool) -> int:
    """Replace secrets and personal data in a transcript, or in any text.

    FILE is read, never changed; - or nothing is standard input. JSON stays JSON, and ids and signatures stay as they are. The same value becomes the
    same placeholder. No value is ever printed. It is a help and no guarantee: docs/reference/scrub.md says what is missed.
    """
    finder = wiring.secret_finder(scanner)
    redaction = Redactor(finder, keep_signed=keep_signed).redact(_read(file))
    names = ("built-in",) if finder is None else ("built-in", "kingfisher")
    if output is not None:
        _write(output, redaction.content)
    if as_json:
        emit_json(_plain(redaction, names))
    elif report:
        _tell(redaction, names, is_error=False)
    elif output is None:
        click.echo(redaction.content, nl=False)
    if not (as_json or report):
        _tell(redaction, names, is_error=True)
    return Exit.YES


def _read(file: str) -> bytes:
    if file == "-":
        if sys.stdin.isatty():
            raise click.UsageError("a transcript is expected on standard input, or the name of a FILE")
        return sys.stdin.buffer.read()
    try:
        with open(file, "rb") as stream:
            return stream.read()
    except OSError as error:
        raise _refused(file, "a readable file", error) from error


def _write(path: str, content: bytes) -> None:
    """Replace a file in one step; before that nobody but the person can read it, nor after."""
    temporary = ""
    try:
        handle, temporary = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".tenure-")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        raise _refused(path, "a place that can be written", error) from error


def _refused(path: str, expected: str, error: OSError) -> ConfigError:
    return ConfigError(f"{clean(path)}: expected {expected}, found: {error.strerror}", code="scrub/file", remedy="name another file")


def _plain(redaction: Redaction, scanners: Iterable[str]) -> dict[str, object]:
    return {
        "schema": "tenure.scrub/1",
        "scanners": list(scanners),
        "counts": redaction.counts(),
        "replaced": [_row(one) for one in redaction.replaced],
        "signed": [_row(one) for one in redaction.signed],
    }


def _row(one: Replaced) -> dict[str, object]:
    return {"line": one.line, "rule": one.rule, "count": one.count}


def _tell(redaction: Redaction, scanners: Iterable[str], *, is_error: bool) -> None:
    say = printer(stderr=is_error).print
    if not redaction.replaced:
        say("Nothing was found. That does not show that nothing is there.")
    else:
        say(_grid(redaction))
    if redaction.signed:
        say(f"{sum(one.count for one in redaction.signed)} of it in signed thinking, whose signature fits the original only.")
    say(f"Looked with: {', '.join(scanners)}.")


def _grid(redaction: Redaction) -> Grid:
    lines: dict[str, list[int]] = {}
    counts: Counter[str] = Counter()
    for one in redaction.replaced:
        lines.setdefault(one.rule, []).append(one.line)
        counts[one.rule] += one.count
    grid = Grid("rule", "places", "lines", box=None, header_style="bold", padding=(0, 1))
    for rule, places in sorted(counts.items()):
        shown = ", ".join(str(line) for line in lines[rule][:8])
        grid.add_row(rule, str(places), f"{shown} ..." if len(lines[rule]) > 8 else shown)
    return grid
