"""The gallery of the History screen: stored files as tiles, with the pictures that a thread makes for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

from mediadl.models import Download
from mediadl.widgets import gallery_text
from mediadl.widgets.gallery import Gallery
from mediadl.workers.thumbnails import Thumbnail

if TYPE_CHECKING:
    from mediadl.service import Services


class HistoryGallery(Gallery[Download]):
    """Tiles of stored files; asks for pictures of what is in view and gives up those that left it."""

    class Made(Message):
        """Pictures were made."""

        def __init__(self, pictures: Sequence[Thumbnail]) -> None:
            super().__init__()
            self.pictures = pictures

    def __init__(self, services: Services, *, zoom: int, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(lambda one: one.id, gallery_text.face, gallery_text.caption, zoom=zoom, id=id)
        self._thumbnails = services.thumbnails
        self._feed = services.thumbnails.feed(self._publish)

    def on_mount(self) -> None:
        """Begin to make pictures."""
        self.app.run_worker(
            self._feed.run, thread=True, group="thumbnails", name="gallery", exit_on_error=False
        )

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self._feed.stop()

    def _publish(self, pictures: Sequence[Thumbnail]) -> None:
        # Thread of the feed
        self.post_message(self.Made(pictures))

    def on_history_gallery_made(self, message: Made) -> None:
        """Show them."""
        message.stop()
        self.put_pictures(message.pictures)

    def on_gallery_pictures_wanted(self, message: Gallery.PicturesWanted) -> None:
        """Other pictures are wanted; the rest need not be made any more."""
        message.stop()
        box, for_browser = self.picture_box, self.app.is_web
        self._feed.want(
            [self._thumbnails.wish(row, box, for_browser=for_browser) for row in self.wanted_pictures()]
        )
