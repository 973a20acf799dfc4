"""How far apart requests are, and how many an account may send. Pure.

A pause is never the same twice: people do not click to the second. A budget counts the requests of one account over
the last hour and the last day, whichever jobs sent them.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

HOUR_S = 3600.0
DAY_S = 86_400.0
_SPREAD = (0.75, 1.35)
_MARGIN_S = 0.05
"""Clocks of two machines never agree to the last bit: rather a moment late than a moment early."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Most requests of one account; 0: any number."""

    per_hour: int = 0
    per_day: int = 0

    @property
    def limited(self) -> bool:
        """Whether there is anything to count."""
        return self.per_hour > 0 or self.per_day > 0


@dataclass(frozen=True, slots=True)
class Standing:
    """How an account stands with its budget."""

    until: float | None
    """No request before this moment (epoch seconds); None: one may be sent now."""
    why: str = ""
    """What is used up, in words; empty: nothing."""
    left: int | None = None
    """Requests that may be sent at once; None: any number."""


def pause_s(base_s: float, dice: random.Random) -> float:
    """The pause between two requests that are about `base_s` apart."""
    return base_s * dice.uniform(*_SPREAD) if base_s > 0 else 0.0


def standing(sent: Sequence[float], budget: Budget, now: float) -> Standing:
    """Whether an account that sent requests at these moments (ascending, epoch seconds) may send one more.

    Moments in the future, from before a clock was set back, count like those of now: rather too few than too many.
    """
    worst = Standing(None)
    left: int | None = None
    for most, span_s, word in ((budget.per_hour, HOUR_S, "hour"), (budget.per_day, DAY_S, "day")):
        if most <= 0:
            continue
        recent = len(sent) - bisect_right(sent, now - span_s)
        left = most - recent if left is None else min(left, most - recent)
        if recent < most:
            continue
        # When so many have left the window that one more fits
        until = min(sent[len(sent) - most], now) + span_s + _MARGIN_S
        if worst.until is None or until > worst.until:
            worst = Standing(until, f"{most} requests per {word} are used up")
    return Standing(worst.until, worst.why, None if left is None else max(0, left))
