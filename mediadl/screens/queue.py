"""The Queue screen: every job, live, with everything that can be done to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from mediadl.events import Event, EventKind
from mediadl.models import Job, JobQuery, JobSort, JobStatus, QueueCounts
from mediadl.screens.actions import ACTIONS, Scope, bindings
from mediadl.screens.filtering import Filtering
from mediadl.screens.job_list import JobListScreen
from mediadl.screens.queue_view import QueueQuestion, QueueView, read_view
from mediadl.widgets.amounts import count
from mediadl.widgets.empty_note import EmptyNote
from mediadl.widgets.filter_bar import SORT_WORDS, TABS, FilterLine, StatusTabs
from mediadl.widgets.job_columns import QUEUE_COLUMNS
from mediadl.widgets.job_strip import JobStrip
from mediadl.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from mediadl.service import Services


class QueueScreen(Filtering, JobListScreen, inherit_bindings=False):
    """The list of jobs with filter, details line and keys."""

    PLACE = "queue"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.QUEUE, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.QUEUE)]
    AUTO_FOCUS = "WindowTable"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._tab = ""
        self._tabs = StatusTabs(id="tabs")
        self.filter_line = FilterLine(id="filter")
        """The words looked for."""
        self._empty = EmptyNote(id="empty")
        self._table: WindowTable[Job] = WindowTable(QUEUE_COLUMNS, key=lambda job: job.id, id="jobs")
        self._strip = JobStrip(id="strip")
        self._counts: QueueCounts | None = None
        self._found = 0
        self._reader = self.reads("queue", partial(read_view, services), self._show)

    def body(self) -> ComposeResult:
        """Tabs, filter, table, details line."""
        yield self._tabs
        yield self.filter_line
        yield self._empty
        yield self._table
        yield self._strip

    # Life

    def on_mount(self) -> None:
        """Begin with the order that is asked for."""
        self.table.sorted_by(self._query.sort, descending=self._query.descending)
        self.set_interval(1.0, self.table.repaint)
        if self._query.search:
            self.filter_line.open_with(self._query.search)
        self._show_bars()

    def hear(self, happened: Sequence[Event]) -> None:
        """The database changed."""
        gone = {event.job_id for event in happened if event.kind is EventKind.JOB_REMOVED}
        if gone & self.table.marks:
            self.table.set_marks({job_id for job_id in self.table.marks if job_id not in gone})
        self.ask()

    def ask(self) -> None:
        """Read the view again."""
        if self.is_attached:
            self._reader.ask(QueueQuestion(self._query, self.table.place))

    def _show(self, view: QueueView) -> None:
        """Show what was read, unless another list has been asked for since."""
        self._counts = view.counts
        if view.question.query == self._query:
            self._found = view.window.total
            self.table.show(view.window)
        else:
            self.ask()
        self._show_bars()

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """Status, words, order and the job under the cursor."""
        query = self._query
        job = self.table.current
        return {
            "status": self._tab,
            "words": query.search,
            "sort": query.sort.value,
            "descending": query.descending,
            "job": job.id if job is not None and self.table.pinned else None,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        status, words, sort = state.get("status"), state.get("words"), state.get("sort")
        if status in set(JobStatus):
            self._tab = str(status)
        self._query = JobQuery(
            statuses=frozenset({JobStatus(self._tab)}) if self._tab else frozenset(),
            search=words if isinstance(words, str) else "",
            sort=JobSort(sort) if sort in set(JobSort) else JobSort.ORDER,
            descending=state.get("descending") is True,
        )
        job = state.get("job")
        if isinstance(job, int):
            self.table.pin_to(job)

    def filter_by(self, words: str) -> None:
        """Show only jobs with these words."""
        self.filter_line.open_with(words)

    # What is on the screen

    @property
    def counts(self) -> QueueCounts | None:
        """How many jobs stand where, as last read."""
        return self._counts

    @property
    def table(self) -> WindowTable[Job]:
        """The list."""
        return self._table

    def _show_bars(self) -> None:
        total = self._counts.total if self._counts else 0
        self._tabs.show(self._tab, self._counts, self._query)
        self.filter_line.show_count(self._found, total)
        self.refresh_keys()
        table = self.table
        empty = table.loaded and self._found == 0
        note = self._empty
        note.display = empty
        table.display = not empty
        if empty:
            note.show(filtered=total > 0)
        self._strip.show(table.current, self.table.clock())

    def key_lead(self) -> str:
        """How many jobs the keys are about, if several."""
        table = self.table
        if table.range_rows is not None:
            low, high = table.range_rows
            return f" range of {count(high - low + 1)} "
        return f" {count(len(table.marks))} marked " if table.marks else ""

    def on_window_table_wanted(self) -> None:
        """The table needs rows."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Other keys may be useful now."""
        self._strip.show(self.table.current, self.table.clock())
        self.refresh_keys()

    def on_window_table_marks_changed(self) -> None:
        """The footer says how many."""
        self.refresh_keys()

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
        filled = [w for w, _, _ in TABS if not w or w == self._tab or self._number(JobStatus(w))]
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

    @property
    def words(self) -> str:
        """What the list is filtered by now."""
        return self._query.search

    def look_for_words(self, words: str) -> None:
        """Filter the list by these; without any, the job that was found stays under the cursor."""
        self._look_for(replace(self._query, search=words), keep=not words)

    def action_back(self) -> None:
        """One level back: range, marks, words, status. Never quits."""
        table = self.table
        if table.range_active:
            table.end_range()
        elif table.marks:
            table.set_marks(set())
        elif not self.close_filter() and self._tab:
            self.action_show_status("")

    # Dialogs

    def action_details(self) -> None:
        """Open the details of the job under the cursor."""
        from mediadl.screens.dialogs.details import DetailsDialog

        job = self.table.current
        if not self.refused("details") and job is not None:
            self.table.pin()
            dialog = DetailsDialog(self._services, job, self.verbs, query=self._query)
            self.app.push_screen(dialog, self._back_from_details)

    def _back_from_details(self, job_id: int | None) -> None:
        """The cursor goes to the job that was shown last."""
        if job_id is not None and (self.table.current is None or self.table.current.id != job_id):
            self.table.pin_to(job_id)
        self.ask()

    def action_add(self) -> None:
        """Open the add dialog."""
        self.program.add()
