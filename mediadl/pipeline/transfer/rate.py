"""Speed limits: one token bucket for everything and one per limited job."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

LONGEST_NAP_S = 1.0
"""Limits change while somebody waits."""
BURST_S = 0.25
"""How much unused allowance is kept, in seconds of the rate."""


class Bucket:
    """Allowance that fills with time and is charged after the fact, so it may be overdrawn for a moment."""

    def __init__(self, rate_bytes_per_s: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._rate = rate_bytes_per_s
        self._balance = rate_bytes_per_s * BURST_S
        self._at = clock()

    @property
    def rate_bytes_per_s(self) -> int:
        """Bytes per second; 0: no limit."""
        return self._rate

    def change(self, rate_bytes_per_s: int) -> None:
        """Use another rate from now on; a debt is forgiven."""
        if rate_bytes_per_s == self._rate:
            return
        self._rate = rate_bytes_per_s
        self._balance = rate_bytes_per_s * BURST_S
        self._at = self._clock()

    def charge(self, size_bytes: int) -> None:
        """Count bytes that have arrived."""
        if self._rate:
            self._fill()
            self._balance -= size_bytes

    def wait_s(self) -> float:
        """Seconds until there is allowance again; 0: now."""
        if not self._rate:
            return 0.0
        self._fill()
        return max(0.0, -self._balance / self._rate)

    def _fill(self) -> None:
        now = self._clock()
        self._balance = min(self._rate * BURST_S, self._balance + (now - self._at) * self._rate)
        self._at = now


class Governor:
    """Applies the global limit and the limits of single jobs to everything that moves."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._all = Bucket(0, clock)
        self._jobs: dict[int, Bucket] = {}
        self._moving: dict[int, int] = {}

    def limit_all(self, rate_bytes_per_s: int) -> None:
        """Set the global limit; 0: none."""
        self._all.change(rate_bytes_per_s)

    def limit_job(self, job_id: int, rate_bytes_per_s: int) -> None:
        """Set the limit of one job; 0: none of its own."""
        if not rate_bytes_per_s:
            self._jobs.pop(job_id, None)
        elif job_id in self._jobs:
            self._jobs[job_id].change(rate_bytes_per_s)
        else:
            self._jobs[job_id] = Bucket(rate_bytes_per_s, self._clock)

    def begin(self, job_id: int) -> None:
        """One more exchange of the job moves bytes."""
        self._moving[job_id] = self._moving.get(job_id, 0) + 1

    def end(self, job_id: int) -> None:
        """One exchange less."""
        left = self._moving.get(job_id, 0) - 1
        if left > 0:
            self._moving[job_id] = left
        else:
            self._moving.pop(job_id, None)

    def charge(self, job_id: int, size_bytes: int) -> None:
        """Count bytes that arrived for a job."""
        self._all.charge(size_bytes)
        bucket = self._jobs.get(job_id)
        if bucket is not None:
            bucket.charge(size_bytes)

    def wait_s(self, job_id: int) -> float:
        """Seconds until the job may receive again."""
        bucket = self._jobs.get(job_id)
        return max(self._all.wait_s(), bucket.wait_s() if bucket is not None else 0.0)

    async def allowance(self, job_id: int) -> None:
        """Wait until the job may receive again."""
        while (wait_s := self.wait_s(job_id)) > 0:  # noqa: ASYNC110 - the passing of time is all there is to wait for
            await asyncio.sleep(min(wait_s, LONGEST_NAP_S))

    def is_over(self, job_id: int) -> bool:
        """Whether the job has to wait."""
        return self.wait_s(job_id) > 0.0

    def share(self, job_id: int) -> int:
        """Fair bytes per second for one exchange of the job; 0: no limit."""
        shares = []
        if self._all.rate_bytes_per_s:
            shares.append(self._all.rate_bytes_per_s // max(1, sum(self._moving.values())))
        bucket = self._jobs.get(job_id)
        if bucket is not None and bucket.rate_bytes_per_s:
            shares.append(bucket.rate_bytes_per_s // max(1, self._moving.get(job_id, 1)))
        return max(1, min(shares)) if shares else 0
