"""A short list to choose from: by its key, arrows and Enter, or a click. Also the right-click menu."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mediadl.screens.actions import Scope, bindings


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a menu."""

    value: str
    label: str
    note: str = ""
    """Shown at the right, such as the key of the action."""
    key: str = ""
    """Letter that chooses it in the menu."""


class MenuDialog(ModalScreen[str | None], inherit_bindings=False):
    """Asks for one of several; the answer is its value, or `None`."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.MENU,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.MENU, modal=True)]

    def __init__(
        self, title: str, choices: Sequence[Choice], *, chosen: str = "", at: tuple[int, int] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._chosen = chosen
        self._at = at

    def compose(self) -> ComposeResult:
        """The list."""
        wide = max(len(c.label) for c in self._choices)
        options = [
            Option(
                Content.assemble(
                    (f"{c.key or ' '} ", "bold $text-accent"),
                    f"{c.label:<{wide}}  ",
                    (c.note, "$foreground-muted"),
                ),
                id=c.value,
            )
            for c in self._choices
        ]
        menu = OptionList(*options, id="menu", markup=False)
        menu.border_title = self._title or None
        menu.highlighted = next((n for n, c in enumerate(self._choices) if c.value == self._chosen), 0)
        yield menu

    def on_mount(self) -> None:
        """At the pointer when it was a click, else in the middle."""
        if self._at is None:
            return
        menu = self.query_one(OptionList)
        width = max(len(c.label) + len(c.note) for c in self._choices) + 10
        height = len(self._choices) + 2
        x = max(0, min(self._at[0], self.app.size.width - width))
        y = max(0, min(self._at[1], self.app.size.height - height))
        self.styles.align = ("left", "top")
        menu.styles.offset = (x, y)

    def on_key(self, event: events.Key) -> None:
        """A letter of the list chooses."""
        for choice in self._choices:
            if choice.key and event.character == choice.key:
                event.stop()
                self.dismiss(choice.value)
                return
        if event.character in {"j", "k"}:
            event.stop()
            menu = self.query_one(OptionList)
            (menu.action_cursor_down if event.character == "j" else menu.action_cursor_up)()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        self.dismiss(event.option_id)

    def on_click(self, event: events.Click) -> None:
        """A click beside the menu closes it."""
        if event.widget is self:
            self.dismiss(None)

    def action_close(self) -> None:
        """Choose nothing."""
        self.dismiss(None)
