"""One reader of the log for every listener."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from typing import Any

from mediadl import logs
from mediadl.logs import LogLine, LogQuery, Position
from mediadl.service import Services
from mediadl.web.api import messages
from mediadl.web.api.mailbox import Mailbox, News

MOST_LINES = 5000
"""Who missed more hears of the newest only."""

_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Listener:
    """A mailbox, and which lines it is for."""

    box: Mailbox
    query: LogQuery


class LogFeed:
    """The listeners to the log."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._listeners: dict[int, Listener] = {}
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def join(self, listener: Listener) -> None:
        """Tell a listener of new lines from now on. Called on the event loop."""
        self._listeners[id(listener.box)] = listener
        if self._thread is None or not self._thread.is_alive():
            self._stopping.clear()
            self._thread = threading.Thread(
                target=self._read, args=(asyncio.get_running_loop(),), name="api-log", daemon=True
            )
            self._thread.start()

    def leave(self, listener: Listener) -> None:
        """Forget a listener."""
        self._listeners.pop(id(listener.box), None)

    def stop(self) -> None:
        """Stop reading. Blocks until the reader has ended."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def missed(self, query: LogQuery, place: str) -> News | None:
        """What came after a place, in one message; None: that place is not known."""
        position = parse(place)
        if position is None:
            return None
        lines, end = self._services.logs.since(query, position)
        return told(lines, end)

    def end(self) -> Position:
        """Where the log ends."""
        return self._services.logs.end()

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        place = self._services.logs.end()
        while not self._stopping.wait(_EVERY_S):
            lines, place = self._services.logs.since(LogQuery(), place)
            if lines and not loop.is_closed():
                loop.call_soon_threadsafe(self._tell, lines, place)

    def _tell(self, lines: list[LogLine], end: Position) -> None:
        for listener in tuple(self._listeners.values()):
            wanted = [line for line in lines if listener.query.accepts(line)]
            if wanted:
                listener.box.put(told(wanted, end))


def told(lines: list[LogLine], end: Position) -> News:
    """Lines as one message, with the place to read on from."""
    content: dict[str, Any] = {
        "event": messages.LOG,
        "place": f"{end.name}:{end.offset}",
        "lines": [logs.to_record(line) for line in lines[-MOST_LINES:]],
    }
    if len(lines) > MOST_LINES:
        content["left_out"] = len(lines) - MOST_LINES
    return News(0, content, public=True)


def parse(place: str) -> Position | None:
    """The place that a message named."""
    name, colon, offset = place.rpartition(":")
    if not colon or not offset.isascii() or not offset.isdigit() or len(offset) > 18 or "/" in name:
        return None
    return Position(name, int(offset))
