"""`tenure stamp`: what a session-start hook runs, and the list of what it wrote."""

import os
import sys
from datetime import UTC, date, datetime, time

import click
import msgspec
from rich.table import Table as Grid

from tenure import wiring
from tenure.cli.context import CONFIRMATIONS, Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.services import attest
from tenure.services.stamp import LARGEST, SALT, Stamp, load, make_stamp, pick, project_digest, read_input, salt_of, save, terms_hash
from tenure.services.updates import FOLDER, KEYS

AGENT = "claude_code"


@click.group("stamp", invoke_without_command=True)
@click.option("--arm", envvar="TENURE_ARM", metavar="NAME", help="The arm of an experiment that this session belongs to. Default: $TENURE_ARM.")
@click.pass_context
def stamp(ctx: click.Context, arm: str | None) -> int:
    """Stamp the session whose start hook runs this: a few hundred bytes, never content.

    Reads the hook's JSON on standard input. Whatever happens, it prints nothing on standard output and exits 0, so that it never
    disturbs a session; a problem is told in one line on standard error. `tenure hook install` sets it up.
    """
    if ctx.invoked_subcommand is not None:
        return Exit.YES
    if sys.stdin.isatty():
        raise click.UsageError("a session-start hook's JSON is expected on standard input; `tenure stamp list` shows the stamps")
    try:
        stamp_session(ctx.ensure_object(Shell), sys.stdin.buffer.read(LARGEST), arm or None)
    except Exception as error:
        click.echo(f"tenure stamp: no stamp was made: {error if hasattr(error, 'code') else type(error).__name__}", err=True)
    return Exit.YES


def stamp_session(shell: Shell, content: bytes, arm: str | None) -> None:
    """Stamp the session of a start hook.

    Args:
        shell: the clock, the terms, Tenure's own state.
        content: the hook's JSON.
        arm: of an experiment; None = none.
    """
    given, at = read_input(content), shell.clock.now()
    said = attest.attestations(attest.load(shell.state), at)
    salt = salt_of(shell.state, lambda: os.urandom(32))
    made = make_stamp(wiring.this_machine(), given, at, said, salt=salt, terms=_terms(shell), arm=arm)
    save(shell.state, made)


def _terms(shell: Shell) -> str:
    stored = [name for name in shell.state.places() if name in (CONFIRMATIONS, KEYS) or name.startswith(FOLDER)]
    files = [*(content for _, content in sorted(wiring.packaged_packs().items())), *(shell.state.read(name) or b"" for name in stored)]
    return terms_hash(shell.state, files, lambda: shell.book.table(AGENT).hash)


@stamp.command("list")
@click.option("--session", metavar="ID", help="Only of this session.")
@click.option("--project", type=click.Path(file_okay=False, resolve_path=True), metavar="DIR", help="Only of sessions in this folder.")
@click.option("--since", metavar="DAY", help="Only from this day on, such as 2026-09-01.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_shell
def list_command(shell: Shell, session: str | None, project: str | None, since: str | None, as_json: bool) -> int:
    """List the stamps: which session ran on which kind of account, under which terms."""
    stamps, broken = load(shell.state)
    salt = shell.state.read(SALT) or b""
    wanted = None if project is None else project_digest(project, salt)
    found = pick(stamps, session=session, project=wanted, since=None if since is None else _day(since))
    if broken:
        click.echo(f"{broken} lines are no stamps and were passed over", err=True)
    if as_json:
        emit_json({"schema": "tenure.stamps/1", "stamps": msgspec.to_builtins(found), "unreadable": broken})
    elif found:
        printer().print(_grid(found))
    else:
        click.echo("No stamps." if stamps else "No stamps yet. `tenure hook install` has each session stamped from then on.")
    return Exit.YES


def _grid(stamps: tuple[Stamp, ...]) -> Grid:
    grid = Grid("at", "session", "account", "provider", "surface", "arm", "terms", box=None, header_style="bold", padding=(0, 1))
    for part in stamps:
        account = f"{part.tier or 'unknown'} ({part.tier_state})"
        when, terms = f"{part.at:%Y-%m-%d %H:%M}", part.terms.removeprefix("sha256:")[:8]
        grid.add_row(when, part.session[:8], account, part.provider or "unknown", part.surface or "unknown", part.arm or "", terms)
    return grid


def _day(text: str) -> datetime:
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError as error:
        raise click.UsageError(f"--since: expected a day such as 2026-09-01, got {text[:40]!r}") from error
