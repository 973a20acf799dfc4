"""The details of a job: why it stands where it does, what helps, its items and log lines."""

from __future__ import annotations

import pytest

from mediadl.errors import KINDS
from mediadl.models import JobStatus, Wanted
from mediadl.screens.dialogs.details import DetailsDialog
from mediadl.service import Services, open_services
from terminal import scene
from terminal.page import Page, opened

ACTIVE, ITEMS, WAITING, PAUSED, FAILED, DONE = 0, 1, 9, 11, 13, 15


async def open_details(page: Page, job_id: int) -> DetailsDialog:
    await page.go_to(job_id)
    await page.press("enter")
    await page.until(lambda: isinstance(page.app.screen, DetailsDialog), "the dialog")
    await page.pilot.pause()
    dialog = page.app.screen
    assert isinstance(dialog, DetailsDialog)
    return dialog


async def test_a_failed_job_is_explained(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[FAILED])
        text = " ".join(page.text().split())

        assert "✗ Private" in text
        assert "the account is private" in text
        assert KINDS["private"].next_step.split(".")[0] in text
        assert "r try again" in text


@pytest.mark.parametrize("kind", sorted(KINDS))
async def test_every_kind_of_failure_has_cause_and_next_step(services: Services, kind: str) -> None:
    part = scene.Part(
        "x", "https://a.example/x", "generic", JobStatus.FAILED, reason=kind, message="because of it"
    )
    ids = scene.write(services, [part])
    async with opened(services) as page:
        await open_details(page, ids[0])
        text = " ".join(page.text().replace("│", " ").split())

        assert KINDS[kind].title in text
        assert "because of it" in text
        assert KINDS[kind].next_step in text


async def test_a_waiting_job_says_when_it_goes_on(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[WAITING + 1])

        assert "Rate limited  goes on in 4:" in page.text()
        assert "r start it now all the same" in page.text()


async def test_a_job_at_work_shows_no_failure(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        dialog = await open_details(page, ids[ACTIVE])

        assert not dialog.query_one("#failure").display
        assert "64%" in page.text()
        assert "12 MB/s" in page.text()


async def test_r_retries_and_the_dialog_shows_it(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[FAILED])
        await page.press("r")

        await page.until(lambda: services.queue.get(ids[FAILED]).status is JobStatus.PENDING, "retried")
        await page.until(lambda: "○ Pending" in page.text(), "shown")


async def test_p_pauses_and_c_cancels(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[ACTIVE])
        await page.press("p")
        await page.until(lambda: services.queue.get(ids[ACTIVE]).wanted is Wanted.PAUSE, "paused")
        await page.press("c")

        await page.until(lambda: services.queue.get(ids[ACTIVE]).wanted is Wanted.CANCEL, "cancelled")


async def test_what_cannot_be_done_is_said(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[DONE])
        await page.press("c")

        await page.until(lambda: "nothing to cancel" in page.toasts(), "told")


async def test_items_are_listed_with_state_and_reason(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[ITEMS])
        await page.until(lambda: "[Items 24]" in page.text(), "all items")
        text = page.text()

        assert "Picture 1 " in text
        assert "✓ Stored" in text
        assert "≡ Skipped" in text
        assert "✗ Failed" in text
        assert "Network failed: connection" in text


@pytest.mark.parametrize("key", ["tab", "l"])
async def test_tab_shows_the_log_lines_of_the_job(services: Services, key: str) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    scene.log_lines(services, ids[ITEMS], 60)
    scene.log_lines(services, ids[ACTIVE], 5)
    async with opened(services) as page:
        await open_details(page, ids[ITEMS])
        await page.press(key)
        await page.until(lambda: "[Log 60]" in page.text(), "the log")

        await page.until(lambda: "step 59" in page.text(), "its end")
        assert "warning" in page.text()
        await page.press("g")
        await page.until(lambda: "step 0:" in page.text(), "its beginning")


async def test_keys_move_in_the_items(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services, size=(100, 24)) as page:
        dialog = await open_details(page, ids[ITEMS])
        await page.until(lambda: dialog.table.total == 24, "items")
        for key, cursor in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("G", 23),
            ("g", 0),
            ("end", 23),
            ("home", 0),
        ):
            await page.press(key)
            assert dialog.table.cursor == cursor, key
        await page.press("pagedown")
        paged = dialog.table.cursor
        await page.press("pageup")

        assert paged > 1
        assert dialog.table.cursor == 0


async def test_it_is_live(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[4])
        with open_services(services.home) as other:
            other.queue.pause([ids[4]])

        await page.until(lambda: "‖ Paused" in page.text(), "paused")


async def test_it_closes_when_the_job_is_removed_elsewhere(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[4])
        services.queue.remove([ids[4]])

        await page.until(lambda: page.dialog == "QueueScreen", "closed")


@pytest.mark.parametrize("key", ["escape", "enter", "q"])
async def test_closing_leads_back_to_the_same_job(services: Services, key: str) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[FAILED])
        await page.press(key)

        assert page.dialog == "QueueScreen"
        assert page.app.is_running
        assert page.current.id == ids[FAILED]
        assert page.app.focused is page.table


async def test_y_copies_the_address(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[ACTIVE])
        await page.press("y")

        await page.until(lambda: page.app.clipboard == scene.EVERYDAY[ACTIVE].url, "copied")
