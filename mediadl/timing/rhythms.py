"""What makes due times: a cron line, a fixed time between them, or the sources' own pace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from mediadl.timing.cron import Cron

MOST_COUNTED = 500
"""Due times that nobody was there for are counted up to here."""
LEAST_EVERY_S, MOST_EVERY_S = 3600.0, 604_800.0
"""Bounds of adaptive pauses where none were told."""

_FIRST_LOOK_BACK_S = 3600.0
_WIDER = 24


class Rhythm(Protocol):
    """Makes due times, always the same ones."""

    def at_or_after(self, moment: float, pause_s: float) -> float | None:
        """The first due time from a moment on."""

    def after(self, due_at: float, pause_s: float) -> float | None:
        """The one after a due time."""

    def beyond(self, due_at: float, now: float, pause_s: float) -> float | None:
        """The first one after a due time that lies beyond `now`."""

    def newest(self, due_at: float, until: float) -> tuple[float, int]:
        """The last due time up to a moment, but not before `due_at`, and how many come between these two.

        The one at the end counts, `due_at` does not; no more than `MOST_COUNTED` are counted.
        """

    def gap_s(self, due_at: float) -> float:
        """The time until the next one, at least; infinite: there is none."""

    def words(self) -> str:
        """In words."""


@dataclass(frozen=True, slots=True)
class ByCron:
    """As a cron line says, by the clock of a zone."""

    cron: Cron
    zone: ZoneInfo

    def at_or_after(self, moment: float, pause_s: float) -> float | None:
        """The first due time from a moment on."""
        due_at = self.cron.after(max(0.0, moment - 1), self.zone)
        return due_at if due_at is None or due_at >= moment else self.cron.after(moment, self.zone)

    def after(self, due_at: float, pause_s: float) -> float | None:
        """The one after a due time."""
        return self.cron.after(due_at, self.zone)

    def beyond(self, due_at: float, now: float, pause_s: float) -> float | None:
        """The first one after a due time and beyond `now`."""
        return self.cron.after(max(due_at, now), self.zone)

    def newest(self, due_at: float, until: float) -> tuple[float, int]:
        """The last one up to a moment; see `Rhythm`."""
        found, count = self._walk(due_at, until)
        if count < MOST_COUNTED:
            return found, count
        # Years of minutes: look from the end
        back_s = _FIRST_LOOK_BACK_S
        while True:
            start = max(found, until - back_s)
            last = start
            while (further := self.cron.after(last, self.zone)) is not None and further <= until:
                last = further
            if last > start or start == found:
                return last, count
            back_s *= _WIDER

    def gap_s(self, due_at: float) -> float:
        """The time until the next one."""
        following = self.cron.after(due_at, self.zone)
        return math.inf if following is None else following - due_at

    def words(self) -> str:
        """In words."""
        return self.cron.explain()

    def _walk(self, due_at: float, until: float) -> tuple[float, int]:
        found, count = due_at, 0
        while count < MOST_COUNTED:
            further = self.cron.after(found, self.zone)
            if further is None or further > until:
                break
            found, count = further, count + 1
        return found, count


@dataclass(frozen=True, slots=True)
class Every:
    """A fixed time apart, counted from an anchor: whenever somebody asks, it is the same row of moments."""

    every_s: float
    anchor_at: float

    def at_or_after(self, moment: float, pause_s: float) -> float | None:
        """The first due time from a moment on; the anchor is one."""
        return self._of(max(0, self._number(moment)))

    def after(self, due_at: float, pause_s: float) -> float | None:
        """The one after a moment."""
        number = max(0, self._number(due_at))
        # Of a due time itself, the next one
        return self._of(number if self._of(number) > due_at else number + 1)

    def beyond(self, due_at: float, now: float, pause_s: float) -> float | None:
        """The first one after a due time and beyond `now`."""
        return self.after(max(due_at, now), pause_s)

    def newest(self, due_at: float, until: float) -> tuple[float, int]:
        """The last one up to a moment; see `Rhythm`."""
        number = self._number(until)
        if self._of(number) > until:
            number -= 1
        found = self._of(number)
        if found <= due_at:
            return due_at, 0
        return found, min(MOST_COUNTED, math.ceil((found - due_at) / self.every_s - 1e-6))

    def gap_s(self, due_at: float) -> float:
        """The time until the next one."""
        return self.every_s

    def words(self) -> str:
        """In words."""
        return f"Every {span_words(self.every_s)}"

    def _of(self, number: int) -> float:
        return self.anchor_at + number * self.every_s

    def _number(self, moment: float) -> int:
        """Of the first one from a moment on; multiplied out, so that no rounding makes a moment twice."""
        number = math.ceil((moment - self.anchor_at) / self.every_s)
        while self._of(number - 1) >= moment:
            number -= 1
        while self._of(number) < moment:
            number += 1
        return number


@dataclass(frozen=True, slots=True)
class Adaptive:
    """As often as the sources post, within bounds. Each due time follows from the one before."""

    least_s: float
    most_s: float

    def at_or_after(self, moment: float, pause_s: float) -> float | None:
        """A pause after a moment; without a pause, the moment itself."""
        return moment + min(self.most_s, max(0.0, pause_s))

    def after(self, due_at: float, pause_s: float) -> float | None:
        """A pause later."""
        return due_at + self._step_s(pause_s)

    def beyond(self, due_at: float, now: float, pause_s: float) -> float | None:
        """As many pauses later as it takes to lie beyond `now`."""
        step_s = self._step_s(pause_s)
        found = due_at + max(1, math.floor((now - due_at) / step_s)) * step_s
        return found if found > now else found + step_s

    def newest(self, due_at: float, until: float) -> tuple[float, int]:
        """The one there is."""
        return due_at, 0

    def gap_s(self, due_at: float) -> float:
        """The shortest pause."""
        return self.least_s

    def words(self) -> str:
        """In words."""
        if self.least_s == self.most_s:
            return f"Every {span_words(self.least_s)}"
        return f"As often as the sources post: every {span_words(self.least_s)} to every {span_words(self.most_s)}"

    def _step_s(self, pause_s: float) -> float:
        return min(self.most_s, max(self.least_s, pause_s))


def rhythm_of(spec: Mapping[str, Any], *, anchor_at: float, zone: ZoneInfo) -> Rhythm:
    """What a schedule's fields say.

    Raises:
        ValueError: none, or more than one.
    """
    cron, every_s = str(spec.get("cron") or ""), float(spec.get("every_s") or 0)
    adaptive = bool(spec.get("adaptive"))
    if (bool(cron) + (every_s > 0) + adaptive) != 1:
        raise ValueError("one rule is needed: a cron line, a time between runs, or adaptive")
    if cron:
        return ByCron(Cron.parse(cron), zone)
    if every_s:
        if not 1 <= every_s < math.inf:
            raise ValueError("the time between runs must be a second at least")
        return Every(every_s, anchor_at)
    least_s = max(1.0, float(spec.get("least_every_s") or LEAST_EVERY_S))
    return Adaptive(least_s, max(least_s, float(spec.get("most_every_s") or MOST_EVERY_S)))


def span_words(seconds: float, *, one: str = "") -> str:
    """A span as people say it: `hour`, `90 minutes`, `36 hours`. `one`: what stands before a single one."""
    for size_s, name in ((604_800, "week"), (86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size_s and seconds % size_s == 0:
            count = int(seconds // size_s)
            return f"{one} {name}".strip() if count == 1 else f"{count} {name}s"
    return f"{seconds:g} seconds"
