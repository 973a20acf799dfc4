"""What kinds of values there are and how people write them. Imports nothing slow: screens use it at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """How a value is shown and edited."""

    SWITCH = "switch"
    CHOICE = "choice"
    NUMBER = "number"
    SIZE = "size"
    """Bytes."""
    SPEED = "speed"
    """Bytes per second."""
    DURATION = "duration"
    """Seconds."""
    TEXT = "text"
    FOLDER = "folder"
    FILE = "file"
    WORDS = "words"
    """Several, separated by commas."""
    SECRET = "secret"
    """Never shown."""
    THEME = "theme"
    """Chosen by looking at it."""


class Tab(StrEnum):
    """Pages of the settings screen, in their order."""

    GENERAL = "General"
    PLATFORMS = "Platforms"
    NOTIFICATIONS = "Notifications"
    SECURITY = "Security"
    INTERFACE = "Interface"


class Source(StrEnum):
    """Where a value came from."""

    DEFAULT = "default"
    FILE = "file"
    ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Form:
    """What a field's type does not say about its place in forms; stands in the field's annotation."""

    kind: Kind | None = None
    """Empty: as the type says."""
    tab: Tab | None = None
    """Empty: the tab of its section."""
    zero: str = ""
    """What 0 means, in words."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as shown to people."""

    key: str
    """`section.name`."""
    value: Any
    default: Any
    source: Source
    title: str
    help: str
    kind: Kind
    tab: Tab
    allowed: str
    """What can be given, such as `a whole number from 1 to 32`."""
    choices: tuple[str, ...] = ()
    zero: str = ""
    """What 0 means, in words."""
    section_help: str = ""
    section_title: str = ""
    variable: str = ""
    """The environment variable that wins over the file."""

    @property
    def section(self) -> str:
        """The first half of the key."""
        return self.key.partition(".")[0]

    @property
    def text(self) -> str:
        """The value as a person would type it; nothing for a secret."""
        return typed_text(self.kind, self.value)

    @property
    def shown(self) -> str:
        """The value in words."""
        return shown_text(self.kind, self.value, self.zero)


@dataclass(frozen=True, slots=True)
class Sheet:
    """Every setting, read at one moment."""

    settings: tuple[Setting, ...]
    in_file: Mapping[str, Any]
    """What the file says, by key."""
    stamp: tuple[int, ...]
    """Changes whenever the file does."""
    strays: tuple[str, ...] = ()
    """Keys in the file that are no option of their platform; they are left alone."""


_SIZES = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "p": 10**15} | {
    "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40, "pi": 2**50
}  # fmt: skip
_SIZE = re.compile(
    r"^\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*([kmgtp]?i?)b?(?:yte|ytes)?(?:/s)?\s*$", re.IGNORECASE
)

_SPANS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60} | {
    "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400
}  # fmt: skip
_SPAN = re.compile(
    r"\s*([0-9]+(?:\.[0-9]*)?|\.[0-9]+)\s*(seconds?|sec|s|minutes?|min|m|hours?|h|days?|d)\b\s*",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[a-z])(?=[0-9])", re.IGNORECASE)

_MOST_DIGITS = 40
"""A number with more is not typed by a person, and Python is slow with very many."""


def parse_size(text: str) -> int | None:
    """Bytes of `10 GB`, `1.5G`, `500 MiB`, `2 MB/s`; `None` when it is no size with a unit."""
    found = _SIZE.match(text) if len(text) <= _MOST_DIGITS else None
    if found is None or found[2].lower() not in _SIZES or text.strip().replace(".", "", 1).isdigit():
        return None
    return round(Decimal(found[1]) * _SIZES[found[2].lower()])


def parse_duration(text: str) -> float | None:
    """Seconds of `30 s`, `1.5 min`, `1h30m`, `2 days`; `None` when it is no time with a unit."""
    if len(text) > _MOST_DIGITS:
        return None
    rest, total = _GLUED.sub(" ", text), 0.0
    if not rest.strip():
        return None
    while rest:
        found = _SPAN.match(rest)
        if found is None:
            return None
        unit = found[2].lower()
        total += float(found[1]) * _SPANS[unit if unit in _SPANS else unit.rstrip("s")]
        rest = rest[found.end() :]
    return total


def parse_words(text: str) -> list[str]:
    """Words between commas or line ends; empty ones are left out."""
    return [word for part in re.split(r"[,\n]", text) if (word := part.strip())]


def size_text(size_bytes: int) -> str:
    """A size exactly: `10 GB`, `1.5 MB`, `1234567 B`."""
    for unit, step in (("PB", 10**15), ("TB", 10**12), ("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= step and size_bytes * 100 % step == 0:
            whole, part = divmod(size_bytes * 100 // step, 100)
            return f"{whole}{f'.{part:02}'.rstrip('0') if part else ''} {unit}"
    return f"{size_bytes} B"


def duration_text(seconds: float) -> str:
    """A time exactly: `30 s`, `5 min`, `1 h 30 min`, `0.25 s`."""
    if seconds != int(seconds) or seconds < 60:
        return f"{seconds:.15g} s"
    rest, parts = int(seconds), []
    for unit, step in (("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)):
        number, rest = divmod(rest, step)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts)


def typed_text(kind: Kind, value: Any) -> str:
    """A value as a person would type it; nothing for a secret."""
    if kind is Kind.SECRET:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind is Kind.WORDS:
        return ", ".join(str(word) for word in value)
    if kind is Kind.SIZE:
        return size_text(value)
    if kind is Kind.SPEED:
        return f"{size_text(value)}/s"
    if kind is Kind.DURATION:
        return duration_text(value)
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def raw_text(value: Any) -> str:
    """A value as text that `set` takes and that loses nothing; also of a secret, so it is not for people."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def shown_text(kind: Kind, value: Any, zero: str = "") -> str:
    """A value in words: `on`, `no limit`, `not set`."""
    if kind is Kind.SECRET:
        return "set" if value else "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if zero and value == 0:
        return zero
    return typed_text(kind, value) or "none"
