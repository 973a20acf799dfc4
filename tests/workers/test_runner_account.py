"""A real runner that needs an account asks for it, waits, uses what it was lent, and can be ended while it waits."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from mediadl.errors import LoginNeeded
from mediadl.models import FoundItem
from mediadl.pipeline.protocol import Ended, Found, LoginNews, LoginReady, RunJob, Tried
from mediadl.workers import runner_child
from runner_driver import Bench, Runners, Talk, bench, runners, world

__all__ = ["Runners", "bench", "runners", "world"]
pytestmark = pytest.mark.engines


def take(_: FoundItem) -> bool:
    return True


def asked(message: object) -> bool:
    return isinstance(message, LoginNews)


def ended(message: object) -> bool:
    return isinstance(message, Ended)


def start(bench: Bench) -> tuple[RunJob, Talk]:
    """A job of which the account is asked for; it stands before the closed door."""
    copy = bench.folder / "work" / "cookies.txt"
    job = bench.job(
        bench.world.instagram.profile_url("bob"), cookies_file=str(copy), account="bob", ask_login=True
    )
    return job, bench.run_until(job, asked, take)


def lend(bench: Bench, job: RunJob, talk: Talk, answer: LoginReady, session: str | None = None) -> None:
    copy = Path(job.cookies_file)
    copy.parent.mkdir(mode=0o700, exist_ok=True)
    bench.world.instagram.write_cookies(copy, session)
    talk.send(answer)
    talk.read(ended, take)


def test_the_login_is_used_as_it_was_lent(bench: Bench) -> None:
    job, talk = start(bench)
    secret = bench.world.instagram.session_id
    before = bench.world.web.log.entries()

    lend(bench, job, talk, LoginReady("bob", "Browser/7.0"))

    sent = [entry for entry in bench.world.web.log.entries() if secret in entry.cookies.values()]
    assert all(secret not in entry.cookies.values() for entry in before)
    assert sent
    assert {entry.headers.get("user-agent") or entry.headers.get("User-Agent") for entry in sent} == {
        "Browser/7.0"
    }
    assert talk.of(Found)
    assert talk.kind == ""
    assert talk.of(LoginNews) == [LoginNews()]


def test_a_refusal_of_the_site_is_told_before_the_end(bench: Bench) -> None:
    job, talk = start(bench)

    lend(bench, job, talk, LoginReady("bob"), session="nobody-any-more")

    refused = [news.refused for news in talk.of(LoginNews) if news.refused]
    assert refused
    assert refused[0]["kind"] == "login_needed"
    assert talk.kind == "login_needed"


def test_without_an_account_the_run_ends_with_the_reason_and_asks_the_site_nothing_more(bench: Bench) -> None:
    job, talk = start(bench)
    none = LoginReady(error=LoginNeeded("the login of instagram was refused: logged out").to_dict())

    talk.send(none)
    talk.read(lambda message: ended(message) or asked(message), take)
    while not talk.of(Ended):
        talk.send(none)
        talk.read(lambda message: ended(message) or asked(message), take)

    assert talk.kind == "login_needed"
    assert "was refused: logged out" in str(talk.ended.error)
    assert all(tried.account == "" for tried in talk.of(Tried))
    assert not Path(job.cookies_file).exists()


def test_a_runner_that_waits_for_its_account_ends_at_once_when_it_is_told_to(bench: Bench) -> None:
    _, talk = start(bench)

    talk.runner.signal_group(signal.SIGTERM)

    assert talk.wait(30) == runner_child.EXIT_TERMINATED
