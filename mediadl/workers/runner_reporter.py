"""The runner's end of the conversation: turns what a backend reports into lines for the daemon."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity, LinkedJob, ThreadPage
from mediadl.pipeline.frontier import post_of
from mediadl.pipeline.known_run import KnownRun
from mediadl.pipeline.protocol import (
    Asked,
    EngineProgress,
    Found,
    Linked,
    LogLine,
    Made,
    Message,
    Remember,
    ThreadRead,
    ThreadWalked,
    Trouble,
    Working,
)
from mediadl.security.redact import redact
from mediadl.security.text import safe_lines, safe_text
from mediadl.workers.runner_source import SourceWatch

_PROGRESS_EVERY_S = 0.25
_LOG_CHARS = 2000


class PipeReporter:
    """Implements `mediadl.modules.base.Reporter` over the protocol."""

    def __init__(self, send: Callable[[Message], None], *, max_items: int = 0) -> None:
        self.backend = ""
        """Name of the backend at work."""
        self.nothing = ""
        """What a site said that plainly has nothing; empty: it did not say so."""
        self.first_item_at: float | None = None
        """Monotonic; when the first item came since this was last emptied."""
        self.source: SourceWatch | None = None
        """Of a job that belongs to a subscription."""
        self._send = send
        self._max_items = max_items
        self._n = 0
        self._items = 0
        self._known: set[str] = set()
        self._answers: dict[int, bool] = {}
        self._heard = threading.Condition()
        self._enough = False
        self._known_run: KnownRun | None = None
        self._last_progress_at = 0.0
        self._last_stage = ""

    # For the backend

    def working(
        self, *, title: str = "", items_total: int | None = None, waiting_s: float = 0.0, note: str = ""
    ) -> None:
        """Say what goes on."""
        self._send(
            Working(
                self.backend,
                safe_text(title),
                items_total,
                round(waiting_s, 1),
                safe_text(redact(note), limit=200),
            )
        )

    def found(self, item: FoundItem) -> None:
        """Hand an item to our own fetcher; one already handed over is left out."""
        numbered = self._take(item)
        if numbered is not None:
            self._send(Found(numbered))

    def asked(self, item: FoundItem) -> int:
        """Ask whether the engine shall download this item; waits for the answer. Its number, or 0."""
        numbered = self._take(item)
        if numbered is None:
            return 0
        self._send(Asked(numbered))
        with self._heard:
            self._heard.wait_for(lambda: numbered.n in self._answers or self._enough)
            return numbered.n if self._answers.pop(numbered.n, False) else 0

    def engine_progress(
        self, n: int, done_bytes: int, total_bytes: int | None, speed_bytes_per_s: float, stage: str
    ) -> None:
        """Progress of the engine's own download, thinned to four lines a second."""
        now = time.monotonic()
        if stage == self._last_stage and now - self._last_progress_at < _PROGRESS_EVERY_S:
            return
        self._last_progress_at, self._last_stage = now, stage
        self._send(EngineProgress(n, done_bytes, total_bytes, round(speed_bytes_per_s, 1), stage))

    def made(self, n: int, path: Path, *, merged: bool) -> None:
        """A file of the engine is finished."""
        self._last_stage = ""
        self._send(Made(n, str(path), merged))

    def item_failed(self, error: DownloadError, *, n: int = 0, identity: str = "") -> None:
        """An item could not be had; the next backend may bring it after all."""
        if not n:
            if self.source is not None:
                self.source.failed(identity)
            self._n += 1
            n = self._n
            self._items += 1
        self._known.discard(identity)
        self._send(Trouble(error.to_dict(), n, self.backend, identity))

    def trouble(self, error: DownloadError) -> None:
        """Something that did not end the whole."""
        self._send(Trouble(error.to_dict(), 0, self.backend))

    def empty(self, why: str) -> None:
        """The site says plainly that there is nothing."""
        self.nothing = safe_text(why, limit=200)

    def remember(self, key: str, value: Any, *, if_complete: bool = False) -> None:
        """Keep something about the source for later runs."""
        self._send(Remember(key, value, if_complete))

    def page_read(self, page: ThreadPage) -> None:
        """A page of a thread was read."""
        self._send(ThreadRead(page))

    def walked(self, *, full: bool, last_page: int, gone: Sequence[str] = ()) -> None:
        """A check of a thread came to its end."""
        self._send(ThreadWalked(full, last_page, tuple(gone)))

    def linked(self, link: LinkedJob) -> None:
        """An address becomes a job of its own."""
        self._send(Linked(link))

    def log(self, level: str, message: str) -> None:
        """Something the engine said, without secrets and controls."""
        text = safe_lines(redact(message), limit=_LOG_CHARS).strip()
        if text:
            self._send(LogLine(level, text))

    def owner(self, owner_id: str, name: str, *, of_all: bool = False) -> None:
        """Who posted something."""
        if self.source is not None:
            self.source.owner(owner_id, name, of_all=of_all)

    def comes_by(self, identity: Identity, posted_at: float | None) -> bool:
        """Whether a post of the list is worth opening."""
        if self.source is None or self.source.comes_by(post_of(FoundItem(0, identity)), posted_at):
            return True
        self._items += 1
        return False

    def cut_short(self) -> None:
        """The list has more than this way shows."""
        if self.source is not None:
            self.source.cut_short()

    def until_known(self, posts: int) -> None:
        """Want no more items once so many posts in a row were fetched before; a subscription knows better."""
        self._known_run = KnownRun(posts) if posts > 0 and self.source is None else None

    def stopped(self) -> bool:
        """Whether nobody wants more items."""
        if self.source is not None and self.source.has_enough:
            return True
        return self._enough or (self._max_items > 0 and len(self._known) >= self._max_items)

    @property
    def items(self) -> int:
        """Items found, asked for or failed so far."""
        return self._items

    # For the thread that hears the daemon

    def answer(self, n: int, *, take: bool) -> None:
        """The daemon's answer to an `Asked`."""
        with self._heard:
            self._answers[n] = take
            self._heard.notify_all()

    def known(self, n: int) -> None:
        """The daemon says that an item was fetched before."""
        with self._heard:
            if self._known_run is not None:
                self._known_run.known(n)
                self._enough = self._enough or self._known_run.reached
            self._heard.notify_all()

    def enough(self) -> None:
        """The daemon wants no more items."""
        with self._heard:
            self._enough = True
            self._heard.notify_all()

    def _take(self, item: FoundItem) -> FoundItem | None:
        """The item with its number; None when it is known or not wanted."""
        identity = str(item.identity)
        if identity in self._known or self.stopped():
            return None
        self._items += 1
        if self.source is not None:
            if not self.source.takes(item):
                return None
            item = self.source.placed(item)
        self._known.add(identity)
        self._n += 1
        if self.first_item_at is None:
            self.first_item_at = time.monotonic()
        numbered = dataclasses.replace(item, n=self._n)
        if self._known_run is not None:
            with self._heard:
                self._known_run.seen(numbered)
        return numbered
