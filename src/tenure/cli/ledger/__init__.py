"""`tenure ledger`: check, prove and publish what the log says."""

import click

from tenure.cli.ledger.checking import verify_command
from tenure.cli.ledger.proofs import prove_command
from tenure.cli.ledger.publishing import checkpoint_command, export_command
from tenure.cli.ledger.show import show_command


@click.group("ledger")
def ledger() -> None:
    """Check, prove and publish what the log of a store says."""


for _command in (verify_command, prove_command, checkpoint_command, export_command, show_command):
    ledger.add_command(_command)
