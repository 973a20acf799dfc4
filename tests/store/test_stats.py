"""Figures of the whole program against a count of every row."""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mediadl.models import Amount, JobStatus, MediaKind, Outcomes
from mediadl.store import downloads, jobs, migrations, sites, stats
from mediadl.store.database import Database
from store.making import NOW, add, claim, download, scratch

HOUR = 3600.0


def _end(tx: sqlite3.Connection, status: JobStatus, at: float, reason: str = "", **asked: Any) -> int:
    """One job, run and settled; returns its number."""
    (job_id,) = add(tx, 1, **asked)
    job = next(job for job in claim(tx, 1000) if job.id == job_id)
    assert jobs.settle(tx, job_id, job.fence, status, now=at, reason=reason, message=f"{reason} here")
    return job_id


_CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["add", "remove", "move"]),
        st.floats(NOW - 5 * HOUR, NOW + 5 * HOUR),
        st.integers(0, 10**12),
        st.integers(0, 30),
    ),
    max_size=40,
)


@given(_CHANGES)
@settings(max_examples=60, deadline=None)
def test_counters_of_time_agree_with_a_count_of_every_row(
    changes: list[tuple[str, float, int, int]],
) -> None:
    tx = scratch()
    for n, (what, at, size, which) in enumerate(changes):
        if what == "add":
            downloads.add(tx, download(n, path=f"/m/{which}", stored_at=at, size_bytes=size))
        elif what == "remove":
            downloads.remove(tx, [which])
        else:
            tx.execute("UPDATE downloads SET stored_at = ?, size_bytes = ? WHERE id = ?", (at, size, which))
    bounds = [NOW - 6 * HOUR + n * 900 for n in range(0, 49, 4)]

    found = stats.spans(tx, bounds)

    rows = tx.execute("SELECT stored_at, size_bytes FROM downloads").fetchall()
    expected = []
    for low, high in pairwise(bounds):
        sizes = [size for at, size in rows if low <= at < high]
        expected.append(Amount(len(sizes), sum(sizes)))
    assert found == expected
    assert stats.stored(tx) == Amount(len(rows), sum(size for _, size in rows))
    tx.close()


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["completed", "failed", "cancelled", "retry", "cancel", "resume"]),
        st.integers(1, 8),
        st.integers(0, 20),
    ),
    max_size=40,
)


@given(_STEPS)
@settings(max_examples=60, deadline=None)
def test_outcomes_agree_with_how_every_job_ended_last(steps: list[tuple[str, int, int]]) -> None:
    from mediadl.models import Wanted

    tx = scratch()
    add(tx, 8)
    for what, job_id, hour in steps:
        at = NOW + hour * HOUR
        if what == "retry":
            jobs.retry(tx, [job_id], at)
        elif what == "cancel":
            jobs.request(tx, [job_id], Wanted.CANCEL, at)
        elif what == "resume":
            jobs.request(tx, [job_id], Wanted.RUN, at)
        else:
            for job in claim(tx, 100):
                status = JobStatus(what) if job.id == job_id else JobStatus.PENDING
                jobs.settle(tx, job.id, job.fence, status, now=at)

    found = stats.outcomes(tx, NOW + 5 * HOUR)

    rows = tx.execute(
        "SELECT status FROM download_queue WHERE finished_at >= ?", (NOW + 5 * HOUR,)
    ).fetchall()
    counted = Counter(row[0] for row in rows)
    assert found == Outcomes(counted["completed"], counted["failed"], counted["cancelled"])
    tx.close()


def test_jobs_taken_off_the_list_still_count_as_ended(database: Database) -> None:
    with database.write() as tx:
        _end(tx, JobStatus.COMPLETED, NOW)
        _end(tx, JobStatus.FAILED, NOW, "network")
        jobs.clear(tx, {JobStatus.COMPLETED}, NOW)

        assert stats.outcomes(tx, NOW - HOUR) == Outcomes(completed=1, failed=1)
        assert stats.outcomes(tx, NOW + HOUR) == Outcomes()


def test_success_is_the_share_of_the_completed_among_the_not_cancelled() -> None:
    assert Outcomes(3, 1, 5).success == 0.75
    assert Outcomes(0, 0, 5).success is None


