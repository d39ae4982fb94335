"""`tenure ledger verify`."""

import sys

import click
from rich.progress import Progress

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.ledger.opening import open_log
from tenure.cli.output import clean, emit_json, printer
from tenure.cli.store import Place, store_options
from tenure.cli.terms.plain import json_option
from tenure.errors import IntegrityError
from tenure.ports import Store
from tenure.services.verifying import Verified, verify


@click.command("verify")
@store_options
@json_option
@pass_shell
def verify_command(shell: Shell, place: Place, as_json: bool) -> int:
    """Compute the whole log anew and compare it with what is stored, what was seen of it before, and the keys that are there.

    Exits 0 where everything holds, 10 where something does not, 1 where the store cannot be read. Nothing is changed.
    """
    found, problems = _checked(shell, place)
    if as_json:
        size, root = (None, None) if found is None else (found.size, found.root.hex())
        emit_json({"schema": "tenure.ledger/1", "ok": not problems, "size": size, "root": root, "problems": problems})
    else:
        _print(found, problems)
    return Exit.NO if problems else Exit.YES


def _checked(shell: Shell, place: Place) -> tuple[Verified | None, list[str]]:
    """Return the outcome and its problems; a log that is refused when it is opened, because it is cut or an older copy, has no other outcome."""
    try:
        with open_log(shell, place) as store:
            found = _verified(store)
            return found, list(found.problems)
    except IntegrityError as error:
        if not error.code.startswith("ledger/"):
            raise
        return None, [error.message]


def _verified(store: Store) -> Verified:
    with Progress(console=printer(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("entries")
        return verify(store, progress=lambda done, total: bar.update(task, completed=done, total=total))


def _print(found: Verified | None, problems: list[str]) -> None:
    for problem in problems:
        click.echo(clean(problem))
    if found is not None:
        click.echo(f"{found.size} entries, root {found.root.hex()}")
    click.echo("the ledger holds" if not problems else "the ledger does not hold")
