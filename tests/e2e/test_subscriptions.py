"""Subscriptions against simulated sites and unmodified engines: nothing missed, nothing twice, nobody lost."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from e2e.program import Program, Result, kill_all, wait_until
from fakeweb.sites.tiktok import make_user

pytestmark = pytest.mark.engines


@pytest.fixture
def program(program: Program) -> Program:
    """A program whose TikTok has an account of ten short videos."""
    program.world.tiktok.join("eve", make_user(posts=10, bytes_per_video=20_000))
    return program


def subscribe(program: Program, *arguments: str) -> None:
    """Add a schedule named `s` that does not begin by itself while the test lasts."""
    made = program.run("schedule", "add", *arguments, "--name", "s", "--cron", "0 4 29 2 *")
    assert made.code == 0, made.err


def check(program: Program) -> Result:
    """Run it now, to the end."""
    result = program.run("schedule", "run", "s", "--wait", "--json")
    wait_until(lambda: not open_runs(program), "the run is over")
    return result


def rows(program: Program, sql: str) -> list[dict[str, Any]]:
    """What the database says."""
    with closing(sqlite3.connect(f"file:{program.home}/media_downloader.db?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(sql).fetchall()]


def source(program: Program) -> dict[str, Any]:
    """The one source."""
    (found,) = rows(program, "SELECT * FROM sources")
    return found


def stored(program: Program) -> list[dict[str, Any]]:
    """What the history has."""
    return rows(program, "SELECT media_id FROM downloads")


def open_runs(program: Program) -> list[dict[str, Any]]:
    """Runs that are not over."""
    return rows(program, "SELECT id FROM schedule_runs WHERE state = 'running'")


def fetches(program: Program, name: str, first: int, last: int) -> list[int]:
    """How often the video of each post was asked for."""
    posts = [program.world.tiktok.users[name].post(number) for number in range(first, last + 1)]
    return [program.world.web.log.count(rf"/video/tos/\w+/{post.id}/") for post in posts]


def videos(program: Program, name: str, first: int, last: int) -> list[str]:
    """The digests of posts of a TikTok user, by their numbers."""
    return sorted(
        program.world.tiktok.expected_video(name, number).sha256 for number in range(first, last + 1)
    )


def test_what_is_new_is_fetched_once_and_nothing_older(program: Program) -> None:
    subscribe(program, "tiktok:@eve", "--backfill", "none")

    first = check(program)
    assert first.code == 0, first.err + program.log()
    assert program.files() == []
    program.world.tiktok.publish("eve", 2)
    second = check(program)
    third = check(program)

    assert (second.code, third.code) == (0, 0), second.err + third.err + program.log()
    assert program.digests() == videos(program, "eve", 11, 12)
    assert source(program)["gap_since"] is None


@pytest.mark.parametrize("end", ["killed", "cancelled"])
def test_a_check_stopped_after_3_of_10_leaves_nothing_out_and_repeats_nothing(
    program: Program, end: str
) -> None:
    web, tiktok = program.world.web, program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    check(program)
    tiktok.publish("eve", 10)
    web.rate_bytes_per_s = 20_000

    begun = program.run("schedule", "run", "s", "--json")
    (job_id,) = begun.json_lines()[0]["job_ids"]
    wait_until(lambda: len(stored(program)) >= 3, "three are stored")
    web.rate_bytes_per_s = 100
    if end == "killed":
        kill_all(program.home)
    else:
        program.run("queue", "cancel", str(job_id))
        wait_until(lambda: program.job(job_id)["status"] == "cancelled", "the job is cancelled")
    before = stored(program)
    web.log.clear()
    gap = source(program)["gap_since"]
    tiktok.publish("eve", 5)
    web.rate_bytes_per_s = None
    program.run("daemon", "start")
    wait_until(lambda: not open_runs(program), "the first run is over")
    last = check(program)

    assert 3 <= len(before) < 10
    assert end == "killed" or gap is not None
    assert last.code == 0, last.err + program.log()
    assert program.digests() == videos(program, "eve", 11, 25)
    assert len(stored(program)) == 15
    assert sum(web.log.count(rf"/video/tos/\w+/{row['media_id']}/") for row in before) == 0
    assert source(program)["gap_since"] is None
    assert program.partial_files() == []


def test_a_pinned_old_post_does_not_end_the_check(program: Program) -> None:
    tiktok = program.world.tiktok
    eve = tiktok.users["eve"]
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    eve.pinned = [post.id for post in eve.posts[:2]]
    check(program)

    tiktok.publish("eve", 3)
    eve.pinned.append(eve.posts[4].id)
    result = check(program)

    assert result.code == 0, result.err + program.log()
    assert program.digests() == videos(program, "eve", 11, 13)


def test_a_renamed_account_keeps_its_folder_and_fetches_nothing_twice(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    check(program)
    tiktok.publish("eve", 1)
    check(program)
    tiktok.rename("eve", "evelyn")
    tiktok.publish("evelyn", 2)

    result = check(program)
    again = check(program)

    assert (result.code, again.code) == (0, 0), result.err + again.err + program.log()
    assert {path.parent.name for path in program.files()} == {"eve"}
    assert program.digests() == videos(program, "evelyn", 11, 13)
    assert all(n == 1 for n in fetches(program, "evelyn", 11, 13))
    found = source(program)
    assert (found["url"], found["name"], found["folder"]) == (
        "https://www.tiktok.com/@evelyn",
        "evelyn",
        "eve",
    )
    assert {row["source"] for row in rows(program, "SELECT source FROM downloads")} == {"evelyn"}


def test_a_renamed_instagram_account_is_followed_by_its_number(program: Program, tmp_path: Path) -> None:
    instagram = program.world.instagram
    program.run("session", "import", "instagram", str(instagram.write_cookies(tmp_path / "cookies.txt")))
    subscribe(program, "instagram:carol", "--backfill", "all")
    check(program)
    held = program.digests()
    instagram.rename("carol", "caroline")
    instagram.publish("caroline", 1)

    result = check(program)

    assert result.code == 0, result.err + program.log()
    assert {path.parent.name for path in program.files()} == {"carol"}
    new = [file.sha256 for file in instagram.expected_post("caroline", 4)]
    assert program.digests() == sorted([*held, *new])
    assert source(program)["url"] == "https://www.instagram.com/caroline/posts/"


def test_somebody_else_under_the_old_name_is_not_taken_for_the_account(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none")
    check(program)
    tiktok.rename("eve", "evelyn")
    tiktok.publish("evelyn", 1)
    tiktok.join("eve", make_user(posts=4, bytes_per_video=20_000))
    tiktok.users["eve"].born = "another eve"

    result = check(program)

    assert result.code == 0, result.err + program.log()
    assert program.digests() == videos(program, "evelyn", 11, 11)
    assert source(program)["name"] == "evelyn"


def test_older_posts_come_by_parts_and_do_not_hold_up_new_ones(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "all", "--backfill-items", "4")

    check(program)
    assert program.digests() == videos(program, "eve", 7, 10)
    tiktok.publish("eve", 1)
    check(program)
    assert program.digests() == videos(program, "eve", 3, 11)
    assert source(program)["backfill"] == 1
    check(program)

    assert program.digests() == videos(program, "eve", 1, 11)
    assert source(program)["backfill"] == 0
    assert all(n == 1 for n in fetches(program, "eve", 1, 11))
    jobs = len(program.jobs())
    check(program)
    assert len(program.jobs()) == jobs + 1, "nothing older is looked for any more"


def test_a_removed_post_leaves_the_only_copy_here(program: Program) -> None:
    tiktok = program.world.tiktok
    eve = tiktok.users["eve"]
    subscribe(program, "tiktok:@eve", "--backfill", "all")
    check(program)
    removed = eve.posts.pop(4)

    check(program)
    check(program)
    marked = rows(program, "SELECT media_id FROM downloads WHERE only_copy_at IS NOT NULL")
    eve.posts.insert(4, removed)
    check(program)

    assert [row["media_id"] for row in marked] == [removed.id]
    assert rows(program, "SELECT 1 FROM downloads WHERE only_copy_at IS NOT NULL") == []


def test_more_than_a_run_may_take_is_a_gap_that_can_be_filled(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "none", "--max-items", "2")
    check(program)
    tiktok.publish("eve", 6)

    check(program)
    limited, gap = program.digests(), source(program)["gap_since"]
    filled = program.run("schedule", "gap", "s", "--wait", "--json")

    assert limited == videos(program, "eve", 15, 16)
    assert gap is not None
    assert filled.code == 0, filled.err + program.log()
    assert program.digests() == videos(program, "eve", 11, 16)
    assert source(program)["gap_since"] is None


def test_an_account_not_found_twice_is_gone_and_what_is_kept_is_the_only_copy(program: Program) -> None:
    tiktok = program.world.tiktok
    subscribe(program, "tiktok:@eve", "--backfill", "all")
    check(program)
    del tiktok.users["eve"]

    check(program)
    once = source(program)["state"]
    check(program)

    assert once == "ok"
    found = source(program)
    assert found["state"] == "gone", found
    assert found["why"]
    assert len(rows(program, "SELECT 1 FROM downloads WHERE only_copy_at IS NOT NULL")) == 10
