"""The columns of the queue table and of a job's items: which cell says what about a row."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.models import Item, Job, JobStatus, Priority
from mediadl.security.text import safe_text
from mediadl.widgets import job_text
from mediadl.widgets.amounts import size, span, speed
from mediadl.widgets.columns import Column, Part


class JobCells:
    """The cell functions of the queue table, one per column."""

    @staticmethod
    def status(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """Its glyph and word."""
        return [(f"{job_text.GLYPHS[job.status]} {job_text.status_word(job)}", f"status-{job.status}")]

    @staticmethod
    def title(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """What it is called."""
        return [(job_text.title(job), "")]

    @staticmethod
    def platform(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """Whose module does it."""
        return [(safe_text(job.platform), "quiet")]

    @staticmethod
    def progress(job: Job, _now: float, width: int) -> Sequence[Part]:
        """How far it is."""
        return job_text.progress_parts(job, width)

    @staticmethod
    def speed(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """How fast it comes, while it does."""
        return [(speed(job.speed_bytes_per_s) if job.status is JobStatus.ACTIVE else "", "")]

    @staticmethod
    def eta(job: Job, now: float, _width: int) -> Sequence[Part]:
        """How long it takes from now on."""
        return [(span(job_text.eta_s(job, now)), "")]

    @staticmethod
    def size(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """How much of how much."""
        return [(job_text.amount(job), "quiet")]

    @staticmethod
    def items(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """How many of how many files."""
        return [(job_text.items(job), "quiet")]

    @staticmethod
    def priority(job: Job, _now: float, _width: int) -> Sequence[Part]:
        """The word of its priority."""
        return [(job_text.priority(job), "accent" if job.priority is Priority.HIGH else "quiet")]

    @staticmethod
    def note(job: Job, now: float, width: int) -> Sequence[Part]:
        """What there is to say about it."""
        text = job_text.narrow_note(job, now) if width < 20 else job_text.note(job, now)
        return [(text, _trouble(job))]

    @staticmethod
    def narrow_note(job: Job, now: float, _width: int) -> Sequence[Part]:
        """The same in few words."""
        return [(job_text.narrow_note(job, now), _trouble(job))]


def _trouble(job: Job) -> str:
    if job.status is JobStatus.FAILED:
        return "grave"
    return "mild" if job.status is JobStatus.WAITING else "quiet"


QUEUE_COLUMNS: tuple[Column[Job], ...] = (
    Column("status", "Status", JobCells.status, 11, sort="status"),
    Column("title", "Title", JobCells.title, 14, flex=3, sort="title"),
    Column("platform", "Platform", JobCells.platform, 9, from_width=76, sort="platform"),
    Column("progress", "Progress", JobCells.progress, 10, to_width=111, sort="progress"),
    Column("progress", "Progress", JobCells.progress, 14, from_width=112, sort="progress"),
    Column("speed", "Speed", JobCells.speed, 9, from_width=112, right=True),
    Column("eta", "Left", JobCells.eta, 6, from_width=112, right=True),
    Column("size", "Size", JobCells.size, 7, from_width=88, right=True, sort="size"),
    Column("items", "Items", JobCells.items, 7, from_width=128, right=True),
    Column("priority", "Prio", JobCells.priority, 6, from_width=136),
    Column("note", "Note", JobCells.narrow_note, 16, to_width=111),
    Column("note", "Note", JobCells.note, 14, flex=2, from_width=112),
)
"""The queue table; narrow windows fold speed, time left and reason into one column."""


class _ItemCells:
    """The cell functions of a job's items."""

    @staticmethod
    def state(item: Item, _now: float, _width: int) -> Sequence[Part]:
        return [(f"{job_text.ITEM_GLYPHS[item.state]} {item.state.value.capitalize()}", f"item-{item.state}")]

    @staticmethod
    def title(item: Item, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(item.title) or safe_text(item.identity), "")]

    @staticmethod
    def size(item: Item, _now: float, _width: int) -> Sequence[Part]:
        return [(size(item.size_bytes), "quiet")]

    @staticmethod
    def number(item: Item, _now: float, _width: int) -> Sequence[Part]:
        return [(str(item.n), "quiet")]

    @staticmethod
    def note(item: Item, _now: float, _width: int) -> Sequence[Part]:
        if not item.reason and not item.message:
            return []
        head = job_text.reason_title(item.reason) if item.reason else ""
        return [(job_text.headed(head, safe_text(item.message)), f"item-{item.state}")]


ITEM_COLUMNS: tuple[Column[Item], ...] = (
    Column("n", "#", _ItemCells.number, 5, right=True),
    Column("state", "State", _ItemCells.state, 9),
    Column("title", "Item", _ItemCells.title, 10, flex=1),
    Column("size", "Size", _ItemCells.size, 7, right=True, from_width=44),
    Column("note", "Note", _ItemCells.note, 10, flex=1, from_width=60),
)
"""The items of one job."""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One line of a job's log."""

    n: int
    at: float
    level: str
    module: str
    message: str


class _LogCells:
    """The cell functions of log lines."""

    @staticmethod
    def at(row: LogRow, _now: float, width: int) -> Sequence[Part]:
        pattern = "%H:%M:%S" if width < 14 else "%d %b %H:%M:%S"
        return [(time.strftime(pattern, time.localtime(row.at)), "quiet")]

    @staticmethod
    def level(row: LogRow, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(row.level), f"level-{row.level}" if row.level in _LEVELS else "")]

    @staticmethod
    def module(row: LogRow, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(row.module), "quiet")]

    @staticmethod
    def message(row: LogRow, _now: float, _width: int) -> Sequence[Part]:
        return [(safe_text(row.message), "")]


_LEVELS = frozenset({"debug", "info", "warning", "error"})

LOG_COLUMNS: tuple[Column[LogRow], ...] = (
    Column("at", "Time", _LogCells.at, 8, to_width=99),
    Column("at", "Time", _LogCells.at, 15, from_width=100),
    Column("level", "Level", _LogCells.level, 7),
    Column("module", "Module", _LogCells.module, 16, from_width=100),
    Column("message", "Message", _LogCells.message, 10, flex=1),
)
"""Log lines of one job."""
