"""Writing the log: one writer per process, and the way of the standard library's loggers into it."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from mediadl.logs.folder import clean, file_for
from mediadl.logs.lines import LEVELS, RANK, encode, utc_now

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


class LogWriter:
    """Appends lines for one process; safe to use from several threads.

    A full disk loses lines, never the caller: how many is told by the next line that fits.
    """

    def __init__(
        self, folder: Path, *, level: str = "info", clock: Callable[[], datetime] | None = None
    ) -> None:
        self._folder = folder
        self._rank = RANK[level]
        self._clock = clock or utc_now
        self._guard = threading.Lock()
        self._day: date | None = None
        self._descriptor = -1
        self._lost = 0

    def write(self, level: str, module: str, message: str, job: int | None = None) -> None:
        """Append one line when `level` is grave enough."""
        if RANK.get(level, 1) < self._rank:
            return
        now = self._clock()
        with self._guard:
            lost = self._lost
            if lost:
                message = f"{message}\n({lost} earlier lines could not be written)"
            try:
                self._append(now, encode(now, level, module, message, job))
            except OSError:
                self._lost += 1
            else:
                self._lost -= lost

    def close(self) -> None:
        """Let go of the file; a later write opens it again."""
        with self._guard:
            self._drop()

    def _append(self, now: datetime, line: bytes) -> None:
        if self._day != now.date() or os.fstat(self._descriptor).st_nlink == 0:
            self._drop()
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._descriptor = os.open(file_for(self._folder, now.date()), _FLAGS, 0o600)
            self._day = now.date()
        written = os.write(self._descriptor, line)
        if written < len(line):
            # Disk full in the middle: the rest never comes, so at least the next line starts fresh
            os.write(self._descriptor, b"\n")
            raise OSError("short write")

    def _drop(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor, self._day = -1, None


class LogHandler(logging.Handler):
    """Leads the standard library's records into a `LogWriter`.

    The logger's name becomes the module, without `mediadl.`; `extra={"job": id}` names the job.
    """

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self.writer = writer
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record, its traceback included."""
        try:
            text = self.format(record)
        except (TypeError, ValueError):
            text = f"{record.msg!r} {record.args!r}"
        level = LEVELS[min(max(record.levelno // 10 - 1, 0), 3)]
        self.writer.write(level, record.name.removeprefix("mediadl."), text, getattr(record, "job", None))

    def close(self) -> None:
        """Let go of the file."""
        self.writer.close()
        super().close()


def get_logger(module: str) -> logging.Logger:
    """The logger of a module, such as `workers.pool`; say `extra={"job": id}` for lines about a job."""
    return logging.getLogger(f"mediadl.{module}")


def start(folder: Path, *, level: str = "info", keep_days: int = 7) -> LogHandler:
    """Send this process's loggers to the log and delete old files; end with `stop`."""
    clean(folder, keep_days)
    handler = LogHandler(LogWriter(folder, level=level))
    root = logging.getLogger("mediadl")
    root.addHandler(handler)
    root.setLevel(level.upper())
    return handler


def stop(handler: LogHandler) -> None:
    """Undo `start`."""
    logging.getLogger("mediadl").removeHandler(handler)
    handler.close()
