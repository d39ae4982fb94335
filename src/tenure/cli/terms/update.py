"""`tenure terms update`: packs from a signed file."""

from pathlib import Path

import click

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import emit_json
from tenure.cli.terms.files import read_file
from tenure.cli.terms.history import print_changes
from tenure.cli.terms.plain import json_option, plain_clause
from tenure.records.note import parse_verifier_key
from tenure.services.updates import apply_update, read_update, trusted_keys


@click.command("update")
@click.argument("file", type=click.Path())
@click.option("--key", metavar="NAME+HASH+BASE64", help="A key that you trust; kept with --apply for the next time.")
@click.option("--apply", "is_applied", is_flag=True, help="Use these terms from now on. Without it only the difference is shown.")
@json_option
@pass_shell
def update_command(shell: Shell, file: str, key: str | None, is_applied: bool, as_json: bool) -> int:
    """Show how the terms in FILE differ from those in use, and with --apply use them.

    FILE is a pack in the form of a signed note: the TOML text, an empty line, and a signature line by a trusted key.
    """
    keys = (*trusted_keys(shell.state), *([parse_verifier_key(key)] if key else []))
    update = read_update(read_file(file), keys, shell.packs, Path(file).name)
    if is_applied:
        apply_update(shell.state, update)
    if as_json:
        rows = [{"what": change.what} | plain_clause(shell.confirmations, update.pack.agent, change.clause) for change in update.changes]
        plain = {"agent": update.pack.agent, "signed_by": update.key.name, "as_of": update.pack.as_of.isoformat(), "applied": is_applied}
        emit_json({"schema": "tenure.update/1", **plain, "changes": rows})
        return Exit.YES
    print_changes([(update.pack.agent, change) for change in update.changes])
    done = "in use from now on" if is_applied else "nothing was changed; --apply uses these terms"
    click.echo(f"{update.pack.agent}: signed by {update.key.name}, read {update.pack.as_of}; {done}", err=not is_applied)
    return Exit.YES
