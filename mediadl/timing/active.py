"""From when until when a schedule is active: a date or a time of day there, in its own zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from mediadl.timing import walls

_DATE = len("2026-12-31")


def check(text: str) -> str:
    """A bound as it is spelled; empty: none.

    Raises:
        ValueError: in one line, what to write instead.
    """
    if not text.strip():
        return ""
    found, has_time = _read(text)
    if not has_time:
        return found.date().isoformat()
    return found.isoformat(sep=" ", timespec="minutes" if not found.second else "seconds")


def begins(text: str, zone: ZoneInfo) -> float | None:
    """The first moment of a date or time; None: no bound."""
    if not text.strip():
        return None
    return _moment(_read(text)[0], zone)


def ends(text: str, zone: ZoneInfo) -> float | None:
    """The last moment of a date or time, exclusive for a date: midnight after it; None: no bound."""
    if not text.strip():
        return None
    found, has_time = _read(text)
    return _moment(found if has_time else found + timedelta(days=1), zone)


def _moment(found: datetime, zone: ZoneInfo) -> float:
    return walls.moment_of(found, zone) if found.tzinfo is None else found.timestamp()


def _read(text: str) -> tuple[datetime, bool]:
    """What was written, and whether it says a time of day."""
    word = text.strip()
    wrong = ValueError(f"{word[:40]!r} is no date; write 2026-12-31 or 2026-12-31 18:00")
    try:
        found = datetime.fromisoformat(word)
    except ValueError:
        raise wrong from None
    if not 1971 <= found.year <= 8999:
        raise wrong
    has_time = len(word) > _DATE or found.time() != time()
    return found.replace(microsecond=0), has_time
