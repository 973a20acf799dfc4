"""Keeps the jobs of schedules within their allowed hours."""

from __future__ import annotations

from mediadl.logs import get_logger
from mediadl.models.schedules import Schedule
from mediadl.security.text import safe_text
from mediadl.settings.schedule import WindowEnd
from mediadl.store import job_hours, schedule_runs, schedules
from mediadl.store.database import Database
from mediadl.timing import zones
from mediadl.timing.windows import Windows

_log = get_logger("schedules")

_MOST_KNOWN = 1000


class Hours:
    """Called by the scheduler. Runs that a person asked for may work at any hour."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[int, tuple[float, Windows | None, bool]] = {}
        """By schedule: when it was changed, its hours, whether jobs at work stop at their end."""

    def look(self, now: float) -> tuple[float | None, int]:
        """Hold what may not work now, let go what may; returns when that changes next, and how many jobs it touched."""
        read = self._database.read()
        runs = schedule_runs.under_hours(read)
        if len(self._known) > 2 * len(runs) + _MOST_KNOWN:
            self._known.clear()
        changes: list[float] = []
        done = 0
        for run_id, schedule_id, changed_at in runs:
            windows, pause = self._of(schedule_id, changed_at)
            if windows is None or windows.open_at(now):
                if job_hours.is_held(read, run_id):
                    done += self._release(run_id, now)
                change = None if windows is None else windows.closes(now)
            else:
                change = windows.opens(now)
                done += self._hold(run_id, change, now, pause=pause)
            if change is not None:
                changes.append(change)
        return min(changes, default=None), done

    def opens(self, schedule: Schedule, now: float) -> float:
        """When a run of a schedule may begin: `now`, or a later moment."""
        windows, _ = self._of(schedule.id, schedule.changed_at)
        return now if windows is None else windows.opens(now)

    def _of(self, schedule_id: int, changed_at: float) -> tuple[Windows | None, bool]:
        known = self._known.get(schedule_id)
        if known is None or known[0] != changed_at:
            known = (changed_at, *self._read(schedule_id))
            self._known[schedule_id] = known
        return known[1], known[2]

    def _read(self, schedule_id: int) -> tuple[Windows | None, bool]:
        schedule = schedules.find(self._database.read(), schedule_id)
        words = tuple(schedule.spec.get("windows") or ()) if schedule else ()
        if schedule is None or not words:
            return None, False
        try:
            windows = Windows.parse(words, zones.zone(str(schedule.spec.get("time_zone") or "")))
        except ValueError as error:
            _log.warning("%s: its allowed hours cannot be read: %s", safe_text(schedule.name), error)
            return None, False
        return windows, schedule.spec.get("window_end") == WindowEnd.PAUSE

    def _hold(self, run_id: int, until: float, now: float, *, pause: bool) -> int:
        with self._database.write() as tx:
            held = job_hours.hold(tx, run_id, until, now, pause=pause)
        if held:
            _log.info("%d jobs wait for the allowed hours of their schedule", held)
        return held

    def _release(self, run_id: int, now: float) -> int:
        with self._database.write() as tx:
            freed = job_hours.release(tx, run_id, now)
        if freed:
            _log.info("the allowed hours have come: %d jobs go on", freed)
        return freed
