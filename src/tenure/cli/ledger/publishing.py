"""`tenure ledger checkpoint | export`."""

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.ledger.folder import read_text, write_under
from tenure.cli.ledger.opening import open_log
from tenure.cli.store import Place, store_options
from tenure.ports import Store
from tenure.services.proving import CHECKPOINT, export, published_size, signed_checkpoint


@click.command("checkpoint")
@click.option("--publish", metavar="DIR", help="Write the log as tiles into DIR too, for others to read; full tiles are written once.")
@store_options
@pass_shell
def checkpoint_command(shell: Shell, place: Place, publish: str | None) -> int:
    """Print a signed checkpoint of the log: its size and root, as a note that witnesses can read.

    With --publish, a DIR whose checkpoint this log does not extend is refused and left as it is.
    """
    with open_log(shell, place) as store:
        if publish is not None:
            write_under(publish, export(store, since=_since(store, publish)))
        click.echo(signed_checkpoint(store), nl=False)
    return Exit.YES


@click.command("export")
@click.argument("folder", metavar="DIR")
@store_options
@pass_shell
def export_command(shell: Shell, place: Place, folder: str) -> int:
    """Write the whole log into DIR: tiles, entries, checkpoint, the key that signed it, and the program that checks them.

    A DIR whose checkpoint this log does not extend is refused and left as it is.
    """
    with open_log(shell, place) as store:
        _since(store, folder)
        count = write_under(folder, export(store, program=wiring.verifier_program()))
        click.echo(f"{folder}: {count} files of a log of {store.ledger.size} entries", err=True)
    return Exit.YES


def _since(store: Store, folder: str) -> int:
    note = read_text(folder, CHECKPOINT)
    return 0 if note is None else published_size(store, note)
