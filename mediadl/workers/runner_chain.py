"""One job in a runner: its target's backends in their order, each as a visitor and with the account as is allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mediadl import errors
from mediadl.errors import DownloadError, MediadlError
from mediadl.modules import registry
from mediadl.modules.base import SOURCE_MEMORY, Module, Network, Target, Task
from mediadl.pipeline.protocol import Ended, Message, RunJob, Tried
from mediadl.workers.runner_login import NoLogin, RunnerLogin
from mediadl.workers.runner_pace import RunnerPace
from mediadl.workers.runner_reporter import PipeReporter
from mediadl.workers.runner_source import SourceWatch
from mediadl.workers.runner_web import RunnerWeb


class Runner:
    """One job in this process."""

    def __init__(
        self,
        job: RunJob,
        send: Callable[[Message], None],
        reporter: PipeReporter,
        login: RunnerLogin,
        pace: RunnerPace,
    ) -> None:
        self._job = job
        self._login = login
        self._send = send
        self._reporter = reporter
        self._pace = pace
        self._resting = {(way.backend, way.account): way.until for way in job.resting}
        self._tried: list[str] = []
        self._untold: Tried | None = None
        self._login_refused = False

    def run(self) -> None:
        """Try one backend after the other and say how it ended."""
        job = self._job
        try:
            module = registry.module(job.module)
            task = self._task(module)
            self._watch_source(module, task)
            backend, error = self._chain(module, task)
        except MediadlError as problem:
            backend, error = "", _as_download_error(problem)
        record = error.to_dict() if error else None
        source = self._reporter.source
        if source is not None and error is None:
            source.walked(stopped=self._reporter.stopped())
        nothing = self._reporter.nothing or (source.words if source is not None else "")
        self._send(Ended(backend, record, tuple(self._tried), nothing))

    def _watch_source(self, module: Module, task: Task) -> None:
        """Watch the posts of a subscribed source go by."""
        told = task.memory.get(SOURCE_MEMORY)
        if told is not None:
            self._reporter.source = SourceWatch(
                told,
                content_type=task.target.content_type,
                name=task.target.source,
                newest_first=module.newest_first(task.target),
                dated=task.since is not None or task.until is not None,
                send=self._send,
            )

    def _chain(self, module: Module, task: Task) -> tuple[str, DownloadError | None]:
        verdict: DownloadError | None = None
        last = ""
        rests: list[float] = []
        chain = self._backends(module, task)
        while chain:
            owner, backend = chain.pop(0)
            if not self._manners(owner, backend, task):
                rests.append(self._left_out(backend))
                continue
            last = backend
            self._reporter.backend = backend
            self._reporter.working()
            error = self._backend(owner, backend, task)
            if error is None:
                self._tell_tried()
                return backend, None
            verdict = _weightier(verdict, error)
            rest = owner.after(backend, error, tuple(name for _, name in chain), task.target)
            self._tell_tried(went_on=bool(rest))
            if not rest and (chain or not owner.goes_on(backend, error, task.target)):
                return backend, verdict
            chain = [one for one in chain if one[1] in rest]
            self._tried.append(f"{backend}: {error.title.lower()}")
            self._reporter.trouble(error)
        if verdict is None and rests:
            words = "; ".join(self._tried)
            verdict = errors.SiteRests(
                f"no way is open now ({words})", retry_after_s=max(0.0, min(rests) - time.time())
            )
        if verdict is None:
            verdict = errors.NoMedia(f"no backend is left for {task.target.url}")
        return last, verdict

    def _left_out(self, backend: str) -> float:
        """Note a backend of which every way rests; returns until when (epoch seconds)."""
        until = min(end for (name, _), end in self._resting.items() if name == backend)
        self._tried.append(f"{backend}: rests until {time.strftime('%H:%M', time.localtime(until))}")
        return until

    def _backend(self, owner: Module, backend: str, task: Task) -> DownloadError | None:
        """Ask one backend, as a visitor first where that may do, then with the account's cookies."""
        error: DownloadError | None = None
        for as_account in self._manners(owner, backend, task):
            if error is not None:
                if not owner.login_may_help(error):
                    return error
                self._reporter.working(note=f"{error.title.lower()}: trying with the login")
            login = self._login
            began, items = time.monotonic(), self._reporter.items
            self._reporter.first_item_at = None
            try:
                self._run(owner, backend, login.as_account(task) if as_account else login.as_visitor(task))
            except DownloadError as problem:
                error = problem
                if not isinstance(problem, NoLogin):
                    self._note_tried(backend, as_account, problem, began, items)
                if as_account:
                    login.failed(problem)
                self._login_refused |= as_account and isinstance(problem, errors.LoginNeeded)
            else:
                self._note_tried(backend, as_account, None, began, items)
                return None
        return error

    def _note_tried(
        self, backend: str, as_account: bool, error: DownloadError | None, began: float, items: int
    ) -> None:
        """Keep how a try went until it is known whether another one follows."""
        self._tell_tried(went_on=True)
        first = self._reporter.first_item_at
        self._untold = Tried(
            backend,
            as_account,
            self._login.account if as_account else "",
            error.to_dict() if error else None,
            answer_s=None if first is None else round(first - began, 3),
            took_s=round(time.monotonic() - began, 3),
            items=self._reporter.items - items,
        )

    def _tell_tried(self, *, went_on: bool = False) -> None:
        if self._untold is not None:
            self._send(replace(self._untold, went_on=went_on))
            self._untold = None

    def _manners(self, owner: Module, backend: str, task: Task) -> tuple[bool, ...]:
        """In which order a backend is asked without (False) and with (True) the cookies; ways that rest left out."""
        asked = self._all_manners(owner, backend, task)
        return tuple(manner for manner in asked if (backend, manner) not in self._resting)

    def _all_manners(self, owner: Module, backend: str, task: Task) -> tuple[bool, ...]:
        if not task.cookies_file or self._job.login == "never" or not owner.uses_login(backend, task):
            return (False,)
        if self._login_refused and owner.one_login_try:
            return (False,)
        if self._job.login == "needed" and owner.open_to_visitors(backend, task.target):
            return (False, True)
        return (True,)

    def _run(self, owner: Module, backend: str, task: Task) -> None:
        """One try of one backend, with a transport of its own."""
        job = self._job
        delay_s = (task.logged_in and job.login_delay_s) or job.request_delay_s
        counted = task.logged_in and job.budgeted
        self._pace.begin(delay_s * owner.pace(backend), self._login.account if counted else None)
        web = RunnerWeb(
            task.network,
            work=task.work,
            cookies_file=task.cookies_file,
            user_agent=task.user_agent,
            pace=task.pace,
        )
        try:
            self._ask(owner, backend, replace(task, transport=web))
        finally:
            web.close()
        if self._pace.broken is not None:
            raise self._pace.broken

    def _ask(self, owner: Module, backend: str, task: Task) -> None:
        """Ask one backend. An account that is not found under its name, or is somebody else now, may have moved."""
        source = self._reporter.source
        if source is None:
            owner.run(backend, task, self._reporter)
            return
        source.begin()
        try:
            owner.run(backend, task, self._reporter)
            if not source.is_a_stranger:
                return
            gone = errors.MediaNotFound(f"{task.target.source} is somebody else by now")
        except errors.MediaNotFound as error:
            gone = error
        moved = owner.by_owner(backend, task, source.owner_id) if source.owner_id else None
        if moved is None:
            raise gone
        self._reporter.working(note="not found under its name: by the account's own number")
        source.begin()
        try:
            owner.run(backend, replace(task, target=moved), self._reporter)
        except errors.NoMedia:
            raise gone from None
        if source.is_empty:
            raise gone

    def _backends(self, module: Module, task: Task) -> list[tuple[Module, str]]:
        """Every backend that has not given up yet; a successor's come after the module's own."""
        chain = [(module, name) for name in module.chain(task)]
        if module.successor:
            successor = registry.module(module.successor)
            chain += [(successor, name) for name in successor.chain(task)]
        fresh = [(owner, name) for owner, name in chain if name not in self._job.skip_backends]
        return fresh or chain

    def _task(self, module: Module) -> Task:
        job = self._job
        target = module.match(job.url, job.content_type) or Target(module.name, job.url, job.content_type, "")
        net = job.network
        return Task(
            target=target,
            work=Path(job.work),
            network=Network(
                net.proxy, net.ca_file, net.verify_tls, net.timeout_s, net.retries, net.trusted, net.home
            ),
            options=job.options,
            cookies_file=job.cookies_file,
            quality=job.quality,
            request_delay_s=job.request_delay_s,
            max_bytes=job.max_bytes,
            rate_bytes_per_s=job.rate_bytes_per_s,
            ffmpeg=job.ffmpeg,
            memory=job.memory,
            pace=self._pace,
        )


def _as_download_error(problem: MediadlError) -> DownloadError:
    if isinstance(problem, DownloadError):
        return problem
    return errors.Unsupported(problem.message, next_step=problem.next_step)


def _weightier(first: DownloadError | None, second: DownloadError) -> DownloadError:
    """Which of two backends' errors says more: one that ends or holds a job beats one that only asks for another."""
    if first is None:
        return second
    next_backend = errors.Action.NEXT_BACKEND
    if first.action is not next_backend or second.action is next_backend:
        return first
    return second
