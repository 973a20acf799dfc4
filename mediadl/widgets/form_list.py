"""A list of fields, two lines each, painted by one widget; an editor can be laid over one value."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from mediadl.widgets.columns import Part, clip, pad
from mediadl.widgets.messages import Newest
from mediadl.widgets.palette import STYLES, cell_style

_MARGIN = 2
"""Cells left of everything: cursor and change."""

_WIDEST_TITLE = 26
_ASIDE_FROM = 76
"""Cells from which on there is room for where a value comes from."""
_ASIDE = 26


@dataclass(frozen=True, slots=True)
class FormRow:
    """A field, a heading (without id) or a paragraph (without id and title). Everything sanitized."""

    id: str = ""
    title: str = ""
    value: str = ""
    value_style: str = ""
    """A name of the palette."""
    aside: str = ""
    """Where the value comes from."""
    note: str = ""
    """The second line, or the paragraph."""
    note_style: str = "quiet"
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the screen."""

    row: FormRow
    part: int
    text: str = ""
    cursor: bool = False
    gap: bool = False


class FormList(ScrollView, can_focus=True, inherit_bindings=False):
    """Shows rows and has a cursor on one of the fields. Has no keys of its own."""

    ALLOW_SELECT = False

    COMPONENT_CLASSES: ClassVar[set[str]] = {"form--cursor", "form--cursor-blurred", "form--heading"}

    DEFAULT_CSS = """
    FormList { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; }
    """

    class CursorMoved(Newest):
        """Another field is under the cursor, or its content changed."""

    class Opened(Message):
        """A value was clicked, or a field clicked twice."""

        def __init__(self, row_id: str) -> None:
            super().__init__()
            self.row_id = row_id

    class Clicked(Message):
        """A field was clicked; the cursor is not there yet."""

        def __init__(self, row_id: str) -> None:
            super().__init__()
            self.row_id = row_id

    class MenuAsked(Message):
        """A field was right-clicked, at this place of the screen."""

        def __init__(self, row_id: str, x: int, y: int) -> None:
            super().__init__()
            self.row_id = row_id
            self.x = x
            self.y = y

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._rows: Sequence[FormRow] = ()
        self._lines: list[_Line] = []
        self._tops: dict[str, int] = {}
        self._order: list[str] = []
        self._title_width = 0
        self._aside_width = 0
        self._cursor = ""
        self._painted: dict[int, _Line] = {}
        self._styles: dict[str, Style] = {}

    # What others ask

    @property
    def rows(self) -> Sequence[FormRow]:
        """Everything shown."""
        return self._rows

    @property
    def cursor(self) -> str:
        """Id of the field under the cursor; empty: there is none."""
        return self._cursor

    @property
    def current(self) -> FormRow | None:
        """The field under the cursor."""
        return next((row for row in self._rows if row.id and row.id == self._cursor), None)

    @property
    def field_ids(self) -> Sequence[str]:
        """The fields, in their order."""
        return self._order

    def value_region(self, row_id: str) -> Region | None:
        """Where a field's value is painted, from the widget's own corner; `None` when it is out of view."""
        top = self._tops.get(row_id)
        if top is None:
            return None
        y = top - self.scroll_offset.y
        if not 0 <= y < self.scrollable_content_region.height:
            return None
        x = _MARGIN + self._title_width
        return Region(x, y, max(self._width - x, 1), 1)

    # What the screen tells

    def show(self, rows: Sequence[FormRow], *, cursor: str | None = None) -> None:
        """Take rows. The cursor goes to `cursor` (or to the first field), else it stays on its field or near it."""
        if tuple(rows) == tuple(self._rows) and cursor in {None, self._cursor}:
            return
        was = self._order.index(self._cursor) if self._cursor in self._order else 0
        before = self.current
        self._rows = rows
        self._lay_out()
        wanted = self._cursor if cursor is None else cursor
        if wanted not in self._order:
            near = was if cursor is None else 0
            wanted = self._order[min(near, len(self._order) - 1)] if self._order else ""
        if wanted != self._cursor or cursor is not None:
            self._cursor = wanted
            self._into_view()
        self.repaint()
        if self.current != before:
            self.post_message(self.CursorMoved())

    def move_to(self, row_id: str) -> None:
        """Put the cursor on a field, and the field into view."""
        if row_id in self._order:
            self._cursor = row_id
            self._into_view()
            self.repaint()
            self.post_message(self.CursorMoved())

    def move_by(self, fields: int) -> None:
        """Move the cursor."""
        if self._order:
            at = self._order.index(self._cursor) if self._cursor in self._order else 0
            self.move_to(self._order[max(0, min(at + fields, len(self._order) - 1))])

    def page(self, screens: float) -> None:
        """Move the cursor by screens, such as 1, -1 or 0.5."""
        shown = max(self.scrollable_content_region.height, 2)
        fields = max(1, int(shown / 2 * abs(screens)) - 1)
        self.move_by(fields if screens > 0 else -fields)

    # Layout

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _lay_out(self) -> None:
        width = self._width
        self._order = [row.id for row in self._rows if row.id]
        longest = max((len(row.title) for row in self._rows if row.id), default=0)
        self._title_width = min(longest + 2, _WIDEST_TITLE, max(width // 2, 4))
        aside = min(max((len(row.aside) for row in self._rows), default=0), _ASIDE)
        self._aside_width = aside if width >= _ASIDE_FROM else 0
        lines: list[_Line] = []
        self._tops = {}
        for row in self._rows:
            if row.id:
                self._tops[row.id] = len(lines)
                lines += [_Line(row, 0), _Line(row, 1)]
            elif row.title:
                lines += [_Line(row, 0, gap=True)] if lines else []
                lines.append(_Line(row, 0))
            else:
                wrapped = textwrap.wrap(row.note, max(width - _MARGIN - 1, 10)) or [""]
                lines += [_Line(row, n, text) for n, text in enumerate(wrapped)]
        self._lines = lines
        if self.virtual_size.height != len(lines):
            self.virtual_size = Size(0, len(lines))

    def _into_view(self) -> None:
        top = self._tops.get(self._cursor)
        height = self.scrollable_content_region.height
        if top is None or not height:
            return
        first = self.scroll_offset.y
        # With its heading when it is the first below one
        head = next((n for n in range(top - 1, max(top - 3, -1), -1) if self._lines[n].row.id), None)
        high = top if head is not None else max(0, top - 2)
        if high < first:
            self.scroll_to(y=high, animate=False, force=True)
        elif top + 2 > first + height:
            self.scroll_to(y=top + 2 - height, animate=False, force=True)

    # Painting

    def repaint(self) -> None:
        """Paint the visible lines that no longer show what they should, and only those."""
        if not self.is_attached or not self.size.height:
            return
        for y in range(self.size.height):
            if self._painted.get(y) != self._line(y):
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        line = self._line(y)
        if line is None:
            self._painted.pop(y, None)
            return Strip([Segment(" " * self._width, self._style(""))], self._width)
        self._painted[y] = line
        return self._strip(line)

    def _line(self, y: int) -> _Line | None:
        index = y + self.scroll_offset.y
        if not 0 <= index < len(self._lines):
            return None
        line = self._lines[index]
        if line.row.id and line.row.id == self._cursor:
            return _Line(line.row, line.part, line.text, cursor=True)
        return line

    def _strip(self, line: _Line) -> Strip:
        width, row = self._width, line.row
        base = self._style("")
        if line.gap:
            return Strip([Segment(" " * width, base)], width)
        if not row.id:
            text, style = (row.title, "form--heading") if row.title else (line.text, row.note_style)
            parts: list[Part] = [(" " * (1 if row.title else _MARGIN), ""), (text, style)]
            if row.title and row.note:
                parts.append((f"  {row.note}", "quiet"))
            return self._made(parts, base, width, plain=False)
        if line.part:
            indent = " " * (_MARGIN + 2)
            note = clip(row.note, max(width - len(indent) - 1, 1))
            return self._made([(indent, ""), (note, row.note_style)], base, width)
        if line.cursor:
            base += self._style("form--cursor" if self.has_focus else "form--cursor-blurred")
        aside = self._aside_width
        room = max(width - _MARGIN - self._title_width - aside - 1, 1)
        parts = [
            (("›" if line.cursor else " ") + ("●" if row.changed else " "), ""),
            *pad([(clip(row.title, self._title_width - 1), "")], self._title_width),
            *pad([(clip(row.value, room - 1), row.value_style)], room),
        ]
        if aside:
            parts += pad([(clip(row.aside, aside), "quiet")], aside, right=True)
        return self._made(parts, base, width, plain=line.cursor)

    def _made(self, parts: Sequence[Part], base: Style, width: int, *, plain: bool = False) -> Strip:
        # One colour on the cursor's line: any other may vanish on its background
        segments = [
            Segment(text, base + self._style(name) if name and not plain else base)
            for text, name in parts
            if text
        ]
        return Strip(segments).adjust_cell_length(width, base)

    def _style(self, name: str) -> Style:
        style = self._styles.get(name)
        if style is None:
            if name in STYLES:
                style = cell_style(name, self.background_colors[1], self.app.theme_variables)
            else:
                style = self.get_component_rich_style(name) if name else self.rich_style
            self._styles[name] = style
        return style

    # Textual's side

    def notify_style_update(self) -> None:
        """Theme or size classes changed: every line is painted anew."""
        self._styles.clear()
        self._painted.clear()
        super().notify_style_update()

    def on_resize(self) -> None:
        """Other lines fit."""
        self._lay_out()
        self._painted.clear()
        self._into_view()
        self.refresh()

    def on_focus(self) -> None:
        """The cursor's line looks different."""
        self._painted.clear()
        self.refresh()

    def on_blur(self) -> None:
        """The cursor's line looks different."""
        self._painted.clear()
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows came into view."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._painted.clear()

    def on_click(self, event: events.Click) -> None:
        """A field: cursor; its value, or twice: open; right: menu."""
        event.stop()
        index = event.y + self.scroll_offset.y
        if not 0 <= index < len(self._lines) or not self._lines[index].row.id:
            return
        row_id = self._lines[index].row.id
        on_value = event.x >= _MARGIN + self._title_width and not self._lines[index].part
        if event.button == 3:
            self.post_message(self.MenuAsked(row_id, event.screen_x, event.screen_y))
        elif on_value or event.chain == 2:
            self.post_message(self.Opened(row_id))
        else:
            self.post_message(self.Clicked(row_id))
