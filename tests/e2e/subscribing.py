"""What tests of subscriptions do to a program, and what they ask of its database."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from e2e.program import Program, Result, wait_until


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
