"""Rows of a table as strips of styled cells. Knows columns and styles, but no widget and no list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from mediadl.widgets.columns import Column, Fitted, Part, fit, pad

R = TypeVar("R")

MARGIN = 2
"""Cells left of the first column: cursor and mark."""

RowLine = tuple[tuple[tuple[Part, ...], ...], bool, bool]
"""What a line shows: its cells, cursor, mark. Equal lines look the same."""

NO_ROW: RowLine = ((), False, False)
"""A line below the last row."""

_SKELETON = "┄"

_STRIPS_KEPT = 500
"""Strips remembered; scrolling by a line makes one new."""


class RowPainter(Generic[R]):
    """Turns rows into lines and lines into strips, for one width."""

    def __init__(self, columns: Sequence[Column[R]], find_style: Callable[[str], Style]) -> None:
        self._columns = columns
        self._find_style = find_style
        self._width = 0
        self._styles: dict[str, Style] = {}
        self._strips: dict[tuple[RowLine, bool], Strip] = {}
        self.fitted: list[Fitted[R]] = []
        """The columns shown; none before the first `fit`."""

    def fit(self, width: int) -> None:
        """From now on paint for this width."""
        self._width = width
        self.fitted = fit(self._columns, width, margin=MARGIN)
        self._strips.clear()

    def forget(self) -> None:
        """The styles have changed."""
        self._styles.clear()
        self._strips.clear()

    def sort_at(self, x: int) -> str:
        """The order the header at this cell stands for; empty: none."""
        return next((f.column.sort for f in self.fitted if f.x <= x < f.x + f.width), "")

    def line(self, row: R | None, now: float, *, cursor: bool, marked: bool) -> RowLine:
        """What the line of a row shows; `None`: a row that is still to come."""
        if row is None:
            return (tuple(((_SKELETON * max(f.width // 2, 1), "rest"),) for f in self.fitted), cursor, marked)
        return (tuple(tuple(f.column.parts(row, now, f.width)) for f in self.fitted), cursor, marked)

    def strip(self, line: RowLine, *, focused: bool) -> Strip:
        """A line as it is painted."""
        strip = self._strips.get((line, focused))
        if strip is None:
            if len(self._strips) > _STRIPS_KEPT:
                self._strips.clear()
            strip = self._strips[line, focused] = self._make(line, focused=focused)
        return strip

    def _make(self, line: RowLine, *, focused: bool) -> Strip:
        cells, cursor, marked = line
        base = self._style("")
        if not cells:
            return Strip([Segment(" " * self._width, base)], self._width)
        if cursor:
            base += self._style("cursor" if focused else "cursor-blurred")
        elif marked:
            base += self._style("marked")
        # Cursor and mark are signs as well as colours
        segments = [Segment(("›" if cursor else " ") + ("●" if marked else " "), base)]
        x = MARGIN
        for fitted, parts in zip(self.fitted, cells, strict=False):
            if fitted.x > x:
                segments.append(Segment(" " * (fitted.x - x), base))
            for text, name in pad(parts, fitted.width, right=fitted.column.right):
                # One colour on the cursor's line: any other may vanish on its background
                segments.append(Segment(text, base + self._style(name) if name and not cursor else base))
            x = fitted.x + fitted.width
        return Strip(segments).adjust_cell_length(self._width, base)

    def header(self, sort: str, descending: bool) -> Strip:
        """The titles, with an arrow on the column that stands for the order."""
        base = self._style("header")
        segments = [Segment(" " * MARGIN, base)]
        x = MARGIN
        for fitted in self.fitted:
            sorted_here = bool(sort) and fitted.column.sort == sort
            arrow = (" ▾" if descending else " ▴") if sorted_here else ""
            style = base + self._style("sorted") if sorted_here else base
            segments.append(Segment(" " * (fitted.x - x), base))
            title = pad([(f"{fitted.column.title}{arrow}", "")], fitted.width, right=fitted.column.right)
            segments.extend(Segment(text, style) for text, _ in title)
            x = fitted.x + fitted.width
        return Strip(segments).adjust_cell_length(self._width, base)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._find_style(name)
        return style
