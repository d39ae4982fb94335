"""`tenure vault expire | erase | hold | release`: the end of what is held."""

from dataclasses import replace
from datetime import UTC, datetime, time

import click

from tenure.cli.audit.line import counted
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, record_name, store_options
from tenure.ports import Selection
from tenure.records.instants import parse_time, render_time
from tenure.services.disposition import Erased, Expired

EXPIRE_SCHEMA = "tenure.expire/1"
ERASE_SCHEMA = "tenure.erase/1"
HOLD_SCHEMA = "tenure.hold/1"
RELEASE_SCHEMA = "tenure.release/1"
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def parse_at(text: str | None) -> datetime | None:
    """Return an instant that was given as an option: a time with its offset, or a day."""
    if text is None:
        return None
    try:
        if len(text) == len("2026-12-01"):
            return datetime.combine(datetime.fromisoformat(text).date(), time(), UTC)
        return parse_time(text)
    except (ValueError, OverflowError) as error:
        raise click.UsageError(f"--at: expected a day such as 2026-12-01, or a time with its offset, got {text[:40]!r}") from error


@click.command("expire")
@click.option("--at", "until", metavar="TIME", help="Everything whose time is over by then; default now.")
@click.option("--apply", "is_applied", is_flag=True, help="Destroy it. Without this, only say what would go.")
@click.option("--yes", is_flag=True, help="With --apply and an --at ahead: destroy early, before its time.")
@click.option("--confirm-clock", is_flag=True, help="The clock is right, though it is far ahead of when this store was last used.")
@json_option
@store_options
@pass_shell
def expire_command(shell: Shell, place: Place, until: str | None, is_applied: bool, yes: bool, confirm_clock: bool, as_json: bool) -> int:
    """Destroy the keys of what is due, with a receipt in the ledger.

    What is due cannot be read from its instant on, whether or not this ran; every other command that opens the store does this first, unless the
    clock is far ahead of when the store was last used. Then nothing is destroyed until --confirm-clock says that it is right; on its own it destroys
    nothing yet and says what is due.
    """
    at = parse_at(until)
    with open_keeping(shell, place, settle=False) as keeping:
        is_early = at is not None and at > keeping.at
        if is_applied and is_early and not yes:
            raise click.UsageError("--at lies ahead: destroying before its time cannot be undone; give --yes too")
        if is_applied:
            done = keeping.disposition.expire(at if is_early else None, confirm=confirm_clock)
        else:
            if confirm_clock:
                keeping.disposition.confirm_clock()
            done = keeping.disposition.preview(at)
        is_in_doubt = keeping.time.is_in_doubt
    if as_json:
        emit_json(plain_expired(done, applied=is_applied))
        return Exit.YES
    _say_expired(done, applied=is_applied)
    if is_in_doubt:
        click.echo("tenure: the clock is far ahead of when this store was last used; if it is right: --confirm-clock", err=True)
    return Exit.YES


def plain_expired(done: Expired, *, applied: bool) -> dict[str, object]:
    """Return the plain form of an expiry."""
    return {
        "schema": EXPIRE_SCHEMA,
        "at": render_time(done.at),
        "applied": applied,
        "keys": done.keys,
        "records": done.records,
        "days": [day.isoformat() for day in done.days],
        "receipt": done.receipt,
    }


def _say_expired(done: Expired, *, applied: bool) -> None:
    out = printer()
    by = done.at.strftime("%Y-%m-%d %H:%M")
    out.print(f"{_amount(done)} destroyed: all that is due by {by} UTC" if applied else f"{_amount(done)} due by {by} UTC")
    if done.receipt is not None:
        out.print(f"receipt: entry {done.receipt} of the ledger")
    elif not applied and done.keys:
        out.print("nothing was destroyed: --apply does it")


def _amount(done: Expired | Erased) -> str:
    return f"{counted(done.keys, 'key')}, {counted(done.records, 'record')}"


