"""The feed of a screen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest

from mediadl.events import Event, EventKind
from mediadl.workers.event_feed import EventFeed


class FakeJournal:
    """A journal in memory."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.version = 1
        self.broken: Exception | None = None
        self.looks = 0

    def add(self, job_id: int) -> None:
        self.events.append(Event(EventKind.JOB_CHANGED, job_id, id=len(self.events) + 1))
        self.version += 1

    def data_version(self) -> int:
        self.looks += 1
        if self.broken is not None:
            raise self.broken
        return self.version

    def last_event_id(self) -> int:
        return len(self.events)

    def events_since(self, last_id: int) -> Sequence[Event]:
        return self.events[last_id:]


class Heard:
    """What the feed published."""

    def __init__(self) -> None:
        self.batches: list[list[int | None]] = []
        self.troubles: list[Exception] = []
        self.changed = threading.Condition()

    def publish(self, events: Sequence[Event]) -> None:
        with self.changed:
            self.batches.append([event.job_id for event in events])
            self.changed.notify_all()

    def trouble(self, error: Exception) -> None:
        with self.changed:
            self.troubles.append(error)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(condition, timeout=30)


@contextmanager
def running(journal: FakeJournal, heard: Heard, interval_s: float = 0.01) -> Iterator[EventFeed]:
    feed = EventFeed(journal, heard.publish, heard.trouble, interval_s=interval_s)
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        yield feed
    finally:
        feed.stop()
        thread.join(30)
        assert not thread.is_alive()


def test_the_first_look_publishes_so_that_screens_read_once() -> None:
    journal, heard = FakeJournal(), Heard()
    journal.add(1)
    with running(journal, heard):
        heard.wait(lambda: bool(heard.batches))

    assert heard.batches == [[]]


def test_events_are_published_once_and_in_order() -> None:
    journal, heard = FakeJournal(), Heard()
    with running(journal, heard):
        heard.wait(lambda: len(heard.batches) == 1)
        for n in range(1, 4):
            journal.add(n)
        heard.wait(lambda: sum(map(len, heard.batches)) == 3)

    assert [job for batch in heard.batches for job in batch] == [1, 2, 3]


def test_progress_without_an_event_is_published_too() -> None:
    journal, heard = FakeJournal(), Heard()
    with running(journal, heard):
        heard.wait(lambda: len(heard.batches) == 1)
        journal.version += 1
        heard.wait(lambda: len(heard.batches) == 2)

    assert heard.batches == [[], []]


def test_a_flood_becomes_one_publication_per_interval() -> None:
    journal, heard = FakeJournal(), Heard()
    with running(journal, heard, interval_s=0.2):
        heard.wait(lambda: len(heard.batches) == 1)
        for n in range(1000):
            journal.add(n)
        heard.wait(lambda: sum(map(len, heard.batches)) == 1000)

    assert len(heard.batches) <= 3


def test_a_quiet_database_costs_only_the_look() -> None:
    journal, heard = FakeJournal(), Heard()
    with running(journal, heard):
        heard.wait(lambda: len(heard.batches) == 1)
        looks = journal.looks
        deadline = time.monotonic() + 30
        while journal.looks < looks + 5:
            assert time.monotonic() < deadline

    assert len(heard.batches) == 1


def test_a_failed_look_is_told_and_the_feed_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mediadl.workers.event_feed.BACK_OFF_S", 0.01)
    journal, heard = FakeJournal(), Heard()
    journal.broken = RuntimeError("locked")
    with running(journal, heard):
        heard.wait(lambda: bool(heard.troubles))
        journal.broken = None
        heard.wait(lambda: bool(heard.batches))

    assert str(heard.troubles[0]) == "locked"


@pytest.mark.timeout(30)
def test_stop_ends_a_long_pause_at_once() -> None:
    journal, heard = FakeJournal(), Heard()
    with running(journal, heard, interval_s=60):
        heard.wait(lambda: bool(heard.batches))
