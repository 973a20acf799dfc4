"""The fields of the add dialog: a text of many lines, lists whose choices change, words before them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.document._wrapped_document import WrappedDocument
from textual.widget import Widget
from textual.widgets import Select, Static, TextArea


class _Wrapped(WrappedDocument):
    """Knows its height without adding up all of its lines, which Textual asks for with every line it paints."""

    @property
    def height(self) -> int:
        """Lines as wrapped."""
        return len(self._offset_to_line_info)


class AddressArea(TextArea):
    """The field; Enter and Ctrl+J belong to the dialog."""

    def on_mount(self) -> None:
        """Thousands of lines may be pasted."""
        self.wrapped_document.__class__ = _Wrapped


class Choice(Select[str]):
    """A list whose choices change with what is typed."""

    def __init__(self, first: tuple[str, str], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__([first], value=first[1], allow_blank=False, id=id, compact=True)
        self._first = first
        self._offered: list[tuple[str, str]] = [first]

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """Let it offer these, and what is chosen now."""
        chosen = str(self.value)
        offered = [self._first, *choices]
        if chosen not in {value for _, value in offered}:
            offered.append((chosen, chosen))
        if offered != self._offered:
            self._offered = offered
            with self.prevent(Select.Changed):
                self.set_options(offered)
                self.value = chosen


class Field(Horizontal):
    """A word and the widget it is about."""

    def __init__(self, label: str, widget: Widget) -> None:
        super().__init__(classes="field")
        self._label = label
        self._widget = widget

    def compose(self) -> ComposeResult:
        """Both."""
        yield Static(self._label, classes="label", markup=False)
        yield self._widget
