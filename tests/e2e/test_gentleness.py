"""A site that refuses is left alone, an account sends no more than it may, and everyone can see until when."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from e2e.program import Program, wait_until
from fakeweb import Fault
from terminal.pty_program import PtyProgram

pytestmark = pytest.mark.engines

HERE = r"media\.example\.com/"
SITE, OTHER = "https://media.example.com", "https://files.example.com"


def added(program: Program, *urls: str) -> list[int]:
    result = program.run("add", *urls, "--json")
    assert result.code == 0, result.err
    return [line["id"] for line in result.json_lines()]


def states(program: Program, ids: list[int]) -> list[dict[str, Any]]:
    return [job for job in program.jobs() if job["id"] in ids]


@pytest.mark.parametrize(
    ("path", "what"), [("bytes/20000/{n}.zip", "plain files"), ("watch/html5?n={n}", "pages for an engine")]
)
def test_after_a_refusal_the_site_rests_and_all_others_go_on(program: Program, path: str, what: str) -> None:
    web = program.world.web
    program.extra["MEDIADL_PLATFORMS__COOLDOWN_S"] = "25"
    web.faults.add(Fault.status(HERE, 429, skip=2))

    here = added(program, *(f"{SITE}/{path.format(n=n)}" for n in range(10)))
    there = added(program, *(f"{OTHER}/bytes/20000/{n}.zip" for n in range(5)))
    wait_until(lambda: all(j["status"] == "completed" for j in states(program, there)), "the others", 60)
    wait_until(lambda: not _unsettled(program, here), "the rest of the site waits", 60)

    waiting = [job for job in states(program, here) if job["status"] == "waiting"]
    # The third request was refused; one more may have been on its way
    assert web.log.count(HERE) <= 4, [entry.line for entry in web.log.search(HERE)]
    assert len(waiting) >= 8
    assert all(job["not_before"] for job in waiting)
    assert {job["reason"] for job in waiting} <= {"rate_limited", "site_rests"}
    assert all(job["attempts"] == 0 for job in waiting), waiting
    listed = program.run("queue", "list", "--status", "waiting").out
    assert listed.count("goes on at") == len(waiting)
    _shows_the_countdown(program)
    web.faults.clear()
    wait_until(lambda: all(j["status"] == "completed" for j in states(program, here)), "they go on", 90)


def _unsettled(program: Program, ids: list[int]) -> list[dict[str, Any]]:
    return [job for job in states(program, ids) if job["status"] in {"pending", "active"}]


def _shows_the_countdown(program: Program) -> None:
    screen = PtyProgram(program.home)
    try:
        screen.type("2")
        screen.read_until(b"in 0:", 40)
    finally:
        screen.kill()


def test_one_job_shows_whether_the_site_is_open_again(program: Program) -> None:
    web = program.world.web
    program.extra["MEDIADL_PLATFORMS__COOLDOWN_S"] = "4"
    web.faults.add(Fault.status(HERE, 429))

    here = added(program, *(f"{SITE}/bytes/20000/{n}.zip" for n in range(6)))
    wait_until(lambda: web.log.count(HERE) >= 2, "a probe after the first refusal", 60)
    time_of = [entry.at for entry in web.log.search(HERE)]
    wait_until(lambda: not _unsettled(program, here), "all wait again", 30)

    assert time_of[1] - time_of[0] >= 4
    # Only the probe, and the next rest is twice as long
    assert web.log.count(HERE) == 2
    (site,) = [one for one in program.run("stats", "platforms", "--json").json_lines() if one.get("site")]
    assert (site["site"], site["failures"]) == ("media.example.com", 2)


def test_a_budget_is_never_exceeded_and_says_until_when(program: Program, tmp_path: Path) -> None:
    instagram, web = program.world.instagram, program.world.web
    program.extra["MEDIADL_PLATFORMS__INSTAGRAM_REQUESTS_PER_HOUR"] = "7"
    cookies = instagram.write_cookies(tmp_path / "cookies.txt")
    assert program.run("session", "import", "instagram", str(cookies)).code == 0
    asked = r"www\.instagram\.com/|i\.instagram\.com/"
    web.log.clear()

    ids = added(program, *(f"instagram:{name}" for name in ("bob", "carol", "eve", "mallory")))
    wait_until(lambda: _held_by_budget(program, ids) >= 3, "jobs that have not begun wait for the budget", 60)
    seen = web.log.count(asked)
    program.run("daemon", "stop")
    program.run("daemon", "start")
    _stays(lambda: web.log.count(asked), seen, 3.0)

    assert 1 <= seen <= 7, [entry.line for entry in web.log.search(asked)]
    (job, *_) = [job for job in states(program, ids) if job["reason"] == "budget"]
    assert "7 requests per hour are used up" in job["message"]
    assert job["not_before"]


def test_of_100_queued_accounts_no_21st_request_of_20_an_hour_is_sent(
    program: Program, tmp_path: Path
) -> None:
    instagram, web = program.world.instagram, program.world.web
    program.extra["MEDIADL_PLATFORMS__INSTAGRAM_REQUESTS_PER_HOUR"] = "20"
    cookies = instagram.write_cookies(tmp_path / "cookies.txt")
    assert program.run("session", "import", "instagram", str(cookies)).code == 0
    web.log.clear()

    def sent() -> int:
        # Visitors' requests do not count: instaloader looks once whether an account is really gone
        return sum(1 for entry in web.log.entries() if entry.cookies.get("sessionid"))

    ids = added(program, *(f"https://www.instagram.com/user{number}/" for number in range(100)))
    wait_until(lambda: _held_by_budget(program, ids) >= 70, "the rest waits for the budget", 90)
    seen = sent()
    _stays(sent, seen, 3.0)

    # The test of the login at its import counted as well
    assert 10 <= seen <= 20
    held = [job for job in states(program, ids) if job["reason"] == "budget"]
    assert all(job["not_before"] for job in held)
    assert all("20 requests per hour are used up" in job["message"] for job in held)


def test_a_platform_is_tested_without_a_download_and_its_light_follows(program: Program) -> None:
    url = program.world.tiktok.post_url("alice", 20)

    well = program.run("platforms", "test", "tiktok", url, "--json")
    listed = {one["platform"]: one for one in program.run("platforms", "list", "--json").json_lines()}
    program.world.web.faults.add(Fault.status(r"tiktok\.com/", 429))
    refused = program.run("platforms", "test", "tiktok", url, "--json")
    after = {one["platform"]: one for one in program.run("platforms", "list", "--json").json_lines()}

    assert well.code == 0, well.err
    (probe,) = well.json_lines()
    assert (probe["ok"], probe["items"], probe["tried"][0]["backend"]) == (True, 1, "yt-dlp")
    assert program.files() == []
    assert listed["tiktok"]["health"] == "green"
    assert refused.code == 5
    assert refused.json_lines()[0]["error"]["reason"] == "rate_limited"
    assert after["tiktok"]["health"] == "red"
    assert after["tiktok"]["cooldown_left_s"] > 0
    assert "rate limited" in program.run("platforms", "show", "tiktok").out.lower()
    assert program.run("platforms", "resume", "tiktok").code == 0
    assert program.run("platforms", "show", "nothing").code == 3


def _held_by_budget(program: Program, ids: list[int]) -> int:
    jobs = states(program, ids)
    return sum(
        job["reason"] == "budget" or (job["status"] == "active" and "used up" in job["message"])
        for job in jobs
    )


def _stays(read: Any, value: int, for_s: float) -> None:
    end = time.monotonic() + for_s
    wait_until(lambda: time.monotonic() > end or read() != value, "time goes by", for_s + 5)
    assert read() == value
