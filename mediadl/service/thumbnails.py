"""Small pictures of stored files, for the gallery and the viewer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from mediadl.models import Download
from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks
from mediadl.workers.thumbnail_cache import ThumbnailFolder
from mediadl.workers.thumbnails import SIDES, Thumbnail, ThumbnailFeed, ThumbnailStore, Wish, thumbnail_store

if TYPE_CHECKING:
    from mediadl.service import Services


class ThumbnailService(Verbs):
    """The pictures of one data folder; what was made is shared by every view."""

    def __init__(self, home: Home, services: Services | None = None) -> None:
        self._home = home
        self._services = services

    @functools.cached_property
    def store(self) -> ThumbnailStore:
        """What is kept; nothing is read before the first wish."""
        return thumbnail_store(self._home.thumbnails)

    @asks(Right.SEE_OWN)
    def feed(self, publish: Callable[[Sequence[Thumbnail]], None]) -> ThumbnailFeed:
        """A view's line to the pictures: call its `run` in a thread or two, `want` from anywhere, `stop` at the end.

        `publish` takes what became of the wishes, in those threads, at most ten times a second.
        """
        return ThumbnailFeed(self.store, publish)

    @asks(Right.SEE_OWN)
    def forget(self, hashes: Iterable[str]) -> None:
        """Throw away the pictures of files that were deleted, by the SHA-256 of their content.

        Raises:
            OSError: the folder of the pictures cannot be used.
        """
        folder = ThumbnailFolder(self._home.thumbnails)
        for sha256 in hashes:
            folder.forget(sha256, SIDES)

    @staticmethod
    def wish(download: Download, box: tuple[int, int], *, sixel: bool = False) -> Wish:
        """A stored file's picture, at most `box` pixels large."""
        return Wish(download.id, download.path, download.sha256, download.kind, *box, sixel)
