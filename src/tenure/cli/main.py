"""The command line's entry: one table of commands, one table of exit codes."""

import os
import sys
import traceback
from collections.abc import Mapping, Sequence

import click

from tenure.cli.context import Shell
from tenure.cli.exits import USAGE_CODES, Exit
from tenure.cli.on_demand import Commands
from tenure.errors import Error
from tenure.ports import Clock

COMMANDS: Mapping[str, str] = {
    "audit": "tenure.cli.audit:audit_command",
    "why": "tenure.cli.audit:why_command",
    "attest": "tenure.cli.attest:attest",
    "hook": "tenure.cli.hook:hook",
    "stamp": "tenure.cli.stamp:stamp",
    "require": "tenure.cli.require:require",
    "terms": "tenure.cli.terms:terms",
    "org": "tenure.cli.accounts.org:org",
    "account": "tenure.cli.accounts.account:account",
    "privacy": "tenure.cli.accounts.privacy:privacy",
    "serve": "tenure.cli.serve:serve_command",
    "metrics": "tenure.cli.metrics:metrics_command",
    "keys": "tenure.cli.keys:keys",
    "client": "tenure.cli.client:client",
    "vault": "tenure.cli.vault:vault",
    "job": "tenure.cli.job:job",
    "ledger": "tenure.cli.ledger:ledger",
    "scrub": "tenure.cli.scrub:scrub",
    "demo": "tenure.cli.demo:demo",
    "uninstall": "tenure.cli.uninstall:uninstall",
    "completion": "tenure.cli.completion:completion",
}
"""Each command and where it stands; a module is imported when its command is called."""


@click.group(cls=Commands, table=COMMANDS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tenure", prog_name="tenure")
def app() -> None:
    """Know under which dated terms each piece of coding-agent data may be kept and used."""


def main(argv: Sequence[str] | None = None, *, clock: Clock | None = None) -> int:
    """Run one command and return its exit code: 0 yes, 1 could not answer, 2 usage, 10 answered no, 11 gap.

    Args:
        argv: the arguments after the program's name; None = those of the process.
        clock: where time comes from; None = the system's clock. No flag and no variable sets it.
    """
    shell = Shell() if clock is None else Shell(clock=clock)
    try:
        result = app.main(args=None if argv is None else list(argv), prog_name="tenure", standalone_mode=False, obj=shell)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return Exit.USAGE
    except click.Abort:
        click.echo("tenure: stopped", err=True)
        return Exit.COULD_NOT
    except Error as error:
        click.echo(f"tenure: {error}", err=True)
        return Exit.USAGE if error.code in USAGE_CODES else Exit.COULD_NOT
    except KeyboardInterrupt:
        return Exit.COULD_NOT
    except BrokenPipeError:
        _drop_output()
        return Exit.COULD_NOT
    except Exception as error:
        if isinstance(error, OSError) and not _can_print():
            click.echo(f"tenure: standard output: expected to write the answer there, found: {error.strerror}", err=True)
            _drop_output()
            return Exit.COULD_NOT
        if os.environ.get("TENURE_TRACEBACK"):
            raise
        click.echo(_fault(error), err=True)
        return Exit.COULD_NOT
    return result if isinstance(result, int) else Exit.YES


def _can_print() -> bool:
    """Whether standard output takes what it was given: what it did not take is still in its buffer."""
    try:
        sys.stdout.flush()
    except OSError:
        return False
    return True


def _drop_output() -> None:
    """Let nothing more be written to standard output, not even when the process ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fault(error: Exception) -> str:
    """Name a fault of Tenure's own by kind and place; its message might hold content, so it is left out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else "an unknown place"
    return f"tenure: a fault of Tenure itself: {type(error).__name__} at {place}\n  please report it; TENURE_TRACEBACK=1 shows all of it"


def run() -> None:
    """Exit with what `main` returns."""
    sys.exit(main())
