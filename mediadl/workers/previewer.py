"""One look at what a job would find: a runner of its own that lists and downloads nothing."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from mediadl.errors import DownloadError, EngineBroken, LoginNeeded, from_dict
from mediadl.models import FoundItem
from mediadl.pipeline.protocol import (
    Answer,
    Asked,
    Ended,
    Enough,
    Found,
    Grant,
    LoginNews,
    LoginReady,
    Message,
    Remember,
    RunJob,
    Spend,
    Trouble,
    Working,
)
from mediadl.workers.pool import Pool, RunnerGone, RunnerSaid

_LOOK_S = 0.2
"""Between two looks at a runner that was asked to end."""


@dataclass(slots=True)
class Looked:
    """How a look ended."""

    title: str = ""
    backend: str = ""
    error: DownloadError | None = None
    """Why there is nothing, or nothing more."""
    empty: str = ""
    """The site said plainly that there is nothing: its words for people."""
    failed: list[DownloadError] = field(default_factory=list)
    """Items that could not be read."""
    memory: list[tuple[str, Any]] = field(default_factory=list)
    """What later runs want to know of the source."""
    stopped: bool = False
    """Someone had seen enough."""


class Previewer:
    """`run` works in the caller's thread; `stop` may come from any other."""

    def __init__(
        self,
        order: RunJob,
        *,
        seen: Callable[[FoundItem], bool],
        told: Callable[[str], None],
        spend: Callable[[], tuple[float, str]] = lambda: (0.0, ""),
        grace_s: float = 3.0,
        command: list[str] | None = None,
    ) -> None:
        """`seen` takes an item and says whether more are wanted, `told` hears what is going on.

        `spend` notes a request with the account: how long to wait for it (seconds) and why.
        """
        self._order = order
        self._seen = seen
        self._told = told
        self._spend = spend
        self._grace_s = grace_s
        self._inbox: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._pool = Pool(self._inbox, command=command)
        self._looked = Looked()
        self._enough = False
        self._over = False

    def run(self) -> Looked:
        """List until the end, until nothing more is wanted or `stop`; nothing of the runner is left then."""
        self._pool.start(self._order)
        try:
            while (heard := self._next()) is not None:
                if isinstance(heard, RunnerSaid):
                    self._hear(heard.message)
                else:
                    self._looked.stopped = True
                    self._pool.stop(self._order.job_id, self._grace_s)
        finally:
            self._pool.close()
        return self._looked

    def stop(self) -> None:
        """End the look soon; callable from any thread, any number of times."""
        self._inbox.put(None)

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
                if not self._over and not self._looked.stopped and not self._enough:
                    self._looked.error = EngineBroken(f"the runner ended with {heard.returncode}")
                return None
            if isinstance(heard, RunnerSaid):
                return heard
            return _STOP

    def _hear(self, message: Message) -> None:
        match message:
            case Found(item=item):
                self._take(item)
            case Asked(item=item):
                self._take(item)
                self._send(Answer(item.n, take=False))
            case Working():
                self._looked.title = message.title or self._looked.title
                self._looked.backend = message.backend or self._looked.backend
                if message.note:
                    self._told(message.note)
            case Trouble(error=error, n=n):
                if n:
                    self._looked.failed.append(from_dict(error))
                else:
                    self._told(from_dict(error).title.lower())
            case Remember(key=key, value=value):
                self._looked.memory.append((key, value))
            case Spend(n=n):
                wait_s, why = self._spend()
                self._send(Grant(n, wait_s, why))
            case LoginNews(refused=None):
                none = LoginNeeded("a preview has no login here")
                self._send(LoginReady(error=none.to_dict()))
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

    def _end(self, message: Ended) -> None:
        self._over = True
        self._looked.backend = message.backend or self._looked.backend
        self._looked.empty = message.empty
        if message.error is not None and not self._enough:
            self._looked.error = from_dict(message.error)

    def _send(self, message: Message) -> None:
        self._pool.send(self._order.job_id, message)


_STOP = object()
"""Someone wants the look to end."""
