"""What starts by itself, as rows: jobs with a time now; whatever else has a next time fits in as another row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.models import Job, JobStatus, Priority
from mediadl.security.text import safe_text
from mediadl.widgets import job_text
from mediadl.widgets.columns import Column, Part
from mediadl.widgets.when import local, soon


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One thing with a next time."""

    key: int
    """Its number, unique among all rows."""
    status: JobStatus
    """`SCHEDULED`, or `PAUSED` while it is held."""
    title: str
    """Harmless text."""
    platform: str
    next_at: float
    how_often: str
    """In words, such as `once`."""
    priority: Priority
    job: Job
    """What will run."""


def of_job(job: Job) -> PlanRow:
    """The row of a job with a time."""
    return PlanRow(
        key=job.id,
        status=job.status,
        title=job_text.title(job),
        platform=safe_text(job.platform),
        next_at=job.not_before or 0.0,
        how_often="once",
        priority=job.priority,
        job=job,
    )


class _Cells:
    """The cell functions, one per column."""

    @staticmethod
    def state(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(f"{job_text.GLYPHS[row.status]} {job_text.WORDS[row.status]}", f"status-{row.status}")]

    @staticmethod
    def at(row: PlanRow, now: float, _width: int) -> Sequence[Part]:
        return [(local(row.next_at, now), "quiet" if row.status is JobStatus.PAUSED else "")]

    @staticmethod
    def soon(row: PlanRow, now: float, _width: int) -> Sequence[Part]:
        text = "held" if row.status is JobStatus.PAUSED else soon(row.next_at, now)
        return [(text, "quiet" if row.status is JobStatus.PAUSED else "accent")]

    @staticmethod
    def title(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(row.title, "")]

    @staticmethod
    def how_often(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(row.how_often, "quiet")]

    @staticmethod
    def platform(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(row.platform, "quiet")]

    @staticmethod
    def priority(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        style = "accent" if row.priority is Priority.HIGH else "quiet"
        return [(job_text.priority(row.job), style)]


PLAN_COLUMNS: tuple[Column[PlanRow], ...] = (
    Column("state", "State", _Cells.state, 11),
    Column("at", "Next run", _Cells.at, 16, to_width=79),
    Column("at", "Next run", _Cells.at, 21, from_width=80),
    Column("soon", "In", _Cells.soon, 10),
    Column("title", "What", _Cells.title, 14, flex=1),
    Column("how_often", "How often", _Cells.how_often, 9, from_width=100),
    Column("platform", "Platform", _Cells.platform, 9, from_width=76),
    Column("priority", "Prio", _Cells.priority, 6, from_width=76),
)
"""The table of the Scheduler."""
