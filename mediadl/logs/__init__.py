"""The log room: JSON lines, one file per day, written by every process, read from the end.

A line is `{"at", "level", "module", "message", "job"?, "pid"}`, appended with one `write` to a descriptor
opened to append, so lines of several processes never mix. Secrets and terminal controls are taken out before.
"""

from __future__ import annotations

from mediadl.logs.folder import Extent, Position, clean, clear, extent, file_for, files
from mediadl.logs.lines import LEVELS, LogLine, LogQuery, to_record
from mediadl.logs.reading import end, follow, read, tail
from mediadl.logs.writer import LogHandler, LogWriter, get_logger, start, stop

__all__ = [
    "LEVELS",
    "Extent",
    "LogHandler",
    "LogLine",
    "LogQuery",
    "LogWriter",
    "Position",
    "clean",
    "clear",
    "end",
    "extent",
    "file_for",
    "files",
    "follow",
    "get_logger",
    "read",
    "start",
    "stop",
    "tail",
    "to_record",
]
