"""`tenure attest`: say what only the person knows."""

from datetime import datetime

import click
from rich.table import Table as Grid

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.errors import DataError
from tenure.services.attest import ROLES, Statement, in_force, load, name_of, record, state, withdraw

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class _Sayable(click.Group):
    """A group whose commands are said by name; anything else is a statement."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            return "say", self.commands["say"], args
        return super().resolve_command(ctx, args)


@click.group("attest", cls=_Sayable, subcommand_metavar="AGENT FACT VALUE [--at DAY] | list | withdraw")
def attest() -> None:
    """Say what only you know, such as the training choice, with the day since when it holds.

    The audit then shows it as `attested`, with its age. Without a statement the terms are read as strictly as they can be.

    \b
    tenure attest claude_code training off --at 2026-07-02
    tenure attest codex tier business
    tenure attest claude_code zdr on --by admin
    """  # noqa: D301 - the character that keeps click from filling the lines


@attest.command("say")
@click.argument("agent")
@click.argument("fact")
@click.argument("value")
@click.option("--at", metavar="DAY", help="Since when it holds, such as 2026-07-02. Default: now.")
@click.option("--by", type=click.Choice(ROLES), help="In which role this was chosen. Default: the one that usually chooses it.")
@json_option
@pass_shell
def say_command(shell: Shell, agent: str, fact: str, value: str, at: str | None, by: str | None, as_json: bool) -> int:
    """State that FACT of AGENT is VALUE. The word `say` can be left out."""
    now = shell.clock.now()
    try:
        statement = state(shell.packs, agent, fact, value, at=at, by=by, now=now)
    except DataError as error:
        raise click.UsageError(str(error)) from error
    record(shell.state, statement)
    if as_json:
        emit_json({"schema": "tenure.attestation/1", **_plain(statement, now)})
    else:
        click.echo(f"{statement.name}: {_word(statement.value)} since {statement.at:%Y-%m-%d}, by the {statement.by}. Shown as attested: your word.")
    return Exit.YES


@attest.command("list")
@json_option
@pass_shell
def list_command(shell: Shell, as_json: bool) -> int:
    """List what was said and counts, with its age."""
    now = shell.clock.now()
    counting = in_force(load(shell.state), now).values()
    if as_json:
        emit_json({"schema": "tenure.attestations/1", "at": _moment(now), "attestations": [_plain(part, now) for part in counting]})
        return Exit.YES
    if not counting:
        click.echo("Nothing was said. `tenure attest --help` shows what can be.")
        return Exit.YES
    grid = Grid("agent", "fact", "value", "since", "age", "by", box=None, header_style="bold", padding=(0, 1))
    for part in counting:
        agent, _, fact = part.name.partition("/")
        grid.add_row(agent, fact, _word(part.value), f"{part.at:%Y-%m-%d}", f"{(now - part.at).days} days", part.by)
    printer().print(grid)
    return Exit.YES


@attest.command("withdraw")
@click.argument("agent")
@click.argument("fact")
@json_option
@pass_shell
def withdraw_command(shell: Shell, agent: str, fact: str, as_json: bool) -> int:
    """Remove all that was said about FACT of AGENT; the strictest reading counts again."""
    try:
        name = name_of(shell.packs, agent, fact)
    except DataError as error:
        raise click.UsageError(str(error)) from error
    removed = withdraw(shell.state, name)
    if as_json:
        emit_json({"schema": "tenure.attestation/1", "name": name, "withdrawn": removed})
    else:
        click.echo(f"{name}: {removed} statement{'' if removed == 1 else 's'} withdrawn." if removed else f"{name}: nothing was said about it.")
    return Exit.YES


def _plain(statement: Statement, now: datetime) -> dict[str, object]:
    return {
        "name": statement.name,
        "value": statement.value,
        "state": "attested",
        "at": _moment(statement.at),
        "age_days": (now - statement.at).days,
        "by": statement.by,
        "recorded_at": _moment(statement.recorded_at),
    }


def _word(value: bool | str) -> str:
    return value if isinstance(value, str) else "on" if value else "off"


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
