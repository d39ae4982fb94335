"""Noise from OpenDP, whose samplers are exact and take their chance from the operating system."""

import importlib
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tenure.errors import ConfigError, DataError


class OpenDPNoise:
    """Discrete Laplace noise from OpenDP, which is loaded when the first one is made.

    Raises:
        ConfigError: OpenDP is not installed.
    """

    def __init__(self) -> None:
        self._opendp = _load("opendp.prelude")

    def discrete_laplace(self, values: Sequence[int], scale: Fraction) -> Sequence[int]:
        """Return each value plus independent noise.

        Raises:
            DataError: OpenDP does not vouch for the scale.
        """
        dp = self._opendp
        given = _not_below(scale)
        space = dp.vector_domain(dp.atom_domain(T="i64")), dp.l1_distance(T="i64")
        measurement = space >> dp.m.then_laplace(given)
        # What one unit of distance costs, as OpenDP reckons it in directed rounding.
        if Fraction(measurement.map(1)) * scale > 1 + Fraction(1, 10**9):
            raise DataError("noise: expected a scale that OpenDP vouches for, got another", code="release/parameters")
        return list(measurement(list(values)))


def _load(name: str) -> Any:  # OpenDP's functions are made at run time and have no types
    try:
        prelude = importlib.import_module(name)
    except ModuleNotFoundError as error:
        message = "noise: expected the library OpenDP, found none"
        raise ConfigError(message, code="config/no-noise", remedy="pip install 'tenure[noise]'") from error
    prelude.enable_features("contrib")
    return prelude


def _not_below(scale: Fraction) -> float:
    """Return the nearest float that is not smaller."""
    near = float(scale)
    return near if Fraction(near) >= scale else math.nextafter(near, math.inf)
