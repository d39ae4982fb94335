"""`tenure audit` and `tenure why`: what each agent holds on this machine, under which terms, and what does other than it seems."""

from functools import partial

import click

from tenure import wiring
from tenure.agents.registry import AGENTS
from tenure.cli.audit.plain import plain_audit, plain_finding
from tenure.cli.audit.view import show_audit, show_finding
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json, printer
from tenure.errors import DataError
from tenure.services import attest
from tenure.services.audit import Audit, audit
from tenure.terms.decide import decide

home_option = click.option("--home", type=click.Path(), metavar="DIR", help="Look at this home folder, with an empty environment.")
agent_option = click.option("--agent", type=click.Choice(list(AGENTS)), help="Only this agent.")
sample_option = click.option("--sample", is_flag=True, help="Look at a made-up home folder that came with Tenure.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def run_audit(shell: Shell, home: str | None, agent: str | None, sample: bool) -> Audit:
    """Audit this machine, another home folder on it, or the made-up one."""
    at = shell.clock.now()
    if sample:
        return audit(wiring.sample_machine(at), at, partial(decide, shell.book), {}, agent=agent)
    machine = wiring.this_machine(home)
    said = attest.attestations(attest.load(shell.state), at) if home is None else {}
    return audit(machine, at, partial(decide, shell.book), said, agent=agent)


@click.command("audit")
@home_option
@agent_option
@sample_option
@json_option
@pass_shell
def audit_command(shell: Shell, home: str | None, agent: str | None, sample: bool, as_json: bool) -> int:
    """Show per coding agent what it holds here and until when, under which terms, what leaves, and what does other than it seems."""
    found = run_audit(shell, home, agent, sample)
    if as_json:
        emit_json(plain_audit(found))
    else:
        show_audit(printer(), found)
    return Exit.YES


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
        message = f"why: expected a number from 1 to {len(numbered)} or the id of a finding, got {finding[:60]!r}"
        raise DataError(message, code="data/unknown-finding", remedy="tenure audit numbers them")
    if as_json:
        emit_json({"schema": "tenure.why/1", "findings": [{"number": number, **plain_finding(each)} for number, each in matching]})
    else:
        for number, each in matching:
            show_finding(printer(), number, each)
    return Exit.YES
