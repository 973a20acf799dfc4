"""What stands in the five fields of a cron line: refused in plain words, spelled one way, known as a preset."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

MOST_CHARACTERS = 256
MOST_ITEMS = 64
EXAMPLE = "30 2 * * *"

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_WEEKDAY_NAMES = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_ALIASES = {
    "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
_NUMBER = re.compile(r"\d{1,3}")
_CLOCK = re.compile(r"(\d{1,2}):(\d\d)")
_SPAN = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\w+))?")
_NTH = re.compile(r"(\w+)#([1-5])")
_LAST = re.compile(r"l([0-7])|([0-7])l")
_NEAREST = re.compile(r"(\d{1,2})w")


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    least: int
    most: int
    names: tuple[str, ...] = ()
    """Of the values from `first_named` on."""
    first_named: int = 0


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day", 1, 31),
    _Field("month", 1, 12, _MONTHS, 1),
    _Field("weekday", 0, 7, _WEEKDAYS),
)


class Preset(StrEnum):
    """The kinds of cron lines that most people mean."""

    HOURLY = "hourly"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    CUSTOM = "custom"
    """Anything else."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A preset with its numbers; those that it does not need are only remembered."""

    preset: Preset
    minute: int = 0
    hour: int = 4
    weekday: int = 1
    """0 is Sunday."""
    day: int = 1

    def cron(self) -> str:
        """The line; empty for a custom one."""
        match self.preset:
            case Preset.HOURLY:
                return f"{self.minute} * * * *"
            case Preset.DAILY:
                return f"{self.minute} {self.hour} * * *"
            case Preset.WEEKLY:
                return f"{self.minute} {self.hour} * * {self.weekday}"
            case Preset.MONTHLY:
                return f"{self.minute} {self.hour} {self.day} * *"
        return ""

    def words(self) -> str:
        """In words; empty for a custom one."""
        clock = f"{self.hour:02}:{self.minute:02}"
        match self.preset:
            case Preset.HOURLY:
                return f"Every hour at minute {self.minute}" if self.minute else "Every hour"
            case Preset.DAILY:
                return f"Every day at {clock}"
            case Preset.WEEKLY:
                return f"Every {_WEEKDAY_NAMES[self.weekday]} at {clock}"
            case Preset.MONTHLY:
                few = f", in months that have a day {self.day}" if self.day > 28 else ""
                return f"On day {self.day} of every month at {clock}{few}"
        return ""


def preset(name: str) -> str:
    """The line of a preset by its name, as it is first offered; empty for `custom`.

    Raises:
        ValueError: there is no such preset.
    """
    return Shape(Preset(name)).cron()


def preset_of(text: str) -> str:
    """The name of the preset that a line is; `custom` for all others and for what is no cron line."""
    return shape_of(text).preset.value


def shape_of(text: str) -> Shape:
    """The preset that a line is, with its numbers; the first ones offered where it is none."""
    try:
        minute, hour, day, month, weekday = canonical(text).split()
    except ValueError:
        return Shape(Preset.CUSTOM)
    numbers = {
        name: int(field)
        for name, field in (("minute", minute), ("hour", hour), ("day", day))
        if field.isdigit()
    }
    if weekday in _WEEKDAYS:
        weekday = str(_WEEKDAYS.index(weekday))
    if weekday.isdigit():
        numbers["weekday"] = int(weekday) % 7
    given = tuple("n" if field.isdigit() else field for field in (minute, hour, day, month, weekday))
    kinds: dict[tuple[str, ...], Preset] = {
        ("n", "*", "*", "*", "*"): Preset.HOURLY,
        ("n", "n", "*", "*", "*"): Preset.DAILY,
        ("n", "n", "*", "*", "n"): Preset.WEEKLY,
        ("n", "n", "n", "*", "*"): Preset.MONTHLY,
    }
    found = kinds.get(given, Preset.CUSTOM)
    return Shape(Preset.CUSTOM) if found is Preset.CUSTOM else Shape(found, **numbers)


def canonical(text: str) -> str:
    """Five fields in one spelling: names small, L and W large, no zeros in front, `*` for `?`.

    Raises:
        ValueError: in one line, what is wrong and what to write instead.
    """
    line = text.strip()
    if len(line) > MOST_CHARACTERS:
        raise ValueError(f"at most {MOST_CHARACTERS} characters; write five short fields such as {EXAMPLE}")
    if not line.isascii() or not line.replace("\t", " ").isprintable():
        raise ValueError(f"only plain letters, digits and * , - / are possible; write it as in {EXAMPLE}")
    line = line.lower()
    words = _ALIASES.get(line, line).split()
    if len(words) != len(_FIELDS):
        raise ValueError(_not_five(line, len(words)))
    fields = [_field(field, word) for field, word in zip(_FIELDS, words, strict=True)]
    day, weekday = fields[2], fields[4]
    if day != "*" and weekday != "*" and set(day + weekday) & {"#", "L", "W"}:
        # Either of them is meant by cron, both at once by the programs that know these signs
        raise ValueError("a day and a weekday with # or L can be read in two ways; write * for one of them")
    return " ".join(fields)


