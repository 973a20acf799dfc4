"""Allowed hours, as in `01:00-06:00` or `sat-sun 22:00-04:00`: open while a clock in their zone shows such a time."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from mediadl.timing import walls

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 24
"""Hours that one schedule may have."""
EXAMPLE = "01:00-06:00 or sat-sun 08:00-20:00"

_LONGEST = 80
_DAY_MIN = 24 * 60
_WEEK = frozenset(range(7))
_HOURS = re.compile(r"(\d{1,2})(?::(\d\d))?\s*(?:-|–|to)\s*(\d{1,2})(?::(\d\d))?", re.ASCII)
_GROUPS = {
    "weekdays": frozenset(range(5)), "weekend": frozenset({5, 6}), "weekends": frozenset({5, 6}), "daily": _WEEK,
}  # fmt: skip
_LOOKED_DAYS = 8
_MOST_LOOKS = 4
"""Hours of one weekday may fall into the hour that a clock jumps over: then they come a week later."""


@dataclass(frozen=True, slots=True)
class _Hours:
    days: frozenset[int]
    """On which they begin; 0 is Monday."""
    start_min: int
    end_min: int
    """Beyond a day's minutes: on the next day."""

    def word(self) -> str:
        end_min = self.end_min - _DAY_MIN if self.end_min > _DAY_MIN else self.end_min
        hours = f"{_clock(self.start_min)}-{_clock(end_min)}"
        return hours if self.days == _WEEK else f"{_days_word(self.days)} {hours}"

    def has(self, wall: datetime) -> bool:
        minute = wall.hour * 60 + wall.minute
        if wall.weekday() in self.days and self.start_min <= minute < self.end_min:
            return True
        return (wall.weekday() - 1) % 7 in self.days and minute + _DAY_MIN < self.end_min


def check(words: tuple[str, ...]) -> tuple[str, ...]:
    """Allowed hours as they are spelled.

    Raises:
        ValueError: in one line, what is wrong and what to write instead.
    """
    return tuple(dict.fromkeys(hours.word() for hours in _read(words)))


class Windows:
    """Allowed hours in a time zone. Immutable; none at all: always."""

    __slots__ = ("_hours", "_zone")

    def __init__(self, hours: tuple[_Hours, ...], zone: ZoneInfo) -> None:
        self._hours = hours
        self._zone = zone

    @classmethod
    def parse(cls, words: Iterable[str], zone: ZoneInfo) -> Windows:
        """Read allowed hours.

        Raises:
            ValueError: in one line, what is wrong and what to write instead.
        """
        return cls(_read(tuple(words)), zone)

    def __bool__(self) -> bool:
        """Whether there are any; else it is always open."""
        return bool(self._hours)

    def open_at(self, at: float) -> bool:
        """Whether a moment lies within."""
        if not self._hours or not walls.readable(at):
            return True
        wall = walls.wall_at(at, self._zone)
        return any(hours.has(wall) for hours in self._hours)

    def opens(self, at: float) -> float:
        """The first moment from `at` on that lies within: `at` itself while open."""
        if self.open_at(at):
            return at
        found = self._first(at, wanted=True)
        return at if found is None else found

    def closes(self, at: float) -> float | None:
        """The first moment from `at` on that lies outside: `at` itself while closed; None: never."""
        if not self.open_at(at):
            return at
        return self._first(at, wanted=False) if self._hours else None

    def closed_since(self, at: float) -> float | None:
        """When the hours ended that were the last before `at`; None while open."""
        if self.open_at(at):
            return None
        here = walls.wall_at(at, self._zone).date()
        for look in range(_MOST_LOOKS):
            last = here - timedelta(days=look * _LOOKED_DAYS - 2)
            bounds = self._bounds(last - timedelta(days=_LOOKED_DAYS + 2), _LOOKED_DAYS + 2)
            for before, after in reversed(list(pairwise(bounds))):
                if after <= at and self.open_at(before) and not self.open_at(after):
                    return after
        return None

    def words(self) -> str:
        """As in `between 01:00 and 06:00`; empty: always."""
        return " or ".join(_spoken(hours) for hours in self._hours)

    def _first(self, at: float, *, wanted: bool) -> float | None:
        start = walls.wall_at(at, self._zone).date() - timedelta(days=1)
        for look in range(_MOST_LOOKS):
            for bound in self._bounds(start + timedelta(days=look * _LOOKED_DAYS), _LOOKED_DAYS + 2):
                if bound > at and self.open_at(bound) is wanted:
                    return bound
        return None

    def _bounds(self, first: date, days: int) -> list[float]:
        """Every moment at which hours may begin or end, in order; a change of the clock is such, too."""
        found: set[float] = set()
        for day in range(days):
            midnight = datetime.combine(first + timedelta(days=day), time())
            start, end = (walls.moment_of(midnight + timedelta(days=more), self._zone) for more in (0, 1))
            change = walls.change_between(start, end, self._zone)
            if change is not None:
                found.add(change)
            for minute in {minute for hours in self._hours for minute in (hours.start_min, hours.end_min)}:
                wall = midnight + timedelta(minutes=minute)
                found.update(walls.moments_of(wall, self._zone) or [walls.moment_of(wall, self._zone)])
        return sorted(found)


