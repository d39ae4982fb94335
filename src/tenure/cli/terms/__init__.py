"""`tenure terms`: decide a case, and look at the dated terms themselves."""

import click

from tenure.cli.terms.deciding import decide_command
from tenure.cli.terms.history import diff_command, timeline_command
from tenure.cli.terms.price import price_command
from tenure.cli.terms.show import export_command, purposes_command, show_command
from tenure.cli.terms.sources import check_command, confirm_command
from tenure.cli.terms.update import update_command


@click.group("terms")
def terms() -> None:
    """Decide cases by the dated terms, and look at the terms themselves."""


_COMMANDS = (
    decide_command,
    show_command,
    timeline_command,
    diff_command,
    purposes_command,
    export_command,
    check_command,
    confirm_command,
    price_command,
    update_command,
)
for _command in _COMMANDS:
    terms.add_command(_command)
