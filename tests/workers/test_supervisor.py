"""The supervisor's loop against a real database, with both kinds of children played by the test."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import DownloadError, LoginNeeded, RateLimited, ServerError
from mediadl.models import (
    FoundItem,
    Identity,
    ItemState,
    Job,
    JobRequest,
    JobStatus,
    Lane,
    MediaFacts,
    MediaKind,
    StoredFile,
    Wanted,
)
from mediadl.paths import Home
from mediadl.pipeline import work_folder
from mediadl.pipeline.protocol import Cancel, Ended, Fetch, Found, Message, RunJob, Stored, TransfersCancelled
from mediadl.settings import files as settings_files
from mediadl.store import archive, downloads, items, jobs, journal, sites
from mediadl.store.database import Database
from mediadl.store.locks import boot_id
from mediadl.workers.pool import RunnerGone, RunnerSaid
from mediadl.workers.supervisor import Supervisor
from mediadl.workers.transfer_link import TransferGone


class PlayedPool:
    """Runners that do only what the test says."""

    def __init__(self, inbox: queue.SimpleQueue[object]) -> None:
        self.inbox = inbox
        self.started: list[RunJob] = []
        self.stopped: list[int] = []

    def warm(self) -> None: ...

    def tick(self) -> None: ...

    def close(self) -> None: ...

    def forget(self, job_id: int) -> None: ...

    def send(self, job_id: int, message: Message) -> None: ...

    def hold(self, job_id: int, *, on: bool) -> None: ...

    def start(self, job: RunJob) -> None:
        self.started.append(job)

    def stop(self, job_id: int, grace_s: float) -> None:
        self.stopped.append(job_id)
        job = next(job for job in self.started if job.job_id == job_id)
        self.inbox.put(RunnerGone(job_id, job.fence, -15))

    def said(self, job: RunJob, message: Message) -> None:
        self.inbox.put(RunnerSaid(job.job_id, job.fence, message))

    def ended(self, job: RunJob, error: DownloadError | None = None) -> None:
        self.said(job, Ended("yt-dlp", error.to_dict() if error else None))
        self.inbox.put(RunnerGone(job.job_id, job.fence, 0))


class PlayedLink:
    """A transfer child that answers when the test says so."""

    def __init__(self, _home: Home, put: Callable[[object], None]) -> None:
        self.put = put
        self.starts = 0
        self.fetches: list[Fetch] = []

    def start(self) -> None:
        self.starts += 1

    def stop(self) -> None: ...

    def send(self, message: Message) -> bool:
        if isinstance(message, Fetch):
            self.fetches.append(message)
        if isinstance(message, Cancel):
            self.put(TransfersCancelled(message.job_id))
        return True

    def store(self, fetch: Fetch) -> None:
        media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg")
        self.put(Stored(fetch.key, fetch.job_id, StoredFile(f"/x/{fetch.key}.jpg", 10, "ab", "ab", media)))


class Stage:
    """A supervisor, its children and its database."""

    def __init__(self, home: Home, database: Database, front: Database, root: Path) -> None:
        self.own = database
        self.database = front
        """A front end's own connections, as in another process."""
        self.root = root
        settings_files.write(home.settings_file, "downloads.directory", str(root))
        settings_files.write(home.settings_file, "downloads.min_free_bytes", "0")
        self.home = home
        self.supervisor = self._new()

    def _new(self) -> Supervisor:
        made = Supervisor(
            self.home,
            self.own,
            worker="daemon-test",
            boot=boot_id(),
            make_pool=PlayedPool,  # type: ignore[arg-type]
            make_link=PlayedLink,  # type: ignore[arg-type]
        )
        made.start()
        self.pool: Any = made.pool
        self.link: Any = made.transfers
        return made

    def restart(self) -> None:
        """A new daemon after the old one died without a word."""
        self.supervisor = self._new()

    def add(self, *requests: JobRequest) -> list[int]:
        with self.database.write() as tx:
            return jobs.add(tx, requests, max_attempts=3, now=time.time())

    def turn(self, times: int = 3) -> None:
        for _ in range(times):
            self.supervisor.turn()

    def job(self, job_id: int) -> Job:
        return jobs.get(self.database.read(), job_id)


@pytest.fixture
def stage(home: Home, tmp_path: Path) -> Iterator[Stage]:
    with Database.open(home) as database, Database.open(home) as front:
        yield Stage(home, database, front, tmp_path / "downloads")


def engine_job(n: int = 1, site: str = "site.example", **options: Any) -> JobRequest:
    return JobRequest(f"https://{site}/p/{n}", "generic", site, options=options)


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
