"""Waiting for another process that uses the same store, for a bounded time."""

import time
from collections.abc import Callable

LOCK_WAIT_S = 5.0
"""Seconds that a command waits for another one."""
_STEP_S = 0.02


class Patience:
    """Says whether to try once more, after a moment.

    Args:
        seconds: from the first question on; after that the answer is no.
        monotonic: seconds since some start.
        sleep: waits for seconds.
    """

    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep) -> None:
        self._seconds, self._monotonic, self._sleep = seconds, monotonic, sleep
        self._until: float | None = None

    def __call__(self) -> bool:
        """Wait a moment and return whether to try once more."""
        now = self._monotonic()
        self._until = now + self._seconds if self._until is None else self._until
        if now >= self._until:
            return False
        self._sleep(_STEP_S)
        return True
