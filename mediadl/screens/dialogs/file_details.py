"""One stored file in full: every fact, its job, and whether it is still there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.errors import MediadlError, NotFound
from mediadl.events import Event
from mediadl.models import Download
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.widgets import history_details, history_text
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line

if TYPE_CHECKING:
    from mediadl.screens.page import Program
    from mediadl.service import Services
    from mediadl.service.history import FileState


class FileDetailsDialog(ModalScreen[str | None], inherit_bindings=False):
    """Shows one file; the answer is the action of the list that is to be done to it, or `None`."""

    CSS_PATH = "file_details.tcss"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.FILE,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.FILE, modal=True)]
    AUTO_FOCUS = ""

    class Looked(Message):
        """The file was looked at."""

        def __init__(self, state: FileState) -> None:
            super().__init__()
            self.state = state

    def __init__(self, services: Services, download: Download) -> None:
        super().__init__()
        self._services = services
        self._download = download
        self._state: FileState | None = None
        self._facts = Static("", id="file-facts", markup=False)
        self._scroll = VerticalScroll(self._facts, id="file-scroll", can_focus=False)
        self._keys = KeyBar(id="file-keys")

    def compose(self) -> ComposeResult:
        """Facts and keys."""
        with Vertical(id="file", classes="dialog") as box:
            box.border_title = f"File {self._download.id}"
            yield self._scroll
            yield self._keys

    def on_mount(self) -> None:
        """Show what is known, look at the rest."""
        self._facts.update(history_details.facts(self._download, None, self._download.size_bytes))
        self._show_keys()
        self._look()

    def hear(self, _happened: Sequence[Event]) -> None:
        """The database changed."""
        self._look()

    def _look(self) -> None:
        def work() -> None:
            try:
                self.post_message(self.Looked(self._services.history.look(self._download.id)))
            except NotFound:
                # Deleted elsewhere
                self.app.call_later(self.action_close)
            except MediadlError as error:
                notify_error(self.app, error)

        self.app.run_worker(work, thread=True, group="queries", exit_on_error=False)

    def on_file_details_dialog_looked(self, message: Looked) -> None:
        """Show it as it is."""
        self._state = state = message.state
        self._facts.update(history_details.facts(state.download, state.job, state.on_disk))
        self._show_keys()

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        state, found = self._state, {}
        if state is not None and state.on_disk is None:
            found = {
                f"file.{name}": "The file is missing. r downloads it again." for name in ("open", "picture")
            }
        if state is None or state.job is None:
            found["file.job"] = "The job that fetched it is not listed any more."
        if not self._download.url:
            found["file.copy"] = found["file.again"] = "The page it came from is not known."
        return {**found, **cast("Program", self.app).reasons()}

    def _show_keys(self) -> None:
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True))

    def _answer(self, name: str) -> None:
        reason = self.reasons().get(f"file.{name}")
        if reason:
            self.notify(reason, severity="warning", timeout=4, markup=False)
        elif self.is_current:
            self.dismiss(name)

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def action_close(self) -> None:
        """Back."""
        if self.is_current:
            self.dismiss(None)

    def action_open(self) -> None:
        """Show it with the desktop."""
        self._answer("open")

    def action_folder(self) -> None:
        """Show its folder."""
        self._answer("folder")

    def action_picture(self) -> None:
        """Show the picture."""
        self._answer("picture")

    def action_job(self) -> None:
        """Show its job."""
        self._answer("job")

    def action_again(self) -> None:
        """Fetch it again."""
        self._answer("again")

    def action_delete(self) -> None:
        """Delete it."""
        self._answer("delete")

    def action_copy(self) -> None:
        """Copy the address."""
        copy(self.app, self._download.url, "The page it came from is not known.")

    def action_copy_path(self) -> None:
        """Copy the path."""
        copy(self.app, self._download.path)

    def action_copy_hash(self) -> None:
        """Copy the hash."""
        copy(self.app, self._download.sha256, "There is no hash.")

    def action_scroll_down(self) -> None:
        """One line down."""
        self._scroll.scroll_down(animate=False)

    def action_scroll_up(self) -> None:
        """One line up."""
        self._scroll.scroll_up(animate=False)


def copy(app: App[Any], text: str, otherwise: str = "") -> None:
    """Copy a text to the clipboard and show what it is; `otherwise` is said when there is none."""
    if not text:
        app.notify(otherwise, severity="warning", timeout=4, markup=False)
        return
    app.copy_to_clipboard(safe_text(text, limit=4096))
    app.notify(safe_text(text, limit=200), title="Copied", timeout=3, markup=False)


def heading(download: Download) -> str:
    """A file in one line."""
    return f"{history_text.title(download)}\n{safe_text(download.path, limit=300)}"
