from __future__ import annotations

import time

import pytest

from cli.answers import Run
from cli.stand_in import StandIn
from mediadl.models import JobStatus
from mediadl.paths import Home
from mediadl.store.database import Database


@pytest.fixture
def filled(run: Run, home: Home) -> None:
    """One job done, one failed, one to come."""
    run("add", "https://example.com/a.jpg", "https://example.com/b.jpg")
    run("add", "--at", "+2h", "https://example.com/c.jpg")
    with Database.open(home) as database:
        stand_in = StandIn(database)
        job = stand_in.claim()
        stand_in.store(job, "/media/a.jpg")
        stand_in.end(job, JobStatus.COMPLETED)
        stand_in.end(stand_in.claim(), JobStatus.FAILED)


def test_the_overview_says_how_everything_is_doing(run: Run, filled: None) -> None:
    told = run("stats", "overview", "--json").record

    assert told["today"]["files"] == told["days_7"]["files"] == told["stored"]["files"] == 1
    assert told["ended_30_days"] == {"completed": 1, "failed": 1, "cancelled": 0, "success": 0.5}
    assert told["queue"]["scheduled"] == 1
    assert told["next_id"] == 3
    assert told["free"] > 0
    assert told["daemon"] is False
    said = run("stats", "overview").out
    assert "50% of 2 jobs" in said
    assert "last 7 days" in said


def test_an_empty_overview_says_so(run: Run) -> None:
    said = run("stats", "overview").out

    assert "nothing" in said
    assert "empty" in said
    assert run("stats", "overview", "--json").record["ended_30_days"]["success"] is None


def test_the_timeline_has_a_row_per_day(run: Run, filled: None) -> None:
    told = run("stats", "timeline", "--days", "3", "--json").records

    assert [row["files"] for row in told] == [0, 0, 1]
    assert told[-1]["day"] == time.strftime("%Y-%m-%d")
    assert len(run("stats", "timeline").lines) == 15
    assert run("stats", "timeline", "--days", "0").code == 2
    assert run("stats", "timeline", "--days", "91").code == 2


def test_platforms_sources_and_storage_are_summed(run: Run, filled: None) -> None:
    platform, site = run("stats", "platforms", "--json").records
    assert (platform["platform"], platform["files"]) == ("direct", 1)
    assert site["health"] == "ok"
    assert "direct" in run("stats", "platforms").out
    assert run("stats", "sources", "--json").record["files"] == 1
    assert "Source" in run("stats", "sources").out
    storage = run("stats", "storage", "--json").record
    assert storage["files"] == 1
    assert storage["kinds"]
    assert "together" in run("stats", "storage").out
