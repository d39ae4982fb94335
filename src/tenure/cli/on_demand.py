"""Groups whose commands are imported when they are called, so that each starts fast."""

import importlib
from collections.abc import Mapping
from typing import Any

import click


class Commands(click.Group):
    """A group with a table of commands.

    Args:
        table: each command and where it stands, as `module:name`.
        kwargs: what a group of click takes.
    """

    def __init__(self, *, table: Mapping[str, str], **kwargs: Any) -> None:  # Any: click's own options
        super().__init__(**kwargs)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        place = self._table.get(cmd_name)
        if place is None:
            return None
        module, _, name = place.partition(":")
        command = getattr(importlib.import_module(module), name)
        return command if isinstance(command, click.Command) else None
