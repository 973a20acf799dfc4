"""Speed, long lists, rows that stay, marks, undo: behaviours 1 to 4, 10 and 11 of the terminal program."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.events import Key

from mediadl.events import Event, EventKind
from mediadl.logs import LogWriter
from mediadl.models import JobQuery, JobStatus, Lane, Move
from mediadl.service import Services, open_services
from mediadl.store import downloads, job_runs, journal
from mediadl.widgets.window_table import WindowTable
from terminal import history_page, scene
from terminal.anywhere import NAMES, fill, opened

LISTS = ["dashboard", "queue", "scheduler", "history", "logs"]
"""Screens with a list that changes by itself."""


# 1: cold start


def test_behaviour_01_help_comes_without_the_screens() -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "mediadl", "--help"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines() if "|" in line}

    assert "mediadl" in loaded
    assert not {
        name for name in loaded if name.split(".")[0] in {"textual", "rich", "sqlite_utils", "yt_dlp", "PIL"}
    }


# 2: never stalls


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_02_no_step_of_the_loop_takes_long_under_load(services: Services, name: str) -> None:
    """The loop's own processor time between two looks, so that other programs do not count."""
    fill(services)
    stop = threading.Event()
    async with opened(services, name) as page:
        busy = threading.Thread(target=work_hard, args=(services, stop))
        busy.start()
        try:
            gaps = []
            before = time.thread_time()
            for step in range(60):
                await asyncio.sleep(0.02)
                now = time.thread_time()
                gaps.append(now - before)
                before = now
                if step % 5 == 0:
                    page.app.post_message(Key("j", "j"))
        finally:
            stop.set()
            busy.join()

        assert max(gaps) < 0.1


def work_hard(services: Services, stop: threading.Event) -> None:
    """200 writes a second, as eight busy jobs make them."""
    with open_services(services.home) as other:
        with other.store.write() as tx:
            claimed = job_runs.claim(
                tx, lane=Lane.RUNNER, limit=8, per_site=8, worker="w", boot="b", lease_until=1e12, now=time.time()
            )  # fmt: skip
        step = 0
        while not stop.wait(0.005):
            step += 1
            job = claimed[step % len(claimed)]
            with other.store.write(durable=False) as tx:
                row = job_runs.ProgressRow(job.id, job.fence, step % 100, step * 1000, 10**8, 1e6, None, step)
                job_runs.progress(tx, [row])


# 3: long lists


@pytest.mark.parametrize("name", ["queue", "history", "logs"])
async def test_behaviour_03_a_long_list_is_never_loaded_whole(services: Services, name: str) -> None:
    number = 4000
    if name == "queue":
        scene.write(
            services,
            [scene.Part(f"Tape {n}", f"https://tapes.example/{n}", "generic") for n in range(number)],
        )
    elif name == "history":
        history_page.fill(services, number)
    else:
        scene.log_lines(services, 1, number)
    async with opened(services, name) as page:
        rows = page.rows
        assert isinstance(rows, WindowTable)
        await page.until(lambda: rows.total == number, "all are counted")
        for keys in (("home",), ("pagedown",) * 5, ("G",), ("home",)):
            await page.press(*keys)
            await page.until(lambda: rows.current is not None, "the row")

            assert 0 < len(rows.loaded_rows) <= 400


# 4: rows stay


@pytest.mark.parametrize("name", LISTS)
async def test_behaviour_04_stable_rows(services: Services, name: str) -> None:
    ids = fill(services)
    async with opened(services, name, size=(120, 30)) as page:
        rows = page.rows
        assert isinstance(rows, WindowTable)
        await page.press("home", *["j"] * 3)
        held, line = page.cursor_id, rows.cursor - rows.first
        before = rows.total
        with open_services(services.home) as other:
            change = CHANGES[name](other, ids)
            for step in range(500):
                change(step)
                if step % 50 == 0:
                    await page.pilot.pause(0.01)
        if name != "dashboard":
            await page.until(lambda: rows.total > before, "what came is there")

        assert page.cursor_id == held
        if name in {"queue", "history", "logs"}:
            assert rows.cursor - rows.first == line


def change_jobs(services: Services, ids: list[int]) -> Callable[[int], None]:
    active = services.queue.page(JobQuery(statuses=frozenset({JobStatus.ACTIVE})), 0, 8)

    def change(step: int) -> None:
        job = active[step % len(active)]
        with services.store.write(durable=False) as tx:
            row = job_runs.ProgressRow(job.id, job.fence, step % 100, step * 1000, 10**8, 1e6, None, step)
            job_runs.progress(tx, [row])
        if step % 100 == 50:
            services.queue.add([f"https://new.example/{step}.jpg"])
            services.queue.move(ids[6], Move.TOP)

    return change


