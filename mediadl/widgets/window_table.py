"""A table over a window of a list of any length: paints only the lines that changed and never waits for rows.

It asks for rows with a message and is given a `Window`. The cursor belongs to a row's id, so that inserts, moves and
sorts leave it where it was.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mediadl.widgets.columns import Column
from mediadl.widgets.messages import Newest
from mediadl.widgets.palette import STYLES, cell_style
from mediadl.widgets.row_painter import MARGIN, NO_ROW, RowLine, RowPainter
from mediadl.widgets.window import Place, Window

R = TypeVar("R")


class WindowTable(ScrollView, Generic[R], can_focus=True, inherit_bindings=False):
    """Rows of one kind in fitted columns, with a cursor, marks and a range. Has no keys of its own."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header", "table--sorted", "table--cursor", "table--cursor-blurred", "table--marked"
    }  # fmt: skip

    DEFAULT_CSS = """
    WindowTable { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class Wanted(Newest):
        """Rows are missing or nearly so; answer with `show`."""

    class CursorMoved(Newest):
        """Another row is under the cursor, or its content changed."""

    class MarksChanged(Message):
        """The user marked or unmarked rows."""

    class Opened(Message):
        """A row was double-clicked."""

    class SortClicked(Message):
        """A column header was clicked."""

        def __init__(self, sort: str) -> None:
            super().__init__()
            self.sort = sort

    class MenuAsked(Message):
        """A row was right-clicked, at this place of the screen."""

        def __init__(self, x: int, y: int) -> None:
            super().__init__()
            self.x = x
            self.y = y

    def __init__(
        self,
        columns: Sequence[Column[R]],
        key: Callable[[R], int],
        *,
        clock: Callable[[], float] = time.time,
        markable: bool = True,
        id: str | None = None,  # noqa: A002 - Textual's word
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._key = key
        self.clock = clock
        """Now, in epoch seconds; cells that count down use it."""
        self._markable = markable
        self._painter = RowPainter(columns, self._find_style)
        self._rows: Sequence[R] = ()
        self._start = 0
        self._cursor = 0
        self._cursor_id: int | None = None
        self._pinned = False
        self._following = False
        self._anchor: int | None = None
        self._anchor_id: int | None = None
        self._painted: dict[int, RowLine] = {}
        self._sort = ("", False)
        self.loaded = False
        """Whether a window has been shown."""
        self.total = 0
        self.marks: set[int] = set()
        """Ids of the marked rows, seen or not."""

    # What others ask

    @property
    def place(self) -> Place:
        """Where the table stands, for whoever reads its rows."""
        cursor_id = self._cursor_id if self._pinned else None
        return Place(self.first, self.visible_rows, self._cursor, cursor_id, self._anchor_id, self._following)

    @property
    def first(self) -> int:
        """Number of the first visible row."""
        return int(self.scroll_offset.y)

    @property
    def visible_rows(self) -> int:
        """Rows visible at once."""
        return max(self.scrollable_content_region.height - 1, 1)

    @property
    def cursor(self) -> int:
        """Row number of the cursor."""
        return self._cursor

    @property
    def current(self) -> R | None:
        """The row under the cursor, if it is loaded."""
        return self.row(self._cursor)

    @property
    def range_active(self) -> bool:
        """Whether a range is being marked."""
        return self._anchor is not None

    @property
    def range_rows(self) -> tuple[int, int] | None:
        """First and last row number of the range being marked."""
        if self._anchor is None:
            return None
        return min(self._anchor, self._cursor), max(self._anchor, self._cursor)

    def row(self, index: int) -> R | None:
        """The row with this number, if it is loaded."""
        offset = index - self._start
        return self._rows[offset] if 0 <= offset < len(self._rows) else None

    @property
    def loaded_rows(self) -> Sequence[R]:
        """The rows at hand."""
        return self._rows

    # What the screen tells

    def show(self, window: Window[R]) -> None:
        """Take rows; the cursor stays on its row and the view where it was, as far as the list allows."""
        asked = window.asked
        first = self.first + window.first - asked.first
        moved_meanwhile = (self._cursor, self._cursor_id if self._pinned else None) != (
            asked.cursor,
            asked.cursor_id,
        )
        before = self.current
        self._start, self._rows = window.start, window.rows
        self.loaded = True
        if window.total != self.total:
            self.total = window.total
            self._measure()
        if not moved_meanwhile:
            self._cursor = window.cursor
        elif self._pinned and self._cursor_id is not None:
            near = (n for n, row in enumerate(self._rows, self._start) if self._key(row) == self._cursor_id)
            self._cursor = next(near, self._cursor)
        self._cursor = max(0, min(self._cursor, self.total - 1))
        if self._anchor_id is not None and window.asked.anchor_id == self._anchor_id:
            self._anchor = window.anchor
            self._anchor_id = None if window.anchor is None else self._anchor_id
        row = self.current
        if row is not None:
            self._cursor_id = self._key(row)
        self._following = self._following and not asked.follow
        if first != self.first:
            self._put_first(first)
        self.repaint()
        if row != before:
            self.post_message(self.CursorMoved())
        self._ask_if_missing()

    def follow(self) -> None:
        """The next window shows another order or choice: the view goes where the cursor's row is then."""
        self._following = self._pinned

    def reset(self) -> None:
        """Forget place and rows: another list is coming. Marks stay."""
        self._rows, self._start = (), 0
        self._cursor, self._cursor_id, self._pinned = 0, None, False
        self._anchor = self._anchor_id = None
        self.scroll_to(y=0, animate=False, force=True)
        self.repaint()

    def sorted_by(self, sort: str, *, descending: bool) -> None:
        """Which header carries the arrow."""
        self._sort = (sort, descending)
        self.refresh()

    def pin(self) -> None:
        """From now on the cursor belongs to the row it is on."""
        self._pinned = True

    def pin_to(self, row_id: int) -> None:
        """Before the first rows are there: put the cursor on the row with this id, and it into view."""
        self._cursor_id, self._pinned, self._following = row_id, True, True

    @property
    def pinned(self) -> bool:
        """Whether the cursor belongs to its row rather than to the place."""
        return self._pinned

    def set_marks(self, ids: set[int]) -> None:
        """Mark exactly these rows."""
        self.marks = ids
        self.repaint()
        self.post_message(self.MarksChanged())

    def start_range(self) -> None:
        """Begin a range at the cursor."""
        if self.current is not None:
            self._anchor, self._anchor_id = self._cursor, self._key(self.current)
            self.pin()
            self.repaint()
            self.post_message(self.MarksChanged())

    def end_range(self) -> None:
        """Give the range up."""
        self._anchor = self._anchor_id = None
        self.repaint()
        self.post_message(self.MarksChanged())

    def toggle_mark(self) -> None:
        """Mark or unmark the row under the cursor."""
        row = self.current
        if row is not None and self._markable:
            self.set_marks(self.marks ^ {self._key(row)})

    def move(self, to: int, *, keep_view: bool = False) -> None:
        """Put the cursor on a row, and the row into view."""
        target = max(0, min(to, self.total - 1))
        if self.total == 0:
            return
        self._cursor = target
        self._pinned = True
        row = self.current
        self._cursor_id = None if row is None else self._key(row)
        if not keep_view:
            self._bring_into_view(target)
        self.repaint()
        self.post_message(self.CursorMoved())
        self._ask_if_missing()

    def move_by(self, rows: int) -> None:
        """Move the cursor; one that is out of view (wheel, a job that left) comes back into it first."""
        if not self.first <= self._cursor < self.first + self.visible_rows:
            self.move(self.first if self._cursor < self.first else self.first + self.visible_rows - 1)
        else:
            self.move(self._cursor + rows)

    def page(self, screens: float) -> None:
        """Move view and cursor by screens, such as 1, -1 or 0.5."""
        step = int((self.visible_rows - 1) * abs(screens)) or 1
        rows = step if screens > 0 else -step
        self.scroll_to(
            y=max(0, min(self.first + rows, self.total - self.visible_rows)), animate=False, force=True
        )
        self.move(self._cursor + rows)

    # Rows to lines of the screen

    def _measure(self) -> None:
        """Say how far can be scrolled."""
        self.virtual_size = Size(0, self.total + 1)

    def _put_first(self, index: int) -> None:
        """Make a row the first visible one."""
        self.scroll_to(y=index, animate=False, force=True)

    def _bring_into_view(self, index: int) -> None:
        """Scroll as little as needed."""
        if index < self.first:
            self._put_first(index)
        elif index >= self.first + self.visible_rows:
            self._put_first(index - self.visible_rows + 1)

    # Painting

    def repaint(self) -> None:
        """Paint the visible lines that no longer show what they should, and only those."""
        if not self.is_attached or not self._painter.fitted:
            return
        for y in range(1, self.visible_rows + 1):
            if self._painted.get(y) != self._line(self.first + y - 1):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the screen: the header, a row, or nothing."""
        if y == 0:
            return self._painter.header(*self._sort)
        line = self._line(self.first + y - 1)
        self._painted[y] = line
        return self._painter.strip(line, focused=self.has_focus)

    def _line(self, index: int) -> RowLine:
        if not 0 <= index < self.total:
            return NO_ROW
        row = self.row(index)
        span = self.range_rows
        marked = (row is not None and self._key(row) in self.marks) or (
            span is not None and span[0] <= index <= span[1]
        )
        return self._painter.line(row, self.clock(), cursor=index == self._cursor, marked=marked)

    def _find_style(self, name: str) -> Style:
        if not name:
            return self.rich_style
        if name in STYLES:
            return cell_style(name, self.background_colors[1], self.app.theme_variables)
        return self.get_component_rich_style(f"table--{name}")

    def _paint_anew(self) -> None:
        self._painted.clear()
        self.refresh()

    # Textual's side

    def notify_style_update(self) -> None:
        """Theme or size classes changed: every line is painted anew."""
        self._painter.forget()
        self._painted.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Fit the columns to the new width and keep the cursor in view."""
        was_visible = self.first <= self._cursor < self.first + max(self.visible_rows, 1)
        self._painter.fit(self.scrollable_content_region.width)
        if not was_visible and self._pinned:
            self.move(self._cursor)
        self._paint_anew()
        self._ask_if_missing()

    def on_focus(self) -> None:
        """The cursor's line looks different."""
        self._paint_anew()

    def on_blur(self) -> None:
        """The cursor's line looks different."""
        self._paint_anew()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._painted.clear()
            self._ask_if_missing()

    def on_click(self, event: events.Click) -> None:
        """Header: sort. Row: cursor; margin or Ctrl: mark; twice: open; right: menu."""
        event.stop()
        if event.y == 0:
            sort = self._painter.sort_at(event.x)
            if sort:
                self.post_message(self.SortClicked(sort))
            return
        index = self.first + event.y - 1
        if not 0 <= index < self.total:
            return
        if event.shift and self._markable and not self.range_active:
            self.start_range()
        self.move(index, keep_view=True)
        if event.button == 3:
            self.post_message(self.MenuAsked(event.screen_x, event.screen_y))
        elif event.ctrl or event.x < MARGIN:
            self.toggle_mark()
        elif event.chain == 2:
            self.post_message(self.Opened())

    def _ask_if_missing(self) -> None:
        if not self.loaded or not self.total:
            return
        margin = self.visible_rows // 2
        low = max(0, self.first - margin)
        high = min(self.total, self.first + self.visible_rows + margin)
        if low < self._start or high > self._start + len(self._rows):
            self.post_message(self.Wanted())
