"""How often a caller may ask: a bucket of turns per caller and per address, refilled all the time."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_MOST_KEYS = 10_000
"""Whoever was not seen for longest is forgotten, and has a full bucket again."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many turns at once, refilled at so many per second."""

    burst: int
    per_second: float


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits of a server."""

    caller: Rate = Rate(120, 20.0)
    """Requests with one login or token."""
    address: Rate = Rate(600, 100.0)
    """Requests from one address, whoever asks."""
    failures: Rate = Rate(20, 1 / 6)
    """Logins and tokens from one address that are not good."""
    sockets_per_caller: int = 32
    """Open at the same time."""
    sockets: int = 512
    """Open at the same time, of everybody."""


class Buckets:
    """One bucket per key; callable from any thread."""

    def __init__(self, rate: Rate, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = rate
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Turns and when they were counted."""

    def take(self, key: str) -> float:
        """Take a turn; returns 0, or in how many seconds there will be one."""
        return self._look(key, 1.0)

    def wait_s(self, key: str) -> float:
        """What `take` would say, without taking."""
        return self._look(key, 0.0)

    def _look(self, key: str, cost: float) -> float:
        now = self._clock()
        with self._lock:
            left, at = self._left.pop(key, (float(self._rate.burst), now))
            left = min(float(self._rate.burst), left + (now - at) * self._rate.per_second)
            short = left < 1.0
            self._left[key] = (left if short else left - cost, now)
            while len(self._left) > _MOST_KEYS:
                self._left.popitem(last=False)
            return (1.0 - left) / self._rate.per_second if short else 0.0
