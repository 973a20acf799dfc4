from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mediadl import logs
from mediadl.logs import LogQuery, LogWriter
from mediadl.logs.browser import LogBrowser, LogPlace, LogView
from mediadl.workers import log_tail
from mediadl.workers.log_tail import LogTail


class Heard:
    """What a tail published, and waiting for it."""

    def __init__(self) -> None:
        self.views: list[LogView] = []
        self.errors: list[Exception] = []
        self._came = threading.Condition()

    def publish(self, view: LogView) -> None:
        with self._came:
            self.views.append(view)
            self._came.notify_all()

    def trouble(self, error: Exception) -> None:
        with self._came:
            self.errors.append(error)
            self._came.notify_all()

    def until(self, condition: Callable[[], object], what: str) -> None:
        with self._came:
            assert self._came.wait_for(lambda: bool(condition()), 10), what

    @property
    def messages(self) -> list[str]:
        """Of the lines shown last."""
        return [row.line.message for row in self.views[-1].rows] if self.views else []


@contextmanager
def running(folder: Path, heard: Heard, interval_s: float = 0.01) -> Iterator[LogTail]:
    tail = LogTail(lambda: LogBrowser(folder), heard.publish, heard.trouble, interval_s=interval_s)
    thread = threading.Thread(target=tail.run)
    thread.start()
    try:
        yield tail
    finally:
        tail.stop()
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def heard() -> Heard:
    return Heard()


def test_it_answers_with_the_last_lines(tmp_path: Path, heard: Heard) -> None:
    log = LogWriter(tmp_path)
    for n in range(5):
        log.write("info", "x", f"{n}")
    with running(tmp_path, heard) as tail:
        tail.ask(LogPlace(LogQuery(), height=3))
        heard.until(lambda: heard.messages, "the lines")

    assert heard.messages == ["0", "1", "2", "3", "4"]


def test_new_lines_of_another_writer_are_shown(tmp_path: Path, heard: Heard) -> None:
    with running(tmp_path, heard) as tail:
        tail.ask(LogPlace(LogQuery()))
        heard.until(lambda: heard.views, "the first answer")
        LogWriter(tmp_path).write("info", "x", "later")
        heard.until(lambda: heard.messages == ["later"], "the new line")


def test_clearing_empties_the_view_and_what_comes_after_is_shown(tmp_path: Path, heard: Heard) -> None:
    log = LogWriter(tmp_path)
    log.write("info", "x", "before")
    with running(tmp_path, heard) as tail:
        tail.ask(LogPlace(LogQuery()))
        heard.until(lambda: heard.messages == ["before"], "the old line")
        logs.clear(tmp_path)
        heard.until(lambda: heard.views[-1].total == 0, "empty")
        log.write("info", "x", "after")
        heard.until(lambda: heard.messages == ["after"], "the new line")


def test_nothing_is_published_while_nothing_happens(tmp_path: Path, heard: Heard) -> None:
    LogWriter(tmp_path).write("info", "x", "one")
    polled = threading.Semaphore(0)

    class Noted(LogBrowser):
        def poll(self) -> bool:
            polled.release()
            return super().poll()

    tail = LogTail(lambda: Noted(tmp_path), heard.publish, heard.trouble, interval_s=0.01)
    thread = threading.Thread(target=tail.run)
    thread.start()
    tail.ask(LogPlace(LogQuery()))
    heard.until(lambda: heard.views and heard.views[-1].tally.searched == 1, "all is read")
    settled = len(heard.views)
    for _ in range(20):
        assert polled.acquire(timeout=10)
    tail.stop()
    thread.join(30)

    assert len(heard.views) <= settled + 1


def test_a_flood_of_lines_is_published_once_per_interval(tmp_path: Path, heard: Heard) -> None:
    log = LogWriter(tmp_path)
    with running(tmp_path, heard, interval_s=0.2) as tail:
        tail.ask(LogPlace(LogQuery()))
        heard.until(lambda: heard.views, "the first answer")
        began = time.monotonic()
        for n in range(5_000):
            log.write("info", "x", f"line {n}")
        heard.until(lambda: heard.messages[-1:] == ["line 4999"], "the last line")
        took = time.monotonic() - began

    assert len(heard.views) <= took / 0.2 + 3


def test_a_new_question_interrupts_a_search(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "_FIRST_S", 60.0)
    LogWriter(tmp_path).write("info", "x", "there")
    asked_again = threading.Event()

    class Endless(LogBrowser):
        def full(self, place: LogPlace) -> bool:
            return False if place.query.text == "first" else super().full(place)

        def work(self) -> bool:
            if self._query.text == "first":
                asked_again.set()
                return True
            return super().work()

    tail = LogTail(lambda: Endless(tmp_path), heard.publish, heard.trouble, interval_s=0.01)
    thread = threading.Thread(target=tail.run)
    thread.start()
    tail.ask(LogPlace(LogQuery(text="first")))
    assert asked_again.wait(30)
    tail.ask(LogPlace(LogQuery(text="there")))
    heard.until(lambda: heard.messages == ["there"], "the second answer")
    tail.stop()
    thread.join(30)


def test_while_it_rests_nothing_is_read(tmp_path: Path, heard: Heard) -> None:
    with running(tmp_path, heard) as tail:
        tail.ask(LogPlace(LogQuery()))
        heard.until(lambda: heard.views, "the first answer")
        tail.rest()
        heard.until(lambda: True, "")
        LogWriter(tmp_path).write("info", "x", "unseen")
        tail.ask(LogPlace(LogQuery()))
        heard.until(lambda: heard.messages == ["unseen"], "awake again")


def test_trouble_is_told_and_it_goes_on(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "BACK_OFF_S", 0.01)
    LogWriter(tmp_path).write("info", "x", "one")
    broken = [True]

    def open_log() -> LogBrowser:
        if broken[0]:
            broken[0] = False
            raise PermissionError("no")
        return LogBrowser(tmp_path)

    tail = LogTail(open_log, heard.publish, heard.trouble, interval_s=0.01)
    thread = threading.Thread(target=tail.run)
    thread.start()
    tail.ask(LogPlace(LogQuery()))
    heard.until(lambda: heard.messages == ["one"], "it went on")
    tail.stop()
    thread.join(30)

    assert [type(error) for error in heard.errors] == [PermissionError]


def test_after_trouble_the_last_question_still_stands(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_tail, "BACK_OFF_S", 0.01)
    log = LogWriter(tmp_path)
    log.write("info", "x", "one")
    fail = threading.Event()

    class Failing(LogBrowser):
        def poll(self) -> bool:
            if fail.is_set():
                fail.clear()
                raise OSError("the disk is gone for a moment")
            return super().poll()

    tail = LogTail(lambda: Failing(tmp_path), heard.publish, heard.trouble, interval_s=0.01)
    thread = threading.Thread(target=tail.run)
    thread.start()
    tail.ask(LogPlace(LogQuery()))
    heard.until(lambda: heard.messages == ["one"], "the first answer")
    fail.set()
    heard.until(lambda: heard.errors, "trouble")
    log.write("info", "x", "two")
    heard.until(lambda: heard.messages == ["one", "two"], "it went on by itself")
    tail.stop()
    thread.join(30)
