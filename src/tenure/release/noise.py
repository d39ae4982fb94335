"""Where the noise of a private release comes from. Adapters: engines/noise.py; for tests: testing/noise.py."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Protocol


class Noise(Protocol):
    """Adds noise that nobody can predict."""

    def discrete_laplace(self, values: Sequence[int], scale: Fraction) -> Sequence[int]:
        """Return each value plus independent noise: P(x) proportional to exp(-|x| / scale) over the whole numbers.

        Args:
            values: each within 2**53 of 0.
            scale: above 0; the noise may be of a scale that is a rounding error larger, never smaller.
        """
        ...
