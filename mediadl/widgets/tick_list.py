"""A list of lines that can be ticked; what is left out says why, in words and paler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mediadl.widgets.columns import clip

_WIDEST_FACTS = 36


@dataclass(frozen=True, slots=True)
class TickRow:
    """One line. Everything sanitized."""

    number: int
    title: str
    facts: str
    """What is known of it, short."""
    why: str = ""
    """Why it is left out; empty: it is taken."""


class TickList(OptionList, inherit_bindings=False):
    """Lines with a tick each. Has no keys of its own."""

    DEFAULT_CSS = """
    TickList {
      height: 1fr; border: none; padding: 0; background: $background;
      scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    """

    class Changed(Message):
        """A tick was set or taken."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id, markup=False)
        self._rows: list[TickRow] = []
        self._ticked: set[int] = set()

    @property
    def ticked(self) -> list[int]:
        """Numbers of the lines with a tick, in their order."""
        return [row.number for row in self._rows if row.number in self._ticked]

    @property
    def rows(self) -> Sequence[TickRow]:
        """Everything shown."""
        return self._rows

    @property
    def current(self) -> TickRow | None:
        """The line under the cursor."""
        return self._rows[self.highlighted] if self.highlighted is not None else None

    def append_rows(self, rows: Sequence[TickRow]) -> None:
        """Add lines at the end; those that are taken begin with a tick."""
        self._ticked.update(row.number for row in rows if not row.why)
        self._rows.extend(rows)
        self.add_options([Option(self._line(row)) for row in rows])
        if self.highlighted is None and self._rows:
            self.highlighted = 0
        self.post_message(self.Changed())

    def toggle(self) -> None:
        """Set or take the tick under the cursor."""
        row = self.current
        if row is not None:
            self._ticked ^= {row.number}
            self._repaint(self._rows.index(row))
            self.post_message(self.Changed())

    def tick_all(self, *, on: bool) -> None:
        """Tick everything, or nothing."""
        self._ticked = {row.number for row in self._rows} if on else set()
        self._repaint_all()
        self.post_message(self.Changed())

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click."""
        event.stop()
        self.toggle()

    def on_resize(self) -> None:
        """The parts share another width."""
        self._repaint_all()

    def _repaint_all(self) -> None:
        for index in range(len(self._rows)):
            self._repaint(index)

    def _repaint(self, index: int) -> None:
        self.replace_option_prompt_at_index(index, self._line(self._rows[index]))

    def _line(self, row: TickRow) -> Content:
        width = max(self.scrollable_content_region.width - 2, 20)
        digits = max(len(str(len(self._rows))), 2)
        tick = "[x]" if row.number in self._ticked else "[ ]"
        aside = f"✗ {row.why}" if row.why else row.facts
        aside = clip(aside, min(_WIDEST_FACTS, width // 2))
        head = f"{tick} {row.number:>{digits}} "
        title = clip(row.title, max(width - len(head) - len(aside) - 1, 8))
        gap = " " * max(width - len(head) - Content(title).cell_length - len(aside), 1)
        pale = "$foreground-muted" if row.why else ""
        return Content.assemble((head, pale), (title, pale), gap, (aside, "$foreground-muted"))
