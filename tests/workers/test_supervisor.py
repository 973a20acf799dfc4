"""The supervisor's loop against a real database, with both kinds of children played by the test."""

from __future__ import annotations

import time

from mediadl.errors import LoginNeeded, RateLimited, ServerError
from mediadl.models import (
    FoundItem,
    Identity,
    ItemState,
    JobRequest,
    JobStatus,
    Lane,
    Wanted,
)
from mediadl.pipeline import work_folder
from mediadl.pipeline.protocol import Found
from mediadl.settings import files as settings_files
from mediadl.store import archive, downloads, items, jobs, journal, sites
from mediadl.workers.pool import RunnerGone
from mediadl.workers.transfer_link import TransferGone
from supervisor_stage import Stage, engine_job, stage

__all__ = ["stage"]


def found(n: int) -> Found:
    return Found(
        FoundItem(n, Identity("site.example", f"m{n}"), url=f"https://cdn.example/{n}.jpg", title=f"item {n}")
    )


def test_a_job_runs_from_the_queue_to_the_history_in_one_transaction_per_turn(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    stage.turn()
    (run,) = stage.pool.started
    stage.pool.said(run, found(1))
    stage.turn()
    (fetch,) = stage.link.fetches

    stage.link.store(fetch)
    stage.pool.ended(run)
    stage.turn()

    job = stage.job(job_id)
    read = stage.database.read()
    assert (job.status, job.items_stored, job.progress) == (JobStatus.COMPLETED, 1, 100.0)
    assert [d.sha256 for d in downloads.of_job(read, job_id)] == ["ab"]
    assert archive.known(read, [Identity("site.example", "m1")])
    assert [i.state for i in items.list(read, job_id)] == [ItemState.STORED]
    assert not work_folder.path_of(stage.root, job_id).exists()
    assert "item_stored" in {event.kind.value for event in journal.since(read, 0)}


def test_one_site_gets_one_engine_job_at_a_time_and_others_go_on(stage: Stage) -> None:
    stage.add(engine_job(1), engine_job(2), engine_job(1, "other.example"))

    stage.turn()

    assert [run.url for run in stage.pool.started] == [
        "https://site.example/p/1",
        "https://other.example/p/1",
    ]


def test_a_pause_while_active_ends_the_runner_and_a_resume_starts_another(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    stage.turn()
    with stage.database.write() as tx:
        jobs.request(tx, [job_id], Wanted.PAUSE, time.time())

    stage.turn()
    assert stage.job(job_id).status is JobStatus.PAUSED
    with stage.database.write() as tx:
        jobs.request(tx, [job_id], Wanted.RUN, time.time())
    stage.turn()

    assert stage.pool.stopped == [job_id]
    assert [run.fence for run in stage.pool.started] == [1, 2]
    assert stage.job(job_id).attempts == 1


def test_a_rate_limit_cools_the_site_down_and_costs_no_attempt(stage: Stage) -> None:
    first, second = stage.add(engine_job(1), engine_job(2))
    stage.turn()

    stage.pool.ended(stage.pool.started[0], RateLimited("429", retry_after_s=500))
    stage.turn()

    job = stage.job(first)
    state = sites.get(stage.database.read(), "site.example")
    assert (job.status, job.reason, job.attempts) == (JobStatus.WAITING, "rate_limited", 0)
    assert state.cooldown_until is not None
    assert state.cooldown_until > time.time() + 400
    held = stage.job(second)
    assert (held.status, held.reason, held.not_before) == (
        JobStatus.WAITING,
        "site_rests",
        state.cooldown_until,
    )
    assert held.attempts == 0
    assert len(stage.pool.started) == 1


def test_attempts_run_out(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    for _ in range(3):
        stage.turn()
        stage.pool.ended(stage.pool.started[-1], ServerError("503"))
        stage.turn()
        with stage.database.write() as tx:
            jobs.request(tx, [job_id], Wanted.RUN, time.time())

    assert stage.job(job_id).status is JobStatus.FAILED
    assert stage.job(job_id).reason == "server_error"


def test_a_job_that_needs_a_login_waits_without_a_time_until_a_session_comes(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    stage.turn()
    stage.pool.ended(stage.pool.started[0], LoginNeeded("log in"))
    stage.turn()
    waiting = stage.job(job_id)

    with stage.database.write() as tx:
        jobs.wake(tx, site="site.example", reason="login_needed")
    stage.turn()

    assert (waiting.status, waiting.not_before) == (JobStatus.WAITING, None)
    assert stage.job(job_id).status is JobStatus.ACTIVE


def test_a_runner_that_dies_unasked_is_replaced_until_the_job_is_poison(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    for _ in range(20):
        stage.turn()
        job = stage.job(job_id)
        if job.status is JobStatus.FAILED:
            break
        if job.status is JobStatus.ACTIVE:
            run = stage.pool.started[-1]
            stage.pool.inbox.put(RunnerGone(run.job_id, run.fence, -9))
            stage.turn()
        with stage.database.write() as tx:
            jobs.request(tx, [job_id], Wanted.RUN, time.time())

    assert stage.job(job_id).status is JobStatus.FAILED
    assert len(stage.pool.started) >= 3


def test_a_dead_transfer_child_is_replaced_and_its_transfers_are_ordered_again(stage: Stage) -> None:
    (job_id,) = stage.add(JobRequest("https://files.example/a.jpg", "direct", "files.example", Lane.TRANSFER))
    stage.turn()

    stage.link.put(TransferGone(-9))
    stage.turn()

    assert stage.link.starts == 2
    assert [fetch.key for fetch in stage.link.fetches] == [f"{job_id}.1.1", f"{job_id}.1.1"]


def test_a_new_daemon_takes_over_what_a_dead_one_left_at_once(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    stage.turn()
    with stage.database.write() as tx:
        tx.execute("UPDATE download_queue SET assigned_worker = 'daemon-of-yesterday'")

    stage.restart()
    stage.turn()

    job = stage.job(job_id)
    assert (job.status, job.fence, job.attempts) == (JobStatus.ACTIVE, 2, 1)


def test_an_unwritable_folder_fails_the_job_and_says_so(stage: Stage) -> None:
    stage.root.write_text("a file where the folder should be")

    (job_id,) = stage.add(engine_job())
    stage.turn()

    job = stage.job(job_id)
    assert (job.status, job.reason) == (JobStatus.FAILED, "not_writable")
    assert str(stage.root) in job.message


def test_a_full_disk_makes_jobs_wait_and_they_go_on_by_themselves(stage: Stage) -> None:
    settings_files.write(stage.home.settings_file, "downloads.min_free_bytes", str(10**15))
    stage.restart()
    (job_id,) = stage.add(engine_job())
    stage.turn()
    waiting = stage.job(job_id)

    settings_files.write(stage.home.settings_file, "downloads.min_free_bytes", "0")
    stage.restart()
    with stage.database.write() as tx:
        jobs.promote(tx, time.time() + 60)
    stage.turn()

    assert (waiting.status, waiting.reason, waiting.attempts) == (JobStatus.WAITING, "disk_full", 0)
    assert stage.job(job_id).status is JobStatus.ACTIVE


def test_shutting_down_puts_active_jobs_back_for_free(stage: Stage) -> None:
    (job_id,) = stage.add(engine_job())
    stage.turn()

    stage.supervisor.shut_down(5)

    job = stage.job(job_id)
    assert (job.status, job.attempts) == (JobStatus.PENDING, 0)
