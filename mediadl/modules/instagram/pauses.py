"""Pauses between requests: random around what was asked for, shown to the user, over at once when nobody waits."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from mediadl.modules.base import Reporter

SPREAD = 0.45
"""A pause is so much shorter or longer than asked for, by chance."""
_SLICE_S = 0.2
_WORTH_TELLING_S = 1.0


def between(average_s: float, chance: random.Random) -> float:
    """One pause, seconds."""
    return average_s * chance.uniform(1 - SPREAD, 1 + SPREAD)


def wait(
    pause_s: float, reporter: Reporter, note: str, *, sleep: Callable[[float], None] = time.sleep
) -> None:
    """Wait, tell what for, and stop waiting when nobody wants more items."""
    if pause_s <= 0:
        return
    if pause_s > _WORTH_TELLING_S:
        reporter.working(waiting_s=pause_s, note=note)
    while pause_s > 0 and not reporter.stopped():
        step_s = min(_SLICE_S, pause_s)
        sleep(step_s)
        pause_s -= step_s


class Pauses:
    """Keeps one backend's requests apart: none before the first, one before each further."""

    def __init__(self, average_s: float, reporter: Reporter, what: str) -> None:
        self._average_s = average_s
        self._reporter = reporter
        self._note = f"pause before the next request to {what}"
        self._chance = random.Random()  # noqa: S311 - spreads requests, guards nothing
        self._last_at: float | None = None

    def before_next(self) -> None:
        """Return when the next request may be sent."""
        if self._last_at is not None:
            since_s = time.monotonic() - self._last_at
            wait(between(self._average_s, self._chance) - since_s, self._reporter, self._note)
        self._last_at = time.monotonic()
