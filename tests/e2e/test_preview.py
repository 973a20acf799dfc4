"""A preview lists what would come and what not, and why; what is picked from it is all that is fetched."""

from __future__ import annotations

import os
import signal
from typing import Any

import pytest

from e2e.program import Program, processes_of, wait_until

pytestmark = pytest.mark.engines

ALICE = "tiktok:@alice"


def listed(program: Program, *options: str, url: str = ALICE) -> list[dict[str, Any]]:
    """What a preview says."""
    result = program.run("add", "--preview", url, *options, "--json")
    assert result.code == 0, result.err
    return result.json_lines()


def accepted(lines: list[dict[str, Any]]) -> list[str]:
    return [line["title"] for line in lines if line["accepted"]]


def test_another_pattern_makes_other_lists_and_picked_items_are_all_that_is_fetched(program: Program) -> None:
    tens = listed(program, "--match", r"post 1\d")
    ones = listed(program, "--match", r"post \d\b")

    assert len(accepted(tens)) == 10
    assert not set(accepted(tens)) & set(accepted(ones))
    rejected = [line for line in tens if not line["accepted"]]
    assert {line["rule"] for line in rejected} == {r"does not match /post 1\d/"}
    assert [line["n"] for line in tens] == list(range(1, len(tens) + 1))
    assert program.jobs() == []
    assert program.files() == []
    assert program.world.web.log.count(program.world.tiktok.watermark_pattern()) == 0

    videos = [line for line in ones if not line["accepted"] and line["kind"] == "video"][:2]
    numbers = ",".join(str(line["n"]) for line in videos)
    result, jobs = program.fetch(ALICE, options=("--match", r"post \d\b", "--pick", numbers))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    assert len(program.files()) == 2
    assert sorted(line["id"] for line in videos) == sorted(
        path.name.split("_")[1] for path in program.files()
    )
    again = listed(program)
    assert {line["n"] for line in again if line["rule"] == "fetched before"} == {line["n"] for line in videos}


def test_a_job_whose_rules_leave_nothing_is_completed_and_lists_every_rule(program: Program) -> None:
    result, jobs = program.fetch(ALICE, options=("--media", "audio"))

    assert result.code == 0, result.err + program.log()
    assert jobs[0]["status"] == "completed"
    shown = program.run("queue", "show", str(jobs[0]["id"]), "--json").json_lines()[0]
    assert shown["message"] == f"0 accepted, {len(shown['items'])} rejected by rules"
    assert {item["state"] for item in shown["items"]} == {"skipped"}
    assert {item["message"] for item in shown["items"]} == {"is a video, not audio", "is an image, not audio"}
    assert program.files() == []


def test_max_items_counts_what_is_accepted(program: Program) -> None:
    result, _jobs = program.fetch(
        ALICE, options=("--match", r"post 1\d", "--reject", "post 19", "--max-items", "2")
    )

    assert result.code == 0, result.err + program.log()
    assert [path.name.split("post ")[1][:2] for path in reversed(program.files())] == ["18", "17"]


def test_a_preview_that_is_interrupted_leaves_nothing_behind(program: Program) -> None:
    program.run("settings", "set", "platforms.request_delay_s", "20")
    process = program.start("add", "--preview", ALICE)
    wait_until(lambda: len(processes_of(program.home)) >= 2, "the runner")
    wait_until(lambda: program.world.web.log.count(r"@alice") > 0, "the first request")

    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=20)

    assert process.returncode == 130
    wait_until(lambda: not processes_of(program.home), "everything ended", 10)
    assert [path.name for path in (program.home / "run").glob("preview-*")] == []
    assert program.jobs() == []


def test_a_preview_uses_the_login_of_the_site_like_a_job(program: Program) -> None:
    cookies = program.world.instagram.write_cookies(program.home.parent / "cookies.txt")
    imported = program.run("session", "import", "instagram", str(cookies))
    assert imported.code == 0, imported.err

    lines = listed(program, url="instagram:bob")

    assert len(accepted(lines)) == len(lines) > 3
    assert {line["site"] for line in lines} == {"instagram"}
    assert list(program.home.rglob("cookies.txt")) == []


def test_a_preview_does_not_share_an_account_with_a_job_at_work(program: Program) -> None:
    cookies = program.world.instagram.write_cookies(program.home.parent / "cookies.txt")
    program.run("session", "import", "instagram", str(cookies))
    program.extra["MEDIADL_PLATFORMS__INSTAGRAM_DELAY_S"] = "60"
    program.run("add", "instagram:bob")
    wait_until(lambda: program.jobs()[0]["status"] == "active", "the job is at work")

    result = program.run("add", "--preview", "instagram:carol")

    assert result.code == 4
    assert "a job is at work on instagram" in result.err
    about_carol = [one for one in program.world.web.log.entries() if "carol" in one.line]
    assert [one.line for one in about_carol if one.cookies.get("sessionid")] == []