def _not_five(line: str, count: int) -> str:
    if line.startswith("@"):
        return (
            f"{_quoted(line)} is not possible; write {', '.join(_ALIASES)}, or five fields such as {EXAMPLE}"
        )
    if clock := _CLOCK.fullmatch(line):
        return f"a time of day is written minute first; write {int(clock[2])} {int(clock[1])} * * *"
    if count in {6, 7}:
        return f"seconds and years are not possible; write five fields such as {EXAMPLE}"
    return f"five fields are needed (minute hour day month weekday), not {count}; write it as in {EXAMPLE}"


def _field(field: _Field, word: str) -> str:
    items = word.split(",")
    if len(items) > MOST_ITEMS:
        raise ValueError(f"{field.name}: at most {MOST_ITEMS} values; write a range such as 1-5, or */2")
    if word == "?" and field.name in {"day", "weekday"}:
        return "*"
    found = [_special(field, item) or _span(field, item) for item in items]
    if len(found) > 1 and any(item[-1] == "W" for item in found):
        raise ValueError(f"{field.name}: W is possible with a single day only; write one such as 15W")
    return ",".join(dict.fromkeys(found))


def _special(field: _Field, item: str) -> str:
    """What only days and weekdays know: the last one, the nearest to a date, the n-th of a month."""
    if field.name == "day":
        if item == "l":
            return "L"
        if nearest := _NEAREST.fullmatch(item):
            return f"{_value(field, nearest[1])}W"
    if field.name == "weekday":
        if last := _LAST.fullmatch(item):
            return f"{int(last[1] or last[2]) % 7}L"
        if nth := _NTH.fullmatch(item):
            return f"{_value(field, nth[1]) % 7}#{nth[2]}"
    return ""


def _span(field: _Field, item: str) -> str:
    span = _SPAN.fullmatch(item)
    if span is None:
        raise ValueError(_not_a_value(field, item))
    first, last, step = span[1], span[2], span[3]
    if first == "*":
        if last:
            raise ValueError(_not_a_value(field, item))
        return f"*{_step(field, item, step)}"
    start = _value(field, first)
    if not last:
        if step:
            # Programs differ: from there on, or that value only
            write = first if start >= field.most else f"{first}-{_end(field)}/{step}"
            raise ValueError(f"{field.name}: {_quoted(item)} can be read in two ways; write {write}")
        return first if first in field.names else str(start)
    end = _value(field, last)
    if start == end:
        raise ValueError(f"{field.name}: {_quoted(item)} is a range of one; write {first}")
    if start > end and step:
        raise ValueError(
            f"{field.name}: {_quoted(item)} goes over the end; write {first}-{_end(field)}/{step}, then the rest"
        )
    if field.name == "weekday" and (start, end) == (0, 7):
        return f"*{_step(field, item, step)}"
    spelled = [word if word in field.names else str(int(word)) for word in (first, last)]
    return f"{spelled[0]}-{spelled[1]}{_step(field, item, step)}"


def _step(field: _Field, item: str, step: str | None) -> str:
    if step is None:
        return ""
    most = field.most - field.least + (field.name != "weekday")
    if _NUMBER.fullmatch(step) is None or not 1 <= int(step) <= most:
        raise ValueError(
            f"{field.name}: the step in {_quoted(item)} must be from 1 to {most}; "
            "for other times between runs give them in place of a cron line"
        )
    return f"/{int(step)}" if int(step) > 1 else ""


def _value(field: _Field, word: str) -> int:
    if word in field.names:
        return field.names.index(word) + field.first_named
    if _NUMBER.fullmatch(word) and field.least <= int(word) <= field.most:
        return int(word)
    raise ValueError(_not_a_value(field, word))


def _not_a_value(field: _Field, word: str) -> str:
    if word[:1] in {"r", "h"} and _value_free(word):
        return (
            f"{field.name}: {_quoted(word)} would be left to chance; write a number from {field.least} to "
            f"{field.most}, and let jitter move the start"
        )
    named = f" or {field.names[0]} to {field.names[-1]}" if field.names else ""
    return f"{field.name}: {_quoted(word)} is not possible; write {field.least} to {field.most}{named}, or *"


def _value_free(word: str) -> bool:
    """Whether a word is the sign for chance: R, H, R(0-5), H/2."""
    return re.fullmatch(r"[rh](?:\([^)]*\)?)?(?:/.*)?", word) is not None


def _end(field: _Field) -> str:
    return field.names[-1] if field.names else str(field.most)


def _quoted(word: str) -> str:
    return repr(word if len(word) <= 20 else f"{word[:20]}…")
