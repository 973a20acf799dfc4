"""Begins runs: makes the work folder, gathers what holds for the job, asks for its runner or its one transfer."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mediadl.errors import DownloadError, InvalidInput, Unsupported
from mediadl.models import Download, FoundItem, Identity, Job, Lane
from mediadl.modules import direct, registry
from mediadl.modules.base import SOURCE_MEMORY
from mediadl.paths import Home
from mediadl.pipeline import plan, work_folder
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.facts import Outbox
from mediadl.pipeline.job_run import JobRun
from mediadl.settings.schema import Settings
from mediadl.store import archive, downloads, improvements, items, memory, sites
from mediadl.store.database import Database
from mediadl.workers import gentleness, source_records, thread_records
from mediadl.workers.accounts import Accounts
from mediadl.workers.active import Active


class Starter:
    """Called by the supervisor, in its thread."""

    def __init__(
        self,
        home: Home,
        database: Database,
        busy: dict[Identity, int],
        outbox: Outbox,
        accounts: Accounts,
    ) -> None:
        self._home = home
        self._database = database
        self._busy = busy
        self._outbox = outbox
        self._accounts = accounts
        self._jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._ffmpeg = plan.find_ffmpeg()

    def begin(self, job: Job, settings: Settings) -> Active:
        """The run of a claimed job, on its way; what stands in the way has ended it already."""
        if job.platform == thread_records.PLATFORM:
            job = replace(job, options=settings.options_of(job.platform) | job.options)
        root = plan.root_of(job, settings)
        trouble: DownloadError | None = None
        work = work_folder.path_of(root, job.id)
        try:
            work = work_folder.create(root, job.id)
            trouble = work_folder.space_trouble(root, settings.downloads.min_free_bytes)
            conditions = self._conditions(job, settings, root, work)
        except DownloadError as error:
            trouble = error
            conditions = plan.hopeless(job, settings, self._site_failures, self._jitter)
        run = JobRun(job, conditions, self._busy, self._outbox)
        if trouble is not None:
            run.fail_now(trouble)
        elif job.lane is Lane.TRANSFER:
            self._start_direct(run, settings)
        else:
            self._start_runner(run, settings, work)
        return Active(run, root, settings.downloads.min_free_bytes)

    def _start_direct(self, run: JobRun, settings: Settings) -> None:
        job = run.job
        try:
            item = direct.item(registry.match(job.url, direct.Direct.name))
        except (InvalidInput, Unsupported) as error:
            run.fail_now(Unsupported(error.message))
            return
        login = self._accounts.plan(job, settings)
        header = self._accounts.header(job, login.account) if login.account else ""
        if not header:
            run.start_direct(item)
            return
        known = replace(item, headers={"Cookie": header})
        if login.mode == "always":
            run.start_direct(known, account=login.account)
        else:
            run.start_direct(item, known=known, account=login.account)

    def _start_runner(self, run: JobRun, settings: Settings, work: Path) -> None:
        login = self._accounts.plan(run.job, settings)
        run.start_listing()
        self._outbox.runner_starts.append(
            plan.run_job(
                run.job,
                settings,
                work=work,
                locks_file=self._home.job_locks,
                ffmpeg=self._ffmpeg,
                login=login.mode,
                account=login.account,
                resting=gentleness.resting_ways(self._database, run.job),
                memory=self._memory(run.job),
            )
        )

    def _memory(self, job: Job) -> dict[str, Any]:
        connection = self._database.read()
        found = memory.get(connection, job.platform, job.url)
        if job.platform == thread_records.PLATFORM:
            found["thread"] = thread_records.known(connection, job, time.time())
        if source_records.OPTION in job.options:
            found[SOURCE_MEMORY] = source_records.known(connection, job)
        return found

    def _conditions(self, job: Job, settings: Settings, root: Path, work: Path) -> Conditions:
        return plan.conditions(
            job,
            settings,
            root=root,
            work=work,
            known=lambda identity: bool(archive.known(self._database.read(), [identity])),
            stored_before=items.stored(self._database.read(), job.id),
            site_failures=self._site_failures,
            jitter=self._jitter,
            careful=gentleness.is_careful(self._database, job),
            stored_file=self._stored_file(job) if "improve" in job.options else None,
        )

    def _stored_file(self, job: Job) -> Callable[[FoundItem], Download | None]:
        """Tells which of the files a job is to improve an item is a version of."""
        wanted = job.options["improve"]

        def find(item: FoundItem) -> Download | None:
            connection = self._database.read()
            known = improvements.owners(connection, item.names)
            rows = downloads.get_many(connection, wanted)
            return next((row for row in rows if row.id in known or row.identity in item.names), None)

        return find

    def _site_failures(self, site: str) -> int:
        return sites.get(self._database.read(), site).failures
