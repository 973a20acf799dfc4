"""The Logs screen: what every process wrote down, live, filtered, from the newest line back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from mediadl.logs import LogQuery
from mediadl.logs.browser import LogView
from mediadl.screens.actions import ACTIONS, Group, Scope, bindings
from mediadl.screens.filtering import Filtering
from mediadl.screens.logs_query import (
    OTHER_RANGE,
    RANGE_HELP,
    RANGES,
    Span,
    job_number,
    read_span,
    restored,
    state_of,
    with_span,
)
from mediadl.screens.logs_verbs import LogVerbs
from mediadl.screens.notices import notify_error
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_lines, safe_text
from mediadl.widgets.amounts import count
from mediadl.widgets.filter_bar import FilterLine
from mediadl.widgets.log_bar import LEVEL_WORDS, LevelTabs, LogFilters, LogState
from mediadl.widgets.log_text import facts
from mediadl.widgets.log_view import LogTable
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.log_tail import LogTail

if TYPE_CHECKING:
    from mediadl.service import Services

_LEVELS = tuple(LEVEL_WORDS)
_NO_LINE = "There is no line under the cursor."


class LogsScreen(TableKeys, Filtering, LogVerbs, inherit_bindings=False):
    """The list of log lines with its filters."""

    PLACE = "logs"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.LOGS, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.LOGS)]
    AUTO_FOCUS = "LogTable"
    CSS_PATH = "logs.tcss"
    # The tail looks by itself
    REFRESH_S = 0.0

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._span = Span()
        self._searched = 0.0
        self._tabs = LevelTabs(id="levels")
        self._filters = LogFilters(id="log-filters")
        self.filter_line = FilterLine(id="filter")
        """The words looked for."""
        self._note = Static("", id="log-note", markup=False)
        self._table = LogTable(id="lines")
        self._whole = Static("", id="log-whole", markup=False)
        self._tail = LogTail(services.logs.browse, self._publish, self._trouble)

    def body(self) -> ComposeResult:
        """Levels, filters, words, table, the whole line."""
        yield self._tabs
        yield self._filters
        yield self.filter_line
        yield self._note
        yield self._table
        yield self._whole

    # Life

    def on_mount(self) -> None:
        """Start the tail."""
        self.app.run_worker(self._tail.run, thread=True, group="tail", name="log", exit_on_error=False)
        self.filter_line.field.placeholder = "words in the message"
        self.table.look_for(self.query_of_lines, keep=False)
        if self.query_of_lines.text:
            self.filter_line.open_with(self.query_of_lines.text)
        self._show_bars()

    def on_screen_suspend(self) -> None:
        """Another screen is in front: nothing needs to be read."""
        if not self.in_front:
            self._tail.rest()

    def on_unmount(self) -> None:
        """Let the thread end."""
        self._tail.stop()

    def hear(self, happened: object) -> None:
        """The database has nothing to do with it."""

    def ask(self) -> None:
        """Show the lines around the place of the table from now on."""
        if self.is_attached:
            self._tail.ask(self.table.log_place)

    def _publish(self, view: LogView) -> None:
        # Thread of the tail
        self.post_message(self.Answered(self._show, view))

    def _trouble(self, error: Exception) -> None:
        # Thread of the tail
        notify_error(self.app, error)

    def _show(self, view: LogView) -> None:
        self.tally = view.tally
        if view.place.query == self.query_of_lines:
            self._searched = view.searched
            self.table.show_log(view)
        else:
            self.ask()
        self._show_bars()

    # How it is looked at

    def view_state(self) -> dict[str, Any]:
        """The filters, and whether whole lines are shown."""
        return {**state_of(self.query_of_lines, self._span), "whole": self._whole.has_class("-open")}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Look at it as before."""
        self.query_of_lines, self._span = restored(state)
        self._whole.set_class(state.get("whole") is True, "-open")

    def filter_by(self, words: str) -> None:
        """Show only lines with these words."""
        self.filter_line.open_with(words)

    # What is on the screen

    @property
    def table(self) -> LogTable:
        """The list."""
        return self._table

    @property
    def state(self) -> LogState:
        """What the lines above the list say."""
        table = self.table
        return LogState(
            self.query_of_lines, self.tally.levels, table.total, table.cursor + 1 if table.total else 0,
            self._searched, table.following, table.pending, self._span.words,
        )  # fmt: skip

    def _show_bars(self) -> None:
        state, table = self.state, self.table
        self._tabs.show(state)
        self._filters.show(state)
        self.filter_line.show_count(state.found, max(self.tally.lines, state.found))
        empty = table.loaded and not table.total
        self._note.display, table.display = empty, not empty
        if empty:
            self._note.update(self._nothing())
        self._show_whole()
        self.refresh_keys()

    def _nothing(self) -> str:
        if self._searched < 1:
            return f"Nothing found yet, searched {int(self._searched * 100)} %."
        if self.query_of_lines != LogQuery():
            return "No line matches. Press Esc to see everything."
        return "The log is empty."

    def _show_whole(self) -> None:
        if self._whole.has_class("-open"):
            row = self.table.current
            self._whole.update(
                "" if row is None else facts(row.line).append("\n" + safe_lines(row.line.message, limit=4096))
            )

    def key_lead(self) -> str:
        """How many lines came meanwhile."""
        pending = self.table.pending
        return f" {count(pending)} new " if pending else ""

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        row = self.table.current
        found = dict(super().reasons())
        if row is None:
            found |= {f"logs.{name}": _NO_LINE for name in ("details", "copy", "open_job")}
        elif row.line.job is None:
            found["logs.open_job"] = "This line is about no job."
        if self.query_of_lines.job is None and (row is None or row.line.job is None):
            found["logs.job"] = "This line is about no job."
        if not self.table.total:
            found["logs.export"] = "There is nothing to export."
        if not self.tally.lines and self._searched >= 1:
            found["logs.clear"] = "The log is empty."
        return found

    def on_window_table_wanted(self) -> None:
        """The table needs lines, or stands elsewhere."""
        self.ask()

    def on_window_table_cursor_moved(self) -> None:
        """Another line."""
        self._filters.show(self.state)
        self._show_whole()
        self.refresh_keys()

    def on_log_table_follow_changed(self) -> None:
        """Say so."""
        self._show_bars()

    async def on_window_table_opened(self) -> None:
        """Double click."""
        self.action_details()

    def on_window_table_menu_asked(self, message: WindowTable.MenuAsked) -> None:
        """Right click: what can be done to the line."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        against = self.reasons()
        wanted = [a for a in ACTIONS if a.scope is Scope.LOGS and a.id not in against]
        choices = [
            Choice(a.name, a.label, a.key_text)
            for a in wanted
            if a.group is Group.LINES or a.name in {"job", "module"}
        ]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    # Which lines

    def _look_for(self, query: LogQuery, *, keep: bool = True) -> None:
        self.query_of_lines = query
        self._searched = 0.0
        self.table.look_for(query, keep=keep)
        self.ask()

    def action_show_level(self, level: str) -> None:
        """Show lines at least this grave."""
        self._look_for(replace(self.query_of_lines, level=level))

    def action_next_level(self) -> None:
        """Only graver ones; after the gravest all."""
        self._step_level(1)

    def action_previous_level(self) -> None:
        """Less grave ones as well."""
        self._step_level(-1)

    def _step_level(self, step: int) -> None:
        self.action_show_level(_LEVELS[(_LEVELS.index(self.query_of_lines.level) + step) % len(_LEVELS)])

    def action_module(self) -> None:
        """Choose a module from those seen, or the part of the program it is in."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        seen = set(self.tally.modules) | {self.query_of_lines.module}
        parts = {module.partition(".")[0] for module in seen}
        names = sorted(name for name in seen | parts if name and safe_text(name, limit=200) == name)
        choices = [Choice("m:", "all modules"), *(Choice(f"m:{name}", name) for name in names)]

        def chosen(value: str | None) -> None:
            if value is not None:
                self._look_for(replace(self.query_of_lines, module=value.removeprefix("m:")))

        self.app.push_screen(MenuDialog("Module", choices, chosen=f"m:{self.query_of_lines.module}"), chosen)

    def action_job(self) -> None:
        """Only the job of the line under the cursor, or all again."""
        if self.query_of_lines.job is not None:
            self._look_for(replace(self.query_of_lines, job=None))
        elif not self.refused("job") and (row := self.table.current) is not None:
            self._look_for(replace(self.query_of_lines, job=row.line.job))

    def action_job_number(self) -> None:
        """Only the job with a number that is asked for."""
        value = "" if self.query_of_lines.job is None else str(self.query_of_lines.job)

        def chosen(text: str | None) -> None:
            if text is not None:
                self._look_for(replace(self.query_of_lines, job=job_number(text)))

        self.prompt("Job", "Number of the job; empty: all jobs.", value, job_number, chosen)

    def action_range(self) -> None:
        """Choose a span of time."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        choices = [Choice(words or "any", label) for words, label in RANGES]
        choices.append(Choice(OTHER_RANGE, "from … to …"))

        def chosen(value: str | None) -> None:
            if value == OTHER_RANGE:
                self.prompt("Time", RANGE_HELP, self._span.words, lambda text: read_span(text, time.time()),
                             self._take_span)  # fmt: skip
            elif value is not None:
                self._take_span("" if value == "any" else value)

        self.app.push_screen(MenuDialog("Time", choices, chosen=self._span.words or "any"), chosen)

    def _take_span(self, words: str | None) -> None:
        if words is not None:
            self._span = read_span(words, time.time())
            self._look_for(with_span(self.query_of_lines, self._span))

    @property
    def words(self) -> str:
        """What the lines are filtered by now."""
        return self.query_of_lines.text

    def look_for_words(self, words: str) -> None:
        """Filter the lines: the newest that match come first. Without words the line that was found stays."""
        self._look_for(replace(self.query_of_lines, text=words), keep=not words)

    def action_back(self) -> None:
        """One level back: words, job, module, time, level. Never quits."""
        query = self.query_of_lines
        if self.close_filter():
            return
        if query.job is not None:
            self._look_for(replace(query, job=None))
        elif query.module:
            self._look_for(replace(query, module=""))
        elif self._span.words:
            self._take_span("")
        elif query.level != _LEVELS[0]:
            self.action_show_level(_LEVELS[0])

    # Moving

    def action_bottom(self) -> None:
        """To the newest line, and on with those that come."""
        self.table.go_on()

    def action_follow(self) -> None:
        """Stay here, or go on at the end."""
        if self.table.following:
            self.table.hold()
        else:
            self.table.go_on()

    def action_shift_right(self) -> None:
        """See more of long messages."""
        if self.table.can_shift:
            self.table.shift(1)

    def action_shift_left(self) -> None:
        """Back to their beginning."""
        self.table.shift(-1)

    def action_wrap(self) -> None:
        """Show or hide the whole line below the list."""
        self._whole.toggle_class("-open")
        self._show_whole()
