"""Logins are lent to one job at a time, as copies of their own, and come back newer."""

from __future__ import annotations

from typing import Any

import pytest

from account_stage import SITE, Stage, stage
from mediadl.errors import Challenge, DownloadError, LoginNeeded
from mediadl.models import Session
from mediadl.pipeline.facts import DescribeFact
from mediadl.pipeline.protocol import LoginReady
from mediadl.security.cookies import parse
from mediadl.store import sessions
from mediadl.store.vault import Login, Vault

__all__ = ["stage"]


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


def test_cookies_that_a_login_by_form_made_are_kept_for_the_next_job(stage: Stage) -> None:
    login = Login((), ("instagram.com",), "Bob", "open sesame")
    with stage.database.write() as tx:
        Vault(stage.home).put(tx, Session(SITE, "bob", "", 0, None, 1.0, ""), login)
    active = stage.job()

    ready = stage.ask(active)
    assert ready == LoginReady("bob", "", "Bob", "open sesame")
    assert parse(stage.copy(active).read_text()) == []
    stage.change(active, "made by the form")
    stage.accounts.give_back(active.run.job.id, "")

    assert stage.kept() == "made by the form"
    assert stage.row().has_password
    assert stage.row().cookies == 1
