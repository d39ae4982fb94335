"""`tenure org`: organisations, their members, zero retention and the partner program."""

import click

from tenure.cli.accounts.asking import ask_and_answer
from tenure.cli.accounts.plain import (
    ORG_SCHEMA,
    SWITCH,
    actor_option,
    agent_option,
    agents_of,
    as_usage,
    at_option,
    checked_terms,
    finish,
    json_option,
    moment,
    plain_agreement,
    plain_fact,
    present,
    terms_options,
    words,
)
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.cli.store import Place, open_keeping, store_options
from tenure.records.agreement import Role
from tenure.records.facts import ORG
from tenure.records.instants import render_time
from tenure.services.answers import PROGRAM, TERMINAL


@click.group("org")
def org() -> None:
    """Make organisations and set their members, zero retention and the partner program.

    Every change is kept with the time since when it holds and the role in which it was made. A change without the role is refused: exit 10.

    \b
    tenure org create acme --owner olga --tier enterprise
    tenure org member acme mia member --as olga
    tenure org role tess account_team
    tenure org zdr acme on --as tess
    """  # noqa: D301 - the character that keeps click from filling the lines


@org.command("create")
@click.argument("name", metavar="ORG")
@click.option("--owner", metavar="SUBJECT", help="Its first owner. Default: who acts.")
@terms_options
@actor_option
@json_option
@store_options
@pass_shell
def create_command(
    shell: Shell, place: Place, name: str, owner: str | None, agent: str, tier: str, provider: str, actor: str | None, as_json: bool
) -> int:
    """Make ORG. Who makes it is its owner. It has no zero retention, whatever other organisation its people are in."""
    first = owner or actor
    if first is None:
        raise click.UsageError("--owner: expected who is its first owner, or --as ACTOR; got neither")
    tier, provider = checked_terms(shell, agent, tier, provider)
    with open_keeping(shell, place, may_make=True) as keeping, as_usage():
        refused = keeping.accounts.create_org(name, owner=first, agent=agent, tier=tier, provider=provider, actor=actor, at=present(keeping))
    return finish(refused, ORG_SCHEMA, as_json, f"{clean(name)}: made, {tier} over {provider}; its owner is {clean(first)}.")


@org.command("tier")
@click.argument("name", metavar="ORG")
@terms_options
@actor_option
@json_option
@store_options
@pass_shell
def tier_command(shell: Shell, place: Place, name: str, agent: str, tier: str, provider: str, actor: str | None, as_json: bool) -> int:
    """Change the tier and provider of ORG. What is held is tightened where the other terms are stricter."""
    tier, provider = checked_terms(shell, agent, tier, provider)
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.set_tier(None, name, agent=agent, tier=tier, provider=provider, actor=actor, at=present(keeping))
    return finish(refused, ORG_SCHEMA, as_json, f"{clean(name)}: {tier} over {provider} from now on.")


@org.command("member")
@click.argument("name", metavar="ORG")
@click.argument("subject")
@click.argument("role", type=click.Choice(["owner", "admin", "member", "none"]))
@actor_option
@json_option
@store_options
@pass_shell
def member_command(shell: Shell, place: Place, name: str, subject: str, role: str, actor: str | None, as_json: bool) -> int:
    """Give SUBJECT a ROLE in ORG; `none` ends the membership. An owner or admin does it; an owner where an owner is made or unmade."""
    held = None if role == "none" else Role(role)
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.set_member(name, subject, held, actor=actor, at=present(keeping))
    done = f"{clean(subject)}: {'no member' if held is None else held} of {clean(name)} from now on."
    return finish(refused, ORG_SCHEMA, as_json, done)


@org.command("role")
@click.argument("subject")
@click.argument("role", type=click.Choice(["account_team", "none"]))
@actor_option
@json_option
@store_options
@pass_shell
def role_command(shell: Shell, place: Place, subject: str, role: str, actor: str | None, as_json: bool) -> int:
    """Give SUBJECT the role of the account team, for the store as a whole; `none` takes it away.

    The first one gets it from the operator, without --as. From then on the account team grants it.
    """
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.set_team(subject, on=role != "none", actor=actor, at=present(keeping))
    done = f"{clean(subject)}: {'of the account team' if role != 'none' else 'not of the account team'} from now on."
    return finish(refused, ORG_SCHEMA, as_json, done)


@org.command("zdr")
@click.argument("name", metavar="ORG")
@click.argument("switch", metavar="on|off", type=SWITCH)
@actor_option
@json_option
@store_options
@pass_shell
def zdr_command(shell: Shell, place: Place, name: str, switch: str, actor: str | None, as_json: bool) -> int:
    """Switch zero retention of ORG on or off, by somebody of the account team. What is held is tightened at once, and stays so."""
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.set_zdr(name, on=switch == "on", actor=actor, at=present(keeping))
    return finish(refused, ORG_SCHEMA, as_json, f"{clean(name)}: zero retention {switch} from now on.")


@org.command("program")
@click.argument("name", metavar="ORG")
@click.argument("switch", metavar="on|off", type=SWITCH)
@agent_option
@actor_option
@json_option
@store_options
@pass_shell
def program_command(shell: Shell, place: Place, name: str, switch: str, agent: str, actor: str | None, as_json: bool) -> int:
    """Enter ORG into the partner program, or take it out, by an admin or owner. Entering shows a question and needs a terminal.

    In the program, prompts, code and answers may train models: for commercial organisations that use the first party alone. A member's yes is
    refused, and on record as a member's.
    """
    if actor is None:
        raise click.UsageError("--as: expected an admin or owner of the organisation, got nobody")
    if switch == "on":
        with open_keeping(shell, place) as keeping, as_usage():
            keeping.accounts.known_org(name)
        with as_usage():
            answer = ask_and_answer(shell, place, agent, actor, PROGRAM, name)
        return finish(answer, ORG_SCHEMA, as_json, f"{clean(name)}: in the partner program from now on.")
    with open_keeping(shell, place) as keeping, as_usage():
        evidence = keeping.consents.unasked(agent, PROGRAM, TERMINAL)
        refused = keeping.accounts.set_program(name, on=False, agent=agent, actor=actor, evidence=evidence, at=present(keeping))
    return finish(refused, ORG_SCHEMA, as_json, f"{clean(name)}: not in the partner program from now on.")


@org.command("show")
@click.argument("name", metavar="ORG")
@at_option
@json_option
@store_options
@pass_shell
def show_command(shell: Shell, place: Place, name: str, at: str | None, as_json: bool) -> int:
    """Show what is in force for ORG, who belongs to it, and every change."""
    with open_keeping(shell, place) as keeping, as_usage():
        when = moment(at, keeping.at)
        registry = keeping.accounts.registry
        facts = registry.facts(ORG, keeping.accounts.known_org(name))
        found = [keeping.accounts.agreement(agent, None, name, when) for agent in agents_of(facts)]
        members = registry.members(name, when)
    if as_json:
        people = [{"subject": subject, "role": role} for subject, role in members.items()]
        changes = [plain_fact(fact) for fact in facts]
        agreements = [plain_agreement(each) for each in found]
        emit_json({"schema": ORG_SCHEMA, "org": name, "at": render_time(when), "agreements": agreements, "members": people, "changes": changes})
        return Exit.YES
    click.echo(clean(name))
    for each in found:
        click.echo(f"  {words(each)}")
    for subject, role in members.items():
        click.echo(f"  {role}: {clean(subject)}")
    return Exit.YES
