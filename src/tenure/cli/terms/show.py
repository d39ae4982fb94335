"""`tenure terms show | purposes | export`."""

import click
import msgspec
from rich.table import Table as Grid
from rich.text import Text

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.cli.terms.plain import day, effects, json_option, plain_clause, plain_pack
from tenure.errors import TermsError
from tenure.records.kinds import Kind, Purpose
from tenure.terms.history import in_force
from tenure.terms.odrl import CONTEXT, render_odrl
from tenure.terms.pack import Clause, Pack


@click.command("show")
@click.argument("agent", required=False)
@click.argument("clause", required=False)
@click.option("--at", help="Only what is in force on this day, such as 2026-08-22; `today` for now.")
@json_option
@pass_shell
def show_command(shell: Shell, agent: str | None, clause: str | None, at: str | None, as_json: bool) -> int:
    """List the agents, the clauses of AGENT, or all about one CLAUSE."""
    if agent is None:
        return _show_agents(shell, as_json)
    pack = shell.book.table(agent).pack
    moment = None if at is None else day(shell.clock, at)
    named = [part for part in pack.clauses if clause is None or part.id == clause]
    clauses = [part for part in named if moment is None or in_force(part, moment) is not False]
    if clause is not None and not clauses:
        raise TermsError(f"clause: expected an id of {agent}, got {clause[:60]!r}", code="terms/unknown-clause", remedy=f"tenure terms show {agent}")
    if as_json:
        rows = [plain_clause(shell.confirmations, agent, part) for part in clauses]
        emit_json({"schema": "tenure.terms/1", **plain_pack(shell.book.table(agent)), "clauses": rows})
    elif clause is not None:
        _print_clause(shell, pack, clauses[0])
    else:
        _print_clauses(clauses)
    return Exit.YES


def _show_agents(shell: Shell, as_json: bool) -> int:
    packs = [table.pack for table in shell.book.tables.values()]
    if as_json:
        emit_json({"schema": "tenure.terms/1", "agents": [plain_pack(shell.book.table(pack.agent)) for pack in packs]})
        return Exit.YES
    grid = Grid("agent", "", "vendor", "clauses", "read", "known to", box=None, header_style="bold")
    for pack in packs:
        grid.add_row(pack.agent, pack.title, pack.vendor, str(len(pack.clauses)), pack.as_of.isoformat(), pack.known_to.isoformat())
    printer().print(grid)
    return Exit.YES


def _print_clauses(clauses: list[Clause]) -> None:
    grid = Grid("clause", "in force", "says", box=None, header_style="bold", padding=(0, 1))
    for clause in clauses:
        begins = clause.begins.text if clause.begins else "always"
        grid.add_row(clause.id, begins + (f" until {clause.ends.text}" if clause.ends else ""), effects(clause))
    printer().print(grid)


def _print_clause(shell: Shell, pack: Pack, clause: Clause) -> None:
    plain = plain_clause(shell.confirmations, pack.agent, clause)
    grid = Grid(box=None, show_header=False, padding=(0, 1))
    for name, value in plain.items():
        if value not in (None, [], {}):
            grid.add_row(Text(name, "bold"), Text(value if isinstance(value, str) else msgspec.json.encode(value).decode()))
    printer().print(grid)


@click.command("purposes")
@json_option
def purposes_command(as_json: bool) -> int:
    """List the purposes and kinds of data that a case can name."""
    if as_json:
        emit_json({"schema": "tenure.purposes/1", "purposes": [str(purpose) for purpose in Purpose], "kinds": [str(kind) for kind in Kind]})
        return Exit.YES
    printer().print(Text("purposes  ", "bold") + Text(", ".join(Purpose)))
    printer().print(Text("kinds     ", "bold") + Text(", ".join(Kind)))
    return Exit.YES


@click.command("export")
@click.argument("agent", required=False)
@click.option("--format", "form", type=click.Choice(["odrl"]), default="odrl", show_default=True, help="Into which language.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: the answer is always JSON.")
@pass_shell
def export_command(shell: Shell, agent: str | None, form: str, as_json: bool) -> int:
    """Write the terms of AGENT, or of every agent as a graph, in another language."""
    if agent is None:
        emit_json({"@context": CONTEXT, "@graph": [render_odrl(pack) for pack in shell.packs]})
    else:
        emit_json(render_odrl(shell.book.table(agent).pack))
    return Exit.YES


