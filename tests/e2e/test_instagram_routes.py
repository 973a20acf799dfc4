"""Instagram when its front door is shut: other ways bring the same files, never twice, and every refusal is honest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from browser_stage import needs_browser, started
from e2e.program import Program
from fakeweb import Fault
from fakeweb.expected import digests

pytestmark = pytest.mark.engines

IMGINN = ("--option", "use_imginn=true", "--option", "pause_imginn_s=0", "--option", "use_instaloader=false")
ONLY_IMGINN = (*IMGINN, "--option", "order_posts=imginn")


@pytest.fixture
def session(program: Program, tmp_path: Path) -> Program:
    """The program with the cookies of an account."""
    cookies = program.world.instagram.write_cookies(tmp_path / "cookies.txt")
    imported = program.run("session", "import", "instagram", str(cookies))
    assert imported.code == 0, imported.err
    return program


def posts(program: Program, *options: str, user: str = "bob") -> dict[str, Any]:
    """Fetch the posts of an account; the last word on the job."""
    result, jobs = program.fetch(f"instagram:{user}", options=options)
    assert jobs, result.err + program.log()
    return jobs[0]


def media_requests(program: Program) -> int:
    return program.world.web.log.count(r"GET https://(?:s7\.imginn\.com|scontent-x\.cdninstagram\.com)/")


def test_where_gallery_dl_is_refused_imginn_brings_the_files(program: Program) -> None:
    job = posts(program, *IMGINN)

    assert job["status"] == "completed", program.log()
    assert program.digests() == digests(program.world.instagram.expected_posts("bob"))
    stored = program.jobs()[0]
    assert stored["backend"] == "imginn"
    assert "gallery-dl: login needed" in str(stored["tried"])


def test_what_gallery_dl_fetched_is_nothing_new_for_imginn(session: Program) -> None:
    first = posts(session)
    assert first["status"] == "completed", session.log()
    before = session.digests()
    session.world.web.log.clear()

    second = posts(session, *ONLY_IMGINN)

    assert second["status"] == "completed", session.log()
    assert {job["backend"] for job in session.jobs()} == {"gallery-dl", "imginn"}
    assert media_requests(session) == 0
    assert session.digests() == before


def test_what_imginn_fetched_is_nothing_new_for_gallery_dl_carousels_too(session: Program) -> None:
    first = posts(session, *ONLY_IMGINN)
    assert first["status"] == "completed", session.log()
    before = session.digests()
    assert before == digests(session.world.instagram.expected_posts("bob"))
    session.world.web.log.clear()

    second = posts(session)

    assert second["status"] == "completed", session.log()
    assert media_requests(session) == 0
    assert session.digests() == before


def test_a_drifted_viewer_hands_over_to_the_next_one(program: Program) -> None:
    program.world.imginn.drifted = True
    next_one = ("--option", "use_storynavigation=true", "--option", "pause_storynavigation_s=0")

    job = posts(program, *IMGINN, *next_one)

    assert job["status"] == "completed", program.log()
    stored = program.jobs()[0]
    assert stored["backend"] == "storynavigation"
    assert "imginn: site changed" in str(stored["tried"])
    assert program.files()


def test_a_link_that_ran_out_is_listed_again_once(program: Program) -> None:
    pictures = r"GET https://(?:scontent-x\.cdninstagram\.com|s7\.imginn\.com)/v/t51/.*stp="
    program.world.imginn.plain_urls = True
    fault = Fault.status(pictures, 403, times=1)
    program.world.web.faults.add(fault)

    job = posts(program, *ONLY_IMGINN)

    assert fault.hits == 1
    assert job["status"] == "completed", program.log()
    assert program.digests() == digests(program.world.instagram.expected_posts("bob"))
    assert program.world.web.log.count(r"GET https://imginn\.com/bob/") == 2


def test_a_private_account_is_confirmed_by_one_more_way_and_no_further(session: Program) -> None:
    others = ("--option", "use_storynavigation=true", "--option", "pause_storynavigation_s=0")

    job = posts(session, *IMGINN, *others, user="shy")

    assert job["status"] == "failed"
    assert job["error"]["reason"] == "private"
    log = session.world.web.log
    assert log.count(r"https://imginn\.com/shy/") == 1
    assert log.count("storynavigation") == 0


def test_an_account_without_posts_completes_and_says_so(program: Program) -> None:
    job = posts(program, *ONLY_IMGINN, user="blank")

    assert job["status"] == "completed"
    assert program.files() == []
    assert "has no posts" in str(program.jobs()[0])


def test_a_list_once_walked_ends_at_what_is_known_and_still_brings_what_is_new(session: Program) -> None:
    world = session.world
    bob = world.instagram.profiles["bob"]
    newest = bob.posts.pop()
    first = posts(session, *ONLY_IMGINN)
    assert first["status"] == "completed", session.log()
    bob.posts.append(newest)
    world.web.log.clear()

    gently = [word.replace("pause_imginn_s=0", "pause_imginn_s=0.3") for word in ONLY_IMGINN]
    second = posts(session, *gently, "--option", "stop_after_known=3")

    assert second["status"] == "completed", session.log()
    assert session.digests() == digests(world.instagram.expected_posts("bob"))
    assert world.web.log.count(r"GET https://imginn\.com/p/" + bob.posts[1].code) == 0


def test_a_rate_limit_at_instagram_is_no_reason_to_press_it_further(session: Program) -> None:
    session.world.web.faults.add(Fault.status(r"GET https://www\.instagram\.com/", 429, retry_after=600))
    session.world.web.log.clear()

    job = posts(session, *IMGINN)

    assert job["status"] == "completed", session.log()
    assert session.jobs()[0]["backend"] == "imginn"
    assert session.world.web.log.count(r"https://www\.instagram\.com/") == 1


@needs_browser
def test_the_users_own_browser_brings_the_files_when_nothing_else_does(
    program: Program, tmp_path: Path
) -> None:
    program.world.imginn.walled = True
    with started(program.world.web.url, tmp_path / "profile") as browser:
        before = browser.tabs()
        options = ("use_fastdl=true", "pause_browser_s=0", f"browser_cdp_url={browser.url}")

        job = posts(program, *IMGINN, *(word for option in options for word in ("--option", option)))

        assert browser.tabs() == before
    assert job["status"] == "completed", program.log()
    stored = program.jobs()[0]
    assert stored["backend"] == "fastdl"
    assert "imginn: bot check" in str(stored["tried"])
    assert set(program.digests()) >= set(digests(program.world.instagram.expected_posts("bob")))
