"""`tenure vault doctor | rotate`: what is wrong with the files of a store, and another root key."""

import os

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.cli.store import Place, open_keeping, read_passphrase, store_options
from tenure.cli.vault.reports import plain_examination, plain_rotated
from tenure.errors import VaultError
from tenure.records.upkeep import Examination

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.command("rotate")
@click.option("--new-passphrase-file", metavar="FILE", help="The file with the passphrase of the new root key; default: that of --passphrase-file.")
@json_option
@store_options
@pass_shell
def rotate_command(shell: Shell, place: Place, new_passphrase_file: str | None, as_json: bool) -> int:
    """Replace the root key: what is wrapped under it is wrapped anew, and the old one is gone from every file of the store.

    A root key that stood in the clear is sealed from then on, where a passphrase is given. Back up root key and keys after.
    """
    need_store(place)
    passphrase = place.passphrase if new_passphrase_file is None else read_passphrase(new_passphrase_file)
    with open_keeping(shell, place) as keeping:
        done = wiring.rotate(keeping.store, passphrase, keeping.at)
    if as_json:
        emit_json(plain_rotated(done))
        return Exit.YES
    click.echo(
        f"{done.keys} keys are wrapped under a new root key, {'sealed under the passphrase' if done.is_sealed else 'which stands in the clear'}."
    )
    click.echo("Back up the root key and the keys now: tenure vault backup --root FILE, --keys DIR --epochs DIR", err=True)
    return Exit.YES


@click.command("doctor")
@click.option("--repair", "is_repaired", is_flag=True, help="Remove what no key opens and make anew what can be made from the rest.")
@json_option
@store_options
@pass_shell
def doctor_command(shell: Shell, place: Place, is_repaired: bool, as_json: bool) -> int:
    """Look at every file of a store, which need not open, and say what is wrong and what to do about it.

    Exit code 0: no problem; 10: a problem; 1: no answer, since there is no store, another process uses it, or its passphrase is missing.
    """
    found = wiring.examine(place.folder, shell.clock.now(), place.passphrase, is_repaired=is_repaired)
    if as_json:
        emit_json(plain_examination(found))
    else:
        _say_examination(found)
    return Exit.YES if found.is_sound else Exit.NO


def need_store(place: Place) -> None:
    """Refuse a folder without a store: opening it would make one."""
    if not os.path.isdir(place.folder) or not os.listdir(place.folder):
        raise VaultError(f"{place.folder}: expected a store, found none", code="vault/none", remedy="--store DIR names another")


def _say_examination(found: Examination) -> None:
    for finding in found.findings:
        click.echo(f"{finding.level}: {clean(finding.where)}: expected {finding.expected}, found {finding.found}  [{finding.code}]")
        click.echo(f"  {finding.remedy}")
    for line in found.repaired:
        click.echo(f"repaired: {clean(line)}")
    counts = ", ".join(f"{count} {what}" for what, count in found.checked.items())
    click.echo(f"{'No problem' if found.is_sound else 'Problems'} in {counts}.")
    if found.epochs_destroyed:
        click.echo(f"{found.epochs_destroyed} epoch keys were over and are destroyed, and with them what they sealed", err=True)
