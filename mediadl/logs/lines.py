"""One line of the log: how it is written, how it is read, which ones are asked for."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from mediadl.security.redact import redact
from mediadl.security.text import safe_lines

LEVELS = ("debug", "info", "warning", "error")
"""From chatty to grave."""

RANK = {level: rank for rank, level in enumerate(LEVELS)}
"""How grave a level is; a word that is none of ours counts as `info`."""

MAX_LINE_BYTES = 1_048_576
"""Longer lines are junk: what we write is a tenth of it."""

FIRST_AT = 0.0
"""No line is older than 1970."""

_LAST_AT = 253_402_214_400.0
_MAX_MESSAGE_CHARS = 16_384


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
            self.accepts_level(line.level)
            and (self.job is None or line.job == self.job)
            and self.accepts_module(line.module)
            and (self.since is None or line.at >= self.since)
            and (self.until is None or line.at < self.until)
            and (not self.text or self.text.casefold() in line.message.casefold())
        )

    def accepts_level(self, level: str) -> bool:
        """Whether the level is grave enough."""
        return RANK.get(level, 1) >= RANK[self.level]

    def accepts_module(self, module: str) -> bool:
        """Whether the module is the one asked for or inside it."""
        return not self.module or module == self.module or module.startswith(f"{self.module}.")


def encode(now: datetime, level: str, module: str, message: str, job: int | None) -> bytes:
    """A line as it lies in the file, without secrets and terminal controls."""
    record: dict[str, Any] = {"at": _iso(now), "level": level, "module": module}
    if job is not None:
        record["job"] = job
    record["pid"] = os.getpid()
    record["message"] = redact(safe_lines(message, limit=_MAX_MESSAGE_CHARS))
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def decode(raw: bytes) -> LogLine | None:
    """The line, or None for junk: the traces of a full disk or a power cut."""
    if len(raw) > MAX_LINE_BYTES:
        return None
    try:
        # Decoded here, because json would also take UTF-16 and lone surrogates
        record = json.loads(raw.decode())
        at = datetime.fromisoformat(record["at"]).timestamp()
        level, module, message = words = (record["level"], record["module"], record["message"])
        if not FIRST_AT <= at < _LAST_AT or not all(isinstance(word, str) for word in words):
            return None
        job = record.get("job")
        pid = int(record.get("pid", 0))
        return LogLine(at, level, module, message, job if type(job) is int else None, pid)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return None


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


def day_of(at: float) -> date:
    """The day whose file holds a moment (UTC)."""
    return datetime.fromtimestamp(at, UTC).date()


def utc_now() -> datetime:
    """Now, as lines are stamped."""
    return datetime.now(UTC)


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
