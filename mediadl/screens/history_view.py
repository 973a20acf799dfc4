"""What the History screen asks and what it gets: the rows around a place, in a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mediadl.models import Download, HistoryQuery, MediaKind
from mediadl.widgets.window import Place, Window, read_window

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.history_listing import Listing

_FRESH_S = 0.5
_WORTH = 20
"""A list that took a second to read is shown for twenty before files that came since are looked for."""


@dataclass(frozen=True, slots=True)
class HistoryQuestion:
    """Which files, and where the list stands."""

    query: HistoryQuery
    place: Place
    gallery: bool = False
    """Whether it is the gallery that stands there."""


@dataclass(frozen=True, slots=True)
class HistoryView:
    """The answer."""

    question: HistoryQuestion
    window: Window[Download]
    exact: bool
    """Whether the list has no more rows than the window says."""
    kinds: Mapping[MediaKind, int]
    """Files of each kind, of the platform that is shown."""


class HistoryReader:
    """Reads views; `read` is for one thread.

    Pages of a list that no index has in its order come from the list as a whole, which is read once and then serves any
    page at once. Until it is there `early` is given what can be seen of it.
    """

    def __init__(
        self,
        services: Services,
        early: Callable[[HistoryView], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._services = services
        self._early = early
        self._clock = clock
        self._listing: Listing | None = None
        self.newest: HistoryQuery | None = None
        """The list that is wanted now; set by the screen, so that one that nobody waits for is given up."""

    def read(self, question: HistoryQuestion) -> HistoryView | None:
        """The rows around a place; None when another list was asked for meanwhile."""
        history, query = self._services.history, question.query
        kinds = history.kinds(query.platform)
        if not history.is_plain(query):
            return self._from_listing(question, kinds)
        self._listing = None
        window = read_window(
            question.place,
            total=history.count(query),
            page=lambda offset, limit: history.page(query, offset, limit),
            key=lambda download: download.id,
            index_of=lambda download_id: history.index_of(query, download_id),
        )
        return HistoryView(question, window, True, kinds)

    def _from_listing(self, question: HistoryQuestion, kinds: Mapping[MediaKind, int]) -> HistoryView | None:
        window = None
        if self._is_fresh(question.query):
            window = self._window(question.place)
        if window is None:
            if self._listing is None or self._listing.query != question.query:
                self._begin(question, kinds)
            self._listing = self._services.history.listing(
                question.query, lambda: self.newest is not None and self.newest != question.query
            )
            window = self._window(question.place)
        return None if window is None else HistoryView(question, window, True, kinds)

    def _is_fresh(self, query: HistoryQuery) -> bool:
        listing = self._listing
        if listing is None or listing.query != query:
            return False
        age_s = self._clock() - listing.read_at
        return (
            age_s < max(_FRESH_S, _WORTH * listing.took_s) or listing.stamp == self._services.history.stamp()
        )

    def _window(self, place: Place) -> Window[Download] | None:
        """The window out of the whole list; None when there is none, or rows of it are gone."""
        listing, store = self._listing, self._services.store
        if listing is None:
            return None
        gone = False

        def page(offset: int, limit: int) -> list[Download]:
            nonlocal gone
            found = listing.page(store, offset, limit)
            gone = gone or found is None
            return found or []

        window = read_window(
            place,
            total=listing.total,
            page=page,
            key=lambda download: download.id,
            index_of=listing.index_of,
        )
        return None if gone else window

    def _begin(self, question: HistoryQuestion, kinds: Mapping[MediaKind, int]) -> None:
        """Show the first rows before the list has been read as a whole."""
        history, place, query = self._services.history, question.place, question.query
        if place.first or place.cursor_id is not None or not history.begins_quickly(query):
            return
        wanted = 3 * max(place.height, 10)
        rows = history.page(query, 0, wanted)
        exact = len(rows) < wanted
        total = len(rows)
        if history.is_counted(query):
            exact, total = True, history.count(query)
        cursor = max(0, min(place.cursor, total - 1))
        self._early(HistoryView(question, Window(place, total, 0, cursor, None, 0, rows), exact, kinds))
