"""The rows of a pack that prices rest on: `[[price]]`, `[[surcharge]]`, `[[discount]]`, `[[quota]]`, `[[model_pricing]]` from TOML to values.

Source: docs/reference/packs.md, section "What is not a clause".
"""

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from tenure.errors import TermsError
from tenure.terms.document import Table
from tenure.terms.model_pricing import PricingLimit
from tenure.terms.price import TOKEN_KINDS, Discount, Price, Span, Surcharge
from tenure.terms.quota import Quota
from tenure.terms.sightings import parse_sighting
from tenure.terms.standing import Standing
from tenure.terms.versions import parse_version

_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,12})?", re.ASCII)


def parse_prices(document: Table | Mapping[str, object], where: str = "pack.toml") -> tuple[Price, ...]:
    """Read `[[price]]` of a pack.

    Args:
        document: the root table, or what tomllib made of the file.
        where: what errors call the file, where `document` does not know it.

    Raises:
        TermsError: a key or a value that the format does not know, or two rows for the same requests from the same day.
    """
    prices = []
    seen: set[tuple[str, int, datetime]] = set()
    for table in _tables(document, "price", where):
        price = Price(
            model=table.text("model"),
            aliases=frozenset(table.texts("aliases")),
            rates={kind: _dollars(table, kind) for kind in TOKEN_KINDS},
            prompt_over=_count(table, "prompt_over", 0),
            span=_span(table),
            source=table.text("source"),
            standing=_standing(table),
        )
        _close(table)
        for name in (price.model, *price.aliases):
            row = (name, price.prompt_over, price.span.since)
            if row in seen:
                table.fail("model", "one row per model, prompt_over and date", name)
            seen.add(row)
        prices.append(price)
    return tuple(prices)


def parse_surcharges(document: Table | Mapping[str, object], where: str = "pack.toml") -> tuple[Surcharge, ...]:
    """Read `[[surcharge]]` of a pack. Arguments and errors as `parse_prices`."""
    return tuple(_surcharge(table) for table in _tables(document, "surcharge", where))


def _surcharge(table: Table) -> Surcharge:
    rates = {kind: _dollars(table, kind) for kind in TOKEN_KINDS if kind in table}
    if bool(rates) == ("factor" in table):
        table.fail("factor", "either a factor or prices of its own", "both" if rates else "neither")
    surcharge = Surcharge(
        id=table.text("id"),
        mode=table.text("mode"),
        models=frozenset(table.texts("models")),
        factor=Decimal(1) if rates else _dollars(table, "factor"),
        rates=rates,
        span=_span(table),
        source=table.text("source"),
        standing=_standing(table),
    )
    _close(table)
    return surcharge


def parse_discounts(document: Table | Mapping[str, object], where: str = "pack.toml") -> tuple[Discount, ...]:
    """Read `[[discount]]` of a pack. Arguments and errors as `parse_prices`."""
    return tuple(_discount_row(table) for table in _tables(document, "discount", where))


def _discount_row(table: Table) -> Discount:
    discount = Discount(
        id=table.text("id"),
        consent=table.optional_text("consent"),
        flag=table.optional_text("flag"),
        models=frozenset(table.texts("models")),
        kinds=frozenset(table.texts("kinds")),
        factor=_dollars(table, "factor"),
        span=_span(table),
        when=_when(table.table("when")),
        row=table.text("row"),
        text=table.text("text"),
        source=table.text("source"),
        standing=_standing(table),
    )
    if discount.consent is None and discount.flag is None:
        table.fail("consent", "the consent or the flag that brings the discount", "neither")
    for kind in sorted(discount.kinds - set(TOKEN_KINDS)):
        table.fail("kinds", f"one of {', '.join(TOKEN_KINDS)}", kind, choices=TOKEN_KINDS)
    if discount.factor > 1:
        table.fail("factor", "at most 1", discount.factor)
    table.close()
    return discount


def _when(table: Table) -> dict[str, frozenset[str]]:
    return {key: frozenset({str(value).lower()}) if isinstance(value, bool) else frozenset(table.texts(key)) for key, value in table.raw.items()}


def parse_quotas(document: Table | Mapping[str, object], where: str = "pack.toml") -> tuple[Quota, ...]:
    """Read `[[quota]]` of a pack. Arguments and errors as `parse_prices`."""
    return tuple(_quota(table) for table in _tables(document, "quota", where))


def _quota(table: Table) -> Quota:
    quota = Quota(
        id=table.text("id"),
        group=table.text("group"),
        tiers=frozenset(table.texts("tiers")),
        tokens=_count(table, "tokens", None),
        consent=table.optional_text("consent"),
        not_for=frozenset(table.texts("not_for")),
        span=_span(table),
        row=table.text("row"),
        text=table.text("text"),
        source=table.text("source"),
        standing=_standing(table),
    )
    table.close()
    return quota


def parse_pricing_limits(document: Table | Mapping[str, object], where: str = "pack.toml") -> tuple[PricingLimit, ...]:
    """Read `[[model_pricing]]` of a pack. Arguments and errors as `parse_prices`."""
    return tuple(_pricing_limit(table) for table in _tables(document, "model_pricing", where))


def _pricing_limit(table: Table) -> PricingLimit:
    version = parse_version(table.text("client_version"))
    if version is None:
        table.fail("client_version", "a version such as 2.1.242", table.text("client_version"))
    limit = PricingLimit(version, _dollars(table, "multiplier_max"), table.flag("host_supplied", False), table.text("source"), _standing(table))
    _close(table)
    return limit


def _tables(document: Table | Mapping[str, object], key: str, where: str) -> list[Table]:
    root = document if isinstance(document, Table) else Table(document, where, {}, "", 1)
    return root.tables(key)


def _close(table: Table) -> None:
    """Take the words that any row may carry beside what counts, then let no other key pass."""
    table.optional_text("row")
    table.optional_text("text")
    table.close()


def _dollars(table: Table, key: str) -> Decimal:
    text = table.text(key)
    if not _AMOUNT.fullmatch(text):
        table.fail(key, 'a decimal number in quotes such as "0.30"', text)
    return Decimal(text)


def _count(table: Table, key: str, default: int | None) -> int:
    value = table.number(key)
    if value is None and default is not None:
        return default
    if value is None or value < 0 or value != int(value):
        table.fail(key, "a whole number of tokens", value)
    return int(value)


def _standing(table: Table) -> Standing:
    text = table.text("class")
    if text not in set(Standing):
        table.fail("class", f"one of {', '.join(Standing)}", text, choices=Standing)
    return Standing(text)


def _span(table: Table) -> Span:
    ends = table.optional_text("until")
    try:
        since = _first(table.text("from"))
        until = None if ends is None else parse_sighting(ends, ()).latest
    except TermsError as error:
        raise TermsError(f"{table.where}: from, until: {error.message}", code=error.code, remedy=error.remedy) from error
    if until is not None and until <= since:
        table.fail("until", "a day not before `from`", ends, code="terms/date")
    return Span(since, until)


def _first(text: str) -> datetime:
    """Return the beginning of what a sighting names: a price has no stricter reading."""
    sighting = parse_sighting("~" + text[2:] if text.startswith("<=") else text, ())
    return sighting.earliest or sighting.latest
