"""Many jobs at once, and taking it back: each key with its question, its count and its undo."""

from __future__ import annotations

import pytest

from mediadl.models import JobQuery, JobStatus, Priority
from mediadl.service import Services, open_services
from terminal import scene
from terminal.page import Page, opened

PENDING = tuple(
    scene.Part(f"Recording {n:02}", f"https://sounds.example/{n:02}", "generic") for n in range(60)
)


def ids_of(services: Services, status: JobStatus) -> list[int]:
    return services.queue.ids(JobQuery(statuses=frozenset({status})))


async def answer(page: Page, *keys: str) -> str:
    """Press keys that lead to a question, say yes; returns the question."""
    await page.press(*keys)
    await page.opens("ConfirmDialog")
    asked = " ".join(page.text().split())
    await page.press("enter")
    return asked


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_u_brings_removed_jobs_back_to_number_and_place(services: Services, key: str) -> None:
    ids = scene.write(services, PENDING[:6])
    rows = [services.queue.get(job_id) for job_id in ids]
    async with opened(services) as page:
        asked = await answer(page, "space", "space", "space", key)
        await page.until(lambda: services.queue.ids(JobQuery()) == ids[3:], "removed")
        await page.until(lambda: "Removed 3 jobs" in page.toasts(), "told")
        await page.press("u")

        await page.until(lambda: services.queue.ids(JobQuery()) == ids, "back")
        await page.until(lambda: "3 jobs as before" in page.toasts(), "told again")
        await page.until(lambda: page.table.total == 6, "shown")
        assert [services.queue.get(job_id) for job_id in ids] == rows
        assert "Remove 3 jobs?" in asked


async def test_other_screens_see_removal_and_undo(services: Services) -> None:
    ids = scene.write(services, PENDING[:3])
    with open_services(services.home) as other:
        async with opened(other) as watcher, opened(services) as page:
            await answer(page, "d")
            await watcher.until(lambda: watcher.table.total == 2, "seen")
            await page.press("u")

            await watcher.until(lambda: watcher.table.total == 3, "seen again")
            assert watcher.table.loaded_rows[0].id == ids[0]


