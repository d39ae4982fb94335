"""What every command is handed: the clock, the terms, Tenure's own state. Built by the composition root, replaceable in tests."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeVar

import click
import msgspec

from tenure import wiring
from tenure.errors import ConfigError
from tenure.ports import Clock, StateStore
from tenure.services.packs import Confirmation, Pin, Shelf, make_book
from tenure.services.updates import shelf
from tenure.terms.decide import Book
from tenure.terms.pack import Pack

CONFIRMATIONS = "confirmations.json"
PINS = "pins.json"
_Kept = TypeVar("_Kept")


@dataclass
class Shell:
    """The surroundings of one command.

    Attributes:
        clock: where time comes from.
        fetch: gets a public page; called only by commands that were asked to.
    """

    clock: Clock = field(default_factory=wiring.system_clock)
    fetch: Callable[[str], bytes | None] = field(default_factory=wiring.page_fetcher)

    @cached_property
    def state(self) -> StateStore:
        """Tenure's own state."""
        return wiring.state_store()

    @cached_property
    def shelf(self) -> Shelf:
        """The packs in use by agent, each parsed when it is first asked for."""
        return shelf(self.state, wiring.packaged_packs())

    @cached_property
    def packs(self) -> list[Pack]:
        """The packs in use."""
        return list(self.shelf.values())

    @cached_property
    def confirmations(self) -> list[Confirmation]:
        """What people confirmed."""
        return self._kept(CONFIRMATIONS, list[Confirmation]) or []

    @property
    def pins(self) -> dict[str, Pin]:
        """The hashes of pages that were taken as read, by URL."""
        return self._kept(PINS, dict[str, Pin]) or {}

    def pin(self, hashes: Mapping[str, str]) -> None:
        """Take pages as read today."""
        today = self.clock.now().date()
        self.state.write(PINS, msgspec.json.encode({**self.pins, **{url: Pin(found, today) for url, found in hashes.items()}}))

    def _kept(self, name: str, form: type[_Kept]) -> _Kept | None:
        content = self.state.read(name)
        try:
            return None if content is None else msgspec.json.decode(content, type=form)
        except msgspec.DecodeError as error:
            message = f"{self.state.places()[name]}: expected what Tenure wrote there, found: {error}"
            raise ConfigError(message, code="config/state", remedy="remove that file and give its contents again") from error

    @cached_property
    def book(self) -> Book:
        """The terms that everything is decided by."""
        return make_book(self.shelf, self.confirmations)

    def confirm(self, agent: str, clause: str, by: str) -> Confirmation:
        """Record that a person confirmed a clause, and take it into the book."""
        confirmation = Confirmation(agent, clause, by, self.clock.now())
        self.state.write(CONFIRMATIONS, msgspec.json.encode([*self.confirmations, confirmation]))
        self.__dict__.pop("confirmations", None)
        self.__dict__.pop("book", None)
        return confirmation


pass_shell = click.make_pass_decorator(Shell, ensure=True)
