"""`tenure terms timeline | diff`."""

from pathlib import Path

import click
from rich.table import Table as Grid
from rich.text import Text

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.cli.terms.files import read_file
from tenure.cli.terms.plain import day, effects, json_option, moment, plain_clause
from tenure.terms.history import Change, Event, diff_days, diff_packs, timeline
from tenure.terms.parse import parse_pack


@click.command("timeline")
@click.argument("agent", required=False)
@json_option
@pass_shell
def timeline_command(shell: Shell, agent: str | None, as_json: bool) -> int:
    """Show when each clause of AGENT, or of every agent, came into force and ended."""
    packs = shell.packs if agent is None else [shell.book.table(agent).pack]
    events = sorted(((pack.agent, event) for pack in packs for event in timeline(pack)), key=lambda part: part[1].sighting.latest)
    if as_json:
        emit_json({"schema": "tenure.timeline/1", "agent": agent, "events": [_plain_event(name, event) for name, event in events]})
        return Exit.YES
    grid = Grid("seen", "agent", "", "clause", "text", box=None, header_style="bold", padding=(0, 1))
    for name, event in events:
        change = Text(event.change, "green" if event.change == "begins" else "red")
        grid.add_row(event.sighting.text, name, change, event.clause.id, event.clause.text)
    printer().print(grid)
    return Exit.YES


def _plain_event(agent: str, event: Event) -> dict[str, object]:
    return {
        "agent": agent,
        "seen": event.sighting.text,
        "in_force_from_earliest": moment(event.sighting.earliest),
        "in_force_from_latest": moment(event.sighting.latest),
        "change": event.change,
        "clause": event.clause.id,
        "text": event.clause.text,
    }


@click.command("diff")
@click.argument("before")
@click.argument("after")
@click.option("--agent", help="Only this agent.")
@json_option
@pass_shell
def diff_command(shell: Shell, before: str, after: str, agent: str | None, as_json: bool) -> int:
    """Show which terms began and ended between two days, or differ between two pack files.

    BEFORE and AFTER are days such as 2025-08-01, `today`, or paths of pack files.
    """
    if before.endswith(".toml") or after.endswith(".toml"):
        old, new = (parse_pack(read_file(path), Path(path).name) for path in (before, after))
        changes = [(new.agent, change) for change in diff_packs(old, new)]
    else:
        days = day(shell.clock, before), day(shell.clock, after)
        packs = [shell.book.table(agent).pack] if agent else [table.pack for table in shell.book.tables.values()]
        changes = [(pack.agent, change) for pack in packs for change in diff_days(pack, *days)]
    if as_json:
        rows = [{"agent": name, "what": change.what} | plain_clause(shell.confirmations, name, change.clause) for name, change in changes]
        emit_json({"schema": "tenure.diff/1", "changes": rows})
        return Exit.YES
    print_changes(changes)
    return Exit.YES


def print_changes(changes: list[tuple[str, Change]]) -> None:
    """Print the clauses that differ, each with its agent."""
    styles = {"added": "green", "begun": "green", "removed": "red", "ended": "red", "changed": "yellow", "in doubt": "yellow"}
    grid = Grid("agent", "", "clause", "says", box=None, header_style="bold", padding=(0, 1))
    for name, change in changes:
        grid.add_row(name, Text(change.what, styles[change.what]), change.clause.id, effects(change.clause))
    printer().print(grid if changes else "No difference.")


