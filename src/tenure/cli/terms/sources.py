"""`tenure terms check | confirm`: what the terms rest on."""

from pathlib import Path

import click
from rich.table import Table as Grid
from rich.text import Text

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.cli.terms.files import read_file
from tenure.cli.terms.plain import json_option, moment
from tenure.errors import TermsError
from tenure.services.packs import Check, check_sources, confirmable
from tenure.terms.pack import Pack


@click.command("check")
@click.option("--from", "given", multiple=True, metavar="FILE", help="A saved page as SOURCE=FILE, or a folder of files named SOURCE. No network.")
@click.option("--online", is_flag=True, help="Fetch the pages. Without it nothing is fetched.")
@click.option("--agent", help="Only this agent.")
@click.option("--pin", is_flag=True, help="Take the pages that were found as read: remember their hashes for the next check.")
@json_option
@pass_shell
def check_command(shell: Shell, given: tuple[str, ...], online: bool, agent: str | None, pin: bool, as_json: bool) -> int:
    """Compare the pages that the terms rest on with the copies that were read, and say what to read again.

    Exits 0 when every page that was compared is the same, 10 when one has changed.
    """
    packs = [shell.book.table(agent).pack] if agent else [table.pack for table in shell.book.tables.values()]
    pages: dict[str, bytes | None] = {}
    for pack in packs:
        pages.update(_given_pages(pack, given))
    if given and not pages:
        known = ", ".join(sorted({source.id for pack in packs for source in pack.sources}))
        raise TermsError("--from: expected files named after sources, found none", code="terms/unknown-source", remedy=f"sources: {known}")
    if online:
        wanted = [source.url for pack in packs for source in pack.sources if source.url not in pages]
        pages.update({url: shell.fetch(url) for url in dict.fromkeys(wanted)})
    checks = check_sources(packs, pages, shell.pins, shell.clock.now().date())
    if pin:
        shell.pin({check.source.url: check.sha256 for check in checks if check.sha256})
    if as_json:
        emit_json({"schema": "tenure.check/1", "sources": [_plain_check(check) for check in checks]})
    else:
        _print_checks(checks)
        if not pages:
            click.echo("no page was compared: give saved pages with --from, or let --online fetch them", err=True)
    return Exit.NO if any(check.state == "changed" for check in checks) else Exit.YES


def _given_pages(pack: Pack, given: tuple[str, ...]) -> dict[str, bytes | None]:
    """Match files to sources: `SOURCE=FILE`, a folder holding files named after sources, or a file named after one."""
    pages: dict[str, bytes | None] = {}
    by_id = {source.id: source.url for source in pack.sources}
    for part in given:
        name, separator, path = part.partition("=")
        if not separator:
            name, path = Path(part).stem, part
        found = [file for file in sorted(Path(path).iterdir()) if file.is_file()] if Path(path).is_dir() else [Path(path)]
        for file in found:
            source = name if separator and file == Path(path) else file.stem
            if source in by_id:
                pages[by_id[source]] = read_file(str(file))
    return pages


def _plain_check(check: Check) -> dict[str, object]:
    source = check.source
    return {
        "agent": check.agent,
        "source": source.id,
        "url": source.url,
        "read": source.read.isoformat(),
        "age_days": check.age_days,
        "state": check.state,
        "pinned": source.sha256 or None,
        "found": check.sha256 or None,
        "clauses": list(check.clauses),
    }


def _again(check: Check) -> str:
    shown = ", ".join(check.clauses[:4])
    return f"{len(check.clauses)} clauses: {shown}{' ...' if len(check.clauses) > 4 else ''}"


def _print_checks(checks: list[Check]) -> None:
    styles = {"same": "green", "changed": "red", "unreachable": "yellow"}
    grid = Grid("agent", "source", "state", "read", "read again", box=None, header_style="bold", padding=(0, 1))
    for check in checks:
        grid.add_row(
            check.agent,
            check.source.id,
            Text(check.state, styles.get(check.state, "dim")),
            f"{check.source.read} ({check.age_days} d)",
            _again(check) if check.state == "changed" else "",
        )
    printer().print(grid)


@click.command("confirm")
@click.argument("clause")
@click.option("--by", required=True, metavar="NAME", help="Who confirms it.")
@json_option
@pass_shell
def confirm_command(shell: Shell, clause: str, by: str, as_json: bool) -> int:
    """Record that a person confirmed CLAUSE, which rests on a third party; from then on it may loosen too.

    CLAUSE is `AGENT/ID`, or `ID` where only one agent has it. `tenure terms show AGENT` lists clauses; class T are the third parties'.
    """
    found = confirmable(shell.book, clause)
    if len(found) > 1:
        names = ", ".join(f"{agent}/{part.id}" for agent, part in found)
        raise TermsError(f"clause {clause}: expected one clause, got {len(found)}", code="terms/ambiguous-clause", remedy=f"name one of {names}")
    if not by.strip():
        raise TermsError("--by: expected a person's name, got an empty one", code="terms/no-name")
    agent, part = found[0]
    confirmation = shell.confirm(agent, part.id, by.strip())
    if as_json:
        plain = {"agent": agent, "clause": part.id, "by": confirmation.by, "at": moment(confirmation.at), "table": shell.book.table(agent).hash}
        emit_json({"schema": "tenure.confirmation/1", **plain})
    else:
        click.echo(f"{agent}/{part.id}: confirmed by {confirmation.by} on {confirmation.at:%Y-%m-%d}. It says: {part.text}")
    return Exit.YES


