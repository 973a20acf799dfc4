"""One stored file, as large as the screen: its picture, or a frame of the film, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widgets import Static

from mediadl.errors import MediadlError
from mediadl.models import Download
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.notices import notify_error
from mediadl.security.text import safe_text
from mediadl.widgets import gallery_text
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.picture_terminal import Means
from mediadl.widgets.picture_view import PictureView
from mediadl.workers.thumbnails import Thumbnail

if TYPE_CHECKING:
    from mediadl.service import Services

_LOOK_AGAIN_S = 0.05
_LOOKS = 60
"""How often the list is asked for a row that it still has to read."""


class ViewerDialog(ModalScreen[None], inherit_bindings=False):
    """Shows a file; the list below moves along."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.VIEWER,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.VIEWER, modal=True)]
    AUTO_FOCUS = ""
    CSS_PATH = "viewer.tcss"

    class Made(Message):
        """Pictures were made."""

        def __init__(self, pictures: Sequence[Thumbnail]) -> None:
            super().__init__()
            self.pictures = pictures

    def __init__(
        self, services: Services, download: Download, step: Callable[[int], Download | None]
    ) -> None:
        """Open on a file.

        Args:
            services: give the pictures.
            download: the file.
            step: moves in the list by so many rows and gives the row that is current then, `None` while it is still
                being read; called on the loop.
        """
        super().__init__()
        self._services = services
        self._download = download
        self._step = step
        self._feed = services.thumbnails.feed(self._publish)
        self._title = Static("", id="viewer-title", markup=False)
        self._view = PictureView(id="viewer-picture")
        self._facts = Static("", id="viewer-facts", markup=False)
        self._keys = KeyBar(id="viewer-keys")
        self._looking: Timer | None = None

    def compose(self) -> ComposeResult:
        """Title, picture, facts, keys."""
        with Vertical(id="viewer", classes="dialog"):
            yield self._title
            yield self._view
            yield self._facts
            yield self._keys

    def on_mount(self) -> None:
        """Begin with the picture."""
        self.app.run_worker(
            self._feed.run, thread=True, group="thumbnails", name="viewer", exit_on_error=False
        )
        self._keys.show(hints(self.SCOPES, {}, modal=True))
        self._tell()

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._feed.stop()

    @property
    def download(self) -> Download:
        """The file that is shown."""
        return self._download

    # Showing

    def _publish(self, pictures: Sequence[Thumbnail]) -> None:
        # Thread of the feed
        self.post_message(self.Made(pictures))

    def _tell(self) -> None:
        download = self._download
        self._title.update(Content(gallery_text.title(download)))
        self._facts.update(Content("\n".join(gallery_text.facts(download))))
        self._view.put(None, self._words())
        self._want()

    def _words(self) -> tuple[str, ...]:
        face = gallery_text.face(self._download)
        return (f"{face.glyph} {face.word}", face.facts)

    def _want(self) -> None:
        view = self._view
        if view.means is not Means.WORDS and view.size:
            sixel = view.means is Means.SIXEL
            self._feed.want([self._services.thumbnails.wish(self._download, view.box, sixel=sixel)])

    def on_picture_view_size_changed(self) -> None:
        """A picture of another size fits."""
        self._want()

    def on_viewer_dialog_made(self, message: Made) -> None:
        """Show the picture, unless it is of a file or size that was left."""
        for picture in message.pictures:
            if picture.id == self._download.id and picture.box == self._view.box:
                self._view.put(picture, self._words())

    # Moving

    def _turn(self, rows: int) -> None:
        self._stop_looking()
        if not self._take(self._step(rows)):
            self._looking = self.set_interval(_LOOK_AGAIN_S, self._look_again, repeat=_LOOKS)

    def _look_again(self) -> None:
        if self._take(self._step(0)):
            self._stop_looking()

    def _stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.stop()
            self._looking = None

    def _take(self, found: Download | None) -> bool:
        if found is not None and found.id != self._download.id:
            self._download = found
            self._tell()
        return found is not None

    # Actions

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    def action_close(self) -> None:
        """Back."""
        if self.is_current:
            self.dismiss(None)

    def action_next(self) -> None:
        """The next file."""
        self._turn(1)

    def action_previous(self) -> None:
        """The file before."""
        self._turn(-1)

    def action_copy(self) -> None:
        """Copy the path."""
        path = safe_text(self._download.path, limit=4096)
        self.app.copy_to_clipboard(path)
        self.notify(safe_text(path, limit=200), title="Copied", timeout=3, markup=False)

    def action_folder(self) -> None:
        """Show the folder; a browser shows none of this machine's, so the path is copied there."""
        if self.app.is_web:
            self.action_copy()
            return
        path = Path(self._download.path)

        def work() -> None:
            from mediadl.service import desktop

            try:
                desktop.open_folder(path)
            except MediadlError as error:
                notify_error(self.app, error)

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)
