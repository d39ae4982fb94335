"""`tenure vault`: hold data under its terms, read it for its purposes, and end it with a receipt."""

import importlib
from collections.abc import Mapping

import click

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


class Commands(click.Group):
    """The commands, imported on demand."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None


@click.group("vault", cls=Commands)
def vault() -> None:
    """Hold data under its terms, read it for its purposes, and end it with a receipt.

    One command at a time uses a store: a second one waits for it, 5 seconds at most.
    """
