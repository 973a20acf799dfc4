"""The `:` line: a command by its name, completed while it is typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.screens.actions import Scope, bindings
from mediadl.screens.commands import Command, matching, parse
from mediadl.security.text import safe_text

_SHOWN = 6


class CommandDialog(ModalScreen[tuple[str, str]], inherit_bindings=False):
    """Asks for a command; the answer is the action to run and the words after it."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.COMMAND,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.COMMAND)]
    AUTO_FOCUS = "Input"

    def __init__(self, known: Sequence[Command]) -> None:
        super().__init__()
        self._known = known

    def compose(self) -> ComposeResult:
        """What fits, over the line."""
        with Vertical(id="command"):
            yield Static("", id="command-matches", markup=False)
            with Horizontal(id="command-line"):
                yield Static(":", id="command-colon", markup=False)
                yield Input(compact=True, id="command-input")

    def on_mount(self) -> None:
        """Show what there is."""
        self._show("")

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value

    def _show(self, typed: str, trouble: str = "") -> None:
        lines = [
            Content.assemble((f"{command.word:<18}", "bold"), (command.help, "$foreground-muted"))
            for command in matching(typed, self._known)[:_SHOWN]
        ]
        if trouble or not lines:
            said = trouble or f"There is no command like {safe_text(typed, limit=40)!r} here."
            lines = [Content.assemble((said, "$text-warning")), *lines][:_SHOWN]
        self.query_one("#command-matches", Static).update(Content("\n").join(lines))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Other commands fit."""
        event.stop()
        self._show(event.value)

    def action_complete(self) -> None:
        """Finish the word with the first that fits."""
        found = matching(self._typed, self._known)
        if found and " " not in self._typed.strip():
            field = self.query_one(Input)
            field.value = f"{found[0].word} "
            field.cursor_position = len(field.value)

    def action_submit(self) -> None:
        """Run it."""
        typed = self._typed
        if not typed.strip():
            self.action_close()
            return
        command, words = parse(typed, self._known)
        if command is not None:
            self.dismiss((command.call, words))
        elif words:
            self._show(typed, f"{typed.split()[0]} takes no words after it.")
        else:
            self._show(typed, "Which one? Tab takes the first." if matching(typed, self._known) else "")

    def action_close(self) -> None:
        """Run nothing."""
        self.dismiss(("", ""))
