"""Marks and verbs on jobs, each key with its effect."""

from __future__ import annotations

import pytest

from mediadl.models import JobQuery, JobStatus, Priority, Wanted
from mediadl.service import Services
from terminal import scene
from terminal.page import opened

PENDING = tuple(
    scene.Part(f"Recording {n:02}", f"https://sounds.example/{n:02}", "generic") for n in range(60)
)

ACTIVE, WAITING, PAUSED, FAILED, DONE = 0, 9, 11, 13, 15
"""Places of jobs of that status in the everyday scene."""


async def test_p_pauses_and_resumes(services: Services) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("p")
        await page.until(lambda: services.queue.get(ids[0]).status is JobStatus.PAUSED, "paused")
        await page.until(lambda: page.current.status is JobStatus.PAUSED, "shown as paused")
        assert page.current.id == ids[0]

        await page.press("p")
        await page.until(lambda: services.queue.get(ids[0]).status is JobStatus.PENDING, "resumed")


async def test_p_on_an_active_job_asks_the_daemon_to_hold_it(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[ACTIVE])
        await page.press("p")

        await page.until(lambda: services.queue.get(ids[ACTIVE]).wanted is Wanted.PAUSE, "wanted")
        await page.until(lambda: "pausing" in page.text(), "the row says so")


@pytest.mark.parametrize("key", ["c", "x"])
async def test_c_cancels(services: Services, key: str) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("j", key)

        await page.until(lambda: services.queue.get(ids[1]).status is JobStatus.CANCELLED, "cancelled")


async def test_r_retries_a_failed_job(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[FAILED])
        await page.press("r")

        await page.until(lambda: services.queue.get(ids[FAILED]).status is JobStatus.PENDING, "pending again")


async def test_r_starts_a_waiting_job_now(services: Services) -> None:
    ids = scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        await page.go_to(ids[WAITING])
        await page.press("r")

        await page.until(lambda: services.queue.get(ids[WAITING]).status is JobStatus.PENDING, "pending")


@pytest.mark.parametrize(
    ("key", "order"),
    [("K", [2, 0, 1, 3]), ("J", [0, 1, 3, 2]), ("ctrl+up", [0, 2, 1, 3]), ("ctrl+down", [0, 1, 3, 2])],
)
async def test_moving_changes_the_order(services: Services, key: str, order: list[int]) -> None:
    ids = scene.write(services, PENDING[:4])
    async with opened(services) as page:
        await page.go_to(ids[2])
        await page.press(key)

        wanted = [ids[n] for n in order]
        await page.until(lambda: services.queue.ids(JobQuery()) == wanted, f"order {wanted}")
        assert page.current.id == ids[2]


async def test_moving_marked_jobs_keeps_their_order(services: Services) -> None:
    ids = scene.write(services, PENDING[:4])
    async with opened(services) as page:
        await page.go_to(ids[1])
        await page.press("space", "space", "space", "K")

        wanted = [ids[1], ids[2], ids[3], ids[0]]
        await page.until(lambda: services.queue.ids(JobQuery()) == wanted, f"order {wanted}")


@pytest.mark.parametrize(
    ("key", "priority"), [("+", Priority.HIGH), ("=", Priority.HIGH), ("-", Priority.LOW)]
)
async def test_plus_and_minus_change_the_priority(services: Services, key: str, priority: Priority) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.go_to(ids[1])
        await page.press(key)

        await page.until(lambda: services.queue.get(ids[1]).priority is priority, "changed")
        await page.until(lambda: page.current.priority is priority, "shown")
        assert page.current.id == ids[1]


@pytest.mark.parametrize("key", ["d", "delete"])
async def test_d_asks_once_and_removes(services: Services, key: str) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press(key)
        await page.until(lambda: page.dialog == "ConfirmDialog", "the question")
        await page.pilot.pause()
        assert "Recording 00" in page.text()
        assert "Remove 1 job" in page.text()
        await page.press("enter")

        await page.until(lambda: services.queue.ids(JobQuery()) == ids[1:], "removed")
        await page.until(lambda: page.current.id == ids[1], "the cursor is on the next job")


async def test_d_on_three_marked_names_the_number_and_no_leaves_them(services: Services) -> None:
    ids = scene.write(services, PENDING[:5])
    async with opened(services) as page:
        await page.press("space", "space", "space", "d")
        await page.until(lambda: page.dialog == "ConfirmDialog", "the question")
        await page.pilot.pause()
        question = page.text()
        await page.press("escape")
        after_no = services.queue.ids(JobQuery())
        await page.press("d")
        await page.until(lambda: page.dialog == "ConfirmDialog", "the question again")
        await page.press("y")

        assert "Remove 3 jobs?" in question
        assert after_no == ids
        await page.until(lambda: services.queue.ids(JobQuery()) == ids[3:], "the three are gone")
        assert page.table.marks == set()


async def test_y_copies_the_address(services: Services) -> None:
    scene.write(services, PENDING[:1])
    async with opened(services) as page:
        await page.press("y")

        await page.until(lambda: page.app.clipboard == "https://sounds.example/00", "copied")


# Marking


async def test_space_marks_and_goes_down(services: Services) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("space", "space")

        assert page.table.marks == {ids[0], ids[1]}
        assert page.table.cursor == 2
        assert "2 marked" in page.text()
        assert page.lines()[3].startswith(" ●")


async def test_v_marks_a_range(services: Services) -> None:
    ids = scene.write(services, PENDING)
    async with opened(services, size=(80, 24)) as page:
        await page.press("j", "v", "j", "j")
        during = page.text()
        await page.press("v")

        assert "range of 3" in during
        assert page.table.marks == set(ids[1:4])


async def test_a_range_reaches_beyond_what_is_loaded(services: Services) -> None:
    ids = scene.write(services, [PENDING[n % 60] for n in range(500)])
    async with opened(services, size=(80, 24)) as page:
        await page.press("v", "G", "space")

        await page.until(lambda: page.table.marks == set(ids), "all marked")


async def test_an_action_takes_the_open_range(services: Services) -> None:
    ids = scene.write(services, PENDING[:5])
    async with opened(services) as page:
        await page.press("v", "j", "j", "p")

        def paused() -> list[int]:
            return sorted(services.queue.ids(JobQuery(statuses=frozenset({JobStatus.PAUSED}))))

        await page.until(lambda: paused() == ids[:3], "three paused")


async def test_star_marks_all_of_the_filter_and_again_none(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services) as page:
        page.queue.action_show_status("failed")
        await page.until(lambda: page.table.total == 2, "only failed ones")
        await page.press("*")
        await page.until(lambda: len(page.table.marks) == 2, "both marked")
        await page.press("*")

        assert page.table.marks == set()


async def test_marks_of_jobs_removed_elsewhere_vanish(services: Services) -> None:
    ids = scene.write(services, PENDING[:3])
    async with opened(services) as page:
        await page.press("space", "space")
        services.queue.remove([ids[0]])

        await page.until(lambda: page.table.marks == {ids[1]}, "the mark is gone")
