"""The composition root: the only place that names adapters and hands them to the services."""

import contextlib
import os
import shlex
import shutil
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.resources import files
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tenure.agents import sample
from tenure.agents.view import Scope
from tenure.errors import ConfigError, Error, VaultError
from tenure.machine.clock import SystemClock
from tenure.machine.editor import FileEditor
from tenure.machine.folders import is_home_open
from tenure.machine.local import LocalMachine
from tenure.machine.pages import fetch_page
from tenure.machine.state import FolderState, place_file
from tenure.ports import Anchors, Clock, Editor, Machine, StateStore, Store
from tenure.records.upkeep import BackedUp, Examination, Restored, Rotated
from tenure.release.noise import Noise
from tenure.scrub.finder import Finder

if TYPE_CHECKING:
    from tenure.server.run import Certificates
    from tenure.vault.anchor import FolderAnchor
    from tenure.vault.disk import Folder
    from tenure.vault.store import SqliteStore


def system_clock() -> Clock:
    """Return the clock of this machine."""
    return SystemClock()


def this_machine(home: str | None = None) -> Machine:
    """Return a read-only view of this machine.

    Args:
        home: a home folder to look at with an empty environment; None = the person's own, with the environment of this process.
    """
    is_own = home is None
    path = os.path.abspath(home if home is not None else _home())
    scope = Scope(path, sys.platform, _working_folder() if is_own else None, is_own, is_home_open(path))
    return LocalMachine(scope, dict(os.environ) if is_own else {})


def sample_machine(at: datetime) -> Machine:
    """Return the made-up machine that came with Tenure; its dates count back from `at`."""
    return sample.sample(at)


def _home() -> str:
    home = "" if os.environ.get("HOME") == "" else os.path.expanduser("~")
    found = "none" if not home else "a path that is not absolute" if not os.path.isabs(home) else "no folder at that path"
    if not os.path.isabs(home) or (os.path.exists(home) and not os.path.isdir(home)):
        raise ConfigError(f"HOME: expected the path of a home folder, found {found}", code="config/home", remedy="set HOME")
    return home


def _working_folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:
        return None


def state_store() -> StateStore:
    """Return Tenure's own state, in the platform's data home."""
    return FolderState(_platform_folder("XDG_DATA_HOME", ".local", "share"))


def _platform_folder(variable: str, *usual: str) -> str:
    """Return Tenure's folder in one of the platform's places for data."""
    home = _home()
    base = os.environ.get(variable, "")
    if not os.path.isabs(base):
        base = os.path.join(home, "Library", "Application Support") if sys.platform == "darwin" else os.path.join(home, *usual)
    return os.path.join(base, "tenure")


def store_folder(given: str | None = None) -> str:
    """Return the folder of a store, without links: the one that is given, or `tenure/store` in the platform's data home."""
    return os.path.realpath(given if given is not None else os.path.join(_platform_folder("XDG_DATA_HOME", ".local", "share"), "store"))


def held_store(at: datetime) -> str | None:
    """Return the folder of the store in the data home; None when there is none, or one with nothing in it and nothing on record.

    One that cannot be opened counts as one that holds something.
    """
    folder = store_folder()
    if not os.path.exists(os.path.join(folder, "keys.db")):
        is_empty = not os.path.lexists(folder) or (os.path.isdir(folder) and not os.listdir(folder))
        return None if is_empty else folder
    try:
        store = open_store(folder, at)
    except Error:
        return folder
    try:
        return folder if store.ledger.size or next(store.frames.keys(), None) is not None else None
    finally:
        store.close()


def open_store(folder: str, at: datetime, passphrase: bytes | None = None, *, may_make: bool = False) -> Store:
    """Open a store; one on a medium that cannot be written can be looked at.

    Args:
        folder: absolute path.
        at: the present.
        passphrase: of the root key; None = it stands in the clear.
        may_make: whether one is made where there is none.

    Raises:
        VaultError: no store, in use for longer than a command waits, missing or wrong root key, unknown format.
        IntegrityError: damaged files, or an older copy.
    """
    # imported here: commands without a store start without SQLite and the ciphers
    from tenure.vault.backups.taking import purge_epochs
    from tenure.vault.store import SqliteStore

    store = SqliteStore(_store_disk(folder), at=at, passphrase=passphrase, anchor=_anchor(), may_make=may_make)
    if store.is_read_only:
        return store
    with contextlib.suppress(Error):  # a folder of epochs that cannot be written keeps nobody from the store; doctor says so
        purge_epochs(store, at, _folder_at)
    return store


def is_read_only(store: Store) -> bool:
    """Whether an open store can only be looked at."""
    return _on_disk(store).is_read_only


def warnings(store: Store) -> list[Error]:
    """Return what failed in a store beside what was asked of it."""
    return _on_disk(store).warnings


