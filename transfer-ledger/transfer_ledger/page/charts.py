"""Bar charts as SVG, made here and not in the browser: where they stand is worked out, how they look is CSS."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDTH, HEIGHT = 720, 160
BASE = 132
"""Where the bars stand: below it are their labels."""
TOP = 12
GAP = 0.28
"""Part of a column that stays empty between two bars."""
LABELS = 8
"""Most columns that get a label; else every so many."""


class Part(msgspec.Struct, frozen=True):
    """One colour of one bar."""

    x: float
    y: float
    width: float
    height: float
    series: int


class Label(msgspec.Struct, frozen=True):
    """A text below a bar."""

    x: float
    text: str


class Chart(msgspec.Struct, kw_only=True, frozen=True):
    """A chart of stacked bars, ready to be drawn."""

    title: str
    names: Sequence[str]
    """What each colour means."""
    labels: list[Label]
    parts: list[Part]
    heads: Sequence[str]
    """Headings of the table that says the same: what a column is, then each colour."""
    rows: Sequence[tuple[str, Sequence[str]]]
    top: str
    """What the highest bar amounts to."""


def stacked(
    title: str,
    heads: Sequence[str],
    columns: Sequence[tuple[str, Sequence[float]]],
    rows: Sequence[tuple[str, Sequence[str]]],
    top: str,
) -> Chart | None:
    """Return a chart of columns (label, a number for each colour); None when there is nothing to see.

    Numbers below zero have no bar; the table tells them.
    """
    highest = max((sum(max(0.0, value) for value in values) for _, values in columns), default=0.0)
    if not highest:
        return None
    step = WIDTH / len(columns)
    every = -(-len(columns) // LABELS)
    parts = [part for number, (_, values) in enumerate(columns) for part in _bar(number, values, step, highest)]
    labels = [
        Label(round((number + 0.5) * step, 1), label)
        for number, (label, _) in enumerate(columns)
        if (len(columns) - 1 - number) % every == 0
    ]
    colours = max(len(values) for _, values in columns)
    return Chart(title=title, names=heads[1 : colours + 1], labels=labels, parts=parts, heads=heads, rows=rows, top=top)


def _bar(number: int, values: Sequence[float], step: float, highest: float) -> list[Part]:
    parts, base = [], float(BASE)
    for series, value in enumerate(values):
        height = max(0.0, value) / highest * (BASE - TOP)
        if height:
            # A little that happened is seen all the same.
            height = max(height, 1.5)
            base -= height
            x = (number + GAP / 2) * step
            parts.append(Part(round(x, 1), round(base, 1), round(step * (1 - GAP), 1), round(height, 1), series))
    return parts
