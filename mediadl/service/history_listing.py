"""A whole list of the history by its numbers, so that a page of any part of it is found at once."""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mediadl.models import Download, HistoryQuery
from mediadl.store import downloads
from mediadl.store.database import Database


@dataclass(frozen=True, slots=True)
class Listing:
    """The list as it was at one moment; eight bytes per row."""

    query: HistoryQuery
    numbers: array[int]
    stamp: tuple[int, int]
    """Of the history at that moment."""
    took_s: float
    """Seconds it took to read."""
    read_at: float
    """On the monotonic clock."""

    @classmethod
    def read(
        cls, store: Database, query: HistoryQuery, stop: Callable[[], bool] | None = None
    ) -> Listing | None:
        """The list as it is now; None when `stop` said so meanwhile."""
        began = time.monotonic()
        connection = store.read()
        stamp = downloads.stamp(connection)
        numbers = downloads.ids(connection, query, stop)
        if numbers is None:
            return None
        now = time.monotonic()
        return cls(query, numbers, stamp, now - began, now)

    @property
    def total(self) -> int:
        """Rows of the list."""
        return len(self.numbers)

    def ids(self, low: int, high: int) -> Sequence[int]:
        """The numbers of rows `low` to `high`, the latter not included."""
        return self.numbers[low:high]

    def index_of(self, download_id: int) -> int | None:
        """The place of a row, from 0; None when the list does not have it."""
        try:
            return self.numbers.index(download_id)
        except ValueError:
            return None

    def page(self, store: Database, offset: int, limit: int) -> list[Download] | None:
        """A window of the list; None when some of its rows are gone since."""
        wanted = self.numbers[offset : offset + limit]
        found = downloads.get_many(store.read(), wanted)
        return found if len(found) == len(wanted) else None
