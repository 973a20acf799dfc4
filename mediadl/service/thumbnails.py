"""Small pictures of stored files, for the gallery and the viewer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

from mediadl.models import Download
from mediadl.paths import Home
from mediadl.workers.thumbnails import Thumbnail, ThumbnailFeed, ThumbnailStore, Wish, thumbnail_store


class ThumbnailService:
    """The pictures of one data folder; what was made is shared by every view."""

    def __init__(self, home: Home) -> None:
        self._home = home

    @functools.cached_property
    def store(self) -> ThumbnailStore:
        """What is kept; nothing is read before the first wish."""
        return thumbnail_store(self._home.thumbnails)

    def feed(self, publish: Callable[[Sequence[Thumbnail]], None]) -> ThumbnailFeed:
        """A view's line to the pictures: call its `run` in a thread or two, `want` from anywhere, `stop` at the end.

        `publish` takes what became of the wishes, in those threads, at most ten times a second.
        """
        return ThumbnailFeed(self.store, publish)

    @staticmethod
    def wish(download: Download, box: tuple[int, int], *, sixel: bool = False) -> Wish:
        """A stored file's picture, at most `box` pixels large."""
        return Wish(download.id, download.path, download.sha256, download.kind, *box, sixel)
