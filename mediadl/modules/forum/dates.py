"""Dates as forums write them, read without asking what day it is: whoever asks says so."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

_MONTHS: dict[str, int] = {
    start: number
    for number, starts in enumerate(
        (
            "jan gen ene янв", "feb fev fév февр фев", "mar mär mrt мар", "apr avr abr апр", "may mai mag maj май мая",
            "jun jui'n juin giu июн", "jul juil lug июл", "aug aoû aou ago авг", "sep set сен", "oct okt ott out окт",
            "nov ноя", "dec dez déc dic дек",
        ),
        1,
    )
    for start in starts.split()
}  # fmt: skip
"""First letters of the months in the languages that boards are set to most often."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TODAY = "today|heute|aujourd.hui|hoy|oggi|vandaag|hoje|сегодня|dzisiaj"
_YESTERDAY = "yesterday|gestern|hier|ayer|ieri|gisteren|ontem|вчера|wczoraj"
_UNITS = {
    "sec": 1.0, "min": 60.0, "hour": 3600.0, "hr": 3600.0, "day": 86_400.0, "week": 604_800.0, "month": 2_592_000.0,
    "year": 31_536_000.0,
}  # fmt: skip

_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$|^\d{13}$")
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d:?\d\d)?)?(?![\d:])",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\d:.])(\d{1,2})(?::(\d\d)(?::(\d\d))?\s*([ap]\.?\s?m\.?(?![a-z]))?|\s*([ap]\.?\s?m\.?)(?![a-z]))",
    re.IGNORECASE,
)
_NUMBERS = re.compile(r"(?<![\d:])(\d{1,4})([./-])\s?(\d{1,2})\2\s?(\d{2,4})(?![\d:])")
_DAY_MONTH = re.compile(
    r"(?<![\d:])(\d{1,2})(?:st|nd|rd|th|er|º|\.)?[\s-]+(?:de\s+)?([^\W\d_]{3,12})\.?,?(?:[\s-]+(?:de\s+)?(\d{4})(?!\d))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    r"(?<![^\W_])([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?![\d:])(?:,?\s+(\d{4})(?!\d))?",
    re.IGNORECASE,
)
_AGO = re.compile(
    r"(?<!\w)(?:less than\s+)?(\d{1,4}|an?|one|few|a few|a couple of)\s*(sec|min|hour|hr|day|week|month|year)\w*"
    r"(?:\s*(?:,|and)?\s*(\d{1,3})\s*(sec|min|hour|hr|day|week|month)\w*)?\s+ago",
    re.IGNORECASE,
)
_NOW = re.compile(r"\b(?:just now|moments? ago|right now|seconds ago)\b", re.IGNORECASE)
_RELATIVE_DAY = re.compile(
    rf"(?<!\w)(?:(?P<today>{_TODAY})|(?P<yesterday>{_YESTERDAY}))(?!\w)", re.IGNORECASE
)
_WEEKDAY = re.compile(
    r"(?<!\w)(mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?(?!\w)", re.IGNORECASE
)
_ZONE = re.compile(r"^\s*(?:GMT|UTC)?\s*([+-]\d\d):?(\d\d)\b")
"""Looked for right behind the time of day: elsewhere a year after a dash would be one."""
_EARLIEST = 315_532_800.0  # 1980: no board is older
_LONGEST = 200


def moment_of(text: str | None, *, now: float, day_first: bool | None = None) -> float | None:
    """Epoch seconds of a date as a page writes it, or None; what names no zone is taken for UTC.

    `now` (epoch seconds) says what "today" means. `day_first` decides 03/04/2026 when the date itself does not;
    None reads it as boards are shipped, month first.
    """
    line = " ".join((text or "").split())[:_LONGEST]
    if not line:
        return None
    try:
        found = _read(line, now, day_first)
    except (ValueError, OverflowError):  # the 31st of February, the year 0, hour 25
        return None
    # A board ahead of our clock or of UTC may be a day off; more is no date of a post
    return found if found is not None and _EARLIEST <= found <= now + 366 * 86_400 else None


def day_order(lines: Iterable[str]) -> bool | None:
    """Whether dates of one site put the day first, as far as one of them proves it; None: none does."""
    for line in lines:
        found = _NUMBERS.search(line[:_LONGEST])
        if found is None or len(found[1]) > 2 or len(found[4]) == 3:
            continue
        first, second = int(found[1]), int(found[3])
        if 12 < first <= 31 and second <= 12:
            return True
        if 12 < second <= 31 and first <= 12:
            return False
    return None


def _read(line: str, now: float, day_first: bool | None) -> float | None:
    if _EPOCH.match(line):
        return float(line) / (1000 if len(line) == 13 else 1)
    if iso := _ISO.search(line):
        return _iso(iso, line)
    if ago := _AGO.search(line):
        return now - _span(ago[1], ago[2]) - (_span(ago[3], ago[4]) if ago[3] else 0.0)
    if _NOW.search(line):
        return now
    today = dt.datetime.fromtimestamp(now, dt.UTC).date()
    if day := _day(line, today, day_first):
        return _at(day, line)
    if near := _RELATIVE_DAY.search(line):
        return _at(today - dt.timedelta(days=1 if near["yesterday"] else 0), line)
    if (week := _WEEKDAY.search(line)) and _CLOCK.search(line):
        back = (today.weekday() - _DAYS.index(week[1][:3].lower())) % 7 or 7
        return _at(today - dt.timedelta(days=back), line)
    return None


def _iso(found: re.Match[str], line: str) -> float:
    year, month, day, hour, minute, second = (int(found[n] or 0) for n in range(1, 7))
    when = dt.datetime(year, month, day, hour, minute, min(second, 59), tzinfo=dt.UTC)
    if found[8] is None:
        return _at(when.date(), line[found.start(4) if found[4] else found.end() :])
    zone = found[8].upper().replace(":", "")
    offset = 0 if zone == "Z" else _offset_s(zone[:3], zone[3:])
    return when.timestamp() + float(f"0.{found[7] or 0}") - offset


def _span(count: str, unit: str) -> float:
    number = (
        float(count)
        if count.isdigit()
        else (3.0 if "few" in count.lower() or "couple" in count.lower() else 1.0)
    )
    return number * _UNITS[unit.lower()]


def _day(line: str, today: dt.date, day_first: bool | None) -> dt.date | None:
    """The calendar day in a line."""
    if numbers := _NUMBERS.search(line):
        return _from_numbers(numbers, day_first)
    for pattern, at in ((_MONTH_DAY, (1, 2)), (_DAY_MONTH, (2, 1))):
        for named in pattern.finditer(line):
            month = _month(named[at[0]])
            if month:
                return _with_year(int(named[at[1]]), month, named[3], today)
    return None


def _from_numbers(found: re.Match[str], day_first: bool | None) -> dt.date | None:
    first, mark, second, third = int(found[1]), found[2], int(found[3]), int(found[4])
    if len(found[1]) == 4:
        return dt.date(first, second, third)
    if len(found[1]) == 3 or len(found[4]) == 3:
        return None
    year = third if len(found[4]) == 4 else 2000 + third if third < 80 else 1900 + third
    if mark == "." or first > 12:
        return dt.date(year, second, first)
    if second > 12 or not day_first:
        return dt.date(year, first, second)
    return dt.date(year, second, first)


def _with_year(day: int, month: int, year: str | None, today: dt.date) -> dt.date:
    if year:
        return dt.date(int(year), month, day)
    for guess in range(today.year, today.year - 9, -1):  # 29 February without a year may be long ago
        try:
            found = dt.date(guess, month, day)
        except ValueError:
            continue
        if found <= today + dt.timedelta(days=1):
            return found
    raise ValueError(f"no {day}.{month}. in the last years")


def _month(word: str) -> int:
    low = word.lower()
    return next((_MONTHS[low[:size]] for size in (4, 3) if low[:size] in _MONTHS), 0)


def _at(day: dt.date, line: str) -> float:
    """A day with the time of day and the zone found in the line; midnight when there is none."""
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC).timestamp()
    for found in _CLOCK.finditer(line):
        half = (found[4] or found[5] or "").lower()
        hour, minute, second = int(found[1]), int(found[2] or 0), int(found[3] or 0)
        if half and 1 <= hour <= 12:
            hour = hour % 12 + (12 if half.startswith("p") else 0)
        if hour > 23 or minute > 59 or second > 60:
            continue
        zone = _ZONE.match(line[found.end() :])
        return (
            midnight
            + hour * 3600
            + minute * 60
            + min(second, 59)
            - (_offset_s(*zone.groups()) if zone else 0)
        )
    low = line.lower()
    return midnight + (12 * 3600 if "noon" in low and "afternoon" not in low else 0)


def _offset_s(hours: str, minutes: str) -> int:
    sign = -1 if hours.startswith("-") else 1
    return sign * (abs(int(hours)) * 3600 + int(minutes) * 60)
