"""What can be done on the Scheduler, to the marked rows or the one under the cursor: schedules and jobs alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from mediadl.models.plans import PlanCounts
from mediadl.screens.job_verbs import JobVerbs
from mediadl.screens.marking import Marking
from mediadl.screens.page import Page
from mediadl.screens.schedule_verbs import ScheduleVerbs
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural
from mediadl.widgets.plan_columns import PlanRow
from mediadl.widgets.when import local

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.undo import UndoLog

_ON_ROWS = ("details", "run_now", "pause", "remove", "copy", "mark", "mark_range", "mark_all")
_ON_SCHEDULES = ("edit", "duplicate", "fill_gap", "preview")
_ONE_ONLY = ("details", "edit", "duplicate", "preview", "copy")


class SchedulerActs(Marking[PlanRow], Page, inherit_bindings=False):
    """Marks and verbs; the screen that builds on it says which rows are listed."""

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self.verbs = JobVerbs(self.app, services, self.ask)
        self.schedule_verbs = ScheduleVerbs(self.app, services, self.ask)

    @property
    def counts(self) -> PlanCounts | None:
        """How many there are of each kind, as last read."""
        raise NotImplementedError

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = {f"scheduler.{name}": reason for name, reason in self._reasons().items()}
        return super().reasons() | found

    def _reasons(self) -> dict[str, str]:
        row, marked = self.table.current, len(self.table.marks)
        counts = self.counts
        found: dict[str, str] = {}
        if counts is not None and not counts.on and not counts.once:
            found["pause_all"] = "Nothing starts by itself."
        if counts is not None and not counts.off and not counts.once:
            found["resume_all"] = "No schedule is off, no job is held."
        if row is None and not marked:
            return found | dict.fromkeys((*_ON_ROWS, *_ON_SCHEDULES, "set_time"), "Nothing is scheduled.")
        if marked:
            several = "That goes for one at a time: Esc takes the marks away."
            found |= dict.fromkeys(_ONE_ONLY, several) if marked > 1 else {}
            if all(key < 0 for key in self.table.marks):
                found["set_time"] = "A schedule has a rule: e changes it."
        elif row is not None and row.job is not None:
            found |= dict.fromkeys(_ON_SCHEDULES, "This is a job that starts once, not a schedule.")
        elif row is not None and row.plan is not None:
            found["set_time"] = "A schedule has a rule: e changes it."
            if row.plan.gap_since is None:
                found["fill_gap"] = "Nothing is known to be missing."
        return found

    def action_mark_all(self) -> None:
        """Mark every row shown, or none."""
        if self.table.marks or self.table.range_active or not self.refused("mark_all"):
            super().action_mark_all()

    # Making and changing

    def action_new(self) -> None:
        """Make a schedule."""
        from mediadl.screens.dialogs.schedule_editor import open_editor

        open_editor(self.app, self._services, then=self._made)

    def _made(self, schedule_id: int) -> None:
        self.table.pin_to(-schedule_id)
        self.ask()

    def action_edit(self) -> None:
        """Change the schedule under the cursor."""
        from mediadl.screens.dialogs.schedule_editor import open_editor

        row = self.table.current
        if not self.refused("edit") and row is not None and row.plan is not None:
            self.table.pin()
            open_editor(self.app, self._services, row.plan.schedule, then=self._made)

    def action_duplicate(self) -> None:
        """Another one like it, switched off until it is changed."""
        row = self.table.current
        if not self.refused("duplicate") and row is not None:
            self.schedule_verbs.duplicate(-row.key, self._duplicated)

    def _duplicated(self, schedule_id: int) -> None:
        self.notify("Made a copy; it is off. e changes it, p switches it on.", timeout=5, markup=False)
        self._made(schedule_id)

    def action_preview(self) -> None:
        """What its next run would fetch."""
        from mediadl.screens.dialogs.schedule_preview import preview

        row = self.table.current
        if not self.refused("preview") and row is not None and row.plan is not None:
            preview(self.app, self._services, row.plan.schedule)

    def action_details(self) -> None:
        """Open the details of what is under the cursor."""
        row = self.table.current
        if self.refused("details") or row is None:
            return
        self.table.pin()
        if row.plan is not None:
            from mediadl.screens.dialogs.schedule import ScheduleDialog

            dialog = ScheduleDialog(self._services, row.plan, self.schedule_verbs)
            self.app.push_screen(dialog, lambda _: self.ask())
        elif row.job is not None:
            from mediadl.screens.dialogs.details import DetailsDialog

            self.app.push_screen(DetailsDialog(self._services, row.job, self.verbs), lambda _: self.ask())

    def action_add(self) -> None:
        """Open the add dialog."""
        self.program.add()

    def action_copy(self) -> None:
        """Copy the address of the job, or the sources of the schedule."""
        row = self.table.current
        if self.refused("copy") or row is None:
            return
        if row.job is not None:
            lines = [safe_text(row.job.url, limit=4096)]
        else:
            assert row.plan is not None
            lines = [safe_text(one, limit=4096) for one in row.plan.schedule.spec.get("sources", ())]
        self.app.copy_to_clipboard("\n".join(lines))
        said = lines[0] if len(lines) == 1 else plural(len(lines), "source")
        self.notify(safe_text(said, limit=200), title="Copied", timeout=3, markup=False)

    # Starting, holding

    def action_run_now(self) -> None:
        """Start as soon as there is room."""
        self._on_both("run_now", self.schedule_verbs.run_now, lambda jobs, _row: self._start_jobs(jobs))

    def _start_jobs(self, keys: list[int]) -> None:
        queue = self._services.queue

        def change(_progress: object) -> str:
            from mediadl.service.undo import UndoLog

            log = UndoLog()
            changed = queue.start_now([job.id for job in queue.get_many(keys)], undo=log)
            if not changed:
                return "It started meanwhile"
            self.program.offer_undo(f"Starting {plural(len(changed), 'job')}", partial(self._take_back, log))
            return ""

        self.verbs.run(change)

    def _take_back(self, log: UndoLog) -> str:
        return f"{plural(self._services.queue.undo(log), 'job')} as before"

    def action_fill_gap(self) -> None:
        """Fetch what may be missing."""
        self._on_both("fill_gap", self.schedule_verbs.fill_gap, lambda _jobs, _row: None)

    def action_pause(self) -> None:
        """Schedules off or on; jobs held or let go on at their time."""
        on = self._mostly_off()
        self._on_both(
            "pause",
            lambda ids: self.schedule_verbs.switch(ids, on=on),
            lambda jobs, row: self.verbs.pause_or_resume(jobs, row.job if row else None),
        )

    def _mostly_off(self) -> bool:
        """Whether the schedules meant are to be switched on: the one under the cursor, or all marked ones, are off."""
        marks, row = self.table.marks, self.table.current
        rows = [one for one in self.table.loaded_rows if one.key in marks] if marks else [row] if row else []
        plans = [one.plan for one in rows if one.plan is not None]
        return bool(plans) and not any(plan.schedule.enabled for plan in plans)

    def action_pause_all(self) -> None:
        """Nothing starts by itself any more."""
        if not self.refused("pause_all"):
            self._all(on=False)

    def action_resume_all(self) -> None:
        """Everything starts by itself again."""
        if not self.refused("resume_all"):
            self._all(on=True)

    def _all(self, *, on: bool) -> None:
        services, verbs = self._services, self.schedule_verbs

        def jobs(wanted: Sequence[int], *, hold: bool) -> list[int]:
            return (services.queue.pause if hold else services.queue.resume)(list(wanted))

        def work() -> str:
            from mediadl.models.plans import PlanQuery

            keys = services.plans.keys(PlanQuery(), 0, services.plans.count(PlanQuery()))
            schedules = [one.id for one in verbs.turn([-key for key in keys if key < 0], on=on)]
            once = jobs([key for key in keys if key > 0], hold=not on)
            if not schedules and not once:
                return "Nothing was changed."

            def undo() -> str:
                verbs.turn(schedules, on=not on)
                jobs(once, hold=on)
                return "All as before"

            done = [plural(len(schedules), "schedule")] if schedules else []
            done += [plural(len(once), "job")] if once else []
            self.program.offer_undo(f"{'Resumed' if on else 'Paused'} {' and '.join(done)}", undo)
            return ""

        verbs.work(work)

    # The time of jobs

    def action_set_time(self) -> None:
        """Ask for another time."""
        self._on_both("set_time", lambda _ids: None, self._ask_time)

    def _ask_time(self, keys: list[int], row: PlanRow | None) -> None:
        from mediadl.screens.dialogs.moment import MomentDialog

        def decided(at: float | None) -> None:
            if at is not None:
                self._set_time(keys, at)

        what = row.title if row is not None else plural(len(keys), "job")
        self.app.push_screen(MomentDialog(what), decided)

    def _set_time(self, keys: list[int], at: float) -> None:
        queue = self._services.queue
        before: dict[float, list[int]] = {}

        def take_back() -> str:
            back = [job_id for was, ids in before.items() for job_id in queue.set_start(ids, was)]
            return f"{plural(len(back), 'job')} as before"

        def change(_progress: object) -> str:
            from mediadl.models import JobStatus

            for job in queue.get_many(keys):
                if job.not_before is not None and job.status in {JobStatus.SCHEDULED, JobStatus.PAUSED}:
                    before.setdefault(job.not_before, []).append(job.id)
            changed = queue.set_start([job_id for ids in before.values() for job_id in ids], at)
            if not changed:
                return "It started meanwhile"
            said = f"New start for {plural(len(changed), 'job')}: {local(at, self.table.clock())}"
            self.program.offer_undo(said, take_back)
            return ""

        self.verbs.run(change)

    # Removing

    def action_remove(self) -> None:
        """Take out of the list, after one question."""
        self.on_targets("remove", self._confirm_remove, keep_marks=True)

    def _confirm_remove(self, keys: list[int], row: PlanRow | None) -> None:
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        schedules, jobs = [-key for key in keys if key < 0], [key for key in keys if key > 0]
        named = [plural(len(schedules), "schedule")] if schedules else []
        named += [plural(len(jobs), "job")] if jobs else []
        what = " and ".join(named)
        lines = [row.title] if row is not None else []
        if schedules:
            lines.append("The history of its runs goes with it; files and what is known of its sources stay.")
        pronoun = "it" if len(keys) == 1 else "them"
        lines.append(f"u brings {pronoun} back for a few seconds.")

        def decided(agreed: bool | None) -> None:
            if agreed:
                self._drop_marks(keys)
                if schedules:
                    self.schedule_verbs.remove(schedules)
                if jobs:
                    self.verbs.remove(jobs)

        noun = "schedule" if schedules else "job"
        question = f"Remove this {noun}?" if row is not None else f"Remove {what}?"
        self.app.push_screen(ConfirmDialog(question, "\n".join(lines), yes=f"Remove {what}"), decided)

    # Inside

    def _on_both(
        self,
        name: str,
        schedules: Callable[[list[int]], None],
        jobs: Callable[[list[int], PlanRow | None], None],
    ) -> None:
        """Do something to the schedules and something to the jobs among the rows meant."""

        def use(keys: list[int], row: PlanRow | None) -> None:
            again, once = [-key for key in keys if key < 0], [key for key in keys if key > 0]
            if again:
                schedules(again)
            if once:
                jobs(once, row)
            if name == "run_now":
                self._drop_marks(keys)

        self.on_targets(name, use, keep_marks=True)

    def _drop_marks(self, keys: Sequence[int]) -> None:
        if self.table.marks:
            self.table.set_marks(self.table.marks - set(keys))
