"""`tenure ledger prove`."""

import click
import msgspec

from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.ledger.folder import write_file
from tenure.cli.ledger.opening import open_log
from tenure.cli.output import emit_json
from tenure.cli.store import Place, store_options
from tenure.services.proving import prove_record, render_proof


@click.command("prove")
@click.argument("record_or_key")
@click.option("-o", "--output", metavar="FILE", help="Write the proof to FILE instead of standard output.")
@click.option("--json", "as_json", is_flag=True, help="Accepted for symmetry: a proof is always JSON.")
@store_options
@pass_shell
def prove_command(shell: Shell, place: Place, record_or_key: str, output: str | None, as_json: bool) -> int:
    """Prove what the log says about the key of a record, up to its destruction, as JSON that `tenure_verify.py` checks offline.

    RECORD_OR_KEY is a record as `tenure vault put` printed it, or the 32 digits before its first dot.
    """
    with open_log(shell, place, settle=True) as store:
        proof = prove_record(store, record_or_key)
    plain = render_proof(proof)
    if output is None:
        emit_json(plain)
    else:
        write_file(output, msgspec.json.format(msgspec.json.encode(plain), indent=2) + b"\n")
    state = "its key is destroyed" if proof.is_destroyed else "its key is not destroyed"
    click.echo(f"{len(proof.entries)} entries about it; {state}", err=True)
    return Exit.YES
