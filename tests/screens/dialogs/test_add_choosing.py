"""What the add dialog makes of its addresses besides jobs."""

from __future__ import annotations

from textual import events

from mediadl.models import JobQuery
from mediadl.service import Services
from terminal.page import opened


async def test_ctrl_r_makes_a_schedule_of_the_addresses(services: Services) -> None:
    async with opened(services, size=(80, 24)) as page:
        await page.press("a")
        await page.opens("AddDialog")
        await page.press("ctrl+r")
        assert "Type or paste an address first." in page.toasts()
        page.app.post_message(events.Paste("instagram:harbour tiktok:@kiln"))
        await page.until(lambda: "2 addresses to add" in page.text(), "looked at")
        assert "Ctrl+R Repeat" in page.text()
        await page.press("ctrl+r")
        await page.opens("ScheduleEditor")
        await page.until(lambda: "✓ can be kept" in page.text(), "ready")
        await page.press("ctrl+s")
        await page.until(lambda: page.dialog == "QueueScreen", "both closed")

    assert services.queue.page(JobQuery(), 0, 10) == []
    assert services.schedules.list()[0].schedule.spec["sources"] == ["instagram:harbour", "tiktok:@kiln"]
