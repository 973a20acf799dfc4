"""The folder of the log: one file per day, named by its day, so that the names sort by age."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from mediadl.logs.lines import LogQuery, day_of, utc_now

_FILE = re.compile(r"^mediadl-(\d{4}-\d{2}-\d{2})\.jsonl$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log: everything before it was written earlier."""

    name: str = ""
    """File name; empty: before everything."""
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Extent:
    """How much there is."""

    files: int
    size_bytes: int


def file_for(folder: Path, day: date) -> Path:
    """The file that holds the lines of a day (UTC)."""
    return folder / f"mediadl-{day.isoformat()}.jsonl"


def files(folder: Path) -> list[Path]:
    """All log files, oldest first."""
    try:
        return sorted(path for path in folder.iterdir() if _FILE.match(path.name))
    except FileNotFoundError:
        return []


def files_of(folder: Path, query: LogQuery) -> list[Path]:
    """The files whose day can hold lines asked for, oldest first."""
    return [path for path in files(folder) if holds(path.name, query)]


def holds(name: str, query: LogQuery) -> bool:
    """Whether the file of this name can hold lines asked for."""
    first = file_for(Path(), day_of(query.since)).name if query.since is not None else ""
    last = file_for(Path(), day_of(query.until)).name if query.until is not None else "~"
    return first <= name <= last


def clean(folder: Path, keep_days: int, today: date | None = None) -> list[Path]:
    """Delete the files of days before the last `keep_days`; returns them."""
    first = (today or utc_now().date()) - timedelta(days=keep_days - 1)
    old = [path for path in files(folder) if path.name < file_for(folder, first).name]
    for path in old:
        path.unlink(missing_ok=True)
    return old


def clear(folder: Path) -> int:
    """Delete every log file; returns how many. Running writers begin new ones."""
    found = files(folder)
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def extent(folder: Path) -> Extent:
    """How many files there are and how large they are together."""
    sizes = []
    for path in files(folder):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue
    return Extent(len(sizes), sum(sizes))
