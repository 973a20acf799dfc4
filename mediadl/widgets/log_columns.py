"""What the table of log lines says in each column: time, level, module, job, message."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.cells import cell_len

from mediadl.logs import LEVELS, LogLine
from mediadl.logs.found import Found
from mediadl.security.text import safe_text
from mediadl.widgets.columns import Column, Part, clip

_MESSAGE_CHARS = 4_096
"""As much of a line as can be scrolled to sideways; Enter shows all of it."""

STEP = 16
"""Cells that one key moves the messages sideways."""


def head(line: LogLine) -> str:
    """The first line of the message."""
    return safe_text(line.message.partition("\n")[0], limit=_MESSAGE_CHARS)


def when(at: float, width: int) -> str:
    """A moment in local time, as exactly as fits."""
    if width < 15:
        return time.strftime("%H:%M:%S", time.localtime(at))
    text = time.strftime("%d %b %H:%M:%S", time.localtime(at))
    return text if width < 19 else f"{text}.{int(at * 1000) % 1000:03}"


def level_style(level: str) -> str:
    """The name of the level's style."""
    return f"level-{level}" if level in LEVELS else ""


class LogCells:
    """The cell functions of one table; they know how far it is scrolled sideways and which words were looked for."""

    def __init__(self) -> None:
        self.shift = 0
        """Cells of the message that are out of view on the left."""
        self.words = ""

    def columns(self) -> tuple[Column[Found], ...]:
        """The columns; narrow tables leave out module and job."""
        return (
            Column("at", "Time", self._at, 8, to_width=87),
            Column("at", "Time", self._at, 15, from_width=88, to_width=139),
            Column("at", "Time", self._at, 19, from_width=140),
            Column("level", "Level", self._level, 7),
            Column("module", "Module", self._module, 14, from_width=96, to_width=139),
            Column("module", "Module", self._module, 20, from_width=140),
            Column("job", "Job", self._job, 6, from_width=72, right=True),
            Column("message", "Message", self._message, 10, flex=1),
        )

    @staticmethod
    def _at(row: Found, _now: float, width: int) -> Sequence[Part]:
        return [(when(row.line.at, width), "quiet")]

    @staticmethod
    def _level(row: Found, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(row.line.level, limit=40), level_style(row.line.level))]

    @staticmethod
    def _module(row: Found, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(row.line.module, limit=80), "quiet")]

    @staticmethod
    def _job(row: Found, _now: float, _width: int) -> Sequence[Part]:
        return [("" if row.line.job is None else str(row.line.job), "quiet")]

    def _message(self, row: Found, _now: float, width: int) -> Sequence[Part]:
        more = row.line.message.count("\n")
        tail = f" +{more}" if more else ""
        room = max(width - cell_len(tail), 1)
        text = head(row.line)
        if hidden := self.shift or _out_of_view(text, self.words, room):
            text = "…" + text[hidden + 1 :] if text else text
        text = clip(text, room)
        style = level_style(row.line.level) if row.line.level in {"warning", "error"} else ""
        parts = marked(text, self.words, style)
        return [*parts, (tail, "accent")] if tail else parts


def _out_of_view(text: str, words: str, room: int) -> int:
    """How far to move a text so that the words looked for come into view."""
    at = text.casefold().find(words.casefold()) if words and len(text) > room else -1
    # Before the match a third of the room, but none is left empty after the end
    return min(at - room // 3, len(text) - room) if at + len(words) >= room else 0


def marked(text: str, words: str, style: str) -> list[Part]:
    """The text with the words looked for in a style of their own."""
    folded, needle = text.casefold(), words.casefold()
    if not needle or len(folded) != len(text):
        return [(text, style)]
    parts: list[Part] = []
    at = 0
    while (found := folded.find(needle, at)) >= 0:
        if found > at:
            parts.append((text[at:found], style))
        parts.append((text[found : found + len(needle)], "accent"))
        at = found + len(needle)
    if at < len(text) or not parts:
        parts.append((text[at:], style))
    return parts
