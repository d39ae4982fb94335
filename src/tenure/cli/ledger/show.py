"""`tenure ledger show`."""

from collections.abc import Iterator

import click
import msgspec

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.ledger.opening import open_log
from tenure.cli.ledger.words import words
from tenure.cli.store import Place, store_options
from tenure.cli.terms.plain import json_option
from tenure.errors import IntegrityError
from tenure.ledger.entries import parse_entry
from tenure.ports import Store
from tenure.records.canonical import Plain


@click.command("show")
@click.option("--last", type=click.IntRange(1), metavar="N", help="Only the last N entries.")
@store_options
@json_option
@pass_shell
def show_command(shell: Shell, place: Place, last: int | None, as_json: bool) -> int:
    """Show the entries of the log in order: what was done, never whose or what it was."""
    with open_log(shell, place) as store:
        start = 0 if last is None else max(0, store.ledger.size - last)
        rows = _entries(store, start)
        if as_json:
            _print_json(store.ledger.size, rows)
        else:
            for index, entry in rows:
                click.echo(words(index, entry))
    return Exit.YES


def _entries(store: Store, start: int) -> Iterator[tuple[int, dict[str, Plain] | None]]:
    for index, content in enumerate(store.ledger.entries(start), start):
        try:
            yield index, parse_entry(content)
        except IntegrityError:
            yield index, None


def _print_json(size: int, rows: Iterator[tuple[int, dict[str, Plain] | None]]) -> None:
    """Print one entry a line as they come: a log may be longer than memory."""
    encoder = msgspec.json.Encoder()
    click.echo(f'{{"schema": "tenure.ledger-entries/1", "size": {size}, "entries": [', nl=False)
    for position, (index, entry) in enumerate(rows):
        click.echo((",\n " if position else "\n ") + encoder.encode({"index": index, "entry": entry}).decode(), nl=False)
    click.echo("\n]}")
