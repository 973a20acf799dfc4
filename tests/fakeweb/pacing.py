"""Bytes per second, for the whole server, for one connection or for one answer."""

from __future__ import annotations

import threading
import time


class Pacer:
    """Hands out the moments at which bytes may leave; the rate can be changed at any time by anyone."""

    def __init__(self, rate_bytes_per_s: float | None = None) -> None:
        self._lock = threading.Lock()
        self._rate = rate_bytes_per_s
        self._free_at = 0.0

    @property
    def rate_bytes_per_s(self) -> float | None:
        """The limit; None is no limit."""
        return self._rate

    @rate_bytes_per_s.setter
    def rate_bytes_per_s(self, rate: float | None) -> None:
        with self._lock:
            self._rate = rate
            self._free_at = 0.0

    def reserve(self, size_bytes: int) -> float:
        """Book that many bytes and say how many seconds to wait before the next ones may leave."""
        with self._lock:
            if self._rate is None:
                return 0.0
            now = time.monotonic()
            self._free_at = max(now, self._free_at) + size_bytes / self._rate
            return self._free_at - now

    def piece_bytes(self, largest: int) -> int:
        """How much to send at once so that the limit is smooth: about a fiftieth of a second."""
        if self._rate is None:
            return largest
        return max(1, min(largest, int(self._rate / 50) or 1))
