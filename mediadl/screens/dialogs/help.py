"""The keys that work where the help was asked for, from the one list of actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.screens.actions import Action, Group, Scope, bindings


class HelpDialog(ModalScreen[None], inherit_bindings=False):
    """Lists actions under their headings."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.HELP,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.HELP)]

    def __init__(self, place: str, actions: Sequence[Action]) -> None:
        super().__init__()
        self._place = place
        self.actions = actions
        """What is listed."""

    def compose(self) -> ComposeResult:
        """One long text to scroll."""
        with VerticalScroll(id="help", classes="dialog") as box:
            box.border_title = f"Keys · {self._place}"
            box.border_subtitle = "Esc closes"
            yield Static(self._content(), id="help-text", markup=False)

    def _content(self) -> Table:
        grid = Table.grid(padding=(0, 2))
        grid.add_column(justify="right", no_wrap=True)
        grid.add_column()
        grid.add_column(style="dim")
        for group in Group:
            actions = [action for action in self.actions if action.group is group]
            if not actions:
                continue
            if grid.row_count:
                grid.add_row()
            grid.add_row("", Text(group.value, "bold underline"))
            for action in actions:
                grid.add_row(Text(action.key_text, "bold"), Text(action.label), Text(action.help))
        return grid

    @property
    def _box(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def action_close(self) -> None:
        """Back to where it was asked."""
        self.dismiss(None)

    def action_scroll_down(self) -> None:
        """One line down."""
        self._box.scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """One line up."""
        self._box.scroll_up(animate=False)

    def action_page_down(self) -> None:
        """One screen down."""
        self._box.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """One screen up."""
        self._box.scroll_page_up(animate=False)
