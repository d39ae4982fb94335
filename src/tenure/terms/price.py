"""What a request costs in US dollars, by the price rows of a pack: list prices, surcharges, the discount of an enrolment.

An amount that no row states is None, never zero. A discount needs its enrolment, and no enrolment is inferred from a discount: price and purpose
hang on the same consent. Nothing here is a bill of the vendor. Rows come from `terms.price_rows`.

Source: docs/reference/packs.md, section "What is not a clause".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal

from tenure.errors import DataError
from tenure.terms.standing import Standing

TOKEN_KINDS = ("input", "write_5m", "write_1h", "read", "output")
ANY = "*"
_PER_MILLION = -6


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one request, by kind; each at least 0."""

    input: int = 0
    write_5m: int = 0
    write_1h: int = 0
    read: int = 0
    output: int = 0

    def __post_init__(self) -> None:
        for part in fields(self):
            if getattr(self, part.name) < 0:
                raise DataError(f"usage.{part.name}: expected a number of tokens of at least 0, got {getattr(self, part.name)}")

    @property
    def prompt(self) -> int:
        """The whole prompt: everything but the output."""
        return self.input + self.write_5m + self.write_1h + self.read


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when a row counts: `since` inclusive, `until` exclusive; None = no end is known."""

    since: datetime
    until: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the row counts at `at`."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Price:
    """The list price of a model.

    Attributes:
        model: the pack's name of the model; aliases are other names of it.
        rates: US dollars per million tokens, by token kind; all five.
        prompt_over: counts for requests whose whole prompt exceeds this many tokens; 0 = for all.
        span: when it holds.
    """

    model: str
    aliases: frozenset[str]
    rates: Mapping[str, Decimal]
    prompt_over: int
    span: Span
    source: str
    standing: Standing

    def is_of(self, model: str) -> bool:
        """Whether a name names this model."""
        return model == self.model or model in self.aliases


@dataclass(frozen=True, slots=True)
class Surcharge:
    """What a way of asking does to the list price: a factor on every kind, or prices of its own for some kinds.

    Attributes:
        mode: how callers name the way of asking.
        models: names of `Price.model`, or `*`.
        factor: times the list price; 1 where the row has prices of its own.
        rates: prices of its own, by token kind; empty where the row has a factor.
    """

    id: str
    mode: str
    models: frozenset[str]
    factor: Decimal
    rates: Mapping[str, Decimal]
    span: Span
    source: str
    standing: Standing

    def is_for(self, model: str, at: datetime) -> bool:
        """Whether it counts for a model at a time."""
        return (ANY in self.models or model in self.models) and self.span.holds(at)


@dataclass(frozen=True, slots=True)
class Discount:
    """A lower price that an enrolment brings, as long as it lasts.

    Attributes:
        consent: the consent, or
        flag: the flag of the agreement, either of which shows the enrolment.
        kinds: token kinds that it lowers.
        factor: times the list price.
        when: facts of the request that must be known and as named, such as `attribute.auth`.
    """

    id: str
    consent: str | None
    flag: str | None
    models: frozenset[str]
    kinds: frozenset[str]
    factor: Decimal
    span: Span
    when: Mapping[str, frozenset[str]]
    row: str
    text: str
    source: str
    standing: Standing


@dataclass(frozen=True, slots=True)
class Terms:
    """Under what a request was made, as far as a price depends on it. What is not named is not known, and an unknown brings no discount.

    Attributes:
        modes: ways of asking that a surcharge names.
        consents: names of consents that are on at the time of the request.
        flags: flags of the agreement.
        facts: other keys of a discount's `when`, such as `provider` or `attribute.auth`.
        extended: ids of discounts that are configured to go on after their stated end.
    """

    modes: frozenset[str] = frozenset()
    consents: frozenset[str] = frozenset()
    flags: frozenset[str] = frozenset()
    facts: Mapping[str, str] = field(default_factory=dict)
    extended: frozenset[str] = frozenset()


ORDINARY = Terms()
"""Asked the ordinary way, with nothing known of an enrolment."""


def amount(
    prices: Iterable[Price],
    discounts: Iterable[Discount],
    usage: Usage,
    *,
    model: str,
    at: datetime,
    surcharges: Sequence[Surcharge] = (),
    terms: Terms = ORDINARY,
) -> Decimal | None:
    """Return what a request costs.

    Args:
        prices: list prices of the pack.
        discounts: discounts of the pack.
        usage: tokens by kind.
        model: name or alias of a model.
        at: when the request was made, aware.
        surcharges: what the modes in `terms` do.
        terms: how and under which agreement it was asked.

    Returns:
        US dollars, exact; None where no row states a price: unknown model, a date before its first row, a mode that nobody prices for this model.

    Raises:
        DataError: `at` has no time zone.
    """
    if at.tzinfo is None:
        raise DataError("at: expected a time with its zone, got one without")
    price = list_price(prices, model=model, at=at, prompt=usage.prompt)
    if price is None:
        return None
    rates: Mapping[str, Decimal] | None = price.rates
    for mode in sorted(terms.modes, key=lambda mode: not _has_rates(surcharges, mode)):
        rates = rates and _surcharged(rates, mode, [row for row in surcharges if row.mode == mode], price.model, at)
    if not rates:
        return None
    factor = {kind: _discount(discounts, kind, price.model, at, terms) for kind in TOKEN_KINDS}
    return cost(usage, {kind: rates[kind] * factor[kind] for kind in TOKEN_KINDS})


def list_price(prices: Iterable[Price], *, model: str, at: datetime, prompt: int) -> Price | None:
    """Return the row that prices a request: the greatest limit that its whole prompt exceeds, of those the latest."""
    found = [price for price in prices if price.is_of(model) and price.span.holds(at) and (price.prompt_over == 0 or prompt > price.prompt_over)]
    return max(found, key=lambda price: (price.prompt_over, price.span.since), default=None)


def _has_rates(surcharges: Iterable[Surcharge], mode: str) -> bool:
    return any(row.rates for row in surcharges if row.mode == mode)


def _surcharged(rates: Mapping[str, Decimal], mode: str, rows: Sequence[Surcharge], model: str, at: datetime) -> Mapping[str, Decimal] | None:
    """Apply one mode. A mode that no row prices has no price; one with a factor leaves models that it does not name as they are."""
    applying = [row for row in rows if row.is_for(model, at)]
    if not applying:
        return rates if rows and not _has_rates(rows, mode) else None
    row = max(applying, key=lambda row: row.span.since)
    return {kind: row.rates.get(kind, rate) * row.factor for kind, rate in rates.items()}


def _discount(discounts: Iterable[Discount], kind: str, model: str, at: datetime, terms: Terms) -> Decimal:
    return min((row.factor for row in discounts if kind in row.kinds and _is_due(row, model, at, terms)), default=Decimal(1))


def _is_due(row: Discount, model: str, at: datetime, terms: Terms) -> bool:
    is_enrolled = row.consent in terms.consents or row.flag in terms.flags
    in_time = row.span.since <= at if row.id in terms.extended else row.span.holds(at)
    return is_enrolled and in_time and model in row.models and all(_fact(terms, key) in allowed for key, allowed in row.when.items())


def _fact(terms: Terms, key: str) -> str | None:
    name = key.removeprefix("flag.")
    return terms.facts.get(key) if name == key else str(name in terms.flags).lower()


def cost(usage: Usage, rates: Mapping[str, Decimal]) -> Decimal:
    """Return the US dollars of a usage at rates per million tokens of each kind."""
    return sum((getattr(usage, kind) * rates[kind] for kind in TOKEN_KINDS), Decimal()).scaleb(_PER_MILLION)
