"""From the details of a job: to the jobs around it, and what helps against its trouble."""

from __future__ import annotations

from pathlib import Path

import pytest

from mediadl import logs
from mediadl.errors import KINDS
from mediadl.models import Item, JobQuery, JobStatus
from mediadl.screens.dialogs.details import DetailsDialog
from mediadl.service import Services
from mediadl.service.queue import QueueService
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


# The jobs around it


@pytest.mark.parametrize(("following", "before"), [("n", "N"), ("]", "[")])
async def test_the_next_and_the_previous_job_are_a_key_away(
    services: Services, following: str, before: str
) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    order = services.queue.ids(JobQuery())
    async with opened(services) as page:
        dialog = await open_details(page, ids[ITEMS])
        at = order.index(ids[ITEMS])
        await page.press(following)
        await page.until(lambda: dialog._job.id == order[at + 1], "the next")
        await page.until(lambda: f"Job {order[at + 1]}" in page.text(), "its number")
        await page.until(lambda: f"{at + 2} in the list" in page.text(), "its place")
        await page.press(before)
        await page.until(lambda: dialog._job.id == ids[ITEMS], "back")
        await page.until(lambda: "[Items 24]" in page.text(), "with its items")
        await page.press(following)
        await page.until(lambda: dialog._job.id == order[at + 1], "the next again")
        await page.press("escape")

        await page.until(lambda: page.table.current is not None, "the list")
        await page.until(lambda: page.current.id == order[at + 1], "the cursor went along")


async def test_at_the_ends_of_the_list_it_stays(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    order = services.queue.ids(JobQuery())
    async with opened(services) as page:
        dialog = await open_details(page, order[0])
        await page.press("N")
        await page.until(lambda: "first job" in page.toasts(), "told")
        assert dialog._job.id == order[0]


async def test_steps_follow_the_filter_of_the_list(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        page.queue.action_show_status("failed")
        await page.until(lambda: page.table.total == 2, "failed ones")
        dialog = await open_details(page, page.table.loaded_rows[0].id)
        await page.press("n")

        await page.until(lambda: dialog._job.id == ids[FAILED + 1] or dialog._job.id == ids[FAILED], "moved")
        assert dialog._job.status is JobStatus.FAILED


async def test_a_step_from_a_job_that_left_the_filter_goes_to_what_followed(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        page.queue.action_show_status("failed")
        await page.until(lambda: page.table.total == 2, "failed ones")
        first, second = (row.id for row in page.table.loaded_rows[:2])
        dialog = await open_details(page, first)
        await page.until(lambda: "1 in the list" in page.text(), "its place is known")
        await page.press("r")
        await page.until(lambda: dialog._job.status is JobStatus.PENDING, "it left the list")
        await page.press("n")

        await page.until(lambda: dialog._job.id == second, "the other one")


# What else can be done


async def test_d_removes_and_u_brings_back(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    order = services.queue.ids(JobQuery())
    async with opened(services) as page:
        await open_details(page, ids[FAILED])
        await page.press("d")
        await page.until(lambda: page.dialog == "QueueScreen", "closed")
        assert ids[FAILED] not in services.queue.ids(JobQuery())
        await page.press("u")

        await page.until(lambda: services.queue.ids(JobQuery()) == order, "back")


async def test_u_takes_a_cancel_back_without_leaving(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[4])
        await page.press("c")
        await page.until(lambda: "⊘ Cancelled" in page.text(), "cancelled")
        await page.until(lambda: "Cancelled 1 job" in page.toasts(), "told")
        await page.press("u")

        await page.until(lambda: "○ Pending" in page.text(), "pending again")
        assert page.dialog == "DetailsDialog"


async def test_upper_y_copies_the_whole_error(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[FAILED])
        await page.press("Y")
        await page.until(lambda: page.app.clipboard, "copied")

        for part in ("Private", "does not follow it", KINDS["private"].next_step, scene.EVERYDAY[FAILED].url):
            assert part in page.app.clipboard


async def test_a_key_opens_the_setting_that_helps(services: Services) -> None:
    ids = scene.write(services, [trouble("geo")])
    async with opened(services) as page:
        await open_details(page, ids[0])
        assert "e set network.proxy" in page.text()
        await page.press("e")

        await page.until(lambda: page.dialog == "SettingsScreen", "the settings")
        await page.until(lambda: "network.proxy" in page.text(), "that one")


async def test_a_key_opens_the_folder_of_a_full_disk(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    monkeypatch.setattr("mediadl.service.desktop.open_folder", asked.append)
    ids = scene.write(services, [trouble("disk_full", JobStatus.WAITING)])
    async with opened(services) as page:
        await open_details(page, ids[0])
        assert "O open the folder" in page.text()
        await page.press("O")

        await page.until(lambda: asked, "opened")
        assert asked[0].parent == services.queue.folder_of(services.queue.get(ids[0]))


async def test_a_key_adds_an_unknown_address_another_way(services: Services) -> None:
    ids = scene.write(services, [trouble("unsupported")])
    async with opened(services) as page:
        await open_details(page, ids[0])
        await page.press("a")
        await page.opens("AddDialog")

        await page.until(lambda: "a.example/x" in page.text(), "its address is there")


@pytest.mark.parametrize("key", ["e", "O", "a", "Y"])
async def test_cures_that_do_not_help_say_so(services: Services, key: str) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[ACTIVE])
        await page.press(key)

        await page.until(lambda: "not help" in page.toasts() or "no error" in page.toasts(), "told")
        assert page.dialog == "DetailsDialog"


async def test_ten_thousand_items_are_read_by_the_window(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tuple(scene.items_of(10_000))
    ids = scene.write(
        services, [scene.Part("x", "https://a.example/x", "generic", JobStatus.ACTIVE, files=files)]
    )
    asked: list[int] = []
    read = QueueService.items

    def items(queue: QueueService, job_id: int, offset: int = 0, limit: int = 1000) -> list[Item]:
        asked.append(limit)
        return read(queue, job_id, offset, limit)

    monkeypatch.setattr(QueueService, "items", items)
    async with opened(services) as page:
        dialog = await open_details(page, ids[0])
        await page.until(lambda: "[Items 10,000]" in page.text(), "counted")
        await page.press("G")
        await page.until(lambda: "Picture 10000" in page.text(), "the last one")

        assert dialog.table.cursor == 9999
        assert max(asked) < 500


async def test_a_job_at_work_says_its_stage(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await open_details(page, ids[ACTIVE])

        assert "downloading" in page.text()
        assert "━" in page.text()


async def test_new_log_lines_come_while_one_watches(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    scene.log_lines(services, ids[ITEMS], 3)
    async with opened(services) as page:
        await open_details(page, ids[ITEMS])
        await page.press("l")
        await page.until(lambda: "[Log 3]" in page.text(), "the log")
        logs.LogWriter(services.home.logs).write("info", "pipeline.fetch", "a new line", ids[ITEMS])

        await page.until(lambda: "a new line" in page.text(), "the new line")


def trouble(kind: str, status: JobStatus = JobStatus.FAILED) -> scene.Part:
    return scene.Part("x", "https://a.example/x", "generic", status, reason=kind, message="because of it")
