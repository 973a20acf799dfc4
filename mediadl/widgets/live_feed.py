"""The columns of the Dashboard's feed: jobs at work with how far they are, ended ones with how they ended."""

from __future__ import annotations

from collections.abc import Sequence

from mediadl.models import Job, JobStatus
from mediadl.widgets import job_text
from mediadl.widgets.amounts import speed
from mediadl.widgets.columns import Column, Part
from mediadl.widgets.job_columns import JobCells
from mediadl.widgets.when import ago


class _Cells(JobCells):
    """The Queue's cell functions, and those of an ended job."""

    @staticmethod
    def progress(job: Job, _now: float, width: int) -> Sequence[Part]:
        return job_text.progress_parts(job, width) if job.status is JobStatus.ACTIVE else []

    @staticmethod
    def outcome(job: Job, now: float, width: int) -> Sequence[Part]:
        text = job_text.note(job, now) if width > 20 else job_text.narrow_note(job, now)
        return [(text, "grave" if job.status is JobStatus.FAILED else "quiet")]

    @staticmethod
    def narrow(job: Job, now: float, _width: int) -> Sequence[Part]:
        if job.status is not JobStatus.ACTIVE:
            return _Cells.outcome(job, now, 16)
        known = job.progress > 0 or job.bytes_total is not None
        percent = f"{min(99, int(job.progress))}%" if known else "…"
        return [(percent, "bar"), (f" {speed(job.speed_bytes_per_s)}", "")]

    @staticmethod
    def when(job: Job, now: float, _width: int) -> Sequence[Part]:
        return [(ago(job.finished_at, now) if job.status is not JobStatus.ACTIVE else "", "quiet")]


FEED_COLUMNS: tuple[Column[Job], ...] = (
    Column("status", "Status", _Cells.status, 11),
    Column("title", "What goes on", _Cells.title, 14, flex=3),
    Column("platform", "Platform", _Cells.platform, 9, from_width=112),
    Column("progress", "Progress", _Cells.progress, 14, from_width=90),
    Column("speed", "Speed", _Cells.speed, 9, from_width=90, right=True),
    Column("left", "Left", _Cells.eta, 6, from_width=90, right=True),
    Column("outcome", "Outcome", _Cells.outcome, 14, flex=2, from_width=112),
    Column("outcome", "Outcome", _Cells.outcome, 16, from_width=90, to_width=111),
    Column("outcome", "Outcome", _Cells.narrow, 16, to_width=89),
    Column("when", "When", _Cells.when, 11, from_width=72, right=True),
)
"""Narrow windows fold progress, speed and outcome into one column."""
