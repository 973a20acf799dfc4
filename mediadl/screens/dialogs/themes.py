"""Chooses the colours by looking at them: moving tries a theme on, Enter keeps it, Esc gives the old one back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.theme import Theme

from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.table_keys import TableKeys
from mediadl.widgets.columns import Column, Part
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.window import Window
from mediadl.widgets.window_table import WindowTable

_FIRST = "textual-dark"


def _name(theme: tuple[int, Theme], _now: float, _width: int) -> Sequence[Part]:
    return [(theme[1].name, "")]


def _kind(theme: tuple[int, Theme], _now: float, _width: int) -> Sequence[Part]:
    own = theme[1].ansi
    return [("terminal" if own else "dark" if theme[1].dark else "light", "quiet")]


_COLUMNS = (Column("name", "Name", _name, 20, flex=1), Column("kind", "Kind", _kind, 8))


class ThemeDialog(TableKeys, ModalScreen[bool], inherit_bindings=False):
    """Lists the themes beside the screen behind it; the answer says whether another one was chosen."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.THEMES,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.THEMES)]
    PREVIEWS = True
    """While it is open, themes are only tried on: nothing is to be saved."""
    AUTO_FOCUS = "WindowTable"
    CSS = """
    ThemeDialog { align: right middle; background: transparent; }
    #themes { width: 38; max-width: 100%; height: 100%; }
    #themes WindowTable { background: $surface; }
    #themes WindowTable > .table--header { background: $surface; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._before = self.app.theme
        themes = sorted(
            self.app.available_themes.values(),
            key=lambda theme: (theme.name != _FIRST, theme.ansi, not theme.dark, theme.name),
        )
        self._themes = list(enumerate(themes))
        self._table: WindowTable[tuple[int, Theme]] = WindowTable(
            _COLUMNS, key=lambda row: row[0], markable=False, id="theme-list"
        )
        self._keys = KeyBar(id="theme-keys")

    @property
    def table(self) -> WindowTable[tuple[int, Theme]]:
        """The list."""
        return self._table

    def compose(self) -> ComposeResult:
        """The themes: dark ones, light ones, those that leave the colours to the terminal."""
        with Vertical(id="themes", classes="dialog") as box:
            box.border_title = "Theme"
            yield self._table
            yield self._keys

    def on_mount(self) -> None:
        """Begin at the theme that is shown."""
        self._keys.show(hints(self.SCOPES, {}))
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        table = self._table
        at = next(n for n, theme in self._themes if theme.name == self._before)
        table.show(Window(table.place, len(self._themes), 0, at, None, 0, self._themes))
        table.move(at)

    def on_window_table_cursor_moved(self) -> None:
        """Try it on."""
        row = self._table.current
        if row is not None and row[1].name != self.app.theme:
            self.app.theme = row[1].name

    def on_window_table_opened(self) -> None:
        """A double click keeps it."""
        self.action_keep()

    def action_keep(self) -> None:
        """Keep what is seen."""
        self.dismiss(self.app.theme != self._before)

    def action_close(self) -> None:
        """Everything as before."""
        self.app.theme = self._before
        self.dismiss(False)
