"""Cleaning up: what nobody needs goes, what a job still needs stays."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from mediadl.models import JobRequest, JobStatus, Wanted
from mediadl.paths import Home
from mediadl.pipeline import work_folder
from mediadl.settings.schema import Downloads, Settings
from mediadl.store import job_holding, job_plans, jobs, sites
from mediadl.store.database import Database
from mediadl.workers.janitor import Janitor


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(downloads=Downloads(directory=str(tmp_path / "downloads")))


def test_folders_of_ended_or_unknown_jobs_go_and_those_of_open_jobs_stay(
    home: Home, settings: Settings
) -> None:
    root = Path(settings.downloads.directory)
    with Database.open(home) as database:
        with database.write() as tx:
            ask = JobRequest("https://x.example/", "generic", "x.example")
            paused, cancelled = jobs.add(tx, [ask, ask], max_attempts=3, now=time.time())
            jobs.request(tx, [paused], Wanted.PAUSE, time.time())
            jobs.request(tx, [cancelled], Wanted.CANCEL, time.time())
        for job_id in (paused, cancelled, 99):
            (work_folder.create(root, job_id) / "1.part").write_bytes(b"half")

        Janitor(database).sweep(settings)

    assert work_folder.job_ids(root) == [paused]


def test_a_link_in_place_of_a_work_folder_is_removed_and_not_followed(
    home: Home, settings: Settings, tmp_path: Path
) -> None:
    root = Path(settings.downloads.directory)
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "kept.txt").write_text("kept")
    folder = work_folder.path_of(root, 99)
    folder.parent.mkdir(parents=True)
    folder.symlink_to(precious)

    with Database.open(home) as database:
        Janitor(database).sweep(settings)

    assert not folder.is_symlink()
    assert (precious / "kept.txt").read_text() == "kept"


def test_a_removed_job_keeps_its_folder_until_it_cannot_come_back(
    home: Home, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(settings.downloads.directory)
    with Database.open(home) as database:
        with database.write() as tx:
            ask = JobRequest("https://x.example/", "generic", "x.example")
            (job_id,) = jobs.add(tx, [ask], max_attempts=3, now=time.time())
            jobs.request(tx, [job_id], Wanted.REMOVE, time.time())
        (work_folder.create(root, job_id) / "1.part").write_bytes(b"half")

        Janitor(database).tick(settings, idle=False)
        assert work_folder.job_ids(root) == [job_id]
        later = time.time() + jobs.KEPT_S + 1
        monkeypatch.setattr(time, "time", lambda: later)
        Janitor(database).tick(settings, idle=False)

        assert work_folder.job_ids(root) == []
        assert jobs.removed(database.read(), [job_id]) == []


def test_waits_from_before_the_clock_was_set_back_are_ended_and_others_stay(
    home: Home, settings: Settings
) -> None:
    now = time.time()
    with Database.open(home) as database:
        with database.write() as tx:
            asks = [JobRequest(f"https://{n}.example/", "generic", f"{n}.example") for n in "abc"]
            stranded, waiting, planned = jobs.add(tx, asks, max_attempts=3, now=now)
            for site, until in (("a.example", now + 10 * 365 * 86_400), ("b.example", now + 3600)):
                job_holding.hold(tx, site, until, reason="rate_limited", message="rests", now=now)
                sites.refused(tx, site, until, "rate_limited", now)
            job_plans.set_start(tx, [planned], now + 400 * 86_400, now)

        Janitor(database).sweep(settings)

        found = {job.id: job.status for job in jobs.get_many(database.read(), [stranded, waiting, planned])}
        resting = {state.site for state in sites.resting(database.read(), now)}
    assert found == {
        stranded: JobStatus.PENDING,
        waiting: JobStatus.WAITING,
        planned: JobStatus.SCHEDULED,
    }
    assert resting == {"b.example"}
