"""`tenure vault status | why`: what is held, and what became of a record."""

import click
from rich.table import Table

from tenure.cli.audit.line import counted
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, open_keeping, plain_because, record_name, store_options
from tenure.errors import VaultError
from tenure.records.instants import render_time
from tenure.services.holdings import Amount, Status, Story, nothing_held

STATUS_SCHEMA = "tenure.vault/1"
WHY_SCHEMA = "tenure.why/1"
_SHOWN_DAYS = 14
_UNITS = ("B", "kB", "MB", "GB", "TB")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("status")
@json_option
@store_options
@pass_shell
def status_command(shell: Shell, place: Place, as_json: bool) -> int:
    """Show what is held by kind and terms, and what goes when."""
    try:
        with open_keeping(shell, place) as keeping:
            status, size = keeping.holdings.status(), keeping.store.ledger.size
    except VaultError as error:
        if error.code != "vault/none" or place.store is not None:
            raise
        status, size = nothing_held(shell.clock.now()), 0  # where no store was named, having none is no mistake
    if as_json:
        emit_json(plain_status(status))
    else:
        _show_status(status, size, place.folder)
    return Exit.YES


def plain_status(status: Status) -> dict[str, object]:
    """Return the plain form of what is held, `tenure.vault/1`."""
    segments, dead = status.residue
    return {
        "schema": STATUS_SCHEMA,
        "at": render_time(status.at),
        "held": {
            **_amount(status.held),
            "by_kind": {str(kind): _amount(amount) for kind, amount in status.by_kind.items()},
            "by_terms": {length: _amount(amount) for length, amount in status.by_terms.items()},
        },
        "on_hold": _amount(status.on_hold),
        "holds": dict(status.holds),
        "residue": {"segments": segments, "bytes": dead},
        "calendar": [{"day": None if day is None else day.isoformat(), "records": records} for day, records in status.calendar.items()],
        "clock_in_doubt": status.is_in_doubt,
    }


def _amount(amount: Amount) -> dict[str, int]:
    return {"records": amount.records, "bytes": amount.size}


def _show_status(status: Status, entries: int, folder: str) -> None:
    out = printer()
    held = status.held
    out.print(f"Held under terms   {counted(held.records, 'record')}, {in_units(held.size)}   {status.at:%Y-%m-%d %H:%M} UTC")
    out.print(f"in {clean(folder)}; ledger of {'1 entry' if entries == 1 else f'{entries} entries'}")
    if not held.records and not status.on_hold.records:
        out.print("\nNothing is held. tenure vault put --case FILE < BYTES holds something.")
    if held.records:
        out.print(_amounts("KIND", {str(kind): amount for kind, amount in status.by_kind.items()}))
        out.print(_amounts("KEPT FOR", status.by_terms))
        out.print(_calendar(status))
    if status.holds:
        names = ", ".join(f"{clean(name)} ({kind})" for name, kind in status.holds.items())
        out.print(f"\nholds: {names}; kept by holds alone: {counted(status.on_hold.records, 'record')}")
    segments, dead = status.residue
    if segments:
        out.print(f"\n{in_units(dead)} in {segments} segments can no longer be opened and go with their day")
    if status.is_in_doubt:
        out.print("\nThe clock is far ahead of when this store was last used: nothing is destroyed until")
        out.print("tenure vault expire --confirm-clock says that it is right.")


def _amounts(title: str, amounts: dict[str, Amount] | object) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(f"\n{title}", min_width=22)
    table.add_column("\nRECORDS", justify="right")
    table.add_column("\nBYTES", justify="right")
    for name, amount in amounts.items() if isinstance(amounts, dict) else ():
        table.add_row(name, f"{amount.records}", in_units(amount.size))
    return table


def _calendar(status: Status) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("\nGOES ON", min_width=22)
    table.add_column("\nRECORDS", justify="right")
    table.add_column("\n")
    most = max(status.calendar.values(), default=1)
    for day, records in list(status.calendar.items())[:_SHOWN_DAYS]:
        table.add_row("never: no limit stated" if day is None else day.isoformat(), f"{records}", "█" * max(1, records * 30 // max(most, 1)))
    if len(status.calendar) > _SHOWN_DAYS:
        later = list(status.calendar.values())[_SHOWN_DAYS:]
        table.add_row(f"{len(later)} later days", f"{sum(later)}", "")
    return table


def in_units(size: int) -> str:
    """Return a number of bytes in a unit that fits."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{size} B" if not unit else f"{value:.1f} {_UNITS[unit]}"


@click.command("why")
@click.argument("record")
@json_option
@store_options
@pass_shell
def why_command(shell: Shell, place: Place, record: str, as_json: bool) -> int:
    """Say under which terms a record is held, or what became of it. Exits 10 when nothing can read it any more."""
    name = record_name(record)
    with open_keeping(shell, place) as keeping:
        story = keeping.holdings.story(name.key)
        now = keeping.at
    if as_json:
        emit_json({"record": record, "at": render_time(now), **plain_story(story)})
    else:
        _show_story(record, story)
    return Exit.YES if story.can_open else Exit.NO


def plain_story(story: Story) -> dict[str, object]:
    """Return the plain form of what became of a record."""
    bucket = story.bucket
    decided = {
        str(purpose): {"verdict": str(decision.verdict), "because": plain_because(decision.because)} for purpose, decision in story.decisions.items()
    }
    ends = None if bucket is None or bucket.expires_at is None else render_time(bucket.expires_at)
    return {
        "schema": WHY_SCHEMA,
        "can_open": story.can_open,
        "kind": None if bucket is None else str(bucket.kind),
        "expires_at": ends,
        "holds": [] if bucket is None else list(bucket.holds),
        "decisions": decided,
        "events": [{"entry": event.index, "at": event.at, "type": event.kind, "detail": event.detail} for event in story.events],
    }


def _show_story(record: str, story: Story) -> None:
    out = printer()
    bucket = story.bucket
    if bucket is None:
        out.print(f"{record}: nothing can open it" if story.events else f"{record}: no ledger entry names it: it was never held here")
    else:
        until = "without limit" if bucket.expires_at is None else f"until {bucket.expires_at:%Y-%m-%d}"
        holds = f"; holds: {', '.join(clean(name) for name in bucket.holds)}" if bucket.holds else ""
        out.print(f"{record}: {bucket.kind}, {until}{holds}" if story.can_open else f"{record}: {bucket.kind}, its time is over{holds}")
        table = Table(box=None, pad_edge=False, header_style="bold")
        for title in ("\nPURPOSE", "\nVERDICT", "\nBECAUSE"):
            table.add_column(title)
        for purpose, decision in story.decisions.items():
            table.add_row(str(purpose), str(decision.verdict), ", ".join(part.clause for part in decision.because[:2]))
        out.print(table)
    if story.events:
        out.print("\nIn the ledger")
    for event in story.events:
        out.print(f"  {event.index:>6}  {event.at[:16]}  {event.kind}  {event.detail}")
