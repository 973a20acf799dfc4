"""How long to leave a source alone that is looked at again and again, by how it posts. Pure.

The aim is a certain number of new posts per look. A source that falls silent is left alone for longer and longer, first
by the time since its newest post, then by the looks that found nothing.
"""

from __future__ import annotations

import math

WANTED_POSTS = 1
"""New posts that a look at a subscribed source should find."""
QUIET_SHARE = 0.25
"""The pause is at least this share of the time since the newest post."""
EMPTY_CHECKS_DOUBLE = 5
"""So many looks in a row without news double the pause."""
UNKNOWN_S = 86_400.0
"""The pause after a look at a source that says nothing of its posts' dates."""
_MONTH_S = 30 * 86_400.0


def pause_s(
    posts_30d: int, newest_at: float | None, empty_checks: int, now: float, least_s: float, most_s: float
) -> float:
    """The pause until the next look at a subscribed source, within bounds.

    Args:
        posts_30d: posts of the last thirty days.
        newest_at: when the newest one was posted; None: unknown.
        empty_checks: looks in a row without news.
        now: the end of the last look.
        least_s: the shortest pause.
        most_s: the longest pause; wins where the bounds contradict each other.
    """
    if posts_30d <= 0 and newest_at is None:
        wanted_s = UNKNOWN_S * _growth(empty_checks)
    else:
        wanted_s = wanted_pause_s(posts_30d / _MONTH_S, newest_at, empty_checks, now, wanted=WANTED_POSTS)
    return min(most_s, max(least_s, wanted_s))


def wanted_pause_s(
    posts_per_s: float, newest_at: float | None, empty_checks: int, now: float, *, wanted: float
) -> float:
    """The pause after which about `wanted` new posts are there, longer while nothing comes; may be infinite."""
    by_rate_s = wanted / posts_per_s if posts_per_s > 0 else math.inf
    quiet_s = max(0.0, now - newest_at) if newest_at is not None else 0.0
    return max(by_rate_s, quiet_s * QUIET_SHARE) * _growth(empty_checks)


def _growth(empty_checks: int) -> float:
    # More doublings than these are beyond the longest pause whatever the rest says
    return math.exp2(min(max(0, empty_checks) / EMPTY_CHECKS_DOUBLE, 64.0))
