"""A gallery over a window of a list of any length: tiles with a picture and a line of text.

It is a `WindowTable` whose rows lie side by side: the same messages, marks and place, so that a screen treats a list
and a gallery alike. It says which pictures it wants and is given them; painting never waits for one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from rich.segment import Segment
from textual import events
from textual.geometry import Region, Size
from textual.strip import Strip

from mediadl.widgets.columns import Part
from mediadl.widgets.gallery_layout import GUTTER, Grid, divide, first_line, zoom_limits
from mediadl.widgets.gallery_overlay import Overlay, Overlays, floating, uncovered
from mediadl.widgets.gallery_painter import Face, Preview, Tile, TilePainter
from mediadl.widgets.messages import Newest
from mediadl.widgets.picture_kitty import Shelf, cells_of
from mediadl.widgets.picture_terminal import Means, cell_pixels, means_of, write_past_frames
from mediadl.widgets.window import Window
from mediadl.widgets.window_table import WindowTable

R = TypeVar("R")

_MOST_PIXELS = 320
"""Side of a true picture: more would be too much for a slow line."""


class Gallery(WindowTable[R]):
    """Tiles of rows of one kind, with a cursor, marks and a range. Has no keys of its own."""

    DEFAULT_CSS = """
    Gallery { scrollbar-gutter: stable; }
    """

    class PicturesWanted(Newest):
        """Other pictures are wanted than before: see `wanted_pictures`; the rest need not be made any more."""

    def __init__(
        self,
        key: Callable[[R], int],
        face: Callable[[R], Face],
        caption: Callable[[R, int], Sequence[Part]],
        *,
        markable: bool = True,
        zoom: int = 0,
        means: Means | None = None,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        """An empty gallery.

        Args:
            key: id of a row.
            face: what stands for a row without a picture.
            caption: the line below, of row and width in cells; texts must be sanitized already.
            markable: whether rows can be marked.
            zoom: 0 is the normal size of the tiles, each step more makes one less in a line.
            means: how pictures are shown; None: as well as the terminal can.
            id: Textual's.
            classes: Textual's.
        """
        super().__init__((), key, markable=markable, id=id, classes=classes)
        self._tiles: TilePainter[R] = TilePainter(face, caption, self._find_style)
        self._zoom = zoom
        self._wished = means
        self._shelf = Shelf(lambda text: write_past_frames(self.app, text))
        self._grid = divide(1, 1)
        self._pictures: dict[int, Preview] = {}
        self._shown: dict[int, tuple[Tile[R], bool]] = {}
        self._asked: tuple[int, ...] = ()
        self._looked_at = False
        """As the compositor says: `display` may change twice between two layouts, and nobody would hear of it."""

    # What others ask

    @property
    def grid(self) -> Grid:
        """How the tiles lie."""
        return self._grid

    @property
    def zoom(self) -> int:
        """Steps from the normal size of the tiles."""
        return self._zoom

    @property
    def pictures_shown(self) -> bool:
        """Whether this terminal and theme have the colours for pictures; else the tiles speak in words."""
        return self._means() is not Means.WORDS

    @property
    def picture_box(self) -> tuple[int, int]:
        """Greatest size of a picture in pixels; half a cell is one, unless the terminal shows true pictures."""
        width, height = self._grid.picture_width, self._grid.picture_height
        if self._means() is not Means.KITTY:
            return width, height * 2
        cell = cell_pixels()
        return min(width * cell[0], _MOST_PIXELS), min(height * cell[1], _MOST_PIXELS)

    @property
    def first(self) -> int:
        """Number of the first tile in view."""
        return self._top_line() * self._grid.columns

    @property
    def visible_rows(self) -> int:
        """Tiles of a page."""
        return self._grid.lines_in_view * self._grid.columns

    def wanted_pictures(self) -> list[R]:
        """Rows without their picture, the most urgent first: what is in view, the next page, the one before."""
        if not self.pictures_shown or not self._looked_at:
            return []
        page = self.visible_rows + self._grid.columns  # half a line more may peep in
        first = self.first
        order = (*range(first, first + 2 * page), *range(first - 1, first - page - 1, -1))
        rows = (self.row(index) for index in order)
        return [row for row in rows if row is not None and self._key(row) not in self._pictures]

    def overlay_items(self) -> tuple[Overlay, ...]:
        """The pictures fully in view that are shown; none while another screen covers them."""
        if not self.is_attached or self.screen is not self.app.screen or not self.display:
            return ()
        region = self.scrollable_content_region  # in cells of the screen
        grid, items = self._grid, []
        for index in range(self.first, self.first + self.visible_rows + grid.columns):
            row = self.row(index)
            picture = self._pictures.get(self._key(row)) if row is not None else None
            if row is None or picture is None or not picture.rgb:
                continue
            x = region.x + index % grid.columns * grid.tile_width + GUTTER
            y = grid.line_of(index) * grid.tile_height - int(self.scroll_offset.y)
            if y >= 0 and y + grid.tile_height <= grid.view_height:
                one = Overlay(self._key(row), x, region.y + y, grid.picture_width, grid.picture_height)
                items.append(one)
        return uncovered(items, floating(self))

    @property
    def overlays(self) -> Overlays:
        """The same with the colour of the ground."""
        return Overlays(self.background_colors[1].hex6, self.overlay_items())

    # What the screen tells

    def show(self, window: Window[R]) -> None:
        """Take rows; the cursor's tile stays on its line as far as the list allows."""
        line = first_line(window, self._grid)  # type: ignore[arg-type]  # rows of any kind
        super().show(replace(window, first=line * self._grid.columns))
        held = {self._key(row) for row in self._rows}
        self._pictures = {n: picture for n, picture in self._pictures.items() if n in held}
        self._shelf.keep(held)
        self._want()

    def put_pictures(self, pictures: Iterable[Preview]) -> None:
        """Take pictures; those of rows that left, or of another size, are not looked at."""
        held = {self._key(row) for row in self._rows}
        box, grid = self.picture_box, self._grid
        true = self._means() is Means.KITTY
        for picture in pictures:
            if picture.id in held and picture.box == box:
                self._pictures[picture.id] = picture
                if true and picture.rgb:
                    cells = cells_of(picture, cell_pixels(), (grid.picture_width, grid.picture_height))
                    self._shelf.put(picture.id, picture, cells)
        self.repaint()

    def forget_pictures(self) -> None:
        """Ask for every picture again."""
        self._drop_pictures()
        self._asked = ()
        self.repaint()
        self._want()

    def reset(self) -> None:
        """Forget place, rows and pictures: another list is coming."""
        super().reset()
        self._drop_pictures()
        self._want()

    def zoom_by(self, steps: int) -> bool:
        """Make the tiles larger or smaller; False when they are as large or small as they get."""
        least, most = zoom_limits(self.scrollable_content_region.width)
        zoom = max(least, min(self._zoom + steps, most))
        if zoom == self._zoom:
            return False
        self._zoom = zoom
        self._divide()
        return True

    def move_by(self, rows: int) -> None:
        """Move the cursor by lines of tiles; one that is out of view comes back into it first."""
        to = self._cursor + rows * self._grid.columns
        line = self._grid.line_of(max(self.total - 1, 0))
        if not self._in_view():
            self.move_across(0)
        elif to >= 0 and self._grid.line_of(to) <= line:
            self.move(to)

    def move_across(self, tiles: int) -> None:
        """Move the cursor along the line and on to the next; one that is out of view comes back into it first."""
        if self._in_view():
            self.move(self._cursor + tiles)
        else:
            last = self.first + self.visible_rows - self._grid.columns
            self.move((self.first if self._cursor < self.first else last) + self._cursor % self._grid.columns)

    def page(self, screens: float) -> None:
        """Move view and cursor by screens, such as 1, -1 or 0.5."""
        grid = self._grid
        step = int(grid.lines_in_view * abs(screens)) or 1
        lines = step if screens > 0 else -step
        last = grid.line_of(max(self.total - 1, 0))
        top = max(0, min(self._top_line() + lines, last - grid.lines_in_view + 1))
        self.scroll_to(y=top * grid.tile_height, animate=False, force=True)
        line = max(0, min(grid.line_of(self._cursor) + lines, last))
        self.move(line * grid.columns + self._cursor % grid.columns)

    # Rows to lines of the screen

    def _top_line(self) -> int:
        return int(self.scroll_offset.y) // self._grid.tile_height

    def _in_view(self) -> bool:
        return self.first <= self._cursor < self.first + self.visible_rows + self._grid.columns

    def _measure(self) -> None:
        self.virtual_size = Size(0, self._grid.height_of(self.total))

    def _put_first(self, index: int) -> None:
        within = int(self.scroll_offset.y) % self._grid.tile_height
        y = self._grid.line_of(index) * self._grid.tile_height + within
        self.scroll_to(y=y, animate=False, force=True)

    def _bring_into_view(self, index: int) -> None:
        grid = self._grid
        top, line = int(self.scroll_offset.y), grid.line_of(index)
        if line * grid.tile_height < top:
            self.scroll_to(y=line * grid.tile_height, animate=False, force=True)
        elif (line + 1) * grid.tile_height > top + grid.view_height:
            y = (line - grid.lines_in_view + 1) * grid.tile_height
            self.scroll_to(y=y, animate=False, force=True)

    def _divide(self) -> None:
        """Lay the tiles out anew; the first tile, or the cursor's when it was in view, stays in view."""
        was_visible = self._in_view()
        first = self.first
        size = self.scrollable_content_region
        grid = divide(size.width, size.height, zoom=self._zoom, pictures=self.pictures_shown)
        if grid != self._grid:
            if (grid.tile_width, grid.tile_height) != (self._grid.tile_width, self._grid.tile_height):
                self._drop_pictures()
            self._grid = grid
            self._measure()
            self.scroll_to(y=grid.line_of(first) * grid.tile_height, animate=False, force=True)
            if was_visible and self.total:
                self._bring_into_view(self._cursor)
        self._tiles.fit(grid, pictures=self.pictures_shown)
        self._paint_anew()
        self._ask_if_missing()
        self._asked = ()
        self._want()

    # Painting

    def repaint(self) -> None:
        """Paint the tiles in view that no longer show what they should, and only those."""
        if not self.is_attached:
            return
        grid = self._grid
        top = int(self.scroll_offset.y)
        lines = -(-(top % grid.tile_height + grid.view_height) // grid.tile_height)
        for index in range(self.first, self.first + lines * grid.columns):
            wanted = (self._tile(index), self.has_focus) if index < self.total else None
            if self._shown.get(index) != wanted:
                line, column = divmod(index, grid.columns)
                y = line * grid.tile_height - top
                self.refresh(Region(column * grid.tile_width, y, grid.tile_width, grid.tile_height))

    def render_line(self, y: int) -> Strip:
        """One line of the screen: a line of each tile beside the other."""
        grid, base = self._grid, self._tiles.style("")
        width = self.scrollable_content_region.width
        line, within = divmod(y + int(self.scroll_offset.y), grid.tile_height)
        segments: list[Segment] = []
        for index in range(line * grid.columns, (line + 1) * grid.columns):
            if index >= self.total:
                self._shown.pop(index, None)
                break
            tile = self._tile(index)
            self._shown[index] = (tile, self.has_focus)
            segments.extend(self._tiles.lines(tile, focused=self.has_focus)[within])
        cells = min(max(self.total - line * grid.columns, 0), grid.columns) * grid.tile_width
        if cells < width:
            segments.append(Segment(" " * (width - cells), base))
        return Strip(segments, max(cells, width))

    def _tile(self, index: int) -> Tile[R]:
        row = self.row(index) if index < self.total else None
        if row is None:
            return Tile(None, None, None, cursor=index == self._cursor, marked=False)
        row_id = self._key(row)
        span = self.range_rows
        marked = row_id in self.marks or (span is not None and span[0] <= index <= span[1])
        picture, held = self._pictures.get(row_id), self._shelf.get(row_id)
        return Tile(row, picture, held, cursor=index == self._cursor, marked=marked)

    def _paint_anew(self) -> None:
        self._shown.clear()
        self.refresh()

    def _want(self) -> None:
        """Say so when other pictures are wanted than the last time."""
        wanted = tuple(self._key(row) for row in self.wanted_pictures())
        if wanted != self._asked:
            self._asked = wanted
            self.post_message(self.PicturesWanted())

    def _means(self) -> Means:
        found = means_of(self.app)
        return found if self._wished is None or found is Means.WORDS else self._wished

    def _drop_pictures(self) -> None:
        self._pictures.clear()
        self._shelf.keep(())

    # Textual's side

    def on_unmount(self) -> None:
        """The terminal need not keep our pictures."""
        self._shelf.keep(())

    def notify_style_update(self) -> None:
        """Theme or size classes changed: every tile is painted anew, in words or pictures."""
        self._tiles.forget()
        super().notify_style_update()
        if self.is_attached and self.size:
            self._divide()

    def on_resize(self) -> None:
        """Lay the tiles out for the new size."""
        self._divide()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other tiles came into view, and want their pictures."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._shown.clear()
            self._want()

    def on_show(self) -> None:
        """Pictures are wanted again."""
        self._looked_at = True
        self._want()

    def on_hide(self) -> None:
        """Nobody looks: no pictures are wanted."""
        self._looked_at = False
        self._want()

    def on_click(self, event: events.Click) -> None:
        """Tile: cursor; its gutter, mark or Ctrl: mark; twice: open; right: menu."""
        event.prevent_default()
        event.stop()
        grid = self._grid
        place = grid.at(event.x, event.y + int(self.scroll_offset.y))
        index = place[0] * grid.columns + place[1] if place else self.total
        if index >= self.total:
            return
        if event.shift and self._markable and not self.range_active:
            self.start_range()
        self.move(index, keep_view=True)
        within = (event.y + int(self.scroll_offset.y)) % grid.tile_height
        at_mark = within == grid.picture_height and event.x % grid.tile_width <= GUTTER
        if event.button == 3:
            self.post_message(self.MenuAsked(event.screen_x, event.screen_y))
        elif event.ctrl or at_mark:
            self.toggle_mark()
        elif event.chain == 2:
            self.post_message(self.Opened())
