"""The pace of one job's requests: never two in the same rhythm, and with an account none that was not granted before.

A backend asks before each request. What is waited for is told, and SIGTERM ends a wait at once: the handler raises in
this very thread.
"""

from __future__ import annotations

import queue
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from mediadl.errors import BudgetSpent, DownloadError
from mediadl.modules.base import Reporter
from mediadl.pipeline.pacing import pause_s
from mediadl.pipeline.protocol import Grant, Message, Spend

LONGEST_HOLD_S = 7200.0
"""Who would have to wait for longer goes back to the queue."""
ASK_AGAIN_S = 60.0
"""A waiting job asks again so often: the budget may have been changed."""
_TOLD_S = 1.0
"""Shorter pauses are not worth a word."""


@dataclass(slots=True)
class RunnerPace:
    """Implements `mediadl.modules.web.Pace` for one job. `wait` is called in the backend's thread, `heard` in any."""

    send: Callable[[Message], None]
    reporter: Reporter
    base_s: float = 0.0
    """About how far apart requests are."""
    account: str | None = None
    """Whose requests are to be granted; None: nobody counts them."""
    dice: random.Random = field(default_factory=random.Random)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    broken: DownloadError | None = None
    """Why no more requests may be sent; engines swallow what is raised now and then."""
    _last_at: float = 0.0
    _asked: int = 0
    _grants: queue.SimpleQueue[Grant] = field(default_factory=queue.SimpleQueue)

    def begin(self, base_s: float, account: str | None) -> None:
        """Another backend, or the same one in another manner, is asked from now on."""
        self.base_s, self.account, self.broken = base_s, account, None

    def wait(self, url: str) -> None:
        """Return when the next request may be sent.

        Raises:
            BudgetSpent: it would take longer than a job may hold its place.
        """
        if self.broken is not None:
            raise self.broken
        if self.account is not None:
            self._last_at = max(self._last_at, self._granted(self.account))
        left_s = self._last_at + pause_s(self.base_s, self.dice) - self.clock()
        if self._last_at and left_s > 0:
            # A clock that was set back must not make a pause endless
            self._rest(min(left_s, 2 * self.base_s), "pause between requests")
        self._last_at = self.clock()

    def heard(self, grant: Grant) -> None:
        """The daemon's answer."""
        self._grants.put(grant)

    def _granted(self, account: str) -> float:
        """Ask until the request is counted; returns when the account sent its last one."""
        told = False
        while True:
            self._asked += 1
            self.send(Spend(self._asked, account))
            grant = self._grants.get()
            while grant.n != self._asked:
                grant = self._grants.get()
            if grant.wait_s <= 0:
                if told:
                    self.reporter.working(note="the listing goes on")
                return grant.last_at
            if grant.wait_s > LONGEST_HOLD_S:
                self.broken = BudgetSpent(grant.why, retry_after_s=grant.wait_s)
                raise self.broken
            told = True
            at = time.strftime("%H:%M", time.localtime(self.clock() + grant.wait_s))
            self.reporter.working(waiting_s=grant.wait_s, note=f"{grant.why}; goes on at {at}")
            self.sleep(min(grant.wait_s, ASK_AGAIN_S))

    def _rest(self, seconds: float, note: str) -> None:
        if seconds >= _TOLD_S:
            self.reporter.working(waiting_s=seconds, note=note)
        self.sleep(seconds)
