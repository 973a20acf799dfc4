"""A schedule brings files by itself, through the real daemon, whoever kills it; and the daemon stays for it."""

from __future__ import annotations

import time
from typing import Any

import pytest

from e2e.program import Program, kill_all, wait_until
from fakeweb.expected import digests
from fakeweb.sites.tiktok import make_user
from mediadl.paths import Home
from mediadl.store import schedules
from mediadl.store.database import Database
from mediadl.timing.rules import Due

pytestmark = pytest.mark.engines

ADD = ("schedule", "add", "tiktok:@eve", "--name", "cats", "--every", "60s", "--backfill-items", "0")


@pytest.fixture
def program(program: Program) -> Program:
    """A program whose TikTok has an account of six short videos."""
    program.world.tiktok.join("eve", make_user(posts=6, bytes_per_video=20_000))
    return program


def add(program: Program) -> None:
    result = program.run(*ADD)
    assert result.code == 0, result.err + program.log()


def history(program: Program) -> list[dict[str, Any]]:
    """The runs, oldest first, left-out ones aside."""
    lines = program.run("schedule", "history", "cats", "--json").json_lines()
    runs = [run for line in lines for run in line.get("runs", [line])]
    return [run for run in reversed(runs) if run.get("state") not in {None, "skipped"}]


def make_due(program: Program) -> None:
    """Bring the next run forward, as if its time had come."""
    now = time.time()
    with Database.open(Home(program.home)) as database, database.write() as tx:
        schedules.set_next(tx, 1, Due(now, now), now)


def ended(program: Program, runs: int) -> bool:
    found = history(program)
    return len(found) >= runs and all(run["state"] in {"done", "failed"} for run in found[:runs])


def test_a_schedule_brings_files_by_itself_and_only_new_ones_later(program: Program) -> None:
    tiktok = program.world.tiktok

    add(program)
    wait_until(lambda: ended(program, 1), "the first run " + program.log())

    (run, *_) = history(program)
    assert (run["state"], run["kind"]) == ("done", "due"), program.log()
    first = digests(tiktok.expected_user("eve", music=False))
    assert program.digests() == first
    assert run["new"] == len(program.files())

    tiktok.publish("eve", 2)
    make_due(program)
    wait_until(lambda: ended(program, 2), "the second run " + program.log())

    assert program.digests() == digests(tiktok.expected_user("eve", music=False))
    assert history(program)[1]["new"] == len(program.digests()) - len(first)


def test_a_daemon_killed_in_the_middle_of_a_run_loses_and_repeats_nothing(program: Program) -> None:
    program.world.web.rate_bytes_per_s = 30_000
    add(program)
    wait_until(lambda: len(program.files()) >= 2, "some files")
    kill_all(program.home)
    program.world.web.rate_bytes_per_s = None

    assert program.run("daemon", "start").code == 0
    wait_until(lambda: ended(program, 1), "the run " + program.log())

    run = history(program)[0]
    assert run["state"] == "done", program.log()
    assert program.digests() == digests(program.world.tiktok.expected_user("eve", music=False))
    of_run = [job for job in program.jobs() if job["id"] <= 2]
    assert {job["status"] for job in of_run} == {"completed"}
    wait_until(lambda: program.partial_files() == [], "no partial file is left", 10)


def test_the_daemon_stays_for_a_schedule_and_leaves_without(program: Program) -> None:
    program.extra["MEDIADL_DAEMON__IDLE_EXIT_S"] = "1"
    add(program)
    wait_until(lambda: ended(program, 1), "the run " + program.log())
    pid = program.daemon_pid()
    quiet_until = time.monotonic() + 3
    wait_until(lambda: time.monotonic() > quiet_until, "a while")
    assert program.daemon_pid() == pid
    assert pid is not None

    assert program.run("schedule", "disable", "cats").code == 0

    wait_until(lambda: program.daemon_pid() is None, "the end of the daemon " + program.log())
