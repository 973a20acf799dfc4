"""One picture, as large as its place and as true as the terminal allows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from mediadl.widgets.messages import Newest
from mediadl.widgets.palette import cell_style
from mediadl.widgets.picture import Pixels, centred, half_cells, in_words
from mediadl.widgets.picture_kitty import Shelf, cells_of, placeholders
from mediadl.widgets.picture_terminal import Means, cell_pixels, means_of, write_past_frames

_MOST_PIXELS = (960, 960)
"""Of a true picture: more would be too much for a slow line."""


class Picture(Pixels, Protocol):
    """What is shown: pixels, sixels, or words for why there are none."""

    @property
    def sixel(self) -> bytes:
        """The picture in the terminal's own language; empty when it does not speak it."""

    @property
    def note(self) -> str:
        """Why there is no picture."""


class PictureView(Widget):
    """Shows a picture in the middle of its place. Asks for another one when its size changes."""

    ALLOW_SELECT = False

    DEFAULT_CSS = """
    PictureView { height: 1fr; }
    """

    class SizeChanged(Newest):
        """A picture of another size fits now."""

    def __init__(self, *, means: Means | None = None, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._wished = means
        self._shelf = Shelf(lambda text: write_past_frames(self.app, text))
        self._picture: Picture | None = None
        self._words: Sequence[str] = ()
        self._lines: list[list[Segment]] = []
        self._sixel_due = False

    @property
    def means(self) -> Means:
        """How pictures are shown here."""
        found = means_of(self.app)
        return found if self._wished is None or found is Means.WORDS else self._wished

    @property
    def box(self) -> tuple[int, int]:
        """Greatest size in pixels of a picture that fits."""
        width, height = max(self.size.width, 1), max(self.size.height, 1)
        if self.means in {Means.HALF_CELLS, Means.WORDS}:
            return width, height * 2
        cell = cell_pixels()
        return min(width * cell[0], _MOST_PIXELS[0]), min(height * cell[1], _MOST_PIXELS[1])

    @property
    def text(self) -> str:
        """What it says instead of a picture, for tests and the curious."""
        return " ".join(self._words) if self._picture is None or not self._pictured else ""

    @property
    def _pictured(self) -> bool:
        return self._picture is not None and bool(self._picture.rgb or self._picture.sixel)

    def put(self, picture: Picture | None, words: Sequence[str]) -> None:
        """Show a picture; where there is none, the words and its note."""
        self._picture = picture
        note = picture.note if picture is not None else ""
        self._words = (*words, note) if note else tuple(words)
        self._shelf.keep(())
        if self.means is Means.KITTY and picture is not None and picture.rgb:
            self._shelf.put(0, picture, cells_of(picture, cell_pixels(), self._cells))
        self._lay()

    @property
    def _cells(self) -> tuple[int, int]:
        return max(self.size.width, 1), max(self.size.height, 1)

    def _lay(self) -> None:
        if self.size:
            self._lines = centred(self._content(), *self._cells, self.rich_style)
            self.refresh()

    def _content(self) -> list[list[Segment]]:
        ground, held = self.rich_style, self._shelf.get(0)
        if held is not None:
            return placeholders(held.number, held.columns, held.lines, ground)
        if self._pictured and self._picture is not None:
            return half_cells(self._picture, ground) if self._picture.rgb else []
        quiet: Style = ground + cell_style("quiet", self.background_colors[1], self.app.theme_variables)
        return in_words([(word, quiet) for word in self._words], self._cells[0])

    def render_lines(self, crop: Region) -> list[Strip]:
        """Called for every frame in which cells of this widget are painted."""
        if self._picture is not None and self._picture.sixel and not self._sixel_due:
            # Cells first: a sixel picture lies over them
            self._sixel_due = True
            self.call_after_refresh(self._paint_sixel)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One line of the picture or the words."""
        if y < len(self._lines):
            return Strip(self._lines[y]).adjust_cell_length(self._cells[0], self.rich_style)
        return Strip.blank(self._cells[0], self.rich_style)

    def _paint_sixel(self) -> None:
        self._sixel_due = False
        picture = self._picture
        if picture is None or not picture.sixel or not self.is_attached or self.screen is not self.app.screen:
            return
        columns, lines = cells_of(picture, cell_pixels(), self._cells)
        x = self.content_region.x + (self._cells[0] - columns) // 2
        y = self.content_region.y + (self._cells[1] - lines) // 2
        sixel = picture.sixel.decode("ascii")
        write_past_frames(self.app, f"\x1b7\x1b[{y + 1};{x + 1}H\x1bP0;1;q{sixel}\x1b\\\x1b8")

    def notify_style_update(self) -> None:
        """Other colours around it."""
        super().notify_style_update()
        if self.is_attached:
            self._lay()

    def on_resize(self) -> None:
        """Another size fits now."""
        self._lay()
        self.post_message(self.SizeChanged())

    def on_unmount(self) -> None:
        """The terminal need not keep the picture."""
        self._shelf.keep(())
