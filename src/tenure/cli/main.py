"""The command line's entry: one click group, one table of exit codes."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import click

from tenure import __version__
from tenure.errors import Error


@dataclass(frozen=True, slots=True)
class Exit:
    """Exit codes of every command."""

    YES = 0
    COULD_NOT = 1
    USAGE = 2
    NO = 10
    GAP = 11


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="tenure")
def app() -> None:
    """Know under which dated terms each piece of coding-agent data may be kept and used."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 yes, 1 could not answer, 2 usage, 10 answered no, 11 gap."""
    try:
        result = app.main(args=None if argv is None else list(argv), standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except click.Abort:
        return Exit.COULD_NOT
    except Error as error:
        click.echo(f"tenure: {error}", err=True)
        return Exit.COULD_NOT
    return int(result) if isinstance(result, int) else Exit.YES


def run() -> None:
    """Exit with what `main` returns."""
    sys.exit(main())
