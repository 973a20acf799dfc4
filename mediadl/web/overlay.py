"""True images over the gallery's tiles: what a terminal tells of them, and what of that a page may hear."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from mediadl.web.frames import HEIGHTS, WIDTHS

if TYPE_CHECKING:
    from mediadl.widgets.gallery_overlay import Overlay, Overlays

CALM_S = 0.2
"""How long pictures must have stood still before images are laid over them."""

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_GREATEST_ID = 10**18
_MOST_ITEMS = 4000
"""More tiles than the largest terminal holds."""


class Timer(Protocol):
    """Something that happens later."""

    def stop(self) -> None:
        """Let it not happen."""


class OverlayTeller:
    """Tells the page where images lie. What is no longer true goes at once, what is new comes when it stands still."""

    def __init__(
        self,
        tell: Callable[[dict[str, object]], None],
        later: Callable[[float, Callable[[], None]], Timer],
    ) -> None:
        self._tell = tell
        self._later = later
        self._told: tuple[Overlay, ...] = ()
        self._seen: tuple[Overlay, ...] = ()
        self._ground = ""
        self._waiting: Timer | None = None

    def look(self, now: Overlays | None) -> None:
        """Take what a frame shows; None: no gallery."""
        items = now.items if now is not None else ()
        if now is not None and now.ground != self._ground:
            self._ground = now.ground
            self._say(())
        if items == self._seen and (items == self._told or self._waiting is not None):
            return
        shown = set(items)
        if not shown.issuperset(self._told):
            self._say(tuple(one for one in self._told if one in shown))
        if self._waiting is not None and not shown.issuperset(self._seen):
            self._waiting.stop()
            self._waiting = None
        self._seen = items
        if items != self._told and self._waiting is None:
            self._waiting = self._later(CALM_S, self._settle)

    def _settle(self) -> None:
        self._waiting = None
        self._say(self._seen)

    def _say(self, items: tuple[Overlay, ...]) -> None:
        if items == self._told:
            return
        self._told = items
        places = [[one.id, one.x, one.y, one.w, one.h] for one in items]
        self._tell({"type": "overlay", "ground": self._ground, "items": places})


def frame_of(told: Mapping[str, Any]) -> str | None:
    """The frame for the page; None: what was told has not the known shape."""
    match told:
        case {"type": "overlay", "ground": str(ground), "items": list(items), **others} if not others:
            if _COLOUR.fullmatch(ground) and len(items) <= _MOST_ITEMS and all(map(_is_place, items)):
                return json.dumps(["overlay", {"ground": ground, "items": items}])
    return None


def _is_place(item: object) -> bool:
    """Whether it is `[id, x, y, w, h]`, within the largest terminal."""
    match item:
        case [int(number), int(x), int(y), int(w), int(h)] if bool not in map(type, item):
            inside = min(x, y) >= 0 and x + w <= WIDTHS[1] and y + h <= HEIGHTS[1]
            return inside and min(w, h) > 0 and 0 < number < _GREATEST_ID
    return False
