"""How many exchanges one host takes at once, found out with care. Pure.

It begins with what every server bears, grows while all of them go well and the cap allows it, and shrinks when the
host pushes back.
"""

from __future__ import annotations

FIRST = 16
CALM_S = 30.0
"""After a push the window does not grow for so long."""
ROUND_S = 1.0
"""What is refused within so short a time was asked for before the window shrank: one push."""


class Window:
    """The window of one host; times are monotonic seconds."""

    def __init__(self) -> None:
        self.size = FIRST
        self._pushed_at = float("-inf")

    def went_well(self, now: float, most: int) -> None:
        """An exchange ended well while the window was full; `most` is the cap."""
        if now >= self._pushed_at + CALM_S and self.size < most:
            self.size += 1

    def pushed_back(self, now: float) -> None:
        """The host refused an exchange."""
        if now >= self._pushed_at + ROUND_S:
            self.size = max(1, self.size // 2)
            self._pushed_at = now

    def is_fresh(self, now: float) -> bool:
        """Whether nothing is lost when it is forgotten."""
        return now >= self._pushed_at + CALM_S
