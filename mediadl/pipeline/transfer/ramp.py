"""How many connections one large file deserves. Pure: fed with byte counts, it answers with a number.

It starts with one. When that one runs evenly and would take long, more are added in leaps, for as long as the total
grows by a fair share; a fast line, or one that is still gathering speed, keeps its single connection. Where an earlier
file of the host has shown how many it takes, they are there at once, and are judged like any others.
"""

from __future__ import annotations

from dataclasses import dataclass

LEAP = 4
"""Each step multiplies the connections by this."""
SMALLEST_WINDOW_S = 0.06
ROUND_TRIPS = 4
"""Length of a measurement, in round trips: slow start must show."""
LARGEST_WINDOW_S = 2.0
PATIENCE = 1.5
"""A connection that stays alone is looked at less and less often: each window is so much longer than the last."""
LOOKS = 6
"""How often to look in one window."""
WORTH_S = 2.0
"""A file that will be there sooner is left alone."""
WORTH_BYTES = 8 << 20
FAST_BYTES_PER_S = 40_000_000
"""Nobody throttles to so much: a faster connection stays alone."""
STEADY = 1.35
"""The second half of a window may be so much faster than the first before it counts as gathering speed."""
FAIR = 0.5
"""Least part of the proportional gain that more connections must bring to get company."""
USEFUL = 1.2
"""Least gain for which they are kept."""
READY_S = 3.0
"""New connections that are not there by then are not waited for."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """What a file has shown of its host."""

    connections: int
    """So many were worth it."""
    alone_bytes_per_s: float
    """Speed of the first one while it was alone."""


class Ramp:
    """One decision after the other for one file."""

    def __init__(self, most: int, round_trip_s: float, now: float, known: Throttle | None = None) -> None:
        """`most` is the cap on connections, `known` what an earlier file has shown; times are monotonic seconds."""
        self._known = known
        self._alone_speed = 0.0
        self._most = most
        self._window_s = min(LARGEST_WINDOW_S, max(SMALLEST_WINDOW_S, ROUND_TRIPS * round_trip_s))
        self._wanted = 1
        self._before = 1
        self._base_speed = 0.0
        self._changed_at = now
        self._start: tuple[float, int] | None = None
        self._middle: tuple[float, int] | None = None
        self._settled = most <= 1

    @property
    def look_s(self) -> float:
        """Seconds until `wanted` should be asked again."""
        return self._window_s / LOOKS

    @property
    def settled(self) -> bool:
        """Nothing will change any more."""
        return self._settled

    @property
    def found(self) -> Throttle | None:
        """What this file has shown; None: that one connection is enough, or nothing yet."""
        if not self._settled or self._wanted == 1:
            return None
        return Throttle(self._wanted, self._alone_speed)

    def wanted(self, now: float, moved_bytes: int, remaining_bytes: int, *, ready: bool) -> int:
        """How many connections there should be.

        Args:
            now: monotonic seconds.
            moved_bytes: received so far over all connections; only differences count.
            remaining_bytes: still missing.
            ready: all connections asked for have begun to deliver.
        """
        if self._settled:
            return self._wanted
        known, self._known = self._known, None
        if known is not None and _is_long(remaining_bytes, known.alone_bytes_per_s):
            self._leap(now, known.alone_bytes_per_s, known.connections)
            return self._wanted
        if self._start is None:
            if ready or now - self._changed_at > READY_S:
                self._start = (now, moved_bytes)
            return self._wanted
        if self._middle is None:
            if now - self._start[0] >= self._window_s / 2:
                self._middle = (now, moved_bytes)
                if self._is_worth_it(_speed(self._start, self._middle)):
                    self._leap(now, _speed(self._start, self._middle))  # as clear as it will get
            return self._wanted
        if now - self._start[0] >= self._window_s:
            self._judge(now, moved_bytes, remaining_bytes)
        return self._wanted

    def _judge(self, now: float, moved: int, remaining: int) -> None:
        assert self._start is not None
        assert self._middle is not None
        speed = _speed(self._start, (now, moved))
        first, second = _speed(self._start, self._middle), _speed(self._middle, (now, moved))
        self._start, self._middle = (now, moved), None
        if self._wanted == 1:
            if _is_long(remaining, speed) and 0 < speed < FAST_BYTES_PER_S and second <= first * STEADY:
                self._leap(now, speed)
            else:
                self._window_s = min(LARGEST_WINDOW_S, self._window_s * PATIENCE)
            return
        if self._is_worth_it(speed):
            self._leap(now, speed)
            return
        self._settled = True
        if speed < self._base_speed * USEFUL:
            self._wanted = self._before

    def _is_worth_it(self, speed: float) -> bool:
        """Whether the last leap has brought its share, and another one can be made."""
        if self._wanted == 1 or self._wanted >= self._most:
            return False
        return speed >= self._base_speed * (1 + FAIR * (self._wanted / self._before - 1))

    def _leap(self, now: float, speed: float, wanted: int = 0) -> None:
        if self._wanted == 1:
            self._alone_speed = speed
        self._before, self._base_speed = self._wanted, speed
        self._wanted = min(self._most, wanted or self._wanted * LEAP)
        self._changed_at = now
        self._start = None


def _is_long(remaining: int, speed: float) -> bool:
    """Whether so many bytes at that speed are worth more connections."""
    return remaining >= WORTH_BYTES and remaining >= speed * WORTH_S


def _speed(begin: tuple[float, int], end: tuple[float, int]) -> float:
    elapsed = end[0] - begin[0]
    return (end[1] - begin[1]) / elapsed if elapsed > 0 else 0.0
