"""Log lines for front ends: the last ones, the new ones, a look around in all of them, and all of them into a file."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from mediadl import logs
from mediadl.errors import FolderNotWritable, InvalidInput
from mediadl.logs import Extent, LogLine, LogQuery, Position
from mediadl.paths import Home
from mediadl.security.permissions import Right
from mediadl.security.text import safe_lines, safe_text
from mediadl.service.rights import Verbs, asks, does

if TYPE_CHECKING:
    from mediadl.logs.browser import LogBrowser
    from mediadl.service import Services

__all__ = ["Extent", "LogLine", "LogQuery", "LogService", "Position"]

_PLAIN = {".txt", ".log"}
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class LogService(Verbs):
    """The log of one data folder."""

    def __init__(self, home: Home, services: Services | None = None) -> None:
        self._folder = home.logs
        self._services = services

    @asks(Right.LOGS)
    def browse(self) -> LogBrowser:
        """The log, open for looking around; close it at the end. For one thread."""
        from mediadl.logs.browser import LogBrowser

        return LogBrowser(self._folder)

    @asks(Right.LOGS)
    def tail(self, query: LogQuery, limit: int, upto: Position | None = None) -> list[LogLine]:
        """The last lines asked for, oldest first."""
        return logs.tail(self._folder, query, limit, upto)

    @asks(Right.LOGS)
    def read(self, query: LogQuery) -> Iterator[LogLine]:
        """Every line asked for, oldest first."""
        return logs.read(self._folder, query)

    @asks(Right.LOGS)
    def end(self) -> Position:
        """Where the log ends now; give it to `follow` to miss nothing."""
        return logs.end(self._folder)

    @asks(Right.LOGS)
    def since(self, query: LogQuery, position: Position) -> tuple[list[LogLine], Position]:
        """The lines asked for that came after a position, and where they end."""
        from mediadl.logs.matching import Matcher
        from mediadl.logs.reading import new_lines

        return new_lines(self._folder, Matcher(query), position)

    @asks(Right.LOGS)
    def follow(
        self,
        query: LogQuery,
        on_lines: Callable[[list[LogLine]], None],
        stop: threading.Event,
        after: Position | None = None,
    ) -> None:
        """Hand over new lines until `stop` is set; blocks."""
        logs.follow(self._folder, query, on_lines, stop, after=after)

    @asks(Right.LOGS)
    def export(self, query: LogQuery, stream: TextIO) -> int:
        """Write lines as JSON into a text stream; returns how many."""
        count = 0
        for line in self.read(query):
            stream.write(_json_line(line))
            count += 1
        return count

    @does(Right.FOLDERS, "logs.save", tells=False)
    def save(self, query: LogQuery, path: Path) -> int:
        """Write lines into a new file for the owner only; returns how many.

        JSON lines, or plain text when the name ends in `.txt` or `.log`.

        Raises:
            InvalidInput: the file exists already.
            FolderNotWritable: it cannot be written; nothing is left behind.
        """
        form = _plain_line if path.suffix.lower() in _PLAIN else _json_line
        try:
            descriptor = os.open(path, _NEW_FILE, 0o600)
        except FileExistsError as error:
            raise InvalidInput(f"{path} exists already", next_step="Give another name.") from error
        except OSError as error:
            raise _not_writable(path, error) from error
        count = 0
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as stream:
                for line in self.read(query):
                    stream.write(form(line))
                    count += 1
        except OSError as error:
            path.unlink(missing_ok=True)
            raise _not_writable(path, error) from error
        return count

    @asks(Right.LOGS)
    def extent(self) -> Extent:
        """How many files there are and how large they are."""
        return logs.extent(self._folder)

    @does(Right.LOGS, "logs.clear")
    def clear(self) -> int:
        """Delete all log files; returns how many there were."""
        return logs.clear(self._folder)


def _json_line(line: LogLine) -> str:
    return json.dumps(logs.to_record(line), ensure_ascii=False) + "\n"


def _plain_line(line: LogLine) -> str:
    at = datetime.fromtimestamp(line.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    about = "" if line.job is None else f" job {line.job}"
    message = safe_lines(line.message).replace("\n", "\n    ")
    return f"{at} {safe_text(line.level).upper():7} {safe_text(line.module)}{about}: {message}\n"


def _not_writable(path: Path, error: OSError) -> FolderNotWritable:
    return FolderNotWritable(
        f"cannot write {path}: {error.strerror or error}", next_step="Choose another file."
    )
