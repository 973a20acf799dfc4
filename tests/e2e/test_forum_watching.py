"""Watched threads of the simulated forums: looked at again in time, ever more rarely, until nothing comes any more."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from e2e.program import Program, wait_until
from fakeweb.expected import sha256_of
from fakeweb.sites.forums import THREAD_ID, Forum, Mode

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


def test_a_watched_thread_waits_for_its_next_check_and_can_be_let_go(quick: Program) -> None:
    forum = quick.world.forums["xenforo2"]
    forum.threads[THREAD_ID].started_at = int(time.time()) - 40 * 3600

    result, jobs = quick.fetch(forum.thread_url(THREAD_ID), options=("--option", "watch=true"))

    assert result.code == 0, result.err + quick.log()
    assert jobs[-1]["status"] == "scheduled"
    assert "next check" in quick.job(1)["message"]
    shown = thread(quick)
    assert shown["state"] == "watched"
    assert shown["next_check_at"]
    assert shown["expires_at"]

    quick.run("thread", "unwatch", "1")

    assert thread(quick)["state"] == "known"
    assert quick.job(1)["status"] == "completed"


def test_a_thread_without_a_post_for_thirty_days_is_no_longer_watched(quick: Program) -> None:
    forum = quick.world.forums["xenforo2"]

    quick.fetch(forum.thread_url(THREAD_ID), options=("--option", "watch=true"))

    assert quick.job(1)["status"] == "completed"
    assert "no post for 30 days: no longer watched" in quick.job(1)["message"]
    assert thread(quick)["state"] == "ended"


def test_a_watched_thread_that_is_deleted_is_no_longer_watched(quick: Program) -> None:
    forum = quick.world.forums["phpbb3"]
    forum.threads[THREAD_ID].started_at = int(time.time()) - 40 * 3600
    quick.fetch(forum.thread_url(THREAD_ID), options=("--option", "watch=true"))
    forum.threads[THREAD_ID].mode = Mode.GONE

    quick.run("thread", "check", "1")
    wait_until(lambda: thread(quick)["state"] == "ended", "the end of watching")

    assert quick.job(1)["status"] == "completed"
    assert quick.job(1)["message"] == "the thread is gone: no longer watched"
    assert len(media(quick)) == 40


def test_a_watched_thread_is_looked_at_again_by_itself(quick: Program) -> None:
    forum = quick.world.forums["xenforo2"]
    forum.threads[THREAD_ID].started_at = int(time.time()) - 40 * 3600
    quick.extra["MEDIADL_FORUM__CHECK_EVERY_H"] = "0.0005"

    quick.fetch(forum.thread_url(THREAD_ID), options=("--option", "watch=true"))
    forum.threads[THREAD_ID].count = 51
    wait_until(lambda: thread(quick)["posts"] == 51, "the posts of the next checks")

    wait_until(lambda: thread(quick)["empty_checks"] >= 1, "a check without news")
    assert digests(quick) == expected(forum)
    assert quick.job(1)["attempts"] <= 1
