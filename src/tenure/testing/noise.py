"""A noise of known chance, and what every noise keeps to."""

import math
import random
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction

from tenure.release.noise import Noise


class SeededNoise:
    """Discrete Laplace noise whose draws follow from a seed. For tests: whoever knows the seed takes the noise off again."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - known chance is the point of a fake

    def discrete_laplace(self, values: Sequence[int], scale: Fraction) -> Sequence[int]:
        """Return each value plus the difference of two geometric draws."""
        return [value + self._geometric(scale) - self._geometric(scale) for value in values]

    def _geometric(self, scale: Fraction) -> int:
        return int(-math.log(1.0 - self._chance.random()) * float(scale))


class NoNoise:
    """Adds nothing: for tests of what comes before the noise."""

    def discrete_laplace(self, values: Sequence[int], scale: Fraction) -> Sequence[int]:
        """Return the values as they are."""
        assert scale > 0
        return list(values)


def check_noise(noise: Noise, *, draws: int = 20_000) -> None:
    """Check that a noise is discrete Laplace of the scale that was asked for, and drawn afresh for each value.

    The bound on chi-square lies eight standard deviations above its mean: a sound noise that is truly random fails less than once in a billion runs.
    """
    assert list(noise.discrete_laplace([], Fraction(1))) == []
    for scale, centre in ((Fraction(1, 2), 0), (Fraction(2), -7), (Fraction(25, 3), 2**40)):
        found = noise.discrete_laplace([centre] * draws, scale)
        assert len(found) == draws
        assert all(isinstance(value, int) for value in found)
        excess, freedom = _chi_square(Counter(value - centre for value in found), draws, scale)
        assert excess < freedom + 8 * math.sqrt(2 * freedom) + 24, f"scale {scale}: chi-square {excess:.0f} at {freedom} degrees of freedom"
    pairs = noise.discrete_laplace([0] * draws, Fraction(2))
    products = [one * other for one, other in zip(pairs[::2], pairs[1::2], strict=True)]
    variance = _variance(Fraction(2))
    assert abs(sum(products)) < 8 * variance * math.sqrt(len(products)), "neighbours are correlated"


def _chi_square(found: Counter[int], draws: int, scale: Fraction) -> tuple[float, int]:
    """Return Pearson's statistic over the values that are expected 20 times or more, the tails pooled, and its degrees of freedom."""
    q = math.exp(-1 / float(scale))
    expected, reach = {0: draws * (1 - q) / (1 + q)}, 1
    while (each := draws * (1 - q) / (1 + q) * q**reach) >= 20:
        expected |= {reach: each, -reach: each}
        reach += 1
    tail = draws - sum(expected.values())
    outside = draws - sum(found[value] for value in expected)
    statistic = sum((found[value] - mean) ** 2 / mean for value, mean in expected.items())
    return statistic + (outside - tail) ** 2 / tail, len(expected)


def _variance(scale: Fraction) -> float:
    q = math.exp(-1 / float(scale))
    return 2 * q / (1 - q) ** 2
