"""Lines of a table as strips of styled cells. Pure: styles are handed in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mediadl.widgets.columns import Fitted, Part, pad

MARGIN = 2
"""Cells left of the first column: cursor and mark."""


def row_strip(
    fitted: Sequence[Fitted[Any]],
    cells: Sequence[Sequence[Part]],
    width: int,
    base: Style,
    style_of: Callable[[str], Style],
    *,
    cursor: bool,
    marked: bool,
) -> Strip:
    """One row; no cells make a blank line."""
    if not cells:
        return Strip([Segment(" " * width, base)], width)
    # Cursor and mark are signs as well as colours
    segments = [Segment(("›" if cursor else " ") + ("●" if marked else " "), base)]
    x = MARGIN
    for column, parts in zip(fitted, cells, strict=False):
        if column.x > x:
            segments.append(Segment(" " * (column.x - x), base))
        for text, name in pad(parts, column.width, right=column.column.right):
            # One colour on the cursor's line: any other may vanish on its background
            segments.append(Segment(text, base + style_of(name) if name and not cursor else base))
        x = column.x + column.width
    return Strip(segments).adjust_cell_length(width, base)


def header_strip(
    fitted: Sequence[Fitted[Any]], width: int, base: Style, chosen: Style, sort: str, descending: bool
) -> Strip:
    """The titles, with an arrow on the first column that stands for the order."""
    segments = [Segment(" " * MARGIN, base)]
    x = MARGIN
    for column in fitted:
        sorted_here = bool(sort) and column.column.sort == sort
        arrow = (" ▾" if descending else " ▴") if sorted_here else ""
        segments.append(Segment(" " * (column.x - x), base))
        title = [(f"{column.column.title}{arrow}", "")]
        style = base + chosen if sorted_here else base
        segments.extend(
            Segment(text, style) for text, _ in pad(title, column.width, right=column.column.right)
        )
        x = column.x + column.width
    return Strip(segments).adjust_cell_length(width, base)
