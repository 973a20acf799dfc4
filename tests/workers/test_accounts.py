"""Logins are lent to one job at a time, come back newer, and rest when the site refuses them."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import Challenge, DownloadError, LoginNeeded
from mediadl.events import EventKind
from mediadl.models import Job, JobRequest, JobStatus, Session
from mediadl.paths import Home
from mediadl.pipeline import plan, work_folder
from mediadl.pipeline.facts import DescribeFact, Outbox
from mediadl.pipeline.job_run import JobRun
from mediadl.pipeline.protocol import LoginNews, LoginReady, Message
from mediadl.security.cookies import Cookie, parse, render
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
def stage(home: Home, tmp_path: Path) -> Iterator[Stage]:
    with Database.open(home) as database:
        yield Stage(home, database, tmp_path / "downloads")


def waiting_for_login(stage: Stage, active: Active) -> Job:
    """The job as it is settled: waiting for a login."""
    job = active.run.job
    with stage.database.write() as tx:
        tx.execute(
            "UPDATE download_queue SET status = 'waiting', reason = 'login_needed' WHERE id = ?", (job.id,)
        )
    return job


def test_a_job_gets_a_private_plain_copy_of_the_login(stage: Stage) -> None:
    stage.session(user_agent="Browser/1")
    active = stage.job()

    ready = stage.ask(active)

    assert ready == LoginReady("bob", "Browser/1")
    (one,) = parse(stage.copy(active).read_text())
    assert (one.name, one.value, one.http_only) == ("sessionid", "of bob", True)
    assert stage.copy(active).stat().st_mode & 0o777 == 0o600
    assert stage.copy(active).parent.stat().st_mode & 0o777 == 0o700
    assert stage.accounts.account_of(active.run.job.id) == "bob"


def test_without_a_session_nothing_is_promised_and_nothing_given(stage: Stage) -> None:
    active = stage.job()

    assert stage.accounts.plan(active.run.job, stage.settings).account == ""
    ready = stage.ask(active)

    assert ready is not None
    assert ready.error is not None
    assert ready.error["kind"] == "login_needed"
    assert not stage.copy(active).exists()


def test_newer_values_flow_back_and_the_copy_goes(stage: Stage) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.change(active, "renewed")

    stage.accounts.give_back(active.run.job.id, "")

    assert stage.kept() == "renewed"
    assert not stage.copy(active).exists()
    assert stage.row().broken_reason == ""


@pytest.mark.parametrize("end", ["login_needed", "challenge"])
def test_nothing_flows_back_from_a_run_that_ended_before_a_closed_door(stage: Stage, end: str) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.change(active, "worthless")

    stage.accounts.give_back(active.run.job.id, end)

    assert stage.kept() == "of bob"
    assert not stage.copy(active).exists()


@pytest.mark.parametrize("error", [LoginNeeded("logged out"), Challenge("a puzzle")])
def test_nothing_flows_back_when_the_site_refused_the_login_on_the_way(
    stage: Stage, error: DownloadError
) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.refused(active, error)
    stage.change(active, "worthless")

    stage.accounts.give_back(active.run.job.id, "")

    assert stage.kept() == "of bob"
    assert bool(stage.row().broken_reason) is isinstance(error, LoginNeeded)


@pytest.mark.parametrize(
    "text", ["", "half a li", "# Netscape HTTP Cookie File\n.instagram.com\tTRUE\t/\tTRUE\t1\tsessionid\tx\n"]
)
def test_a_spoilt_copy_changes_nothing(stage: Stage, text: str) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.copy(active).write_text(text)

    stage.accounts.give_back(active.run.job.id, "")

    assert stage.kept() == "of bob"


def test_a_fresh_import_is_not_overwritten_by_a_run_from_before(stage: Stage) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.change(active, "renewed")
    stage.session(value="imported anew", imported_at=2.0)

    stage.accounts.give_back(active.run.job.id, "")

    assert stage.kept() == "imported anew"


# One at a time


def test_the_second_job_waits_for_the_account_and_gets_it_fresh(stage: Stage) -> None:
    stage.session()
    first, second = stage.job(), stage.job()
    stage.ask(first)

    assert stage.ask(second) is None
    notes = [fact.fields["message"] for fact in stage.outbox.facts if isinstance(fact, DescribeFact)]
    assert notes == ["waiting for the account: another job uses it"]
    stage.change(first, "renewed")
    stage.accounts.give_back(first.run.job.id, "")

    assert stage.answer(second) == LoginReady("bob")
    assert parse(stage.copy(second).read_text())[0].value == "renewed"


def test_two_accounts_work_for_two_jobs_and_a_third_waits(stage: Stage) -> None:
    stage.session("ada", imported_at=1.0)
    stage.session("bob", imported_at=2.0)
    runs = [stage.job() for _ in range(3)]

    answers = [stage.ask(run) for run in runs]

    assert [answer and answer.account for answer in answers] == ["bob", "ada", None]
    stage.accounts.give_back(runs[1].run.job.id, "")
    third = stage.answer(runs[2])
    assert third is not None
    assert third.account == "ada"


def test_a_job_that_ends_while_it_waits_is_forgotten(stage: Stage) -> None:
    stage.session()
    first, second = stage.job(), stage.job()
    stage.ask(first)
    stage.ask(second)

    stage.accounts.settled(second, None)
    stage.accounts.give_back(first.run.job.id, "")

    assert stage.answer(second) is None
    assert not stage.copy(second).exists()


# Which one


@pytest.mark.parametrize(
    "sick", [{"broken_reason": "logged out"}, {"expires_at": 5.0}], ids=["refused", "run out"]
)
def test_the_healthy_account_is_chosen(stage: Stage, sick: dict[str, Any]) -> None:
    stage.session("old", imported_at=1.0)
    stage.session("new", imported_at=2.0)
    with stage.database.write() as tx:
        for name, value in sick.items():
            tx.execute(f"UPDATE sessions SET {name} = ? WHERE account = 'new'", (value,))

    ready = stage.ask(stage.job())

    assert ready is not None
    assert ready.account == "old"


def test_a_refused_login_is_given_to_nobody_and_the_reason_told(stage: Stage) -> None:
    stage.session()
    with stage.database.write() as tx:
        sessions.mark_broken(tx, SITE, "bob", "logged out")

    ready = stage.ask(stage.job())

    assert ready is not None
    assert ready.error is not None
    assert ready.error["message"] == "the login of instagram (bob) was refused: logged out"


def test_a_locked_vault_makes_jobs_wait_for_a_login_with_the_reason(stage: Stage) -> None:
    stage.session()
    stage.home.session_key.unlink()

    ready = stage.ask(stage.job())

    assert ready is not None
    assert ready.error is not None
    assert ready.error["kind"] == "login_needed"
    assert "the key of the sealed cookies is missing" in ready.error["message"]


@pytest.mark.parametrize(
    ("setting", "own", "mode", "account"),
    [
        ("needed", "", "needed", "bob"),
        ("always", "", "always", "bob"),
        ("never", "", "never", ""),
        ("never", "always", "always", "bob"),
        ("always", "never", "never", ""),
    ],
)
def test_a_session_may_say_for_itself_when_it_is_used(
    stage: Stage, setting: str, own: str, mode: str, account: str
) -> None:
    stage.session(use=own)
    platforms = stage.settings.platforms.model_copy(update={"login": setting})
    settings = stage.settings.model_copy(update={"platforms": platforms})

    found = stage.accounts.plan(stage.job().run.job, settings)

    assert (found.mode, found.account) == (mode, account)


# Refused


def test_a_refused_login_is_marked_and_told_once(stage: Stage) -> None:
    stage.session()
    for _ in range(2):
        active = stage.job()
        stage.ask(active)
        stage.refused(active, LoginNeeded("logged out"))
        stage.accounts.give_back(active.run.job.id, "login_needed")
        stage.accounts.settled(active, LoginNeeded("logged out"))

    assert stage.row().broken_reason == "logged out"
    assert stage.told() == [{"site": SITE, "account": "bob", "broken": "logged out"}]


def test_a_visitors_refusal_marks_nobody(stage: Stage) -> None:
    stage.session()
    active = stage.job()

    stage.accounts.settled(active, LoginNeeded("visitors see nothing"))

    assert stage.row().broken_reason == ""
    assert stage.told() == []


def test_the_job_goes_on_with_another_account_that_works(stage: Stage) -> None:
    stage.session("ada", imported_at=1.0)
    stage.session("bob", imported_at=2.0)
    active = stage.job()
    stage.ask(active)
    stage.refused(active, LoginNeeded("logged out"))
    stage.accounts.give_back(active.run.job.id, "login_needed")
    job = waiting_for_login(stage, active)

    stage.accounts.settled(active, LoginNeeded("logged out"))

    assert jobs.get(stage.database.read(), job.id).status is JobStatus.PENDING
    again = stage.ask(active)
    assert again is not None
    assert again.account == "ada"


def test_with_no_other_account_the_job_goes_on_waiting(stage: Stage) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    stage.refused(active, LoginNeeded("logged out"))
    stage.accounts.give_back(active.run.job.id, "login_needed")
    job = waiting_for_login(stage, active)

    stage.accounts.settled(active, LoginNeeded("logged out"))

    assert jobs.get(stage.database.read(), job.id).status is JobStatus.WAITING


# Before and after


def test_copies_that_a_killed_daemon_left_are_gone_at_the_next_start(stage: Stage, tmp_path: Path) -> None:
    stage.session()
    active = stage.job()
    stage.ask(active)
    settings = stage.settings.model_copy(
        update={"downloads": stage.settings.downloads.model_copy(update={"directory": str(stage.root)})}
    )
    assert stage.copy(active).exists()

    Accounts(stage.home, stage.database, Outbox(), lambda *_: None).start(settings, [])

    assert not stage.copy(active).exists()


def test_jars_from_before_the_vault_are_sealed_at_the_start(stage: Stage) -> None:
    (stage.home.sessions / "old.txt").write_text(render([cookie("open")]))
    with stage.database.write() as tx:
        sessions.put(tx, Session(SITE, "bob", "old.txt", 1, None, 1.0, ""))

    stage.accounts.start(stage.settings, [])

    assert stage.kept() == "open"
    assert list(stage.home.sessions.iterdir()) == []


def test_the_header_for_a_plain_file_holds_what_its_host_is_sent(stage: Stage) -> None:
    stage.session()
    job = stage.job().run.job

    assert (
        stage.accounts.header(replace(job, url="https://i.instagram.com/x.jpg"), "bob") == "sessionid=of bob"
    )
    assert stage.accounts.header(replace(job, url="http://i.instagram.com/x.jpg"), "bob") == ""
    assert stage.accounts.header(replace(job, url="https://cdn.example/x.jpg"), "bob") == ""
    stage.home.session_key.unlink()
    assert stage.accounts.header(replace(job, url="https://i.instagram.com/x.jpg"), "bob") == ""


def test_a_session_about_to_run_out_is_still_used(stage: Stage) -> None:
    stage.session()
    with stage.database.write() as tx:
        tx.execute("UPDATE sessions SET expires_at = ?", (time.time() + 3600,))

    assert stage.ask(stage.job()) == LoginReady("bob")
