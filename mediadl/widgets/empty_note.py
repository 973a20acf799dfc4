"""What stands where nothing else can: the first things to do, and a word on windows that are too small."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from mediadl.widgets.first_steps import first_steps

_NO_MATCH = (
    ("No job matches.\n\n", "bold"),
    ("Esc", "bold $text-accent"), ("  show all again\n", ""),
    ("/", "bold $text-accent"), ("  look for other words; -word leaves out, site:name asks for one field\n", ""),
    ("f", "bold $text-accent"), ("  another status\n", ""),
)  # fmt: skip


class EmptyNote(Static):
    """Says what to do while a list is empty."""

    _filtered: bool | None = None

    def show(self, *, filtered: bool) -> None:
        """`filtered`: there are jobs, but none that match."""
        if filtered != self._filtered:
            self._filtered = filtered
            self.update(Content.assemble(*_NO_MATCH) if filtered else first_steps())


class SmallNote(Static):
    """Shown instead of everything when the window is too small to be of use."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__("Please make this window at least 40×12. q quits.", id=id, markup=False)
