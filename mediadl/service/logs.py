"""Log lines for front ends: the last ones, the new ones, all of them into a file."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import TextIO

from mediadl import logs
from mediadl.logs import LogLine, LogQuery, Position
from mediadl.paths import Home

__all__ = ["LogLine", "LogQuery", "LogService", "Position"]


class LogService:
    """The log of one data folder."""

    def __init__(self, home: Home) -> None:
        self._folder = home.logs

    def tail(self, query: LogQuery, limit: int, upto: Position | None = None) -> list[LogLine]:
        """The last lines asked for, oldest first."""
        return logs.tail(self._folder, query, limit, upto)

    def read(self, query: LogQuery) -> Iterator[LogLine]:
        """Every line asked for, oldest first."""
        return logs.read(self._folder, query)

    def end(self) -> Position:
        """Where the log ends now; give it to `follow` to miss nothing."""
        return logs.end(self._folder)

    def follow(
        self,
        query: LogQuery,
        on_lines: Callable[[list[LogLine]], None],
        stop: threading.Event,
        after: Position | None = None,
    ) -> None:
        """Hand over new lines until `stop` is set; blocks."""
        logs.follow(self._folder, query, on_lines, stop, after=after)

    def export(self, query: LogQuery, stream: TextIO) -> int:
        """Write lines as JSON into a text stream; returns how many."""
        count = 0
        for line in self.read(query):
            stream.write(json.dumps(logs.to_record(line), ensure_ascii=False) + "\n")
            count += 1
        return count

    def clear(self) -> int:
        """Delete all log files; returns how many there were."""
        return logs.clear(self._folder)
