"""Threads of the simulated forums through the whole program: files, posts, links, checks, logins, kills."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from e2e.program import Program, kill_all, processes_of, wait_until
from fakeweb.expected import sha256_of
from fakeweb.sites.forums import MEMBER, PASSWORD, THREAD_ID, Forum, Mode, Thread

pytestmark = pytest.mark.engines

QUICK = {
    "MEDIADL_FORUM__PAUSE_S": "0",
    "MEDIADL_FORUM__LINKED_JOBS": "false",
}


@pytest.fixture
def quick(program: Program) -> Program:
    """Without pauses between pages, and without jobs for links."""
    program.extra.update(QUICK)
    return program


def media(program: Program) -> list[Path]:
    return [path for path in program.files() if path.suffix != ".html"]


def digests(program: Program) -> set[str]:
    return {sha256_of(path) for path in media(program)}


def expected(forum: Forum) -> set[str]:
    return {file.sha256 for file in forum.expected(THREAD_ID)}


def thread(program: Program, word: str = "1") -> dict[str, Any]:
    (found,) = program.run("thread", "show", word, "--json").json_lines()
    return found


def test_a_thread_is_written_down_beside_its_files(quick: Program) -> None:
    forum = quick.world.forums["xenforo2"]

    quick.fetch(forum.thread_url(THREAD_ID))

    (page,) = [path for path in quick.files() if path.suffix == ".html"]
    text = page.read_text()
    assert all(f"MK-{n:04d}" in text for n in range(1, 49))
    assert "<script" not in text
    folder = page.parent
    assert folder == quick.downloads / "xenforo2.example.org" / f"Holiday pictures {THREAD_ID} [{THREAD_ID}]"
    sidecars = [json.loads(path.read_text()) for path in folder.glob("*.post.json")]
    listed = {file["sha256"] for one in sidecars for file in one["files"] if file["state"] == "stored"}
    assert listed == expected(forum)
    assert all(one["thread"]["id"] == str(THREAD_ID) and "MK-" in one["post"]["text"] for one in sidecars)
    record = json.loads(next(folder.glob("*.thread.json")).read_text())
    assert (record["posts"], record["files"]) == (48, 40)
    assert thread(quick)["folder"] == str(folder)


def test_links_that_engines_know_become_jobs_once(program: Program) -> None:
    program.extra.update(QUICK, MEDIADL_FORUM__LINKED_JOBS="true")
    forum = program.world.forums["xenforo2"]

    program.fetch(forum.thread_url(THREAD_ID), options=("--priority", "low"))
    program.run("queue", "cancel", "--all", "--yes")
    first = program.jobs()
    program.run("queue", "retry", "1")
    wait_until(lambda: program.job(1)["status"] == "completed", "the second reading")

    assert len(first) == 10
    assert {job["priority"] for job in first} == {"low"}
    assert len(program.jobs()) == 10
    assert thread(program)["linked"] == 9


def test_a_second_check_fetches_the_new_posts_only(quick: Program) -> None:
    forum = quick.world.forums["phpbb3"]
    url = forum.thread_url(THREAD_ID)
    quick.fetch(url)
    before = quick.world.web.log.count(forum.pattern(THREAD_ID))
    forum.threads[THREAD_ID].count = 51

    quick.run("thread", "check", url)
    wait_until(lambda: thread(quick)["posts"] == 51 and quick.job(1)["status"] == "completed", "three posts")

    assert quick.job(1)["message"].startswith("3 new or changed posts")
    assert digests(quick) == expected(forum)
    assert quick.world.web.log.count(forum.pattern(THREAD_ID)) - before <= 3


def test_files_for_members_wait_for_a_login_and_come_after_it(quick: Program, tmp_path: Path) -> None:
    forum = quick.world.forums["mybb"]
    forum.threads[THREAD_ID].mode = Mode.FILES_FOR_MEMBERS

    result, jobs = quick.fetch(forum.thread_url(THREAD_ID))

    assert result.code == 4
    assert jobs[-1]["status"] == "waiting"
    assert quick.job(1)["reason"] == "login_needed"
    assert "members only" in quick.job(1)["message"]
    assert 0 < len(media(quick)) < 40
    assert not any(path.read_bytes()[:200].lstrip().lower().startswith(b"<") for path in media(quick))

    cookies = forum.write_cookies(tmp_path / "cookies.txt")
    imported = quick.run("session", "import", "mybb.example.org", str(cookies))
    assert imported.code == 0, imported.err + imported.out
    wait_until(lambda: quick.job(1)["status"] == "completed", "the files of members")

    assert digests(quick) == expected(forum)
    assert len(media(quick)) == 40


def test_one_file_in_two_threads_is_fetched_once(quick: Program) -> None:
    forum = quick.world.forums["xenforo2"]
    forum.threads[88] = Thread(88, seed=THREAD_ID)

    quick.fetch(forum.thread_url(THREAD_ID))
    quick.fetch(forum.thread_url(88))

    pictures = quick.world.forums.pictures.hosts[0]
    fetched = [
        entry.url
        for entry in quick.world.web.log.entries()
        if pictures in entry.url and "small" not in entry.url
    ]
    assert fetched
    assert len(fetched) == len(set(fetched))


@pytest.mark.kill
def test_a_kill_in_the_middle_leaves_no_hole_and_no_double(quick: Program) -> None:
    forum = quick.world.forums["phpbb3"]
    forum.threads[THREAD_ID].count = 200
    quick.extra["MEDIADL_FORUM__PAUSE_S"] = "0.05"
    quick.run("add", forum.thread_url(THREAD_ID))
    wait_until(lambda: len(media(quick)) > 20, "some files")

    kill_all(quick.home)
    wait_until(lambda: not processes_of(quick.home), "all dead")
    quick.run("daemon", "start")
    wait_until(lambda: quick.job(1)["status"] == "completed", "the rest")

    assert thread(quick)["posts"] == 200
    assert digests(quick) == expected(forum)
    assert len(media(quick)) == len(expected(forum))


def test_a_board_makes_a_job_of_each_thread_and_all_are_read(quick: Program) -> None:
    forum = quick.world.forums["smf2"]
    forum.threads[88] = Thread(88, count=5)

    quick.run("add", forum.board_url)
    wait_until(
        lambda: len(quick.jobs()) == 3 and all(job["status"] == "completed" for job in quick.jobs()),
        "both threads",
    )

    assert quick.job(1)["content_type"] == "board"
    assert quick.job(1)["message"].endswith("2 linked jobs added")
    listed = quick.run("thread", "list", "--json").json_lines()
    assert {one["posts"] for one in listed} == {48, 5}


def test_name_and_password_are_enough_for_a_forum_of_members(quick: Program) -> None:
    forum = quick.world.forums["phpbb3"]
    forum.threads[THREAD_ID].mode = Mode.MEMBERS
    url = forum.thread_url(THREAD_ID)
    refused, _jobs = quick.fetch(url)
    assert refused.code == 4
    assert "phpbb3" in quick.job(1)["message"]

    login = subprocess.run(
        [sys.executable, "-m", "mediadl", "session", "login", "phpbb3.example.org", "--user", MEMBER],
        input=PASSWORD + "\n", capture_output=True, env=quick.environment(), text=True, timeout=60, check=False,
    )  # fmt: skip
    assert login.returncode == 0, login.stderr
    wait_until(lambda: quick.job(1)["status"] == "completed", "the posts of members")

    assert digests(quick) == expected(forum)


def test_a_busy_forum_is_waited_for_and_read_on_where_it_was(quick: Program) -> None:
    forum = quick.world.forums["phpbb3"]
    forum.threads[THREAD_ID].count = 120
    quick.extra["MEDIADL_PLATFORMS__COOLDOWN_S"] = "1"
    quick.world.web.faults.add(forum.busy(THREAD_ID, from_request=4, retry_after=1, times=1))

    result, jobs = quick.fetch(forum.thread_url(THREAD_ID))

    assert result.code == 0, result.err + quick.log()
    assert jobs[-1]["status"] == "completed"
    assert thread(quick)["posts"] == 120
    # Six pages, the refused one, and the page at which the walk was taken up again
    assert quick.world.web.log.count(forum.pattern(THREAD_ID)) <= 8
    assert digests(quick) == expected(forum)
