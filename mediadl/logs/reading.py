"""Reading the log for the command line: its end, all of it, and what comes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from mediadl.logs.folder import Position, files, files_of
from mediadl.logs.found import find_lines
from mediadl.logs.lines import LogLine, LogQuery
from mediadl.logs.matching import Matcher
from mediadl.logs.opened import LogFile

_DISORDER_S = 5.0
"""Processes stamp their lines before they append them: how much later an older line may come."""


def end(folder: Path) -> Position:
    """Where the log ends now."""
    for path in reversed(files(folder)):
        try:
            with LogFile(path) as file:
                return Position(file.name, file.end)
        except OSError:
            continue
    return Position()


def tail(folder: Path, query: LogQuery, limit: int, upto: Position | None = None) -> list[LogLine]:
    """The last `limit` lines asked for, oldest first; reads blocks from the end until there are enough."""
    found: list[LogLine] = []
    if limit <= 0:
        return found
    matcher = Matcher(query)
    for file in _opened(reversed(files_of(folder, query))):
        if upto is not None and file.name > upto.name:
            continue
        last = min(file.end, upto.offset) if upto is not None and file.name == upto.name else file.end
        for begin in range((last - 1) // file.block_bytes * file.block_bytes, -1, -file.block_bytes):
            rows, _ = find_lines(file, matcher, begin, min(begin + file.block_bytes, last))
            found += [row.line for row in reversed(rows)]
            if len(found) >= limit:
                return found[:limit][::-1]
            if query.since is not None and _all_before(file, begin, last, query.since - _DISORDER_S):
                return found[::-1]
    return found[::-1]


def read(folder: Path, query: LogQuery) -> Iterator[LogLine]:
    """Every line asked for, oldest first, without holding them in memory."""
    matcher = Matcher(query)
    for file in _opened(files_of(folder, query)):
        for begin in range(0, file.end, file.block_bytes):
            rows, _ = find_lines(file, matcher, begin, min(begin + file.block_bytes, file.end))
            for row in rows:
                yield row.line


def follow(
    folder: Path,
    query: LogQuery,
    on_lines: Callable[[list[LogLine]], None],
    stop_event: threading.Event,
    *,
    after: Position | None = None,
    poll_s: float = 0.25,
) -> None:
    """Hand over new lines in batches until `stop_event` is set; blocks. Starts at the end unless told."""
    position = end(folder) if after is None else after
    matcher = Matcher(query)
    while True:
        lines, position = new_lines(folder, matcher, position)
        if lines:
            on_lines(lines)
        if stop_event.wait(poll_s):
            return


def new_lines(folder: Path, matcher: Matcher, position: Position) -> tuple[list[LogLine], Position]:
    """The lines asked for that came after a position, and where they end."""
    lines: list[LogLine] = []
    for file in _opened(path for path in files(folder) if path.name >= position.name):
        offset = position.offset if file.name == position.name else 0
        if offset > file.end:
            offset = 0  # cleared and begun anew
        for begin in range(offset, file.end, file.block_bytes):
            rows, _ = find_lines(file, matcher, begin, min(begin + file.block_bytes, file.end))
            lines += [row.line for row in rows]
        position = Position(file.name, file.end)
    return lines, position


def _opened(paths: Iterator[Path] | list[Path]) -> Iterator[LogFile]:
    """One file after the other, held open while it is looked at."""
    for path in paths:
        try:
            file = LogFile(path)
        except OSError:
            continue
        with file:
            yield file


def _all_before(file: LogFile, begin: int, stop: int, at: float) -> bool:
    """Whether the first readable line of a block is older than a moment."""
    rows, _ = find_lines(file, Matcher(LogQuery()), begin, min(begin + file.block_bytes, stop), limit=1)
    return bool(rows) and rows[0].line.at < at
