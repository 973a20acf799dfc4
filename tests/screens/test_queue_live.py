"""The list while it changes: the cursor stays on its job, and only what changed is painted."""

from __future__ import annotations

import time

import pytest
from textual.geometry import Region

from mediadl.models import Job, JobQuery, JobStatus, Lane, Move, Priority
from mediadl.service import Services, open_services
from mediadl.store import job_runs
from terminal import scene
from terminal.page import Page, opened

MANY = tuple(scene.Part(f"Tape {n:03}", f"https://tapes.example/{n:03}", "generic") for n in range(300))


def claim(services: Services, number: int) -> list[Job]:
    with services.store.write() as tx:
        return job_runs.claim(
            tx,
            lane=Lane.RUNNER,
            limit=number,
            per_site=number,
            worker="w",
            boot="b",
            lease_until=1e12,
            now=time.time(),
        )


def advance(services: Services, claimed: list[Job], step: int) -> None:
    with services.store.write(durable=False) as tx:
        job_runs.progress(
            tx,
            [
                job_runs.ProgressRow(job.id, job.fence, step % 100, step * 1000, 100_000, 1e6, None, step)
                for job in claimed
            ],
        )


async def test_500_updates_leave_cursor_and_view_where_they_were(services: Services) -> None:
    ids = scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        await page.until(lambda: page.table.row(20) is not None, "rows")
        page.table.move(20)
        await page.pilot.pause()
        with open_services(services.home) as other:
            claimed = claim(other, 8)
            for step in range(500):
                advance(other, claimed, step)
                if step % 100 == 50:
                    # Inserts above, removals, moves and priorities on top of the progress
                    other.queue.move(ids[200 + step // 100], Move.TOP)
                    other.queue.remove([ids[10 + step // 100]])
                    other.queue.set_priority([ids[100 + step // 100]], Priority.HIGH)
                if step % 50 == 0:
                    await page.pilot.pause(0.01)
        await page.until(lambda: shown_progress(page, claimed[0].id) == 99, "the last update is shown")

        assert page.current.id == ids[20]
        assert page.table.first <= page.table.cursor < page.table.first + page.table.visible_rows


def shown_progress(page: Page, job_id: int) -> float | None:
    page.queue.ask()
    rows = (page.table.row(n) for n in range(page.table.total))
    return next((row.progress for row in rows if row is not None and row.id == job_id), None)


async def test_rows_put_in_above_keep_the_line_of_the_cursor(services: Services) -> None:
    ids = scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        await page.press("pagedown", "j", "j")
        line = page.table.cursor - page.table.first
        job_id = page.current.id
        services.queue.set_priority(ids[-3:], Priority.HIGH)
        before = page.table.cursor

        await page.until(lambda: page.table.cursor == before + 3, "the rows came in")
        assert page.current.id == job_id
        assert page.table.cursor - page.table.first == line


async def test_until_it_is_touched_the_list_stays_at_its_top(services: Services) -> None:
    ids = scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        services.queue.set_priority([ids[250]], Priority.HIGH)

        await page.until(lambda: page.current.id == ids[250], "the new first row is under the cursor")
        assert page.table.cursor == 0


async def test_a_job_that_leaves_the_neighbourhood_does_not_drag_the_view_along(services: Services) -> None:
    ids = scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        await page.press("j", "j")
        services.queue.cancel([ids[2]])
        await page.until(lambda: page.table.cursor > 200, "it is at the end now")
        assert page.table.first == 0
        assert page.queue.query_one("#strip").size.height

        await page.press("j")
        assert page.table.first == 0
        assert page.table.cursor == page.table.visible_rows - 1


async def test_removing_the_job_under_the_cursor_takes_the_next_one(services: Services) -> None:
    ids = scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        await page.press("j", "j")
        services.queue.remove([ids[2]])

        await page.until(lambda: page.current.id == ids[3], "the next one")
        assert page.table.cursor == 2


async def test_only_changed_lines_are_painted(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        claimed = claim(services, 2)
        await page.until(lambda: page.current.status is JobStatus.ACTIVE, "active")
        await page.until(lambda: "no daemon" in page.lines()[0], "the slow facts are read")
        refreshed: list[int] = []
        refresh = page.table.refresh

        def noted(*regions: Region, **options: bool) -> object:
            refreshed.extend(region.y for region in regions)
            assert regions, "the whole table was painted"
            return refresh(*regions, **options)

        with monkeypatch.context() as patched:
            patched.setattr(page.table, "refresh", noted)
            advance(services, claimed[1:], 50)
            await page.until(lambda: "50%" in page.text(), "progress is shown")

        # The other job at work shows how long it has been, which may change in between
        assert {2} <= set(refreshed) <= {1, 2}


async def test_moving_fast_shows_placeholders_and_then_rows(services: Services) -> None:
    scene.write(services, MANY)
    async with opened(services, size=(100, 30)) as page:
        page.queue._reader.ask = lambda question: None  # type: ignore[method-assign]
        page.table.move(290)
        await page.pilot.pause()

        assert "┄┄┄" in page.text()


async def test_jobs_added_elsewhere_appear(services: Services) -> None:
    async with opened(services) as page:
        with open_services(services.home) as other:
            scene.write(other, MANY[:2])

        await page.until(lambda: "Tape 001" in page.text(), "the new jobs")
        assert page.table.total == 2


async def test_header_and_title_carry_totals(services: Services) -> None:
    scene.write(services, scene.EVERYDAY)
    async with opened(services, size=(160, 40)) as page:
        header = page.lines()[0]

        assert "4 active" in header
        assert "5 pending" in header
        assert "2 failed" in header
        assert "56 MB/s" in header
        await page.until(lambda: "free" in page.lines()[0], "free space")
        await page.until(lambda: "no daemon" in page.lines()[0], "the daemon's state")


async def test_unknown_size_shows_no_per_cent(services: Services) -> None:
    part = scene.Part("Endless", "https://live.example/x", "generic", JobStatus.ACTIVE)
    scene.write(services, [part])
    async with opened(services) as page:
        line = page.lines()[3]

        assert "starting" in line
        assert "%" not in line


async def test_the_list_of_another_query_never_appears_late(services: Services) -> None:
    scene.write(services, MANY)
    async with opened(services) as page:
        for word in ("", "failed", "", "pending", "completed"):
            page.queue.action_show_status(word)
        await page.until(lambda: page.table.total == 0, "none is completed")
        await page.pilot.pause(0.3)

        assert page.table.total == 0
        assert services.queue.count(JobQuery()) == 300
