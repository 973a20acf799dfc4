"""The same app as in a terminal, with a browser tab around it: titles, files and notices go to the page."""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from textual.app import SystemCommand
from textual.driver import Driver
from textual.screen import Screen

import mediadl.app
from mediadl import logs
from mediadl.app import MediadlApp
from mediadl.screens.terminal import run_until_signalled
from mediadl.web.child_driver import LockedWebDriver, Pipes, take_pipes
from mediadl.web.overlay import OverlayTeller
from mediadl.web.parent_watch import watch_pipe

if TYPE_CHECKING:
    from mediadl.service import Services

_MOST_TEXT = 300
_DATABASE_BYTES = 4_000_000


class BrowserApp(MediadlApp):
    """The app of one tab."""

    FEED_S = 0.5
    """Many may look at once, and each look costs this machine something."""

    CSS_PATH = str(Path(mediadl.app.__file__).with_name("app.tcss"))

    def __init__(self, services: Services) -> None:
        super().__init__(services)
        self._overlays = OverlayTeller(self.tell_page, self.set_timer)

    def get_driver_class(self) -> type[Driver]:
        """The one that speaks packets."""
        return LockedWebDriver

    def name_terminal(self, title: str) -> None:
        """Give the tab a title, if it changed."""
        if title != self._named:
            self._named = title
            self.tell_page({"type": "title", "title": title[:_MOST_TEXT]})

    def notify(self, message: str, **details: Any) -> None:
        """Also tell the page, which shows it where its user looks when the tab is hidden."""
        super().notify(message, **details)
        title = str(details.get("title") or "mediadl")
        notice: dict[str, object] = {
            "type": "notice",
            "title": title[:_MOST_TEXT],
            "text": message[:_MOST_TEXT],
        }
        self.tell_page(notice)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette lists, and the way to the account."""
        yield from super().get_system_commands(screen)
        leave = partial(self.tell_page, {"type": "account"})
        yield SystemCommand("Your account", "Password, second factor, keys for programs, signing out.", leave)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """After each frame look whether its pictures lie elsewhere now."""
        super()._display(screen, renderable)
        if self.screen_stack and screen is self.screen:
            self._overlays.look(getattr(screen, "overlays", None))

    def tell_page(self, told: dict[str, object]) -> None:
        """Send the server a word for the page; from any thread."""
        if isinstance(self._driver, LockedWebDriver):
            self._driver.write_meta(told)


def show(services: Services, incoming: int, outgoing: int) -> int:
    """Show the screens until they are left; returns the exit code.

    Raises:
        DatabaseUnusable: there is no queue to show.
        InvalidInput: the settings cannot be used.
    """
    take_pipes(Pipes(incoming, outgoing))
    gc.disable()
    handler = logs.start(services.home.create().logs)
    try:
        services.store.limit_memory(_DATABASE_BYTES)
        app = BrowserApp(services)
        watch_pipe(incoming, lambda: os.kill(os.getpid(), signal.SIGTERM))
        code = run_until_signalled(app)
        return code if code is not None else app.return_code or 0
    finally:
        gc.enable()
        logs.stop(handler)
