"""Plots: numbers to the places of shapes. Each stands beside a table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 160
_LEFT, _BOTTOM, _TOP, _WIDEST = 4, 28, 14, 80


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a plot.

    Attributes:
        x: of its left edge.
        y: of its top.
        width: of it.
        height: of it.
        label: below it; empty = none.
        told: what it stands for, in words.
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Plot:
    """Columns over an axis.

    Attributes:
        title: what is plotted.
        most: the largest value, in words.
        columns: from left to right.
    """

    title: str
    most: str
    columns: Sequence[Column]
    width: int = WIDTH
    height: int = HEIGHT
    floor: int = HEIGHT - _BOTTOM


def columns(title: str, values: Sequence[tuple[str, float, str]]) -> Plot:
    """Place columns.

    Args:
        title: what is plotted.
        values: label, value of at least 0, and the value in words; in their order.
    """
    most = max((value for _, value, _ in values), default=0.0)
    step = min((WIDTH - 2 * _LEFT) / max(len(values), 1), _WIDEST)
    room = HEIGHT - _BOTTOM - _TOP
    every = max(1, -(-len(values) // 8))  # more labels than eight would overlap on a narrow screen
    made = []
    for place, (label, value, told) in enumerate(values):
        height = round(room * value / most, 2) if most else 0.0
        x = round(_LEFT + place * step + step * 0.1, 2)
        shown = label if place % every == 0 else ""
        made.append(Column(x, round(HEIGHT - _BOTTOM - height, 2), round(step * 0.8, 2), height, shown, f"{label}: {told}"))
    return Plot(title, max(values, key=lambda each: each[1])[2] if values else "", made)


def share(value: float, most: float) -> int:
    """Return a value as percent of the largest, for a bar; what is more than none has at least one."""
    return 0 if most <= 0 or value <= 0 else max(1, round(100 * value / most))