@click.command("erase")
@click.argument("subject", required=False)
@click.option("--session", metavar="ID", help="Only what belongs to this session.")
@click.option("--org", metavar="ID", help="Everything of an organisation.")
@click.option("--record", metavar="RECORD", help="The bucket of one record: what was collected with it goes too.")
@click.option("--apply", "is_applied", is_flag=True, help="Erase it. Without this, only say what would go.")
@json_option
@store_options
@pass_shell
def erase_command(
    shell: Shell, place: Place, subject: str | None, session: str | None, org: str | None, record: str | None, is_applied: bool, as_json: bool
) -> int:
    """Erase all that is held of a person, and what was derived from it, at once and for good.

    Their account goes with it. What a legal hold keeps opens for nothing from now on, and goes with the hold.
    """
    selection = select(subject, session, org, record)
    with open_keeping(shell, place) as keeping:
        if subject is not None:  # an account that was merged is part of the other one
            subject = keeping.accounts.resolve(subject, keeping.at)
            selection = replace(selection, subjects=[subject])
        whole = subject if session is None and org is None and record is None else None
        is_known = whole is not None and keeping.accounts.knows(whole)
        if is_applied:
            done = keeping.disposition.erase(selection, "request", subject=whole, org=org if subject is session is record is None else None)
        else:
            chosen = keeping.disposition.chosen(selection)
            done = Erased(len(chosen), sum(bucket.records for bucket in chosen))
    if as_json:
        emit_json(plain_erased(done, applied=is_applied))
        return Exit.YES
    out = printer()
    account = "" if whole is None else ", and the account" if is_known else "; nobody is known by that id"
    out.print(f"{_amount(done)}{account} {'erased' if is_applied else 'would be erased'}" if is_known or done.keys else f"{_amount(done)}{account}")
    if done.kept:
        out.print(f"of these, {done.kept} under a legal hold: kept until it is released, and opening for nothing")
    if done.receipt is not None:
        out.print(f"receipt: entry {done.receipt} of the ledger")
    elif not is_applied and (done.keys or is_known):
        out.print("nothing was destroyed: --apply does it")
    return Exit.YES


def select(subject: str | None, session: str | None, org: str | None, record: str | None) -> Selection:
    """Return the buckets that options name."""
    if not any((subject, session, org, record)):
        raise click.UsageError("expected what: a SUBJECT, --session, --org or --record")
    return Selection(
        subjects=None if subject is None else [subject],
        sessions=None if session is None else [session],
        orgs=None if org is None else [org],
        keys=None if record is None else [record_name(record).key],
    )


def plain_erased(done: Erased, *, applied: bool) -> dict[str, object]:
    """Return the plain form of an erasure."""
    return {
        "schema": ERASE_SCHEMA,
        "applied": applied,
        "keys": done.keys,
        "records": done.records,
        "kept": done.kept,
        "receipt": done.receipt,
    }


@click.command("hold")
@click.argument("name")
@click.option("--kind", type=click.Choice(["legal", "safety"]), required=True, help="What may read it once its time is over.")
@click.option("--subject", metavar="ID", help="What is held of a person.")
@click.option("--session", metavar="ID", help="What belongs to a session.")
@click.option("--org", metavar="ID", help="What is held of an organisation.")
@click.option("--record", metavar="RECORD", help="The bucket of one record.")
@json_option
@store_options
@pass_shell
def hold_command(
    shell: Shell, place: Place, name: str, kind: str, subject: str | None, session: str | None, org: str | None, record: str | None, as_json: bool
) -> int:
    """Keep what is held from being destroyed, until the hold is released. The same name extends a hold.

    Once its time is over, what is under a legal hold opens for nothing, and what is under a safety hold opens for safety alone.
    """
    if not 0 < len(name) <= 100 or not name.isprintable():
        raise click.UsageError("NAME: expected 1 to 100 printable characters")
    selection = select(subject, session, org, record)
    with open_keeping(shell, place) as keeping:
        if subject is not None:
            selection = replace(selection, subjects=[keeping.accounts.resolve(subject, keeping.at)])
        keys = keeping.disposition.hold(name, selection, kind)
    if as_json:
        emit_json({"schema": HOLD_SCHEMA, "hold": name, "kind": kind, "keys": keys})
    else:
        printer().print(f"hold {clean(name)} ({kind}): {counted(keys, 'key')}" if keys else "nothing is held that this names: no hold was made")
    return Exit.YES if keys else Exit.NO


@click.command("release")
@click.argument("name")
@json_option
@store_options
@pass_shell
def release_command(shell: Shell, place: Place, name: str, as_json: bool) -> int:
    """Release a hold. What it alone kept is destroyed at once."""
    with open_keeping(shell, place) as keeping:
        done = keeping.disposition.release(name)
    if as_json:
        emit_json({**plain_erased(done, applied=True), "schema": RELEASE_SCHEMA, "hold": name})
    else:
        printer().print(f"hold {clean(name)} released; {_amount(done)} went with it")
    return Exit.YES
