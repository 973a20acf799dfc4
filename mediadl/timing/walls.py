"""Between the clock on the wall and real time: walls are naive datetimes, moments are epoch seconds."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


def wall_at(at: float, zone: ZoneInfo) -> datetime:
    """What a clock in the zone shows, to the second; its `fold` says which of two equal ones."""
    return datetime.fromtimestamp(math.floor(at), zone).replace(tzinfo=None)


def moments_of(wall: datetime, zone: ZoneInfo) -> tuple[float, ...]:
    """When a clock in the zone shows this: once, twice in the night it goes back, never in the gap of the other."""
    first = wall.replace(tzinfo=zone, fold=0)
    second = wall.replace(tzinfo=zone, fold=1)
    before, after = first.utcoffset(), second.utcoffset()
    if before == after:
        return (first.timestamp(),)
    # Of a wall in the gap the second moment lies before the first
    return (first.timestamp(), second.timestamp()) if second.timestamp() > first.timestamp() else ()


def moment_of(wall: datetime, zone: ZoneInfo) -> float:
    """When a clock in the zone shows this for the first time; in the gap, the moment it jumps over it."""
    shown = moments_of(wall, zone)
    if shown:
        return shown[0]
    early = wall.replace(tzinfo=zone, fold=1).timestamp()
    late = wall.replace(tzinfo=zone, fold=0).timestamp()
    change = change_between(early, late, zone)
    return late if change is None else change


def change_between(early: float, late: float, zone: ZoneInfo) -> float | None:
    """The moment within `(early, late]` when the clock is put forward or back; None: it is not. At most one is seen."""
    low, high = math.floor(early), math.floor(late)
    before = _offset_s(low, zone)
    if _offset_s(high, zone) == before:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_s(middle, zone) == before:
            low = middle
        else:
            high = middle
    return float(high)


def goes_forward(change: float, zone: ZoneInfo) -> bool:
    """Whether the clock is put forward at this change, not back."""
    return _offset_s(math.floor(change), zone) > _offset_s(math.floor(change) - 1, zone)


def is_shown_again(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether this is the first of the two times that the clock shows the same."""
    return wall.fold == 0 and len(moments_of(wall, zone)) == 2


def readable(at: float) -> bool:
    """Whether calendars reach that far, with room for a walk of some years."""
    return 0 <= at < _LAST


def clamped(at: float) -> float:
    """A moment that calendars reach: clocks may say anything."""
    return min(max(at, 0.0), _LAST)


def _offset_s(at: float, zone: ZoneInfo) -> float:
    offset = datetime.fromtimestamp(at, zone).utcoffset()
    return 0.0 if offset is None else offset.total_seconds()


_LAST = datetime(9000, 1, 1, tzinfo=UTC).timestamp()
