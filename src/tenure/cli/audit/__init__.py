"""`tenure audit` and `tenure why`: what each agent holds on this machine, under which terms, and what does other than it seems."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path

import click
import msgspec

from tenure import wiring
from tenure.agents.registry import AGENTS
from tenure.cli.audit.plain import plain_audit, plain_finding
from tenure.cli.audit.view import show_audit, show_finding
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, file_printer, printer
from tenure.errors import ConfigError, DataError
from tenure.records.case import Case
from tenure.services import attest
from tenure.services.audit import Audit, audit
from tenure.services.packs import make_book
from tenure.terms.decide import Book, decide
from tenure.terms.decision import Decision

home_option = click.option("--home", type=click.Path(), metavar="DIR", help="Look at this home folder, with an empty environment.")
agent_option = click.option("--agent", type=click.Choice(list(AGENTS)), help="Only this agent.")
sample_option = click.option("--sample", is_flag=True, help="Look at a made-up home folder that came with Tenure.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def run_audit(shell: Shell, home: str | None, agent: str | None, sample: bool) -> Audit:
    """Audit this machine, another home folder on it, or the made-up one."""
    at = shell.clock.now()
    book = _books(shell)

    def decider(case: Case) -> Decision:
        return decide(book(case.agent), case)

    if sample:
        return audit(wiring.sample_machine(at), at, decider, {}, agent=agent, book=book)
    if home is not None and not Path(home).is_dir():
        raise click.UsageError(f"--home: expected a folder, found none at {home[:200]!r}")
    said = attest.attestations(attest.load(shell.state), at) if home is None else {}
    return audit(wiring.this_machine(home), at, decider, said, agent=agent, book=book)


def _books(shell: Shell) -> Callable[[str], Book]:
    """Return what finds the terms of an agent: they are compiled when they are first asked for."""
    books: dict[str, Book] = {}

    def book(agent: str) -> Book:
        if agent not in books:
            books[agent] = make_book([pack for pack in shell.packs if pack.agent == agent], shell.confirmations)
        return books[agent]

    return book


@click.command("audit")
@home_option
@agent_option
@sample_option
@json_option
@click.option("--html", "page", type=click.Path(), metavar="FILE", help="Write one self-contained page.")
@click.option("-o", "--output", type=click.Path(), metavar="FILE", help="Write to FILE instead of standard output.")
@pass_shell
def audit_command(shell: Shell, home: str | None, agent: str | None, sample: bool, as_json: bool, page: str | None, output: str | None) -> int:
    """Show per coding agent what it holds here and until when, under which terms, what leaves, and what does other than it seems.

    Offline, without opening a credential file, without keeping content. With --home system-wide policy files of this machine still count, this
    process's environment does not. The exit code is 0 whatever is found: `tenure require` judges.
    """
    found = run_audit(shell, home, agent, sample)
    if page is not None:
        from tenure.cli.audit.page import render_page  # the template engine is loaded for a page only

        _write(page, render_page(found))
        click.echo(f"wrote {page}", err=True)
    if as_json:
        _emit(output, render_json(plain_audit(found)))
    elif output is not None:
        stream = StringIO()
        show_audit(file_printer(stream), found)
        _write(output, stream.getvalue())
    elif page is None:
        show_audit(printer(), found)
    return Exit.YES


def render_json(value: object) -> str:
    """Render a value as indented JSON with a final newline."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def _emit(output: str | None, text: str) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)


def _write(path: str, text: str) -> None:
    try:
        Path(path).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a possible path"
        raise ConfigError(f"{path}: expected a file that can be written, found: {reason}", code="config/unwritable") from error


@click.command("why")
@click.argument("finding")
@home_option
@agent_option
@sample_option
@json_option
@pass_shell
def why_command(shell: Shell, finding: str, home: str | None, agent: str | None, sample: bool, as_json: bool) -> int:
    """Explain a finding of the audit, given by its number or its id."""
    found = run_audit(shell, home, agent, sample)
    numbered = list(enumerate(found.findings, 1))
    matching = [(number, each) for number, each in numbered if finding in (str(number), each.id, each.id.partition("/")[2])]
    if not matching:
        raise _unknown(finding, len(numbered))
    if as_json:
        emit_json({"schema": "tenure.why/1", "findings": [{"number": number, **plain_finding(each)} for number, each in matching]})
    else:
        for number, each in matching:
            show_finding(printer(), number, each)
    return Exit.YES


def _unknown(finding: str, count: int) -> DataError:
    if not count:
        return DataError("why: there are no findings", code="data/unknown-finding")
    message = f"why: expected a number from 1 to {count} or the id of a finding, got {finding[:60]!r}"
    return DataError(message, code="data/unknown-finding", remedy="tenure audit numbers them")
