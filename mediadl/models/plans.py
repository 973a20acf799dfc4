"""What the Scheduler lists: schedules and jobs with a time, as one list. Plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mediadl.models import Job
from mediadl.models.schedules import Schedule, ScheduleRun, Source


class PlanKind(StrEnum):
    """What of the list is shown."""

    ALL = "all"
    SCHEDULES = "schedules"
    """What comes again."""
    ONCE = "once"
    """Jobs with a time to start at."""
    TROUBLE = "trouble"
    """Schedules whose last run failed, whose sources are not well, or that have a gap."""
    OFF = "off"
    """Schedules that are switched off or never run again."""


@dataclass(frozen=True, slots=True)
class PlanQuery:
    """Which of all plans are meant."""

    kind: PlanKind = PlanKind.ALL
    words: str = ""
    """All of them in the name, the sources or the address."""


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """How many there are of each kind, words aside."""

    schedules: int = 0
    once: int = 0
    trouble: int = 0
    off: int = 0
    on: int = 0
    """Schedules that start by themselves."""

    @property
    def total(self) -> int:
        """Everything."""
        return self.schedules + self.once


@dataclass(frozen=True, slots=True)
class Starting:
    """How much starts by itself."""

    schedules: int = 0
    """Those that are on and have a next run."""
    off: int = 0
    """Schedules that are not."""
    once: int = 0
    """Jobs with a time that are not held."""

    @property
    def total(self) -> int:
        """Everything that will start."""
        return self.schedules + self.once

    @property
    def any(self) -> bool:
        """Whether there is anything at all, on or off."""
        return bool(self.schedules or self.off or self.once)


@dataclass(frozen=True, slots=True)
class PlannedSchedule:
    """A schedule with what its line says."""

    schedule: Schedule
    words: str
    """Its rule, such as `Every day at 02:30`."""
    last: ScheduleRun | None
    """The newest run that was not left out."""
    gap_since: float | None
    """Since when posts of a source may be missing."""
    ailing: int
    """Sources that cannot be read as they are."""


Plan = PlannedSchedule | Job
"""One line of the list."""


@dataclass(frozen=True, slots=True)
class NextRun:
    """One run to come."""

    at: float
    text: str
    """The moment on the clock of the schedule's zone."""
    marked: str
    """What is special about that night, such as `clock goes back`; empty: nothing."""


@dataclass(frozen=True, slots=True)
class PlanFacts:
    """Everything about one schedule beyond its line."""

    plan: PlannedSchedule
    next_runs: tuple[NextRun, ...]
    sources: tuple[Source, ...]
    """The first ones."""
    source_count: int
    success: float | None
    """Share of its runs that went well, 0 to 1; None: none ended yet."""
    mean_s: float | None
    """How long a run takes."""
    runs: tuple[ScheduleRun, ...]
    """The newest ones, newest first."""


@dataclass(frozen=True, slots=True)
class Hours:
    """How much starts in the time to come, in slots of equal length."""

    begin: float
    slot_s: float
    starts: tuple[int, ...]
    cut: bool = False
    """There are so many schedules that only the next run of each is counted."""
