"""The log room: JSON lines, one file per day, written by every process, read from the end.

A line is `{"at", "level", "module", "message", "job"?, "pid"}`, appended with one `write` to a descriptor
opened to append, so lines of several processes never mix. Secrets and terminal controls are taken out before.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from mediadl.security.redact import redact
from mediadl.security.text import safe_lines

LEVELS = ("debug", "info", "warning", "error")
"""From chatty to grave."""

_RANK = {level: rank for rank, level in enumerate(LEVELS)}
_FILE = re.compile(r"^mediadl-(\d{4}-\d{2}-\d{2})\.jsonl$")
_BLOCK_BYTES = 65_536
_MAX_MESSAGE_CHARS = 16_384
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log."""

    at: float
    level: str
    module: str
    message: str
    job: int | None
    pid: int


@dataclass(frozen=True, slots=True)
class LogQuery:
    """Which lines; every field narrows."""

    level: str = "debug"
    """Least level."""
    module: str = ""
    """A module with everything inside it: `workers` holds `workers.pool`."""
    job: int | None = None
    since: float | None = None
    until: float | None = None
    text: str = ""
    """Part of the message, in any case."""

    def accepts(self, line: LogLine) -> bool:
        """Whether the line is asked for."""
        return (
            _RANK.get(line.level, 1) >= _RANK[self.level]
            and (self.job is None or line.job == self.job)
            and (not self.module or line.module == self.module or line.module.startswith(f"{self.module}."))
            and (self.since is None or line.at >= self.since)
            and (self.until is None or line.at < self.until)
            and (not self.text or self.text.casefold() in line.message.casefold())
        )


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the log: everything before it was written earlier."""

    name: str = ""
    """File name; empty: before everything."""
    offset: int = 0


def file_for(folder: Path, day: date) -> Path:
    """The file that holds the lines of a day (UTC)."""
    return folder / f"mediadl-{day.isoformat()}.jsonl"


def files(folder: Path) -> list[Path]:
    """All log files, oldest first."""
    try:
        return sorted(path for path in folder.iterdir() if _FILE.match(path.name))
    except FileNotFoundError:
        return []


class LogWriter:
    """Appends lines for one process; safe to use from several threads.

    A full disk loses lines, never the caller: how many is told by the next line that fits.
    """

    def __init__(
        self, folder: Path, *, level: str = "info", clock: Callable[[], datetime] | None = None
    ) -> None:
        self._folder = folder
        self._rank = _RANK[level]
        self._clock = clock or _utc_now
        self._guard = threading.Lock()
        self._day: date | None = None
        self._descriptor = -1
        self._lost = 0

    def write(self, level: str, module: str, message: str, job: int | None = None) -> None:
        """Append one line when `level` is grave enough."""
        if _RANK.get(level, 1) < self._rank:
            return
        now = self._clock()
        with self._guard:
            lost = self._lost
            if lost:
                message = f"{message}\n({lost} earlier lines could not be written)"
            try:
                self._append(now, _encode(now, level, module, message, job))
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


def clean(folder: Path, keep_days: int, today: date | None = None) -> list[Path]:
    """Delete the files of days before the last `keep_days`; returns them."""
    first = (today or _utc_now().date()) - timedelta(days=keep_days - 1)
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


def end(folder: Path) -> Position:
    """Where the log ends now."""
    found = files(folder)
    return Position(found[-1].name, found[-1].stat().st_size) if found else Position()


def tail(folder: Path, query: LogQuery, limit: int, upto: Position | None = None) -> list[LogLine]:
    """The last `limit` lines asked for, oldest first; reads blocks from the end until there are enough."""
    found: list[LogLine] = []
    if limit <= 0:
        return found
    for path in reversed(_files_of(folder, query)):
        if upto is not None and path.name > upto.name:
            continue
        size = upto.offset if upto is not None and path.name == upto.name else None
        for raw in _backwards(path, size):
            line = _decode(raw, query)
            if line is None or not query.accepts(line):
                # Processes stamp their lines before they append them: allow for a little disorder
                if line is not None and query.since is not None and line.at < query.since - 5:
                    return found[::-1]
                continue
            found.append(line)
            if len(found) == limit:
                return found[::-1]
    return found[::-1]


def read(folder: Path, query: LogQuery) -> Iterator[LogLine]:
    """Every line asked for, oldest first, without holding them in memory."""
    for path in _files_of(folder, query):
        with path.open("rb") as stream:
            for raw in stream:
                line = _decode(raw, query)
                if line is not None and query.accepts(line):
                    yield line


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
    while True:
        lines, position = _new_lines(folder, query, position)
        if lines:
            on_lines(lines)
        if stop_event.wait(poll_s):
            return


def to_record(line: LogLine) -> dict[str, Any]:
    """The JSON form of a line, as it lies in the file."""
    record: dict[str, Any] = {
        "at": _iso(datetime.fromtimestamp(line.at, UTC)),
        "level": line.level,
        "module": line.module,
        "message": line.message,
        "pid": line.pid,
    }
    if line.job is not None:
        record["job"] = line.job
    return record


def _new_lines(folder: Path, query: LogQuery, position: Position) -> tuple[list[LogLine], Position]:
    lines: list[LogLine] = []
    for path in files(folder):
        if path.name < position.name:
            continue
        offset = position.offset if path.name == position.name else 0
        try:
            with path.open("rb") as stream:
                if offset > os.fstat(stream.fileno()).st_size:
                    offset = 0  # cleared and begun anew
                stream.seek(offset)
                for raw in stream:
                    if not raw.endswith(b"\n"):
                        break
                    offset += len(raw)
                    line = _decode(raw, query)
                    if line is not None and query.accepts(line):
                        lines.append(line)
        except FileNotFoundError:
            continue
        position = Position(path.name, offset)
    return lines, position


def _files_of(folder: Path, query: LogQuery) -> list[Path]:
    """The files whose day can hold lines asked for."""
    first = file_for(folder, _day(query.since)).name if query.since is not None else ""
    last = file_for(folder, _day(query.until)).name if query.until is not None else "~"
    return [path for path in files(folder) if first <= path.name <= last]


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _backwards(path: Path, size: int | None) -> Iterator[bytes]:
    """The lines of a file, last first; a line without its end is left out."""
    try:
        stream = path.open("rb")
    except FileNotFoundError:
        return
    with stream:
        at = os.fstat(stream.fileno()).st_size if size is None else size
        rest = b""
        whole = False
        while at > 0:
            step = min(_BLOCK_BYTES, at)
            at -= step
            stream.seek(at)
            lines = (stream.read(step) + rest).split(b"\n")
            rest = lines.pop(0)
            if not whole and lines:
                lines.pop()  # what follows the last line end: nothing, or a line being written
                whole = True
            yield from reversed(lines)
        if whole and rest:
            yield rest


def _encode(now: datetime, level: str, module: str, message: str, job: int | None) -> bytes:
    record: dict[str, Any] = {"at": _iso(now), "level": level, "module": module}
    if job is not None:
        record["job"] = job
    record["pid"] = os.getpid()
    record["message"] = redact(safe_lines(message, limit=_MAX_MESSAGE_CHARS))
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def _decode(raw: bytes, query: LogQuery) -> LogLine | None:
    """The line, or None for junk (the traces of a full disk or a power cut) and lines of other jobs."""
    if query.job is not None and b'"job":%d,' % query.job not in raw:
        return None
    try:
        record = json.loads(raw)
        return LogLine(
            at=datetime.fromisoformat(record["at"]).timestamp(),
            level=str(record["level"]),
            module=str(record["module"]),
            message=str(record["message"]),
            job=record.get("job"),
            pid=int(record.get("pid", 0)),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
