"""Which bytes of a file have arrived. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable


class Coverage:
    """A set of bytes as sorted, disjoint, non-touching ranges (start, stop)."""

    def __init__(self, ranges: Iterable[tuple[int, int]] = ()) -> None:
        self._starts: list[int] = []
        self._stops: list[int] = []
        for start, stop in ranges:
            self.add(start, stop)

    def add(self, start: int, stop: int) -> None:
        """Take a range in; overlaps are fine, an empty one does nothing."""
        if start >= stop:
            return
        first = bisect_left(self._stops, start)
        last = bisect_right(self._starts, stop)
        if first < last:
            start = min(start, self._starts[first])
            stop = max(stop, self._stops[last - 1])
        self._starts[first:last] = [start]
        self._stops[first:last] = [stop]

    @property
    def ranges(self) -> tuple[tuple[int, int], ...]:
        """All ranges in order."""
        return tuple(zip(self._starts, self._stops, strict=True))

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return sum(self._stops) - sum(self._starts)

    @property
    def prefix(self) -> int:
        """How many bytes there are without a gap from the first on."""
        return self._stops[0] if self._starts and self._starts[0] == 0 else 0

    def gaps(self, total: int) -> list[tuple[int, int]]:
        """The ranges that are missing of a file of this length."""
        missing: list[tuple[int, int]] = []
        at = 0
        for start, stop in self.ranges:
            if start > at:
                missing.append((at, min(start, total)))
            at = max(at, stop)
        if at < total:
            missing.append((at, total))
        return missing
