"""`tenure require`: judge this machine by the policy of a repository."""

import os
from datetime import datetime
from functools import partial

import click
from rich.padding import Padding
from rich.text import Text

from tenure import wiring
from tenure.agents.registry import AGENTS
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.config import find_policy, read_policy
from tenure.records.periods import Period
from tenure.services import attest
from tenure.services.audit import audit
from tenure.services.policy import Policy, parse_policy
from tenure.services.require import Answer, Ruling, by_agent, judge, verdict
from tenure.terms.decide import decide

EXITS = {Answer.HOLDS: Exit.YES, Answer.BROKEN: Exit.NO, Answer.UNKNOWN: Exit.GAP}
STYLES = {Answer.HOLDS: "green", Answer.BROKEN: "red", Answer.UNKNOWN: "yellow"}


@click.command("require")
@click.option("--file", "given", type=click.Path(dir_okay=False), metavar="FILE", help="The policy. Default: the nearest tenure.toml.")
@click.option("--home", type=click.Path(), metavar="DIR", help="Look at this home folder, with an empty environment.")
@click.option("--agent", type=click.Choice(list(AGENTS)), help="Only this agent.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_shell
def require(shell: Shell, given: str | None, home: str | None, agent: str | None, as_json: bool) -> int:
    """Judge the agents of this machine by the policy of the repository, its tenure.toml.

    Shows each rule with what was observed, how that is known, and its proof. Exits 0 when every rule holds, 10 when one is broken, 11 when none is
    broken but one cannot be told: what is not known does not count as held.
    """
    at = shell.clock.now()
    policy = _policy(shell, given)
    said = attest.attestations(attest.load(shell.state), at) if home is None else {}
    found = audit(wiring.this_machine(home), at, partial(decide, shell.book), said, agent=agent)
    rulings = judge(found, policy, shell.book, said)
    answer = verdict(rulings)
    if as_json:
        emit_json(_plain(policy, rulings, answer, at))
    else:
        _show(policy, rulings, answer)
    return EXITS[answer]


def _policy(shell: Shell, given: str | None) -> Policy:
    view = wiring.this_machine()
    path, content = find_policy(view, os.getcwd()) if given is None else (given, read_policy(view, os.path.abspath(given)))
    return parse_policy(content, clean(os.path.relpath(path) if given is None else given), shell.packs)


def _plain(policy: Policy, rulings: tuple[Ruling, ...], answer: Answer, at: datetime) -> dict[str, object]:
    return {
        "schema": "tenure.require/1",
        "at": at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "file": policy.file,
        "answer": answer,
        "rulings": [
            {
                "agent": ruling.agent,
                "rule": ruling.rule.name,
                "line": ruling.rule.line,
                "allowed": _allowed(ruling.rule.allowed),
                "answer": ruling.answer,
                "observed": clean(ruling.observed),
                "state": ruling.state,
                "proof": clean(ruling.proof),
            }
            for ruling in rulings
        ],
    }


def _allowed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else str(value) if isinstance(value, Period) else value


def _words(value: object) -> str:
    return ", ".join(value) if isinstance(value, tuple) else f"at most {value}" if isinstance(value, Period) else "no"


def _observed(ruling: Ruling) -> str:
    return ruling.observed if ruling.observed == ruling.state else f"{ruling.observed} ({ruling.state})"


def _show(policy: Policy, rulings: tuple[Ruling, ...], answer: Answer) -> None:
    if not rulings:
        click.echo(f"{policy.file}: no coding agent left anything on this machine, so there is nothing to judge.")
        return
    for agent, found in by_agent(rulings):
        printer().print(Text(agent, "bold"))
        for ruling in found:
            rule = f"{ruling.rule.name}: {_words(ruling.rule.allowed)}"
            printer().print(Text.assemble("  ", (f"{ruling.answer:<8}", STYLES[ruling.answer]), rule, (f"  {policy.file}:{ruling.rule.line}", "dim")))
            printer().print(Padding(Text(clean(f"{_observed(ruling)}, {ruling.proof}")), (0, 0, 0, 10)))
    counts = {each: sum(ruling.answer is each for ruling in rulings) for each in Answer}
    click.echo(f"{policy.file}: " + ", ".join(f"{count} {each}" for each, count in counts.items() if count) + f". Answer: {answer}.", err=True)