def _read(words: tuple[str, ...]) -> tuple[_Hours, ...]:
    if len(words) > MOST:
        raise ValueError(
            f"at most {MOST} allowed hours; write one for several days, such as mon-fri 20:00-06:00"
        )
    return tuple(_one(word) for word in words)


def _one(word: str) -> _Hours:
    text = " ".join(word.lower().split())
    if len(text) > _LONGEST:
        raise ValueError(f"allowed hours of at most {_LONGEST} characters; write {EXAMPLE}")
    found = _HOURS.search(text)
    if found is None or found.end() != len(text):
        days = _days(text) if text and text[0].isalpha() else None
        if days:
            raise ValueError(f"{text!r} has no hours; write {text} 00:00-24:00 for the whole day")
        raise ValueError(f"{text!r} are no hours; write {EXAMPLE}")
    start_min = int(found[1]) * 60 + int(found[2] or 0)
    end_min = int(found[3]) * 60 + int(found[4] or 0)
    if int(found[2] or 0) > 59 or int(found[4] or 0) > 59 or start_min >= _DAY_MIN or end_min > _DAY_MIN:
        raise ValueError(f"{text!r}: hours go from 00:00 to 24:00; write {EXAMPLE}")
    if start_min == end_min:
        raise ValueError(f"{text!r} begins and ends at the same time; write 00:00-24:00 for the whole day")
    days = _days(text[: found.start()])
    if days is None:
        raise ValueError(f"{text!r}: the days are not clear; write mon-fri or sat sun in front of the hours")
    return _Hours(days, start_min, end_min if end_min > start_min else end_min + _DAY_MIN)


def _days(text: str) -> frozenset[int] | None:
    """The weekdays that words say; every one of no words, None of words that are none."""
    found: set[int] = set()
    for word in text.replace("+", " ").split():
        if word in _GROUPS:
            found |= _GROUPS[word]
            continue
        first, dash, last = word.partition("-")
        ends = [_day(one) for one in ((first, last) if dash else (first, first))]
        if ends[0] is None or ends[1] is None:
            return None
        found |= {(ends[0] + more) % 7 for more in range((ends[1] - ends[0]) % 7 + 1)}
    return frozenset(found) or _WEEK


def _day(word: str) -> int | None:
    long = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return next(
        (number for number, name in enumerate(long) if len(word) >= 3 and name.startswith(word)), None
    )


def _runs(days: frozenset[int]) -> list[tuple[int, int]]:
    """Days in a row: first and last of each row."""
    runs: list[tuple[int, int]] = []
    for day in sorted(days):
        if runs and runs[-1][1] == day - 1:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _days_word(days: frozenset[int]) -> str:
    return " ".join(
        DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in _runs(days)
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _spoken(hours: _Hours) -> str:
    end_min = hours.end_min - _DAY_MIN if hours.end_min > _DAY_MIN else hours.end_min
    if (hours.start_min, hours.end_min) == (0, _DAY_MIN):
        between = "all day"
    else:
        between = f"between {_clock(hours.start_min)} and {_clock(end_min)}"
    if hours.days == _WEEK:
        return between
    named = [
        DAYS[first].title() if first == last else f"{DAYS[first].title()} to {DAYS[last].title()}"
        for first, last in _runs(hours.days)
    ]
    return f"{between} on {', '.join(named)}"
