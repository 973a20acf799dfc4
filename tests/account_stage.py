"""Logins over a real database and folder, with the runners' side played by the test."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import DownloadError
from mediadl.events import EventKind
from mediadl.models import Job, JobRequest, Session
from mediadl.paths import Home
from mediadl.pipeline import plan, work_folder
from mediadl.pipeline.facts import Outbox
from mediadl.pipeline.job_run import JobRun
from mediadl.pipeline.protocol import LoginNews, LoginReady, Message
from mediadl.security.cookies import Cookie, render
from mediadl.settings.schema import Settings
from mediadl.store import jobs, journal, sessions
from mediadl.store.database import Database
from mediadl.store.vault import Login, Vault
from mediadl.workers.accounts import Accounts
from mediadl.workers.active import Active

LATER = 4_102_444_800.0
SITE = "instagram"


def cookie(value: str, expires_at: float = LATER) -> Cookie:
    return Cookie(".instagram.com", True, "/", True, expires_at, "sessionid", value, True)


class Stage:
    """Accounts over a real database and folder; what runners are sent is kept."""

    def __init__(self, home: Home, database: Database, root: Path) -> None:
        self.home, self.database, self.root = home, database, root
        self.outbox = Outbox()
        self.sent: list[tuple[int, Message]] = []
        self.accounts = Accounts(
            home, database, self.outbox, lambda job_id, message: self.sent.append((job_id, message))
        )
        self.settings = Settings()

    def session(
        self, account: str = "bob", *, value: str = "", imported_at: float = 1.0, **changes: Any
    ) -> None:
        row = replace(Session(SITE, account, "", 0, None, imported_at, ""), **changes)
        with self.database.write() as tx:
            Vault(self.home).put(tx, row, Login((cookie(value or f"of {account}"),), ("instagram.com",)))

    def job(self, url: str = "https://www.instagram.com/bob/") -> Active:
        with self.database.write() as tx:
            (job_id,) = jobs.add(tx, [JobRequest(url, SITE, SITE)], max_attempts=3, now=1.0)
        job = jobs.get(self.database.read(), job_id)
        work_folder.create(self.root, job_id)
        conditions = plan.hopeless(job, self.settings, lambda _: 0, random.Random(1))
        return Active(JobRun(job, conditions, {}, self.outbox), self.root, 0)

    def ask(self, active: Active) -> LoginReady | None:
        """What the runner is answered at once."""
        self.accounts.hear(active, LoginNews())
        return self.answer(active)

    def answer(self, active: Active) -> LoginReady | None:
        found = [message for job_id, message in self.sent if job_id == active.run.job.id]
        assert all(isinstance(message, LoginReady) for message in found)
        return found[-1] if found else None  # type: ignore[return-value]

    def copy(self, active: Active) -> Path:
        return work_folder.path_of(self.root, active.run.job.id) / plan.COOKIES

    def change(self, active: Active, value: str, **changes: Any) -> None:
        """What an engine does to the copy."""
        self.copy(active).write_text(render([replace(cookie(value), **changes)]))

    def kept(self, account: str = "bob") -> str:
        session = self.row(account)
        return Vault(self.home).open(self.database.read(), session).cookies[0].value

    def row(self, account: str = "bob") -> Session:
        found = sessions.get(self.database.read(), SITE, account)
        assert found is not None
        return found

    def refused(self, active: Active, error: DownloadError) -> None:
        self.accounts.hear(active, LoginNews(error.to_dict()))

    def told(self) -> list[dict[str, Any]]:
        events = journal.since(self.database.read(), 0)
        return [event.payload for event in events if event.kind is EventKind.SESSION_CHANGED]


@pytest.fixture
def stage(opened_home: Home, tmp_path: Path) -> Iterator[Stage]:
    with Database.open(opened_home) as database:
        yield Stage(opened_home, database, tmp_path / "downloads")


def waiting_for_login(stage: Stage, active: Active) -> Job:
    """The job as it is settled: waiting for a login."""
    job = active.run.job
    with stage.database.write() as tx:
        tx.execute(
            "UPDATE download_queue SET status = 'waiting', reason = 'login_needed' WHERE id = ?", (job.id,)
        )
    return job


__all__ = ["SITE", "Stage", "cookie", "stage", "waiting_for_login"]
