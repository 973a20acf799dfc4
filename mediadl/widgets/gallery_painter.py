"""Tiles as strips of styled cells. Knows pictures and styles, but no widget and no list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from rich.segment import Segment
from rich.style import Style

from mediadl.widgets.columns import Part, pad
from mediadl.widgets.gallery_layout import GUTTER, Grid
from mediadl.widgets.picture import Pixels, centred, half_cells, in_words
from mediadl.widgets.picture_kitty import Held, placeholders

R = TypeVar("R")

TileLines = Sequence[Sequence[Segment]]
"""The segments of each line of a tile."""

_CURSOR = "▐"
_ROOM_FOR_FACTS = 4
"""Lines from which on three of words look well."""
_TILES_KEPT = 120
"""Tiles remembered as painted, some pages of them: each is hundreds of small objects."""


@dataclass(frozen=True, slots=True)
class Face:
    """What stands for a row while it has no picture."""

    glyph: str
    word: str
    """Its kind."""
    facts: str = ""
    """Shown where there is no picture and none to come."""


class Preview(Pixels, Protocol):
    """A picture, or the words for why there is none."""

    @property
    def id(self) -> int:
        """Of the row it belongs to."""

    @property
    def box(self) -> tuple[int, int]:
        """Greatest size in pixels that was asked for."""

    @property
    def note(self) -> str:
        """Why there is no picture."""


@dataclass(frozen=True, slots=True)
class Tile(Generic[R]):
    """What a tile shows. Equal tiles look the same."""

    row: R | None
    """None: still to come."""
    picture: Preview | None
    held: Held | None
    """The picture where the terminal keeps it."""
    cursor: bool
    marked: bool


class TilePainter(Generic[R]):
    """Turns tiles into lines of segments, for one grid."""

    def __init__(
        self,
        face: Callable[[R], Face],
        caption: Callable[[R, int], Sequence[Part]],
        find_style: Callable[[str], Style],
    ) -> None:
        self._face = face
        self._caption = caption
        self._find_style = find_style
        self._grid = Grid(1, 1, 1, 1)
        self._pictures = True
        self._styles: dict[str, Style] = {}
        self._tiles: dict[tuple[Tile[R], bool], TileLines] = {}

    def fit(self, grid: Grid, *, pictures: bool) -> None:
        """From now on paint for this grid; without pictures the words say more."""
        self._grid, self._pictures = grid, pictures
        self._tiles.clear()

    def forget(self) -> None:
        """The styles have changed."""
        self._styles.clear()
        self._tiles.clear()

    def lines(self, tile: Tile[R], *, focused: bool) -> TileLines:
        """A tile as it is painted."""
        lines = self._tiles.get((tile, focused))
        if lines is None:
            if len(self._tiles) > _TILES_KEPT:
                self._tiles.clear()
            lines = self._tiles[tile, focused] = self._make(tile, focused=focused)
        return lines

    def style(self, name: str) -> Style:
        """A named style, such as `quiet`; the empty name is the ground."""
        style = self._styles.get(name)
        if style is None:
            style = self._styles[name] = self._find_style(name)
        return style

    def _make(self, tile: Tile[R], *, focused: bool) -> TileLines:
        base = self.style("")
        row = base
        if tile.cursor:
            row = base + self.style("cursor" if focused else "cursor-blurred")
        elif tile.marked:
            row = base + self.style("marked")
        # Cursor and mark are signs as well as colours
        side = [Segment(_CURSOR, base + self.style("accent")) if tile.cursor else Segment(" " * GUTTER, base)]
        width, height = self._grid.picture_width, self._grid.picture_height
        upper = centred(self._upper(tile, width), width, height, base)
        return [*([*side, *line] for line in upper), [*side, *self._below(tile, width, row)]]

    def _upper(self, tile: Tile[R], width: int) -> list[list[Segment]]:
        quiet = self.style("") + self.style("quiet")
        if tile.row is None:
            return in_words([("┄" * (width // 2), quiet)], width)
        if tile.held is not None:
            return placeholders(tile.held.number, tile.held.columns, tile.held.lines, self.style(""))
        if tile.picture is not None and tile.picture.rgb:
            return half_cells(tile.picture, self.style(""))
        face = self._face(tile.row)
        note = tile.picture.note if tile.picture is not None else ""
        sign = (f"{face.glyph} {face.word}", self.style("") if note else quiet)
        says = [sign, (note, self.style("") + self.style("mild"))]
        if not self._pictures or (note and self._grid.picture_height >= _ROOM_FOR_FACTS):
            says.append((face.facts, quiet))
        return in_words(says, width)

    def _below(self, tile: Tile[R], width: int, style: Style) -> list[Segment]:
        mark = Segment("●" if tile.marked else "›" if tile.cursor else " ", style)
        if tile.row is None:
            return [mark, Segment(" " * (width - 1), style)]
        room = max(width - 2, 0)
        parts = pad(self._caption(tile.row, room), room)
        texts = [
            # One colour on the cursor's line: any other may vanish on its background
            Segment(text, style + self.style(name) if name and not tile.cursor else style)
            for text, name in parts
        ]
        return [mark, *texts, Segment(" " * (width - 1 - room), style)]
