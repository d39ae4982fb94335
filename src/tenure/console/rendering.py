"""Templates to answers: everything of others is escaped, and each answer forbids scripts, frames, and whatever comes from elsewhere."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from tenure.console.charts import share
from tenure.records.periods import parse_period

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
STATIC: Mapping[str, str] = {"console.css": "text/css", "icon.svg": "image/svg+xml"}
"""The files that pages load, with their types."""
_UNITS = ("B", "kB", "MB", "GB", "TB")


class Templates:
    """The pages' templates."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=PackageLoader("tenure.console"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._environment.filters |= {
            "amount": in_units,
            "thousands": in_thousands,
            "day": in_day,
            "minute": in_minute,
            "span": in_words,
            "usd": in_dollars,
            "ms": in_time,
            "share": share,
            "kind": lambda name: str(name).replace("_", " "),
        }

    def page(self, template: str, status: int = 200, /, **values: object) -> Response:
        """Return a page."""
        return HTMLResponse(self._environment.get_template(template).render(**values), status, dict(HEADERS))


def static_file(name: str) -> Response | None:
    """Return a file that pages load; None = there is none of that name."""
    kind = STATIC.get(name)
    if kind is None:
        return None
    content = (files("tenure.console") / "static" / name).read_bytes()
    return Response(content, media_type=kind, headers={**HEADERS, "cache-control": "max-age=3600"})


def in_units(size: int) -> str:
    """Return bytes in a unit that a person reads."""
    value, unit = float(size), 0
    while value >= 1000 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    return f"{size} B" if unit == 0 else f"{value:.1f} {_UNITS[unit]}"


def in_thousands(value: float) -> str:
    """Return a number with a thin space between thousands; fractions only of small ones."""
    text = f"{value:,.2f}" if value != int(value) and value < 1000 else f"{value:,.0f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}")


def in_day(at: date | datetime | None) -> str:
    """Return a day; None = no end."""
    return "no end" if at is None else f"{at:%Y-%m-%d}"


def in_minute(at: datetime | None) -> str:
    """Return an instant to the minute."""
    return "not known" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"


def in_words(length: str) -> str:
    """Return a length of time, such as `P30D`, in words."""
    if not length.startswith("P"):
        return {"indefinite": "without limit", "unstated": "not stated: 30 days"}.get(length, length)
    period = parse_period(length)
    years, months = divmod(period.months, 12)
    parts = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in ((years, "year"), (months, "month"), (period.days, "day")) if count]
    return " ".join(parts) or "0 days"


def in_dollars(value: Decimal | None) -> str:
    """Return an amount of money."""
    return "no price stated" if value is None else f"${value:,.2f}" if value == 0 or value >= Decimal("0.01") else f"${value:.6f}"


def in_time(value: float | None) -> str:
    """Return milliseconds in a unit that a person reads."""
    if value is None:
        return "\N{EN DASH}"
    return f"{value / 1000:.1f} s" if value >= 1000 else f"{value:.0f} ms"
