"""One job in full: what it is, why it stands where it does and what helps, its items and its log lines.

The jobs before and after it in the list are a key away.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.errors import MediadlError, NotFound
from mediadl.events import Event
from mediadl.models import Item, Job, JobQuery
from mediadl.screens.actions import Scope, actions_of, bindings, hints, key_word
from mediadl.screens.dialogs.details_view import Facts, Question, fallen_out, read_facts
from mediadl.screens.dialogs.session import import_for
from mediadl.screens.job_verbs import JobVerbs, reason_against
from mediadl.screens.notices import notify_error
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_text
from mediadl.widgets import job_cure, job_details, job_text
from mediadl.widgets.job_columns import ITEM_COLUMNS, LOG_COLUMNS, LogRow
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.messages import Newest
from mediadl.widgets.window import Window
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.screens.page import Program
    from mediadl.service import Services

_CONDITIONAL = ("retry", "session", "pause", "cancel")
_NEXT, _PREVIOUS = 1, -1


class DetailsDialog(TableKeys, ModalScreen[int], inherit_bindings=False):
    """Shows one job, live; the answer is the number of the one shown last."""

    CSS_PATH = "details.tcss"

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DETAILS,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DETAILS, modal=True)]
    AUTO_FOCUS = "#items"

    class Answered(Newest):
        """The facts were read."""

        def __init__(self, facts: Facts) -> None:
            super().__init__()
            self.facts = facts

    def __init__(
        self, services: Services, job: Job, verbs: JobVerbs, *, query: JobQuery | None = None
    ) -> None:
        """`query` is the list it was opened from; without one it has no neighbours."""
        super().__init__()
        self._services = services
        self._job = job
        self._verbs = verbs
        self._query = query
        self._at: int | None = None
        self._log_shown = False
        self._log: Sequence[LogRow] = ()
        self._log_read = False
        self._facts = Static("", id="facts", markup=False)
        self._failure = Static("", id="failure", markup=False)
        self._switch = Line(id="switch")
        self._items: WindowTable[Item] = WindowTable(
            ITEM_COLUMNS, key=lambda item: item.n, markable=False, id="items"
        )
        self._lines: WindowTable[LogRow] = WindowTable(
            LOG_COLUMNS, key=lambda row: row.n, markable=False, id="log"
        )
        self._nothing = Static("", id="nothing", markup=False)
        self._keys = KeyBar(id="details-keys")
        self._queries: LatestQuery[Question, Facts] = LatestQuery(
            partial(read_facts, services.queue, query), self._publish, self._trouble
        )

    def compose(self) -> ComposeResult:
        """Facts, failure, items or log, keys."""
        with Vertical(id="details", classes="dialog") as box:
            box.border_title = f"Job {self._job.id}"
            yield self._facts
            yield self._failure
            yield self._switch
            yield self._items
            yield self._lines
            yield self._nothing
            yield self._keys

    def on_mount(self) -> None:
        """Show what is known, read the rest."""
        self.app.run_worker(
            self._queries.run, thread=True, group="queries", name="details", exit_on_error=False
        )
        self._show_job()
        self.call_after_refresh(self.ask)
        self.set_interval(1.0, self.ask)

    def on_unmount(self) -> None:
        """Stop reading."""
        self._queries.stop()

    # Reading

    def hear(self, _happened: Sequence[Event]) -> None:
        """The database changed."""
        self.ask()

    def ask(self) -> None:
        """Read again."""
        self._ask(0)

    def _ask(self, step: int) -> None:
        if self.is_attached:
            with_log = self._log_shown or not self._log_read or bool(step)
            self._queries.ask(Question(self._job.id, self._items.place, with_log, step, self._at))

    def _publish(self, facts: Facts) -> None:
        # Thread of the queries
        self.post_message(self.Answered(facts))

    def _trouble(self, error: Exception) -> None:
        # Thread of the queries
        if isinstance(error, NotFound):
            # Removed elsewhere
            self.app.call_later(self.action_close)
        else:
            notify_error(self.app, error)

    def on_details_dialog_answered(self, message: Answered) -> None:
        """Show the facts."""
        facts = message.facts
        if facts.asked.job_id != self._job.id:
            self.ask()
            return
        if facts.job.id != self._job.id:
            self._turn_to(facts.job)
        elif facts.asked.step:
            self.notify(
                "This is the last job." if facts.asked.step > 0 else "This is the first job.", timeout=2
            )
        self._job, self._at = facts.job, facts.at
        self._items.show(facts.items)
        if facts.log is not None:
            self._log_read = True
            self._show_log(facts.log)
        self._show_job()

    def _turn_to(self, job: Job) -> None:
        """Another job: from its beginning."""
        self.query_one("#details").border_title = f"Job {job.id}"
        self._items.reset()
        self._lines.reset()
        self._log = ()

    def _show_log(self, log: Sequence[LogRow]) -> None:
        if log == self._log:
            return
        table = self._lines
        at_end = table.cursor >= table.total - 1 or not self._log
        # The oldest lines fall out at the top: the cursor stays on its line
        gone = fallen_out(self._log, log)
        self._log = log
        cursor = len(log) - 1 if at_end else table.cursor - gone
        place = table.place
        first = max(0, len(log) - place.height) if at_end else max(0, place.first - gone)
        table.show(Window(place, len(log), first, max(cursor, 0), None, 0, log))

    # Showing

    @property
    def table(self) -> WindowTable[Any]:
        """Items or log, whichever is shown."""
        return self._lines if self._log_shown else self._items

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = {name: reason_against(name, self._job, 0) for name in _CONDITIONAL}
        helps = {cure.action for cure in job_cure.cures(self._job)}
        for name in ("update_engines", "setting", "folder", "add_again"):
            found[name] = "" if name in helps else "That would not help this job."
        if not self._job.reason:
            found["copy_error"] = "There is no error to copy."
        if self._query is None:
            found["next_job"] = found["previous_job"] = "It was not opened from a list."
        against = cast("Program", self.app).reasons()
        if why := against.get("app.undo", ""):
            found["undo"] = why
        return {**{f"details.{name}": reason for name, reason in found.items() if reason}, **against}

    def _cure_keys(self) -> dict[str, str]:
        keymap = cast("Program", self.app).keymap
        actions = actions_of(*self.SCOPES, keymap=keymap)
        return {a.name: key_word(a.keys[0]) for a in actions if a.name in job_cure.ACTIONS and a.keys}

    def _show_job(self) -> None:
        now = self._items.clock()
        self._facts.update(job_details.facts(self._job, now))
        failure = job_details.failure(self._job, now, keys=self._cure_keys())
        box = self._failure
        box.display = failure is not None
        box.set_class(job_details.is_grave(self._job), "-grave")
        if failure is not None:
            box.update(failure)
        items, log = self._items, self._lines
        items.display, log.display = (
            not self._log_shown and items.total > 0,
            self._log_shown and log.total > 0,
        )
        nothing = self._nothing
        nothing.display = self.table.total == 0
        if nothing.display:
            nothing.update("No log lines yet." if self._log_shown else job_details.no_items(self._job))
        chosen = "bold $text-accent"
        place = (
            [Piece(f"{self._at + 1:,} in the list", "$foreground-muted", 5)] if self._at is not None else []
        )
        tabs = (("Items", items.total, not self._log_shown), ("Log", log.total, self._log_shown))
        self._switch.put(
            [
                Piece(
                    f"[{word} {n:,}]" if on else f"{word} {n:,}",
                    chosen if on else "$foreground-muted",
                    0,
                    "switch",
                )
                for word, n, on in tabs
            ],
            place,
        )
        keymap = cast("Program", self.app).keymap
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True, keymap=keymap))

    def on_window_table_wanted(self) -> None:
        """Rows are missing."""
        self.ask()

    async def on_line_clicked(self, message: Line.Clicked) -> None:
        """A key of the footer or a tab was clicked."""
        message.stop()
        await self.run_action(message.action.removeprefix("screen."))

    # Actions

    def action_close(self) -> None:
        """Back."""
        if self.is_current:
            self.dismiss(self._job.id)

    def action_switch(self) -> None:
        """Items or log."""
        self._log_shown = not self._log_shown
        self._show_job()
        self.table.focus()
        self.ask()

    def _refused(self, name: str) -> bool:
        reason = self.reasons().get(f"details.{name}", "")
        if reason:
            self.notify(reason, severity="warning", timeout=4, markup=False)
        return bool(reason)

    def action_retry(self) -> None:
        """Try again, or start now."""
        if not self._refused("retry"):
            self._verbs.retry([self._job.id], self._job)

    def action_pause(self) -> None:
        """Hold, or let go on."""
        if not self._refused("pause"):
            self._verbs.pause_or_resume([self._job.id], self._job)

    def action_cancel(self) -> None:
        """End it."""
        if not self._refused("cancel"):
            self._verbs.cancel([self._job.id])

    def action_remove(self) -> None:
        """Take it out of the list; that closes its details."""
        self._verbs.remove([self._job.id])

    def action_undo(self) -> None:
        """Take the last change back."""
        if not self._refused("undo"):
            self.app.call_later(self.app.run_action, "app.undo")

    def action_next_job(self) -> None:
        """The job after this one in the list."""
        if not self._refused("next_job"):
            self._ask(_NEXT)

    def action_previous_job(self) -> None:
        """The job before this one in the list."""
        if not self._refused("previous_job"):
            self._ask(_PREVIOUS)

    def action_update_engines(self) -> None:
        """Take newer engines, then try again."""
        if not self._refused("update_engines"):
            self._verbs.update_engines(self._job)

    def action_setting(self) -> None:
        """Show the setting that helps."""
        if self._refused("setting"):
            return
        key = next(cure.detail for cure in job_cure.cures(self._job) if cure.action == "setting")
        program: Any = self.app

        async def show() -> None:
            if await program.go("settings"):
                program.page.filter_by(key)

        self.dismiss(self._job.id)
        self.app.run_worker(show(), group="go", exclusive=True, exit_on_error=False)

    def action_folder(self) -> None:
        """Open the folder it downloads into; a browser shows none of this machine's, so its name is told there."""
        if self._refused("folder"):
            return
        job = self._job
        if self.app.is_web:
            folder = safe_text(self._services.queue.folder_of(job), limit=4096)
            self.app.copy_to_clipboard(folder)
            self.notify(folder, title="Copied", timeout=5, markup=False)
            return

        def work() -> None:
            from mediadl.service import desktop

            try:
                desktop.open_folder(self._services.queue.folder_of(job) / "_")
            except MediadlError as error:
                notify_error(self.app, error)

        self.app.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def action_add_again(self) -> None:
        """Add its address once more, with another platform or type."""
        if not self._refused("add_again"):
            address = safe_text(self._job.url, limit=4096)
            self.dismiss(self._job.id)
            cast("Program", self.app).add(address)

    def action_copy_error(self) -> None:
        """Copy what happened, why and what helps."""
        if not self._refused("copy_error"):
            self.app.copy_to_clipboard(job_text.error_text(self._job))
            self.notify("The error, its cause and the address", title="Copied", timeout=3)

    def action_session(self) -> None:
        """Import cookies for its site."""
        if not self._refused("session"):
            import_for(self.app, self._services, self._verbs, self._job)

    def action_copy(self) -> None:
        """Copy the address."""
        self.app.copy_to_clipboard(safe_text(self._job.url, limit=4096))
        self.notify(safe_text(self._job.url, limit=200), title="Copied", timeout=3, markup=False)
