"""A line of an audit: label, text, proof and state, and numbers in words. What lines there are stands in `lines`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        label: what it is about; empty = goes on from the line before.
        text: what is so.
        proof: how that is known: a place, or a page with its day.
        state: measured, default, attested, inferred, unknown.
        tone: `plain`, `warn`, `good` or `quiet`.
    """

    label: str
    text: str
    proof: str
    state: str
    tone: str = "plain"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}".replace(",", " ")


def size(count: int) -> str:
    """Return a number of bytes in a unit that reads well."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 100 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
