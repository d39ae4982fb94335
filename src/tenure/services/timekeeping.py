"""What time it is for what is held: never earlier than before, and in doubt when a clock jumps ahead.

Source: guarantee G9; design 0002, Time.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from tenure.errors import VaultError
from tenure.ledger.entries import render_entry
from tenure.ports import Clock, Store
from tenure.records.upkeep import LONGEST_PAUSE, is_in_doubt

MOST_DRIFT = timedelta(hours=24)
"""A wall clock that is further ahead of the monotonic one is in doubt."""
MOST_CONFIRMED = timedelta(days=3653)
"""Ten years: a clock that is further ahead of the highest instant is wrong, whoever says that it is right."""


class Timekeeper:
    """The time of a store that is open.

    Args:
        store: holds the highest instant that was made durable.
        clock: the wall clock.
        monotonic: seconds since some start, which no one sets; None = every step of the wall clock is believed while the store is open.
    """

    def __init__(self, store: Store, clock: Clock, monotonic: Callable[[], float] | None = None) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._started_at = clock.now()
        self._started = 0.0 if monotonic is None else monotonic()
        self._is_paused_too_long = is_in_doubt(self._started_at, store.highest, LONGEST_PAUSE)

    @property
    def now(self) -> datetime:
        """The present: the later of the wall clock and the highest durable instant. What is due by it cannot be read."""
        return max(self._clock.now(), self._store.highest)

    @property
    def is_in_doubt(self) -> bool:
        """Whether the present is too far ahead to destroy anything by it."""
        return self._is_paused_too_long or self._has_drifted()

    def stamp(self) -> datetime:
        """Return the instant that ledger entries carry, and make it the highest durable one. Call it inside of a transaction.

        While the present is in doubt, it is the highest durable one.
        """
        if not self.is_in_doubt:
            self._store.raise_to(self.now)
        return self._store.highest

    def keep(self) -> datetime:
        """Make the present the highest durable instant and return it. Call it inside of a transaction.

        Raises:
            VaultError: the present is in doubt.
        """
        if self.is_in_doubt:
            message = f"clock: expected a time near {self._store.highest:%Y-%m-%d}, when this store was last used, found {self.now:%Y-%m-%d}"
            remedy = "if the clock is right: tenure vault expire --confirm-clock"
            raise VaultError(message, code="vault/clock", remedy=remedy)
        return self.stamp()

    def confirm(self) -> None:
        """Believe the wall clock, on a person's word, and say so in the ledger. Call it inside of a transaction.

        Raises:
            VaultError: it is more than ten years ahead: what is believed once can never be taken back.
        """
        if not self.is_in_doubt:
            return
        if self.now - self._store.highest > MOST_CONFIRMED:
            used = f"{self._store.highest:%Y-%m-%d}, when this store was last used"
            message = f"clock: expected a time up to ten years after {used}, found {self.now:%Y-%m-%d}"
            raise VaultError(message, code="vault/clock", remedy="set the clock of this machine; a time that was confirmed cannot be taken back")
        self._started_at = self._clock.now()
        self._started = 0.0 if self._monotonic is None else self._monotonic()
        self._is_paused_too_long = False
        self._store.raise_to(self.now)
        self._store.ledger.append([render_entry("opened", self.now, confirmed=True, in_doubt=True)])

    def _has_drifted(self) -> bool:
        if self._monotonic is None:
            return False
        ran = timedelta(seconds=self._monotonic() - self._started)
        return self._clock.now() - self._started_at > ran + MOST_DRIFT
