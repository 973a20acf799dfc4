"""What a backend may tell while it lists a target: the one way out of a module's `run`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, Identity, LinkedJob, ThreadPage


class Reporter(Protocol):
    """Where a backend tells what it finds. All methods may be called from the backend's thread only."""

    def working(
        self, *, title: str = "", items_total: int | None = None, waiting_s: float = 0.0, note: str = ""
    ) -> None:
        """What goes on now: title of the whole, number of items once known, what is waited for."""

    def found(self, item: FoundItem) -> None:
        """An item that our own fetcher can download. It gets its number here; one already reported is left out."""

    def asked(self, item: FoundItem) -> int:
        """The item's number when the engine shall download it itself, 0 when not. Waits for the answer."""

    def engine_progress(
        self, n: int, done_bytes: int, total_bytes: int | None, speed_bytes_per_s: float, stage: str
    ) -> None:
        """Progress of an item the engine downloads; called as often as the engine likes."""

    def made(self, n: int, path: Path, *, merged: bool) -> None:
        """The engine finished a file inside the work folder."""

    def item_failed(self, error: DownloadError, *, n: int = 0, identity: str = "") -> None:
        """One item could not be had; `n` is its number if it was asked for before, else it gets one."""

    def trouble(self, error: DownloadError) -> None:
        """Something about the whole that did not end it."""

    def empty(self, why: str) -> None:
        """The site says plainly that there is nothing (no posts, no stories now): success without files."""

    def remember(self, key: str, value: Any, *, if_complete: bool = False) -> None:
        """Keep a JSON value about this source for later runs (`Task.memory`); None forgets it.

        `if_complete`: only when every item of this run was wanted and is there in the end.
        """

    def page_read(self, page: ThreadPage) -> None:
        """A page of a forum's thread was read; told before its files are, so that none is ever forgotten."""

    def walked(self, *, full: bool, last_page: int, gone: Sequence[str] = ()) -> None:
        """A check of a thread came to its end on this page; `gone`: known posts that are not there any more."""

    def linked(self, link: LinkedJob) -> None:
        """An address that is to become a job of its own; told twice, it still becomes one."""

    def log(self, level: str, message: str) -> None:
        """Something the engine said."""

    def owner(self, owner_id: str, name: str, *, of_all: bool = False) -> None:
        """Who posted something, by the site's own stable id; `of_all`: who posts all there is here.

        The owner of a subscribed source is known by it again under another name.
        """

    def comes_by(self, identity: Identity, posted_at: float | None) -> bool:
        """Whether a post of the list, not opened yet, is worth opening; for engines that list before they open."""
        return True

    def cut_short(self) -> None:
        """The list has more than this way shows."""

    def until_known(self, posts: int) -> None:
        """Be `stopped` once so many posts in a row, the first three aside (pinned ones), were fetched before."""

    def stopped(self) -> bool:
        """Whether nobody wants more items."""

    @property
    def items(self) -> int:
        """Items found, asked for or failed so far."""
