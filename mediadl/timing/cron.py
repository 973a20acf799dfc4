"""Cron lines: five fields, checked strictly, in words, and when they come next.

The line is read by croniter, which walks along the clock on the wall; what the nights make of it in which that clock is
put forward or back is decided here, as Debian's cron does: a line with fixed hours and minutes comes once on each date
and wall time (one that the clock jumps over comes at the jump), one with `*` or `/` there follows real time.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from mediadl.timing import cron_fields, walls
from mediadl.timing.cron_fields import Preset, Shape, preset, preset_of, shape_of

__all__ = ["Cron", "Preset", "Shape", "check", "preset", "preset_of", "shape_of"]

_LAST_WEEKDAY = re.compile(r"([0-7])L")
_YEARS_AHEAD = 9
"""The 29th of February comes at least this often."""
_TRIED_FROM = datetime(2026, 1, 1)  # noqa: DTZ001 - walls have no zone


def check(text: str) -> str:
    """A cron line in its canonical form.

    Raises:
        ValueError: in one line, what is wrong and what to write instead.
    """
    return Cron.parse(text).text


class Cron:
    """A cron line that was read. Immutable; any thread may ask."""

    __slots__ = ("_fixed", "_read", "text")

    def __init__(self, text: str, read: Any) -> None:
        self.text = text
        """Five fields."""
        self._read = read
        minute, hour = text.split()[:2]
        self._fixed = not set(minute + hour) & {"*", "/"}

    @classmethod
    def parse(cls, text: str) -> Cron:
        """Read a line.

        Raises:
            ValueError: in one line, what is wrong and what to write instead.
        """
        # Lines are few and asked for often: by lists, forms and the scheduler
        return _parsed(cron_fields.canonical(text))

    def after(self, moment: float, zone: ZoneInfo) -> float | None:
        """The first time after a moment; None: never again, as far as calendars are looked at."""
        return _after(self, moment, zone)

    def reckon_after(self, moment: float, zone: ZoneInfo) -> float | None:
        """As `after`, reckoned anew."""
        if not walls.readable(moment):
            return None
        try:
            return self._fixed_after(moment, zone) if self._fixed else self._running_after(moment, zone)
        except (ValueError, OverflowError):
            return None  # croniter's word for: it does not come any more

    def explain(self) -> str:
        """The line in words, such as `Every day at 02:30`."""
        return _explained(self.text)

    def _fixed_after(self, moment: float, zone: ZoneInfo) -> float:
        return next(
            at
            for wall in self._walls(walls.wall_at(moment, zone))
            if (at := walls.moment_of(wall, zone)) > moment
        )

    def _running_after(self, moment: float, zone: ZoneInfo) -> float:
        here = walls.wall_at(moment, zone)
        if walls.is_shown_again(here, zone):
            # What is left of the hour before it is shown again comes first
            shown = walls.moments_of(next(self._walls(here)), zone)
            if len(shown) == 2:
                return shown[0]
            again = walls.moments_of(here, zone)[1]
            back = walls.change_between(moment, again, zone) or again
            here = walls.wall_at(back, zone) - timedelta(minutes=1)
            moment = back - 1
        return next(at for wall in self._walls(here) for at in walls.moments_of(wall, zone) if at > moment)

    def _walls(self, here: datetime) -> Iterator[datetime]:
        """What the clock shows at each next time, without a thought of summer time."""
        walk = copy.copy(self._read)
        walk.set_current(here)
        while True:
            yield walk.get_next(datetime)


@lru_cache(maxsize=8192)
def _after(cron: Cron, moment: float, zone: ZoneInfo) -> float | None:
    # One decision asks for the same several times, and so do the many schedules with the same line
    return cron.reckon_after(moment, zone)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> Cron:
    from croniter import croniter

    try:
        line = _LAST_WEEKDAY.sub(r"l\1", text)
        croniter.expand(line, strict=True)
        read = croniter(line, _TRIED_FROM, max_years_between_matches=_YEARS_AHEAD)
        copy.copy(read).get_next(datetime)
    except (ValueError, OverflowError, KeyError, IndexError) as error:
        raise ValueError(_never(text)) from error
    return Cron(text, read)


def _never(text: str) -> str:
    day, month, weekday = text.split()[2:]
    if day == "*":
        return f"weekday {weekday} of month {month} does not come for years; write another weekday or month"
    return f"day {day} of month {month} never comes; for the last day of a month write L as the day"


@lru_cache(maxsize=1024)
def _explained(text: str) -> str:
    shape = shape_of(text)
    if shape.preset is not Preset.CUSTOM:
        return shape.words()
    from cron_descriptor import Options, get_description

    return str(get_description(text, Options(use_24hour_time_format=True, locale_code="en_US")))
