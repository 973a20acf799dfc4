"""Reading JSON that may have any shape: each look gives the type asked for, or nothing."""

from __future__ import annotations

import re
from typing import Any

_COUNT = re.compile(r"\s*(\d{1,3}(?:[ ,]\d{3})+|\d{1,12}(?:\.\d{1,3})?)\s*([kmb]?)\s*\Z", re.IGNORECASE)
_TIMES = {"": 1, "k": 1_000, "m": 1_000_000, "b": 1_000_000_000}
_LATEST_S = 4_102_444_800.0
"""The year 2100: later moments are nonsense."""


def record(value: object, *path: str) -> dict[str, Any]:
    """The object at a path; an empty one when there is none."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def records(value: object) -> list[dict[str, Any]]:
    """The objects of a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def text(value: object) -> str:
    """A text, or a whole number as text; empty for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**30 else ""
    return ""


def address(value: object) -> str:
    """A web address; empty for anything else."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def size(value: object) -> int:
    """A number of pixels; 0 when it says nothing."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 100_000:
        return int(value)
    return 0


def moment(value: object) -> float | None:
    """Epoch seconds, given as number or as text; None when it is neither."""
    if isinstance(value, str) and re.fullmatch(r"\d{9,10}(?:\.\d+)?", value):
        value = float(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < _LATEST_S:
        return float(value)
    return None


def count(value: object) -> int | None:
    """How many, also as people write it (`6k`, `104.3K`, `1,204`); None when it is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value if 0 <= value < 10**15 else None
    found = _COUNT.match(value) if isinstance(value, str) else None
    if found is None:
        return None
    return round(float(re.sub(r"[ ,]", "", found[1])) * _TIMES[found[2].lower()])
