"""What starts by itself, as the Scheduler lists it: schedules and jobs with a time together. Only looks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mediadl.errors import NotFound
from mediadl.models.plans import Hours, Plan, PlanCounts, PlanFacts, PlannedSchedule, PlanQuery, Starting
from mediadl.models.schedules import Schedule, ScheduleRun
from mediadl.security.permissions import Right
from mediadl.service.plans import listed, next_runs, rule_of
from mediadl.service.rights import Verbs, asks, own_id
from mediadl.store import jobs, plans, schedule_runs, schedules

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.store.database import Connection

_DAY_S = 86_400.0
_SLOT_S = 600.0
_MOST_RECKONED = 500
"""Schedules whose every run of a day is reckoned; of more only the next one is counted."""
_MOST_STARTS = 300
"""Runs of one schedule in a day that are counted."""
_SOURCES = 50
_RUNS = 30
_NEXT = 5


class PlanService(Verbs):
    """The list of one data folder."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @property
    def _read(self) -> Connection:
        return self._services.store.read()

    # The list

    @asks(Right.SEE_OWN)
    def page(self, query: PlanQuery, offset: int, limit: int) -> list[Plan]:
        """A window of the list: the next one first, what has no time last."""
        read = self._read
        keys = plans.keys(read, query, offset, limit, owner=self._owner)
        once = {job.id: job for job in jobs.get_many(read, [key for key in keys if key > 0])}
        again = self._listed([-key for key in keys if key < 0])
        found: list[Plan | None] = [once.get(key) if key > 0 else again.get(-key) for key in keys]
        return [plan for plan in found if plan is not None]

    @asks(Right.SEE_OWN)
    def count(self, query: PlanQuery) -> int:
        """How long the list is."""
        return plans.count(self._read, query, owner=self._owner)

    @asks(Right.SEE_OWN)
    def counts(self) -> PlanCounts:
        """How many there are of each kind."""
        return plans.counts(self._read, owner=self._owner)

    @asks(Right.SEE_OWN)
    def index_of(self, query: PlanQuery, key: int) -> int | None:
        """The place of a row, from 0. `key`: a job's number, or the negative number of a schedule."""
        return plans.index_of(self._read, query, key, owner=self._owner)

    @asks(Right.SEE_OWN)
    def keys(self, query: PlanQuery, offset: int, limit: int) -> list[int]:
        """The keys of a part of the list."""
        return plans.keys(self._read, query, offset, limit, owner=self._owner)

    @asks(Right.SEE_OWN)
    def first(self) -> Plan | None:
        """What starts next."""
        found = plans.first(self._read, owner=self._owner)
        if found is None:
            return None
        key = found[0]
        if key > 0:
            return next(iter(jobs.get_many(self._read, [key])), None)
        return self._listed([-key]).get(-key)

    @asks(Right.SEE_OWN)
    def starting(self) -> Starting:
        """How much starts by itself."""
        return plans.starting(self._read, owner=self._owner)

    # One schedule

    @asks(Right.SEE_OWN)
    def facts(
        self, schedule_id: int, *, sources: int = _SOURCES, runs: int = _RUNS, now: float | None = None
    ) -> PlanFacts:
        """Everything about a schedule, with so many of its sources and runs.

        Raises:
            NotFound: there is none of that number.
        """
        self._seen(schedule_id)
        read = self._read
        plan = self._listed([schedule_id])[schedule_id]
        looked_at = schedules.sources_of(read, schedule_id)
        figures = schedule_runs.statistics(read, schedule_id)
        return PlanFacts(
            plan,
            tuple(next_runs(plan.schedule, time.time() if now is None else now, _NEXT)),
            tuple(looked_at[:sources]),
            len(looked_at),
            figures.success,
            figures.mean_s,
            tuple(schedule_runs.of(read, schedule_id, runs, 0)),
        )

    @asks(Right.SEE_OWN)
    def runs(self, schedule_id: int, offset: int, limit: int) -> list[ScheduleRun]:
        """A window of the runs of a schedule, newest first.

        Raises:
            NotFound: there is no such schedule.
        """
        self._seen(schedule_id)
        return schedule_runs.of(self._read, schedule_id, limit, offset)

    @asks(Right.SEE_OWN)
    def run_count(self, schedule_id: int) -> int:
        """How many runs of a schedule are remembered.

        Raises:
            NotFound: there is no such schedule.
        """
        self._seen(schedule_id)
        return schedule_runs.count(self._read, schedule_id)

    # The day to come

    @asks(Right.SEE_OWN)
    def hours(self, now: float | None = None) -> Hours:
        """How much starts in the next 24 hours."""
        at = time.time() if now is None else now
        begin = at - at % _SLOT_S
        end, read = begin + _DAY_S, self._read
        slots = [0] * int(_DAY_S / _SLOT_S)
        moments = plans.starts(read, begin, end, owner=self._owner)
        due = plans.due_within(read, end, owner=self._owner)
        cut = len(due) > _MOST_RECKONED
        for schedule_id, start_at in due:
            moments.append(max(start_at, begin))
            if not cut:
                moments += _further(schedules.get(read, schedule_id), end)
        for moment in moments:
            if begin <= moment < end:
                slots[int((moment - begin) // _SLOT_S)] += 1
        return Hours(begin, _SLOT_S, tuple(slots), cut)

    # Inside

    def _listed(self, ids: Sequence[int]) -> dict[int, PlannedSchedule]:
        read = self._read
        found = schedules.get_many(read, ids)
        return {plan.schedule.id: plan for plan in listed(read, found)}

    def _seen(self, schedule_id: int) -> Schedule:
        found = schedules.find(self._read, schedule_id)
        if found is None or (self._owner is not None and found.owner_id != self._owner):
            raise NotFound(f"no schedule {schedule_id}", next_step="It may have been removed meanwhile.")
        return found

    @property
    def _owner(self) -> int | None:
        """Whose plans are seen; None: everybody's."""
        return None if self.caller.may(Right.SCHEDULES_ALL) else own_id(self.caller)


def _further(schedule: Schedule, end: float) -> list[float]:
    """When it starts after its next run, until a moment; of an adaptive one nobody knows before that run."""
    if schedule.next_due_at is None or schedule.spec.get("adaptive"):
        return []
    rule = rule_of(schedule)
    due_at = schedule.next_due_at
    found: list[float] = []
    while len(found) < _MOST_STARTS:
        due = rule.after(due_at)
        if due is None or due.start_at >= end:
            break
        found.append(due.start_at)
        due_at = due.due_at
    return found
