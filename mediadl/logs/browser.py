"""Looking around in the log while it grows: which lines stand in a window, and how far the search is.

Used by one thread: it polls for changes, works on the search a little at a time, and looks.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mediadl.logs.folder import Position, files
from mediadl.logs.found import Found
from mediadl.logs.lines import LEVELS, RANK, LogQuery
from mediadl.logs.opened import Change, LogFile
from mediadl.logs.search import LogMoved, Search

_ALL = LogQuery()
_EPOCHS = itertools.count(1)
"""Each list gets a number that no other list of this process has."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """Where a table of log lines stands; its row numbers begin at `base` of list number `epoch`."""

    query: LogQuery
    first: int = 0
    height: int = 40
    cursor: int = 0
    base: int = 0
    epoch: int = 0
    """0: no list yet."""
    follow: bool = True
    """Stay at the end."""
    seek: Position | None = None
    """Go to this line, or the one before it, when the search has come so far."""


@dataclass(frozen=True, slots=True)
class LogTally:
    """What the log holds, as far as it was searched."""

    levels: tuple[int, ...] = (0,) * len(LEVELS)
    """Lines per level, from chatty to grave."""
    modules: tuple[str, ...] = ()
    searched: float = 0.0

    @property
    def lines(self) -> int:
        """All of them."""
        return sum(self.levels)


@dataclass(frozen=True, slots=True)
class LogView:
    """The lines around a place."""

    place: LogPlace
    epoch: int
    base: int
    total: int
    """Lines found so far; more may come before row 0 while the search goes on."""
    first: int
    cursor: int
    start: int
    """Row number of `rows[0]`."""
    rows: Sequence[Found]
    sought: bool
    """Whether the line to go to was reached."""
    searched: float
    """How much of the log was searched, 0 to 1."""
    tally: LogTally


class LogBrowser:
    """The log of a folder, open."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: list[LogFile] = []
        self._shut: set[str] = set()
        """Names of what cannot be opened."""
        self._epoch = 0
        self._query = _ALL
        self._everything = self._active = Search(_ALL, [])
        self._kept: tuple[int, int, list[Found]] = (0, 0, [])
        self._begin()

    def close(self) -> None:
        """Let go of the files."""
        for file in self._files:
            file.close()
        self._files = []

    def poll(self) -> bool:
        """Take in what happened to the files; returns whether anything did."""
        paths = [path for path in files(self._folder) if path.name not in self._shut]
        names = [path.name for path in paths]
        dropped = False
        while self._files and self._files[0].name not in names and len(self._files) > 1:
            dropped = True
            gone = self._files.pop(0)
            for search in {self._everything, self._active}:
                search.drop_file(gone)
            gone.close()
        changes = [file.look() for file in self._files]
        known = [file.name for file in self._files]
        if names[: len(known)] != known or any(
            change is Change.REPLACED or (change is Change.GREW and number < len(changes) - 1)
            for number, change in enumerate(changes)
        ):
            self._begin()
            return True
        added = [self._add(path) for path in paths[len(known) :]]
        return dropped or Change.GREW in changes or any(added)

    def work(self) -> bool:
        """Search one more block; returns whether there was one."""
        return self._active.step() or self._everything.step()

    @property
    def searching(self) -> bool:
        """Whether the lines asked for are not all found yet."""
        return not self._active.done

    def look(self, place: LogPlace) -> LogView:
        """The lines around a place; a place of another list leads to the end, or to the line to go to."""
        self._ask_for(place.query)
        try:
            return self._look(place)
        except LogMoved:
            self._begin()
            return self._look(place)

    def full(self, place: LogPlace) -> bool:
        """Whether enough is found to fill the window of a place that stands at the end."""
        return self._active.total >= place.height or self._active.done

    def _look(self, place: LogPlace) -> LogView:
        search = self._active
        total, base = search.total, search.first
        number = search.number_of(place.seek) if place.seek is not None else None
        at_end = max(total - 1, 0)
        if number is not None:
            cursor, first = number - base, number - base - place.height // 2
        elif place.follow or place.seek is not None or place.epoch != self._epoch:
            cursor, first = at_end, total - place.height
        else:
            cursor, first = place.cursor + place.base - base, place.first + place.base - base
        cursor = max(0, min(cursor, at_end))
        first = max(0, min(first, total - place.height))
        span = max(place.height, 10)
        start = max(0, first - span)
        rows = self._rows(base + start, base + min(first + 2 * span, total))
        return LogView(
            place, self._epoch, base, total, first, cursor, start, rows,
            sought=number is not None or (place.seek is not None and not total and search.done),
            searched=search.searched, tally=self._tally(),
        )  # fmt: skip

    def _rows(self, start: int, stop: int) -> list[Found]:
        """Lines by number; those of the last window are not read again."""
        epoch, low, kept = self._kept
        if epoch != self._epoch or start >= low + len(kept) or stop <= low:
            rows = self._active.rows(start, stop)
        else:
            before = self._active.rows(start, low) if start < low else []
            after = self._active.rows(low + len(kept), stop) if stop > low + len(kept) else []
            rows = [*before, *kept[max(start - low, 0) : stop - low], *after]
        self._kept = self._epoch, start, rows
        return rows

    def _tally(self) -> LogTally:
        levels = [0] * len(LEVELS)
        modules = set()
        for level, module, number in self._everything.seen():
            levels[RANK.get(level, 1)] += number
            modules.add(module)
        return LogTally(tuple(levels), tuple(sorted(modules)), self._everything.searched)

    def _ask_for(self, query: LogQuery) -> None:
        if query == self._query:
            return
        narrower = _narrows(self._query, query)
        within = self._active if narrower and self._active is not self._everything else None
        self._query = query
        if query == _ALL:
            self._active = self._everything
        else:
            self._active = Search(query, self._files, within=within)
        self._epoch = next(_EPOCHS)

    def _begin(self) -> None:
        """Search everything anew."""
        self.close()
        self._shut.clear()
        for path in files(self._folder):
            self._open(path)
        self._everything = self._active = Search(_ALL, self._files, tally=True)
        if self._query != _ALL:
            self._active = Search(self._query, self._files)
        self._epoch = next(_EPOCHS)

    def _add(self, path: Path) -> bool:
        """A newer file."""
        file = self._open(path)
        if file is None:
            return False
        for search in {self._everything, self._active}:
            search.add_file(file)
        return True

    def _open(self, path: Path) -> LogFile | None:
        try:
            file = LogFile(path)
        except OSError:
            self._shut.add(path.name)
            return None
        self._files.append(file)
        return file


def _narrows(wide: LogQuery, narrow: LogQuery) -> bool:
    """Whether every line of `narrow` is surely one of `wide`."""
    return (
        RANK[narrow.level] >= RANK[wide.level]
        and wide.text.casefold() in narrow.text.casefold()
        and wide.module in {"", narrow.module}
        and wide.job in {None, narrow.job}
        and wide.since in {None, narrow.since}
        and wide.until in {None, narrow.until}
    )
