"""The Scheduler: what starts by itself, and when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.widgets import Static

from mediadl.events import Event, EventKind
from mediadl.models import JobStatus
from mediadl.screens.actions import Scope, actions_of, bindings
from mediadl.screens.job_verbs import JobVerbs
from mediadl.screens.page import Page
from mediadl.screens.scheduler_view import PlanView, read_plans
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.plan_columns import PLAN_COLUMNS, PlanRow
from mediadl.widgets.plan_pane import DayStrip, PlanPane, nothing
from mediadl.widgets.when import local
from mediadl.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from mediadl.service import Services
    from mediadl.service.undo import UndoLog

_LEAST_LINES = 18
"""Lines of the window from which on there is room below the list."""

_STILL_PLANNED = {JobStatus.SCHEDULED.value, JobStatus.PAUSED.value}

_OF_JOBS = frozenset({EventKind.JOB_ADDED, EventKind.JOB_CHANGED, EventKind.JOB_REMOVED})

_ON_ROWS = frozenset(
    {"details", "set_time", "run_now", "pause", "remove", "copy", "mark", "mark_range", "mark_all"}
)


class SchedulerScreen(TableKeys, Page, inherit_bindings=False):
    """The list of what has a time to start at."""

    PLACE = "scheduler"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SCHEDULER, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SCHEDULER)]
    AUTO_FOCUS = "#planned"
    CSS_PATH = "scheduler.tcss"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._days = DayStrip(id="days")
        self._table: WindowTable[PlanRow] = WindowTable(PLAN_COLUMNS, key=lambda row: row.key, id="planned")
        self._pane = PlanPane("", id="plan", markup=False)
        self._nothing = Static(nothing(), id="nothing")
        self._verbs = JobVerbs(self.app, services, self.ask)
        self._reader = self.reads("scheduler", partial(read_plans, services), self._show)

    def body(self) -> ComposeResult:
        """Days, list, the row in full."""
        yield self._days
        yield self._nothing
        with Container(id="plans"):
            yield self._table
            yield self._pane

    def on_mount(self) -> None:
        """Times go by."""
        self.set_interval(1.0, self._table.repaint)
        self.set_interval(1.0, self._show_row)

    def on_resize(self) -> None:
        """A low window has no room for the row in full."""
        self.set_class(self.app.size.height < _LEAST_LINES, "-scant")

    # Reading

    def ask(self) -> None:
        """Read the list again."""
        if self.is_attached:
            self._reader.ask(self._table.place)

    def hear(self, happened: Sequence[Event]) -> None:
        """The database changed."""
        gone = {event.job_id for event in happened if _leaves(event)}
        if gone & self._table.marks:
            self._table.set_marks({key for key in self._table.marks if key not in gone})
        if any(event.kind in _OF_JOBS for event in happened):
            self.ask()

    def _show(self, view: PlanView) -> None:
        self._table.show(view.window)
        self._days.show(view.days)
        self.set_class(not view.window.total, "-nothing")
        self._show_row()
        self.refresh_keys()

    def _show_row(self) -> None:
        self._pane.show(self._table.current, self._table.clock())

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """The row under the cursor."""
        row = self._table.current
        return {"row": row.key if row is not None and self._table.pinned else None}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        row = state.get("row")
        if isinstance(row, int):
            self._table.pin_to(row)

    # What is on the screen

    @property
    def table(self) -> WindowTable[PlanRow]:
        """The list."""
        return self._table

    def key_lead(self) -> str:
        """How many are marked."""
        span = self._table.range_rows
        if span is not None:
            return f" range of {count(span[1] - span[0] + 1)} "
        return f" {count(len(self._table.marks))} marked " if self._table.marks else ""

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = super().reasons()
        if self._table.current is None and not self._table.marks:
            found.update({f"scheduler.{name}": "Nothing is scheduled." for name in _ON_ROWS})
        return found

    def on_window_table_wanted(self) -> None:
        """The table needs rows."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Another row."""
        self._show_row()
        self.refresh_keys()

    def on_window_table_marks_changed(self) -> None:
        """The footer says how many."""
        self.refresh_keys()

    def on_window_table_opened(self) -> None:
        """Double click."""
        self.action_details()

    def on_window_table_menu_asked(self, message: WindowTable.MenuAsked) -> None:
        """Right click."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        against = self.reasons()
        choices = [
            Choice(a.name, a.label, a.key_text)
            for a in actions_of(Scope.SCHEDULER)
            if a.group.value == "Jobs" and a.id not in against and a.name != "add"
        ]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    # Marking

    def action_mark(self) -> None:
        """Mark or unmark and go down; takes a range that is open."""
        if self._table.range_active:
            self._take_range()
        elif not self.refused("mark"):
            self._table.toggle_mark()
            self._table.move_by(1)

    def action_mark_range(self) -> None:
        """Begin a range, or take the open one."""
        if self._table.range_active:
            self._take_range()
        elif not self.refused("mark_range"):
            self._table.start_range()

    def action_mark_all(self) -> None:
        """Mark everything, or nothing."""
        if self._table.range_active:
            self._table.end_range()
        if self._table.marks:
            self._table.set_marks(set())
        elif not self.refused("mark_all"):
            self._fetch(0, self._table.total, lambda keys: self._table.set_marks(set(keys)))

    def _take_range(self, then: Callable[[], None] = lambda: None) -> None:
        span = self._table.range_rows
        if span is None:
            return

        def take(keys: Sequence[int]) -> None:
            self._table.end_range()
            self._table.set_marks(self._table.marks | set(keys))
            then()

        self._fetch(span[0], span[1] - span[0] + 1, take)

    def _fetch(self, offset: int, limit: int, use: Callable[[Sequence[int]], None]) -> None:
        """Read the keys of rows in a thread, use them on the loop."""

        def work() -> None:
            found = [job.id for job in self._services.stats.planned(offset, limit)]
            self.app.call_later(use, found)

        self.work(work, group="queries")

    def _on_targets(self, name: str, use: Callable[[list[int], PlanRow | None], None]) -> None:
        """Calls `use` with the marked rows, else with the one under the cursor and that row itself."""
        table = self._table
        if self.refused(name):
            return
        if table.range_active:
            self._take_range(lambda: self._on_targets(name, use))
        elif table.marks:
            use(sorted(table.marks), None)
        elif table.current is not None:
            table.pin()
            use([table.current.key], table.current)

    # Actions

    def action_add(self) -> None:
        """Open the add dialog."""
        self.program.add()

    def action_details(self) -> None:
        """Open the details of the job under the cursor."""
        from mediadl.screens.dialogs.details import DetailsDialog

        row = self._table.current
        if not self.refused("details") and row is not None:
            self._table.pin()
            self.app.push_screen(DetailsDialog(self._services, row.job, self._verbs), lambda _: self.ask())

    def action_set_time(self) -> None:
        """Ask for another time."""
        self._on_targets("set_time", self._ask_time)

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
            for job in queue.get_many(keys):
                if job.not_before is not None and job.status.value in _STILL_PLANNED:
                    before.setdefault(job.not_before, []).append(job.id)
            changed = queue.set_start([job_id for ids in before.values() for job_id in ids], at)
            if not changed:
                return "It started meanwhile"
            said = f"New start for {plural(len(changed), 'job')}: {local(at, self._table.clock())}"
            self.program.offer_undo(said, take_back)
            return ""

        self._verbs.run(change)

    def action_run_now(self) -> None:
        """Start as soon as there is room."""
        self._on_targets("run_now", self._run_now)

    def _run_now(self, keys: list[int], _row: PlanRow | None) -> None:
        queue = self._services.queue

        def change(_progress: object) -> str:
            from mediadl.service.undo import UndoLog

            log = UndoLog()
            changed = queue.start_now([job.id for job in queue.get_many(keys)], undo=log)
            if not changed:
                return "It started meanwhile"
            self.program.offer_undo(f"Starting {plural(len(changed), 'job')}", partial(self._take_back, log))
            return ""

        self._drop_marks(keys)
        self._verbs.run(change)

    def _take_back(self, log: UndoLog) -> str:
        return f"{plural(self._services.queue.undo(log), 'job')} as before"

    def action_pause(self) -> None:
        """Hold, or let go on at its time."""
        self._on_targets(
            "pause", lambda keys, row: self._verbs.pause_or_resume(keys, row.job if row else None)
        )

    def action_remove(self) -> None:
        """Take out of the list, after one question."""
        self._on_targets("remove", self._confirm_remove)

    def _confirm_remove(self, keys: list[int], row: PlanRow | None) -> None:
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        jobs = plural(len(keys), "job")
        text = (
            "u brings it back for a few seconds."
            if len(keys) == 1
            else "u brings them back for a few seconds."
        )
        if row is not None:
            text = f"{row.title}\n{text}"

        def decided(agreed: bool | None) -> None:
            if agreed:
                self._drop_marks(keys)
                self._verbs.remove(keys)

        question = "Remove this job?" if row is not None else f"Remove {jobs}?"
        self.app.push_screen(ConfirmDialog(question, text, yes=f"Remove {jobs}"), decided)

    def _drop_marks(self, keys: Sequence[int]) -> None:
        if self._table.marks:
            self._table.set_marks(self._table.marks - set(keys))

    def action_copy(self) -> None:
        """Copy the address of the job under the cursor."""
        row = self._table.current
        if not self.refused("copy") and row is not None:
            self.app.copy_to_clipboard(safe_text(row.job.url, limit=4096))
            self.notify(safe_text(row.job.url, limit=200), title="Copied", timeout=3, markup=False)

    def action_back(self) -> None:
        """One level back: range, marks. Never quits."""
        if self._table.range_active:
            self._table.end_range()
        elif self._table.marks:
            self._table.set_marks(set())


def _leaves(event: Event) -> bool:
    """Whether a job is no longer among those with a time."""
    if event.kind is EventKind.JOB_REMOVED:
        return True
    status = event.payload.get("status")
    return event.kind is EventKind.JOB_CHANGED and status is not None and status not in _STILL_PLANNED
