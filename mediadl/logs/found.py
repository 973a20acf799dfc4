"""Lines with the place they were found at."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from mediadl.logs.folder import Position
from mediadl.logs.lines import LogLine, decode
from mediadl.logs.matching import Matcher
from mediadl.logs.opened import LogFile


@dataclass(frozen=True, slots=True)
class Found:
    """A line and where it lies."""

    position: Position
    line: LogLine

    @property
    def key(self) -> int:
        """A number of its own that grows with the age of the log."""
        day = int("".join(filter(str.isdigit, self.position.name)) or 0)
        return day << 44 | self.position.offset


def find_lines(
    file: LogFile, matcher: Matcher, start: int, stop: int, *, skip: int = 0, limit: int | None = None
) -> tuple[list[Found], int]:
    """Lines asked for that begin in `start` <= byte < `stop`, oldest first, and how many there are in all.

    Only `limit` of them after the first `skip` are decoded.
    """
    first, data, _ = file.lines(start, stop)
    numbers = matcher.find(data)
    chosen = numbers[skip:] if limit is None else numbers[skip : skip + limit]
    if not chosen:
        return [], len(numbers)
    lines = data.split(b"\n")
    starts = list(itertools.accumulate((len(line) + 1 for line in lines[: chosen[-1]]), initial=first))
    found = []
    for n in chosen:
        line = decode(lines[n])
        if line is not None:
            found.append(Found(Position(file.name, starts[n]), line))
    return found, len(numbers)
