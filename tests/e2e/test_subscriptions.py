"""Subscriptions against simulated sites and unmodified engines: nothing missed, nothing twice, nobody lost."""

from __future__ import annotations

import pytest

from e2e.program import Program, kill_all, wait_until
from e2e.subscribing import check, fetches, open_runs, source, stored, subscribe, videos
from fakeweb.sites.tiktok import make_user

pytestmark = pytest.mark.engines


@pytest.fixture
def program(program: Program) -> Program:
    """A program whose TikTok has an account of ten short videos."""
    program.world.tiktok.join("eve", make_user(posts=10, bytes_per_video=20_000))
    return program


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
    wait_until(lambda: program.partial_files() == [], "no partial file is left", 10)


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


def test_what_one_schedule_leaves_out_another_one_with_other_filters_finds(program: Program) -> None:
    subscribe(program, "tiktok:@eve", "--match", r"post [1-4]\b")
    check(program)
    ours = program.digests()
    other = program.run(
        "schedule",
        "add",
        "tiktok:@eve",
        "--match",
        r"post ([3-9]|10)\b",
        "--name",
        "o",
        "--cron",
        "0 4 29 2 *",
    )
    assert other.code == 0, other.err
    second = program.run("schedule", "run", "o", "--wait", "--json")
    wait_until(lambda: not open_runs(program), "the run is over")

    assert ours == videos(program, "eve", 1, 4)
    assert second.code == 0, second.err + program.log()
    assert program.digests() == videos(program, "eve", 1, 10)
    assert fetches(program, "eve", 1, 10) == [1] * 10
