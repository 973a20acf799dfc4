"""A screen with nothing but a gallery over a list of any length, and pictures made at once or when a test says so."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from mediadl.widgets.columns import Part, pad
from mediadl.widgets.gallery import Gallery
from mediadl.widgets.gallery_painter import Face
from mediadl.widgets.picture_terminal import Means
from mediadl.widgets.window import read_window

DEADLINE_S = 30.0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the list."""

    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Made:
    """A picture of one colour, or a word."""

    id: int
    box: tuple[int, int]
    width: int = 0
    height: int = 0
    rgb: bytes = b""
    note: str = ""


class Rows(Sequence[Row]):
    """A list that makes its rows when they are looked at: row n has id n + 1, newest first when `grown`."""

    def __init__(self, total: int, grown: int = 0) -> None:
        self.total = total + grown
        self.grown = grown

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, at: int | slice) -> Row | list[Row]:  # type: ignore[override]
        if isinstance(at, slice):
            return [self._row(n) for n in range(*at.indices(self.total))]
        return self._row(at)

    def index_of(self, row_id: int) -> int:
        """Where a row is now."""
        return row_id - 1 + self.grown

    def _row(self, n: int) -> Row:
        return Row(n + 1 - self.grown, f"Row {n + 1 - self.grown}")


class GalleryPage(App[None]):
    """Shows the gallery; `heard` names its messages."""

    def __init__(self, total: int, *, pictures: bool = True, means: Means | None = None) -> None:
        super().__init__()
        self.rows = Rows(total)
        self.pictures = pictures
        self.heard: list[str] = []
        self.asked: list[tuple[int, ...]] = []
        self.gallery: Gallery[Row] = Gallery(
            lambda row: row.id, lambda _: Face("▣", "image", "jpg"), self.caption, means=means
        )

    @staticmethod
    def caption(row: Row, width: int) -> list[Part]:
        return pad([(row.title, "")], width)

    def compose(self) -> ComposeResult:
        yield self.gallery

    def on_mount(self) -> None:
        self.gallery.focus()
        self.call_after_refresh(self.read)

    def read(self) -> None:
        """Read the rows around its place, as a screen would in a thread."""
        rows = self.rows
        window = read_window(
            self.gallery.place,
            total=len(rows),
            page=lambda offset, limit: rows[offset : offset + limit],  # type: ignore[arg-type,return-value]
            key=lambda row: row.id,
            index_of=rows.index_of,
        )
        self.gallery.show(window)

    def on_window_table_wanted(self) -> None:
        self.read()

    def on_window_table_opened(self) -> None:
        self.heard.append("opened")

    def on_window_table_marks_changed(self) -> None:
        self.heard.append("marks")

    def on_window_table_menu_asked(self) -> None:
        self.heard.append("menu")

    def on_gallery_pictures_wanted(self) -> None:
        wanted = self.gallery.wanted_pictures()
        self.asked.append(tuple(row.id for row in wanted))
        if self.pictures:
            self.make(wanted)

    def make(self, rows: Sequence[Row], note: str = "") -> None:
        """Give pictures as large as they may be, or a word for each."""
        width, height = box = self.gallery.picture_box
        pixels = bytes((200, 30, 60)) * (width * height)
        self.gallery.put_pictures(
            Made(row.id, box, note=note) if note else Made(row.id, box, width, height, pixels) for row in rows
        )

    # What a person sees

    @property
    def lines(self) -> list[str]:
        """The text of every line."""
        return [self.gallery.render_line(y).text for y in range(self.gallery.size.height)]

    @property
    def current(self) -> int:
        """Id of the row under the cursor."""
        row = self.gallery.current
        assert row is not None
        return row.id


async def until(pilot: Pilot[None], test: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + DEADLINE_S
    while not test():
        assert time.monotonic() < deadline, "it did not come true in time"
        await pilot.pause(0.01)
