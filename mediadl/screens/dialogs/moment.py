"""Asks for a time to start at and says, while it is typed, which moment that is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.errors import InvalidInput
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.security.text import safe_text
from mediadl.timing import moments
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.when import local, soon

_EXAMPLES = "+2h   23:30   tomorrow 8:00   fri 18:00   2026-12-31 18:00"


class MomentDialog(ModalScreen["float | None"], inherit_bindings=False):
    """Its answer is the moment in epoch seconds, `None` for none."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.TIME,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TIME)]
    AUTO_FOCUS = "Input"

    def __init__(self, what: str, *, clock: Callable[[], float] = time.time) -> None:
        """`what` shall start then."""
        super().__init__()
        self._what = what
        self._clock = clock
        self._field = Input(placeholder="when", id="moment-field", compact=True)
        self._said = Static("", id="moment-said", markup=False)
        self._keys = KeyBar(id="moment-keys")

    def compose(self) -> ComposeResult:
        """What it is about, field, meaning, keys."""
        with Vertical(id="moment", classes="dialog") as box:
            box.border_title = "Change time"
            yield Static(safe_text(self._what, limit=120), markup=False)
            yield self._field
            yield self._said
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys."""
        self._keys.show(hints(self.SCOPES, {}))
        self._show()

    def on_input_changed(self) -> None:
        """Say what is meant."""
        self._show()

    def _show(self) -> None:
        now = self._clock()
        if not self._field.value.strip():
            self._said.update(Content.styled(f"Local time, such as\n{_EXAMPLES}", "$foreground-muted"))
            return
        try:
            at = moments.start(self._field.value, now)
        except InvalidInput as error:
            text = f"✗ {safe_text(error.message)}.\n{safe_text(error.next_step)}"
            self._said.update(Content.styled(text, "$text-error"))
        else:
            text = f"✓ {local(at, now)}, {soon(at, now)}"
            self._said.update(Content.styled(text, "bold $text-success"))

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def action_submit(self) -> None:
        """Take the time, if it is one."""
        try:
            at = moments.start(self._field.value, self._clock())
        except InvalidInput:
            self._show()
        else:
            self.dismiss(at)

    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)
