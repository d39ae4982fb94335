"""Free tokens per day that an enrolment brings, and which requests they leave to be billed.

Source: docs/reference/packs.md, `[[quota]]`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from tenure.terms.price import Span
from tenure.terms.standing import Standing


@dataclass(frozen=True, slots=True)
class Quota:
    """Free tokens per day of UTC that an enrolment brings, input and output together, shared by a group of models.

    Attributes:
        tokens: how many.
        tiers: usage tiers that get so many.
        consent: the enrolment that brings it; None = no row names one.
        not_for: features that are always billed.
    """

    id: str
    group: str
    tiers: frozenset[str]
    tokens: int
    consent: str | None
    not_for: frozenset[str]
    span: Span
    row: str
    text: str
    source: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Sent:
    """One request to an API with a free quota.

    Attributes:
        at: when, aware.
        tokens: input and output together.
        shared: whether it went through an enrolled project with a positive balance; None = not known.
        feature: what it was for; None = not known.
    """

    at: datetime
    tokens: int
    shared: bool | None
    feature: str | None


def quota_for(quotas: Iterable[Quota], *, group: str, tier: str, at: datetime) -> Quota | None:
    """Return the quota of a model group and usage tier at a time; None if no row states one."""
    found = [quota for quota in quotas if quota.group == group and tier in quota.tiers and quota.span.holds(at)]
    return max(found, key=lambda quota: quota.span.since, default=None)


def metered(quota: Quota, requests: Iterable[Sent], *, used: int = 0, used_on: date | None = None) -> tuple[int, ...]:
    """Return how many tokens of each request are billed at list price: none of it or all of it.

    The request that crosses the limit is billed whole, and so is every later one of that day; at 00:00 UTC the count begins again. What is not known
    to be covered by the quota is billed and does not draw on it.

    Args:
        quota: of one model group and tier.
        requests: in the order in which they came.
        used: tokens of the group used already on the day `used_on`.
        used_on: a day of UTC; None = the day of the first request.
    """
    billed: list[int] = []
    for request in requests:
        day = request.at.astimezone(UTC).date()
        if used_on is not None and day != used_on:
            used = 0
        used_on = day
        covered = request.shared is True and request.feature is not None and request.feature not in quota.not_for and quota.span.holds(request.at)
        used += request.tokens if covered else 0
        billed.append(0 if covered and used <= quota.tokens else request.tokens)
    return tuple(billed)
