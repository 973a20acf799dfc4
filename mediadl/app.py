"""The Textual app: modes, keys, colours, feed, signals over one set of services. `run` is the only way in."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import ClassVar, TypeVar, cast

from rich.text import Text
from textual import events
from textual.app import App, InvalidThemeError, SystemCommand
from textual.binding import BindingType
from textual.message import Message
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from mediadl import logs
from mediadl.errors import MediadlError
from mediadl.events import Event
from mediadl.models import JobStatus
from mediadl.screens.actions import Action, Keymap, Scope, actions_of, bindings
from mediadl.screens.news import News
from mediadl.screens.notices import notify_error
from mediadl.screens.page import Page
from mediadl.screens.pages import FIRST, PLACES, Place
from mediadl.screens.terminal import (
    RESTORE_TITLE,
    SAVE_TITLE,
    exit_within,
    reset_terminal,
    terminal_gone,
    title_sequence,
)
from mediadl.screens.totals import TotalsReader
from mediadl.screens.undo import UNDO_S, Undo
from mediadl.screens.view_memory import ViewMemory
from mediadl.security.text import safe_lines, safe_text
from mediadl.service import Services
from mediadl.widgets.amounts import plural
from mediadl.widgets.messages import Newest
from mediadl.widgets.status_header import Totals, terminal_title
from mediadl.workers.event_feed import EventFeed
from mediadl.workers.queries import LatestQuery

log = logs.get_logger("app")

T = TypeVar("T")

_THREADS = 32
"""Workers wait much and compute little; the default pool of six makes them queue."""

_FORCED_EXIT_S = 0.8
"""How long a tidy end may take after a signal."""

_QUIT_S = 3.0
"""How long threads may keep the process after the screen was left."""

_START_UP_S = 1.0
_ATTACH_S = 5.0
_LOOK_FOR_TERMINAL_S = 1.0
_REMEMBER_S = 5.0
"""How often the view is saved if it changed; a terminal may go without a word."""
_KEY_TROUBLES = 4
_TOTALS_S = 2.0
"""How often totals that change without a write (free space, the daemon) are read again."""

_UNFINISHED = (JobStatus.PENDING, JobStatus.ACTIVE, JobStatus.WAITING, JobStatus.SCHEDULED)


class Fed(Message):
    """The database changed; what happened since the last time."""

    def __init__(self, happened: Sequence[Event]) -> None:
        super().__init__()
        self.happened = happened


class Counted(Newest):
    """The totals were read."""

    def __init__(self, totals: Totals) -> None:
        super().__init__()
        self.totals = totals


class MediadlApp(App[int], inherit_bindings=False):
    """The terminal program."""

    TITLE = "mediadl"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.APP)]
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    # Textual declares these without ClassVar
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (80, "-normal"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-flat"), (22, "-tall"), (40, "-high")]  # noqa: RUF012

    def __init__(self, services: Services) -> None:
        self._memory = ViewMemory(services.views)
        # Read once, by the constructor: the screen of last time comes first, and no other is made
        self.DEFAULT_MODE = self._memory.place or FIRST  # type: ignore[misc]
        super().__init__()
        for place in PLACES:
            self.add_mode(place.name, partial(self._make, place))
        self._services = services
        self._stopping = threading.Event()
        self._named = ""
        self._theme_known = ""
        self._forced_exit: threading.Timer | None = None
        self._undo = Undo(time.monotonic)
        self.totals = Totals()
        """Of the whole program, as last read."""
        self.keymap: Keymap = {}
        """Keys of the user's own."""
        self._news = News(self._title_of, time.monotonic)
        self._counting: LatestQuery[int, Totals] = LatestQuery(
            TotalsReader(services).read,
            self._publish_totals,
            lambda error: notify_error(self, error),
        )
        self._feed = EventFeed(
            services.queue,
            self._hear,
            lambda error: notify_error(self, error),
            interval_s=max(0.25, self._interface("refresh_s", 0.25)),
            turn=self._tell_news,
        )

    def _make(self, place: Place) -> Page:
        return self._memory.recall(place.make(self._services))

    # Life

    def on_load(self) -> None:
        """Threads enough, before the first screen starts some."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "screen"))

    def on_mount(self) -> None:
        """Colours, feed."""
        # A full collection over all that start-up made takes 100 ms: none before the first paint, and never again
        # over what lives as long as the program
        gc.disable()
        self.set_timer(_START_UP_S, self._collect_again)
        self._take_theme()
        self._take_keys()
        self.run_worker(self._feed.run, thread=True, group="feed", name="feed", exit_on_error=False)
        self.run_worker(self._counting.run, thread=True, group="totals", name="totals", exit_on_error=False)
        self.set_interval(_TOTALS_S, self._count)
        self._count()
        self.run_worker(self._stay_attached, thread=True, group="attach", name="attach", exit_on_error=False)
        if not self.is_headless and not self.is_web and not terminal_gone():
            self.set_interval(_LOOK_FOR_TERMINAL_S, self._leave_if_terminal_gone)
        self.set_interval(_REMEMBER_S, self._remember)

    def on_unmount(self) -> None:
        """Let the threads end."""
        gc.enable()
        self._remember()
        self._feed.stop()
        self._counting.stop()
        self._stopping.set()

    @staticmethod
    def _collect_again() -> None:
        gc.freeze()
        gc.enable()

    def _take_theme(self) -> None:
        wanted = self._interface("theme", self.theme)
        try:
            if wanted != self.theme:
                self.theme = wanted
        except InvalidThemeError:
            self.notify(
                f"There is no theme {wanted!r}.\nChoose one with Ctrl+T.",
                title="Theme", severity="warning", markup=False,
            )  # fmt: skip
        self._theme_known = self.theme
        self.theme_changed_signal.subscribe(self, lambda _theme: self._keep_theme())

    def _take_keys(self) -> None:
        """The user's own keys, if there is a file of them."""
        if not self._services.settings.keymap_file.exists():
            return
        from mediadl.screens.settings_keys import known

        found = self._services.settings.keymap(known())
        self.keymap = found.keys
        self.set_keymap({name: ",".join(keys) for name, keys in found.keys.items()})
        if found.troubles:
            said = safe_lines("\n".join(found.troubles[:_KEY_TROUBLES]), limit=600)
            self.notify(said, title="keymap.toml", severity="warning", timeout=15, markup=False)

    def _interface(self, name: str, default: T) -> T:
        """A setting of the section; reading the schema doubles the time to the first paint, so only where needed."""
        file = self._services.settings.file
        untouched = not file.exists() or "interface" not in file.read_text("utf-8", "replace")
        if untouched and not any(variable.startswith("MEDIADL_INTERFACE__") for variable in os.environ):
            return default
        value: T = getattr(self._services.settings.values().interface, name)
        return value

    def take_theme(self, name: str) -> None:
        """Show a theme that is kept already; one that does not exist is left alone."""
        if name in self.available_themes and name != self.theme:
            self._theme_known = self.theme = name

    def _keep_theme(self) -> None:
        if self.theme == self._theme_known or getattr(self.screen, "PREVIEWS", False):
            return
        self._theme_known = chosen = self.theme

        def work() -> None:
            try:
                self._services.settings.set("interface.theme", chosen)
            except MediadlError as error:
                notify_error(self, error)

        self.run_worker(work, thread=True, group="verbs", exit_on_error=False)

    def _stay_attached(self) -> None:
        """Thread: tell the daemon that a screen is open, so that it stays; start it when work is waiting."""
        daemon, queue = self._services.daemon, self._services.queue
        by_status = queue.counts().by_status
        if any(by_status.get(status, 0) for status in _UNFINISHED):
            daemon.ensure()
        while not self._stopping.is_set():
            daemon.attach()
            self._stopping.wait(_ATTACH_S)
        daemon.detach()

    # The feed

    def _hear(self, happened: Sequence[Event]) -> None:
        # Feed's thread
        self._tell_news(happened)
        self.post_message(Fed(happened))

    def on_fed(self, message: Fed) -> None:
        """Every screen on the stack reads again what it shows."""
        self._count()
        for screen in self.screen_stack:
            hear: Callable[[Sequence[Event]], None] | None = getattr(screen, "hear", None)
            if hear is not None:
                hear(message.happened)

    def _tell_news(self, happened: Sequence[Event] = ()) -> None:
        # Feed's thread
        notice = self._news.hear(happened)
        if notice is not None:
            self.notify(notice.text, title=notice.title, severity=notice.severity, markup=False, timeout=8)

    def _title_of(self, job_id: int) -> str:
        # Feed's thread
        return next((job.title or job.url for job in self._services.queue.get_many([job_id])), "")

    def _publish_totals(self, totals: Totals) -> None:
        # Thread of the totals
        self.post_message(Counted(totals))

    def _count(self) -> None:
        self._counting.ask(0)

    def on_counted(self, message: Counted) -> None:
        """Header and terminal title show the totals."""
        self.totals = message.totals
        if self.screen_stack and isinstance(self.screen_stack[0], Page):
            self.screen_stack[0].show_totals(self.totals)
        self.name_terminal(terminal_title(self.totals))

    # Trouble

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """A thread failed in a way nobody expected: say so and go on."""
        error = event.worker.error
        if event.state is WorkerState.ERROR and error is not None:
            notify_error(self, error)

    def _fatal_error(self) -> None:
        """A defect in a screen ends the program: with one line, the traceback in the log."""
        error = self._exception
        name = type(error).__name__
        log.error("unexpected failure in a screen: %s", name, exc_info=error)
        said = f"mediadl: unexpected failure ({name}: {safe_text(error, limit=200)}). Downloads go on."
        self._exit_renderables.append(Text(f"{said} Details: mediadl logs --level error"))
        self._close_messages_no_wait()

    def _leave_if_terminal_gone(self) -> None:
        if terminal_gone():
            self.leave_by_signal(signal.SIGHUP)

    def leave_by_signal(self, signum: int) -> None:
        """End at once and tidily; by force when that takes too long, even if the loop hangs. For the main thread."""
        self._force_after(_FORCED_EXIT_S, 128 + signum)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self.exit, 128 + signum)

    def _force_after(self, seconds: float, code: int) -> None:
        if not self.is_headless:
            self.stay_alive()
            self._forced_exit = exit_within(seconds, code)

    def stay_alive(self) -> None:
        """The screens are gone: whoever started them goes on."""
        if self._forced_exit is not None:
            self._forced_exit.cancel()

    # Screens

    @property
    def page(self) -> Page:
        """The main screen in front, maybe under a dialog."""
        return cast("Page", self.screen_stack[0])

    async def go(self, place: str) -> bool:
        """Show a main screen; false when the one in front must not be left."""
        if place == self.current_mode:
            return True
        if not await self.page.leave_guard():
            return False
        self._remember()
        await self.switch_mode(place)
        return True

    def _go(self, place: str) -> None:
        # A guard may ask with a dialog, which must not wait inside a key's handler
        self.run_worker(self.go(place), group="go", exclusive=True, exit_on_error=False)

    def action_dashboard(self) -> None:
        """Show the Dashboard."""
        self._go("dashboard")

    def action_queue(self) -> None:
        """Show the Queue."""
        self._go("queue")

    def action_scheduler(self) -> None:
        """Show the Scheduler."""
        self._go("scheduler")

    def action_history(self) -> None:
        """Show the History."""
        self._go("history")

    def action_logs(self) -> None:
        """Show the Logs."""
        self._go("logs")

    def action_settings(self) -> None:
        """Show the Settings."""
        self._go("settings")

    async def action_show_status(self, word: str) -> None:
        """Show the jobs of one status on the Queue."""
        if await self.go("queue"):
            await self.page.run_action(f"show_status('{word}')")

    def action_jump(self) -> None:
        """Wait for a letter more."""
        from mediadl.screens.dialogs.jump import JumpDialog

        async def chosen(name: str | None) -> None:
            if name == "top":
                await self.page.run_action("top")
            elif name:
                self._go(name)

        self.push_screen(JumpDialog(), chosen)

    def remember(self, page: Page) -> None:
        """Take down how a page is looked at; the next start shows it so."""
        self._memory.note(page)

    def _remember(self) -> None:
        for stack in self._screen_stacks.values():
            if stack and isinstance(stack[0], Page):
                self._memory.note(stack[0])
        self._memory.place = self.current_mode
        self._memory.save()

    # Actions

    def reasons(self) -> dict[str, str]:
        """Why actions of the app cannot be done now, by action id."""
        found = {f"app.{self.current_mode}": "You are there."}
        if not self._undo.standing:
            found["app.undo"] = "There is nothing to undo."
        return found

    def actions(self, *scopes: Scope) -> list[Action]:
        """The actions of these scopes with the user's keys."""
        return actions_of(*scopes, keymap=self.keymap)

    def offer_undo(self, text: str, undo: Callable[[], str]) -> None:
        """Say what was done and let `u` take it back; callable from any thread. See `screens.page.Program`."""
        self._undo.offer(text, undo)
        self.notify(f"{text}\nu undoes it.", timeout=UNDO_S, markup=False)
        self.call_later(self._refresh_keys)

    def _refresh_keys(self) -> None:
        self.page.refresh_keys()
        self.set_timer(UNDO_S, self.page.refresh_keys)

    def action_undo(self) -> None:
        """Take the last change back."""
        offer = self._undo.take()
        if offer is None:
            self.notify("There is nothing to undo.", timeout=3)
            return

        def work() -> None:
            try:
                said = offer.undo()
            except MediadlError as error:
                notify_error(self, error)
            else:
                self.notify(said, timeout=4, markup=False)
            self.call_later(self.page.ask)

        self.clear_notifications()
        self.run_worker(work, thread=True, group="verbs", exit_on_error=False)
        self.page.refresh_keys()

    def action_help(self) -> None:
        """Show the keys of the screen on top."""
        from mediadl.screens.dialogs.help import HelpDialog

        scopes = self._scopes(self.screen)
        self.push_screen(HelpDialog(scopes[0].value.capitalize(), self.actions(*scopes)))

    def action_command_line(self) -> None:
        """Type a command."""
        from mediadl.screens.commands import commands
        from mediadl.screens.dialogs.command import CommandDialog

        page = self.page
        known = commands(self.actions(*page.SCOPES), page.reasons())

        async def chosen(answer: tuple[str, str] | None) -> None:
            call, words = answer or ("", "")
            name = call.partition(".")[2]
            if name == "add" and words:
                self.add(words)
            elif name == "change_theme" and words:
                self._choose_theme(words)
            elif name == "filter" and words:
                self.page.filter_by(words)
            elif call:
                await page.run_action(call.removeprefix("screen."))

        self.push_screen(CommandDialog(known), chosen)

    def action_change_theme(self) -> None:
        """Try themes on; the chosen one is kept."""
        from mediadl.screens.dialogs.themes import ThemeDialog

        self.push_screen(ThemeDialog(), lambda _changed: self._keep_theme())

    def _choose_theme(self, name: str) -> None:
        if name in self.available_themes:
            self.theme = name
        else:
            self.notify(
                f"There is no theme {safe_text(name, limit=40)!r}.\nCtrl+T lists them.",
                severity="warning", markup=False,
            )  # fmt: skip

    def add(self, text: str = "") -> None:
        """Open the add dialog, filled with `text`."""
        from mediadl.screens.dialogs.add import AddDialog

        def added(number: int | None) -> None:
            if number:
                self.notify(f"Added {plural(number, 'job')}", timeout=3, markup=False)
                self.page.ask()

        self.push_screen(AddDialog(self._services, text), added)

    def action_leave(self) -> None:
        """Quit, unless the screen must not be left; a thread that hangs does not keep the process."""
        self.run_worker(self._leave(), group="go", exclusive=True, exit_on_error=False)

    async def _leave(self) -> None:
        # A locked screen asks nothing and tells nothing
        if getattr(self.screen, "LOCKED", False) or await self.page.leave_guard():
            self._force_after(_QUIT_S, 0)
            self.exit(0)

    def action_leave_now(self) -> None:
        """Quit, also while typing."""
        self.action_leave()

    def action_suspend(self) -> None:
        """Stop like any program in a shell."""
        self.action_suspend_process()

    def action_interrupt(self) -> None:
        """Copy selected text; without any say how to quit."""
        selected = self.screen.get_selected_text()
        if selected:
            self.copy_to_clipboard(selected)
            self.notify("Copied", timeout=2)
        else:
            self.notify("Press q to quit; downloads go on.", timeout=4, markup=False)

    def on_paste(self, event: events.Paste) -> None:
        """Addresses pasted anywhere open the add dialog."""
        if event.text.strip():
            self.add(event.text.strip())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette lists: every action that can be done here and now."""
        reasons: Callable[[], dict[str, str]] = getattr(screen, "reasons", dict)
        against = reasons()
        for action in self.actions(*self._scopes(screen)):
            if action.id in against or action.name in {"command_palette", "command_line"}:
                continue

            def call(do: str = action.call) -> None:
                self.call_later(screen.run_action, do)

            yield SystemCommand(f"{action.label} ({action.key_text})", action.help, call)

    @staticmethod
    def _scopes(screen: Screen[object]) -> Sequence[Scope]:
        return cast("Sequence[Scope]", getattr(screen, "SCOPES", (Scope.APP,)))

    # The terminal's title

    def name_terminal(self, title: str) -> None:
        """Give the terminal's window a title, if it changed."""
        if title == self._named or self.is_headless or self._driver is None:
            return
        first = SAVE_TITLE if not self._named else ""
        self._named = title
        self._driver.write(first + title_sequence(title))


def run(services: Services) -> int:
    """Show the screens until the user leaves; returns the exit code. Downloads go on without them.

    Raises:
        DatabaseUnusable: there is no queue to show.
        InvalidInput: the settings cannot be used.
    """
    gc.disable()
    handler = logs.start(services.home.create().logs)
    try:
        _ = services.store
        return _run(MediadlApp(services))
    finally:
        gc.enable()
        logs.stop(handler)


def _run(app: MediadlApp) -> int:

    def on_signal(signum: int, _frame: FrameType | None) -> None:
        if not app.is_running:
            reset_terminal()
            sys.exit(128 + signum)
        app.leave_by_signal(signum)

    before = {signum: signal.signal(signum, on_signal) for signum in (signal.SIGTERM, signal.SIGHUP)}
    try:
        code = app.run()
    finally:
        app.stay_alive()
        for signum, handler in before.items():
            signal.signal(signum, handler)
        if sys.__stdout__ is not None and sys.__stdout__.isatty():
            sys.__stdout__.write(RESTORE_TITLE)
            sys.__stdout__.flush()
    return code if code is not None else app.return_code or 0
