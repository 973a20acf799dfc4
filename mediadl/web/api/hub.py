"""One reader of the journal for every listener: reads once, tells all, each what they may see.

The reader has a thread of its own; what it read goes to the event loop, where the listeners' mailboxes are.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from mediadl.events import Event
from mediadl.logs import get_logger
from mediadl.models import Job, JobQuery, JobStatus
from mediadl.security.permissions import Caller
from mediadl.service import Services
from mediadl.web.api import messages
from mediadl.web.api.mailbox import Mailbox, News
from mediadl.workers.event_feed import EventFeed

MOST_MISSED = 20_000
"""Who is further behind than so many events reads the lists anew."""

PART = 2000
"""Events that are read at once."""

_BEGIN_S = 5.0
"""How long the reader may take to begin."""

_MOST_ACTIVE = 500
_MOST_OWNERS = 50_000
_CHECK_EVERY = 8
"""Turns of the feed between two looks at whether the logins of listeners are still good."""

REVOKED = 4401
"""Close code of a login that ended."""

FORBIDDEN = 4403
"""Close code of a login that lost the right."""

_FAREWELL = (1001, "the server stops")

_log = get_logger("web.api")


class _Journal:
    """The journal in parts: after a full one it looks changed, so that the next is read at once."""

    def __init__(self, services: Services) -> None:
        self._queue = services.queue
        self._parts = 0
        self._more = False
        self.begun = threading.Event()
        """Set once it is known from where on is read."""

    def data_version(self) -> int:
        """Another number after any other connection wrote, or while there is more to read."""
        self._parts += self._more
        return -self._parts if self._more else self._queue.data_version()

    def last_event_id(self) -> int:
        """The newest event's number."""
        newest = self._queue.last_event_id()
        self.begun.set()
        return newest

    def events_since(self, last_id: int) -> Sequence[Event]:
        """The next events."""
        events = self._queue.events_since(last_id, PART)
        self._more = len(events) == PART
        return events


class Hub:
    """The listeners of a server."""

    def __init__(self, services: Services, still_valid: Callable[[Caller], Caller | None]) -> None:
        """`still_valid` says of a caller what they may now; None once their login ended."""
        self._services = services
        self._still_valid = still_valid
        self._journal = _Journal(services)
        self._boxes: set[Mailbox] = set()
        self._feed: EventFeed | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._owners: OrderedDict[int, int | None] = OrderedDict()
        """Of jobs that were told of; belongs to the reader's thread."""
        self._told: dict[int, tuple[object, ...]] = {}
        """What was told last of each job at work; belongs to the reader's thread."""
        self._turns = 0
        self._stopped = False

    @property
    def listeners(self) -> int:
        """How many there are."""
        return len(self._boxes)

    def of(self, session_id: str) -> int:
        """How many listeners one login has."""
        return sum(box.caller.session_id == session_id for box in self._boxes)

    def join(self, box: Mailbox) -> None:
        """Tell a listener from now on. Called on the event loop."""
        if self._stopped:
            box.close(*_FAREWELL)
            return
        self._boxes.add(box)
        if self._thread is None or not self._thread.is_alive():
            self._loop = asyncio.get_running_loop()
            self._feed = EventFeed(self._journal, self._heard, self._trouble, turn=self._turn)
            self._thread = threading.Thread(target=self._read, name="api-journal", daemon=True)
            self._thread.start()

    def leave(self, box: Mailbox) -> None:
        """Forget a listener."""
        self._boxes.discard(box)

    def stop(self) -> None:
        """Send every listener away and stop reading. Blocks until the reader has ended."""
        self._stopped = True
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._send_away)
        if self._feed is not None and self._thread is not None:
            self._feed.stop()
            self._thread.join()

    # In any thread

    def missed(self, since: int) -> list[News] | None:
        """What a listener missed after an event, each job once as it is now; None when that is not known any more."""
        if self._thread is not None:
            self._journal.begun.wait(_BEGIN_S)
        queue = self._services.queue
        if since > queue.last_event_id() or since + 1 < queue.first_event_id():
            return None
        events = queue.events_since(since, MOST_MISSED + 1)
        return None if len(events) > MOST_MISSED else self._news(events, {})

    def last_id(self) -> int:
        """The newest event; who has joined before hears of all that come after it."""
        if self._thread is not None:
            self._journal.begun.wait(_BEGIN_S)
        return self._services.queue.last_event_id()

    # In the reader's thread

    def _read(self) -> None:
        assert self._feed is not None
        try:
            self._feed.run()
        finally:
            self._services.store.close_thread()

    def _heard(self, events: Sequence[Event]) -> None:
        if not self._boxes:
            self._told = {}
            return
        news = self._news(events, self._owners) + self._progress()
        while len(self._owners) > _MOST_OWNERS:
            self._owners.popitem(last=False)
        if news:
            self._on_loop(self._tell, news)

    def _news(self, events: Sequence[Event], owners: dict[int, int | None]) -> list[News]:
        """What is told of events."""
        newest = {event.job_id: event.id for event in events if event.job_id is not None}
        jobs = {job.id: job for job in self._services.queue.get_many(newest)}
        owners.update({job.id: job.owner_id for job in jobs.values()})
        news: list[News] = []
        for job_id, seq in newest.items():
            if job_id in jobs:
                found = jobs[job_id]
                news += [
                    News(seq, messages.of_job(kind, found), found.owner_id) for kind in messages.JOB_EVENTS
                ]
            elif job_id in owners:
                news.append(News(seq, messages.removed(job_id), owners[job_id]))
        for event in events:
            owner_id = owners.get(event.job_id) if event.job_id is not None else None
            told = messages.notification(event, jobs.get(event.job_id or 0))
            if told is not None:
                news.append(News(event.id, told, owner_id, public=event.job_id is None))
        return news

    def _progress(self) -> list[News]:
        """The jobs at work that are further than when they were told of last."""
        query = JobQuery(statuses=frozenset({JobStatus.ACTIVE}))
        active = self._services.queue.page(query, 0, _MOST_ACTIVE)
        seq = self.last_id()
        news = [
            News(seq, messages.of_job(messages.PROGRESS, job), job.owner_id)
            for job in active
            if self._told.get(job.id) != _standing(job)
        ]
        self._told = {job.id: _standing(job) for job in active}
        return news

    def _turn(self) -> None:
        """Look now and then whether the logins of listeners are still good."""
        self._turns += 1
        if self._turns % _CHECK_EVERY:
            return
        callers = {box.caller.session_id: box.caller for box in tuple(self._boxes)}
        if callers:
            self._on_loop(self._apply, {key: self._still_valid(caller) for key, caller in callers.items()})

    def _trouble(self, error: Exception) -> None:
        _log.warning("cannot read the journal: %s", error)

    def _on_loop(self, call: Callable[..., None], *arguments: object) -> None:
        assert self._loop is not None
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *arguments)

    # On the event loop

    def _tell(self, news: Iterable[News]) -> None:
        for one in news:
            for box in self._boxes:
                box.put(one)

    def _send_away(self) -> None:
        for box in tuple(self._boxes):
            box.close(*_FAREWELL)

    def _apply(self, callers: dict[str, Caller | None]) -> None:
        for box in tuple(self._boxes):
            if box.caller.session_id not in callers:
                continue
            now = callers[box.caller.session_id]
            if now is None:
                box.close(REVOKED, "signed out")
            elif not now.may(box.needs):
                box.close(FORBIDDEN, "no longer allowed")
            else:
                box.caller = now


def _standing(job: Job) -> tuple[object, ...]:
    return job.status, job.progress, job.bytes_done, job.items_stored, job.speed_bytes_per_s
