"""The lines asked for, numbered: counted block by block from the newest to the oldest, read back where they are shown.

Only a number per block is kept, so that a log of any size costs next to nothing, and a filter as much as none.
"""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from mediadl.logs.folder import Position, holds
from mediadl.logs.found import Found, find_lines
from mediadl.logs.lines import LogQuery
from mediadl.logs.matching import Matcher
from mediadl.logs.opened import LogFile

_NO_COUNTS = array("I")


class LogMoved(Exception):
    """The log is no longer what was counted; it must be searched anew."""


@dataclass(slots=True)
class _Part:
    """What is known of one file."""

    file: LogFile
    low: int
    """Blocks from this one on are counted, up to `seam`; those below are still to come."""
    seam: int
    """Where the search began: from here it goes back through what was there, and on through what comes."""
    high: int
    """Byte up to which new lines are counted."""
    counts: array[int] = field(default_factory=lambda: array("I"))
    total: int = 0
    seen: dict[tuple[bytes, bytes], int] = field(default_factory=dict)

    def add(self, block: int, found: int) -> None:
        while len(self.counts) <= block:
            self.counts.append(0)
        self.counts[block] += found
        self.total += found


class Search:
    """Finds and numbers the lines of a query over open files; used by one thread.

    Numbers are stable: 0 is the first line that came after the search began, those before it are negative.
    """

    def __init__(
        self, query: LogQuery, files: Sequence[LogFile], *, within: Search | None = None, tally: bool = False
    ) -> None:
        """`within` is a search whose lines hold all lines asked for now; `tally` counts levels and modules."""
        self.query = query
        self._matcher = Matcher(query)
        self._parts = [
            _Part(file, file.blocks, file.end, file.end) for file in files if holds(file.name, query)
        ]
        self._empty = within.empty_blocks() if within is not None else {}
        self._tally = tally
        self._bytes = sum(part.high for part in self._parts)
        self._left = self._bytes
        self.first = 0
        """Number of the oldest line found so far."""

    # How far it is

    @property
    def total(self) -> int:
        """Lines found so far."""
        return sum(part.total for part in self._parts)

    @property
    def end(self) -> int:
        """The number after the newest line."""
        return self.first + self.total

    @property
    def searched(self) -> float:
        """How much of the log was searched, 0 to 1."""
        return 1.0 if self.done else 1 - self._left / max(self._bytes, 1)

    @property
    def done(self) -> bool:
        """Whether all old lines were searched."""
        return not any(part.low for part in self._parts)

    def seen(self) -> Iterator[tuple[str, str, int]]:
        """Level, module and number of the lines searched so far, of each file."""
        for part in self._parts:
            for (level, module), number in part.seen.items():
                yield level.decode(), module.decode(), number

    def empty_blocks(self) -> dict[str, tuple[int, int, array[int]]]:
        """By file: between which blocks all is known, and the numbers of lines in all blocks."""
        return {p.file.name: (p.low, p.high // p.file.block_bytes, p.counts) for p in self._parts}

    # Going on

    def step(self) -> bool:
        """Search one more block; new lines first, then backwards. Returns whether there was one."""
        for part in self._parts:
            if part.high < part.file.end:
                self._forward(part)
                return True
        for part in reversed(self._parts):
            if part.low:
                self._backward(part)
                return True
        return False

    def take_new(self) -> bool:
        """Search everything that was appended; returns whether there was something."""
        some = False
        while any(part.high < part.file.end for part in self._parts):
            self.step()
            some = True
        return some

    def add_file(self, file: LogFile) -> None:
        """A newer file than all others."""
        if holds(file.name, self.query):
            self._parts.append(_Part(file, 0, 0, 0))

    def drop_file(self, file: LogFile) -> None:
        """The oldest file is gone."""
        part = next((part for part in self._parts if part.file is file), None)
        if part is not None:
            self._parts.remove(part)
            self.first += part.total
            self._left -= min(part.low * file.block_bytes, part.seam)

    def _forward(self, part: _Part) -> None:
        size = part.file.block_bytes
        block = part.high // size
        _, data, part.high = part.file.lines(part.high, min((block + 1) * size, part.file.end))
        part.add(block, self._count(part, data))

    def _backward(self, part: _Part) -> None:
        part.low -= 1
        begin = part.low * part.file.block_bytes
        stop = min(begin + part.file.block_bytes, part.seam)
        self._left -= stop - begin
        low, known, counts = self._empty.get(part.file.name, (0, 0, _NO_COUNTS))
        if low <= part.low < min(known, len(counts)) and not counts[part.low]:
            return
        found = self._count(part, part.file.lines(begin, stop)[1])
        part.add(part.low, found)
        self.first -= found

    def _count(self, part: _Part, data: bytes) -> int:
        return len(self._matcher.find(data, part.seen if self._tally else None))

    # Reading back

    def rows(self, start: int, stop: int) -> list[Found]:
        """The lines with numbers from `start` to before `stop`, as far as they are found.

        Raises:
            LogMoved: the files changed under our feet.
        """
        rows: list[Found] = []
        skip = max(start, self.first) - self.first
        wanted = min(stop, self.end) - self.first - skip
        for part in self._parts:
            if skip >= part.total:
                skip -= part.total
                continue
            sums = list(itertools.accumulate(part.counts))
            block = bisect_right(sums, skip)
            skip -= sums[block - 1] if block else 0
            while wanted > 0 and block < len(part.counts):
                if part.counts[block]:
                    some = self._read(part, block, skip, wanted)
                    rows += some
                    wanted -= len(some)
                    skip = 0
                block += 1
            if wanted <= 0:
                break
        return rows

    def number_of(self, position: Position) -> int | None:
        """The number of the last line found at this position or before it.

        The oldest line's, if all are later; None: not searched so far back yet.
        """
        number = self.first
        for part in self._parts:
            if part.file.name > position.name:
                break
            if part.file.name < position.name:
                number += part.total
            elif position.offset // part.file.block_bytes < part.low:
                return None
            else:
                number += self._before(part, position.offset + 1)
        if number > self.first:
            return number - 1
        return self.first if self.done else None

    def _before(self, part: _Part, offset: int) -> int:
        """Lines of a file that begin before this byte."""
        block = min(offset, part.high) // part.file.block_bytes
        number = sum(part.counts[:block])
        if block < len(part.counts) and part.counts[block]:
            found = self._read(part, block, 0, part.counts[block])
            number += sum(row.position.offset < offset for row in found)
        return number

    def _read(self, part: _Part, block: int, skip: int, limit: int) -> list[Found]:
        begin = block * part.file.block_bytes
        stop = min(begin + part.file.block_bytes, part.high)
        found, number = find_lines(part.file, self._matcher, begin, stop, skip=skip, limit=limit)
        if number != part.counts[block] or len(found) != min(limit, number - skip):
            raise LogMoved
        return found
