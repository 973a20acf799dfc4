"""How many exchanges one host takes at once, found out with care. Pure.

It begins with what every server bears, grows while all of them go well and the cap allows it, and shrinks when the
host pushes back. Where nothing is known of a host yet, or it has refused, each doubling must be earned by answers; a
host that refused is closed for a while, and one exchange then shows whether it is open again.
"""

from __future__ import annotations

FIRST = 16
CALM_S = 30.0
"""After a push the window does not grow for so long."""
ROUND_S = 1.0
"""What is refused within so short a time was asked for before the window shrank: one push."""


class Window:
    """The window of one host; times are monotonic seconds."""

    def __init__(self, *, careful: bool = False) -> None:
        self.size = FIRST
        self._pushed_at = float("-inf")
        self._answers: int | None = 0 if careful else None
        """Answers since there is reason to be careful; None: there is none."""
        self._closed_until = float("-inf")
        self._refused = False

    def room(self, now: float) -> int:
        """How many exchanges it may have at once."""
        if self._closed_until > now:
            return 0
        if self._answers is None:
            return self.size
        return min(self.size, 1 << ((self._answers + 1).bit_length() - 1))

    @property
    def closed_until(self) -> float:
        """Nothing new is sent to the host before."""
        return self._closed_until

    def answered(self) -> None:
        """The host gave what was asked for, or said that it has no such thing."""
        if self._answers is not None:
            self._answers += 1
            if self._answers >= FIRST - 1:
                self._answers = None
                self._refused = False

    def close(self, until: float) -> None:
        """The host refused: send nothing until then, and begin with one."""
        self._closed_until = max(self._closed_until, until)
        self._answers = 0
        self._refused = True

    def reopen(self) -> None:
        """Its time is over, whatever was said before."""
        self._closed_until = float("-inf")

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
        return not self._refused and now >= self._pushed_at + CALM_S
