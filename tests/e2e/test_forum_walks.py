"""Walks that are long, broken off, repeated, or lead elsewhere."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from e2e.forum_threads import ALONE, QUICK, marks_in, media_in, put
from e2e.program import Program, kill_all, processes_of, wait_until
from fakeweb.expected import digests
from fakeweb.sites.forums import THREAD_ID, Edit, Thread
from fakeweb.world import World

MOST_BYTES = 150_000_000


@pytest.mark.timeout(300)
def test_ten_thousand_posts_are_walked_within_150_mb(program: Program, world: World) -> None:
    forum = world.forums["phpbb3"]
    thread = Thread(500, count=10_000, rich=False)
    url = put(forum, thread)
    peaks: Counter[str] = Counter()
    done = threading.Event()
    watcher = threading.Thread(target=_note_peaks, args=(program.home, peaks, done))
    watcher.start()
    try:
        result = program.run("add", url, *ALONE, "--wait", "--json", timeout_s=240)
    finally:
        done.set()
        watcher.join()

    assert result.code == 0, result.err + program.log()
    assert world.web.log.count(forum.pattern(500)) == 500
    assert media_in(program.downloads / forum.hosts[0]) == digests(thread.expected())
    assert len(marks_in(program)) == 10_000
    assert 0 < peaks["runner_nursery"] < MOST_BYTES, peaks
    assert peaks["daemon"] < MOST_BYTES, peaks


def _note_peaks(home: Path, peaks: Counter[str], done: threading.Event) -> None:
    """The most memory that each kind of process ever had."""
    while not done.wait(0.2):
        for pid in processes_of(home):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
                status = Path(f"/proc/{pid}/status").read_text()
            except OSError:
                continue
            kind = re.search(r"mediadl\.workers\.(\w+)", words)
            peak = re.search(r"VmHWM:\s+(\d+) kB", status)
            if kind and peak:
                peaks[kind[1]] = max(peaks[kind[1]], int(peak[1]) * 1024)


@pytest.mark.kill
@pytest.mark.timeout(300)
def test_a_kill_after_any_page_leaves_no_hole_and_no_double(program: Program, world: World) -> None:
    forum = world.forums["xenforo2"]
    thread = Thread(600, count=100)
    url = put(forum, thread)
    program.run("add", url, "--option", "pause_s=0.3", "--option", "linked_jobs=false")

    for page in (1, 2, 3, 4):
        world.web.log.wait_for(rf"GET .*/threads/.*\.600/{f'page-{page}' if page > 1 else ''}$", timeout_s=60)
        kill_all(program.home)
        program.run("daemon", "start")
    wait_until(lambda: program.job(1)["status"] == "completed", "the job ended")

    assert media_in(program.downloads / forum.hosts[0]) == digests(thread.expected()), program.log()
    marks = marks_in(program)
    assert marks == [f"MK-{number:04d}" for number in range(1, 101)]


def test_a_picture_in_two_threads_is_fetched_once(program: Program, world: World) -> None:
    urls = [
        put(world.forums[name], Thread(700, count=12, seed=9)) for name in ("phpbb3", "mybb", "discourse")
    ]

    for url in urls:
        result, _jobs = program.fetch(url, options=ALONE)
        assert result.code == 0, result.err + program.log()

    shared = [
        file.url for post in Thread(700, count=12, seed=9).posts() for file in (*post.inline, *post.linked)
    ]
    assert len(shared) == 4
    for picture in shared:
        assert world.web.log.count(f"GET {re.escape(picture)}$") == 1


def test_an_edit_near_the_end_brings_its_late_picture(program: Program, world: World) -> None:
    forum = world.forums["invision5"]
    thread = Thread(710, count=45)
    url = put(forum, thread)
    assert program.fetch(url, options=ALONE)[0].code == 0
    thread.edits[43] = Edit("I forgot one picture, here it is.", picture=True)

    result, jobs = program.fetch(url, options=ALONE)

    assert result.code == 0, result.err + program.log()
    assert len(jobs[0]["files"]) == 1
    assert media_in(program.downloads / forum.hosts[0]) == digests(thread.expected())
    (page,) = program.downloads.rglob("*.html")
    assert "I forgot one picture" in page.read_text()


def test_links_become_jobs_of_whoever_knows_them(program: Program, world: World) -> None:
    forum = world.forums["xenforo2"]
    thread = Thread(720, count=15)
    url = put(forum, thread)

    result, _jobs = program.fetch(url, options=QUICK)

    assert result.code == 0, result.err + program.log()
    made = {job["url"]: job for job in program.jobs() if job["url"] != url}
    assert set(made) == set(thread.links())
    (shared,) = [link for link in thread.links() if "pixeldrain" in link]
    wait_until(lambda: program.job(made[shared]["id"])["status"] == "completed", "the linked file came")
    wanted = world.forums.files.expected(shared).sha256
    assert wanted in program.digests()


def test_a_board_makes_a_job_of_each_thread(program: Program, world: World) -> None:
    forum = world.forums["smf2"]
    for number in (730, 731):
        put(forum, Thread(number, count=9))
    del forum.threads[THREAD_ID]

    result, _jobs = program.fetch(forum.board_url, options=ALONE)

    assert result.code == 0, result.err + program.log()
    wait_until(
        lambda: [job["status"] for job in program.jobs()] == ["completed"] * 3, "board and threads ended"
    )
    stored = media_in(program.downloads / forum.hosts[0])
    assert stored == sorted(
        digest for number in (730, 731) for digest in digests(forum.threads[number].expected())
    )


def test_a_watched_thread_is_read_where_it_grew_and_ever_more_rarely_while_it_does_not(
    program: Program, world: World
) -> None:
    forum = world.forums["phpbb3"]
    started_at = int(time.time()) - 46 * 3600
    thread = Thread(740, count=45, started_at=started_at)
    quiet = put(forum, Thread(741, count=3))
    url = put(forum, thread)
    result, _jobs = program.fetch(url, quiet, options=(*ALONE, "--option", "watch=true"))
    assert result.code == 0, result.err + program.log()
    job, ended = program.job(1), program.job(2)
    assert job["status"] == "scheduled"
    assert ended["status"] == "completed"
    assert "no longer watched" in ended["message"]

    thread.count = 48
    job, grown = _checked(program, world, forum.pattern(740), job)
    pauses = [_pause_s(job)]
    for _ in range(5):
        job, asked = _checked(program, world, forum.pattern(740), job)
        assert asked == grown
        pauses.append(_pause_s(job))

    assert grown == [forum.thread_url(740, 2), forum.thread_url(740, 3)]
    assert media_in(program.downloads / forum.hosts[0]) == sorted(
        digests(thread.expected()) + digests(forum.threads[741].expected())
    )
    # Both pauses are moved by up to a tenth
    assert 1.6 < pauses[5] / pauses[0] < 2.5, pauses


def _checked(
    program: Program, world: World, pattern: str, job: dict[str, Any]
) -> tuple[dict[str, Any], list[str]]:
    """Have a watched thread looked at now: the job afterwards, and the pages that were asked for."""
    world.web.log.clear()
    assert program.run("queue", "resume", str(job["id"])).code == 0
    world.web.log.wait_for(pattern, count=2, ended=True, timeout_s=60)
    after = job

    def is_over() -> bool:
        nonlocal after
        after = program.job(job["id"])
        return bool(after["status"] == "scheduled" and after["not_before"] != job["not_before"])

    wait_until(is_over, "the check ended")
    return after, [entry.url for entry in world.web.log.search(pattern)]


def _pause_s(job: dict[str, Any]) -> float:
    """From now to the next check."""
    return datetime.fromisoformat(job["not_before"]).timestamp() - time.time()
