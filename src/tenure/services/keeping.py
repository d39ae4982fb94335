"""A store with the services over it. On opening, what is due goes before anything is served."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from tenure.ports import Clock, Store
from tenure.services.accounts import Accounts
from tenure.services.cells import Judge
from tenure.services.consent import Consents
from tenure.services.derive import Derivations
from tenure.services.disposition import Disposition
from tenure.services.holdings import Holdings
from tenure.services.intake import Intake
from tenure.services.jobs import Jobs
from tenure.services.lineage import Lineage
from tenure.services.releasing import Releases
from tenure.services.rights import Rights
from tenure.services.timekeeping import Timekeeper
from tenure.services.use import Uses
from tenure.terms.decide import Book


@dataclass(frozen=True, slots=True)
class Keeping:
    """What a command or a server has at hand.

    Attributes:
        store: what is held, and its ledger.
        time: what time it is.
        accounts: who an owner is.
        consents: questions and answers.
        judge: decides cells.
        intake: the way in.
        jobs: who may read.
        uses: the way out.
        lineage: what was made of what.
        derivations: what makes data of data.
        releases: what sets figures free.
        disposition: the end.
        holdings: what is held.
        rights: what a person can ask for.
    """

    store: Store
    time: Timekeeper
    accounts: Accounts
    consents: Consents
    judge: Judge
    intake: Intake
    jobs: Jobs
    uses: Uses
    lineage: Lineage
    derivations: Derivations
    releases: Releases
    disposition: Disposition
    holdings: Holdings
    rights: Rights

    @property
    def at(self) -> datetime:
        """The present."""
        return self.time.now

    def settle(self) -> None:
        """Destroy what is due, unless the clock is in doubt."""
        if not self.time.is_in_doubt and self.disposition.due():
            self.disposition.expire()


def keep(store: Store, book: Book, clock: Clock, monotonic: Callable[[], float] | None = None) -> Keeping:
    """Put the services over a store.

    Args:
        store: an open one.
        book: the terms.
        clock: the wall clock.
        monotonic: seconds since some start, for a process that goes on running; None = every step of the clock is believed.
    """
    time = Timekeeper(store, clock, monotonic)
    accounts = Accounts(store, lambda selection, at, reason: disposition.tighten(selection, at, reason))
    judge = Judge(book, accounts)
    lineage = Lineage(store)
    disposition = Disposition(store, accounts, judge, time, lineage.dependants)
    uses = Uses(store, judge, time)
    derivations = Derivations(store, judge, time, uses, lineage)
    return Keeping(
        store=store,
        time=time,
        accounts=accounts,
        consents=Consents(store, accounts, book),
        judge=judge,
        intake=Intake(store, accounts, judge, time),
        jobs=Jobs(store, time),
        uses=uses,
        lineage=lineage,
        derivations=derivations,
        releases=Releases(store, accounts, time, derivations),
        disposition=disposition,
        holdings=Holdings(store, judge, time),
        rights=Rights(store, accounts, time),
    )
