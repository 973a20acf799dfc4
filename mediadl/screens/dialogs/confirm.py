"""One question before something that cannot be taken back."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from mediadl.screens.actions import Scope, bindings


class ConfirmDialog(ModalScreen[bool], inherit_bindings=False):
    """Asks yes or no; Enter or y is yes, Esc or n is no."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.CONFIRM,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CONFIRM, modal=True)]
    AUTO_FOCUS = ""

    def __init__(self, question: str, text: str, *, yes: str) -> None:
        super().__init__()
        self._question = question
        self._text = text
        self._yes = yes

    def compose(self) -> ComposeResult:
        """Question, what it means, two buttons."""
        with Vertical(id="confirm", classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), id="question")
            yield Static(self._text, id="meaning", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content(f"{self._yes} (Enter)"), variant="error", id="yes", compact=True)
                yield Button(Content("Keep (Esc)"), id="no", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Clicked."""
        self.dismiss(event.button.id == "yes")

    def action_confirm(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_close(self) -> None:
        """No."""
        self.dismiss(False)
