"""`tenure vault backup | restore`: keys and data that survive a loss, and nothing that was destroyed."""

import os
import sys
from collections.abc import Mapping

import click

from tenure import wiring
from tenure.cli.context import Shell, pass_shell
from tenure.cli.exits import Exit
from tenure.cli.output import clean, emit_json
from tenure.cli.store import Place, open_keeping, read_passphrase, store_options
from tenure.cli.vault.examining import need_store
from tenure.cli.vault.reports import plain_backups, plain_restored
from tenure.records.upkeep import Restored
from tenure.services.backup_places import need_apart

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
    need_store(place)
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
@click.option(
    "--takes-over/--copy",
    "takes_over",
    default=None,
    help="Whether the restored store takes the place of the one that was backed up, which ends with that, or is a copy under an id of its own;"
    " default: a copy where this machine still has that store in another folder.",
)
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
    takes_over: bool | None,
    is_applied: bool,
    root_passphrase_file: str | None,
    as_json: bool,
) -> int:
    """Restore a store from its backups into a folder that is absent or empty.

    Every file is checked. Then what the newer ledger says was destroyed, tightened, held or released since is done to the keys, and what is due
    by now is destroyed: all of that in memory, before anything is written. A ledger older than the newest that this machine has seen is refused.

    Two stores that go on with one log would each prove the other false. So where the store is still there, as in a drill, what is restored is a copy:
    it has an id and a log of its own, and what is erased in one of the two stays in the other.
    """
    sources = {"data": data, "keys": keys, "epochs": epochs, **({} if ledger is None else {"ledger": ledger})}
    sources = {what: os.path.realpath(path) for what, path in sources.items()}
    asked = None if not wiring.is_root_sealed(os.path.realpath(root)) else _root_passphrase(place, root_passphrase_file)
    secret, was_sealed = wiring.read_root_backup(os.path.realpath(root), asked)
    passphrase = place.passphrase if place.passphrase is not None else asked if was_sealed else None
    done = wiring.restore(place.folder, sources, secret, shell.clock.now(), passphrase, is_applied=is_applied, takes_over=takes_over)
    if is_applied:
        wiring.open_store(place.folder, shell.clock.now(), passphrase).close()  # it opens, and what an interrupted run left is swept
    if as_json:
        emit_json(plain_restored(done))
        return Exit.YES
    _say_restored(done, place.folder)
    return Exit.YES


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
    for line in _relation(done):
        click.echo(line)
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


def _relation(done: Restored) -> list[str]:
    """Say what becomes of the store that was backed up."""
    there = "" if done.other is None else f" in {clean(done.other)}"
    if done.is_copy:
        return [
            f"a copy of the store {done.store}, which goes on{there}: its id and its log are its own from here on",
            "  what is erased in one of the two stays in the other: remove the copy when you have looked at it",
        ]
    if done.other is not None:
        return [f"takes the place of the store {done.store}{there}: that ends with this, and opens here no more"]
    return [] if done.is_anchored else [f"takes the place of the store {done.store}: if it is alive elsewhere, give --copy"]