def change_plans(services: Services, ids: list[int]) -> Callable[[int], None]:
    from mediadl.service.queue import AddOptions

    change_job = change_jobs(services, ids)

    def change(step: int) -> None:
        change_job(step)
        if step % 100 == 60:
            options = AddOptions(not_before=time.time() + 60 + step)
            services.queue.add([f"https://soon.example/{step}.jpg"], options)

    return change


def change_history(services: Services, ids: list[int]) -> Callable[[int], None]:
    del ids
    known = next(iter(downloads.get_many(services.store.read(), [1])))

    def change(step: int) -> None:
        if step % 100 == 50:
            with services.store.write() as tx:
                path = f"/media/new-{step}.jpg"
                downloads.add(tx, replace(known, path=path, stored_at=time.time()))
                journal.append(tx, [Event(EventKind.ITEM_STORED)], time.time())

    return change


def change_log(services: Services, ids: list[int]) -> Callable[[int], None]:
    del ids
    writer = LogWriter(services.home.logs)
    return lambda step: writer.write("info", "pool", f"line {step}")


CHANGES: dict[str, Callable[[Services, list[int]], Callable[[int], None]]] = {
    "dashboard": change_jobs,
    "queue": change_jobs,
    "scheduler": change_plans,
    "history": change_history,
    "logs": change_log,
}


# 10: several at once


@pytest.mark.parametrize(
    ("name", "dialog"),
    [("queue", "ConfirmDialog"), ("scheduler", "ConfirmDialog"), ("history", "DeleteFilesDialog")],
)
async def test_behaviour_10_marked_rows_are_deleted_after_one_question_with_their_number(
    services: Services, name: str, dialog: str
) -> None:
    fill(services)
    async with opened(services, name) as page:
        rows = page.rows
        assert isinstance(rows, WindowTable)
        await page.press("home", "space", "space", "space")
        assert "3 marked" in page.footer
        before, marks = rows.total, set(rows.marks)
        await page.press("d")
        await page.opens(dialog)
        await page.until(lambda: "3 " in page.text().split("?")[0].splitlines()[-1], "the number")
        await page.press("escape")
        await page.until(lambda: page.depth == 1, "closed")
        await page.pilot.pause()

        assert rows.total == before
        assert rows.marks == marks


@pytest.mark.parametrize("name", ["queue", "scheduler", "history"])
async def test_behaviour_10_a_range_marks_everything_between(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.press("home", "v", "j", "j", "v")
        rows = page.rows
        assert isinstance(rows, WindowTable)
        await page.until(lambda: len(rows.marks) == 3, "three rows")
        await page.press("*")
        await page.until(lambda: len(rows.marks) in {0, rows.total}, "all or none")


# 11: undo


@pytest.mark.parametrize("name", ["queue", "scheduler"])
async def test_behaviour_11_undo_brings_the_same_jobs_back_to_their_places(
    services: Services, name: str
) -> None:
    ids = fill(services)
    async with opened(services, name) as page:
        rows = page.rows
        assert isinstance(rows, WindowTable)

        def order() -> list[object]:
            return [rows._key(row) for row in rows.loaded_rows]

        await page.press("home", "j")
        if name == "queue":
            await page.go_to(ids[7])
        before, gone = order(), page.cursor_id
        await page.press("d")
        await page.opens("ConfirmDialog")
        await page.press("enter")
        await page.until(lambda: gone not in order(), "it is gone")
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")

        await page.until(lambda: order() == before, "everything as before")


async def test_behaviour_11_undo_brings_records_of_the_history_back(services: Services) -> None:
    fill(services)
    async with opened(services, "history") as page:
        rows = page.rows
        assert isinstance(rows, WindowTable)
        before = [rows._key(row) for row in rows.loaded_rows]
        await page.press("home", "space", "space", "d")
        await page.opens("DeleteFilesDialog")
        await page.press("r", "enter")
        await page.until(lambda: rows.total == len(before) - 2, "two are gone")
        await page.until(lambda: "u undoes it" in page.toasts(), "the offer")
        await page.press("u")

        await page.until(lambda: [rows._key(row) for row in rows.loaded_rows] == before, "all are back")
