"""The Queue screen as a test sees it: keys in, text out, waiting for what must become true."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from mediadl.app import MediadlApp
from mediadl.models import Job
from mediadl.screens.queue import QueueScreen
from mediadl.service import Services
from mediadl.widgets.window_table import WindowTable


class Page:
    """The app under a pilot, with the Queue screen at the bottom of its stack."""

    def __init__(self, app: MediadlApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def queue(self) -> QueueScreen:
        return next(screen for screen in self.app.screen_stack if isinstance(screen, QueueScreen))

    @property
    def table(self) -> WindowTable[Job]:
        return self.queue.table

    @property
    def current(self) -> Job:
        job = self.table.current
        assert job is not None
        return job

    @property
    def dialog(self) -> str:
        """Class name of the screen on top."""
        return type(self.app.screen).__name__

    async def until(self, condition: Callable[[], Any], what: str, within_s: float = 30) -> None:
        """Wait for something to become true."""
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline, f"not in time: {what}\n{self.text()}\n{self.toasts()}"
            await self.pilot.pause(0.01)

    async def opens(self, dialog: str) -> None:
        """Wait for a screen of this class on top."""
        await self.until(lambda: self.dialog == dialog, dialog)
        await self.pilot.pause()

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def go_to(self, job_id: int) -> None:
        """Put the cursor on a job."""
        await self.until(lambda: self._index(job_id) is not None, f"job {job_id} is loaded")
        self.table.move(self._index(job_id) or 0)
        await self.pilot.pause()
        assert self.current.id == job_id

    def _index(self, job_id: int) -> int | None:
        rows = (self.table.row(n) for n in range(self.table.total))
        return next((n for n, row in enumerate(rows) if row is not None and row.id == job_id), None)

    def lines(self) -> list[str]:
        """What is on the screen, line by line."""
        return screen_lines(self.app)

    def text(self) -> str:
        return "\n".join(self.lines())

    def toasts(self) -> str:
        """Everything said in toasts."""
        return "\n".join(f"{note.title}: {note.message}" for note in self.app._notifications)


def screen_lines(app: MediadlApp) -> list[str]:
    """The painted screen as plain text, through the compositor."""
    update = app.screen._compositor.render_update(full=True)
    assert update is not None
    segments = app.console.render_lines(update, app.console.options.update(width=app.size.width), pad=False)
    return ["".join(segment.text for segment in line if not segment.control) for line in segments]


@asynccontextmanager
async def opened(services: Services, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Page]:
    """The app with its first rows loaded."""
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = Page(app, pilot)
        await page.until(lambda: page.table.loaded, "the first rows")
        await pilot.pause()
        yield page
