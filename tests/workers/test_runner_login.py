"""The runner's side of an account: asked for once, late, and nothing of it in a visitor's try."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from mediadl.errors import Challenge, DownloadError, LoginNeeded, MediaNotFound
from mediadl.modules.base import Credentials, Target, Task
from mediadl.pipeline.protocol import LoginNews, LoginReady, Message, NetworkOptions, RunJob
from mediadl.pipeline.wire import decode, encode
from mediadl.workers.runner_login import NoLogin, RunnerLogin

TASK = Task(
    Target("forum", "https://f.example/t/1", "thread", "f.example"), Path("/w"), cookies_file="/w/cookies.txt"
)


def run_job(**changes: Any) -> RunJob:
    fields: dict[str, Any] = {
        "job_id": 1, "fence": 1, "url": "https://f.example/t/1", "module": "forum", "content_type": "thread",
        "options": {}, "work": "/w", "network": NetworkOptions(), "locks_file": "", "cookies_file": "/w/cookies.txt",
        "account": "bob", "ask_login": True,
    }  # fmt: skip
    return RunJob(**{**fields, **changes})


class Daemon:
    """Answers each question at once."""

    def __init__(self, *answers: LoginReady) -> None:
        self.answers = list(answers)
        self.heard: list[Message] = []
        self.login = RunnerLogin(run_job(), self.hear)

    def hear(self, message: Message) -> None:
        self.heard.append(message)
        if message == LoginNews():
            self.login.heard(self.answers.pop(0))


def test_the_account_is_asked_for_once_and_brings_all_it_has() -> None:
    daemon = Daemon(LoginReady("bob", "Browser/1", "Bob", "open sesame"))

    first, second = daemon.login.as_account(TASK), daemon.login.as_account(TASK)

    assert first == second
    assert (first.user_agent, first.credentials) == ("Browser/1", Credentials("Bob", "open sesame"))
    assert first.logged_in
    assert daemon.heard == [LoginNews()]


def test_a_visitors_try_has_nothing_of_it_and_asks_for_nothing() -> None:
    daemon = Daemon()

    visitor = daemon.login.as_visitor(TASK)

    assert (visitor.cookies_file, visitor.user_agent, visitor.credentials, visitor.logged_in) == (
        "",
        "",
        None,
        False,
    )
    assert daemon.heard == []


def test_the_try_waits_until_the_account_is_free() -> None:
    login = RunnerLogin(run_job(), lambda _: None)
    got: list[Task] = []
    thread = threading.Thread(target=lambda: got.append(login.as_account(TASK)))

    thread.start()
    login.heard(LoginReady("bob"))
    thread.join(30)

    assert len(got) == 1


def test_no_account_is_an_error_of_its_own_and_the_next_backend_asks_again() -> None:
    none = LoginReady(error=LoginNeeded("the login of x was refused").to_dict())
    daemon = Daemon(none, LoginReady("ada"))

    with pytest.raises(NoLogin, match="was refused"):
        daemon.login.as_account(TASK)

    assert daemon.login.as_account(TASK).logged_in


@pytest.mark.parametrize(
    ("error", "told"),
    [(LoginNeeded("x"), True), (Challenge("x"), True), (NoLogin("x"), False), (MediaNotFound("x"), False)],
)
def test_only_what_concerns_the_account_is_told(error: DownloadError, told: bool) -> None:
    daemon = Daemon()

    daemon.login.failed(error)

    assert daemon.heard == ([LoginNews(error.to_dict())] if told else [])


def test_a_job_with_its_cookies_at_hand_asks_nobody() -> None:
    login = RunnerLogin(
        run_job(ask_login=False, user="Bob", password="open sesame"), lambda _: pytest.fail("asked")
    )

    assert login.as_account(TASK).credentials == Credentials("Bob", "open sesame")


def test_a_password_goes_over_the_pipe_and_is_never_printed() -> None:
    job, ready = run_job(user="Bob", password="open sesame"), LoginReady("bob", "", "Bob", "open sesame")

    assert decode(encode(job)) == job
    assert decode(encode(ready)) == ready
    for what in (job, ready, Credentials("Bob", "open sesame")):
        assert "sesame" not in repr(what)
