"""`tenure terms price`: what a request costs by the dated prices, with the discount that an enrolment brings."""

from datetime import UTC, datetime, time
from decimal import Decimal

import click

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json
from tenure.cli.terms.plain import json_option
from tenure.errors import TermsError
from tenure.records.instants import parse_time, render_time
from tenure.terms.price import TOKEN_KINDS, Terms, Usage, amount, list_price


@click.command("price")
@click.argument("agent")
@click.argument("model", required=False)
@click.option("--at", help="When it was asked, such as 2026-10-08 or 2026-10-08T12:00:00Z; default now.")
@click.option("--input", "input_tokens", type=click.IntRange(0), default=0, help="Tokens read as new input.")
@click.option("--write-5m", type=click.IntRange(0), default=0, help="Tokens written to the cache for 5 minutes.")
@click.option("--write-1h", type=click.IntRange(0), default=0, help="Tokens written to the cache for 1 hour.")
@click.option("--read", type=click.IntRange(0), default=0, help="Tokens read from the cache.")
@click.option("--output", "output_tokens", type=click.IntRange(0), default=0, help="Tokens answered.")
@click.option("--mode", "modes", multiple=True, metavar="MODE", help="How it was asked: batch, fast, us_inference; may be given again.")
@click.option("--flag", "flags", multiple=True, metavar="FLAG", help="A flag of the agreement, such as dpp.")
@click.option("--fact", "facts", multiple=True, metavar="KEY=VALUE", help="Such as provider=first_party or attribute.auth=oauth.")
@json_option
@pass_shell
def price_command(
    shell: Shell,
    agent: str,
    model: str | None,
    at: str | None,
    input_tokens: int,
    write_5m: int,
    write_1h: int,
    read: int,
    output_tokens: int,
    modes: tuple[str, ...],
    flags: tuple[str, ...],
    facts: tuple[str, ...],
    as_json: bool,
) -> int:
    """Say what a request to MODEL costs in US dollars, or list the models of AGENT.

    Exits 11 where no row of the terms states a price: an unknown model, a date before its first row.
    """
    tariff = shell.book.table(agent).pack.tariff
    if model is None:
        return _list_models(shell, agent, as_json)
    usage = Usage(input=input_tokens, write_5m=write_5m, write_1h=write_1h, read=read, output=output_tokens)
    moment = shell.clock.now() if at is None else _moment(at)
    terms = Terms(modes=frozenset(modes), flags=frozenset(flags), facts=dict(_fact(fact) for fact in facts))
    cost = amount(tariff.prices, tariff.discounts, usage, model=model, at=moment, surcharges=tariff.surcharges, terms=terms)
    row = list_price(tariff.prices, model=model, at=moment, prompt=usage.prompt)
    if as_json:
        source = None if row is None else row.source
        emit_json({"schema": "tenure.price/1", "model": model, "at": render_time(moment), "usd": _plain(cost), "source": source})
    elif cost is None:
        click.echo(f"{model}: no row of the terms states a price for that day and way of asking", err=True)
    else:
        click.echo(f"{_plain(cost)} USD   by {row.source if row else 'an unstated row'}")
    return Exit.GAP if cost is None else Exit.YES


def _list_models(shell: Shell, agent: str, as_json: bool) -> int:
    prices = shell.book.table(agent).pack.tariff.prices
    rows = [
        {"model": price.model, "from": price.span.since.date().isoformat(), "prompt_over": price.prompt_over}
        | {kind: str(price.rates[kind]) for kind in TOKEN_KINDS if kind in price.rates}
        for price in prices
    ]
    if as_json:
        emit_json({"schema": "tenure.prices/1", "agent": agent, "prices": rows})
    else:
        for row in rows:
            click.echo("  ".join(f"{key} {value}" for key, value in row.items() if value))
    return Exit.YES


def _plain(cost: Decimal | None) -> str | None:
    return None if cost is None else f"{cost.normalize():f}"


def _moment(text: str) -> datetime:
    try:
        if "T" in text:
            return parse_time(text)
        return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
    except ValueError as error:
        raise click.UsageError(f"--at: expected a day or an instant with its offset, got {text[:40]!r}") from error


def _fact(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator:
        raise TermsError(f"--fact: expected KEY=VALUE, got {text[:40]!r}", code="terms/bad-fact")
    return key, value
