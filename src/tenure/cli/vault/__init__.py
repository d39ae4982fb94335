"""`tenure vault`: hold data under its terms, read it for its purposes, and end it with a receipt."""

from collections.abc import Mapping

import click

from tenure.cli.on_demand import Commands

COMMANDS: Mapping[str, str] = {
    "status": "tenure.cli.vault.looking:status_command",
    "put": "tenure.cli.vault.moving:put_command",
    "get": "tenure.cli.vault.moving:get_command",
    "why": "tenure.cli.vault.looking:why_command",
    "expire": "tenure.cli.vault.ending:expire_command",
    "erase": "tenure.cli.vault.ending:erase_command",
    "hold": "tenure.cli.vault.ending:hold_command",
    "release": "tenure.cli.vault.ending:release_command",
    "export": "tenure.cli.vault.moving:export_command",
    "backup": "tenure.cli.vault.backups:backup_command",
    "restore": "tenure.cli.vault.backups:restore_command",
    "doctor": "tenure.cli.vault.examining:doctor_command",
    "rotate": "tenure.cli.vault.examining:rotate_command",
}
"""Each command and where it stands; a module is imported when its command is called."""


@click.group("vault", cls=Commands, table=COMMANDS)
def vault() -> None:
    """Hold data under its terms, read it for its purposes, and end it with a receipt.

    One command at a time uses a store: a second one waits for it, 5 seconds at most.
    """
