"""Feeds a table of log lines: follows the log, searches it backwards, answers where to look; in a thread of its own.

A question interrupts the search after the block it is at. Whatever happens in the log, one view per interval is
published.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from mediadl.logs.browser import LogPlace, LogView

BACK_OFF_S = 2.0
"""Pause after a failed look; the folder may be gone for a moment."""

_FIRST_S = 0.05
"""How long a new search may look for a screenful before it shows what it has."""

_SLICE_S = 0.02
"""How long it searches before it looks whether something happened."""

_SEARCH_S = 0.125
"""How often the progress of a search is shown."""


class Log(Protocol):
    """What is looked at."""

    @property
    def searching(self) -> bool:
        """Whether the lines asked for are not all found yet."""

    def poll(self) -> bool:
        """Take in what happened to the files; returns whether anything did."""

    def work(self) -> bool:
        """Search one more block; returns whether there was one."""

    def look(self, place: LogPlace) -> LogView:
        """The lines around a place."""

    def full(self, place: LogPlace) -> bool:
        """Whether a screenful is found."""

    def close(self) -> None:
        """Let go of the files."""


class LogTail:
    """Answers the newest question, and again when the log changes.

    `open_log`, `publish` and `trouble` are called in the thread of `run`.
    """

    def __init__(
        self,
        open_log: Callable[[], Log],
        publish: Callable[[LogView], None],
        trouble: Callable[[Exception], None],
        *,
        interval_s: float = 0.25,
    ) -> None:
        self._open_log = open_log
        self._publish = publish
        self._trouble = trouble
        self._interval_s = interval_s
        self._changed = threading.Condition()
        self._question: LogPlace | None = None
        self._place: LogPlace | None = None
        """Of the last question; belongs to the thread of `run`."""
        self._resting = False
        self._stopped = False

    def ask(self, place: LogPlace) -> None:
        """Show the lines around this place from now on; callable from any thread, returns at once."""
        with self._changed:
            self._question = place
            self._resting = False
            self._changed.notify()

    def rest(self) -> None:
        """Nobody looks: do nothing until the next question; callable from any thread."""
        with self._changed:
            self._resting = True

    def stop(self) -> None:
        """Let `run` return soon; callable from any thread."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def run(self) -> None:
        """Look again and again until `stop`."""
        while not self._is_over():
            try:
                log = self._open_log()
                try:
                    self._feed(log)
                finally:
                    log.close()
            except Exception as error:  # noqa: BLE001 - a feed outlives what it could not read
                self._trouble(error)
                self._pause(BACK_OFF_S)

    def _feed(self, log: Log) -> None:
        """Follow the log that was opened."""
        # After trouble the last question still stands
        changed = self._place is not None
        poll_at = show_at = 0.0
        while not self._is_over():
            question = self._take()
            if question is not None:
                self._answer(log, question)
                show_at, changed = time.monotonic() + self._interval_s, False
            if self._place is None:
                self._wait(None)
                continue
            if time.monotonic() >= poll_at:
                poll_at = time.monotonic() + self._interval_s
                changed = log.poll() or changed
            searching = log.searching
            worked = self._work(log, _SLICE_S)
            changed = changed or worked
            if changed and time.monotonic() >= show_at:
                show_at = time.monotonic() + (_SEARCH_S if searching else self._interval_s)
                changed = False
                self._publish(log.look(self._place))
            if not worked:
                self._wait((show_at if changed else poll_at) - time.monotonic())

    def _answer(self, log: Log, question: LogPlace) -> None:
        """Show the lines asked for, the newest of another choice first."""
        fresh = self._place is None or question.query != self._place.query
        self._place = question
        view = log.look(question)
        if fresh:
            self._work(log, _FIRST_S, question)
            view = log.look(question)
        self._publish(view)

    def _work(self, log: Log, within_s: float, place: LogPlace | None = None) -> bool:
        """Search for a while, or until there is a question or a screenful for `place`; returns whether it did."""
        until = time.monotonic() + within_s
        worked = False
        while not self._question and not self._stopped and time.monotonic() < until:
            if (place is not None and log.full(place)) or not log.work():
                break
            worked = True
        return worked

    def _is_over(self) -> bool:
        with self._changed:
            return self._stopped

    def _take(self) -> LogPlace | None:
        with self._changed:
            while self._resting and self._question is None and not self._stopped:
                self._changed.wait()
            question, self._question = self._question, None
            return question

    def _wait(self, within_s: float | None) -> None:
        with self._changed:
            if self._question is None and not self._stopped and (within_s is None or within_s > 0):
                self._changed.wait(within_s)

    def _pause(self, within_s: float) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._stopped, within_s)
