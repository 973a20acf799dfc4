"""When a watched thread is looked at next, and when that ends. Pure: moments in, moments out.

The aim is a handful of new posts per check; how pauses grow while nothing comes is said in `mediadl.timing.adaptive`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from mediadl.timing import adaptive

WANTED_POSTS = 5
"""New posts that a check should find."""
SHORTEST_S = 15 * 60.0
LONGEST_S = 24 * 3600.0
JITTER = 0.1
FULL_EVERY = 20
"""Every so-manieth check reads the thread from its first page."""
FULL_AFTER_S = 14 * 86_400.0
FAILURES_ALLOWED = 5
DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Habits:
    """How a thread behaved until now."""

    posts: int
    """Posts within `span_s`."""
    span_s: float
    """Time over which they were counted, up to thirty days."""
    newest_at: float | None
    """When the newest post was written; None: unknown."""
    empty_checks: int = 0
    """Checks in a row without news."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What comes after a check."""

    next_at: float | None
    """None: it is over."""
    expires_at: float | None
    ended: str = ""
    """Why it is over, in words; empty: it goes on."""


def pause_s(habits: Habits, now: float, *, fixed_s: float = 0.0) -> float:
    """The pause until the next check, before chance moves it a little. `fixed_s`: what the user set; 0: adapt."""
    if fixed_s > 0:
        return fixed_s
    rate = habits.posts / habits.span_s if habits.span_s > 0 else 0.0
    wanted_s = adaptive.wanted_pause_s(rate, habits.newest_at, habits.empty_checks, now, wanted=WANTED_POSTS)
    return min(LONGEST_S, max(SHORTEST_S, wanted_s))


def moved(pause: float, seed: str) -> float:
    """The pause, up to a tenth shorter or longer: the same for the same seed, so that tests and restarts agree."""
    number = int.from_bytes(hashlib.sha256(seed.encode("utf-8", "replace")).digest()[:8], "big")
    return pause * (1.0 - JITTER + 2.0 * JITTER * number / (2**64 - 1))


def plan(
    habits: Habits,
    now: float,
    *,
    since: float,
    seed: str,
    expire_days: float,
    fixed_s: float = 0.0,
    failures: int = 0,
) -> Plan:
    """What comes after a check.

    Args:
        habits: how the thread behaved.
        now: the end of the check.
        since: when the thread was first read; counts where no post has a date.
        seed: anything that differs between threads and checks.
        expire_days: quiet days after which nobody looks any more; 0: never.
        fixed_s: the user's own pause; 0: adapt.
        failures: checks in a row that failed, this one included.
    """
    if failures >= FAILURES_ALLOWED:
        return Plan(None, None, f"{failures} checks in a row failed: no longer watched")
    expires_at = None
    if expire_days > 0:
        newest = habits.newest_at if habits.newest_at is not None else since
        expires_at = newest + expire_days * DAY_S
        if now >= expires_at:
            return Plan(None, expires_at, f"no post for {_days(expire_days)}: no longer watched")
    return Plan(now + moved(pause_s(habits, now, fixed_s=fixed_s), seed), expires_at)


def full_is_due(checks: int, last_full_at: float | None, now: float) -> bool:
    """Whether the next check reads the whole thread: the first one, every twentieth, or after fourteen days."""
    if last_full_at is None:
        return True
    return (checks > 0 and checks % FULL_EVERY == 0) or now - last_full_at >= FULL_AFTER_S


def _days(count: float) -> str:
    whole = f"{count:g}"
    return f"{whole} day" if whole == "1" else f"{whole} days"
