"""Where the tiles of a gallery lie. Pure: no widget, no terminal."""

from __future__ import annotations

from dataclasses import dataclass

from mediadl.widgets.window import Window

GUTTER = 1
"""Cells left of each picture: the cursor is shown there."""

CAPTION = 1
"""Lines below each picture."""

_LEAST_WIDTH = 12
_ROOMY_FROM = 100
"""Width from which tiles are wider rather than more."""
_LEAST_PICTURE = 2
_WORD_LINES = 3
"""Height of a tile's upper part where no pictures are shown."""


@dataclass(frozen=True, slots=True)
class Grid:
    """How a gallery of this size is divided."""

    columns: int
    tile_width: int
    """Cells, gutter included."""
    tile_height: int
    """Lines, caption included."""
    view_height: int

    @property
    def picture_width(self) -> int:
        """Cells."""
        return self.tile_width - GUTTER

    @property
    def picture_height(self) -> int:
        """Lines."""
        return self.tile_height - CAPTION

    @property
    def lines_in_view(self) -> int:
        """Lines of tiles that fit the view."""
        return max(1, self.view_height // self.tile_height)

    def line_of(self, index: int) -> int:
        """The line of tiles that holds a tile."""
        return index // self.columns

    def height_of(self, total: int) -> int:
        """Cells of the whole list: the last lines of tiles can be scrolled to the top of a page."""
        lines = -(-total // self.columns)
        beyond = self.view_height - self.lines_in_view * self.tile_height
        return lines * self.tile_height + (beyond if lines >= self.lines_in_view else 0)

    def at(self, x: int, y: int) -> tuple[int, int] | None:
        """Line of tiles (from the top of the list) and column at a cell; None beside the tiles."""
        column = x // self.tile_width
        return (y // self.tile_height, column) if 0 <= column < self.columns and y >= 0 else None


def divide(width: int, height: int, *, zoom: int = 0, pictures: bool = True) -> Grid:
    """The tiles of a view: few and large on a narrow one; each step of `zoom` makes one less in a line.

    A page is filled with whole lines of tiles.
    """
    width, height = max(width, 1), max(height, 1)
    ideal_width = 22 if width >= _ROOMY_FROM - 1 else 19 if width >= 76 else 26
    most = max(1, width // _LEAST_WIDTH)
    columns = max(1, min(most, max(2 if width >= 2 * _LEAST_WIDTH else 1, width // ideal_width) - zoom))
    tile_width = width // columns
    # A cell is about twice as high as wide, most pictures are wider than high
    ideal = round((tile_width - GUTTER) * 3 / 8) if pictures else _WORD_LINES
    ideal_height = min(max(ideal, _LEAST_PICTURE) + CAPTION, height)
    lines = max(1, round(height / ideal_height))
    tile_height = max(height // lines, min(height, _LEAST_PICTURE + CAPTION))
    return Grid(columns, tile_width, tile_height if pictures else min(tile_height, ideal_height), height)


def zoom_limits(width: int) -> tuple[int, int]:
    """Least and greatest useful zoom at this width: from the most columns to one."""
    normal = divide(width, 10).columns
    return normal - max(1, width // _LEAST_WIDTH), normal - 1


def first_line(window: Window[object], grid: Grid) -> int:
    """The line of tiles that should come first when a window arrives.

    The cursor's tile keeps its line on the screen as far as the list allows.
    """
    asked = window.asked
    moved = window.cursor - asked.cursor
    if window.first - asked.first == moved:
        line = grid.line_of(asked.first) + grid.line_of(window.cursor) - grid.line_of(asked.cursor)
    else:
        line = -(-window.first // grid.columns)
    lines = -(-window.total // grid.columns)
    return max(0, min(line, lines - grid.lines_in_view))
