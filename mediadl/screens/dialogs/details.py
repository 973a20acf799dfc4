"""One job in full: what it is, why it stands where it does and what helps, its items and its log lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from mediadl.errors import NotFound
from mediadl.events import Event
from mediadl.models import Item, Job
from mediadl.screens.actions import Scope, bindings, hints
from mediadl.screens.dialogs.session import import_for
from mediadl.screens.job_verbs import JobVerbs, reason_against
from mediadl.screens.notices import notify_error
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_text
from mediadl.widgets import job_details
from mediadl.widgets.job_columns import ITEM_COLUMNS, LOG_COLUMNS, LogRow
from mediadl.widgets.key_bar import KeyBar
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.messages import Newest
from mediadl.widgets.window import Place, Window, read_window
from mediadl.widgets.window_table import WindowTable
from mediadl.workers.queries import LatestQuery

if TYPE_CHECKING:
    from mediadl.service import Services

_CONDITIONAL = ("retry", "session", "pause", "cancel")
_LOG_LINES = 500
_ITEMS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class _Question:
    job_id: int
    place: Place
    with_log: bool


@dataclass(frozen=True, slots=True)
class _Facts:
    job: Job
    items: Window[Item]
    log: Sequence[LogRow] | None


class DetailsDialog(TableKeys, ModalScreen[None], inherit_bindings=False):
    """Shows one job, live."""

    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DETAILS,)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DETAILS, modal=True)]
    AUTO_FOCUS = "#items"

    class Answered(Newest):
        """The facts were read."""

        def __init__(self, facts: _Facts) -> None:
            super().__init__()
            self.facts = facts

    def __init__(self, services: Services, job: Job, verbs: JobVerbs) -> None:
        super().__init__()
        self._services = services
        self._job = job
        self._verbs = verbs
        self._log_shown = False
        self._log: Sequence[LogRow] = ()
        self._items_known = 0
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
        self._queries: LatestQuery[_Question, _Facts] = LatestQuery(self._read, self._publish, self._trouble)

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
        if self.is_attached:
            self._queries.ask(
                _Question(
                    self._job.id,
                    self._items.place,
                    self._log_shown or not self._log,
                )
            )

    def _read(self, question: _Question) -> _Facts:
        queue = self._services.queue
        job = queue.get(question.job_id)
        total = self._count_items(job.id)
        window = read_window(
            question.place,
            total=total,
            page=lambda offset, limit: queue.items(job.id, offset, limit),
            key=lambda item: item.n,
            # Items never move
            index_of=lambda n: question.place.cursor,
        )
        log = None
        if question.with_log:
            log = [
                LogRow(n, line.at, line.level, line.module, line.message)
                for n, line in enumerate(queue.log_lines(job.id, _LOG_LINES))
            ]
        return _Facts(job, window, log)

    def _count_items(self, job_id: int) -> int:
        queue = self._services.queue
        if self._items_known and not queue.items(job_id, self._items_known - 1, 1):
            # A retry lists anew
            self._items_known = 0
        while more := len(queue.items(job_id, self._items_known, _ITEMS_AT_ONCE)):
            self._items_known += more
            if more < _ITEMS_AT_ONCE:
                break
        return self._items_known

    def _publish(self, facts: _Facts) -> None:
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
        self._job = facts.job
        self._items.show(facts.items)
        if facts.log is not None and facts.log != self._log:
            table = self._lines
            at_end = table.cursor >= table.total - 1
            self._log = facts.log
            cursor = len(self._log) - 1 if at_end else table.cursor
            place = table.place
            first = max(0, len(self._log) - place.height) if at_end else place.first
            table.show(Window(place, len(self._log), first, max(cursor, 0), None, 0, self._log))
        self._show_job()

    # Showing

    @property
    def table(self) -> WindowTable[Any]:
        """Items or log, whichever is shown."""
        return self._lines if self._log_shown else self._items

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = {f"details.{name}": reason_against(name, self._job, 0) for name in _CONDITIONAL}
        return {name: reason for name, reason in found.items() if reason}

    def _show_job(self) -> None:
        now = self._items.clock()
        self._facts.update(job_details.facts(self._job, now))
        failure = job_details.failure(self._job, now)
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
        tabs = (("Items", items.total, not self._log_shown), ("Log", log.total, self._log_shown))
        self._switch.put(
            [
                Piece(
                    f"[{word} {n}]" if on else f"{word} {n}",
                    chosen if on else "$foreground-muted",
                    0,
                    "switch",
                )
                for word, n, on in tabs
            ]
        )
        self._keys.show(hints(self.SCOPES, self.reasons(), modal=True))

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
            self.dismiss(None)

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

    def action_session(self) -> None:
        """Import cookies for its site."""
        if not self._refused("session"):
            import_for(self.app, self._services, self._verbs, self._job)

    def action_copy(self) -> None:
        """Copy the address."""
        self.app.copy_to_clipboard(safe_text(self._job.url, limit=4096))
        self.notify(safe_text(self._job.url, limit=200), title="Copied", timeout=3, markup=False)
