"""Asked before changes would be lost: save them, give them up, or stay."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from mediadl.screens.actions import Scope, bindings


class Answer(StrEnum):
    """What to do about the changes."""

    SAVE = "save"
    DISCARD = "discard"
    STAY = "stay"


class UnsavedDialog(ModalScreen[Answer], inherit_bindings=False):
    """Names what was changed and asks what to do."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.UNSAVED,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.UNSAVED, modal=True)]
    AUTO_FOCUS = ""

    def __init__(self, question: str, text: str) -> None:
        super().__init__()
        self._question = question
        self._text = text

    def compose(self) -> ComposeResult:
        """Question, what was changed, three buttons."""
        with Vertical(id="confirm", classes="dialog"):
            yield Static(Content.styled(self._question, "bold"), id="question")
            yield Static(self._text, id="meaning", markup=False)
            with Horizontal(classes="buttons"):
                yield Button(Content("Save (Enter)"), variant="primary", id="save", compact=True)
                yield Button(Content("Discard (d)"), variant="error", id="discard", compact=True)
                yield Button(Content("Stay (Esc)"), id="stay", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Clicked."""
        self.dismiss(Answer(event.button.id or Answer.STAY))

    def action_save(self) -> None:
        """Save and go on."""
        self.dismiss(Answer.SAVE)

    def action_discard(self) -> None:
        """Give the changes up and go on."""
        self.dismiss(Answer.DISCARD)

    def action_close(self) -> None:
        """Stay."""
        self.dismiss(Answer.STAY)
