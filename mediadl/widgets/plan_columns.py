"""What starts by itself, as rows: schedules, and jobs with a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mediadl.models import Job, JobStatus
from mediadl.models.plans import Plan, PlannedSchedule
from mediadl.security.text import safe_text
from mediadl.widgets import job_text, plan_text
from mediadl.widgets.columns import Column, Part
from mediadl.widgets.plan_text import STANDING, Standing
from mediadl.widgets.when import local, soon


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One thing with a next time."""

    key: int
    """Number of the job, or the negative number of the schedule."""
    title: str
    """Harmless text."""
    next_at: float | None
    """None: never, as things stand."""
    job: Job | None = None
    plan: PlannedSchedule | None = None
    """Either of the two."""

    @property
    def id(self) -> int:
        """Its key, as marks call it."""
        return self.key

    @property
    def held(self) -> bool:
        """Whether nothing starts although there may be a time."""
        if self.plan is not None:
            return plan_text.standing(self.plan) in {Standing.OFF, Standing.ENDED}
        return self.job is not None and self.job.status is JobStatus.PAUSED

    @property
    def how_often(self) -> str:
        """In words, such as `once`."""
        return safe_text(self.plan.words) if self.plan is not None else "once"


def of_plan(plan: Plan) -> PlanRow:
    """The row of a schedule or of a job with a time."""
    if isinstance(plan, Job):
        return PlanRow(plan.id, job_text.title(plan), plan.not_before or 0.0, job=plan)
    schedule = plan.schedule
    return PlanRow(-schedule.id, safe_text(schedule.name), schedule.next_start_at, plan=plan)


class _Cells:
    """The cell functions, one per column."""

    @staticmethod
    def state(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        if row.plan is not None:
            glyph, word, style = STANDING[plan_text.standing(row.plan)]
            sick = row.plan.schedule.note or row.plan.gap_since is not None or row.plan.ailing
            return [(f"{glyph} {word}", style), (" ▲" if sick else "", "mild")]
        assert row.job is not None
        status = row.job.status
        return [(f"{job_text.GLYPHS[status]} {job_text.WORDS[status]}", f"status-{status}")]

    @staticmethod
    def at(row: PlanRow, now: float, _width: int) -> Sequence[Part]:
        if row.next_at is None:
            return [("–", "quiet")]
        return [(local(row.next_at, now), "quiet" if row.held else "")]

    @staticmethod
    def soon(row: PlanRow, now: float, _width: int) -> Sequence[Part]:
        if row.held or row.next_at is None:
            off = row.plan is not None and plan_text.standing(row.plan) is Standing.OFF
            return [("off" if off else "held" if row.job is not None else "never", "quiet")]
        return [(soon(row.next_at, now), "accent")]

    @staticmethod
    def title(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(row.title, "")]

    @staticmethod
    def how_often(row: PlanRow, _now: float, _width: int) -> Sequence[Part]:
        return [(row.how_often, "quiet")]

    @staticmethod
    def last(row: PlanRow, _now: float, width: int) -> Sequence[Part]:
        if row.plan is None:
            return [("", "")]
        return [plan_text.outcome(row.plan.last, roomy=width >= 20)]

    @staticmethod
    def sources(row: PlanRow, _now: float, width: int) -> Sequence[Part]:
        if row.plan is not None:
            return [(plan_text.sources_line(row.plan.schedule.spec, most=3 if width > 40 else 2), "quiet")]
        return [(safe_text(row.job.platform) if row.job else "", "quiet")]


PLAN_COLUMNS: tuple[Column[PlanRow], ...] = (
    Column("state", "State", _Cells.state, 11),
    Column("at", "Next run", _Cells.at, 16, to_width=111),
    Column("at", "Next run", _Cells.at, 20, from_width=112),
    Column("soon", "In", _Cells.soon, 11),
    Column("title", "What", _Cells.title, 14, flex=2),
    Column("last", "Last run", _Cells.last, 13, from_width=72, to_width=111),
    Column("how_often", "How often", _Cells.how_often, 20, flex=2, from_width=112),
    Column("last", "Last run", _Cells.last, 28, flex=1, from_width=112),
    Column("sources", "Sources", _Cells.sources, 16, flex=2, from_width=150),
)
"""The table of the Scheduler."""
