"""What a backend reports to while an engine is tried: the first item is enough, and nothing is downloaded."""

from __future__ import annotations

from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import FoundItem, LinkedJob
from mediadl.modules.base import Reporter


class FirstItem(Reporter):
    """Counts. What it does not name here is told to nobody."""

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

    def found(self, item: FoundItem) -> None:
        """One is enough."""
        self._items += 1
        self._found += 1

    def asked(self, item: FoundItem) -> int:
        """Never: nothing is downloaded."""
        self.found(item)
        return 0

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

    def walked(self, **_: Any) -> None:
        """A thread that was read to its end was understood."""
        self._empty = True

    def linked(self, link: LinkedJob) -> None:
        """A link counts as an item."""
        self._found += 1

    def stopped(self) -> bool:
        """After the first item."""
        return self._found > 0


def first_item() -> FirstItem:
    """A new one."""
    # The bodies it inherits do nothing, which is what is wanted of them
    return FirstItem()  # type: ignore[abstract]
