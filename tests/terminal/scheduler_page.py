"""The Scheduler as a test sees it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from mediadl.app import MediadlApp
from mediadl.models import Job
from mediadl.screens.scheduler import SchedulerScreen
from mediadl.service import Services
from mediadl.service.queue import AddOptions
from mediadl.widgets.window_table import WindowTable
from terminal.page import Page

HOUR = 3600.0


class Scheduler(Page):
    """The Scheduler in front."""

    @property
    def screen(self) -> SchedulerScreen:
        return cast("SchedulerScreen", self.app.page)

    @property
    def table(self) -> WindowTable[Any]:
        return self.screen.table

    @property
    def key(self) -> int | None:
        """The row under the cursor."""
        row = self.table.current
        return None if row is None else row.key

    def job(self, job_id: int) -> Job:
        return self.screen._services.queue.get(job_id)


@asynccontextmanager
async def scheduler(services: Services, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Scheduler]:
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = Scheduler(app, pilot)
        await pilot.press("3")
        await page.until(lambda: isinstance(app.page, SchedulerScreen), "the Scheduler")
        await page.until(lambda: page.table.loaded, "rows")
        await pilot.pause()
        yield page


def plan(services: Services, *hours: float) -> list[int]:
    """A job for each of these hours from now."""
    now = time.time()
    ids = []
    for n, ahead in enumerate(hours):
        options = AddOptions(not_before=now + ahead * HOUR + 30)
        ids += [one.job_id for one in services.queue.add([f"https://files.example/{n}.jpg"], options)]
    return ids
