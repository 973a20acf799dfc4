"""Logins that a site refused rest, others take over, and nothing plain stays of a daemon that was killed."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from account_stage import SITE, Stage, cookie, stage, waiting_for_login
from mediadl.errors import LoginNeeded
from mediadl.models import JobStatus, Session
from mediadl.pipeline.facts import Outbox
from mediadl.pipeline.protocol import LoginReady
from mediadl.security.cookies import render
from mediadl.store import jobs, sessions
from mediadl.workers.accounts import Accounts

__all__ = ["stage"]


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
