"""The line of tabs of the settings, and the line in which one looks for a setting."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from mediadl.settings.kinds import Tab
from mediadl.widgets.filter_bar import FilterInput, FilterLine
from mediadl.widgets.line import Line, Piece


class SettingTabs(Line):
    """One tab per page; the chosen one stands in brackets, one with unsaved changes has a dot."""

    def show(self, chosen: Tab, changed: Collection[Tab], found: Mapping[Tab, int] | None = None) -> None:
        """Paint the tabs; `found` is how many matches each has while one looks for something."""
        pieces = []
        for tab in Tab:
            text = f"{'● ' if tab in changed else ''}{tab.value}"
            if found is not None:
                text += f" {found.get(tab, 0)}"
            here = tab is chosen
            style = "bold $text-accent" if here else "$foreground-muted"
            pieces.append(
                Piece(f"[{text}]" if here else text, style, 0 if here else 1, f"show_tab('{tab.value}')")
            )
        self.put(pieces)


class SettingSearch(FilterLine):
    """`/`, the words, and how many rows have them."""

    def __init__(self, hint: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._hint = hint

    def compose(self) -> ComposeResult:
        """The slash, the field, the number."""
        yield Static("/", id="filter-slash", markup=False)
        yield FilterInput(placeholder=self._hint, compact=True, id="filter-input")
        yield Static("", id="filter-count", markup=False)


class SettingStrip(Static):
    """What is known of the setting under the cursor."""

    _said = Content("")

    def say(self, content: Content) -> None:
        """Show it; its height is fixed, so nothing around it moves."""
        if content != self._said:
            self._said = content
            self.update(content, layout=False)
