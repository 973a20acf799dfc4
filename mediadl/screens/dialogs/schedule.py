"""One schedule in full: its rule, its runs and what they brought, its sources and how they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.errors import NotFound
from mediadl.events import Event
from mediadl.models.plans import PlanFacts, PlannedSchedule
from mediadl.models.schedules import ScheduleRun, Source
from mediadl.screens.actions import Scope, actions_of, bindings, hints, key_word
from mediadl.screens.notices import notify_error
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_text
from mediadl.widgets import plan_pane
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.messages import Newest
from mediadl.widgets.plan_columns import of_plan
from mediadl.widgets.plan_pane import PaneKeys
from mediadl.widgets.run_chart import chart
from mediadl.widgets.run_columns import RUN_COLUMNS, SOURCE_COLUMNS
from mediadl.widgets.window import Place, Window, read_window
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.screens.page import Program
    from mediadl.screens.schedule_verbs import ScheduleVerbs
    from mediadl.service import Services

_SOURCES, _RUNS = 1000, 120
_QUIET = "$foreground-muted"
_CHART_LINES = 5
_CHART_FROM = 36
"""Lines of the window from which on there is room for a chart."""


@dataclass(frozen=True, slots=True)
class _View:
    facts: PlanFacts
    runs: Window[ScheduleRun]


def read(services: Services, schedule_id: int, place: Place) -> _View:
    """Everything about a schedule; blocking.

    Raises:
        NotFound: it is gone.
    """
    plans = services.plans
    facts = plans.facts(schedule_id, sources=_SOURCES, runs=_RUNS)
    window = read_window(
        place,
        total=plans.run_count(schedule_id),
        page=lambda offset, limit: plans.runs(schedule_id, offset, limit),
        key=lambda run: run.id,
        # What is far down does not move while it is looked at
        index_of=lambda _run_id: place.cursor,
    )
    return _View(facts, window)


class ScheduleDialog(TableKeys, ModalScreen[None], inherit_bindings=False):
    """Shows one schedule, live."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SCHEDULE,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SCHEDULE, modal=True)]
    AUTO_FOCUS = "#runs"
    CSS_PATH = "schedule.tcss"

    class Answered(Newest):
        """It was read."""

        def __init__(self, view: _View) -> None:
            super().__init__()
            self.view = view

    def __init__(self, services: Services, plan: PlannedSchedule, verbs: ScheduleVerbs) -> None:
        super().__init__()
        self._services = services
        self._plan = plan
        self._verbs = verbs
        self._facts: PlanFacts | None = None
        self._sources_shown = False
        self._about = Static("", id="facts", markup=False)
        self._chart = Static("", id="chart", markup=False)
        self._switch = Line(id="switch")
        self._runs: WindowTable[ScheduleRun] = WindowTable(
            RUN_COLUMNS, key=lambda run: run.id, markable=False, id="runs"
        )
        self._sources: WindowTable[Source] = WindowTable(
            SOURCE_COLUMNS, key=lambda source: source.id, markable=False, id="sources"
        )
        self._nothing = Static("No run yet. r starts one now.", id="nothing", markup=False)
        self._keys = KeyBar(id="schedule-keys")
        self._queries: LatestQuery[Place, _View] = LatestQuery(
            partial(read, services, plan.schedule.id), self._publish, self._trouble
        )

    def compose(self) -> ComposeResult:
        """Facts, chart, runs or sources, keys."""
        with Vertical(id="schedule", classes="dialog") as box:
            box.border_title = Content(safe_text(self._plan.schedule.name))
            yield self._about
            yield self._chart
            yield self._switch
            yield self._runs
            yield self._sources
            yield self._nothing
            yield self._keys

    def on_mount(self) -> None:
        """Show what is known, read the rest."""
        self.app.run_worker(
            self._queries.run, thread=True, group="queries", name="schedule", exit_on_error=False
        )
        self._show()
        self.call_after_refresh(self.ask)
        self.set_interval(1.0, self.ask)

    def on_unmount(self) -> None:
        """Stop reading."""
        self._queries.stop()

    def on_resize(self) -> None:
        """Other words fit."""
        self.call_after_refresh(self._show)

    # Reading

    def hear(self, _happened: Sequence[Event]) -> None:
        """The database changed."""
        self.ask()

    def ask(self) -> None:
        """Read again."""
        if self.is_attached:
            self._queries.ask(self._runs.place)

    def _publish(self, view: _View) -> None:
        # Thread of the queries
        self.post_message(self.Answered(view))

    def _trouble(self, error: Exception) -> None:
        # Thread of the queries
        if isinstance(error, NotFound):
            # Removed elsewhere
            self.app.call_later(self.action_close)
        else:
            notify_error(self.app, error)

    def on_schedule_dialog_answered(self, message: Answered) -> None:
        """Show it."""
        facts = message.view.facts
        self._facts, self._plan = facts, facts.plan
        self._runs.show(message.view.runs)
        sources, place = facts.sources, self._sources.place
        self._sources.show(Window(place, len(sources), place.first, place.cursor, None, 0, sources))
        self._show()

    # Showing

    @property
    def table(self) -> WindowTable[Any]:
        """Runs or sources, whichever is shown."""
        return self._sources if self._sources_shown else self._runs

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = {}
        if self._plan.gap_since is None:
            found["fill_gap"] = "Nothing is known to be missing."
        if self.table.current is None:
            found["copy"] = "There is nothing to copy."
        elif isinstance(self.table.current, ScheduleRun) and not self.table.current.error:
            found["copy"] = "This run has no error to copy."
        against = cast("Program", self.app).reasons()
        if why := against.get("app.undo", ""):
            found["undo"] = why
        return {**{f"schedule.{name}": reason for name, reason in found.items()}, **against}

    def _show(self) -> None:
        now = self._runs.clock()
        keymap = cast("Program", self.app).keymap
        named = {a.name: key_word(a.keys[0]) for a in actions_of(*self.SCOPES, keymap=keymap) if a.keys}
        keys = PaneKeys(named.get("fill_gap", ""), "" if self._sources_shown else named.get("switch", ""))
        width = max(self._about.size.width, 20)
        row = of_plan(self._plan)
        lines = plan_pane.plan(row, self._facts, now, width, 6, keys)
        self._about.update(lines)
        high = self.app.size.height >= _CHART_FROM
        drawn = chart(self._facts.runs, width, _CHART_LINES) if high and self._facts is not None else []
        self._chart.display = bool(drawn)
        if drawn:
            self._chart.update(Content("\n").join(drawn))
        self._runs.display = not self._sources_shown and self._runs.total > 0
        self._sources.display = self._sources_shown
        self._nothing.display = not self._sources_shown and not self._runs.total
        count = self._facts.source_count if self._facts else len(self._plan.schedule.spec.get("sources", ()))
        tabs = (("Runs", self._runs.total, not self._sources_shown), ("Sources", count, self._sources_shown))
        pieces = [
            Piece(
                f"[{word} {n:,}]" if on else f"{word} {n:,}",
                "bold $text-accent" if on else _QUIET,
                0,
                "switch",
            )
            for word, n, on in tabs
        ]
        self._switch.put(pieces)
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True, keymap=keymap))

    def on_window_table_wanted(self) -> None:
        """Rows are missing."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Other keys may do something."""
        self._show()

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer or a tab was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    # Actions

    def action_close(self) -> None:
        """Back."""
        if self.is_current:
            self.dismiss(None)

    def action_switch(self) -> None:
        """Runs or sources."""
        self._sources_shown = not self._sources_shown
        self._show()
        self.table.focus()

    def _refused(self, name: str) -> bool:
        reason = self.reasons().get(f"schedule.{name}", "")
        if reason:
            self.notify(reason, severity="warning", timeout=4, markup=False)
        return bool(reason)

    def action_run_now(self) -> None:
        """Start a run now."""
        self._verbs.run_now([self._plan.schedule.id])

    def action_pause(self) -> None:
        """Switch it off or on."""
        self._verbs.switch([self._plan.schedule.id], on=not self._plan.schedule.enabled)

    def action_fill_gap(self) -> None:
        """Fetch what may be missing."""
        if not self._refused("fill_gap"):
            self._verbs.fill_gap([self._plan.schedule.id])

    def action_edit(self) -> None:
        """Change it."""
        from mediadl.screens.dialogs.schedule_editor import open_editor

        open_editor(self.app, self._services, self._plan.schedule, then=lambda _made: self.ask())

    def action_preview(self) -> None:
        """What its next run would fetch."""
        from mediadl.screens.dialogs.schedule_preview import preview

        preview(self.app, self._services, self._plan.schedule)

    def action_undo(self) -> None:
        """Take the last change back."""
        if not self._refused("undo"):
            self.app.call_later(self.app.run_action, "app.undo")

    def action_copy(self) -> None:
        """Copy what is under the cursor."""
        row = self.table.current
        if self._refused("copy") or row is None:
            return
        text = row.error if isinstance(row, ScheduleRun) else row.url
        self.app.copy_to_clipboard(safe_text(text, limit=4096))
        self.notify(safe_text(text, limit=200), title="Copied", timeout=3, markup=False)
