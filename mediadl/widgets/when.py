"""Moments as people read them, in local time: how long ago, how soon, at which hour. Pure functions."""

from __future__ import annotations

from datetime import datetime, timedelta

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86_400.0


def rough(seconds: float) -> str:
    """A span in at most seven cells: `40 s`, `12 min`, `3 h`, `2 days`."""
    if seconds < _MINUTE:
        return f"{max(0, int(seconds))} s"
    if seconds < 90 * _MINUTE:
        return f"{int(seconds / _MINUTE)} min"
    if seconds < 36 * _HOUR:
        return f"{round(seconds / _HOUR)} h"
    return f"{round(seconds / _DAY)} days"


def ago(at: float | None, now: float) -> str:
    """`just now`, `12 min ago`; empty for never."""
    if at is None:
        return ""
    return "just now" if now - at < 10 else f"{rough(now - at)} ago"


def soon(at: float | None, now: float) -> str:
    """`now`, `in 3 h`; empty for never."""
    if at is None:
        return ""
    return "now" if at - now < 1 else f"in {rough(at - now)}"


def local(at: float, now: float) -> str:
    """The local time, with the day where it is not today: `22:30`, `tomorrow 08:00`, `Mon 24 Nov 08:00`."""
    moment, today = _here(at), _here(now).date()
    clock = moment.strftime("%H:%M")
    if moment.date() == today:
        return clock
    if moment.date() == today + timedelta(days=1):
        return f"tomorrow {clock}"
    if moment.date() == today - timedelta(days=1):
        return f"yesterday {clock}"
    day = f"{moment:%a} {moment.day} {moment:%b}"
    return f"{day} {clock}" if moment.year == today.year else f"{day} {moment.year} {clock}"


def _here(at: float) -> datetime:
    return datetime.fromtimestamp(at).astimezone()
