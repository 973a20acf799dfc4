"""Small pictures of stored files, for the gallery and the viewer."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.errors import NotFound
from mediadl.models import Download
from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.service.rights import Verbs, asks
from mediadl.workers.thumbnail_cache import Raster, ThumbnailFolder
from mediadl.workers.thumbnails import SIDES, Thumbnail, ThumbnailFeed, ThumbnailStore, Wish, thumbnail_store

if TYPE_CHECKING:
    from mediadl.service import Services


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture that was kept."""

    name: str
    """Of this very picture: another content or size has another."""
    raster: Raster


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

    @asks(Right.SEE_OWN)
    def kept(self, download_id: int) -> Kept:
        """The largest picture that was made and kept of a stored file.

        Raises:
            NotFound: there is no such file, or none was kept.
        """
        assert self._services is not None
        sha256 = self._services.history.get(download_id).sha256
        folder = ThumbnailFolder(self._home.thumbnails)
        for side in reversed(SIDES):
            try:
                raster = folder.get(sha256, side)
            except OSError as error:
                raise NotFound("the kept pictures cannot be read") from error
            if raster is not None:
                return Kept(f"{sha256}-{side}", raster)
        raise NotFound("no picture of this file is kept")

    @staticmethod
    def wish(
        download: Download, box: tuple[int, int], *, sixel: bool = False, for_browser: bool = False
    ) -> Wish:
        """A stored file's picture, at most `box` pixels large; for a browser a larger one is kept as well."""
        side = SIDES[-1] if for_browser else 0
        return Wish(download.id, download.path, download.sha256, download.kind, *box, sixel, side)
