"""Charts of files and bytes per day, as lines of text. Slow to import: only where a chart is drawn."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from textual_plotext.plot import Plot

from mediadl.models import DayAmount
from mediadl.widgets.amounts import count, size

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_LABEL_CELLS = 9
_FRAME_CELLS = 3
_TICKS = 3


def draw_charts(
    days: Sequence[DayAmount], width: int, height: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Files and bytes side by side, `height` lines each, together `width` cells with two between them."""
    left = (width - 2) // 2
    labels = [day.day for day in days]
    return (
        _draw("Files a day", labels, [day.files for day in days], left, height, count),
        _draw("Bytes a day", labels, [day.size_bytes for day in days], width - 2 - left, height, size),
    )


def _draw(
    title: str,
    days: Sequence[date],
    values: Sequence[int],
    width: int,
    height: int,
    words: Callable[[int], str],
) -> tuple[str, ...]:
    days, values = days[-width:], values[-width:]
    top = max(values, default=0) or 1
    plot = Plot()
    plot.theme("clear")
    plot.plotsize(width, height)
    plot.title(title)
    places = list(range(1, len(days) + 1))
    plot.bar(places, [float(value) for value in values], width=0.6, marker="sd")
    plot.ylim(0, float(top))
    ticks = sorted({float(top * n // _TICKS) for n in range(_TICKS + 1)})
    amounts = [words(int(tick)) for tick in ticks]
    plot.yticks(ticks, amounts)
    # Labels that touch each other are dropped in no certain order: there is room for these
    inside = width - max(map(len, amounts)) - _FRAME_CELLS
    step = max(1, -(-len(days) * _LABEL_CELLS // max(inside, 1)))
    # The last day is today: it always has its label
    shown = [n for n in range(len(days)) if (len(days) - 1 - n) % step == 0]
    plot.xticks([n + 1 for n in shown], [f"{days[n].day} {days[n]:%b}" for n in shown])
    lines = [_COLOUR.sub("", line)[:width].ljust(width) for line in plot.build().splitlines()]
    return tuple([*lines, *[" " * width] * height][:height])
