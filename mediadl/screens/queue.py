"""The Queue screen: every job, live, with everything that can be done to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input

from mediadl.events import Event, EventKind
from mediadl.models import Job, JobQuery, JobSort, JobStatus
from mediadl.screens.actions import ACTIONS, Scope, bindings, hints
from mediadl.screens.job_list import JobListScreen
from mediadl.screens.news import News
from mediadl.screens.notices import notify_error
from mediadl.screens.queue_view import QueueQuestion, QueueReader, QueueView
from mediadl.widgets import job_text
from mediadl.widgets.amounts import count, plural
from mediadl.widgets.empty_note import EmptyNote, SmallNote
from mediadl.widgets.filter_bar import SORT_WORDS, TABS, FilterLine, StatusTabs
from mediadl.widgets.job_columns import QUEUE_COLUMNS
from mediadl.widgets.job_strip import JobStrip
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line
from mediadl.widgets.messages import Newest
from mediadl.widgets.status_header import StatusHeader, Totals, terminal_title
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services

_SLOW_TICK_S = 2.0
"""How often totals that change without a write (free space, the daemon) are read again."""


class QueueScreen(JobListScreen, inherit_bindings=False):
    """The list of jobs with header, filter, details line and keys."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.QUEUE, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.QUEUE)]
    AUTO_FOCUS = "WindowTable"

    class Answered(Newest):
        """A view was read."""

        def __init__(self, view: QueueView) -> None:
            super().__init__()
            self.view = view

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._tab = ""
        # Kept by name: what is heard while the screen comes or goes must find them
        self._header = StatusHeader(id="header")
        self._tabs = StatusTabs(id="tabs")
        self.filter_line = FilterLine(id="filter")
        """The words looked for."""
        self._empty = EmptyNote(id="empty")
        self._table: WindowTable[Job] = WindowTable(QUEUE_COLUMNS, key=lambda job: job.id, id="jobs")
        self._strip = JobStrip(id="strip")
        self._keys = KeyBar(id="keys")
        self._totals = Totals()
        self._found = 0
        self._news = News(self._title_of, time.monotonic)
        self._queries: LatestQuery[QueueQuestion, QueueView] = LatestQuery(
            QueueReader(services).read, self._publish, self._trouble
        )

    def compose(self) -> ComposeResult:
        """Header, tabs, filter, table, details line, keys."""
        with Vertical(id="queue"):
            yield self._header
            yield self._tabs
            yield self.filter_line
            yield self._empty
            yield self._table
            yield self._strip
            yield self._keys
        yield SmallNote(id="small")

    # Life

    def on_mount(self) -> None:
        """Start reading."""
        self.table.sorted_by(self._query.sort, descending=self._query.descending)
        self._start_reader()
        self.set_interval(1.0, self.table.repaint)
        self.set_interval(_SLOW_TICK_S, self.ask)
        self.set_interval(_SLOW_TICK_S, self._tell)
        self._show_bars()

    def on_unmount(self) -> None:
        """Stop reading."""
        self._queries.stop()

    def _start_reader(self) -> None:
        self.app.run_worker(
            self._queries.run, thread=True, group="queries", name="queue", exit_on_error=False
        )
        self.call_after_refresh(self.ask)

    def hear(self, happened: Sequence[Event]) -> None:
        """The database changed."""
        gone = {event.job_id for event in happened if event.kind is EventKind.JOB_REMOVED}
        if gone & self.table.marks:
            self.table.set_marks({job_id for job_id in self.table.marks if job_id not in gone})
        self._tell(happened)
        self.ask()

    def _tell(self, happened: Sequence[Event] = ()) -> None:
        notice = self._news.hear(happened)
        if notice is not None:
            self.notify(notice.text, title=notice.title, severity=notice.severity, markup=False, timeout=8)

    def _title_of(self, job_id: int) -> str:
        job = next((row for row in self.table.loaded_rows if row.id == job_id), None)
        return job_text.title(job) if job is not None else ""

    def ask(self) -> None:
        """Read the view again."""
        if self.is_attached:
            self._queries.ask(QueueQuestion(self._query, self.table.place))

    def _publish(self, view: QueueView) -> None:
        # Reader's thread
        self.post_message(self.Answered(view))

    def _trouble(self, error: Exception) -> None:
        # Reader's thread
        notify_error(self.app, error)

    def on_queue_screen_answered(self, message: Answered) -> None:
        """Show what was read, unless another list has been asked for since."""
        view = message.view
        self._totals = view.totals
        if view.question.query == self._query:
            self._found = view.window.total
            self.table.show(view.window)
        else:
            self.ask()
        self._show_bars()
        self._show_title()

    # What is on the screen

    @property
    def table(self) -> WindowTable[Job]:
        """The list."""
        return self._table

    def _show_bars(self) -> None:
        self._header.show("Queue", self._totals)
        self._tabs.show(self._tab, self._totals.counts, self._query)
        self.filter_line.show_count(self._found, self._totals.counts.total if self._totals.counts else 0)
        self._show_keys()
        table = self.table
        empty = table.loaded and self._found == 0
        note = self._empty
        note.display = empty
        table.display = not empty
        if empty:
            note.show(filtered=bool(self._totals.counts and self._totals.counts.total))
        self._strip.show(table.current, self.table.clock())

    def _show_keys(self) -> None:
        table = self.table
        lead = ""
        if table.range_rows is not None:
            low, high = table.range_rows
            lead = f" range of {count(high - low + 1)} "
        elif table.marks:
            lead = f" {count(len(table.marks))} marked "
        self._keys.show(hints(self.SCOPES, self.reasons()), lead=lead)

    def _show_title(self) -> None:
        set_title: Callable[[str], None] | None = getattr(self.app, "name_terminal", None)
        if set_title is not None:
            set_title(terminal_title(self._totals))

    def on_window_table_wanted(self) -> None:
        """The table needs rows."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Other keys may be useful now."""
        self._strip.show(self.table.current, self.table.clock())
        self._show_keys()

    def on_window_table_marks_changed(self) -> None:
        """The footer says how many."""
        self._show_keys()

    async def on_window_table_opened(self) -> None:
        """Double click."""
        self.action_details()

    def on_window_table_sort_clicked(self, message: WindowTable.SortClicked) -> None:
        """Header clicked: this order, or turned round."""
        sort = JobSort(message.sort)
        turned = sort is self._query.sort and not self._query.descending
        self._look_for(replace(self._query, sort=sort, descending=turned), keep=True)

    def on_window_table_menu_asked(self, message: WindowTable.MenuAsked) -> None:
        """Right click."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        against = self.reasons()
        choices = [
            Choice(a.name, a.label, a.key_text)
            for a in ACTIONS
            if a.scope is Scope.QUEUE and a.group.value == "Jobs" and a.id not in against and a.name != "add"
        ]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A tab, a number of the header or a key of the footer was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    # Which jobs

    def _look_for(self, query: JobQuery, *, keep: bool = False) -> None:
        """Ask for another list; `keep` leaves the cursor on its job."""
        self._query = query
        if keep:
            self.table.follow()
        else:
            self.table.reset()
        self.table.sorted_by(query.sort, descending=query.descending)
        self._show_bars()
        self.ask()

    def action_show_status(self, word: str) -> None:
        """Show the jobs of one status; the empty word shows all."""
        self._tab = word
        statuses = frozenset({JobStatus(word)}) if word else frozenset[JobStatus]()
        self._look_for(replace(self._query, statuses=statuses))

    def action_next_status(self) -> None:
        """Next status that has jobs."""
        self._step_status(1)

    def action_previous_status(self) -> None:
        """The status before."""
        self._step_status(-1)

    def _step_status(self, step: int) -> None:
        filled = [w for w, _, _ in TABS if not w or w == self._tab or self._totals.number(JobStatus(w))]
        self.action_show_status(filled[(filled.index(self._tab) + step) % len(filled)])

    def action_sort(self) -> None:
        """Choose the order from a menu."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        choices = [Choice(sort.value, words, key=words[0]) for sort, words in SORT_WORDS.items()]

        def chosen(word: str | None) -> None:
            if word:
                self._look_for(replace(self._query, sort=JobSort(word), descending=False), keep=True)

        self.app.push_screen(MenuDialog("Sort by", choices, chosen=self._query.sort.value), chosen)

    def action_reverse(self) -> None:
        """Turn the order round."""
        self._look_for(replace(self._query, descending=not self._query.descending), keep=True)

    def action_filter(self) -> None:
        """Type words to look for."""
        self.filter_line.open()

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        """Filter while typing."""
        if message.words != self._query.search:
            # Without words the job that was found stays under the cursor
            self._look_for(replace(self._query, search=message.words), keep=not message.words)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the filter: keep the words, give the keys back to the list."""
        event.stop()
        if not event.value:
            self.filter_line.close()
        self.table.focus()

    def action_back(self) -> None:
        """One level back: range, marks, words, status. Never quits."""
        table = self.table
        if table.range_active:
            table.end_range()
        elif table.marks:
            table.set_marks(set())
        elif self.filter_line.is_open:
            self.filter_line.close()
            table.focus()
        elif self._tab:
            self.action_show_status("")

    # Dialogs

    def action_details(self) -> None:
        """Open the details of the job under the cursor."""
        from mediadl.screens.dialogs.details import DetailsDialog

        job = self.table.current
        if job is not None and not self._refused("details"):
            self.table.pin()
            self.app.push_screen(
                DetailsDialog(self._services, job, self.verbs), partial(self._back_from_details)
            )

    def _back_from_details(self, _result: None) -> None:
        self.ask()

    def action_add(self, text: str = "") -> None:
        """Open the add dialog, filled with `text`."""
        from mediadl.screens.dialogs.add import AddDialog

        def added(number: int | None) -> None:
            if number:
                self.notify(f"Added {plural(number, 'job')}", timeout=3, markup=False)
                self.ask()

        self.app.push_screen(AddDialog(self._services, text), added)
