"""Schedules: told, changed, switched, run at once; what they did and will do. Text files are in `schedule_files`."""

from __future__ import annotations

import builtins
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mediadl.models.plans import NextRun, PlannedSchedule
from mediadl.models.schedules import RunKind, Schedule, ScheduleRun, Source
from mediadl.security.permissions import Right
from mediadl.service import schedule_check as checking
from mediadl.service import schedule_files as files
from mediadl.service import schedule_keeping as keeping
from mediadl.service.plans import listed, next_runs
from mediadl.service.rights import asks, does
from mediadl.service.schedule_asking import Asking
from mediadl.service.schedule_files import Plan
from mediadl.store import schedule_runs, schedules
from mediadl.store.schedule_runs import Statistics

_NEXT = 5


@dataclass(frozen=True, slots=True)
class ScheduleDetails:
    """A schedule with everything about it."""

    plan: PlannedSchedule
    sources: tuple[Source, ...]
    next_runs: tuple[NextRun, ...]
    open_run: ScheduleRun | None
    """The run that is going on, or waits for the allowed hours."""
    statistics: Statistics


@dataclass(frozen=True, slots=True)
class Started:
    """A run that was asked for."""

    run: ScheduleRun
    job_ids: tuple[int, ...]


class ScheduleService(Asking):
    """The schedules of one data folder. A schedule is named by its number or its name."""

    # Looking

    @asks(Right.SCHEDULES_OWN)
    def list(self) -> builtins.list[PlannedSchedule]:
        """Schedules by name, each with its rule in words, its last run and what ails its sources."""
        read = self._services.store.read()
        return listed(read, schedules.list(read, owner_id=self._owner))

    @asks(Right.SCHEDULES_OWN)
    def details(self, word: str | int) -> ScheduleDetails:
        """Everything about a schedule.

        Raises:
            NotFound: there is none.
        """
        read = self._services.store.read()
        found = self._find(read, word)
        return ScheduleDetails(
            listed(read, [found])[0],
            tuple(schedules.sources_of(read, found.id)),
            tuple(next_runs(found, time.time(), _NEXT)),
            next(iter(schedule_runs.running(read, found.id)), None),
            schedule_runs.statistics(read, found.id),
        )

    @asks(Right.SCHEDULES_OWN)
    def history(self, word: str | int, limit: int = 50, offset: int = 0) -> builtins.list[ScheduleRun]:
        """The runs of a schedule, newest first."""
        read = self._services.store.read()
        return schedule_runs.of(read, self._find(read, word).id, limit, offset)

    @asks(Right.SCHEDULES_OWN)
    def statistics(self, word: str | int) -> Statistics:
        """How the runs of a schedule went."""
        read = self._services.store.read()
        return schedule_runs.statistics(read, self._find(read, word).id)

    @asks(Right.SCHEDULES_OWN)
    def next_runs(self, word: str | int, count: int = _NEXT) -> builtins.list[NextRun]:
        """When a schedule runs next; nothing for one that is switched off."""
        return next_runs(self.get(word), time.time(), count)

    # Changing

    @does(Right.SCHEDULES_OWN, "schedule.add", tells=False)
    def add(self, given: Mapping[str, Any]) -> Schedule:
        """Keep a new schedule, told by the fields of `ScheduleSpec`; it starts by itself from now on.

        Raises:
            InvalidInput: the name is taken, or as `check`.
        """
        made = self._checked(given)
        with self._services.store.write() as tx:
            added = keeping.add(tx, made, self.caller.user_id, time.time())
        self._wake()
        return added

    @does(Right.SCHEDULES_OWN, "schedule.change")
    def change(self, word: str | int, given: Mapping[str, Any]) -> Schedule:
        """Change fields of a schedule; what is not given stays. A due time that was dealt with does not come again.

        Raises:
            NotFound: there is none.
            InvalidInput: the name is taken, or as `check`; nothing was changed.
        """
        found = self.get(word)
        made = self._checked(keeping.told(found) | checking.with_rule(given))
        with self._services.store.write() as tx:
            changed = keeping.change(tx, found, made, time.time(), changed_by=self.caller.user_id)
        self._wake()
        return changed

    @does(Right.SCHEDULES_OWN, "schedule.remove")
    def remove(self, words: Sequence[str | int]) -> builtins.list[Schedule]:
        """Forget schedules with their runs. Files, archive and what is known of the sources stay; so do jobs.

        Raises:
            NotFound: one of them does not exist; none was removed.
        """
        with self._services.store.write() as tx:
            found = [self._find(tx, word) for word in words]
            schedules.remove(tx, [one.id for one in found], time.time())
        return found

    @does(Right.SCHEDULES_OWN, "schedule.duplicate")
    def duplicate(self, word: str | int, name: str = "") -> Schedule:
        """A second schedule with all that one was told. It is switched off, so that it can be changed first.

        Raises:
            NotFound: there is none.
            InvalidInput: the name is taken.
        """
        with self._services.store.write() as tx:
            found = self._find(tx, word)
            called = name.strip() or keeping.free_name(tx, found.name)
            made = self._checked(keeping.told(found) | {"name": called, "enabled": False})
            return keeping.add(tx, made, self.caller.user_id, time.time(), like=found)

    @does(Right.SCHEDULES_OWN, "schedule.enable")
    def enable(self, words: Sequence[str | int]) -> builtins.list[Schedule]:
        """Switch schedules on; returns those that were off.

        Raises:
            NotFound: one of them does not exist; nothing was changed. Likewise below.
        """
        changed = self._switch(words, on=True)
        self._wake()
        return changed

    @does(Right.SCHEDULES_OWN, "schedule.disable")
    def disable(self, words: Sequence[str | int]) -> builtins.list[Schedule]:
        """Switch schedules off: kept, but nothing starts by itself. Jobs that are there go on."""
        return self._switch(words, on=False)

    @does(Right.SCHEDULES_OWN, "schedule.run")
    def run_now(self, word: str | int) -> Started:
        """Look at the sources of a schedule now, whatever its rule says; its next due time stays.

        Raises:
            NotFound: there is none.
            InvalidInput: a run of it is going on.
        """
        return self._start(word, RunKind.MANUAL)

    @does(Right.SCHEDULES_OWN, "schedule.fill_gap")
    def fill_gap(self, word: str | int) -> Started:
        """Walk down the lists of the sources without a limit until everything known is reached.

        Raises:
            NotFound: there is none.
            InvalidInput: a run of it is going on.
        """
        return self._start(word, RunKind.GAP)

    # Text files

    @asks(Right.SCHEDULES_OWN)
    def export(self, words: Sequence[str | int] = (), form: str = "toml") -> str:
        """Schedules (all of them without `words`) as text, TOML or YAML, that `plan_file` takes.

        Raises:
            NotFound: one of them does not exist.
        """
        read = self._services.store.read()
        found = [self._find(read, word) for word in words]
        return files.export(self._services, found or schedules.list(read, owner_id=self._owner), form)

    @asks(Right.SCHEDULES_OWN)
    def plan_file(
        self,
        raw: bytes,
        name: str,
        form: str = "",
        *,
        only_add: bool = False,
        told: Mapping[str, Any] | None = None,
        each: bool = False,
    ) -> Plan:
        """What a file would change: all schedules of the caller become as it says; `only_add`: nothing but new ones.

        Args:
            raw: the file.
            name: what it is called; its end tells the format where `form` does not (toml, yaml, opml or csv).
            form: the format.
            only_add: leave what is there as it is.
            told: fields of the schedules that a file of sources only becomes.
            each: one schedule for each source of such a file.

        Raises:
            InvalidInput: the file cannot be used; says which line and why. Further errors: see `schedule_check.check`.
        """
        found = files.entries(raw, name, form, files.Taken(told or {}, each), only_add=only_add)
        return files.plan(self._services, found, name, only_add=only_add)

    @does(Right.SCHEDULES_OWN, "schedule.import", tells=False)
    def carry_out(self, plan: Plan) -> None:
        """Make it so, all or nothing. Nothing is fetched twice: archive and cursors of the sources stay.

        Raises:
            InvalidInput: a schedule was changed meanwhile, or a name is taken by somebody else's.
        """
        with self._services.store.write() as tx:
            files.carry_out(tx, plan, self.caller.user_id, time.time())
        self._wake()

    # Inside

    def _switch(self, words: Sequence[str | int], *, on: bool) -> builtins.list[Schedule]:
        now = time.time()
        changed = []
        with self._services.store.write() as tx:
            for found in [self._find(tx, word) for word in words]:
                due = keeping.next_due(tx, found.spec, found, now) if on else None
                if schedules.set_enabled(tx, found.id, on, due, now):
                    changed.append(schedules.get(tx, found.id))
        return changed

    def _start(self, word: str | int, kind: RunKind) -> Started:
        settings = self._services.settings.values()
        with self._services.store.write() as tx:
            found = self._find(tx, word)
            run_id, job_ids = keeping.start(tx, found, kind, settings, time.time())
            run = schedule_runs.get(tx, run_id)
        self._services.daemon.ensure()
        return Started(run, tuple(job_ids))

    def _wake(self) -> None:
        """See to it that somebody is there when the next run is due."""
        if schedules.next_start(self._services.store.read()) is not None:
            self._services.daemon.ensure()
