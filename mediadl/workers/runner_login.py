"""The account of one job as its runner has it: asked for when it is needed first, never shown to a visitor's try."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import replace

from mediadl import errors
from mediadl.errors import DownloadError
from mediadl.modules.base import Credentials, Task
from mediadl.pipeline.protocol import LoginNews, LoginReady, Message, RunJob


class NoLogin(errors.LoginNeeded):
    """No account can be had: none is left that works."""


class RunnerLogin:
    """Asks the daemon for the account; used by the backend's thread, `heard` by the one that hears the daemon."""

    def __init__(self, job: RunJob, send: Callable[[Message], None]) -> None:
        self._job = job
        self._send = send
        self._answers: queue.SimpleQueue[LoginReady] = queue.SimpleQueue()
        self._ready: LoginReady | None = None
        if not job.ask_login:
            self._ready = LoginReady(job.account, job.user_agent, job.user, job.password)

    def heard(self, answer: LoginReady) -> None:
        """The daemon's answer."""
        self._answers.put(answer)

    def as_account(self, task: Task) -> Task:
        """The task with the account; waits while another job uses it.

        Raises:
            NoLogin: there is none that works.
        """
        if self._ready is None:
            self._send(LoginNews())
            self._ready = self._answers.get()
        ready = self._ready
        if ready.error is not None:
            self._ready = None  # another one may be there when the next backend asks
            refusal = errors.from_dict(ready.error)
            raise NoLogin(refusal.message)
        secret = Credentials(ready.user, ready.password) if ready.password else None
        return replace(task, user_agent=ready.user_agent, credentials=secret)

    @property
    def account(self) -> str:
        """The account that is used; empty before the daemon has named one."""
        return self._ready.account if self._ready is not None else ""

    def as_visitor(self, task: Task) -> Task:
        """The task without anything of an account."""
        return replace(task, cookies_file="", user_agent="", credentials=None)

    def failed(self, error: DownloadError) -> None:
        """A try with the account ended so: tell when the site did not take it."""
        if isinstance(error, errors.LoginNeeded | errors.Challenge) and not isinstance(error, NoLogin):
            self._send(LoginNews(error.to_dict()))
