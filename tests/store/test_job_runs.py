"""What the daemon does with jobs: claim, describe, settle, recover, promote."""

from __future__ import annotations

from typing import Any

import pytest

from mediadl.events import EventKind
from mediadl.models import JobQuery, JobStatus, Lane, Priority, Wanted
from mediadl.store import jobs, journal, sites
from mediadl.store.database import Database
from store.making import BOOT, LEASE, NOW, WORKER, add, claim


def _recover(
    tx: Any, worker: str | None = None, boot: str = BOOT, lease_now: float = 0, **other: Any
) -> list[int]:
    return jobs.recover(tx, worker=worker, boot=boot, now=NOW, lease_now=lease_now, **other)


def test_a_claim_makes_jobs_active_for_one_worker(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        claimed = claim(tx, 2)

    assert [job.id for job in claimed] == [1, 2]
    assert claimed == jobs.get_many(database.read(), [1, 2])
    job = claimed[0]
    assert (job.status, job.fence, job.attempts, job.assigned_worker, job.started_at) == (
        JobStatus.ACTIVE,
        1,
        1,
        WORKER,
        NOW,
    )
    lease = (
        database.read().execute("SELECT lease_boot, lease_until FROM download_queue WHERE id = 1").fetchone()
    )
    assert lease == (BOOT, LEASE)


@pytest.mark.parametrize(
    "status", ["active", "completed", "failed", "cancelled", "paused", "scheduled", "waiting"]
)
def test_only_pending_jobs_are_claimed(database: Database, status: str) -> None:
    with database.write() as tx:
        add(tx)
        tx.execute("UPDATE download_queue SET status = ?", (status,))

        assert claim(tx, 5) == []


def test_a_claim_takes_jobs_of_its_lane_only(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        (plain_file,) = add(tx, lane=Lane.TRANSFER)

        assert [job.id for job in claim(tx, 5, lane=Lane.TRANSFER)] == [plain_file]


def test_a_site_never_has_more_active_jobs_than_allowed(database: Database) -> None:
    with database.write() as tx:
        add(tx, 4, site="one")
        add(tx, 4, site="two")

        assert [job.id for job in claim(tx, 3, per_site=2)] == [1, 2, 5]
        assert [job.id for job in claim(tx, 3, per_site=2)] == [6]
        assert claim(tx, 3, per_site=2) == []
        assert [job.id for job in claim(tx, 3, per_site=3)] == [3, 7]


def test_sites_are_limited_per_lane(database: Database) -> None:
    with database.write() as tx:
        add(tx, 1, site="one")
        add(tx, 1, site="one", lane=Lane.TRANSFER)

        assert len(claim(tx, 3, per_site=1)) == 1
        assert len(claim(tx, 3, per_site=1, lane=Lane.TRANSFER)) == 1


def test_a_site_that_cools_down_is_passed_over_until_its_time(database: Database) -> None:
    with database.write() as tx:
        add(tx, 1, site="hot")
        add(tx, 1, site="fine")
        sites.cool_down(tx, "hot", NOW + 10, "rate_limited", NOW)

        assert [job.site for job in claim(tx, 5)] == ["fine"]
        assert [job.site for job in claim(tx, 5, now=NOW + 10)] == ["hot"]


def test_blocked_sites_hide_nobody_however_many_jobs_they_have(database: Database) -> None:
    with database.write() as tx:
        add(tx, 500, site="busy")
        sites.cool_down(tx, "busy", NOW + 10, "rate_limited", NOW)
        add(tx, 500, site="full")
        claim(tx, 2, per_site=2)
        low = add(tx, 3, site="third", priority=Priority.LOW)
        normal = add(tx, 3, site="fourth")

        assert [job.id for job in claim(tx, 4, per_site=2)] == [*normal[:2], *low[:2]]


@pytest.mark.parametrize("limit", [0, -1])
def test_a_claim_of_nothing_takes_nothing(database: Database, limit: int) -> None:
    with database.write() as tx:
        add(tx)

        assert claim(tx, limit) == []


def test_every_claim_raises_the_fence_and_keeps_the_first_start(database: Database) -> None:
    fences = []
    with database.write() as tx:
        add(tx)
        for n in range(3):
            (job,) = claim(tx, now=NOW + n)
            fences.append(job.fence)
            jobs.settle(tx, 1, job.fence, JobStatus.PENDING, now=NOW)

    assert fences == [1, 2, 3]
    assert jobs.get(database.read(), 1).started_at == NOW


def test_an_old_fence_is_refused_everywhere(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (old,) = claim(tx)
        jobs.settle(tx, 1, old.fence, JobStatus.PENDING, now=NOW)
        (new,) = claim(tx)

        assert not jobs.settle(tx, 1, old.fence, JobStatus.COMPLETED, now=NOW)
        assert not jobs.describe(tx, 1, old.fence, backend="x")
        jobs.progress(tx, [jobs.ProgressRow(1, old.fence, 99.0)])

        assert jobs.get(tx, 1) == new


@pytest.mark.parametrize(
    "status",
    ["completed", "failed", "cancelled", "paused", "pending", "waiting"],
)
def test_a_settled_job_is_in_nobodys_hands(database: Database, status: str) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.progress(tx, [jobs.ProgressRow(1, job.fence, 30.0, 5, 10, 99.0, estimated_completion=NOW + 5)])

        assert jobs.settle(
            tx, 1, job.fence, JobStatus(status), now=NOW, reason="r", message="m", not_before=NOW + 9
        )

    after = jobs.get(database.read(), 1)
    assert (after.status, after.reason, after.message) == (status, "r", "m")
    assert (after.assigned_worker, after.speed_bytes_per_s, after.estimated_completion) == ("", 0, None)
    assert after.not_before == (NOW + 9 if status == "waiting" else None)
    assert after.finished_at == (NOW if status in {"completed", "failed", "cancelled"} else None)
    assert after.progress == (100.0 if status == "completed" else 30.0)
    assert after.attempts == 1


def test_a_refunded_attempt_does_not_count(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)

        jobs.settle(tx, 1, job.fence, JobStatus.WAITING, now=NOW, refund_attempt=True)

        assert jobs.get(tx, 1).attempts == 0


@pytest.mark.parametrize(
    ("wanted", "would_be", "becomes"),
    [
        (Wanted.PAUSE, "pending", "paused"),
        (Wanted.PAUSE, "waiting", "paused"),
        (Wanted.PAUSE, "completed", "completed"),
        (Wanted.PAUSE, "failed", "failed"),
        (Wanted.CANCEL, "waiting", "cancelled"),
        (Wanted.CANCEL, "paused", "cancelled"),
        (Wanted.CANCEL, "completed", "completed"),
    ],
)
def test_a_wish_that_came_meanwhile_counts_when_a_run_ends(
    database: Database, wanted: Wanted, would_be: str, becomes: str
) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.request(tx, [1], wanted, NOW)
        jobs.settle(tx, 1, job.fence, JobStatus(would_be), now=NOW)

        assert (jobs.get(tx, 1).status, jobs.get(tx, 1).wanted) == (becomes, Wanted.RUN)


def test_a_job_to_be_removed_goes_when_its_run_ends(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.request(tx, [1], Wanted.REMOVE, NOW)

        assert jobs.settle(tx, 1, job.fence, JobStatus.CANCELLED, now=NOW)
        assert jobs.counts(tx).total == 0

    assert journal.since(database.read(), 0)[-1].kind is EventKind.JOB_REMOVED


def test_a_description_is_written_and_told(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)

        assert jobs.describe(
            tx, 1, job.fence, backend="yt-dlp", title="Neuer Name", items_total=3, lane=Lane.TRANSFER
        )
        assert jobs.describe(tx, 1, job.fence)
        assert jobs.ids(tx, JobQuery(search="neuer")) == [1]

    after = jobs.get(database.read(), 1)
    assert (after.backend, after.title, after.items_total, after.lane) == (
        "yt-dlp",
        "Neuer Name",
        3,
        Lane.TRANSFER,
    )
    told = journal.since(database.read(), 0)[-1]
    assert told.payload == {"backend": "yt-dlp", "title": "Neuer Name", "items_total": 3, "lane": "transfer"}


def test_a_fact_nobody_knows_is_a_mistake(database: Database) -> None:
    with database.write() as tx, pytest.raises(TypeError, match="status"):
        jobs.describe(tx, 1, 1, status="completed")


def test_progress_is_written_without_a_word_in_the_journal(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
    last = journal.last_id(database.read())

    with database.write(durable=False) as tx:
        jobs.progress(tx, [jobs.ProgressRow(1, job.fence, 50.0, 5, 10, 2.5, 4, 1, 2, 3, NOW)])
        jobs.progress(tx, [jobs.ProgressRow(1, job.fence, 60.0, 6)])

    after = jobs.get(database.read(), 1)
    assert (after.progress, after.bytes_done, after.bytes_total, after.items_total) == (60.0, 6, 10, 4)
    assert journal.last_id(database.read()) == last


def test_jobs_of_another_boot_a_dead_worker_or_an_old_lease_go_back(database: Database) -> None:
    with database.write() as tx:
        add(tx, 4)
        claim(tx, 1, boot="earlier")
        claim(tx, 1, worker="dead")
        claim(tx, 1, lease_until=5.0)
        claim(tx, 1)

        assert _recover(tx, worker=WORKER, lease_now=5.5) == [1, 2, 3]
        assert _recover(tx, worker=WORKER, lease_now=5.5) == []

    after = jobs.get_many(database.read(), [1, 2, 3])
    assert {(job.status, job.attempts, job.reason, job.assigned_worker) for job in after} == {
        (JobStatus.PENDING, 0, "", "")
    }
    assert jobs.get(database.read(), 4).status is JobStatus.ACTIVE


def test_without_a_worker_only_leases_decide(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        claim(tx, 1, worker="somebody")
        claim(tx, 1, worker="somebody", lease_until=5.0)

        assert _recover(tx, lease_now=50.0) == [2]


def test_leases_are_compared_with_the_boot_clock(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2)
        claim(tx, 1, lease_until=0.5)
        claim(tx, 1, lease_until=1e12)

        assert jobs.recover(tx, worker=None, boot=BOOT, now=NOW) == [1]


def test_extended_leases_keep_a_workers_jobs(database: Database) -> None:
    with database.write() as tx:
        add(tx, 3)
        claim(tx, 2, lease_until=5.0)
        claim(tx, 1, worker="other", lease_until=5.0)

        assert jobs.extend_leases(tx, WORKER, 60.0) == 2
        assert _recover(tx, lease_now=50.0) == [3]


def test_poison_is_parked_after_three_deaths_in_a_row(database: Database) -> None:
    statuses = []
    with database.write() as tx:
        add(tx)
        for _ in range(3):
            claim(tx)
            _recover(tx, worker="next")
            statuses.append(jobs.get(tx, 1).status)

    assert statuses == [JobStatus.PENDING, JobStatus.PENDING, JobStatus.FAILED]
    job = jobs.get(database.read(), 1)
    assert (job.reason, job.finished_at) == ("interrupted", NOW)
    assert "3 times" in job.message


@pytest.mark.parametrize("saved_by", ["progress", "settle", "retry"])
def test_deaths_count_only_in_a_row_and_without_progress(database: Database, saved_by: str) -> None:
    with database.write() as tx:
        add(tx)
        for _ in range(2):
            claim(tx)
            _recover(tx, worker="next")
        (job,) = claim(tx)
        if saved_by == "progress":
            jobs.progress(tx, [jobs.ProgressRow(1, job.fence, 1.0, 1024)])
        else:
            end = JobStatus.PENDING if saved_by == "settle" else JobStatus.FAILED
            jobs.settle(tx, 1, job.fence, end, now=NOW)
            jobs.retry(tx, [1], NOW)
            claim(tx)
        _recover(tx, worker="next")

        assert jobs.get(tx, 1).status is JobStatus.PENDING


@pytest.mark.parametrize(
    ("wanted", "becomes"), [(Wanted.PAUSE, ["paused"]), (Wanted.CANCEL, ["cancelled"]), (Wanted.REMOVE, [])]
)
def test_recovery_obeys_wishes_the_dead_worker_did_not(
    database: Database, wanted: Wanted, becomes: list[str]
) -> None:
    with database.write() as tx:
        add(tx)
        claim(tx)
        jobs.request(tx, [1], wanted, NOW)

        assert _recover(tx, worker="next") == [1]
        assert [job.status.value for job in jobs.get_many(tx, [1])] == becomes


def test_jobs_are_promoted_when_their_time_comes(database: Database) -> None:
    with database.write() as tx:
        add(tx, 1, not_before=NOW + 5)
        add(tx, 1, not_before=NOW + 9)

        assert jobs.next_due(tx) == NOW + 5
        assert jobs.promote(tx, NOW + 4) == 0
        assert jobs.promote(tx, NOW + 5) == 1
        assert [job.status.value for job in jobs.get_many(tx, [1, 2])] == ["pending", "scheduled"]
        assert jobs.next_due(tx) == NOW + 9


def test_a_job_that_waits_for_a_person_has_no_time(database: Database) -> None:
    with database.write() as tx:
        add(tx)
        (job,) = claim(tx)
        jobs.settle(tx, 1, job.fence, JobStatus.WAITING, now=NOW, reason="login_needed")

        assert jobs.next_due(tx) is None
        assert jobs.promote(tx, NOW + 1e9) == 0


def test_jobs_that_wait_for_one_thing_are_woken_together(database: Database) -> None:
    with database.write() as tx:
        add(tx, 2, site="here")
        add(tx, 1, site="there")
        for job in claim(tx, 3):
            reason = "disk_full" if job.id == 2 else "login_needed"
            jobs.settle(tx, job.id, job.fence, JobStatus.WAITING, now=NOW, reason=reason)

        assert jobs.wake(tx, site="here", reason="login_needed") == 1
        assert jobs.wake(tx, site=None, reason="login_needed") == 1
        assert jobs.wake(tx, site=None, reason="disk_full") == 1
        assert {job.status for job in jobs.get_many(tx, [1, 2, 3])} == {JobStatus.PENDING}


def test_without_a_limit_per_site_all_are_taken(database: Database) -> None:
    with database.write() as tx:
        add(tx, 80)

        assert [len(claim(tx, 1, per_site=0)) for _ in range(80)] == [1] * 80
