"""Histograms of both forms, and summaries, as one thing. Source: opentelemetry.io/docs/specs/otel/metrics/data-model."""

import math
from itertools import pairwise

from tenure.server.otlp.rows import Distribution

MOST_BUCKETS = 1_024
_COARSEST, _FINEST = -10, 20


def is_sound(value: int | float | Distribution) -> bool:
    """Tell whether a value holds finite numbers only, and a distribution bounds that ascend and one count more than bounds."""
    if isinstance(value, int):
        return True
    if isinstance(value, float):
        return math.isfinite(value)
    numbers = (value.total, value.least, value.most, *value.bounds, *(part for pair in value.quantiles for part in pair))
    return (
        all(number is None or math.isfinite(number) for number in numbers)
        and (not value.counts or len(value.counts) == len(value.bounds) + 1)
        and (bool(value.counts) or not value.bounds)
        and max(len(value.counts), len(value.quantiles)) <= MOST_BUCKETS
        and all(low < high for low, high in pairwise(value.bounds))
        and all(0 <= quantile <= 1 for quantile, _ in value.quantiles)
    )


def exponential(
    scale: int, zeros: int, positive: tuple[int, list[int]], negative: tuple[int, list[int]]
) -> tuple[tuple[float, ...], tuple[int, ...]] | None:
    """Give the buckets of an exponential histogram plain bounds.

    Args:
        scale: of it; buckets end at powers of 2 ** (2 ** -scale).
        zeros: count of the bucket around zero.
        positive: offset and counts of the buckets above zero.
        negative: offset and counts of the buckets below zero.

    Returns:
        Bounds and counts as a `Distribution` has them; None where they cannot be told in 64 bits.
    """
    if not _COARSEST <= scale <= _FINEST:
        return None
    try:
        above, below = _bounds(scale, positive), _bounds(scale, negative)
    except OverflowError:
        return None
    bounds = (*(-bound for bound in reversed(below)), *above)
    counts = (*([0, *reversed(negative[1])] if below else []), zeros, *positive[1], *([0] if above else []))
    return bounds, counts


def _bounds(scale: int, buckets: tuple[int, list[int]]) -> list[float]:
    offset, counts = buckets
    return [2.0 ** ((offset + step) * 2.0**-scale) for step in range(len(counts) + 1)] if counts else []
