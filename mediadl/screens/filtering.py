"""Filtering a list while typing: the same on every screen with a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from mediadl.widgets.filter_bar import FilterLine

if TYPE_CHECKING:
    from textual.widget import Widget


class Filtering:
    """Mixin of a page that has a `filter_line` above its `table`."""

    filter_line: FilterLine
    """The words looked for."""

    if TYPE_CHECKING:

        @property
        def table(self) -> Widget:
            """The list."""

    @property
    def words(self) -> str:
        """What the list is filtered by now."""
        raise NotImplementedError

    def look_for_words(self, words: str) -> None:
        """Filter the list by these; without any, what was found stays under the cursor."""
        raise NotImplementedError

    def action_filter(self) -> None:
        """Type words to look for."""
        self.filter_line.open()

    def close_filter(self) -> bool:
        """Empty and hide the field, give the keys back to the list; False: it was not open."""
        if not self.filter_line.is_open:
            return False
        self.filter_line.close()
        self.table.focus()
        return True

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Filter while typing."""
        if message.words != self.words:
            self.look_for_words(message.words)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter: keep the words, give the keys back to the list."""
        event.stop()
        if not event.value:
            self.filter_line.close()
        self.table.focus()
