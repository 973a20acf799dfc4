"""The feed of a screen: looks whether the database changed and hands on what happened, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from mediadl.events import Event

BACK_OFF_S = 2.0
"""Pause after a failed look; the database may be locked or gone for a moment."""


class Journal(Protocol):
    """What the feed reads."""

    def data_version(self) -> int:
        """Another number after any other connection wrote."""

    def last_event_id(self) -> int:
        """Id of the newest event."""

    def events_since(self, last_id: int) -> Sequence[Event]:
        """Events after that id, oldest first."""


class EventFeed:
    """Polls cheaply and publishes at most once per interval, however much happened.

    `publish` and `trouble` are called in the feed's thread.
    """

    def __init__(
        self,
        journal: Journal,
        publish: Callable[[Sequence[Event]], None],
        trouble: Callable[[Exception], None],
        *,
        interval_s: float = 0.25,
        turn: Callable[[], None] = lambda: None,
    ) -> None:
        """`turn` is called after every look, in the feed's thread too."""
        self._journal = journal
        self._publish = publish
        self._trouble = trouble
        self._interval_s = interval_s
        self._turn = turn
        self._stopping = threading.Event()

    def run(self) -> None:
        """Look again and again until `stop`."""
        version: int | None = None
        last_id: int | None = None
        while not self._stopping.is_set():
            pause_s = self._interval_s
            try:
                if last_id is None:
                    last_id = self._journal.last_event_id()
                seen = self._journal.data_version()
                if seen != version:
                    # Who hears of own jobs only must not look through all others' events again each time
                    newest = self._journal.last_event_id()
                    events = self._journal.events_since(last_id)
                    last_id = events[-1].id if events else max(last_id, newest)
                    version = seen
                    self._publish(events)
                self._turn()
            except Exception as error:  # noqa: BLE001 - a feed outlives what it could not read
                self._trouble(error)
                pause_s = BACK_OFF_S
            self._stopping.wait(pause_s)

    def stop(self) -> None:
        """Let `run` return soon; callable from any thread."""
        self._stopping.set()
