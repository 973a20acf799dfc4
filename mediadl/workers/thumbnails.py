"""Thumbnails for a screen: asked for by the page, made by children, kept, delivered in batches.

Only the newest wishes count: what was scrolled away is not made any more. `ThumbnailFeed.run` is called in the threads
that do the work; nothing here touches the screen's own thread.
"""

from __future__ import annotations

import os
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mediadl.logs import get_logger
from mediadl.models import MediaKind
from mediadl.workers.thumbnail_cache import ByteBound, Raster, ThumbnailFolder
from mediadl.workers.thumbnail_child import Form, Medium
from mediadl.workers.thumbnail_link import NoPicture, ThumbnailLink, Trouble, open_plain

_log = get_logger("thumbnails")

SIDES = (96, 320)
"""Size classes that are kept, in pixels of the longer side; what is larger is made anew each time."""

BATCH_S = 0.1
"""Least time between two deliveries."""

IDLE_S = 20.0
"""A child that has nothing to do for so long is ended; it holds some 50 MB."""

SLOW_S = 0.5
"""A file that takes longer is given up when it is not wanted any more; others are finished and kept."""

_FAILURES_KEPT = 4000


@dataclass(frozen=True, slots=True)
class Wish:
    """A picture that is wanted."""

    id: int
    """Whose; comes back with the picture."""
    path: str
    sha256: str
    """Of the content; empty: not known, then nothing is kept."""
    kind: MediaKind
    width: int
    """Greatest size in pixels."""
    height: int
    sixel: bool = False
    kept_side: int = 0
    """Keep it at least this large on disk: somebody else shows it larger."""


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A picture, or the words for why there is none."""

    id: int
    box: tuple[int, int]
    """Greatest size that was asked for."""
    width: int = 0
    height: int = 0
    rgb: bytes = b""
    """Three bytes per pixel; empty when there is none or sixels were asked for."""
    sixel: bytes = b""
    note: str = ""
    """Why there is none, such as `missing`."""


class ThumbnailStore:
    """What is known of pictures: rasters in memory and on disk, and which files give none."""

    def __init__(self, folder: ThumbnailFolder) -> None:
        self._folder: ThumbnailFolder | None = folder
        self.memory: ByteBound[tuple[str, int]] = ByteBound()
        self._failures: dict[tuple[str, int], Trouble] = {}

    def make(self, wish: Wish, link: ThumbnailLink) -> Thumbnail:
        """The picture, from wherever it is nearest.

        Raises:
            OSError: no child can be started.
        """
        box = (wish.width, wish.height)
        try:
            if wish.kind not in _MEDIA:
                raise NoPicture(Trouble.UNKNOWN)
            if wish.sixel:
                answer = link.ask(wish.path, _MEDIA[wish.kind], Form.SIXEL, box)
                return Thumbnail(wish.id, box, answer.width, answer.height, sixel=answer.payload)
            raster = self._raster(wish, link)
        except NoPicture as none:
            return Thumbnail(wish.id, box, note=none.trouble.value)
        raster = _fit(raster, box)
        return Thumbnail(wish.id, box, raster.width, raster.height, raster.rgb)

    def _raster(self, wish: Wish, link: ThumbnailLink) -> Raster:
        least = max(wish.width, wish.height, wish.kept_side)
        side = next((side for side in SIDES if side >= least), 0)
        box = (side, side) if side else (wish.width, wish.height)
        medium = _MEDIA[wish.kind]
        if not side or not wish.sha256:
            answer = link.ask(wish.path, medium, Form.RGB, box)
            return Raster(answer.width, answer.height, answer.payload)
        _look(wish.path)
        key = (wish.sha256, side)
        if key in self._failures:
            raise NoPicture(self._failures[key])
        raster = self.memory.get(key) or self._from_disk(key)
        if raster is None:
            try:
                answer = link.ask(wish.path, medium, Form.RGB, box)
            except NoPicture as none:
                self._remember(key, none.trouble)
                raise
            raster = Raster(answer.width, answer.height, answer.payload)
            self._to_disk(key, raster)
        if not wish.kept_side:  # it is ten times as large as what is shown here
            self.memory.put(key, raster)
        return raster

    def _remember(self, key: tuple[str, int], trouble: Trouble) -> None:
        if trouble is not Trouble.CANCELLED:
            if len(self._failures) >= _FAILURES_KEPT:
                self._failures.clear()
            self._failures[key] = trouble

    def _from_disk(self, key: tuple[str, int]) -> Raster | None:
        try:
            return self._folder.get(*key) if self._folder else None
        except OSError as error:
            self._give_up(error)
            return None

    def _to_disk(self, key: tuple[str, int], raster: Raster) -> None:
        try:
            if self._folder:
                self._folder.put(*key, raster)
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        """A full or broken disk costs time, not the gallery."""
        _log.warning("thumbnails are not kept on disk any more: %s", error)
        self._folder = None


class ThumbnailFeed:
    """Holds the newest wishes of one view and delivers what became of them.

    `publish` is called in the threads that run, at most ten times a second.
    """

    def __init__(
        self,
        store: ThumbnailStore,
        publish: Callable[[Sequence[Thumbnail]], None],
        *,
        idle_s: float = IDLE_S,
        make_link: Callable[[], ThumbnailLink] = ThumbnailLink,
    ) -> None:
        self._store = store
        self._publish = publish
        self._idle_s = idle_s
        self._make_link = make_link
        self._changed = threading.Condition()
        self._wishes: deque[Wish] = deque()
        self._busy: dict[Wish, tuple[ThumbnailLink, float]] = {}
        """What is being made, by whom, since when."""
        self._done: list[Thumbnail] = []
        self._done_since = 0.0
        self._published_at = 0.0
        self._stopped = False
        self.cancelled = 0
        """Wishes that were dropped before anybody began with them."""

    def want(self, wishes: Sequence[Wish]) -> None:
        """Replace all wishes, the most urgent first; callable from any thread, returns at once."""
        with self._changed:
            kept = set(wishes)
            self.cancelled += sum(1 for wish in self._wishes if wish not in kept)
            now = time.monotonic()
            for wish, (link, since) in self._busy.items():
                if wish not in kept and now - since > SLOW_S:
                    link.cancel()
            self._wishes = deque(wish for wish in wishes if wish not in self._busy)
            self._changed.notify_all()

    def run(self) -> None:
        """Work until `stop`; several threads may run at once, each has a child of its own."""
        link = self._make_link()
        try:
            while (wish := self._next(link)) is not None:
                try:
                    made = self._store.make(wish, link)
                except OSError as error:
                    _log.warning("no process for thumbnails: %s", error)
                    made = Thumbnail(wish.id, (wish.width, wish.height), note=Trouble.UNKNOWN.value)
                self._take(wish, made)
                self._deliver()
        finally:
            link.stop()

    def stop(self) -> None:
        """Let every `run` return, also in the middle of a file; callable from any thread."""
        with self._changed:
            self._stopped = True
            self._wishes.clear()
            for link, _ in self._busy.values():
                link.cancel()
            self._changed.notify_all()

    def _take(self, wish: Wish, made: Thumbnail) -> None:
        with self._changed:
            del self._busy[wish]
            if made.note == Trouble.CANCELLED:
                self.cancelled += 1
                return
            if not self._done:
                self._done_since = time.monotonic()
            self._done.append(made)

    def _next(self, link: ThumbnailLink) -> Wish | None:
        """The most urgent wish; `None` at the end. Meanwhile a batch falls due or the child is sent home."""
        idle_since = time.monotonic()
        while True:
            with self._changed:
                if self._stopped:
                    return None
                if self._wishes:
                    wish = self._wishes.popleft()
                    self._busy[wish] = (link, time.monotonic())
                    return wish
                self._changed.wait(self._pause(link, idle_since))
            self._deliver()
            if time.monotonic() - idle_since >= self._idle_s:
                link.stop()

    def _pause(self, link: ThumbnailLink, idle_since: float) -> float | None:
        now = time.monotonic()
        if self._done:
            return max(0.001, self._due_at() - now)
        if link.pid is not None:
            return max(0.001, idle_since + self._idle_s - now)
        return None

    def _due_at(self) -> float:
        """When what is done must be delivered: at once when nothing else is under way."""
        earliest = self._published_at + BATCH_S
        return earliest if not self._wishes and not self._busy else max(earliest, self._done_since + BATCH_S)

    def _deliver(self) -> None:
        with self._changed:
            now = time.monotonic()
            if not self._done or self._stopped or now < self._due_at():
                return
            batch, self._done = self._done, []
            self._published_at = now
        self._publish(batch)


_MEDIA = {
    MediaKind.IMAGE: Medium.PICTURE,
    MediaKind.VIDEO: Medium.STREAM,
    MediaKind.AUDIO: Medium.STREAM,
}


def _look(path: str) -> None:
    """Raise `NoPicture` for a file that is gone or is none, also when its picture is kept."""
    os.close(open_plain(path))


def _fit(raster: Raster, box: tuple[int, int]) -> Raster:
    """The raster within the box: from plain pixels, so that nothing hostile is decoded here."""
    scale = min(box[0] / raster.width, box[1] / raster.height)
    if scale >= 1:
        return raster
    from PIL import Image

    size = (max(1, round(raster.width * scale)), max(1, round(raster.height * scale)))
    image = Image.frombytes("RGB", (raster.width, raster.height), raster.rgb)
    return Raster(*size, image.resize(size, Image.Resampling.LANCZOS).tobytes())


def thumbnail_store(folder: Path) -> ThumbnailStore:
    """The pictures kept in a folder; nothing is read or made before the first wish."""
    return ThumbnailStore(ThumbnailFolder(folder))
