"""Begins runs of schedules when they are due, once each, whatever the clock, the machine or other schedulers do.

What makes it once is the row of the due time (`schedule_runs.open_run`), in the one transaction that also makes the
jobs and notes when the next run is due: killed at any moment, all of it has happened or nothing. Any number of
schedulers may look at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from mediadl.errors import DiskFull
from mediadl.logs import get_logger
from mediadl.models.schedules import RunKind, RunState, ScheduleRun
from mediadl.security.text import safe_text
from mediadl.settings.schema import Settings
from mediadl.store import schedule_runs, schedules
from mediadl.store.database import Connection, Database
from mediadl.store.locks import boot_time_s
from mediadl.workers import run_ends, run_maker, run_times
from mediadl.workers.run_hours import Hours

_log = get_logger("schedules")

LOOK_S = 1.0
"""So often it is asked whether someone changed something."""
JUMP_S = 2.0
"""A clock that moves so much against the time since the machine's start was set."""
BACK_S = 86_400.0
"""A schedule that is ahead of the clock by more was led on by a wrong one, and is reckoned anew."""
TURN_S = 0.1
"""Runs are begun for so long at a time; the daemon's turns wait meanwhile."""
DISK_PAUSE_S = 30.0


class Scheduler:
    """Called by the daemon between two turns; costs nothing until something is due or was changed."""

    def __init__(
        self,
        database: Database,
        *,
        wall: Callable[[], float] = time.time,
        boot: Callable[[], float] = boot_time_s,
        look_s: float = LOOK_S,
    ) -> None:
        """The clocks are the edge where tests put their own: `wall` can be set, `boot` only goes on, asleep too."""
        self._database = database
        self._wall = wall
        self._boot = boot
        self._look_s = look_s
        self._hours = Hours(database)
        self._drift: float | None = None
        self._next_at = float("-inf")
        """When something is due (wall)."""
        self._next_look = float("-inf")
        self._seen = (-1, -1)
        self._settings: Settings | None = None

    def tick(self, settings: Settings, *, at_once: bool = False) -> int:
        """Begin what is due; returns how many runs began, and jobs stop or go on with their hours.

        `at_once`: hear also of what happened within the last second.
        """
        now, boot = self._wall(), self._boot()
        drift = now - boot
        step = 0.0 if self._drift is None else drift - self._drift
        was_set = abs(step) > JUMP_S
        if not was_set and now < self._next_at:
            if boot < self._next_look and not at_once:
                return 0
            self._next_look = boot + self._look_s
            if self._state() == self._seen and settings is self._settings:
                return 0
        if was_set:
            _log.info("the clock was set %s by %.0f s", "back" if step < 0 else "forward", abs(step))
        is_new = self._drift is None
        self._drift = drift
        self._settings = settings
        try:
            if is_new or step < -JUMP_S:
                self._mend(now)
            return self._look(settings, now)
        except DiskFull as error:
            _log.error("no run can begin: %s", error.message)
            self._next_at = now + DISK_PAUSE_S
            return 0

    def _state(self) -> tuple[int, int]:
        """Changes when others commit something, or this thread does."""
        return self._database.data_version(), self._database.read().total_changes

    def _look(self, settings: Settings, now: float) -> int:
        version, _ = self._state()
        self._end_over(now)
        begun = 0 if settings.schedules.paused else self._begin_due(settings, now)
        change, others = self._hours.look(now)
        events = [change]
        if not settings.schedules.paused:
            events += [run.starts_at for run in schedule_runs.held(self._database.read())]
            events.append(schedules.next_start(self._database.read()))
        self._next_at = min((at for at in events if at is not None), default=float("inf"))
        self._seen = (version, self._state()[1])
        return begun + others

    def _begin_due(self, settings: Settings, now: float) -> int:
        """Begin the runs whose time has come, as many as fit a turn."""
        end = time.monotonic() + TURN_S
        begun = 0
        for run in schedule_runs.held(self._database.read()):
            begun += self._begin_held(run, settings, now)
        while due := schedules.due(self._database.read(), now, 20):
            for schedule in due:
                with self._database.write() as tx:
                    begun += self._fire(tx, schedule.id, settings, now)
                if time.monotonic() > end:
                    return begun
        return begun

    def _begin_held(self, run: ScheduleRun, settings: Settings, now: float) -> bool:
        """Begin a held run if it may; false when it waits on, or there is nothing to do."""
        read = self._database.read()
        schedule = schedules.get(read, run.schedule_id)
        opens = self._hours.opens(schedule, now)
        if schedule.enabled and (opens > now or (run.starts_at or now) > now):
            if opens > now and opens != run.starts_at:  # other hours were told since
                with self._database.write() as tx:
                    schedule_runs.hold_until(tx, run.id, opens)
            return False
        with self._database.write() as tx:
            if not schedule.enabled:
                run_ends.end(tx, run.id, RunState.SKIPPED, now, message="The schedule was switched off")
                return False
            return bool(run_maker.begin(tx, schedule, run.id, settings, now))

    def _fire(self, tx: Connection, schedule_id: int, settings: Settings, now: float) -> bool:
        """Deal with the due times of a schedule up to now; false when there is no run."""
        schedule = schedules.find(tx, schedule_id)
        if schedule is None or not schedule.enabled or schedule.next_due_at is None:
            return False
        if schedule.next_start_at is None or schedule.next_start_at > now:
            return False
        try:
            rule = run_times.rule_of(schedule)
            pause_s = run_times.pause_of(tx, schedule, now)
            decision = rule.decide(schedule.next_due_at, now, pause_s=pause_s)
        except (ValueError, KeyError) as error:
            _log.error("%s: cannot be read any more: %s", safe_text(schedule.name), error)
            schedules.set_next(tx, schedule.id, None, now, note=f"Cannot be read any more: {error}")
            return False
        jobs: list[int] = []
        dealt_with = decision.run or decision.skipped
        last = dealt_with.due_at if dealt_with else None
        schedules.set_next(tx, schedule.id, decision.next, now, last_due_at=last)
        schedule = schedules.get(tx, schedule.id)
        if decision.skipped is not None:
            why = "Nobody was there at its time"
            run_maker.skip(tx, schedule, decision.skipped, decision.missed, why, now)
        if decision.run is not None:
            due = decision.run
            if (opens := self._hours.opens(schedule, now)) > now:
                due = replace(due, start_at=opens)
            jobs = run_maker.start_run(tx, schedule, due, RunKind.DUE, settings, now, missed=decision.missed)
        if not jobs:
            schedule_runs.prune(tx, schedule.id, settings.schedules.keep_runs)
        return bool(jobs)

    def _end_over(self, now: float) -> None:
        """End runs whose last jobs a person stopped, or that would wait for too long."""
        for run_id in schedule_runs.over(self._database.read()):
            with self._database.write() as tx:
                run = schedule_runs.get(tx, run_id)
                if run.state is RunState.RUNNING and schedule_runs.over(tx, run_id):
                    run_ends.conclude(tx, run, now)

    def _mend(self, now: float) -> None:
        """Reckon schedules anew that a clock which was far ahead has led on. What had its run then has none again."""
        for schedule_id in schedules.ahead_of(self._database.read(), now + BACK_S):
            with self._database.write() as tx:
                schedule = schedules.find(tx, schedule_id)
                if schedule is None or not schedule.enabled:
                    continue
                try:
                    first = run_times.rule_of(schedule).first(now, run_times.pause_of(tx, schedule, now))
                except (ValueError, KeyError):
                    continue
                schedules.set_next(tx, schedule_id, first, now, last_due_at=now)
