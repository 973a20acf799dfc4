"""Forums that do not show a thread: each wall is told by its name, and what stands behind it comes once it is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from e2e.program import Program, wait_until
from fakeweb.expected import digests
from fakeweb.sites.forums import Forum, Mode, Thread
from fakeweb.world import World

QUICK = ("--option", "pause_s=0", "--option", "linked_jobs=false", "--option", "thread_page=false")
FIRST = 200


@pytest.fixture
def forums(world: World) -> dict[str, Forum]:
    """All forums; on each a short thread whose files no other forum has."""
    found = {name: world.forums[name] for name in world.forums.names()}
    for number, forum in enumerate(found.values(), FIRST):
        forum.threads = {number: Thread(number, count=24)}
    return found


def the_thread(forum: Forum) -> Thread:
    (thread,) = forum.threads.values()
    return thread


def url_of(forum: Forum) -> str:
    return forum.thread_url(the_thread(forum).id)


def expected(forums: dict[str, Forum]) -> list[str]:
    return sorted(digest for forum in forums.values() for digest in digests(the_thread(forum).expected()))


def all_ended(program: Program) -> bool:
    return all(job["status"] in {"completed", "failed"} for job in program.jobs())


@pytest.mark.timeout(300)
def test_guests_are_told_to_log_in_and_a_member_gets_everything(
    program: Program, forums: dict[str, Forum], tmp_path: Path
) -> None:
    for forum in forums.values():
        the_thread(forum).mode = Mode.MEMBERS

    result, jobs = program.fetch(*(url_of(forum) for forum in forums.values()), options=QUICK)

    assert result.code == 4, result.err + program.log()
    assert {job["url"]: job["reason"] for job in program.jobs()} == {
        job["url"]: "login_needed" for job in program.jobs()
    }
    assert len(jobs) == len(forums)
    assert program.files() == []

    for name, forum in forums.items():
        cookies = forum.write_cookies(tmp_path / f"{name}.txt")
        taken = program.run("session", "import", forum.hosts[0], str(cookies), "--no-test")
        assert taken.code == 0, taken.err
    wait_until(lambda: all_ended(program), "jobs went on by themselves")

    assert {job["url"]: job["status"] for job in program.jobs()} == {
        job["url"]: "completed" for job in program.jobs()
    }
    assert program.digests() == expected(forums)
