"""The managed setting `modelPricing` of Claude Code: what a client reports for a request, never what is billed.

Source: docs/reference/packs.md, `[[model_pricing]]`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from tenure.errors import DataError
from tenure.terms.price import ORDINARY, Discount, Price, Surcharge, Terms, Usage, amount, cost
from tenure.terms.standing import Standing
from tenure.terms.versions import parse_version

_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class PricingLimit:
    """What the managed setting `modelPricing` may hold from a client version on; `host_supplied`: whether a host may supply it."""

    client_version: tuple[int, ...]
    multiplier_max: Decimal
    host_supplied: bool
    source: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class ModelPricing:
    """The managed setting `modelPricing`, read. It changes what is reported, never what is billed."""

    multiplier: Decimal = Decimal(1)
    overrides: Mapping[str, Mapping[str, Decimal]] = field(default_factory=dict)


def reported(
    prices: Sequence[Price],
    discounts: Iterable[Discount],
    usage: Usage,
    pricing: ModelPricing,
    *,
    model: str,
    at: datetime,
    surcharges: Sequence[Surcharge] = (),
    terms: Terms = ORDINARY,
) -> Decimal | None:
    """Return what a client reports for a request under `modelPricing`: its override exactly, else the amount; then times the multiplier.

    Arguments, result and errors as `amount`; `pricing` is the setting.
    """
    same = {name for price in prices if price.is_of(model) for name in (price.model, *price.aliases)} | {model}
    override = pricing.overrides.get(model) or next((pricing.overrides[name] for name in sorted(same) if name in pricing.overrides), None)
    if override is not None:
        return cost(usage, override) * pricing.multiplier
    plain = amount(prices, discounts, usage, model=model, at=at, surcharges=surcharges, terms=terms)
    return None if plain is None else plain * pricing.multiplier


def parse_model_pricing(
    value: Mapping[str, object], limits: Iterable[PricingLimit], *, client_version: str, host_supplied: bool = False
) -> ModelPricing | None:
    """Read the setting as a client of a version does.

    Args:
        value: `{"multiplier": ..., "overrides": {MODEL: {"input": ..., "output": ..., "cacheRead": ..., "cacheWrite": ...}}}`.
        limits: rows of the pack.
        client_version: such as `2.1.271`.
        host_supplied: a host supplies it, not managed settings.

    Returns:
        The setting; None if a client of that version does not know it.

    Raises:
        DataError: a key, a number or an override is not as the setting demands.
    """
    version = parse_version(client_version)
    known = [limit for limit in limits if version is not None and limit.client_version <= version]
    if not known:
        return None
    limit = max(known, key=lambda limit: limit.client_version)
    if host_supplied and not limit.host_supplied:
        return None
    overrides = value.get("overrides", {})
    if not isinstance(overrides, Mapping) or set(value) - {"multiplier", "overrides"}:
        raise DataError(f"modelPricing: expected multiplier and overrides, got {', '.join(sorted(value))[:60]}")
    multiplier = _number(value.get("multiplier", 1), "modelPricing.multiplier")
    if not 0 < multiplier <= limit.multiplier_max:
        raise DataError(f"modelPricing.multiplier: expected more than 0 and at most {limit.multiplier_max}, got {multiplier}")
    return ModelPricing(multiplier, {str(name): _override(part, str(name)) for name, part in overrides.items()})


def _override(value: object, model: str) -> dict[str, Decimal]:
    names = {"input": "input", "output": "output", "read": "cacheRead", "write_5m": "cacheWrite", "write_1h": "cacheWrite"}
    if not isinstance(value, Mapping) or set(value) != set(names.values()):
        raise DataError(f"modelPricing.overrides.{model[:40]}: expected input, output, cacheRead and cacheWrite, all of them and no other")
    return {kind: _number(value[name], f"modelPricing.overrides.{model[:40]}.{name}") for kind, name in names.items()}


def _number(value: object, where: str) -> Decimal:
    text = str(value) if isinstance(value, int | float | Decimal | str) and not isinstance(value, bool) else ""
    if not _NUMBER.fullmatch(text):
        raise DataError(f"{where}: expected a number of at least 0, got {text[:20] or type(value).__name__!r}")
    return Decimal(text)
