"""The threads that tell the app what goes on: the journal's feed, the totals, the attachment to the daemon."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.message import Message

from mediadl.events import Event
from mediadl.screens.news import News
from mediadl.screens.notices import notify_error
from mediadl.screens.totals import TotalsReader
from mediadl.widgets.messages import Newest
from mediadl.widgets.status_header import Totals
from mediadl.workers.event_feed import EventFeed
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from textual.app import App

    from mediadl.service import Services

_ATTACH_S = 5.0


class Fed(Message):
    """The database changed; what happened since the last time."""

    def __init__(self, happened: Sequence[Event]) -> None:
        super().__init__()
        self.happened = happened


class Counted(Newest):
    """The totals were read."""

    def __init__(self, totals: Totals) -> None:
        super().__init__()
        self.totals = totals


class Feeds:
    """Posts `Fed` and `Counted` to the app, and toasts for what needs a person."""

    def __init__(self, app: App[Any], services: Services, interval_s: float) -> None:
        self._app = app
        self._services = services
        self._stopping = threading.Event()
        self._news = News(self._title_of, time.monotonic)
        self._counting: LatestQuery[int, Totals] = LatestQuery(
            TotalsReader(services).read, self._publish, self._trouble
        )
        self._feed = EventFeed(
            services.queue, self._hear, self._trouble, interval_s=interval_s, turn=self._tell_news
        )

    def start(self) -> None:
        """Start the threads; on the loop."""
        threads: dict[str, Callable[[], None]] = {
            "feed": self._feed.run, "totals": self._counting.run, "attach": self._stay_attached
        }  # fmt: skip
        for name, run in threads.items():
            self._app.run_worker(run, thread=True, group=name, name=name, exit_on_error=False)
        self.count()

    def stop(self) -> None:
        """Let them end."""
        self._feed.stop()
        self._counting.stop()
        self._stopping.set()

    def count(self) -> None:
        """Read the totals again."""
        self._counting.ask(0)

    # In the threads

    def _hear(self, happened: Sequence[Event]) -> None:
        self._tell_news(happened)
        self._app.post_message(Fed(happened))

    def _publish(self, totals: Totals) -> None:
        self._app.post_message(Counted(totals))

    def _trouble(self, error: Exception) -> None:
        notify_error(self._app, error)

    def _tell_news(self, happened: Sequence[Event] = ()) -> None:
        notice = self._news.hear(happened)
        if notice is None:
            return
        told = self._services.settings.telling()
        if told.on_screen == "nothing" or (told.on_screen == "failures" and notice.severity != "error"):
            return
        self._app.notify(
            notice.text, title=notice.title, severity=notice.severity, markup=False, timeout=told.stay_s
        )
        if told.bell:
            self._app.call_later(self._app.bell)

    def _title_of(self, job_id: int) -> str:
        return next((job.title or job.url for job in self._services.queue.get_many([job_id])), "")

    def _stay_attached(self) -> None:
        """Tell the daemon that a screen is open, so that it stays; start it when work is waiting."""
        daemon = self._services.daemon
        if daemon.is_needed():
            daemon.ensure()
        while not self._stopping.is_set():
            daemon.attach()
            self._stopping.wait(_ATTACH_S)
        daemon.detach()