def test_a_migration_counts_what_is_there() -> None:
    tx = sqlite3.connect(":memory:", isolation_level=None)
    migrations.STEPS[0](tx)
    # The functions of today write columns of today
    for table in ("download_queue", "downloads"):
        tx.execute(f"ALTER TABLE {table} ADD COLUMN owner_id INTEGER")
    for n in range(7):
        downloads.add(tx, download(n, stored_at=NOW + n * 400, size_bytes=10))
    _end(tx, JobStatus.COMPLETED, NOW, site="well")
    _end(tx, JobStatus.COMPLETED, NOW, site="ill")
    for hour, reason in ((1, "network"), (2, "not_found"), (3, "login_needed")):
        _end(tx, JobStatus.FAILED, NOW + hour * HOUR, reason, site="ill")
    add(tx, 2)

    for table in ("download_queue", "downloads"):
        tx.execute(f"ALTER TABLE {table} DROP COLUMN owner_id")
    for step in migrations.STEPS[1:]:
        step(tx)

    assert stats.spans(tx, [NOW, NOW + HOUR]) == [Amount(7, 70)]
    assert stats.outcomes(tx, NOW) == Outcomes(completed=2, failed=3)
    ill, well = stats.luck(tx, NOW, 10)
    assert (well.site, well.failures, well.last_success_at) == ("well", 0, NOW)
    assert (ill.site, ill.failures, ill.last_reason) == ("ill", 2, "login_needed")
    assert (ill.last_success_at, ill.last_failure_at) == (NOW, NOW + 3 * HOUR)
    tx.close()


def test_a_count_that_drifted_is_told(database: Database) -> None:
    with database.write() as tx:
        downloads.add(tx, download(1))
        tx.execute("UPDATE download_quarters SET files = 5")

    assert any("counters of" in problem for problem in database.check())


def test_platforms_and_kinds_are_summed(database: Database) -> None:
    with database.write() as tx:
        downloads.add(tx, download(1, platform="tiktok", kind=MediaKind.VIDEO, size_bytes=50, source="a"))
        downloads.add(tx, download(2, platform="direct", kind=MediaKind.IMAGE, size_bytes=70, source="b"))
        downloads.add(tx, download(3, platform="tiktok", kind=MediaKind.IMAGE, size_bytes=30, source="a"))

        assert stats.by_platform(tx) == [("tiktok", Amount(2, 80)), ("direct", Amount(1, 70))]
        assert stats.by_kind(tx) == [(MediaKind.IMAGE, Amount(2, 100)), (MediaKind.VIDEO, Amount(1, 50))]
        assert stats.by_source(tx, 1) == [("a", "tiktok", Amount(2, 80))]


def test_errors_in_a_row_count_until_the_next_success(database: Database) -> None:
    with database.write() as tx:
        for _ in range(3):
            _end(tx, JobStatus.FAILED, NOW, "network", site="site")
        (bad,) = stats.luck(tx, NOW, 5)
        _end(tx, JobStatus.COMPLETED, NOW + 5, site="site")
        (good,) = stats.luck(tx, NOW, 5)

    assert (bad.failures, bad.last_reason, bad.last_message) == (3, "network", "network here")
    assert (good.failures, good.last_reason, good.last_success_at) == (0, "", NOW + 5)


@pytest.mark.parametrize("reason", ["not_found", "private", "disk_full", "unsupported", "interrupted"])
def test_what_is_not_the_sites_doing_is_not_its_failure(database: Database, reason: str) -> None:
    with database.write() as tx:
        _end(tx, JobStatus.FAILED, NOW, reason, site="site")

        assert stats.luck(tx, NOW, 5) == []


def test_a_rest_is_told_while_it_lasts(database: Database) -> None:
    with database.write() as tx:
        sites.cool_down(tx, "site", NOW + 60, "rate_limited", NOW)

        (during,) = stats.luck(tx, NOW, 5)
        (after,) = stats.luck(tx, NOW + 61, 5)

    assert (during.cooldown_until, during.failures, during.last_reason) == (NOW + 60, 1, "rate_limited")
    assert after.cooldown_until is None


def test_sites_in_trouble_come_first_then_those_used_last(database: Database) -> None:
    with database.write() as tx:
        _end(tx, JobStatus.COMPLETED, NOW + 1, site="early")
        _end(tx, JobStatus.COMPLETED, NOW + 2, site="late")
        _end(tx, JobStatus.FAILED, NOW, "network", site="ill")
        sites.cool_down(tx, "resting", NOW + 60, "rate_limited", NOW)

        assert [luck.site for luck in stats.luck(tx, NOW, 10)] == ["resting", "ill", "late", "early"]
        assert [luck.site for luck in stats.luck(tx, NOW, 2)] == ["resting", "ill"]


def test_the_feed_has_jobs_at_work_then_those_that_ended_last(database: Database) -> None:
    with database.write() as tx:
        old = _end(tx, JobStatus.COMPLETED, NOW)
        new = _end(tx, JobStatus.FAILED, NOW + 5, "network")
        add(tx, 3)
        active = [job.id for job in claim(tx, 2)]

        assert [job.id for job in stats.recent(tx, 20)] == [*active, new, old]
        assert [job.id for job in stats.recent(tx, 3)] == [*active, new]
