"""Accounts and organisations in the forms that commands print, and the options that the commands share."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta

import click

from tenure.cli.context import Shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.errors import DataError
from tenure.records.agreement import Agreement, Refused
from tenure.records.case import Consent
from tenure.records.facts import Fact
from tenure.records.instants import parse_time, render_time
from tenure.services.keeping import Keeping

ACCOUNT_SCHEMA = "tenure.account/1"
ORG_SCHEMA = "tenure.org/1"
PRIVACY_SCHEMA = "tenure.privacy/1"
SWITCH = click.Choice(["on", "off"])

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
actor_option = click.option("--as", "actor", metavar="ACTOR", help="Who acts, by their id. Default: the operator, who has no name.")
agent_option = click.option("--agent", default="claude_code", show_default=True, help="About which agent; `tenure terms show` lists them.")
at_option = click.option("--at", metavar="DAY", help="As it was at the end of a day such as 2026-07-02, or at an instant. Default: now.")


def present(keeping: Keeping) -> datetime:
    """Return the present for a change, which is durable as the highest instant from then on.

    Raises:
        VaultError: the clock is in doubt.
    """
    with keeping.store.transaction():
        return keeping.time.keep()


def terms_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add `--agent`, `--tier` and `--provider`."""
    provider = click.option("--provider", default="first_party", show_default=True, help="Over which provider; `tenure terms show AGENT --json`.")
    tier = click.option("--tier", required=True, help="Which tier; `tenure terms show AGENT --json` lists those of an agent.")
    return agent_option(tier(provider(command)))


@contextlib.contextmanager
def as_usage() -> Iterator[None]:
    """Let a value that is none of the possible ones exit 2."""
    try:
        yield
    except DataError as error:
        raise click.UsageError(str(error)) from error


def checked_terms(shell: Shell, agent: str, tier: str, provider: str) -> tuple[str, str]:
    """Return a tier and a provider as the terms of an agent spell them.

    Raises:
        TermsError: there is no such agent.
        UsageError: it has no such tier or provider.
    """
    vocabulary = shell.book.table(agent).pack.vocabulary
    found = []
    for name, word in (("tier", tier), ("provider", provider)):
        meant = vocabulary.spellings.get(name, {}).get(word, word)
        known = vocabulary.lists.get(name, ())
        if meant not in known:
            raise click.UsageError(f"--{name}: expected one of {', '.join(known)}; got {clean(word[:40])!r}")
        found.append(meant)
    return found[0], found[1]


def moment(at: str | None, now: datetime) -> datetime:
    """Return the instant that is asked about: the end of a day, or an instant with its offset.

    Raises:
        UsageError: it is neither.
    """
    if at is None:
        return now
    try:
        return min(datetime.combine(datetime.strptime(at, "%Y-%m-%d").date(), time(), UTC) + timedelta(days=1), now)  # noqa: DTZ007 - a day
    except ValueError:
        pass
    try:
        return parse_time(at)
    except ValueError as error:
        raise click.UsageError(f"--at: expected a day such as 2026-07-02, or an instant with its offset; got {clean(at[:40])!r}") from error


def finish(refused: Refused | None, schema: str, as_json: bool, done: str) -> int:
    """Say what became of a change, and return the exit code."""
    if as_json:
        emit_json({"schema": schema, **plain_verdict(refused)})
    elif refused is None:
        click.echo(done)
    if refused is not None:
        click.echo(f"tenure: refused: {refused.reason} ({', '.join(refused.clauses)})", err=True)
        if refused.remedy:
            click.echo(f"  {refused.remedy}", err=True)
    return Exit.YES if refused is None else Exit.NO


def plain_verdict(refused: Refused | None) -> dict[str, object]:
    """Return whether a change was made, and why not."""
    if refused is None:
        return {"verdict": "permit", "because": [], "reason": "", "remedy": ""}
    return {"verdict": "deny", "because": list(refused.clauses), "reason": refused.reason, "remedy": refused.remedy}


def plain_agreement(found: Agreement) -> dict[str, object]:
    """Return what is in force about one agent; null = not known."""
    return {
        "agent": found.agent,
        "subject": found.subject,
        "org": found.org,
        "tier": found.tier,
        "provider": found.provider,
        "flags": None if found.flags is None else sorted(found.flags),
        "consents": None if found.consents is None else [plain_answer(each) for each in found.consents],
        "start": None if found.start is None else render_time(found.start),
        "end": None if found.end is None else render_time(found.end),
    }


def plain_answer(consent: Consent) -> dict[str, object]:
    """Return an answer; the names are those of a case."""
    return {
        "name": consent.name,
        "value": consent.value,
        "at": None if consent.at is None else render_time(consent.at),
        "by": consent.by,
        "text_sha256": consent.text_sha256,
        "default_shown": consent.default_shown,
    }


def plain_fact(fact: Fact) -> dict[str, object]:
    """Return a fact: what changed, since when, recorded when, in which role."""
    return {
        "event": fact.event,
        "at": render_time(fact.at),
        "recorded_at": render_time(fact.recorded_at),
        "agent": fact.agent,
        "by": fact.by,
        "values": {name: value for name, value in fact.values.items() if name != "others"},
    }


def agents_of(facts: tuple[Fact, ...]) -> list[str]:
    """Return the agents that facts are about."""
    return sorted({fact.agent for fact in facts if fact.agent is not None})


def words(found: Agreement) -> str:
    """Return what is in force in one line."""
    flags = "flags not known" if found.flags is None else ", ".join(sorted(found.flags)) or "no flags"
    since = "" if found.start is None else f", since {found.start:%Y-%m-%d %H:%M}Z"
    return clean(f"{found.agent}: {found.tier or 'tier not known'} over {found.provider or 'a provider not known'}, {flags}{since}")
