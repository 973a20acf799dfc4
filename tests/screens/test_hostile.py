"""Strings from outside change nothing on the screen but their own text."""

from __future__ import annotations

import pytest

from mediadl.models import Identity, Item, ItemState, JobStatus
from mediadl.service import Services
from terminal import scene
from terminal.hostile import HOSTILE, assert_harmless
from terminal.page import opened


@pytest.mark.parametrize("name", list(HOSTILE))
async def test_a_hostile_job_is_text_in_every_place(services: Services, name: str) -> None:
    text = HOSTILE[name]
    raw = text.replace("\ud800", "")
    part = scene.Part(
        raw, f"https://a.example/{raw[:40]}", "generic", JobStatus.FAILED, raw[:40], reason="network", message=raw,
        backend=raw[:20], files=[Item(0, 1, Identity("s", "1"), ItemState.FAILED, raw, 5, raw[:20], raw, None)],
    )  # fmt: skip
    ids = scene.write(services, [part, scene.Part("Harmless", "https://b.example/", "generic")])
    scene.log_lines(services, ids[0], 1)
    async with opened(services, size=(100, 44)) as page:
        assert_harmless(page.lines(), 100)
        await page.go_to(ids[0])
        assert_harmless(page.lines(), 100)
        await page.press("enter")
        await page.until(lambda: page.dialog == "DetailsDialog", "details")
        await page.until(lambda: "[Items 1]" in page.text(), "items")
        assert_harmless(page.lines(), 100)
        await page.press("tab", "y", "escape", "d")
        await page.until(lambda: page.dialog == "ConfirmDialog", "the question")
        await page.pilot.pause()
        assert_harmless(page.lines(), 100)
        for x in range(30, 70, 4):
            await page.pilot.click(offset=(x, 21))
        await page.pilot.pause()

        assert page.app.is_running
        assert page.app.return_value is None


async def test_a_click_on_a_title_with_an_action_does_nothing(services: Services) -> None:
    scene.write(services, [scene.Part(HOSTILE["click"], "https://a.example/", "generic")])
    async with opened(services) as page:
        line = page.lines()[3]
        for word in ("click", "press"):
            await page.pilot.click(page.table, offset=(line.index(word), 1))
        strip = page.queue.query_one("#strip")
        for x in range(2, 30, 3):
            await page.pilot.click(strip, offset=(x, 1))
        await page.pilot.pause()

        assert "[@click=app.leave]press me[/]" in page.text()
        assert page.app.is_running
        assert page.app.return_value is None
