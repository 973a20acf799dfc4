"""How people write a schedule: the words of command line and text files for its fields, and short forms of its rule."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any

from mediadl.settings.filters import Filters
from mediadl.settings.schedule import ScheduleSpec

RULES = ("cron", "every_s", "adaptive")
"""Fields of which exactly one says when it runs."""

SHORT_RULES = {
    "hourly": "At the full hour, or at a minute of it.",
    "daily": "Each day at this time.",
    "weekly": "On these days at this time.",
    "monthly": "On this day of the month at this time.",
}
"""Words for the commonest cron lines; a file may have them, too."""

AUTO = "auto"
"""What `every` says for a pace that follows the sources."""

_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
_CLOCK = re.compile(r"^([01]?\d|2[0-3]):([0-5]\d)$")
_NO = frozenset({"", "0", "false", "no", "off"})


def word_of(field: str) -> str:
    """What people call a field of a schedule or of its filters."""
    return field.removesuffix("_s").removesuffix("_bytes")


_FIELDS = {word_of(name): name for name in ScheduleSpec.model_fields}
_FILTERS = {word_of(name): name for name in Filters.model_fields}


def fields_of(told: Mapping[str, Any]) -> dict[str, Any]:
    """What was told by words, by the names of the fields.

    Raises:
        ValueError: a word that is none, two rules, or a short form that cannot be read; says which in plain words.
    """
    found: dict[str, Any] = {}
    rules: dict[str, dict[str, Any]] = {}
    for word, value in told.items():
        name = _name(word)
        if name in SHORT_RULES:
            if not _is_no(value):
                rules[word] = {"cron": _SHORT[name](_text(value))}
        elif name in RULES:
            if not _is_no(value):
                rules[word] = _rule(name, value)
        elif name == "filters":
            found[name] = _filters(value)
        else:
            found[name] = value
    if len(rules) > 1:
        raise ValueError(f"{' and '.join(map(word_of, rules))}: only one of them can say when it runs")
    for rule in rules.values():
        found |= {"cron": "", "every_s": 0, "adaptive": False} | rule
    return found


def _name(word: str) -> str:
    """The field that a word or the field's own name means."""
    word = word.replace("-", "_")
    if word in SHORT_RULES or word in ScheduleSpec.model_fields:
        return word
    if word not in _FIELDS:
        raise ValueError(_no_word(word, [*_FIELDS, *SHORT_RULES]))
    return _FIELDS[word]


def _no_word(word: str, known: list[str]) -> str:
    close = difflib.get_close_matches(word[:80], known, n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}"
    return f"no word {word[:80]!r}; {hint}"


def _filters(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError("filters: names with values are wanted")  # noqa: TRY004 - told to people as any other
    found = {}
    for word, one in value.items():
        name = str(word).replace("-", "_")
        if name not in Filters.model_fields and name not in _FILTERS:
            raise ValueError(f"filters: {_no_word(name, list(_FILTERS))}")
        found[_FILTERS.get(name, name)] = one
    return found


def _rule(name: str, value: Any) -> dict[str, Any]:
    if name == "every_s" and _text(value).lower() == AUTO:
        return {"adaptive": True}
    return {name: value}


def _is_no(value: Any) -> bool:
    return value is None or _text(value).lower() in _NO


def _text(value: Any) -> str:
    return str(value).strip()


def _hourly(text: str) -> str:
    minute = text.lstrip(":") if text.lower() != "true" else "0"
    if not (minute.isascii() and minute.isdigit() and int(minute[:4]) < 60):
        raise ValueError(f"hourly: not a minute of the hour: {text[:40]!r}")
    return f"{int(minute)} * * * *"


def _daily(text: str) -> str:
    hour, minute = _clock("daily", text or "0:00")
    return f"{minute} {hour} * * *"


def _weekly(text: str) -> str:
    days, hour, minute = _days_and_clock("weekly", text.lower())
    found = set()
    for day in days:
        number = next((n for n, name in enumerate(_DAYS) if len(day) > 2 and name.startswith(day)), None)
        if number is None:
            raise ValueError(f"weekly: not a day: {day[:40]!r}; write it such as mon 03:00")
        found.add(str(number))
    return f"{minute} {hour} * * {','.join(sorted(found))}"


def _monthly(text: str) -> str:
    days, hour, minute = _days_and_clock("monthly", text)
    found = set()
    for day in days:
        if not (day.isascii() and day.isdigit() and 1 <= int(day[:4]) <= 31):
            raise ValueError(f"monthly: not a day of the month: {day[:40]!r}; write it such as 1 03:00")
        found.add(int(day))
    return f"{minute} {hour} {','.join(map(str, sorted(found)))} * *"


def _days_and_clock(rule: str, text: str) -> tuple[list[str], int, int]:
    """Days with commas or spaces between them, and perhaps a time of day at the end."""
    words = text.replace(",", " ").split()
    clock = words.pop() if words and ":" in words[-1] else "0:00"
    return words or [""], *_clock(rule, clock)


def _clock(rule: str, text: str) -> tuple[int, int]:
    found = _CLOCK.match(text)
    if found is None:
        raise ValueError(f"{rule}: not a time of day: {text[:40]!r}; write it such as 03:00")
    return int(found[1]), int(found[2])


_SHORT = {"hourly": _hourly, "daily": _daily, "weekly": _weekly, "monthly": _monthly}
