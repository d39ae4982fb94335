"""`tenure account`: the accounts of persons."""

import click

from tenure.cli.accounts.plain import (
    ACCOUNT_SCHEMA,
    actor_option,
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
from tenure.errors import DataError
from tenure.records.facts import ACCOUNT
from tenure.records.instants import render_time


@click.group("account")
def account() -> None:
    """Make accounts of persons, change their tier, merge them, leave organisations.

    Every change is kept with the time since when it holds; what was in force before stays on record. Somebody who is known to the store by the
    cases of their data alone has an attested account: what those cases say.

    \b
    tenure account create ann --tier pro
    tenure account tier ann --tier max
    tenure account merge ann ann.b
    tenure account show ann --json
    """  # noqa: D301 - the character that keeps click from filling the lines


@account.command("create")
@click.argument("subject")
@terms_options
@actor_option
@json_option
@store_options
@pass_shell
def create_command(shell: Shell, place: Place, subject: str, agent: str, tier: str, provider: str, actor: str | None, as_json: bool) -> int:
    """Make an account for SUBJECT, with no flag and no consent. An attested account becomes a proper one."""
    tier, provider = checked_terms(shell, agent, tier, provider)
    with open_keeping(shell, place, may_make=True) as keeping, as_usage():
        refused = keeping.accounts.create_account(subject, agent=agent, tier=tier, provider=provider, actor=actor, at=present(keeping))
    return finish(refused, ACCOUNT_SCHEMA, as_json, f"{clean(subject)}: made, {tier} over {provider}.")


@account.command("tier")
@click.argument("subject")
@terms_options
@actor_option
@json_option
@store_options
@pass_shell
def tier_command(shell: Shell, place: Place, subject: str, agent: str, tier: str, provider: str, actor: str | None, as_json: bool) -> int:
    """Change the tier and provider of SUBJECT. What is held is tightened where the other terms are stricter, and never widened."""
    tier, provider = checked_terms(shell, agent, tier, provider)
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.set_tier(subject, agent=agent, tier=tier, provider=provider, actor=actor, at=present(keeping))
    return finish(refused, ACCOUNT_SCHEMA, as_json, f"{clean(subject)}: {tier} over {provider} from now on.")


@account.command("merge")
@click.argument("source")
@click.argument("target")
@actor_option
@json_option
@store_options
@pass_shell
def merge_command(shell: Shell, place: Place, source: str, target: str, actor: str | None, as_json: bool) -> int:
    """Make the account SOURCE part of TARGET. What is held of SOURCE stays under its terms, or stricter ones; its memberships end."""
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.merge(source, target, actor=actor, at=present(keeping))
    return finish(refused, ACCOUNT_SCHEMA, as_json, f"{clean(source)}: part of {clean(target)} from now on.")


@account.command("leave")
@click.argument("subject")
@click.argument("name", metavar="ORG")
@click.option("--as", "actor", metavar="ACTOR", help="Who acts, by their id: an owner or admin. Default: the person.")
@json_option
@store_options
@pass_shell
def leave_command(shell: Shell, place: Place, subject: str, name: str, actor: str | None, as_json: bool) -> int:
    """Have SUBJECT leave ORG. The last owner cannot."""
    with open_keeping(shell, place) as keeping, as_usage():
        refused = keeping.accounts.leave(subject, name, actor=actor, at=present(keeping))
    return finish(refused, ACCOUNT_SCHEMA, as_json, f"{clean(subject)}: no member of {clean(name)} from now on.")


@account.command("show")
@click.argument("subject")
@at_option
@json_option
@store_options
@pass_shell
def show_command(shell: Shell, place: Place, subject: str, at: str | None, as_json: bool) -> int:
    """Show what is in force for SUBJECT, in which organisations they are, and every change."""
    with open_keeping(shell, place) as keeping, as_usage():
        accounts = keeping.accounts
        if not accounts.knows(subject):
            raise DataError("subject: expected the id of an account, got one that is none", code="account/unknown", remedy="tenure account create")
        when = moment(at, keeping.at)
        facts = accounts.registry.facts(ACCOUNT, subject)
        into = accounts.resolve(subject, when)
        agents = agents_of(facts + accounts.registry.facts(ACCOUNT, into))
        found = [accounts.agreement(agent, subject, None, when) for agent in agents]
        roles = accounts.registry.organisations(subject, when)
    if as_json:
        known = {"subject": subject, "merged_into": None if into == subject else into, "at": render_time(when)}
        orgs = [{"org": name, "role": role} for name, role in roles.items()]
        agreements = [plain_agreement(each) for each in found]
        emit_json({"schema": ACCOUNT_SCHEMA, **known, "agreements": agreements, "orgs": orgs, "changes": [plain_fact(fact) for fact in facts]})
        return Exit.YES
    click.echo(clean(subject if into == subject else f"{subject}: part of {into}"))
    for each in found:
        click.echo(f"  {words(each)}")
    for name, role in roles.items():
        click.echo(f"  {role} of {clean(name)}")
    return Exit.YES
