"""What the next run of a schedule would fetch, asked from the Scheduler: nothing is ticked, nothing is added."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakeweb.world import World, default_world
from mediadl.models import JobQuery
from mediadl.screens.dialogs.pick import PickDialog
from mediadl.service import Services
from terminal.scheduler_page import scheduler


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The simulated web, and the way there."""
    made = default_world()
    with made.web:
        monkeypatch.setenv("MEDIADL_NETWORK__PROXY", made.web.url)
        monkeypatch.setenv("MEDIADL_NETWORK__CA_FILE", str(made.web.ca_pem))
        yield made


@pytest.mark.engines
async def test_w_lists_what_a_run_would_fetch_and_the_rule_that_decides(
    services: Services, world: World
) -> None:
    services.schedules.add({
        "name": "Two", "sources": ["tiktok:@alice", "tiktok:@bob"], "cron": "0 3 1 1 *",
        "filters": {"match": r"post 2\b"},
    })  # fmt: skip
    async with scheduler(services, (80, 24)) as page:
        await page.press("w")
        await page.opens("MenuDialog")
        assert "tiktok.com/@bob" in page.text() or "tiktok:@bob" in page.text()
        await page.press("enter")
        await page.opens("PickDialog")
        picking = page.app.screen
        assert isinstance(picking, PickDialog)
        await page.until(lambda: not picking.listing, "the whole list", within_s=60)
        await page.until(lambda: "left out" in page.text(), "the sum")

        assert "does not match" in page.text()
        assert "Add ticked" not in page.text()
        ticked = list(picking.list.ticked)
        await page.press("space", "a", "enter")
        assert picking.list.ticked == ticked
        assert "This is what a run would do" in page.toasts()
        await page.press("escape")
        await page.until(lambda: page.dialog == "SchedulerScreen", "back")
    assert services.queue.page(JobQuery(), 0, 10) == []