def _store_disk(folder: str) -> "Folder":
    """Return the folder of a store, whose lock is waited for; one that cannot be written is only read."""
    from tenure.vault.disk import Folder
    from tenure.vault.looked_at import ReadOnlyFolder
    from tenure.vault.waiting import LOCK_WAIT_S, Patience

    is_closed = os.path.isdir(folder) and not os.access(folder, os.W_OK)
    return ReadOnlyFolder(folder) if is_closed else Folder(folder, Patience(LOCK_WAIT_S))


def certificates(folder: str, at: datetime) -> "Certificates":
    """Return the certificates of a store's service, made when they are first asked for and before they end.

    Args:
        folder: of the store, absolute.
        at: the present.
    """
    from tenure.server.run import Certificates
    from tenure.server.tls import are_good, make_certificates
    from tenure.vault.disk import Folder

    disk = Folder(os.path.join(folder, "tls"))
    names = ("authority.pem", "certificate.pem", "named.pem", "key.pem")
    found = [b"" if disk.size(name) is None else disk.read(name) for name in names]
    if not are_good(found[0], found[1], found[2], found[3], at):
        for name, content in zip(names, make_certificates(at), strict=True):
            disk.replace(name, content)
    return Certificates(*(disk.path(name) for name in names))


def _anchor() -> "FolderAnchor":
    from tenure.vault.anchor import FolderAnchor
    from tenure.vault.disk import Folder

    folder = os.path.join(_platform_folder("XDG_STATE_HOME", ".local", "state"), "anchors")
    return FolderAnchor(Folder(folder), lambda place: os.path.exists(os.path.join(place, "keys.db")))


def anchors() -> Anchors:
    """Return what this machine has seen of stores, in the platform's state home."""
    return _anchor()


def remove_empty_state() -> None:
    """Remove Tenure's folder in the platform's state home, where nothing is left in it."""
    base = _platform_folder("XDG_STATE_HOME", ".local", "state")
    for folder in (os.path.join(base, "anchors"), base):
        with contextlib.suppress(OSError):
            os.rmdir(folder)


def _folder_at(path: str) -> "Folder | None":
    from tenure.vault.disk import Folder

    return Folder(path) if os.path.isdir(path) else None


def back_up(store: Store, to: Mapping[str, str], at: datetime, passphrase: bytes | None = None) -> list[BackedUp]:
    """Back up an open store.

    Args:
        store: it.
        to: absolute paths: `data`, a folder; `keys` and `epochs`, folders on two storages; `root`, a file. What is absent is not backed up.
        at: the present.
        passphrase: seals the root key.

    Raises:
        VaultError: a place cannot be written or belongs to another store, or the clock is in doubt.
    """
    from tenure.vault.backups import taking
    from tenure.vault.disk import Folder

    found, made = _on_disk(store), []
    if "data" in to:
        made.append(taking.back_up_data(found, Folder(to["data"]), at))
    if "keys" in to:
        made.append(taking.back_up_keys(found, Folder(to["keys"]), Folder(to["epochs"]), at))
    if "root" in to and passphrase is not None:
        folder, name = os.path.split(to["root"])
        made.append(taking.back_up_root(found, to["root"], lambda content: Folder(folder).replace(name, content), passphrase, at))
    return made


def backup_places(store: Store) -> dict[str, str]:
    """Return where the backups of an open store lie, as far as it knows: `data`, `keys`, `epochs`, `root`."""
    from tenure.vault.backups.taking import places

    return places(_on_disk(store))


def rotate(store: Store, passphrase: bytes | None, at: datetime) -> Rotated:
    """Replace the root key of an open store; None leaves the new one in the clear."""
    from tenure.vault.backups import taking

    return taking.rotate(_on_disk(store), passphrase, at)


def _on_disk(store: Store) -> "SqliteStore":
    """Return a store as one that can be backed up.

    Raises:
        VaultError: it is of another sort.
    """
    from tenure.vault.store import SqliteStore

    if not isinstance(store, SqliteStore):
        raise VaultError("store: expected one in a folder, got another", code="vault/unusable")
    return store


def is_root_sealed(path: str) -> bool:
    """Whether a file with a root key needs a passphrase; not where it cannot be read."""
    from tenure.vault.disk import Folder
    from tenure.vault.root import is_sealed

    folder, name = os.path.split(path)
    with contextlib.suppress(Error):  # what reads it says why
        return is_sealed(Folder(folder), name)
    return False


def read_root_backup(path: str, passphrase: bytes | None) -> tuple[bytes, bool]:
    """Return the root key of a file, and whether the store that it comes from kept it under a passphrase.

    Raises:
        VaultError: it is none, or sealed under another passphrase.
    """
    from tenure.vault.disk import Folder
    from tenure.vault.root import parse_root, was_store_sealed

    folder, name = os.path.split(path)
    content = Folder(folder).read(name)
    return parse_root(path, content, passphrase), was_store_sealed(content)


