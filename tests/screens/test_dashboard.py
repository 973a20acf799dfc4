"""The Dashboard: its figures, every key and click, and what it looks like in windows of all sizes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from mediadl.app import MediadlApp
from mediadl.models import JobStatus
from mediadl.models.schedules import RunKind
from mediadl.screens.actions import Scope, actions_of
from mediadl.screens.dashboard import DashboardScreen
from mediadl.service import Services
from mediadl.store import downloads, sites
from mediadl.widgets.timeline import Timeline
from store.making import download
from terminal import plans, scene
from terminal.page import Page, screen_lines

SIZES = [(60, 20), (80, 24), (120, 40), (160, 50)]


class Dashboard(Page):
    """The Dashboard in front."""

    @property
    def screen(self) -> DashboardScreen:
        return cast("DashboardScreen", self.app.page)

    @property
    def table(self):  # type: ignore[no-untyped-def]
        return self.screen.table

    def counts(self, status: JobStatus) -> int:
        return self.screen._services.queue.counts().by_status.get(status, 0)


@asynccontextmanager
async def dashboard(services: Services, size: tuple[int, int] = (120, 40)) -> AsyncIterator[Dashboard]:
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = Dashboard(app, pilot)
        await pilot.press("1")
        await page.until(lambda: isinstance(app.page, DashboardScreen), "the Dashboard")
        await page.until(lambda: page.screen._view is not None, "figures")
        await pilot.pause()
        yield page


def fill(services: Services, days: int = 3) -> list[int]:
    """A queue as a person would have it, and files of a few days."""
    ids = scene.write(services, scene.EVERYDAY)
    now = time.time()
    with services.store.write() as tx:
        for n in range(60):
            downloads.add(tx, download(n, stored_at=now - n % days * 86_400, size_bytes=1_000_000))
        sites.cool_down(tx, "instagram", now + 300, "rate_limited", now)
    return ids


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_figures_feed_and_sites_are_seen_in_every_window(
    services: Services, size: tuple[int, int]
) -> None:
    fill(services)
    async with dashboard(services, size) as page:
        text = page.text()

        for words in ("Downloads", "Queue", "Success", "Storage", "Next", "Daemon"):
            assert words in text
        assert "▶ 4 active" in text
        assert "✗ 2 failed" in text
        assert "66%" in text
        assert "not running" in text
        assert "Daily radar loop" in text
        assert "64%" in text
        assert "✗ blocked instagram" in text
        assert all(len(line) == size[0] for line in page.lines())


async def test_the_smallest_window_keeps_figures_and_feed(services: Services) -> None:
    fill(services)
    async with dashboard(services, (40, 12)) as page:
        text = page.text()

        assert "Downloads" in text
        assert "Morning mist" in text
        assert "Sites" not in text


async def test_a_first_run_says_the_three_first_things(services: Services) -> None:
    async with dashboard(services, (60, 20)) as page:
        text = page.text()

        assert "Three things to start with" in text
        assert "add an address" in text
        assert "cookies" in text
        assert "settings" in text
        assert "What goes on" not in text

        scene.write(services, scene.EVERYDAY[4:6])
        await page.until(lambda: "What goes on" in page.text(), "the feed")

        assert "Three things" not in page.text()


async def test_figures_follow_the_database(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        assert "✗ 2 failed" in page.text()

        services.queue.retry(services.queue.ids(page_query(JobStatus.FAILED)))

        await page.until(lambda: "✗ 0 failed" in page.text(), "new figures")


def page_query(status: JobStatus):  # type: ignore[no-untyped-def]
    from mediadl.models import JobQuery

    return JobQuery(statuses=frozenset({status}))


@pytest.mark.parametrize(
    ("key", "status"), [("A", JobStatus.ACTIVE), ("W", JobStatus.PENDING), ("E", JobStatus.FAILED)]
)
async def test_a_key_shows_the_jobs_of_a_status_on_the_queue(
    services: Services, key: str, status: JobStatus
) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.press(key)
        await page.until(lambda: page.app.current_mode == "queue", "the Queue")

        assert page.app.page.view_state()["status"] == status


@pytest.mark.parametrize(("words", "status"), [("✗ 2 failed", "failed"), ("▶ 4 active", "active")])
@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_a_click_on_a_figure_shows_its_jobs(
    services: Services, words: str, status: str, size: tuple[int, int]
) -> None:
    fill(services)
    async with dashboard(services, size) as page:
        cards = page.screen.query_one("#cards")
        lines = screen_lines(page.app)
        y = next(n for n, line in enumerate(lines) if words in line and n >= cards.region.y)
        await page.pilot.click(offset=(lines[y].index(words) + 2, y))
        await page.until(lambda: page.app.current_mode == "queue", "the Queue")

        assert page.app.page.view_state()["status"] == status


async def test_enter_opens_the_details_of_the_job(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.press("j", "enter")
        await page.opens("DetailsDialog")

        assert "harbour_sketches" in page.text()

        await page.press("escape")
        await page.until(lambda: page.dialog == "DashboardScreen", "back")


async def test_a_double_click_opens_the_details_too(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.pilot.click(page.table, offset=(20, 2), times=2)
        await page.opens("DetailsDialog")


async def test_a_right_click_offers_what_can_be_done(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.pilot.click(page.table, offset=(20, 2), button=3)
        await page.opens("MenuDialog")
        assert "Copy link" in page.text()

        await page.press("enter")
        await page.opens("DetailsDialog")


async def test_a_opens_the_add_dialog(services: Services) -> None:
    async with dashboard(services) as page:
        await page.press("a")
        await page.opens("AddDialog")


async def test_y_copies_the_address(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.press("y")

        assert page.app.clipboard == "https://video.example/watch?v=canal3h"


async def test_capital_p_holds_everything_and_u_takes_it_back(services: Services) -> None:
    fill(services)
    before = services.queue.counts().by_status
    async with dashboard(services) as page:
        await page.press("P")
        await page.until(lambda: not page.counts(JobStatus.PENDING), "held")
        await page.until(lambda: "Paused 12 jobs" in page.toasts(), "the offer")

        assert page.counts(JobStatus.PAUSED) == 9

        await page.press("u")
        await page.until(lambda: services.queue.counts().by_status == before, "as before")


async def test_capital_o_lets_everything_go_on(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        await page.press("O")
        await page.until(lambda: not page.counts(JobStatus.PAUSED), "going on")

        assert page.counts(JobStatus.PENDING) == 6


async def test_schedules_are_greyed_with_the_reason(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        assert "no schedules yet" in page.text()
        await page.press("N")

        assert "There are no schedules yet." in page.toasts()
        assert "dashboard.run_schedules" in page.screen.reasons()


async def test_every_schedule_is_run_after_one_question(services: Services) -> None:
    now = time.time()
    ids = plans.write(services, plans.far(now, plans.EVERYDAY), now=now)
    async with dashboard(services) as page:
        await page.press("N")
        await page.opens("ConfirmDialog")
        assert "Run 4 schedules now?" in page.text()
        await page.press("enter")
        await page.until(lambda: "Started 3 schedules" in page.toasts(), "those not at work already")

        kinds = [services.schedules.history(one, 1)[0].kind for one in ids[:4]]
        assert kinds == [RunKind.MANUAL, RunKind.MANUAL, RunKind.MANUAL, RunKind.DUE]
        assert services.schedules.history(ids[4]) == []


async def test_schedules_that_are_all_off_are_not_run(services: Services) -> None:
    plans.write(services, plans.EVERYDAY[4:], now=time.time())
    async with dashboard(services) as page:
        await page.press("N")
        assert "Every schedule is switched off." in page.toasts()


async def test_the_card_says_which_schedule_is_next_and_a_click_goes_there(services: Services) -> None:
    fill(services)
    services.schedules.add(
        {"name": "Nightly", "sources": ["tiktok:@a"], "every_s": 3600, "active_from": "2030-01-01"}
    )
    services.schedules.add({"name": "Soon", "sources": ["tiktok:@a"], "every_s": 3600})
    async with dashboard(services) as page:
        await page.until(lambda: "↻ Soon" in page.text(), "the card")
        assert "and 2 more" in page.text()
        line = next(n for n, text in enumerate(page.lines()) if "and 2 more" in text)
        await page.pilot.click(offset=(page.lines()[line].index("and 2 more") + 1, line))
        await page.until(lambda: page.app.current_mode == "scheduler", "the Scheduler")


async def test_what_cannot_be_done_says_why(services: Services) -> None:
    async with dashboard(services) as page:
        for key in ("enter", "y", "P", "O", "A", "W", "E"):
            page.app.clear_notifications()
            await page.press(key)
            assert page.toasts(), key
        assert page.dialog == "DashboardScreen"


async def test_the_feed_is_walked_through(services: Services) -> None:
    fill(services)
    async with dashboard(services) as page:
        at = []
        for key in ("j", "down", "k", "up", "G", "home", "end", "escape", "pagedown", "pageup", "ctrl+d"):
            await page.press(key)
            at.append(page.table.cursor)

        last = page.table.total - 1
        assert at[:8] == [1, 2, 1, 0, last, 0, last, 0]
        assert at[8] > 0
        assert at[9] == 0
        assert at[10] > 0
        await page.press("ctrl+u", "ctrl+f", "ctrl+b")
        assert page.table.cursor == 0


async def test_the_cursor_stays_on_its_job_when_others_end(services: Services) -> None:
    ids = fill(services)
    async with dashboard(services) as page:
        await page.press("j", "j", "j", "j", "j")
        job = page.table.current.id
        services.queue.cancel(ids[4:8])
        await page.until(lambda: page.table.total == 15, "four more have ended")

        assert page.table.current.id == job


async def test_the_footer_shows_only_what_can_be_done(services: Services) -> None:
    async with dashboard(services) as page:
        assert "Pause all" not in page.lines()[-1]

    fill(services)
    async with dashboard(services) as page:
        assert "Pause all" in page.lines()[-1]


async def test_charts_come_where_there_is_room(services: Services) -> None:
    fill(services)
    async with dashboard(services, (160, 50)) as page:
        timeline = page.screen.query_one(Timeline)
        await page.until(lambda: timeline.has_charts, "charts")

        assert "Files a day" in page.text()
        assert "Bytes a day" in page.text()

        await page.pilot.resize_terminal(80, 24)
        await page.until(lambda: "Files a day" not in page.text(), "lines instead")

        assert "most 20" in page.text()


async def test_without_colours_there_are_lines_of_blocks(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    fill(services)
    async with dashboard(services, (160, 50)) as page:
        assert "most 20" in page.text()
        assert not page.screen.query_one(Timeline).has_charts
        for words in ("✗ blocked", "▶ Active", "✗ Failed", "✓ Done", "○ not running"):
            assert words in page.text()


async def test_every_action_has_a_method() -> None:
    for action in actions_of(Scope.DASHBOARD):
        assert callable(getattr(DashboardScreen, f"action_{action.name}"))
