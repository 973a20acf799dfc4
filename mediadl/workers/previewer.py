"""One look at what a job would find: a runner of its own that lists and downloads nothing.

It goes out like a job: at the same pace, with the same logins and budgets, not where a site or a backend rests. What
it learns of them is written down as a job's run would.
"""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from mediadl.errors import Action, DownloadError, EngineBroken, LoginNeeded, from_dict
from mediadl.models import FoundItem, Job, JobQuery, JobStatus
from mediadl.paths import Home
from mediadl.pipeline import plan, work_folder
from mediadl.pipeline.facts import Fact, Outbox, RefusedFact, RememberFact, TriedFact
from mediadl.pipeline.job_run import JobRun
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Ended,
    Enough,
    Found,
    LoginNews,
    LoginReady,
    Message,
    Remember,
    RunJob,
    Spend,
    Tried,
    Trouble,
    Working,
)
from mediadl.settings.schema import Settings
from mediadl.store import job_windows, memory, sites
from mediadl.store.database import Database
from mediadl.workers import gentleness, recorder
from mediadl.workers.accounts import Accounts
from mediadl.workers.active import Active
from mediadl.workers.engine_store import EngineStore
from mediadl.workers.gentleness import Gentleness
from mediadl.workers.pool import Pool, RunnerGone, RunnerSaid

_LOOK_S = 0.2
"""Between two looks at a runner that was asked to end."""
_GRACE_S = 3.0
_STOP = object()
"""Someone wants the look to end."""


@dataclass(slots=True)
class Looked:
    """How a look ended."""

    title: str = ""
    error: DownloadError | None = None
    """Why there is nothing, or nothing more."""
    empty: str = ""
    """The site said plainly that there is nothing: its words for people."""
    failed: list[DownloadError] = field(default_factory=list)
    """Items that could not be read."""
    stopped: bool = False
    """Someone had seen enough."""
    tried: list[Tried] = field(default_factory=list)
    """How each backend did."""


class Previewer:
    """`run` works in the caller's thread; `stop` may come from any other."""

    def __init__(
        self,
        home: Home,
        database: Database,
        job: Job,
        settings: Settings,
        root: Path,
        *,
        seen: Callable[[FoundItem], bool],
        told: Callable[[str], None],
    ) -> None:
        """`job` was never added, `root` is a private folder; `seen` takes an item and says whether more are wanted."""
        self._database = database
        self._job = job
        self._settings = settings
        self._seen = seen
        self._told = told
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._pool = Pool(self._inbox)
        self._pool.engines = EngineStore(home.engines).paths
        self._looked = Looked()
        self._enough = False
        self._over = False
        self._facts: list[Fact] = []
        outbox = Outbox()
        jitter = random.Random()  # noqa: S311 - spreads retries, guards nothing
        self._conditions = plan.hopeless(job, settings, self._site_failures, jitter)
        self._active = Active(JobRun(job, self._conditions, {}, outbox), root, 0)
        self._accounts = Accounts(home, database, outbox, self._send_to)
        self._gentle = Gentleness(database, {}, lambda _message: None, self._send_to)

    def run(self) -> Looked:
        """List until the end, until nothing more is wanted or `stop`; nothing of the runner is left then."""
        self._pool.start(self._order())
        try:
            while (heard := self._next()) is not None:
                if isinstance(heard, RunnerSaid):
                    self._hear(heard.message)
                else:
                    self._looked.stopped = True
                    self._pool.stop(self._job.id, _GRACE_S)
        finally:
            self._pool.close()
            error = self._looked.error
            self._accounts.give_back(self._job.id, error.kind if error else "")
            self._write_down()
        return self._looked

    def stop(self) -> None:
        """End the look soon; callable from any thread, any number of times."""
        self._inbox.put(_STOP)

    def _order(self) -> RunJob:
        """What the runner of a job would be told."""
        login = self._accounts.plan(self._job, self._settings)
        order = plan.run_job(
            self._job,
            self._settings,
            work=work_folder.create(self._active.root, self._job.id),
            locks_file=Path(),
            ffmpeg=plan.find_ffmpeg(),
            login=login.mode,
            account=login.account,
            resting=gentleness.resting_ways(self._database, self._job),
            memory=memory.get(self._database.read(), self._job.platform, self._job.url),
        )
        return replace(order, locks_file="")  # no job, so none to lock

    def _next(self) -> object | None:
        """What happened; None: the runner is gone."""
        while True:
            try:
                # A runner that was told to end is looked after until it has
                heard = self._inbox.get(timeout=_LOOK_S if self._looked.stopped else None)
            except queue.Empty:
                self._pool.tick()
                continue
            if isinstance(heard, RunnerGone):
                if not (self._over or self._looked.stopped or self._enough):
                    self._looked.error = EngineBroken(f"the runner ended with {heard.returncode}")
                return None
            return heard

    def _hear(self, message: Message) -> None:
        match message:
            case Found(item=item):
                self._take(item)
            case Asked(item=item):
                self._take(item)
                self._send(Answer(item.n, take=False))
            case Working():
                self._looked.title = message.title or self._looked.title
                if message.note:
                    self._told(message.note)
            case Trouble(error=error, n=n):
                if n:
                    self._looked.failed.append(from_dict(error))
                else:
                    self._told(from_dict(error).title.lower())
            case Remember(key=key, value=value):
                self._facts.append(RememberFact(self._job, key, value))
            case Tried():
                self._looked.tried.append(message)
                self._facts.append(TriedFact(self._job, message))
            case Spend():
                self._gentle.heard(self._active, message, self._settings)
            case LoginNews():
                self._login(message)
            case Ended():
                self._end(message)
            case _:
                pass  # threads, their pages and links matter to jobs only

    def _take(self, item: FoundItem) -> None:
        if self._enough or self._looked.stopped:
            return
        if not self._seen(item):
            self._enough = True
            self._send(Enough())

    def _login(self, news: LoginNews) -> None:
        """An account belongs to one at a time: a job that is at work on the site has it."""
        if news.refused is None and self._site_is_busy():
            error = LoginNeeded(
                f"a job is at work on {self._job.site}", next_step="Look again when it is done."
            )
            self._send(LoginReady(error=error.to_dict()))
        else:
            self._accounts.hear(self._active, news)

    def _site_is_busy(self) -> bool:
        active = job_windows.window(self._database.read(), JobQuery(frozenset({JobStatus.ACTIVE})), 0, 1000)
        return any(job.site == self._job.site for job in active)

    def _end(self, message: Ended) -> None:
        self._over = True
        self._looked.empty = message.empty
        if message.error is not None and not self._enough:
            self._looked.error = from_dict(message.error)

    def _write_down(self) -> None:
        """How the site and its backends did, and what is to be remembered of the source."""
        error = self._looked.error
        if error is not None and error.action is Action.PAUSE_SITE and not self._looked.stopped:
            until = self._conditions.decide(error, self._job).cool_down_until
            if until is not None:
                self._facts.append(RefusedFact(self._job, error, until))
        if self._facts:
            recorder.record(self._database, self._facts, (), time.time())

    def _site_failures(self, site: str) -> int:
        return sites.get(self._database.read(), site).failures

    def _send(self, message: Message) -> None:
        self._pool.send(self._job.id, message)

    def _send_to(self, _job_id: int, message: Message) -> None:
        self._send(message)
