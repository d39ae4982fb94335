"""`tenure completion`: completion of commands and options for a shell."""

import click
from click.shell_completion import get_completion_class

from tenure.cli.exits import Exit

SHELLS = ("bash", "zsh", "fish")


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """Print a script that completes Tenure's commands and options in a shell.

    \b
    bash   tenure completion bash > ~/.local/share/bash-completion/completions/tenure
    zsh    tenure completion zsh > ~/.zfunc/_tenure     with ~/.zfunc in fpath
    fish   tenure completion fish > ~/.config/fish/completions/tenure.fish
    """  # noqa: D301 - the character that keeps click from filling the lines
    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"expected one of {', '.join(SHELLS)}, got {shell!r}")
    root = ctx.find_root().command
    script = made(root, {}, "tenure", "_TENURE_COMPLETE")
    click.echo(script.source_template % script.source_vars())
    return Exit.YES
