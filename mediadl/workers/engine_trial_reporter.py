"""What a backend reports to while an engine is tried: the first item is enough, and nothing is downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, LinkedJob, ThreadPage


class FirstItem:
    """Implements `mediadl.modules.base.Reporter`."""

    def __init__(self) -> None:
        self.failure: DownloadError | None = None
        """What went wrong with an item, if anything did."""
        self._items = 0
        self._found = 0
        self._empty = False

    @property
    def items(self) -> int:
        """Items found, asked for or failed so far."""
        return self._items

    @property
    def found_any(self) -> bool:
        """Whether listing worked: something was there, or the site said plainly that nothing is."""
        return self._found > 0 or self._empty

    def working(
        self, *, title: str = "", items_total: int | None = None, waiting_s: float = 0.0, note: str = ""
    ) -> None:
        """Nobody looks."""

    def found(self, item: FoundItem) -> None:
        """One is enough."""
        self._items += 1
        self._found += 1

    def asked(self, item: FoundItem) -> int:
        """Never: nothing is downloaded."""
        self.found(item)
        return 0

    def engine_progress(
        self, n: int, done_bytes: int, total_bytes: int | None, speed_bytes_per_s: float, stage: str
    ) -> None:
        """Nothing is downloaded."""

    def made(self, n: int, path: Path, *, merged: bool) -> None:
        """Nothing is downloaded."""

    def item_failed(self, error: DownloadError, *, n: int = 0, identity: str = "") -> None:
        """Counts when nothing else is found."""
        self._items += 1
        self.failure = self.failure or error

    def trouble(self, error: DownloadError) -> None:
        """As a failed item."""
        self.failure = self.failure or error

    def empty(self, why: str) -> None:
        """The site was understood."""
        self._empty = True

    def remember(self, key: str, value: Any) -> None:
        """Nothing is kept."""

    def page_read(self, page: ThreadPage) -> None:
        """Nothing is kept."""

    def walked(self, *, full: bool, gone: Sequence[str] = ()) -> None:
        """A thread that was read to its end was understood."""
        self._empty = True

    def linked(self, link: LinkedJob) -> None:
        """A link counts as an item."""
        self._found += 1

    def log(self, level: str, message: str) -> None:
        """Nobody reads it."""

    def stopped(self) -> bool:
        """After the first item."""
        return self._found > 0
