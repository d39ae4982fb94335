"""`tenure vault backup | restore | doctor | rotate`: keys and data that survive a loss, and nothing that was destroyed."""

import os
import sys
from collections.abc import Mapping

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.cli.store import Place, open_keeping, read_passphrase, store_options
from tenure.errors import VaultError
from tenure.records.upkeep import Examination, Restored
from tenure.services.upkeep import need_apart, plain_backups, plain_examination, plain_restored, plain_rotated

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
root_passphrase_option = click.option(
    "--root-passphrase-file", metavar="FILE", help="The file that holds the passphrase of the root key's backup; default: that of --passphrase-file."
)


@click.command("backup")
@click.option("--data", metavar="DIR", help="Bring a backup of the sealed data up to date here.")
@click.option("--keys", metavar="DIR", help="Add a backup of the keys and the ledger here; it opens for 24 hours at most.")
@click.option("--epochs", metavar="DIR", help="Where the epoch keys lie that seal those: other storage than --keys.")
@click.option("--root", metavar="FILE", help="Write the root key here, sealed under a passphrase.")
@root_passphrase_option
@json_option
@store_options
@pass_shell
def backup_command(
    shell: Shell,
    place: Place,
    data: str | None,
    keys: str | None,
    epochs: str | None,
    root: str | None,
    root_passphrase_file: str | None,
    as_json: bool,
) -> int:
    """Back up the data, the keys, or the root key, each to a place of its own.

    The keys are worth a backup every 12 hours: an epoch key lives 24 hours, and with it goes every backup that it sealed, so that what was
    destroyed in the store is gone from the backups too. Data and root key are worth one when they change.
    """
    if (keys is None) != (epochs is None):
        raise click.UsageError("--keys and --epochs belong together: the epoch keys open the backup of the keys, and lie on other storage")
    given = {"data": data, "keys": keys, "epochs": epochs, "root": root}
    to = {what: os.path.realpath(path) for what, path in given.items() if path is not None}
    if not to:
        raise click.UsageError("say what to back up: --data DIR, --keys DIR --epochs DIR, or --root FILE")
    _need_store(place)
    need_apart({"store": os.path.realpath(place.folder), **to})
    passphrase = None if root is None else _root_passphrase(place, root_passphrase_file, confirm=True)
    with open_keeping(shell, place) as keeping:
        need_apart({"store": os.path.realpath(place.folder), **wiring.backup_places(keeping.store), **to})
        made = wiring.back_up(keeping.store, to, keeping.at, passphrase)
    _warn_of_one_device(to)
    if as_json:
        emit_json(plain_backups(made))
        return Exit.YES
    for each in made:
        click.echo(f"{each.what}: {clean(each.place)}: {each.files} files, {each.size} bytes, of which {each.copied} written")
    gone = sum(each.epochs_destroyed for each in made)
    if gone:
        click.echo(f"{gone} epoch keys were over and are destroyed, and with them what they sealed", err=True)
    return Exit.YES


@click.command("restore")
@click.option("--data", metavar="DIR", required=True, help="The backup of the data.")
@click.option("--keys", metavar="DIR", required=True, help="The backups of the keys; the newest that opens is taken.")
@click.option("--epochs", metavar="DIR", required=True, help="The epoch keys.")
@click.option("--root", metavar="FILE", required=True, help="The backup of the root key.")
@click.option("--ledger", metavar="DIR", help="A ledger that is newer than the backup, as it was published or exported.")
@click.option("--apply", "is_applied", is_flag=True, help="Write the store. Without this, check everything and say what would come back.")
@root_passphrase_option
@json_option
@store_options
@pass_shell
def restore_command(
    shell: Shell,
    place: Place,
    data: str,
    keys: str,
    epochs: str,
    root: str,
    ledger: str | None,
    is_applied: bool,
    root_passphrase_file: str | None,
    as_json: bool,
) -> int:
    """Restore a store from its backups into a folder that is absent or empty.

    Every file is checked. Then what the newer ledger says was destroyed, tightened, held or released since is done to the keys, and what is due
    by now is destroyed: all of that in memory, before anything is written. A ledger older than the newest that this machine has seen is refused.
    """
    sources = {"data": data, "keys": keys, "epochs": epochs, **({} if ledger is None else {"ledger": ledger})}
    sources = {what: os.path.realpath(path) for what, path in sources.items()}
    asked = None if not _is_sealed(root) else _root_passphrase(place, root_passphrase_file)
    secret, was_sealed = wiring.read_root_backup(os.path.realpath(root), asked)
    passphrase = place.passphrase if place.passphrase is not None else asked if was_sealed else None
    done = wiring.restore(place.folder, sources, secret, shell.clock.now(), passphrase, is_applied=is_applied)
    if is_applied:
        wiring.open_store(place.folder, shell.clock.now(), passphrase).close()  # it opens, and what an interrupted run left is swept
    if as_json:
        emit_json(plain_restored(done))
        return Exit.YES
    _say_restored(done, place.folder)
    return Exit.YES


