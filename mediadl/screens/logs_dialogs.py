"""The dialogs of the Logs screen: one line in full, and one thing to type."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from mediadl.errors import MediadlError
from mediadl.logs import LogLine
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.security.text import safe_lines
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.log_text import facts, whole


class LogLineDialog(ModalScreen[str | None], inherit_bindings=False):
    """Shows one line; the answer is `open_job`, or `None`."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LOG_LINE,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LOG_LINE, modal=True)]
    AUTO_FOCUS = ""

    def __init__(self, line: LogLine) -> None:
        super().__init__()
        self._line = line
        self._text = VerticalScroll(Static(safe_lines(line.message), id="log-text", markup=False))
        self._keys = KeyBar(id="log-line-keys")

    def compose(self) -> ComposeResult:
        """Facts, message, keys."""
        with Vertical(id="log-line", classes="dialog") as box:
            box.border_title = "Log line"
            yield Static(facts(self._line), id="log-facts", markup=False)
            yield self._text
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys."""
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True))

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        return {"log_line.open_job": "This line is about no job."} if self._line.job is None else {}

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def action_close(self) -> None:
        """Back."""
        self.dismiss(None)

    def action_copy(self) -> None:
        """Copy the whole line."""
        self.app.copy_to_clipboard(whole(self._line))
        self.notify("The whole line", title="Copied", timeout=3, markup=False)

    def action_open_job(self) -> None:
        """Go on to the job."""
        if self._line.job is None:
            self.notify("This line is about no job.", severity="warning", timeout=4, markup=False)
        else:
            self.dismiss("open_job")

    def action_scroll_down(self) -> None:
        """One line down."""
        self._text.scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """One line up."""
        self._text.scroll_up(animate=False)

    def action_page_down(self) -> None:
        """One screen down."""
        self._text.scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """One screen up."""
        self._text.scroll_page_up(animate=False)


class PromptDialog(ModalScreen[str | None], inherit_bindings=False):
    """Asks for one text; the answer is what was typed, or `None`."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.PROMPT,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.PROMPT)]
    AUTO_FOCUS = "Input"

    def __init__(self, title: str, text: str, value: str, check: Callable[[str], object]) -> None:
        """`check` raises `MediadlError` for what makes no sense."""
        super().__init__()
        self._title = title
        self._text = text
        self._check = check
        self._field = Input(value=value, id="prompt-field", compact=True)
        self._wrong = Static("", id="prompt-wrong", markup=False)
        self._keys = KeyBar(id="prompt-keys")

    def compose(self) -> ComposeResult:
        """Explanation, field, what is wrong with it, keys."""
        with Vertical(id="prompt", classes="dialog") as box:
            box.border_title = self._title
            yield Static(self._text, id="prompt-text", markup=False)
            yield self._field
            yield self._wrong
            yield self._keys

    def on_mount(self) -> None:
        """Show the keys."""
        self._keys.show(hints(self.SCOPES, {}))

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say at once what is wrong."""
        event.stop()
        self._wrong.update(Content(self._objection()))

    def action_submit(self) -> None:
        """Take it."""
        if not self._objection():
            self.dismiss(self._field.value.strip())

    def action_close(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    def _objection(self) -> str:
        try:
            self._check(self._field.value.strip())
        except MediadlError as error:
            return safe_lines(f"{error.message}. {error.next_step}", limit=300)
        return ""
