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
from mediadl.models.plans import PlanCounts, PlanFacts, PlanKind, PlanQuery
from mediadl.screens.actions import Action, Scope, actions_of, bindings, key_word
from mediadl.screens.filtering import Filtering
from mediadl.screens.scheduler_acts import SchedulerActs
from mediadl.screens.scheduler_view import (
    DayReader,
    DayView,
    PlanQuestion,
    PlanView,
    read_facts,
    read_plans,
)
from mediadl.widgets.amounts import count
from mediadl.widgets.filter_bar import FilterLine
from mediadl.widgets.hour_strip import HourStrip
from mediadl.widgets.plan_columns import PLAN_COLUMNS, PlanRow
from mediadl.widgets.plan_pane import PaneKeys, PlanPane, nothing
from mediadl.widgets.plan_tabs import KINDS, PlanTabs
from mediadl.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from mediadl.service import Services

_LEAST_LINES = 18
"""Lines of the window from which on there is room below the list."""
_BESIDE_FROM = 180
"""Cells from which on the row in full stands beside the list."""

_STILL_PLANNED = {JobStatus.SCHEDULED.value, JobStatus.PAUSED.value}


class SchedulerScreen(Filtering, SchedulerActs, inherit_bindings=False):
    """The list of what has a time to start at."""

    PLACE = "scheduler"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.SCHEDULER, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SCHEDULER)]
    AUTO_FOCUS = "#planned"
    CSS_PATH = "scheduler.tcss"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._query = PlanQuery()
        self._counts: PlanCounts | None = None
        self._facts: PlanFacts | None = None
        self._tabs = PlanTabs(id="kinds")
        self.filter_line = FilterLine(id="filter")
        """The words looked for."""
        self._hours = HourStrip(id="hours")
        self._table: WindowTable[PlanRow] = WindowTable(PLAN_COLUMNS, key=lambda row: row.key, id="planned")
        self._pane = PlanPane("", id="plan", markup=False)
        self._nothing = Static("", id="nothing")
        self._reader = self.reads("scheduler", partial(read_plans, services), self._show)
        self._facts_reader = self.reads("schedule", partial(read_facts, services), self._show_facts)
        self._day_reader = self.reads("day", DayReader(services).read, self._show_day)

    def body(self) -> ComposeResult:
        """Kinds, filter, hours, list, the row in full."""
        yield self._tabs
        yield self.filter_line
        yield self._hours
        yield self._nothing
        with Container(id="plans"):
            yield self._table
            yield self._pane

    def on_mount(self) -> None:
        """Times go by."""
        if self._query.words:
            self.filter_line.open_with(self._query.words)
        self._show_bars()
        self.set_interval(1.0, self._table.repaint)
        self.set_interval(1.0, self._show_row)

    def on_resize(self) -> None:
        """A low window has no room for the row in full, a wide one has it beside the list."""
        width, height = self.app.size
        self.set_class(height < _LEAST_LINES, "-scant")
        self.set_class(width >= _BESIDE_FROM, "-beside")
        self.call_after_refresh(self._show_row)

    # Reading

    def ask(self) -> None:
        """Read the list again."""
        self._ask(changed=False)

    def _ask(self, *, changed: bool) -> None:
        if not self.is_attached:
            return
        self._reader.ask(PlanQuestion(self._table.place, self._query))
        # The first paint comes first
        if self._table.loaded:
            self._day_reader.ask(changed)
            self._ask_facts()

    def _ask_facts(self) -> None:
        row = self._table.current
        if row is not None and row.plan is not None:
            self._facts_reader.ask(-row.key)

    def hear(self, happened: Sequence[Event]) -> None:
        """The database changed."""
        gone = {event.job_id for event in happened if _leaves(event)}
        if gone & self._table.marks:
            self._table.set_marks({key for key in self._table.marks if key not in gone})
        self._ask(changed=any(_counts(event) for event in happened))

    def _show(self, view: PlanView) -> None:
        first = not self._table.loaded
        if view.asked.query != self._query:
            self.ask()
            return
        self._table.show(view.window)
        empty = not view.window.total
        self.set_class(empty, "-nothing")
        if empty:
            self._nothing.update(nothing(filtered=self._query != PlanQuery()))
            self._facts = None
        self.filter_line.show_count(
            view.window.total, self._counts.total if self._counts else view.window.total
        )
        self._show_row()
        self.refresh_keys()
        if first:
            self._ask(changed=True)

    def _show_facts(self, facts: PlanFacts | None) -> None:
        self._facts = facts
        self._show_row()

    def _show_day(self, view: DayView) -> None:
        self._counts = view.counts
        self._hours.show(view.hours)
        self._show_bars()
        self.refresh_keys()

    def _show_bars(self) -> None:
        self._tabs.show(self._query.kind, self._counts)
        if self._counts is not None:
            self.filter_line.show_count(self._table.total, self._counts.total)

    def _show_row(self) -> None:
        keys = {a.name: key_word(a.keys[0]) for a in self._actions() if a.keys}
        named = PaneKeys(keys.get("fill_gap", ""), keys.get("details", ""))
        self._pane.show(self._table.current, self._facts, self._table.clock(), named)

    def _actions(self) -> Sequence[Action]:
        return actions_of(Scope.SCHEDULER, keymap=self.program.keymap)

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """Kind, words and the row under the cursor."""
        row = self._table.current
        return {
            "kind": self._query.kind.value,
            "words": self._query.words,
            "row": row.key if row is not None and self._table.pinned else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        kind, words, row = state.get("kind"), state.get("words"), state.get("row")
        self._query = PlanQuery(
            PlanKind(kind) if kind in set(PlanKind) else PlanKind.ALL, words if isinstance(words, str) else ""
        )
        if isinstance(row, int):
            self._table.pin_to(row)

    def filter_by(self, words: str) -> None:
        """Show only what has these words."""
        self.filter_line.open_with(words)

    @property
    def words(self) -> str:
        """What the list is filtered by now."""
        return self._query.words

    def look_for_words(self, words: str) -> None:
        """Filter the list; without words the row found stays under the cursor."""
        self._look_at(PlanQuery(self._query.kind, words), keep=not words)

    def _look_at(self, query: PlanQuery, *, keep: bool = False) -> None:
        if query == self._query:
            return
        self._query = query
        if keep and self._table.current is not None:
            self._table.pin()
            self._table.follow()
        else:
            self._table.reset()
        self._show_bars()
        self.ask()

    # What is on the screen

    @property
    def table(self) -> WindowTable[PlanRow]:
        """The list."""
        return self._table

    @property
    def counts(self) -> PlanCounts | None:
        """How many there are of each kind, as last read."""
        return self._counts

    def key_lead(self) -> str:
        """How many are marked."""
        span = self._table.range_rows
        if span is not None:
            return f" range of {count(span[1] - span[0] + 1)} "
        return f" {count(len(self._table.marks))} marked " if self._table.marks else ""

    def ids_listed(self) -> Callable[[], Sequence[int]]:
        """Reads the keys of all rows shown."""
        query, total = self._query, self._table.total
        return lambda: self._services.plans.keys(query, 0, total)

    def on_window_table_wanted(self) -> None:
        """The table needs rows."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Another row."""
        self._ask_facts()
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
            for a in self._actions()
            if a.group.value == "Jobs" and a.id not in against and a.name not in {"add", "new"}
        ]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    # Looking

    def action_show_kind(self, word: str) -> None:
        """Show one kind."""
        self._look_at(PlanQuery(PlanKind(word), self._query.words))

    def action_next_kind(self) -> None:
        """The next kind that has rows."""
        self._step_kind(1)

    def action_previous_kind(self) -> None:
        """The kind before."""
        self._step_kind(-1)

    def _step_kind(self, step: int) -> None:
        kinds = [kind for kind, _ in KINDS] if self._counts is None else self._tabs.shown
        at = kinds.index(self._query.kind) if self._query.kind in kinds else 0
        self.action_show_kind(kinds[(at + step) % len(kinds)].value)

    def action_back(self) -> None:
        """One level back: range, marks, words, kind. Never quits."""
        if self._table.range_active:
            self._table.end_range()
        elif self._table.marks:
            self._table.set_marks(set())
        elif not self.close_filter() and self._query.kind is not PlanKind.ALL:
            self._look_at(PlanQuery(), keep=True)


def _counts(event: Event) -> bool:
    """Whether the numbers above the list may be others now."""
    kinds = {EventKind.JOB_ADDED, EventKind.JOB_REMOVED}
    return event.kind in kinds or event.kind.value.startswith("schedule") or _leaves(event)


def _leaves(event: Event) -> bool:
    """Whether a job is no longer among those with a time."""
    if event.kind is EventKind.JOB_REMOVED:
        return True
    status = event.payload.get("status")
    return event.kind is EventKind.JOB_CHANGED and status is not None and status not in _STILL_PLANNED
