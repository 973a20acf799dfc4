"""Reads moments and sizes as people write them. Days of posts are UTC, as in file names; a start time is local."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from mediadl.errors import InvalidInput

_SPAN = re.compile(r"^(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)$", re.IGNORECASE)
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")
_SIZE = re.compile(r"^(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?$", re.IGNORECASE)
_LATER = re.compile(r"^(?:\+|in\s)\s*", re.IGNORECASE)
_SECONDS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}
_GRACE_S = 60.0
_DAY = re.compile(
    r"^(today|tomorrow|mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?(?:\s+(?:at\s+)?(\S+))?$", re.IGNORECASE
)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def start(text: str, now: float) -> float:
    """When a job shall start: `+2h`, `in 2h`, `23:30` (the next one), `tomorrow 8:00`, `fri 18:00`, or ISO 8601.

    Raises:
        InvalidInput: none of these, or in the past.
    """
    word = text.strip()
    if (lead := _LATER.match(word)) and (span := _SPAN.match(word[lead.end() :])):
        return _reachable(now + _seconds(span), text)
    if clock := _CLOCK.match(word):
        today = datetime.fromtimestamp(now).astimezone()
        at = today.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        if at.timestamp() <= now:
            at = (at.replace(tzinfo=None) + timedelta(days=1)).astimezone()
        return at.timestamp()
    if day := _DAY.match(word):
        return _on_day(day, text, now)
    found = _iso(word)
    if found is None:
        raise _no_time(text)
    try:
        at_s = found.astimezone().timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise _no_time(text) from error
    if at_s < now - _GRACE_S:
        raise InvalidInput(f"{text} is in the past", next_step="Give a later time, or leave it out.")
    return at_s


def since(text: str, now: float) -> float:
    """The beginning of a span: a UTC day or time, or how long ago (`7d`, `12h`).

    Raises:
        InvalidInput: none of these.
    """
    return _bound(text, now, end_of_day=False)


def until(text: str, now: float) -> float:
    """The end of a span; a day counts to its end.

    Raises:
        InvalidInput: none of these.
    """
    return _bound(text, now, end_of_day=True)


def size(text: str) -> int:
    """Bytes of `500`, `10M`, `1.5GB` or `2GiB`.

    Raises:
        InvalidInput: not a size.
    """
    match = _SIZE.match(text.strip())
    if match is None:
        raise InvalidInput(f"not a size: {text!r}", next_step="Give 500k, 10M or 1.5GB.")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** _POWERS[match[2].lower()])


def _on_day(day: re.Match[str], text: str, now: float) -> float:
    """The clock time of a named day; without one, its beginning."""
    clock = _CLOCK.match(day[2] or "0:00")
    if clock is None:
        raise _no_time(text)
    here = datetime.fromtimestamp(now).astimezone()
    name = day[1].lower()
    ahead = {"today": 0, "tomorrow": 1}.get(name)
    at = here.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0, tzinfo=None)
    if ahead is None:
        ahead = (_WEEKDAYS.index(name) - here.weekday()) % 7
        # Of a weekday that is today and gone by, the next one
        ahead += 7 if not ahead and at.timestamp() <= now else 0
    at_s = (at + timedelta(days=ahead)).timestamp()
    if at_s < now - _GRACE_S:
        raise InvalidInput(f"{text} is in the past", next_step="Give a later time, or leave it out.")
    return at_s


def _reachable(at: float, text: str) -> float:
    """Refuses moments that no calendar has."""
    try:
        datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise _no_time(text) from error
    return at


def _no_time(text: str) -> InvalidInput:
    return InvalidInput(
        f"not a time: {text!r}", next_step="Give +2h, 23:30, tomorrow 8:00 or 2026-12-31T23:30."
    )


def _bound(text: str, now: float, *, end_of_day: bool) -> float:
    word = text.strip()
    if span := _SPAN.match(word.removeprefix("-")):
        return now - _seconds(span)
    found = _iso(word)
    if found is None:
        raise InvalidInput(f"not a date: {text!r}", next_step="Give 2026-01-31, or 7d for the last week.")
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    if end_of_day and len(word) <= len("2026-01-31"):
        found += timedelta(days=1, microseconds=-1)
    return found.timestamp()


def _iso(word: str) -> datetime | None:
    try:
        return datetime.fromisoformat(word)
    except ValueError:
        return None


def _seconds(span: re.Match[str]) -> float:
    return float(span[1]) * _SECONDS[span[2].lower()]
