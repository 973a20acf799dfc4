"""The runs of a schedule and its sources, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from mediadl.models.schedules import ScheduleRun, Source
from mediadl.security.text import safe_text
from mediadl.widgets import plan_text
from mediadl.widgets.amounts import count, size, span
from mediadl.widgets.columns import Column, Part
from mediadl.widgets.when import ago, local


def lasted(run: ScheduleRun, now: float) -> float | None:
    """Seconds from its begin to its end, or until now."""
    if run.started_at is None:
        return None
    return max(0.0, (now if run.ended_at is None else run.ended_at) - run.started_at)


class _RunCells:
    """The cell functions of runs."""

    @staticmethod
    def state(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        glyph, word, style = plan_text.RUNS[run.state]
        return [(f"{glyph} {word}", style)]

    @staticmethod
    def started(run: ScheduleRun, now: float, _width: int) -> Sequence[Part]:
        return [(local(run.started_at if run.started_at is not None else run.due_at, now), "")]

    @staticmethod
    def took(run: ScheduleRun, now: float, _width: int) -> Sequence[Part]:
        return [(span(lasted(run, now)), "quiet")]

    @staticmethod
    def found(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        return [_number(run.found)]

    @staticmethod
    def new(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        return [_number(run.new, "status-completed")]

    @staticmethod
    def skipped(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        return [_number(run.skipped, "quiet")]

    @staticmethod
    def failed(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        return [_number(run.failed, "grave")]

    @staticmethod
    def size(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        return [(size(run.size_bytes) if run.size_bytes else "–", "quiet")]

    @staticmethod
    def error(run: ScheduleRun, _now: float, _width: int) -> Sequence[Part]:
        kind = plan_text.RUN_KINDS[run.kind]
        missed = f"for {count(run.missed + 1)} due times" if run.missed else ""
        told = [one for one in (kind, missed, safe_text(run.message, limit=200)) if one]
        parts: list[Part] = [(" · ".join(told), "quiet")]
        if run.error:
            parts.append((f"{' · ' if told else ''}{safe_text(run.error, limit=300)}", "grave"))
        return parts


class _SourceCells:
    """The cell functions of sources."""

    @staticmethod
    def state(source: Source, _now: float, _width: int) -> Sequence[Part]:
        glyph, word, style = plan_text.SOURCES[source.state]
        return [(f"{glyph} {word}", style)]

    @staticmethod
    def name(source: Source, _now: float, _width: int) -> Sequence[Part]:
        return [(plan_text.source_name(source), "")]

    @staticmethod
    def kind(source: Source, _now: float, _width: int) -> Sequence[Part]:
        return [
            (" ".join(filter(None, (safe_text(source.platform), safe_text(source.content_type)))), "quiet")
        ]

    @staticmethod
    def checked(source: Source, now: float, _width: int) -> Sequence[Part]:
        return [(ago(source.last_check_at, now) or "never", "quiet")]

    @staticmethod
    def newest(source: Source, now: float, _width: int) -> Sequence[Part]:
        return [(ago(source.last_new_at, now) or "–", "quiet")]

    @staticmethod
    def note(source: Source, now: float, _width: int) -> Sequence[Part]:
        return [plan_text.source_note(source, now)]


def _number(number: int, style: str = "") -> Part:
    return (count(number), style) if number else ("–", "quiet")


RUN_COLUMNS: tuple[Column[ScheduleRun], ...] = (
    Column("state", "State", _RunCells.state, 10),
    Column("started", "Start", _RunCells.started, 16),
    Column("took", "Took", _RunCells.took, 5, right=True),
    Column("found", "Found", _RunCells.found, 5, right=True, from_width=58),
    Column("new", "New", _RunCells.new, 5, right=True),
    Column("skipped", "Skip", _RunCells.skipped, 5, right=True, from_width=58),
    Column("failed", "Fail", _RunCells.failed, 4, right=True),
    Column("size", "Size", _RunCells.size, 7, right=True, from_width=76),
    Column("error", "Remark", _RunCells.error, 6, flex=1, from_width=66),
)
"""The history of a schedule."""

SOURCE_COLUMNS: tuple[Column[Source], ...] = (
    Column("state", "State", _SourceCells.state, 9),
    Column("name", "Source", _SourceCells.name, 14, flex=2),
    Column("kind", "What", _SourceCells.kind, 16, from_width=90),
    Column("checked", "Looked at", _SourceCells.checked, 11, from_width=70),
    Column("newest", "Last new", _SourceCells.newest, 11, from_width=100),
    Column("note", "Remark", _SourceCells.note, 12, flex=2),
)
"""What a schedule looks at."""
