"""A schedule in full: its runs, its sources, its keys."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from mediadl.models.schedules import RunKind
from mediadl.screens.dialogs.schedule import ScheduleDialog
from mediadl.service import Services
from terminal import plans
from terminal.scheduler_page import Scheduler, scheduler

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]


@asynccontextmanager
async def opened(
    services: Services, part: int = 0, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[Scheduler, int]]:
    """The details of a schedule of the scene."""
    now = time.time()
    (schedule_id,) = plans.write(services, plans.far(now, plans.EVERYDAY[part : part + 1]), now=now)
    async with scheduler(services, size) as page:
        await page.press("enter")
        await page.opens("ScheduleDialog")
        dialog = page.app.screen
        assert isinstance(dialog, ScheduleDialog)
        await page.until(lambda: dialog._facts is not None, "the facts")
        await page.pilot.pause()
        yield page, schedule_id


@pytest.mark.parametrize("size", SIZES)
async def test_runs_say_when_how_long_and_what_came(services: Services, size: tuple[int, int]) -> None:
    async with opened(services, 0, size) as (page, _):
        text = page.text()

        assert "[Runs 21]" in text
        said = ["Start", "Took", "New", "Fail", "✓ Done", "100% of its runs went well"]
        for word in (*said, *(["Found", "Skip"] if size[0] >= 80 else [])):
            assert word in text, word
        assert all(len(line) == size[0] for line in page.lines())


async def test_a_chart_says_what_each_run_brought_where_there_is_room(services: Services) -> None:
    async with opened(services, 0, (120, 40)) as (page, _):
        assert "3 new " in page.text()
        assert "███" in page.text()


async def test_a_failed_run_says_why_and_y_copies_it(services: Services) -> None:
    async with opened(services, 2) as (page, _):
        assert "HTTP 503 for forum.example" in page.text()
        await page.press("y")
        assert page.app.clipboard == "HTTP 503 for forum.example"
        await page.press("j", "y")
        assert "no error to copy" in page.toasts()


@pytest.mark.parametrize("key", ["tab", "l"])
async def test_sources_say_how_they_are(services: Services, key: str) -> None:
    async with opened(services) as (page, _):
        assert "Tab says which and why" in page.text()
        await page.press(key)
        text = page.text()

        assert "[Sources 3]" in text
        assert "▲ Private" in text
        assert "the account is private" in text
        await page.press("G", "y")
        assert "mountain.huts" in page.app.clipboard
        await page.press(key)
        assert "[Runs 21]" in page.text()


async def test_its_keys_do_what_they_do_in_the_list(services: Services) -> None:
    async with opened(services, 1) as (page, schedule_id):
        await page.press("p")
        await page.until(lambda: not services.schedules.get(schedule_id).enabled, "off")
        await page.until(lambda: "‖ Off" in page.text(), "it says so")
        await page.press("u")
        await page.until(lambda: services.schedules.get(schedule_id).enabled, "on")
        await page.press("b")
        await page.until(lambda: services.schedules.history(schedule_id)[0].kind is RunKind.GAP, "a run")
        await page.until(lambda: "▶ Running" in page.text(), "it says so")


async def test_r_runs_it_and_e_changes_it(services: Services) -> None:
    async with opened(services, 2) as (page, schedule_id):
        await page.press("r")
        await page.until(lambda: services.schedules.history(schedule_id)[0].kind is RunKind.MANUAL, "a run")
        await page.press("e")
        await page.opens("ScheduleEditor")
        await page.press("escape")
        await page.opens("ScheduleDialog")


async def test_a_schedule_without_a_run_says_what_to_do(services: Services) -> None:
    async with opened(services, 4) as (page, _):
        assert "No run yet. r starts one now." in page.text()
        await page.press("y", "b")
        assert "nothing to copy" in page.toasts()
        assert "Nothing is known to be missing." in page.toasts()


async def test_it_closes_when_the_schedule_is_removed_elsewhere(services: Services) -> None:
    async with opened(services) as (page, schedule_id):
        services.schedules.remove([schedule_id])
        await page.until(lambda: page.dialog == "SchedulerScreen", "closed")


@pytest.mark.parametrize("key", ["escape", "enter", "q"])
async def test_it_goes_back_to_the_list(services: Services, key: str) -> None:
    async with opened(services) as (page, _):
        await page.press(key)
        await page.until(lambda: page.dialog == "SchedulerScreen", "the list")


async def test_tabs_and_keys_can_be_clicked(services: Services) -> None:
    async with opened(services) as (page, _):
        lines = page.lines()
        y = next(n for n, line in enumerate(lines) if "Sources 3" in line)
        await page.pilot.click(offset=(lines[y].index("Sources 3") + 2, y))
        await page.until(lambda: "[Sources 3]" in page.text(), "the sources")


async def test_runs_are_walked_through(services: Services) -> None:
    async with opened(services, 0, (80, 24)) as (page, _):
        dialog = page.app.screen
        assert isinstance(dialog, ScheduleDialog)
        await page.press("G")
        assert dialog.table.cursor == 20
        await page.press("g", "j", "pagedown", "k", "ctrl+u")
        assert dialog.table.cursor >= 0
        assert page.dialog == "ScheduleDialog"
