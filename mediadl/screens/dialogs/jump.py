"""`g` was pressed: a letter more leads to a screen, or to the top of the list."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import ModalScreen

from mediadl.screens.actions import Scope, actions_of, bindings
from mediadl.widgets.key_bar import Hint, KeyBar
from mediadl.widgets.line import Line


class JumpDialog(ModalScreen[str], inherit_bindings=False):
    """Shows where letters lead, at the bottom; the answer is the action that was chosen."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.JUMP,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.JUMP)]

    def compose(self) -> ComposeResult:
        """One line of letters."""
        yield KeyBar(id="jump")

    def on_mount(self) -> None:
        """Show the letters."""
        found = [action for action in actions_of(Scope.JUMP) if action.name != "close"]
        hints = [Hint(action.keys[0], action.label, action.name) for action in found]
        self.query_one(KeyBar).show(hints, lead=" go to ")

    def on_line_clicked(self, message: Line.Clicked) -> None:
        """A letter was clicked."""
        message.stop()
        self.dismiss(message.action)

    def on_click(self) -> None:
        """Beside the line: stay."""
        self.action_close()

    def action_close(self) -> None:
        """Stay."""
        self.dismiss("")

    def action_top(self) -> None:
        """To the top of the list."""
        self.dismiss("top")

    def action_dashboard(self) -> None:
        """To the Dashboard."""
        self.dismiss("dashboard")

    def action_queue(self) -> None:
        """To the Queue."""
        self.dismiss("queue")

    def action_scheduler(self) -> None:
        """To the Scheduler."""
        self.dismiss("scheduler")

    def action_history(self) -> None:
        """To the History."""
        self.dismiss("history")

    def action_logs(self) -> None:
        """To the Logs."""
        self.dismiss("logs")

    def action_settings(self) -> None:
        """To the Settings."""
        self.dismiss("settings")
