"""The Textual app: screens over one set of services; keys, colours, feed, signals. `run` is the only way in."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
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
from mediadl.screens.actions import Scope, actions_of, bindings
from mediadl.screens.notices import notify_error
from mediadl.screens.queue import QueueScreen
from mediadl.screens.terminal import (
    RESTORE_TITLE,
    SAVE_TITLE,
    exit_within,
    reset_terminal,
    terminal_gone,
    title_sequence,
)
from mediadl.security.text import safe_text
from mediadl.service import Services
from mediadl.workers.event_feed import EventFeed

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

_UNFINISHED = (JobStatus.PENDING, JobStatus.ACTIVE, JobStatus.WAITING, JobStatus.SCHEDULED)


class Fed(Message):
    """The database changed; what happened since the last time."""

    def __init__(self, happened: Sequence[Event]) -> None:
        super().__init__()
        self.happened = happened


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
        super().__init__()
        self._services = services
        self._stopping = threading.Event()
        self._named = ""
        self._theme_known = ""
        self._forced_exit: threading.Timer | None = None
        self._feed = EventFeed(
            services.queue,
            self._hear,
            lambda error: notify_error(self, error),
            interval_s=max(0.25, self._interface("refresh_s", 0.25)),
        )

    # Life

    def get_default_screen(self) -> Screen[None]:
        """The first screen."""
        return QueueScreen(self._services)

    def on_mount(self) -> None:
        """Colours, threads, feed."""
        # A full collection over all that start-up made takes 100 ms: none before the first paint, and never again
        # over what lives as long as the program
        gc.disable()
        self.set_timer(_START_UP_S, self._collect_again)
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_THREADS, "screen"))
        self._take_theme()
        self.run_worker(self._feed.run, thread=True, group="feed", name="feed", exit_on_error=False)
        self.run_worker(self._stay_attached, thread=True, group="attach", name="attach", exit_on_error=False)
        if not self.is_headless and not self.is_web and not terminal_gone():
            self.set_interval(_LOOK_FOR_TERMINAL_S, self._leave_if_terminal_gone)

    def on_unmount(self) -> None:
        """Let the threads end."""
        gc.enable()
        self._feed.stop()
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

    def _interface(self, name: str, default: T) -> T:
        """A setting of the section; reading the schema doubles the time to the first paint, so only where needed."""
        file = self._services.settings.file
        untouched = not file.exists() or "interface" not in file.read_text("utf-8", "replace")
        if untouched and not any(variable.startswith("MEDIADL_INTERFACE__") for variable in os.environ):
            return default
        value: T = getattr(self._services.settings.values().interface, name)
        return value

    def _keep_theme(self) -> None:
        if self.theme == self._theme_known:
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
        self.post_message(Fed(happened))

    def on_fed(self, message: Fed) -> None:
        """Every screen on the stack reads again what it shows."""
        for screen in self.screen_stack:
            hear: Callable[[Sequence[Event]], None] | None = getattr(screen, "hear", None)
            if hear is not None:
                hear(message.happened)

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

    # Actions

    def action_help(self) -> None:
        """Show the keys of the screen on top."""
        from mediadl.screens.dialogs.help import HelpDialog

        scopes = self._scopes(self.screen)
        self.push_screen(HelpDialog(scopes[0].value.capitalize(), actions_of(*scopes)))

    def action_leave(self) -> None:
        """Quit; a thread that hangs does not keep the process."""
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
            self._queue_screen().action_add(event.text.strip())

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette lists: every action that can be done here and now."""
        reasons: Callable[[], dict[str, str]] = getattr(screen, "reasons", dict)
        against = reasons()
        for action in actions_of(*self._scopes(screen)):
            if action.id in against or action.name == "command_palette":
                continue

            def call(do: str = action.call) -> None:
                self.call_later(screen.run_action, do)

            yield SystemCommand(f"{action.label} ({action.key_text})", action.help, call)

    def _queue_screen(self) -> QueueScreen:
        return next(screen for screen in self.screen_stack if isinstance(screen, QueueScreen))

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