def restore(
    folder: str, sources: Mapping[str, str], root: bytes, at: datetime, passphrase: bytes | None, *, is_applied: bool, takes_over: bool | None = None
) -> Restored:
    """Restore a store into a folder that is absent or empty.

    Args:
        folder: absolute path.
        sources: absolute paths of folders: `data`, `keys`, `epochs`, and `ledger` where a newer one is at hand.
        root: the root key.
        at: the present.
        passphrase: seals the root key there; None = it stands in the clear.
        is_applied: whether to write it.
        takes_over: whether it takes the place of the store that was backed up; None = unless this machine still has that in another folder.

    Raises:
        VaultError: no backup, one whose epoch key is over, another store's root key, a folder that is not empty.
        IntegrityError: damaged files, or a ledger older than the newest that this machine has seen.
    """
    from tenure.vault.backups.restore import Sources
    from tenure.vault.backups.restore import restore as run
    from tenure.vault.disk import Folder

    ledger = Folder(sources["ledger"]) if "ledger" in sources else None
    places = Sources(Folder(sources["data"]), Folder(sources["keys"]), Folder(sources["epochs"]), root, ledger, _anchor(), _folder_at)
    return run(_store_disk(folder), places, at, passphrase, os.urandom, is_applied=is_applied, takes_over=takes_over)


def examine(folder: str, at: datetime, passphrase: bytes | None, *, is_repaired: bool = False) -> Examination:
    """Look at every file of a store, which need not open, and mend what can be mended where that is wanted.

    Raises:
        VaultError: no answer is possible: there is no store, it is in use, or its root key needs a passphrase.
    """
    from tenure.vault.examination.modes import open_modes, shut
    from tenure.vault.examination.visit import doctor

    modes = open_modes(folder)
    if is_repaired:
        shut(modes)
    return doctor(_store_disk(folder), at, passphrase, _anchor(), modes, _folder_at, is_repaired=is_repaired)


def write_public(path: str, content: bytes) -> None:
    """Replace a file that is for others to read, durably; the folders above it are made.

    Raises:
        OSError: the system refuses.
    """
    place_file(path, content, 0o644)


def ancestors() -> tuple[str, ...]:
    """Return the names of the programs that started this one, nearest first, as far as the system tells."""
    from tenure.machine.ancestry import ancestors as named

    return named(os.getppid())


def client_folder() -> str:
    """Return the folder in which the client kit keeps what the person archived."""
    return os.path.join(_platform_folder("XDG_DATA_HOME", ".local", "share"), "client")


def editor() -> Editor:
    """Return what changes settings files of others, after the change was shown."""
    return FileEditor()


def program() -> str:
    """Return how a hook calls Tenure: by name where the path finds this very program, else by its absolute path."""
    own = os.path.realpath(os.path.join(os.path.dirname(sys.executable), "tenure"))
    found = shutil.which("tenure")
    return "tenure" if found is not None and os.path.realpath(found) == own else shlex.quote(own)


def packaged_packs() -> dict[str, bytes]:
    """Return the packs that came with Tenure, by file name."""
    folder = files("tenure.terms") / "packs"
    return {entry.name: entry.read_bytes() for entry in folder.iterdir() if entry.name.endswith(".toml")}


def verifier_program() -> bytes:
    """Return the independent verifier of ledgers, a program of one file."""
    return (files("tenure.ledger") / "verifier" / "tenure_verify.py").read_bytes()


def secret_finder(scanner: str = "auto") -> Finder | None:
    """Return what looks for secrets beside the built-in finders; None = nothing does.

    Args:
        scanner: `kingfisher`, `built-in` for none, or `auto` for Kingfisher where it is installed. Its rules are compiled into Tenure's own folder.

    Raises:
        ConfigError: Kingfisher was asked for and is not installed.
    """
    if scanner == "built-in" or (scanner == "auto" and find_spec("kingfisher_sdk") is None):
        return None
    # imported here: only scrubbing needs the engine
    from tenure.engines.finder import KingfisherFinder

    folder = _platform_folder("XDG_DATA_HOME", ".local", "share")
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
    except OSError:  # where nothing can be written, the rules are compiled in memory
        return KingfisherFinder()
    return KingfisherFinder(os.path.join(folder, "scan-rules"))


def noise() -> Noise:
    """Return where the noise of private releases comes from.

    Raises:
        ConfigError: OpenDP is not installed.
    """
    # imported here: only a private release needs the engine
    from tenure.engines.noise import OpenDPNoise

    return OpenDPNoise()


def page_fetcher() -> Callable[[str], bytes | None]:
    """Return what fetches a public page over HTTPS; it is called only when a person asked for it."""
    return fetch_page
