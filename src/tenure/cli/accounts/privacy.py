"""`tenure privacy`: what a person allows, shown and changed."""

from datetime import datetime

import click
from rich.table import Table as Grid

from tenure.cli.accounts.asking import ask_and_answer
from tenure.cli.accounts.plain import PRIVACY_SCHEMA, SWITCH, agent_option, as_usage, finish, json_option, plain_answer
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, store_options
from tenure.records.case import Case, Consent
from tenure.records.instants import render_time
from tenure.records.kinds import Kind, Purpose
from tenure.services.answers import TERMINAL
from tenure.services.question_texts import text_of
from tenure.terms.normalise import consent_states
from tenure.terms.pack import ConsentRule

org_option = click.option("--org", metavar="ORG", help="For data of an organisation. Default: of the person's own account.")


@click.group("privacy")
def privacy() -> None:
    """Show and set what a person allows to be done with their data.

    A yes is asked for on a terminal, with the text and the preset answer on record; input that was typed before the question does not count. A no
    needs no question and counts at once, for what is held as well.

    \b
    tenure privacy show ann
    tenure privacy set ann training on
    tenure privacy set ann training off
    """  # noqa: D301 - the character that keeps click from filling the lines


@privacy.command("show")
@click.argument("subject")
@agent_option
@org_option
@json_option
@store_options
@pass_shell
def show_command(shell: Shell, place: Place, subject: str, agent: str, org: str | None, as_json: bool) -> int:
    """Show every question that there is for SUBJECT, how it stands, and who may answer it."""
    pack = shell.book.table(agent).pack
    with open_keeping(shell, place) as keeping, as_usage():
        found = keeping.accounts.agreement(agent, subject, org, keeping.at)
        now = keeping.at
    rows = []
    for name, rule in sorted(pack.vocabulary.consents.items()):
        answers = [each for each in found.consents or () if each.name == name]
        text = text_of(name, pack.title)
        rows.append(
            {
                "name": name,
                "state": _state(answers, rule, now) if found.consents is not None else "unknown",
                "by": sorted(rule.by),
                "purposes": sorted(rule.purposes),
                "text": text.content,
                "text_version": text.version,
                "text_sha256": text.sha256,
                "answers": [plain_answer(each) for each in answers],
            }
        )
    if as_json:
        emit_json({"schema": PRIVACY_SCHEMA, "subject": subject, "agent": agent, "org": org, "at": render_time(now), "consents": rows})
        return Exit.YES
    grid = Grid("consent", "state", "asked of", "question", box=None, header_style="bold", padding=(0, 1))
    for row in rows:
        grid.add_row(str(row["name"]), str(row["state"]), ", ".join(row["by"]), str(row["text"]))  # type: ignore[arg-type]  # a list of texts
    printer().print(grid)
    return Exit.YES


def _state(answers: list[Consent], rule: ConsentRule, now: datetime) -> str:
    """Return how a consent stands for what is collected now, as the terms read it: `on`, `off`, `none` (no answer that counts) or `unknown`."""
    states = consent_states(answers, rule, Case("", Kind.PROMPT, Purpose.COLLECT, now))
    return next(iter(states)) if len(states) == 1 else "unknown"


@privacy.command("set")
@click.argument("subject")
@click.argument("name")
@click.argument("switch", metavar="on|off", type=SWITCH)
@agent_option
@org_option
@json_option
@store_options
@pass_shell
def set_command(shell: Shell, place: Place, subject: str, name: str, switch: str, agent: str, org: str | None, as_json: bool) -> int:
    """Switch the consent NAME of SUBJECT on or off.

    `on` shows the question and asks for the answer, on a terminal only: exit 10 elsewhere, and when the answer does not count. `off` counts at once;
    what is held is tightened, and a later yes does not revive it.
    """
    if switch == "on":
        with as_usage():
            refused = ask_and_answer(shell, place, agent, subject, name, org)
        return finish(refused, PRIVACY_SCHEMA, as_json, f"{clean(subject)}: {name} on from now on.")
    with open_keeping(shell, place) as keeping, as_usage():
        with keeping.store.transaction():
            at = keeping.time.stamp()  # a no counts even when the clock is in doubt
        keeping.consents.withdraw(agent, subject, name, org=org, at=at, channel=TERMINAL)
    return finish(None, PRIVACY_SCHEMA, as_json, f"{clean(subject)}: {name} off from now on.")
