"""Chooses the colours by looking at them: moving tries a theme on, Enter keeps it, Esc gives the old one back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from mediadl.screens.actions import Scope, bindings, hints
from mediadl.widgets.key_bar import KeyBar

_FIRST = "textual-dark"


class ThemeDialog(ModalScreen[bool], inherit_bindings=False):
    """Lists the themes beside the screen behind it; the answer says whether another one was chosen."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.THEMES,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.THEMES)]
    PREVIEWS = True
    """While it is open, themes are only tried on: nothing is to be saved."""
    AUTO_FOCUS = ""
    CSS = """
    ThemeDialog { align: right middle; background: $background 0%; }
    #themes { width: 34; max-width: 100%; height: auto; max-height: 100%; }
    #themes OptionList { height: auto; max-height: 1fr; border: none; padding: 0; background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._before = self.app.theme
        self._list = OptionList(id="theme-list", markup=False, compact=True)
        self._list.can_focus = False
        self._keys = KeyBar(id="theme-keys")

    def compose(self) -> ComposeResult:
        """The names, by dark and light."""
        themes = sorted(
            self.app.available_themes.values(),
            key=lambda theme: (theme.name != _FIRST, theme.ansi, not theme.dark, theme.name),
        )
        for theme in themes:
            note = "terminal's own" if theme.ansi else "dark" if theme.dark else "light"
            text = Content.assemble(f"{theme.name:<18}", (note, "dim"))
            self._list.add_option(Option(text, id=theme.name))
        with Vertical(id="themes", classes="dialog") as box:
            box.border_title = "Theme"
            yield self._list
            yield self._keys

    def on_mount(self) -> None:
        """Begin at the theme that is shown."""
        self._list.highlighted = self._list.get_option_index(self._before)
        self._keys.show(hints(self.SCOPES, {}))

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Try it on."""
        if event.option_id and event.option_id != self.app.theme:
            self.app.theme = event.option_id

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Clicked: try it on; the next click on it keeps it."""
        if event.option_id == self.app.theme == self._clicked:
            self.action_keep()
        self._clicked = event.option_id or ""

    _clicked = ""

    def action_keep(self) -> None:
        """Keep what is seen."""
        self.dismiss(self.app.theme != self._before)

    def action_close(self) -> None:
        """Everything as before."""
        self.app.theme = self._before
        self.dismiss(False)

    def _move(self, rows: int) -> None:
        at = self._list.highlighted or 0
        self._list.highlighted = max(0, min(at + rows, self._list.option_count - 1))

    def action_cursor_down(self) -> None:
        """Next theme."""
        self._move(1)

    def action_cursor_up(self) -> None:
        """The theme before."""
        self._move(-1)

    def action_page_down(self) -> None:
        """One screen down."""
        self._move(max(self._list.size.height - 1, 1))

    def action_page_up(self) -> None:
        """One screen up."""
        self._move(-max(self._list.size.height - 1, 1))

    def action_half_down(self) -> None:
        """Half a screen down."""
        self._move(max(self._list.size.height // 2, 1))

    def action_half_up(self) -> None:
        """Half a screen up."""
        self._move(-max(self._list.size.height // 2, 1))

    def action_top(self) -> None:
        """First theme."""
        self._move(-self._list.option_count)

    def action_bottom(self) -> None:
        """Last theme."""
        self._move(self._list.option_count)