async def test_clear_completed_names_the_number_before_and_after(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    done = ids_of(services, JobStatus.COMPLETED)
    order = services.queue.ids(JobQuery())
    async with opened(services) as page:
        asked = await answer(page, "C")
        await page.until(lambda: not ids_of(services, JobStatus.COMPLETED), "cleared")
        await page.until(lambda: f"Removed {len(done)} jobs" in page.toasts(), "told")
        await page.press("u")

        await page.until(lambda: services.queue.ids(JobQuery()) == order, "back in the same order")
        assert f"Remove {len(done)} completed jobs?" in asked
        assert len(order) == len(ids)


async def test_retry_all_failed_names_the_number(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        asked = await answer(page, "R")

        await page.until(lambda: not ids_of(services, JobStatus.FAILED), "retried")
        await page.until(lambda: "Retrying 2 jobs" in page.toasts(), "told")
        assert "Retry 2 failed jobs?" in asked


@pytest.mark.parametrize("key", ["C", "R", "O"])
async def test_without_such_jobs_the_key_says_why_not(services: Services, key: str) -> None:
    scene.write(services, PENDING[:2])
    async with opened(services) as page:
        await page.until(lambda: page.queue.counts is not None, "counted")
        await page.press(key)

        await page.until(lambda: "No job is" in page.toasts(), "told")
        assert page.dialog == "QueueScreen"


async def test_pause_all_and_resume_all(services: Services) -> None:
    ids = scene.write(services, PENDING[:5])
    async with opened(services) as page:
        await page.press("P")
        await page.until(lambda: ids_of(services, JobStatus.PAUSED) == ids, "held")
        await page.until(lambda: "Paused 5 jobs" in page.toasts(), "told")
        await page.until(lambda: page.current.status is JobStatus.PAUSED, "shown")
        await page.press("O")

        await page.until(lambda: ids_of(services, JobStatus.PENDING) == ids, "going on")
        await page.press("u")
        await page.until(lambda: ids_of(services, JobStatus.PAUSED) == ids, "held again")


async def test_undo_of_pause_all_holds_those_that_were_held_before(services: Services) -> None:
    ids = scene.write(services, PENDING[:4])
    services.queue.pause(ids[:1])
    async with opened(services) as page:
        await page.press("P")
        await page.until(lambda: ids_of(services, JobStatus.PAUSED) == ids, "held")
        await page.until(lambda: "Paused 3 jobs" in page.toasts(), "told")
        await page.press("u")

        await page.until(lambda: ids_of(services, JobStatus.PAUSED) == ids[:1], "as before")


@pytest.mark.parametrize(("key", "priority"), [("h", Priority.HIGH), ("l", Priority.LOW)])
async def test_a_priority_is_chosen_for_all_marked_and_taken_back(
    services: Services, key: str, priority: Priority
) -> None:
    ids = scene.write(services, PENDING[:4])
    async with opened(services) as page:
        await page.press("space", "space", "L")
        await page.opens("MenuDialog")
        assert "Priority of 2 jobs" in page.text()
        await page.press(key)
        await page.until(
            lambda: {job.priority for job in services.queue.get_many(ids[:2])} == {priority}, "changed"
        )
        await page.until(lambda: "2 jobs" in page.toasts(), "told")
        assert len(page.table.marks) == 2, "marks survive"
        await page.press("u")

        await page.until(lambda: {job.priority for job in services.queue.get_many(ids)} == {1}, "as before")


async def test_cancel_of_several_asks_once_and_can_be_taken_back(services: Services) -> None:
    ids = scene.write(services, PENDING[:4])
    async with opened(services) as page:
        asked = await answer(page, "space", "space", "c")
        await page.until(lambda: set(ids_of(services, JobStatus.CANCELLED)) == set(ids[:2]), "cancelled")
        await page.until(lambda: "Cancelled 2 jobs" in page.toasts(), "told")
        await page.press("u")

        await page.until(lambda: ids_of(services, JobStatus.PENDING) == ids, "as before")
        assert "Cancel 2 jobs?" in asked


@pytest.mark.parametrize("key", ["K", "J", "ctrl+up", "ctrl+down"])
async def test_u_takes_a_move_back(services: Services, key: str) -> None:
    ids = scene.write(services, PENDING[:4])
    async with opened(services) as page:
        await page.go_to(ids[2])
        await page.press(key)
        await page.until(lambda: services.queue.ids(JobQuery()) != ids, "moved")
        await page.until(lambda: "u Undo" in page.text(), "the footer offers it")
        await page.press("u")

        await page.until(lambda: services.queue.ids(JobQuery()) == ids, "as before")
        assert page.current.id == ids[2]


async def test_the_cursor_stays_on_its_job_while_others_go_and_come_back(services: Services) -> None:
    ids = scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        await page.go_to(ids[30])
        services.queue.remove(ids[:10])
        await page.until(lambda: page.table.total == 50, "shown")
        await page.pilot.pause()

        assert page.current.id == ids[30]


async def test_right_click_offers_the_bulk_actions_too(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.pilot.click(page.table, offset=(20, 6), button=3)
        await page.opens("MenuDialog")
        menu = page.text()

        for label in ("Clear completed", "Retry all failed", "Pause all", "Priority…", "Remove"):
            assert label in menu


async def test_filter_words_can_be_excluded_and_ask_for_fields(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.press("/", *"status:failed -lighthouse")
        await page.until(lambda: page.table.total == 1, "one is left")
        await page.press("enter")

        await page.until(lambda: page.table.current is not None, "loaded")
        assert page.current.title == "paper_planes_club — highlights"


async def test_steps_of_one_job_are_taken_back_together(services: Services) -> None:
    ids = scene.write(services, PENDING[:5])
    async with opened(services) as page:
        await page.go_to(ids[4])
        for n in (3, 2, 1):
            await page.press("ctrl+up")
            await page.until(lambda n=n: services.queue.ids(JobQuery()).index(ids[4]) == n, f"place {n}")  # type: ignore[misc]
        await page.until(lambda: "u Undo" in page.text(), "offered")
        await page.press("u")

        await page.until(lambda: services.queue.ids(JobQuery()) == ids, "as before")


async def test_two_steps_of_priority_are_taken_back_together(services: Services) -> None:
    ids = scene.write(services, PENDING[:2])
    services.queue.set_priority(ids[:1], Priority.LOW)
    async with opened(services) as page:
        await page.go_to(ids[0])
        for level in (Priority.NORMAL, Priority.HIGH):
            await page.press("+")
            await page.until(lambda level=level: services.queue.get(ids[0]).priority is level, level.word)  # type: ignore[misc]
        await page.until(lambda: "u Undo" in page.text(), "offered")
        await page.press("u")

        await page.until(lambda: services.queue.get(ids[0]).priority is Priority.LOW, "as before")
