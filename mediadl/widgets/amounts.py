"""Numbers as people read them: sizes, speeds, spans of time. Pure functions, used by every widget."""

from __future__ import annotations

_UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


def size(size_bytes: float | None) -> str:
    """A size in at most seven cells, such as `512 B`, `4.2 MB`, `340 GB`; empty when unknown."""
    if size_bytes is None:
        return ""
    value = float(max(size_bytes, 0))
    unit = 0
    # 999.5 would be rounded to a four-digit number
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value /= 1000
        unit += 1
    number = f"{value:.1f}" if unit and value < 9.95 else f"{value:.0f}"
    return f"{number} {_UNITS[unit]}"


def speed(bytes_per_s: float) -> str:
    """A speed, such as `4.2 MB/s`; empty when nothing moves."""
    return f"{size(bytes_per_s)}/s" if bytes_per_s >= 1 else ""


def span(seconds: float | None) -> str:
    """A span of time in at most six cells: `0:07`, `12:30`, `3h05`, `2d04h`; empty when unknown."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds + 0.5))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02}"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02}"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02}h" if days < 100 else f"{days}d"


def count(number: int) -> str:
    """A number with thin grouping: `12,345`."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """`1 job`, `3 jobs`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
