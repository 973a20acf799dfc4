"""A forum's name and password: kept sealed, used when members are asked for, and what it brings is kept for later."""

from __future__ import annotations

import pytest

from e2e.program import Program, Result, wait_until
from fakeweb.expected import sha256_of
from fakeweb.sites.forums import MEMBER, PASSWORD, THREAD_ID, Forum, Mode
from mediadl.paths import Home
from mediadl.store import sessions
from mediadl.store.database import Database
from mediadl.store.vault import Vault

pytestmark = pytest.mark.engines


@pytest.fixture
def quick(program: Program) -> Program:
    """Without pauses between pages, and without jobs for links."""
    program.extra.update({"MEDIADL_FORUM__PAUSE_S": "0", "MEDIADL_FORUM__LINKED_JOBS": "false"})
    return program


def log_in(program: Program, site: str, password: str) -> Result:
    return program.run("session", "login", site, "--user", MEMBER, answers=f"{password}\n")


def members_only(program: Program, software: str) -> Forum:
    forum = program.world.forums[software]
    forum.threads[THREAD_ID].mode = Mode.MEMBERS
    return forum


def kept(program: Program, site: str) -> set[str]:
    """Names of the cookies that the vault holds."""
    home = Home(program.home)
    with Database.open(home) as database:
        session = sessions.get(database.read(), site, "default")
        assert session is not None
        return {cookie.name for cookie in Vault(home).open(database.read(), session).cookies}


def told(program: Program) -> list[bytes]:
    return [path.read_bytes() for path in program.home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("software", ["xenforo2", "mybb"])
def test_a_job_logs_in_by_itself_and_the_next_one_needs_not(quick: Program, software: str) -> None:
    forum = members_only(quick, software)
    site = forum.hosts[0]
    assert log_in(quick, site, PASSWORD).code == 0

    result, (job,) = quick.fetch(forum.thread_url(THREAD_ID))

    assert (result.code, job["status"]) == (0, "completed"), result.err + quick.log()
    files = [path for path in quick.files() if path.suffix != ".html"]
    assert {sha256_of(path) for path in files} == {file.sha256 for file in forum.expected(THREAD_ID)}
    assert forum.login.session in kept(quick, site)
    assert not any(PASSWORD.encode() in text for text in told(quick))

    quick.fetch(forum.thread_url(THREAD_ID), options=("--force",))
    assert sum(PASSWORD in entry.form.values() for entry in quick.world.web.log.entries()) == 1


def test_a_wrong_password_makes_the_job_wait_and_the_right_one_lets_it_go_on(quick: Program) -> None:
    forum = members_only(quick, "mybb")
    site = forum.hosts[0]
    log_in(quick, site, "not the password")

    result, (job,) = quick.fetch(forum.thread_url(THREAD_ID))

    assert (result.code, job["status"]) == (4, "waiting"), result.err + quick.log()
    (found,) = quick.run("session", "list", "--json").json_lines()
    assert found["standing"] == "refused"
    assert "session login" in quick.run("session", "list").err
    assert log_in(quick, site, PASSWORD).code == 0
    wait_until(lambda: quick.job(job["id"])["status"] == "completed", "it went on")
