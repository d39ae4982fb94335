"""`tenure keys`: tokens of clients, minted, rotated and revoked. Only their hashes are kept."""

from datetime import timedelta

import click
from rich.table import Table

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, store_options
from tenure.records.instants import render_time
from tenure.services.tokens import LONGEST, Scope, Token, Tokens

SCHEMA = "tenure.keys/1"
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("keys")
def keys() -> None:
    """Tokens of clients. A running `tenure serve` holds the store: stop it to change them here."""


@keys.command("mint")
@click.argument("scope", type=click.Choice([str(scope) for scope in Scope]))
@click.option("--subject", metavar="ID", help="Whose it is; for ingest, consent and rights.")
@click.option("--org", metavar="ID", help="Under which organisation.")
@click.option("--agent", default="claude_code", show_default=True, help="About which agent.")
@click.option("--tier", help="Of a survey token without an organisation.")
@click.option("--provider", help="Of a survey token without an organisation.")
@click.option("--days", type=click.IntRange(1, LONGEST.days), default=90, show_default=True, help="For how long it is good.")
@json_option
@store_options
@pass_shell
def mint_command(
    shell: Shell,
    place: Place,
    scope: str,
    subject: str | None,
    org: str | None,
    agent: str,
    tier: str | None,
    provider: str | None,
    days: int,
    as_json: bool,
) -> int:
    """Make a token and print it, this once."""
    shell.book.table(agent)
    with open_keeping(shell, place, may_make=True) as keeping:
        tokens = Tokens(keeping.store, keeping.time)
        text, token = tokens.mint(Scope(scope), agent, subject=subject, org=org, tier=tier, provider=provider, lasts=timedelta(days=days))
    return _show(text, token, as_json)


@keys.command("list")
@json_option
@store_options
@pass_shell
def list_command(shell: Shell, place: Place, as_json: bool) -> int:
    """List the tokens, without themselves."""
    with open_keeping(shell, place) as keeping:
        found, at = Tokens(keeping.store, keeping.time).all(), keeping.at
    if as_json:
        emit_json({"schema": SCHEMA, "tokens": [{**_plain(token), "good": token.is_good(at)} for token in found]})
        return Exit.YES
    out = printer()
    if not found:
        out.print("There is no token. tenure keys mint SCOPE makes one.")
        return Exit.YES
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("ID", "SCOPE", "WHOSE", "UNTIL", "STATE"):
        table.add_column(title)
    for token in found:
        state = "revoked" if token.is_revoked else "good" if token.is_good(at) else "over"
        table.add_row(token.id, str(token.scope), clean(token.subject or token.org or "-"), f"{token.until:%Y-%m-%d}", state)
    out.print(table)
    return Exit.YES


@keys.command("rotate")
@click.argument("token_id", metavar="ID")
@json_option
@store_options
@pass_shell
def rotate_command(shell: Shell, place: Place, token_id: str, as_json: bool) -> int:
    """Make a token like the one of that ID, print it, and revoke that one."""
    with open_keeping(shell, place) as keeping:
        text, token = Tokens(keeping.store, keeping.time).rotate(token_id)
    return _show(text, token, as_json)


@keys.command("revoke")
@click.argument("token_id", metavar="ID")
@json_option
@store_options
@pass_shell
def revoke_command(shell: Shell, place: Place, token_id: str, as_json: bool) -> int:
    """Take a token back, for good."""
    with open_keeping(shell, place) as keeping:
        token = Tokens(keeping.store, keeping.time).revoke(token_id)
    if as_json:
        emit_json({"schema": SCHEMA, **_plain(token)})
    else:
        printer().print(f"token {token.id} ({token.scope}) is revoked")
    return Exit.YES


def _show(text: str, token: Token, as_json: bool) -> int:
    if as_json:
        emit_json({"schema": SCHEMA, "token": text, **_plain(token)})
    else:
        click.echo(text)
        click.echo(f"id {token.id}, scope {token.scope}, until {token.until:%Y-%m-%d}; it is not shown again", err=True)
    return Exit.YES


def _plain(token: Token) -> dict[str, object]:
    return {
        "id": token.id,
        "scope": str(token.scope),
        "agent": token.agent,
        "subject": token.subject,
        "org": token.org,
        "made_at": render_time(token.made_at),
        "until": render_time(token.until),
        "revoked": token.is_revoked,
    }
