"""`tenure hook`: have Claude Code run `tenure stamp` when a session begins. Shows the change; writes only with `--apply`."""

import click

from tenure import wiring
from tenure.agents.claude_code.layers import root_of
from tenure.agents.settings import join
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.services.hook import Change, apply, install, is_created, uninstall

apply_option = click.option("--apply", "is_applied", is_flag=True, help="Make the change. Without it the change is only shown.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("hook")
def hook() -> None:
    """Stamp each session at its start, by a hook in Claude Code's own settings."""


@hook.command("install")
@apply_option
@json_option
@pass_shell
def install_command(shell: Shell, is_applied: bool, as_json: bool) -> int:
    """Show, or with --apply make, the change of the user settings that runs `tenure stamp` at the start of each session.

    Everything else in the file stays byte for byte as it is. A file that is not well-formed is refused.
    """
    change = install(wiring.editor(), settings_path(), f"{wiring.program()} stamp")
    return finish(shell, change, "The hook is there already.", is_applied=is_applied, as_json=as_json)


@hook.command("remove")
@apply_option
@json_option
@pass_shell
def remove_command(shell: Shell, is_applied: bool, as_json: bool) -> int:
    """Show, or with --apply make, the change that takes the hook out again."""
    path = settings_path()
    change = uninstall(wiring.editor(), path, is_created=is_created(shell.state, path))
    return finish(shell, change, "There is no hook of Tenure's.", is_applied=is_applied, as_json=as_json)


def settings_path() -> str:
    """Return the user settings of Claude Code."""
    return join(root_of(wiring.this_machine()), "settings.json")


def shown(change: Change) -> str:
    """Return a change as a person is shown it."""
    return "\n".join(clean(line.expandtabs(4)) for line in change.diff.splitlines())


def finish(shell: Shell, change: Change, nothing: str, *, is_applied: bool, as_json: bool) -> int:
    """Show a change, and make it where that was asked for."""
    if is_applied:
        apply(wiring.editor(), change, shell.state)
    if as_json:
        emit_json({"schema": "tenure.change/1", "path": change.path, "diff": change.diff, "applied": is_applied and not change.is_empty})
    elif change.is_empty:
        click.echo(nothing, err=True)
    else:
        click.echo(shown(change))
        done = "removed" if change.after is None else "changed"
        click.echo(f"{clean(change.path)}: {done}." if is_applied else "Nothing was written. --apply writes it.", err=True)
    return Exit.YES
