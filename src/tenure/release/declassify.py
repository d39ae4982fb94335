"""One entry for all declassifiers."""

from collections.abc import Iterable
from datetime import datetime
from typing import assert_never

from tenure.release.budget import Allowance, Spending
from tenure.release.declassifier import Outcome
from tenure.release.noise import Noise
from tenure.release.private import PrivateCount, PrivateSum, private_count, private_sum
from tenure.release.threshold import ThresholdCount, threshold_count

Query = ThresholdCount | PrivateCount | PrivateSum


def declassify(query: Query, noise: Noise, earlier: Iterable[Spending], allowance: Allowance, at: datetime, release: str) -> Outcome:
    """Run the declassifier that a query is for; the arguments are those of `private_sum`."""
    match query:
        case ThresholdCount():
            return threshold_count(query, earlier, allowance, at, release)
        case PrivateCount():
            return private_count(query, noise, earlier, allowance, at, release)
        case PrivateSum():
            return private_sum(query, noise, earlier, allowance, at, release)
        case _:
            assert_never(query)
