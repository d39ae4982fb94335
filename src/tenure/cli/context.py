"""What every command is handed: the clock, the terms, Tenure's own state. Built by the composition root, replaceable in tests."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import click
import msgspec

from tenure import wiring
from tenure.errors import ConfigError
from tenure.ports import Clock, StateStore
from tenure.services.packs import Confirmation, make_book, read_packs
from tenure.services.updates import updated_packs
from tenure.terms.decide import Book
from tenure.terms.pack import Pack

CONFIRMATIONS = "confirmations.json"


@dataclass
class Shell:
    """The surroundings of one command.

    Attributes:
        clock: where time comes from.
        state: Tenure's own state.
        fetch: gets a public page; called only by commands that were asked to.
    """

    clock: Clock = field(default_factory=wiring.system_clock)
    state: StateStore = field(default_factory=wiring.state_store)
    fetch: Callable[[str], bytes | None] = field(default_factory=wiring.page_fetcher)

    @cached_property
    def packs(self) -> list[Pack]:
        """The packs in use."""
        return updated_packs(self.state, read_packs(wiring.packaged_packs()))

    @cached_property
    def confirmations(self) -> list[Confirmation]:
        """What people confirmed."""
        content = self.state.read(CONFIRMATIONS)
        try:
            return [] if content is None else msgspec.json.decode(content, type=list[Confirmation])
        except msgspec.DecodeError as error:
            message = f"{self.state.places()[CONFIRMATIONS]}: expected a list of confirmations, found: {error}"
            raise ConfigError(message, code="config/state", remedy="remove that file and confirm again") from error

    @cached_property
    def book(self) -> Book:
        """The terms that everything is decided by."""
        return make_book(self.packs, self.confirmations)

    def confirm(self, agent: str, clause: str, by: str) -> Confirmation:
        """Record that a person confirmed a clause, and take it into the book."""
        confirmation = Confirmation(agent, clause, by, self.clock.now())
        self.state.write(CONFIRMATIONS, msgspec.json.encode([*self.confirmations, confirmation]))
        self.__dict__.pop("confirmations", None)
        self.__dict__.pop("book", None)
        return confirmation


pass_shell = click.make_pass_decorator(Shell, ensure=True)
