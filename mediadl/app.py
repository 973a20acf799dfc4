"""The Textual app: modes, keys, colours, feed, signals over one set of services. `run` is the only way in."""

from __future__ import annotations

import asyncio
import gc
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ClassVar, cast

from rich.text import Text
from textual import events
from textual.app import SystemCommand
from textual.binding import BindingType
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from mediadl import logs
from mediadl.events import Event
from mediadl.screens.actions import Scope, bindings
from mediadl.screens.actions.rights import denied
from mediadl.screens.commands import commands, palette
from mediadl.screens.feeds import Counted, Fed, Feeds
from mediadl.screens.looks import Looks
from mediadl.screens.notices import notify_error
from mediadl.screens.page import Page
from mediadl.screens.pages import FIRST, PLACES, Place
from mediadl.screens.permitted import Permitted
from mediadl.screens.terminal import (
    SAVE_TITLE,
    exit_within,
    run_until_signalled,
    terminal_gone,
    title_sequence,
)
from mediadl.screens.undo import UNDO_S, Undo
from mediadl.screens.view_memory import ViewMemory
from mediadl.security.text import safe_text
from mediadl.service import Services
from mediadl.widgets.amounts import plural
from mediadl.widgets.status_header import Totals, terminal_title

log = logs.get_logger("app")

_THREADS = 32
"""Workers wait much and compute little; the default pool of six makes them queue."""

_FORCED_EXIT_S = 0.8
"""How long a tidy end may take after a signal."""

_QUIT_S = 3.0
"""How long threads may keep the process after the screen was left."""
_START_UP_S = 1.0
_LOOK_FOR_TERMINAL_S = 1.0
_REMEMBER_S = 5.0
"""How often the view is saved if it changed; a terminal may go without a word."""
_TOTALS_S = 2.0
"""How often totals that change without a write (free space, the daemon) are read again."""


class MediadlApp(Permitted, inherit_bindings=False):
    """The terminal program."""

    TITLE = "mediadl"
    CSS_PATH = "app.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.APP)]
    FEED_S: ClassVar[float] = 0.25
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    # Textual declares these without ClassVar
    HORIZONTAL_BREAKPOINTS = [(0, "-tiny"), (40, "-narrow"), (80, "-normal"), (120, "-wide")]  # noqa: RUF012
    VERTICAL_BREAKPOINTS = [(0, "-low"), (12, "-flat"), (22, "-tall"), (40, "-high")]  # noqa: RUF012

    def __init__(self, services: Services) -> None:
        self._memory = ViewMemory(services.views)
        # Read once, by the constructor: the screen of last time comes first, and no other is made
        allowed = f"app.{self._memory.place}" not in denied(services.caller)
        self.DEFAULT_MODE = (allowed and self._memory.place) or FIRST  # type: ignore[misc]
        super().__init__(services)
        for place in PLACES:
            self.add_mode(place.name, partial(self._make, place))
        self._services = services
        self._named = ""
        self._forced_exit: threading.Timer | None = None
        self._undo = Undo(time.monotonic)
        self.totals = Totals()
        """Of the whole program, as last read."""
        self._looks = Looks(self, services)
        self._feeds = Feeds(self, services, max(self.FEED_S, self._looks.interface("refresh_s", self.FEED_S)))

    def _make(self, place: Place) -> Page:
        page = self._memory.recall(cast("Page", place.make(self._services)))
        # It is given the styles of now when it is mounted: Textual would parse all of them twice more before
        page._css_update_count = self._css_update_count  # noqa: SLF001 - there is no public way
        return page

    # Life

    def on_load(self) -> None:
        """Threads enough, before the first screen starts some."""
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "screen"))

    def on_mount(self) -> None:
        """Lock, colours, feed."""
        # A full collection over all that start-up made takes 100 ms: none before the first paint, and never again
        # over what lives as long as the program
        gc.disable()
        self.guard(self._services)
        self.set_timer(_START_UP_S, self._collect_again)
        self._looks.take_theme()
        self.keymap = self._looks.take_keys()
        self._feeds.start()
        self.set_interval(_TOTALS_S, self._feeds.count)
        if not self.is_headless and not self.is_web and not terminal_gone():
            self.set_interval(_LOOK_FOR_TERMINAL_S, self._leave_if_terminal_gone)
        self.set_interval(_REMEMBER_S, self._remember)

    def on_unmount(self) -> None:
        """Let the threads end."""
        gc.enable()
        self._remember()
        self._feeds.stop()

    @staticmethod
    def _collect_again() -> None:
        gc.freeze()
        gc.enable()

    # The feed

    def on_fed(self, message: Fed) -> None:
        """Every screen on the stack reads again what it shows."""
        self._feeds.count()
        for screen in self.screen_stack:
            hear: Callable[[Sequence[Event]], None] | None = getattr(screen, "hear", None)
            if hear is not None:
                hear(message.happened)

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
        here = {**self.denied, f"app.{self.current_mode}": "You are there."}
        return here if self._undo.standing else {**here, "app.undo": "There is nothing to undo."}

    def offer_undo(self, text: str, undo: Callable[[], str], *, quiet: bool = False) -> None:
        """Say what was done and let `u` take it back; callable from any thread. See `screens.page.Program`."""
        self._undo.offer(text, undo)
        if not quiet:
            self.notify(f"{text}\nu undoes it.", timeout=UNDO_S, markup=False)
        self.call_later(self._refresh_keys)

    def _refresh_keys(self) -> None:
        self.page.refresh_keys()
        self.set_timer(UNDO_S, self.page.refresh_keys)

    def action_undo(self) -> None:
        """Take the last change back."""
        self._undo.run(self, self.page.ask)
        self.page.refresh_keys()

    def action_help(self) -> None:
        """Show the keys of the screen on top."""
        from mediadl.screens.dialogs.help import HelpDialog

        scopes = self._scopes(self.screen)
        self.push_screen(HelpDialog(scopes[0].value.capitalize(), self.actions(*scopes)))

    def action_command_line(self) -> None:
        """Type a command."""
        from mediadl.screens.dialogs.command import CommandDialog

        page = self.page
        known = commands(self.actions(*page.SCOPES), page.reasons())

        async def chosen(answer: tuple[str, str] | None) -> None:
            call, words = answer or ("", "")
            name = call.partition(".")[2]
            if name == "add" and words:
                self.add(words)
            elif name == "change_theme" and words:
                self._looks.choose_theme(words)
            elif name == "filter" and words:
                self.page.filter_by(words)
            elif call:
                await page.run_action(call.removeprefix("screen."))

        self.push_screen(CommandDialog(known), chosen)

    def action_change_theme(self) -> None:
        """Try themes on; the chosen one is kept."""
        from mediadl.screens.dialogs.themes import ThemeDialog

        self.push_screen(ThemeDialog(), lambda _changed: self._looks.keep_theme())

    def take_theme(self, name: str) -> None:
        """Show a theme that is kept already."""
        self._looks.show_theme(name)

    def add(self, text: str = "") -> None:
        """Open the add dialog, filled with `text`."""
        if self.refuses("queue.add"):
            return
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

    action_leave_now = action_leave

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
        return palette(screen, self.actions(*self._scopes(screen)))

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
        app = MediadlApp(services)
        code = run_until_signalled(app)
        return code if code is not None else app.return_code or 0
    finally:
        gc.enable()
        logs.stop(handler)
