"""The table of log lines: stays at the end while lines come, stays where it is while one reads."""

from __future__ import annotations

from textual.geometry import Size

from mediadl.logs import LogQuery, Position
from mediadl.logs.browser import LogPlace, LogView
from mediadl.logs.found import Found
from mediadl.widgets.log_columns import STEP, LogCells, head
from mediadl.widgets.messages import Newest
from mediadl.widgets.window_table import WindowTable


class LogTable(WindowTable[Found]):
    """Rows of a log that grows at its end, and, while it is searched, at its beginning.

    At the end it follows; moving up, scrolling up or `hold` pauses it; moving to the end or `go_on` ends that.
    """

    class FollowChanged(Newest):
        """It began or ceased to follow."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        self.cells = LogCells()
        super().__init__(self.cells.columns(), key=lambda row: row.key, markable=False, id=id)
        self._query = LogQuery()
        self._base = 0
        self._epoch = 0
        self._end = 0
        self._read_up_to = 0
        self._seek: Position | None = None
        self._at_end = True
        self._held = False
        self._showing = False

    # What others ask

    @property
    def log_place(self) -> LogPlace:
        """Where it stands, for whoever reads its lines."""
        return LogPlace(
            self._query, self.first, self.visible_rows, self.cursor, self._base, self._epoch,
            self.following, self._seek,
        )  # fmt: skip

    @property
    def following(self) -> bool:
        """Whether it moves along with new lines."""
        return self._at_end and not self._held

    @property
    def pending(self) -> int:
        """Lines that came since it was paused."""
        return 0 if self.following else max(self._end - self._read_up_to, 0)

    @property
    def can_shift(self) -> bool:
        """Whether some message is longer than its column."""
        width = self._painter.fitted[-1].width if self._painter.fitted else 0
        return self.cells.shift > 0 or any(len(head(row.line)) > width for row in self.visible_lines)

    @property
    def visible_lines(self) -> list[Found]:
        """The lines in view."""
        rows = (self.row(n) for n in range(self.first, self.first + self.visible_rows))
        return [row for row in rows if row is not None]

    # What the screen tells

    def look_for(self, query: LogQuery, *, keep: bool) -> None:
        """Show other lines; `keep` goes to the line under the cursor, or the one before it, else to the end."""
        current = self.current
        self._query = query
        self.cells.words = query.text
        self._seek = current.position if keep and current is not None and not self.following else None
        if self._seek is None:
            self._at_end, self._held = True, False
        self.post_message(self.FollowChanged())
        self.post_message(self.Wanted())

    def show_log(self, view: LogView) -> None:
        """Take lines; what is under the cursor stays where it was, or the end at the bottom."""
        before = self.current
        other = view.epoch != self._epoch
        if other and self._epoch and not self.following and not self._seek and before is not None:
            # The files were exchanged under it
            self._seek = before.position
            self.post_message(self.Wanted())
        shift = self._base - view.base
        self._epoch, self._base = view.epoch, view.base
        self._start, self._rows = view.start, view.rows
        self.loaded = True
        last = max(view.total - 1, 0)
        if self._seek is not None and view.sought and view.place.seek == self._seek:
            first, self._cursor, self._seek = view.first, view.cursor, None
        elif self.following or other:
            first, self._cursor = view.total - self.visible_rows, last
        else:
            first, self._cursor = self.first + shift, self._cursor + shift
        self._cursor = max(0, min(self._cursor, last))
        self._end = view.base + view.total
        if self.following or other:
            self._read_up_to = self._end
        self._take_size(view.total, first)
        row = self.current
        self._cursor_id = None if row is None else self._key(row)
        self.repaint()
        if row != before:
            self.post_message(self.CursorMoved())
        self._ask_if_missing()

    def _take_size(self, total: int, first: int) -> None:
        self._showing = True
        try:
            if total != self.total:
                self.total = total
                self.virtual_size = Size(0, total + 1)
            first = max(0, min(first, total - self.visible_rows))
            if first != self.first:
                self.scroll_to(y=first, animate=False, force=True, immediate=True)
        finally:
            self._showing = False

    def hold(self) -> None:
        """Stay, although new lines come."""
        self._held = True
        self._read_up_to = self._end
        self.post_message(self.FollowChanged())

    def go_on(self) -> None:
        """Go to the end and follow."""
        self._held = False
        self._set_at_end(True)
        self.move(self.total - 1)
        self.post_message(self.FollowChanged())
        self.post_message(self.Wanted())

    def move(self, to: int, *, keep_view: bool = False) -> None:
        """Put the cursor on a row, and the row into view; the last one means to follow."""
        self._seek = None
        super().move(to, keep_view=keep_view)
        self._set_at_end(self.cursor >= self.total - 1)

    def shift(self, steps: int) -> None:
        """Move the messages sideways."""
        self.cells.shift = max(0, self.cells.shift + steps * STEP)
        self.repaint()

    def _set_at_end(self, at_end: bool) -> None:
        if at_end == self._at_end:
            return
        if self._at_end and not self._held:
            self._read_up_to = self._end
        self._at_end = at_end
        if not at_end:
            self._held = False
        self.post_message(self.FollowChanged())
        if at_end:
            self.post_message(self.Wanted())

    # Textual's side

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolled away from the end, or back to it."""
        super().watch_scroll_y(old_value, new_value)
        if self._showing or not self.loaded or round(old_value) == round(new_value):
            return
        bottom = round(new_value) + self.visible_rows >= self.total
        if new_value < old_value and not bottom:
            self._set_at_end(False)
        elif new_value > old_value and bottom and not self.first <= self.cursor < self.total - 1:
            # By wheel or bar, with the cursor left behind
            self.go_on()

    def on_resize(self) -> None:
        """The end stays at the bottom."""
        if self.loaded:
            self.post_message(self.Wanted())
