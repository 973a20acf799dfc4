"""Time zones by their names, as in Europe/Berlin."""

from __future__ import annotations

import os
import zoneinfo
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

_MACHINE = Path("/etc/localtime")
_FOLDER = "zoneinfo/"
_LONGEST = 64


def check(text: str) -> str:
    """The name of a zone as it is spelled; empty stays empty: this machine's.

    Raises:
        ValueError: there is no such zone.
    """
    name = text.strip()
    if not name or _find(name) is not None:
        return name
    if len(name) > _LONGEST:
        raise ValueError("that is no time zone: write it as in Europe/Berlin")
    by_folded = {known.casefold(): known for known in names()}
    if found := by_folded.get(name.casefold().replace(" ", "_")):
        return found
    # People remember the city: berlin, New York
    folded = name.casefold().replace(" ", "_")
    cities = [known for known in names() if known.rpartition("/")[2].casefold() == folded and "/" in known]
    if len(cities) == 1:
        return cities[0]
    near = cities or [by_folded[one] for one in get_close_matches(folded, by_folded, 1, 0.75)]
    hint = f"did you mean {near[0]}?" if near else "write it as in Europe/Berlin"
    raise ValueError(f"there is no time zone {name!r}: {hint}")


def zone(text: str = "") -> ZoneInfo:
    """The zone of a checked name; empty: this machine's.

    Raises:
        ValueError: there is no such zone.
    """
    if not text:
        return _machine()
    found = _find(check(text))
    if found is None:
        raise ValueError(f"there is no time zone {text!r}")
    return found


def name_of(found: ZoneInfo) -> str:
    """What a zone is called; a machine's own may have no name."""
    return found.key or "local time"


@lru_cache(maxsize=1)
def names() -> tuple[str, ...]:
    """Every zone there is, in order; for completion."""
    return tuple(sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}))


def _find(name: str) -> ZoneInfo | None:
    # The first two are the same clocks with other names, or counted with leap seconds
    if name.startswith(("posix/", "right/")) or name in {"localtime", "posixrules", "Factory"}:
        return None
    if len(name) > _LONGEST or not name.isascii():
        return None
    try:
        return ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _machine() -> ZoneInfo:
    """The zone of `TZ`, else of the machine's settings, else UTC."""
    told = os.environ.get("TZ", "").removeprefix(":")
    if found := _find(told.rpartition(_FOLDER)[2]):
        return found
    try:
        real = _MACHINE.resolve(strict=True).as_posix()
    except (OSError, RuntimeError):
        return ZoneInfo("UTC")
    if _FOLDER in real and (found := _find(real.rpartition(_FOLDER)[2])):
        return found
    return _copied(real)


@lru_cache(maxsize=4)
def _copied(path: str) -> ZoneInfo:
    """A zone that stands in a file of its own, without a name."""
    try:
        with Path(path).open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return ZoneInfo("UTC")
