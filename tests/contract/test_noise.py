from fractions import Fraction

import pytest

from tenure.engines.noise import OpenDPNoise, _load, _not_below
from tenure.errors import ConfigError
from tenure.testing.noise import NoNoise, SeededNoise, check_noise


def test_seeded_noise_keeps_the_contract() -> None:
    check_noise(SeededNoise(7))


def test_opendp_noise_keeps_the_contract() -> None:
    check_noise(OpenDPNoise())


def test_contract_notices_noise_that_is_missing() -> None:
    with pytest.raises(AssertionError, match="chi-square"):
        check_noise(NoNoise())


class _Smaller:
    def discrete_laplace(self, values, scale):
        return SeededNoise(7).discrete_laplace(values, scale * Fraction(9, 10))


class _Shared:
    def __init__(self):
        self.seeded = SeededNoise(7)

    def discrete_laplace(self, values, scale):
        fresh = self.seeded.discrete_laplace([0] * (len(values) // 2), scale)
        return [value + noise for pair in zip(values[::2], values[1::2], strict=True) for value, noise in zip(pair, [fresh.pop()] * 2, strict=True)]


@pytest.mark.parametrize("noise", [_Smaller(), _Shared()])
def test_contract_notices_noise_that_is_smaller_or_shared(noise) -> None:
    with pytest.raises(AssertionError):
        check_noise(noise)


def test_missing_opendp_names_the_extra() -> None:
    with pytest.raises(ConfigError) as caught:
        _load("opendp_that_is_not_there")

    assert caught.value.code == "config/no-noise"
    assert "tenure[noise]" in caught.value.remedy


@pytest.mark.parametrize("scale", [Fraction(1, 3), Fraction(10, 3), Fraction(2), Fraction(10**9, 7)])
def test_scale_is_never_rounded_down(scale: Fraction) -> None:
    assert Fraction(_not_below(scale)) >= scale
