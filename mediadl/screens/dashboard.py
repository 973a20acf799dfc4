"""The Dashboard: figures on cards, what goes on, how sites answer, what the last days brought."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal

from mediadl.models import Job, JobStatus
from mediadl.screens.actions import Scope, actions_of, bindings, key_word
from mediadl.screens.dashboard_cards import CARDS, cards
from mediadl.screens.dashboard_view import DashboardReader, DashboardView
from mediadl.screens.job_verbs import JobVerbs, reason_against_all
from mediadl.screens.page import Page
from mediadl.screens.schedule_verbs import ScheduleVerbs
from mediadl.screens.table_keys import TableKeys
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural
from mediadl.widgets.cards import Cards
from mediadl.widgets.first_steps import FirstSteps
from mediadl.widgets.line import Line, Piece
from mediadl.widgets.live_feed import FEED_COLUMNS
from mediadl.widgets.platform_health import PlatformHealth
from mediadl.widgets.timeline import Timeline
from mediadl.widgets.window import Window
from mediadl.widgets.window_table import WindowTable

if TYPE_CHECKING:
    from mediadl.service import Services

_DAYS = 30
_LEAST_LINES = 18
"""Lines of the window from which on there is room below the feed."""

_NO_SCHEDULES = "There are no schedules yet."
_ALL_OFF = "Every schedule is switched off."

_QUICK = ("add", "pause_all", "resume_all", "run_schedules")
"""Actions that have a place of their own on the screen, those that cannot be done now greyed."""


class DashboardScreen(TableKeys, Page, inherit_bindings=False):
    """How everything is doing."""

    PLACE = "dashboard"
    SCOPES: ClassVar[tuple[Scope, ...]] = (Scope.DASHBOARD, Scope.APP)
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.DASHBOARD)]
    AUTO_FOCUS = "#feed"
    CSS_PATH = "dashboard.tcss"

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._cards = Cards(CARDS, id="cards")
        self._quick = Line(gap=3, id="quick")
        self._feed: WindowTable[Job] = WindowTable(
            FEED_COLUMNS, key=lambda job: job.id, markable=False, id="feed"
        )
        self._sites = PlatformHealth(id="sites")
        self._timeline = Timeline(id="days")
        self._first = FirstSteps(id="first")
        self._verbs = JobVerbs(self.app, services, self.ask)
        self._view: DashboardView | None = None
        self._reader = self.reads("dashboard", DashboardReader(services).read, self._show)

    def body(self) -> ComposeResult:
        """Cards, quick actions, feed or first steps, sites and days."""
        yield self._cards
        yield self._quick
        yield self._first
        yield self._feed
        with Horizontal(id="below"):
            yield self._sites
            yield self._timeline

    def on_mount(self) -> None:
        """Cards are there at once, figures follow."""
        self._cards.show(cards(None, None, 0.0))
        self.set_interval(1.0, self._feed.repaint)
        self._show_quick()

    def on_resize(self) -> None:
        """A low window has no room for the sites."""
        self.set_class(self.app.size.height < _LEAST_LINES, "-scant")

    # Reading

    def ask(self) -> None:
        """Read everything again."""
        if self.is_attached:
            self._reader.ask(_DAYS)

    def _show(self, view: DashboardView) -> None:
        self._view = view
        self._cards.show(cards(view.overview, view.daemon, view.at, view.plan, view.starting.total))
        table = self._feed
        place, jobs = table.place, view.feed
        at = next((n for n, job in enumerate(jobs) if job.id == place.cursor_id), place.cursor)
        first = max(0, min(place.first, len(jobs) - place.height))
        table.show(Window(place, len(jobs), first, max(0, min(at, len(jobs) - 1)), None, 0, jobs))
        self._sites.show(view.sites, view.at)
        self._timeline.show(view.overview.days)
        self.set_class(view.first_run, "-first")
        if view.first_run:
            self._first.show(view.place)
        self.refresh_keys()
        self._show_quick()

    # What is on the screen

    @property
    def table(self) -> WindowTable[Job]:
        """The feed."""
        return self._feed

    def reasons(self) -> dict[str, str]:
        """Why actions cannot be done now, by action id."""
        found = super().reasons()
        if reason := self._against_running():
            found["dashboard.run_schedules"] = reason
        if self._feed.current is None:
            nothing = "Nothing goes on yet. Press a to add something."
            found["dashboard.details"] = found["dashboard.copy"] = nothing
        counts = self._view.overview.counts if self._view else None
        for name in ("pause_all", "resume_all"):
            if reason := reason_against_all(name, counts):
                found[f"dashboard.{name}"] = reason
        for status, word in (
            (JobStatus.ACTIVE, "active"),
            (JobStatus.PENDING, "pending"),
            (JobStatus.FAILED, "failed"),
        ):
            if counts is None or not counts.by_status.get(status):
                found[f"dashboard.show_{word}"] = (
                    f"No job is {word}." if word != "failed" else "No job failed."
                )
        return found

    def _against_running(self) -> str:
        """Why no schedule can be run now; empty: one can."""
        starting = self._view.starting if self._view else None
        if starting is None or not starting.schedules:
            return _NO_SCHEDULES if starting is None or not starting.off else _ALL_OFF
        return ""

    def _show_quick(self) -> None:
        against = self.reasons()
        pieces = []
        for action in actions_of(Scope.DASHBOARD, keymap=self.program.keymap):
            if action.name not in _QUICK:
                continue
            reason = against.get(action.id, "")
            if not reason:
                pieces.append(Piece(action.label, "bold", 1, action.call, lead=key_word(action.keys[0])))
            elif action.name == "run_schedules":
                why = "no schedules yet" if reason == _NO_SCHEDULES else "all off"
                text = f"{key_word(action.keys[0])} {action.label} ({why})"
                pieces.append(Piece(text, "$foreground-muted", 2, action.call))
        self._quick.put(pieces)

    def on_window_table_cursor_moved(self) -> None:
        """Other keys may be useful now."""
        self.refresh_keys()

    def on_window_table_opened(self) -> None:
        """Double click."""
        self.action_details()

    def on_window_table_menu_asked(self, message: WindowTable.MenuAsked) -> None:
        """Right click."""
        from mediadl.screens.dialogs.menu import Choice, MenuDialog

        found = [a for a in actions_of(Scope.DASHBOARD) if a.name in {"details", "copy"}]
        choices = [Choice(a.name, a.label, a.key_text) for a in found]

        async def chosen(name: str | None) -> None:
            if name:
                await self.run_action(name)

        self.app.push_screen(MenuDialog("", choices, at=(message.x, message.y)), chosen)

    # Actions

    def action_add(self) -> None:
        """Open the add dialog."""
        self.program.add()

    def action_details(self) -> None:
        """Open the details of the job under the cursor."""
        from mediadl.screens.dialogs.details import DetailsDialog

        job = self._feed.current
        if not self.refused("details") and job is not None:
            self._feed.pin()
            self.app.push_screen(DetailsDialog(self._services, job, self._verbs), lambda _: self.ask())

    def action_copy(self) -> None:
        """Copy the address of the job under the cursor."""
        job = self._feed.current
        if not self.refused("copy") and job is not None:
            self.app.copy_to_clipboard(safe_text(job.url, limit=4096))
            self.notify(safe_text(job.url, limit=200), title="Copied", timeout=3, markup=False)

    def action_pause_all(self) -> None:
        """Hold every job."""
        if not self.refused("pause_all"):
            self._verbs.pause_all()

    def action_resume_all(self) -> None:
        """Let every paused job go on."""
        if not self.refused("resume_all"):
            self._verbs.resume_all()

    def action_run_schedules(self) -> None:
        """Run every schedule now, after one question."""
        from mediadl.screens.dialogs.confirm import ConfirmDialog

        starting = self._view.starting if self._view else None
        if self.refused("run_schedules") or starting is None:
            return
        verbs = ScheduleVerbs(self.app, self._services, self.ask)
        number = plural(starting.schedules, "schedule")
        text = "Their sources are looked at now, and what is new is fetched. Their times stay as they are."

        def decided(agreed: bool | None) -> None:
            if agreed:
                verbs.run_all()

        self.app.push_screen(ConfirmDialog(f"Run {number} now?", text, yes=f"Run {number}"), decided)

    def action_show_active(self) -> None:
        """The jobs at work, on the Queue."""
        self._go_to(JobStatus.ACTIVE)

    def action_show_pending(self) -> None:
        """The jobs still to come, on the Queue."""
        self._go_to(JobStatus.PENDING)

    def action_show_failed(self) -> None:
        """The jobs that failed, on the Queue."""
        self._go_to(JobStatus.FAILED)

    def _go_to(self, status: JobStatus) -> None:
        if not self.refused(f"show_{status.value}"):
            self.action_show_status(status.value)

    def action_back(self) -> None:
        """To the top of the feed."""
        self.action_top()
