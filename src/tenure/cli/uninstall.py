"""`tenure uninstall`: leave nothing. A dry run unless `--apply` is given."""

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.hook import settings_path, shown
from tenure.cli.output import clean, emit_json
from tenure.services.uninstall import carry_out, plan


@click.command("uninstall")
@click.option("--apply", "is_applied", is_flag=True, help="Remove it. Without it only the list is shown.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@pass_shell
def uninstall(shell: Shell, is_applied: bool, as_json: bool) -> int:
    """Remove the hook and all that Tenure wrote on this machine: attestations, stamps, confirmations.

    A store in which something is held, or was, is listed and left: its end is `tenure vault erase`, and removing its folder by hand.

    The program itself goes as it came: `pipx uninstall tenure`, or by removing the clone with its .venv.
    """
    editor = wiring.editor()
    anchors = wiring.anchors()
    found = plan(editor, settings_path(), shell.state, wiring.held_store(shell.clock.now()), anchors)
    paths = [*found.files.values(), *(path for each in found.anchors.values() for path in each)]
    if is_applied:
        carry_out(found, editor, shell.state, anchors)
        wiring.remove_empty_state()
    if as_json:
        change = None if found.change.is_empty else {"path": found.change.path, "diff": found.change.diff}
        emit_json({"schema": "tenure.uninstall/1", "change": change, "files": paths, "held": found.held, "applied": is_applied})
        return Exit.YES
    if found.held is not None:
        click.echo(f"kept {clean(found.held)}: a store, in which data of persons is or was held; its ledger is the proof of what became of it")
        click.echo("  tenure vault erase SUBJECT --apply erases what is held of a person; to end all of it, remove that folder by hand", err=True)
    if found.is_empty:
        click.echo("Nothing of Tenure's is here." if found.held is None else "Nothing else of Tenure's is here.")
        return Exit.YES
    if not found.change.is_empty:
        click.echo(shown(found.change))
    for path in paths:
        click.echo(f"{'removed' if is_applied else 'would remove'} {clean(path)}")
    click.echo("Done." if is_applied else "Nothing was removed. --apply removes it.", err=True)
    return Exit.YES
