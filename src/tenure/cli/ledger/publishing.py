"""`tenure ledger checkpoint | export`."""

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.ledger.folder import read_text, write_under
from tenure.cli.ledger.opening import open_log
from tenure.cli.output import emit_json
from tenure.cli.store import Place, store_options
from tenure.ports import Store
from tenure.services.proving import CHECKPOINT, export, published_size, signed_checkpoint

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("checkpoint")
@click.option("--publish", metavar="DIR", help="Write the log as tiles into DIR too, for others to read; full tiles are written once.")
@json_option
@store_options
@pass_shell
def checkpoint_command(shell: Shell, place: Place, publish: str | None, as_json: bool) -> int:
    """Print a signed checkpoint of the log: its size and root, as a note that witnesses can read.

    With --publish, a DIR whose checkpoint this log does not extend is refused and left as it is.
    """
    with open_log(shell, place) as store:
        if publish is not None:
            write_under(publish, export(store, since=_since(store, publish)))
        note, size = signed_checkpoint(store), store.ledger.size
    if as_json:
        emit_json({"schema": "tenure.checkpoint/1", "size": size, "checkpoint": note, "published": publish})
    else:
        click.echo(note, nl=False)
    return Exit.YES


@click.command("export")
@click.argument("folder", metavar="DIR")
@json_option
@store_options
@pass_shell
def export_command(shell: Shell, place: Place, folder: str, as_json: bool) -> int:
    """Write the whole log into DIR: tiles, entries, checkpoint, the key that signed it, and the program that checks them.

    A DIR whose checkpoint this log does not extend is refused and left as it is.
    """
    with open_log(shell, place) as store:
        _since(store, folder)
        count = write_under(folder, export(store, program=wiring.verifier_program()))
        size = store.ledger.size
    if as_json:
        emit_json({"schema": "tenure.ledger-export/1", "folder": folder, "files": count, "size": size})
    else:
        click.echo(f"{folder}: {count} files of a log of {size} entries", err=True)
    return Exit.YES


def _since(store: Store, folder: str) -> int:
    note = read_text(folder, CHECKPOINT)
    return 0 if note is None else published_size(store, note)