@click.command("rotate")
@click.option("--new-passphrase-file", metavar="FILE", help="The file with the passphrase of the new root key; default: that of --passphrase-file.")
@json_option
@store_options
@pass_shell
def rotate_command(shell: Shell, place: Place, new_passphrase_file: str | None, as_json: bool) -> int:
    """Replace the root key: what is wrapped under it is wrapped anew, and the old one is gone from every file of the store.

    A root key that stood in the clear is sealed from then on, where a passphrase is given. Back up root key and keys after.
    """
    _need_store(place)
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


def _need_store(place: Place) -> None:
    """Refuse a folder without a store: opening it would make one."""
    if not os.path.isdir(place.folder) or not os.listdir(place.folder):
        raise VaultError(f"{place.folder}: expected a store, found none", code="vault/none", remedy="--store DIR names another")


def _is_sealed(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return b'"scrypt"' in file.read(4096)
    except OSError:
        return False  # what reads it says why


def _root_passphrase(place: Place, file: str | None, *, confirm: bool = False) -> bytes:
    """Return the passphrase of the root key's backup: from a file, that of the store, or asked on a terminal."""
    if file is not None:
        return read_passphrase(file)
    if place.passphrase is not None:
        return place.passphrase
    if not sys.stdin.isatty():
        raise click.UsageError("the backup of the root key needs a passphrase: --root-passphrase-file FILE")
    asked: str = click.prompt("Passphrase of the root key's backup", hide_input=True, confirmation_prompt=confirm, err=True)
    return asked.encode()


def _warn_of_one_device(places: Mapping[str, str]) -> None:
    """Say so where keys and epoch keys lie on one storage: a copy of it would keep both."""
    both = [places[what] for what in ("keys", "epochs") if what in places]
    if len(both) == 2 and os.stat(both[0]).st_dev == os.stat(both[1]).st_dev:
        click.echo("tenure: keys and epoch keys lie on one device: a copy of it keeps both, and then nothing ends after 24 hours", err=True)


def _say_restored(done: Restored, folder: str) -> None:
    back, gone = ("restored", "destroyed") if done.is_applied else ("would restore", "would destroy")
    click.echo(f"store {done.store}: keys of {done.keys_at:%Y-%m-%d %H:%M} UTC, data of {done.data_at:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{back} {done.buckets} keys with {done.records} records; {done.entries} newer ledger entries are replayed")
    click.echo(f"{gone} {done.destroyed} keys, as the ledger says or because their time is over")
    if done.narrowed:
        click.echo(f"{done.narrowed} keys open for less: consents or terms changed after the backup, and the ledger does not say whose or how")
    for count, what in (
        (done.lost_buckets, "keys lack data: they are not in the backup of the data"),
        (done.lost_records, "records were taken in after the backup of the keys and are lost"),
        (done.lost_facts, "changes to accounts and answers came after the backup and are lost: give them again"),
    ):
        if count:
            click.echo(f"{count} {what}")
    if done.is_anchored is None:
        click.echo("tenure: this machine has seen no checkpoint of that store: it cannot tell whether the ledger is the newest", err=True)
    click.echo(f"Restored into {clean(folder)}." if done.is_applied else "Nothing was written. --apply restores it.", err=True)


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
