"""What commands over a store share: where it lies, how it is opened, how a case with its owner is read."""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import click

from tenure import wiring
from tenure.cli.context import Shell
from tenure.cli.output import clean
from tenure.errors import ConfigError, DataError, Error
from tenure.records.held import RecordName, parse_record_name
from tenure.services.keeping import Keeping, keep


@dataclass(frozen=True, slots=True)
class Place:
    """Which store.

    Attributes:
        store: its folder as given; None = in the platform's data home.
        passphrase_file: the file that holds the passphrase of its root key; None = there is none.
    """

    store: str | None
    passphrase_file: str | None

    @property
    def folder(self) -> str:
        """The absolute path of the store."""
        if self.store == "":
            raise click.UsageError("--store: expected a folder, got an empty text")
        return wiring.store_folder(self.store)

    @property
    def passphrase(self) -> bytes | None:
        """The passphrase.

        Raises:
            ConfigError: its file cannot be read, or is empty.
        """
        return None if self.passphrase_file is None else read_passphrase(self.passphrase_file)


def read_passphrase(path: str) -> bytes:
    """Return the first line of a file.

    Raises:
        ConfigError: it cannot be read, or is empty.
    """
    try:
        with open(path, "rb") as file:
            found = file.read(4096).split(b"\n", 1)[0].rstrip(b"\r")
    except OSError as error:
        raise ConfigError(f"{path}: expected a file with a passphrase, found: {error.strerror}", code="config/unreadable") from error
    if not found:
        raise ConfigError(f"{path}: expected a passphrase in its first line, found none", code="config/invalid", remedy="write one there")
    return found


def store_options(command: Callable[..., Any]) -> Callable[..., Any]:  # Any: click hands over whatever its options give
    """Add `--store` and `--passphrase-file`, handed over as `place`."""

    @click.option("--store", metavar="DIR", help="The store; default: tenure/store in the platform's data home.")
    @click.option("--passphrase-file", metavar="FILE", help="The file that holds the passphrase of the store's root key.")
    def wrapped(*args: Any, store: str | None, passphrase_file: str | None, **kwargs: Any) -> Any:  # Any: as above
        return command(*args, place=Place(store, passphrase_file), **kwargs)

    wrapped.__doc__ = command.__doc__
    wrapped.__name__ = command.__name__
    if hasattr(command, "__click_params__"):
        wrapped.__click_params__ = [*command.__click_params__, *wrapped.__click_params__]  # type: ignore[attr-defined]  # how click collects them
    return wrapped


@contextlib.contextmanager
def open_keeping(
    shell: Shell, place: Place, *, settle: bool = True, may_make: bool = False, monotonic: Callable[[], float] | None = None
) -> Iterator[Keeping]:
    """Open a store with the services over it. What fails beside what was asked for is said, and costs no answer.

    Args:
        shell: the clock and the terms.
        place: which store.
        settle: whether what is due goes first, before anything is served.
        may_make: whether a store is made where there is none: only for a command that takes something in.
        monotonic: seconds since some start, for a process that goes on running.
    """
    store = wiring.open_store(place.folder, shell.clock.now(), place.passphrase, may_make=may_make)
    settle = settle and not wiring.is_read_only(store)
    if wiring.is_read_only(store):
        click.echo(f"tenure: {clean(place.folder)} cannot be written: it is looked at as it is, and nothing that is due is destroyed", err=True)
    late = list[Error]()
    try:
        keeping = keep(store, shell.book, shell.clock, monotonic)
        if settle:
            keeping.settle()
        yield keeping
        if settle:
            try:
                keeping.settle()
            except Error as error:
                late.append(error)
    finally:
        store.close()
        for warning in (*late, *wiring.warnings(store)):
            click.echo(f"tenure: warning: {warning}", err=True)


def record_name(text: str) -> RecordName:
    """Return the name of a record that was given as an argument."""
    try:
        return parse_record_name(text)
    except DataError as error:
        raise click.UsageError(str(error)) from error


def plain_because(because: tuple[Any, ...]) -> list[dict[str, str]]:  # Any: clauses of decisions
    """Return clauses in their plain form."""
    return [{"clause": part.clause, "source": part.source, "as_of": part.as_of.isoformat()} for part in because]


def read_json(content: bytes, what: str) -> object:
    """Parse JSON.

    Raises:
        ConfigError: it is none.
    """
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{what}: expected JSON, found: {type(error).__name__}", code="config/invalid") from error
