"""The Logs screen as a test sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from textual.pilot import Pilot

from mediadl.app import MediadlApp
from mediadl.logs import LogWriter
from mediadl.logs.lines import LogLine
from mediadl.screens.logs import LogsScreen
from mediadl.service import Services
from mediadl.widgets.log_view import LogTable
from terminal.page import Page

LEVELS = ("debug", "info", "warning", "error")
MODULES = ("app", "workers.pool", "workers.runner")


class LogsPage(Page):
    """The app under a pilot, with the Logs screen in front."""

    def __init__(self, app: MediadlApp, pilot: Pilot[int]) -> None:
        super().__init__(app, pilot)

    @property
    def logs(self) -> LogsScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, LogsScreen))

    @property
    def lines_table(self) -> LogTable:
        return self.logs.table

    @property
    def line(self) -> LogLine:
        """The line under the cursor."""
        row = self.lines_table.current
        assert row is not None
        return row.line

    @property
    def shown(self) -> list[str]:
        """Messages of the lines in view."""
        return [row.line.message for row in self.lines_table.visible_lines]

    async def settled(self) -> None:
        """Everything asked for was searched and is shown."""
        await self.until(lambda: self.lines_table.loaded and self.logs._searched >= 1, "searched")
        await self.until(lambda: self.logs.tally.searched >= 1, "counted")
        await self.pilot.pause()

    async def total(self, number: int) -> None:
        """Wait until so many lines are found."""
        await self.until(lambda: self.lines_table.total == number, f"{number} lines")
        await self.settled()


def write(services: Services, number: int, *, word: str = "step", start: int = 0) -> None:
    """Lines of all levels and some modules; every fifth is about a job."""
    now = [datetime.now(UTC) - timedelta(seconds=number)]
    log = LogWriter(services.home.logs, level="debug", clock=lambda: now[0])
    for n in range(start, start + number):
        now[0] += timedelta(milliseconds=900)
        log.write(LEVELS[n % 4], MODULES[n % 3], f"{word} {n}", 7 if n % 5 == 0 else None)
    log.close()


@asynccontextmanager
async def opened(
    services: Services, number: int = 0, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[LogsPage]:
    """The Logs screen over so many lines, all of them read."""
    if number:
        write(services, number)
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = LogsPage(app, pilot)
        await pilot.press("5")
        await page.until(lambda: page.dialog == "LogsScreen", "the screen")
        await page.settled()
        yield page
