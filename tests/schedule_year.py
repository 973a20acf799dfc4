"""A schedule over a simulated year: a clock that jumps, schedulers that die, sleep and race. Nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim

from mediadl.timing.rhythms import MOST_COUNTED
from mediadl.timing.rules import GRACE_S, Decision, Due, Rule

YEAR_S = 365 * 86_400.0
BACK_S = 86_400.0
"""What waits for a time so far ahead of the clock is reckoned anew, as the scheduler does."""

Fate = Literal["commit", "killed before", "killed after", "raced"]
Following = Callable[[float], float | None]
"""The due time after a moment, told by another program or by plain arithmetic."""


@dataclass(frozen=True, slots=True)
class Off:
    """Nobody looks for a while: switched off, asleep."""

    at_s: float
    for_s: float


@dataclass(frozen=True, slots=True)
class Jump:
    """Somebody sets the clock."""

    at_s: float
    by_s: float


@dataclass(slots=True)
class Figures:
    """What became of the due times."""

    runs: int = 0
    coalesced: int = 0
    skipped: int = 0
    refused: int = 0
    """Second tries for a due time, stopped by its row."""
    kills: int = 0
    mended: int = 0
    never: bool = False


@dataclass(slots=True)
class Year:
    """One schedule, its row, its runs and the clock."""

    rule: Rule
    spec: dict[str, Any]
    start_at: float
    following: Following | None
    """None: an adaptive one, whose times follow from what its sources do."""
    events: list[Off | Jump]
    fates: list[Fate]
    lags_s: list[float]
    pauses_s: list[float]
    real_s: float = 0.0
    skew_s: float = 0.0
    decisions: int = 0
    stored: Due | None = None
    rows: dict[float, str] = field(default_factory=dict)
    ran: dict[float, int] = field(default_factory=dict)
    known: set[float | None] = field(default_factory=set)
    """What the other reckoning said comes next."""
    figures: Figures = field(default_factory=Figures)

    @property
    def now(self) -> float:
        """What the clock says."""
        return self.start_at + self.real_s + self.skew_s

    def live(self) -> Figures:
        """Go through the year; every promise is asserted on the way."""
        self.stored = self.rule.first(self.now)
        if self.stored is not None and self.following is not None:
            self.is_due(self.stored.due_at)
        for event in [*sorted(self.events, key=lambda one: one.at_s), Off(YEAR_S, 0.0)]:
            self.work_until(event.at_s)
            if isinstance(event, Jump):
                self.skew_s += event.by_s
                self.mend()
            else:
                self.real_s = max(self.real_s, event.at_s + event.for_s)
        self.look()  # after the last night, one more look
        assert self.stored is None or self.stored.start_at > self.now
        assert set(self.ran.values()) <= {1}, "a due time ran twice"
        self.figures.never = self.stored is None
        return self.figures

    def work_until(self, end_s: float) -> None:
        """The scheduler wakes for each start, a little late."""
        while self.stored is not None:
            lag_s = self.lags_s[self.decisions % len(self.lags_s)]
            wake_s = max(self.real_s, self.stored.start_at - self.start_at - self.skew_s + lag_s)
            if wake_s >= end_s:
                break
            self.real_s = wake_s
            self.look()
        self.real_s = max(self.real_s, end_s)

    def look(self) -> None:
        """Deal with what is due, until nothing is."""
        while self.stored is not None and self.stored.start_at <= self.now:
            pause_s = self.pauses_s[self.decisions % len(self.pauses_s)]
            fate = self.fates[self.decisions % len(self.fates)]
            self.decisions += 1
            decision = self.rule.decide(self.stored.due_at, self.now, pause_s=pause_s)
            self.check(self.stored, decision)
            if fate == "killed before":
                self.figures.kills += 1
                self.real_s += 7.0  # another scheduler takes over
                again = self.rule.decide(self.stored.due_at, self.now, pause_s=pause_s)
                self.check(self.stored, again)
                decision = again
            self.commit(decision)
            if fate == "killed after":
                self.figures.kills += 1
                self.real_s += 7.0
            if fate == "raced":
                self.insert(decision)  # from one who read before the commit

    def commit(self, decision: Decision) -> None:
        """What one transaction writes."""
        self.insert(decision)
        self.stored = decision.next

    def insert(self, decision: Decision) -> None:
        """The row of the due time; whoever is second finds it."""
        due = decision.run or decision.skipped
        if due is None:
            return
        if due.due_at in self.rows:
            self.figures.refused += 1
            return
        self.rows[due.due_at] = "run" if decision.run else "skipped"
        self.figures.coalesced += decision.missed
        if decision.run:
            self.figures.runs += 1
            self.ran[due.due_at] = self.ran.get(due.due_at, 0) + 1
        else:
            self.figures.skipped += 1

    def mend(self) -> None:
        """A clock that was far ahead has led the schedule on."""
        if self.stored is not None and self.stored.due_at > self.now + BACK_S:
            mended = self.rule.first(self.now)
            if mended is not None and mended.due_at < self.stored.due_at:
                self.stored = mended
                self.figures.mended += 1

    def check(self, waited: Due, decision: Decision) -> None:
        """What a decision promises, against another reckoning of the due times."""
        due = decision.run or decision.skipped
        assert due is not None, "its start has come"
        assert not (decision.run and decision.skipped)
        assert waited.due_at <= due.due_at <= due.start_at <= self.now
        late_s = self.now - due.start_at
        until_at = self.rule.until_at
        if decision.skipped:
            assert late_s > GRACE_S
            assert self.spec.get("misfire") == "skip" or (until_at is not None and self.now >= until_at)
        if self.rule.windows:
            assert self.rule.windows.open_at(due.start_at)
        else:
            assert due.start_at - due.due_at <= self.rule.jitter_s
        if self.rule.from_at is not None:
            assert due.due_at >= self.rule.from_at
        assert until_at is None or due.due_at < until_at
        following = decision.next
        assert following is None or (following.due_at > due.due_at and following.start_at > self.now)
        if following is not None:
            assert due.start_at <= following.start_at
            assert self.rule.windows or due.start_at < following.due_at
        if self.following is None:
            assert (due, decision.missed) == (waited, 0)
            return
        self.is_due(due.due_at)
        # Nothing lies between what was dealt with and what is waited for next
        expected = self.following(due.due_at)
        if expected is not None and until_at is not None and expected >= until_at:
            expected = None
        assert (following and following.due_at) == expected
        self.known = {expected}
        assert decision.missed == self.between(waited.due_at, due.due_at)
        if not self.rule.windows and not self.rule.jitter_s and self.now - waited.due_at < 60:
            assert decision.missed == 0, "somebody was there in time"

    def is_due(self, at: float) -> None:
        """The other reckoning knows this due time, too."""
        assert self.following is not None
        assert at in self.known or self.following(at - 1) == at

    def between(self, first: float, last: float) -> int:
        """Due times after the first, up to the last, as far as they are counted."""
        assert self.following is not None
        count, at = 0, first
        while at < last and count < MOST_COUNTED:
            further = self.following(at)
            assert further is not None
            at, count = further, count + 1
        return count


def by_cron(text: str, zone: ZoneInfo) -> Following:
    """The due times of a cron line, as cronsim reads it."""

    @lru_cache(maxsize=64)
    def following(moment: float) -> float | None:
        return next(CronSim(text, datetime.fromtimestamp(moment, zone))).timestamp()

    return following


def by_number(every_s: int, anchor_at: int) -> Following:
    """The due times of a fixed time apart, in whole numbers."""

    def following(moment: float) -> float | None:
        return float(max(anchor_at, anchor_at + ((int(moment // 1) - anchor_at) // every_s + 1) * every_s))

    return following
