"""When a schedule runs. Pure and immutable: the same question has the same answer after any restart.

A due time is computed from the rule alone, never from "now", and names a run for ever. Its start lies somewhat later:
moved by chance (the same for the same due time), then into the allowed hours.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from mediadl.timing import active, walls, zones
from mediadl.timing.rhythms import Adaptive, Rhythm, rhythm_of, span_words
from mediadl.timing.windows import Windows

GRACE_S = 600.0
"""A start that is later than this was missed."""
MOST_COMING = 100
_NIGHT_S = 6 * 3600.0
"""So near to a change of the clock, a run is marked with it."""


@dataclass(frozen=True, slots=True)
class Due:
    """One run to come."""

    due_at: float
    """The computed time: names the run."""
    start_at: float
    """When it begins."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a schedule whose time may have come."""

    run: Due | None
    """To be run now; None: nothing."""
    skipped: Due | None
    """Missed, and left out by the rule."""
    missed: int
    """Earlier due times that `run` or `skipped` stands for as well; counted up to `rhythms.MOST_COUNTED`."""
    next: Due | None
    """What is waited for; None: never again."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A run to come, as it is shown before anything is saved."""

    at: float
    """When it starts, chance left aside."""
    local: str
    """In its zone, such as `Tue 24 Nov 2026 02:30`."""
    marked: str
    """What is special about its night; empty: nothing."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a schedule runs."""

    rhythm: Rhythm
    zone: ZoneInfo
    windows: Windows
    jitter_s: float
    from_at: float | None
    until_at: float | None
    skips_missed: bool
    seed: str
    zone_name: str = ""
    """As it was told; empty: this machine's."""

    @classmethod
    def of(cls, spec: Mapping[str, Any], *, anchor_at: float, seed: str) -> Self:
        """The rule that a schedule's fields tell.

        Args:
            spec: the fields of `mediadl.settings.schedule.ScheduleSpec`; missing ones have their defaults.
            anchor_at: when the schedule was made: fixed times apart are counted from there, or from `active_from`.
            seed: anything that differs between schedules.

        Raises:
            ValueError: in one line, what is wrong.
        """
        zone_name = str(spec.get("time_zone") or "")
        zone = zones.zone(zone_name)
        from_at = active.begins(str(spec.get("active_from") or ""), zone)
        until_at = active.ends(str(spec.get("active_until") or ""), zone)
        if from_at is not None and until_at is not None and from_at >= until_at:
            raise ValueError("active from is later than active until: it would never run")
        anchor_at = anchor_at if from_at is None else max(anchor_at, from_at)
        return cls(
            rhythm=rhythm_of(spec, anchor_at=anchor_at, zone=zone),
            zone=zone,
            windows=Windows.parse(tuple(spec.get("windows") or ()), zone),
            jitter_s=max(0.0, float(spec.get("jitter_s") or 0)),
            from_at=from_at,
            until_at=until_at,
            skips_missed=str(spec.get("misfire") or "") == "skip",
            seed=seed,
            zone_name=zone_name,
        )

    def first(self, now: float, pause_s: float = 0) -> Due | None:
        """The first run from now on. `pause_s`: of an adaptive one; 0: at once."""
        begin = walls.clamped(now if self.from_at is None else max(now, self.from_at))
        return self._within(self.rhythm.at_or_after(begin, pause_s))

    def after(self, due_at: float, *, pause_s: float = 0) -> Due | None:
        """The run after another one. `pause_s`: of an adaptive one."""
        if self.from_at is not None and due_at < self.from_at:
            return self.first(self.from_at)
        return self._within(self.rhythm.after(walls.clamped(due_at), pause_s))

    def decide(self, due_at: float, now: float, *, pause_s: float = 0) -> Decision:
        """What becomes of a stored due time.

        Of several that have gone by, the newest one stands for all. Whatever the clock does, `next` lies after every
        due time that was dealt with.

        Args:
            due_at: what was waited for.
            now: the clock.
            pause_s: of an adaptive one, until the next.
        """
        now, waited = walls.clamped(now), self._due(walls.clamped(due_at))
        if now < waited.start_at:
            return Decision(None, None, 0, waited)
        newest, missed = self._newest(waited, now)
        following = self._within(self.rhythm.beyond(newest.due_at, self._gone(newest, now), pause_s))
        late = now - newest.start_at > GRACE_S
        if late and (self.skips_missed or (self.until_at is not None and now >= self.until_at)):
            return Decision(None, newest, missed, following)
        return Decision(newest, None, missed, following)

    def preview(self, now: float, count: int = 5) -> list[Coming]:
        """The next runs, as they would start; of an adaptive one the next, as nobody knows the others yet."""
        plain = replace(self, jitter_s=0.0)
        found: list[Coming] = []
        due = plain.first(now)
        while due is not None and len(found) < min(count, MOST_COMING):
            found.append(self._coming(due.start_at))
            if isinstance(self.rhythm, Adaptive):
                break
            due = plain.decide(due.due_at, due.start_at).next
        return found

    def words(self) -> str:
        """The rule in a line, such as `Every day at 02:30 (Europe/Berlin), between 01:00 and 06:00`."""
        parts = [f"{self.rhythm.words()} ({self.zone_name})" if self.zone_name else self.rhythm.words()]
        if self.windows:
            parts.append(self.windows.words())
        if self.jitter_s:
            parts.append(f"up to {span_words(self.jitter_s, one='1')} later")
        if self.from_at is not None:
            parts.append(f"from {self._day(self.from_at)}")
        if self.until_at is not None:
            parts.append(f"until {self._day(self.until_at - 1)}")
        return ", ".join(parts)

    def _within(self, due_at: float | None) -> Due | None:
        if due_at is None or not walls.readable(due_at):
            return None
        if self.until_at is not None and due_at >= self.until_at:
            return None
        return self._due(due_at)

    def _due(self, due_at: float) -> Due:
        return Due(due_at, self.windows.opens(due_at + self._chance_s(due_at)))

    def _chance_s(self, due_at: float) -> float:
        """Whole seconds; never up to the next due time, so that runs start in their order."""
        if not self.jitter_s:
            return 0.0
        most_s = min(self.jitter_s, self.rhythm.gap_s(due_at) - 1)
        drawn = hashlib.sha256(f"{self.seed}:{due_at:.3f}".encode("utf-8", "replace")).digest()[:8]
        return float(int(max(0.0, most_s) * (int.from_bytes(drawn, "big") / 2**64)))

    def _newest(self, waited: Due, now: float) -> tuple[Due, int]:
        """The newest due time that would have begun by now, and how many came before it."""
        # While the hours are closed, nothing begins that came due since
        closed_at = self.windows.closed_since(now)
        until = now if closed_at is None else closed_at
        if self.until_at is not None:
            until = min(until, self.until_at - 1)
        due_at, count = self.rhythm.newest(waited.due_at, until)
        found = self._due(due_at)
        while found.start_at > now and found.due_at > waited.due_at:
            due_at, count = self.rhythm.newest(waited.due_at, found.due_at - 1)
            found = self._due(due_at)
        return found, count

    def _gone(self, newest: Due, now: float) -> float:
        """Up to where nothing is waited for any more: only an adaptive one has no other due time before `now`."""
        return now if isinstance(self.rhythm, Adaptive) else newest.due_at

    def _coming(self, at: float) -> Coming:
        here = datetime.fromtimestamp(at, self.zone)
        local = f"{here:%a} {here.day} {here:%b %Y %H:%M}"
        midnight = datetime.combine(here.date(), time())
        start, end = (walls.moment_of(midnight + timedelta(days=day), self.zone) for day in (0, 1))
        change = walls.change_between(start, end, self.zone)
        if change is None or abs(change - at) > _NIGHT_S:
            return Coming(at, local, "")
        way = "forward" if walls.goes_forward(change, self.zone) else "back"
        return Coming(at, f"{local} {here:%Z}", f"the clock goes {way} this night")

    def _day(self, at: float) -> str:
        here = datetime.fromtimestamp(at, self.zone)
        return f"{here.day} {here:%b %Y}"
