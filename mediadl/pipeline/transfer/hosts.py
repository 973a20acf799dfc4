"""Who may open a connection next: caps for all and per host, a window per host, turns between jobs, pauses."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mediadl.pipeline.transfer.ramp import Throttle
from mediadl.pipeline.transfer.window import FIRST, Window

_MOST_KNOWN = 10_000
KNOWN_S = 600.0
"""So long it counts how a host throttled a file."""


class Hosts:
    """Hands out connection slots on one event loop.

    Jobs take turns whatever their number of files; within a job first come, first served. A job that waits for a
    busy host does not hold back its files on other hosts.
    """

    def __init__(self, connections: int = 64, per_host: int = 32) -> None:
        self._connections = connections
        self._per_host = per_host
        self._used: dict[str, int] = {}
        self._used_total = 0
        self._windows: dict[str, Window] = {}
        self._answered: set[str] = set()
        """Hosts that have answered before: nobody needs to be careful with them."""
        self._paused_until: dict[str, float] = {}
        self._throttles: dict[str, tuple[float, Throttle]] = {}
        """By host: until when it counts, and what was seen."""
        self._waiting: OrderedDict[int, dict[str, deque[asyncio.Future[None]]]] = OrderedDict()
        self._wake: asyncio.TimerHandle | None = None

    def limit(self, connections: int, per_host: int) -> None:
        """Change the caps; what runs goes on."""
        self._connections = max(1, connections)
        self._per_host = max(1, per_host)
        self._pump()

    @property
    def per_file(self) -> int:
        """The cap for one file."""
        return min(FIRST, self._per_host)

    def pause(self, host: str, seconds: float) -> None:
        """Start nothing new on this host for so long."""
        until = time.monotonic() + seconds
        self._paused_until[host] = max(until, self._paused_until.get(host, 0.0))
        self._pump()

    def throttle(self, host: str) -> Throttle | None:
        """How the host throttled a file lately; None: it did not, or nobody has seen it."""
        until, seen = self._throttles.get(host, (0.0, None))
        return seen if time.monotonic() < until else None

    def note_throttle(self, host: str, seen: Throttle | None) -> None:
        """A file has shown how its host throttles, or that it does not."""
        self._throttles.pop(host, None)
        if seen is not None:
            if len(self._throttles) >= _MOST_KNOWN:
                self._throttles.clear()
            self._throttles[host] = (time.monotonic() + KNOWN_S, seen)

    def pushed_back(self, host: str) -> None:
        """The host refused an exchange: ask less of it at once for a while."""
        self.note_throttle(host, None)
        self._windows.setdefault(host, Window()).pushed_back(time.monotonic())

    def close(self, host: str, seconds: float) -> None:
        """The host refused: nothing new, queued or not, is sent to it for so long, and one exchange to begin with."""
        self._windows.setdefault(host, Window()).close(time.monotonic() + seconds)
        self._answered.discard(host)
        self.pause(host, seconds)

    def reopen(self, host: str) -> None:
        """A host that was closed may be asked now, carefully."""
        window = self._windows.get(host)
        if window is not None:
            window.reopen()
        self._paused_until.pop(host, None)
        self._pump()

    def answered(self, host: str) -> None:
        """The host answered an exchange as it should."""
        if host in self._answered:
            return
        window = self._windows.get(host)
        if window is None or window.room(time.monotonic()) >= FIRST:
            if len(self._answered) >= _MOST_KNOWN:
                self._answered.clear()
            self._answered.add(host)
            return
        window.answered()
        self._pump()

    def pause_left_s(self, host: str) -> float:
        """Seconds this host still has to be left alone."""
        return max(0.0, self._paused_until.get(host, 0.0) - time.monotonic())

    @asynccontextmanager
    async def slot(self, job_id: int, host: str, *, careful: bool = False) -> AsyncIterator[None]:
        """A place for one exchange with the host; waits for it. `careful`: unless it is known to answer."""
        if careful and host not in self._answered and host not in self._windows:
            self._windows[host] = Window(careful=True)
        await self._acquire(job_id, host)
        try:
            yield
            if self._used[host] >= self._room(host):
                self._windows.setdefault(host, Window()).went_well(time.monotonic(), self._per_host)
        finally:
            self._release(host)

    def try_slot(self, host: str) -> bool:
        """Take a place without waiting, and only while nobody else waits for one; give back with `give_back`."""
        if self._waiting or not self._has_room(host):
            return False
        self._take(host)
        return True

    def give_back(self, host: str) -> None:
        """Return what `try_slot` took."""
        self._release(host)

    async def _acquire(self, job_id: int, host: str) -> None:
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(job_id, {}).setdefault(host, deque()).append(future)
        self._pump()
        try:
            await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled():
                self._release(host)
            else:
                self._forget(job_id, host, future)
            raise

    def _release(self, host: str) -> None:
        self._used_total -= 1
        left = self._used[host] - 1
        if left:
            self._used[host] = left
        else:
            del self._used[host]
            window = self._windows.get(host)
            if window is not None and window.is_fresh(time.monotonic()) and not self._is_awaited(host):
                del self._windows[host]
        self._pump()

    def _is_awaited(self, host: str) -> bool:
        return any(host in hosts for hosts in self._waiting.values())

    def _take(self, host: str) -> None:
        self._used_total += 1
        self._used[host] = self._used.get(host, 0) + 1

    def _room(self, host: str) -> int:
        """How many exchanges the host may have at once now."""
        window = self._windows.get(host)
        return min(self._per_host, FIRST if window is None else window.room(time.monotonic()))

    def _has_room(self, host: str) -> bool:
        return (
            self._used_total < self._connections
            and self._used.get(host, 0) < self._room(host)
            and self.pause_left_s(host) <= 0.0
        )

    def _pump(self) -> None:
        """Serve whoever may go, one per job and turn."""
        served = True
        while served and self._used_total < self._connections:
            served = False
            for job_id in list(self._waiting):
                host = next((host for host in self._waiting[job_id] if self._has_room(host)), None)
                if host is None:
                    continue
                future = self._waiting[job_id][host].popleft()
                self._tidy(job_id, host)
                if job_id in self._waiting:
                    self._waiting.move_to_end(job_id)
                if not future.done():
                    self._take(host)
                    future.set_result(None)
                served = True
        self._wake_after_pause()

    def _forget(self, job_id: int, host: str, future: asyncio.Future[None]) -> None:
        queue = self._waiting.get(job_id, {}).get(host)
        if queue is not None and future in queue:
            queue.remove(future)
            self._tidy(job_id, host)

    def _tidy(self, job_id: int, host: str) -> None:
        hosts = self._waiting[job_id]
        if not hosts[host]:
            del hosts[host]
        if not hosts:
            del self._waiting[job_id]

    def _wake_after_pause(self) -> None:
        if self._wake is not None:
            self._wake.cancel()
            self._wake = None
        now = time.monotonic()
        for host in [host for host, until in self._paused_until.items() if until <= now]:
            del self._paused_until[host]
        waited_for = {host for hosts in self._waiting.values() for host in hosts}
        ends = [until for host, until in self._paused_until.items() if host in waited_for]
        if ends:
            delay = max(0.01, min(ends) - now)
            self._wake = asyncio.get_running_loop().call_later(delay, self._pump)
