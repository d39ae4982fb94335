"""Quantiles of many measurements in little room: counts in buckets whose ends grow by a fixed ratio.

Any quantile is within `ACCURACY` of one of the measurements, whatever their distribution; two sketches are merged by adding their counts.
Source: Masson, Rim and Lee 2019, "DDSketch", doi:10.14778/3352063.3352135.
"""

import math
from collections import Counter

ACCURACY = 0.01
_RATIO = (1 + ACCURACY) / (1 - ACCURACY)
_LOG = math.log(_RATIO)
_LEAST = 1e-9
"""What is below counts as zero."""


class Sketch:
    """Counts of measurements that are not negative."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._zeros = 0

    def __len__(self) -> int:
        return self._zeros + self._buckets.total()

    def add(self, value: float, count: int = 1) -> None:
        """Count a measurement; a negative one counts as zero."""
        if value < _LEAST:
            self._zeros += count
        elif count > 0:
            self._buckets[math.ceil(math.log(value) / _LOG)] += count

    def merge(self, other: "Sketch") -> None:
        """Count all that another one counted."""
        self._zeros += other._zeros
        self._buckets.update(other._buckets)

    def quantile(self, share: float) -> float | None:
        """Return the measurement below which that share of them lies, in [0, 1]; None = there are none."""
        total = len(self)
        if not total:
            return None
        rank, seen = share * (total - 1), self._zeros
        if seen > rank:
            return 0.0
        for bucket in sorted(self._buckets):
            seen += self._buckets[bucket]
            if seen > rank:
                return 2 * math.exp(bucket * _LOG) / (_RATIO + 1)
        return None
