"""Several programs doing the same work in turns, so that a busy moment of the machine hits all of them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

from benchmarks.measure import Cost, Unfit
from benchmarks.report import Goal, Group, Row

SPARE_RUNS = 3
"""Most disturbed runs of one program that are repeated."""
DISTURBED = 0.3
"""Part of the processors that others may take, our server among them."""
QUICK_S = 10.0
"""Slower runs wait for the server most of the time; they are not repeated."""

Once = Callable[[int], Cost]
"""One run, told its number; number 0 warms up and does not count."""


@dataclass(slots=True)
class _Contender:
    name: str
    once: Once
    times: int
    spare_runs: int = SPARE_RUNS
    costs: list[Cost] = field(default_factory=list)
    trouble: str = ""

    def go(self, number: int) -> None:
        """Do run `number`, unless this one is out or has done enough; a single run needs no warm-up.

        A quick run that others disturbed is repeated, up to a limit; the least disturbed one counts.
        """
        if self.trouble or number > self.times or (number == 0 and self.times == 1):
            return
        try:
            cost = self._told(self.once(number), number)
            while number and self.spare_runs and cost.disturbed > DISTURBED and cost.wall_s < QUICK_S:
                self.spare_runs -= 1
                # Another number: every run needs addresses of its own
                again = self._told(self.once(number + 10 * (SPARE_RUNS - self.spare_runs)), number)
                cost = min(cost, again, key=lambda one: one.disturbed)
        except (Unfit, FileNotFoundError, subprocess.TimeoutExpired) as error:
            self.trouble = str(error)
            print(f"  {self.name}: {error}", file=sys.stderr, flush=True)
            return
        if number:
            self.costs.append(cost)

    def _told(self, cost: Cost, number: int) -> Cost:
        told = f"{cost.wall_s:.2f} s, {cost.cpu_s:.2f} s CPU, others {cost.disturbed:.0%}"
        print(f"  {self.name}: {told}{'' if number else ' (warm-up)'}", file=sys.stderr, flush=True)
        return cost

    def middle(self, kind: str) -> float | None:
        """The median of its runs, "wall" or "CPU"; None when it is out."""
        if self.trouble or not self.costs:
            return None
        return median(cost.cpu_s if kind == "CPU" else cost.wall_s for cost in self.costs)


class Contest:
    """Programs take turns until each has its runs; one that fails drops out and is named below the table."""

    def __init__(self, group: Group, figure: str, ours: Once, *, times: int = 3) -> None:
        self._group = group
        self._figure = figure
        self._ours = _Contender("mediadl", ours, times)
        self._peers: list[tuple[_Contender, Goal | None, Goal | None]] = []

    def against(
        self, peer: str, once: Once, *, times: int = 3, wall: Goal | None = None, cpu: Goal | None = None
    ) -> None:
        """Add a peer and the goals for mediadl's ratio to it."""
        self._peers.append((_Contender(peer, once, times), wall, cpu))

    def run(self, *, cpu: bool = True) -> None:
        """Let them run and add two rows per peer, or only the one for the clock."""
        everyone = [self._ours, *(peer for peer, _, _ in self._peers)]
        for number in range(max(one.times for one in everyone) + 1):
            for one in everyone:
                one.go(number)
        for one in everyone:
            if one.trouble:
                self._group.notes.append(f"Not measured: {self._figure}, {one.name}: {one.trouble}.")
        shares = [f"{one.name} {median(c.disturbed for c in one.costs):.0%}" for one in everyone if one.costs]
        self._group.notes.append(
            f"{self._figure}: taken by others meanwhile, of all cores: {', '.join(shares)}."
        )
        for peer, wall_goal, cpu_goal in self._peers:
            self._row("wall", peer, wall_goal)
            if cpu:
                self._row("CPU", peer, cpu_goal)

    def _row(self, kind: str, peer: _Contender, goal: Goal | None) -> None:
        ours, theirs = self._ours.middle(kind), peer.middle(kind)
        self._group.rows.append(Row(f"{self._figure}, {kind}", "s", ours, peer.name, theirs, goal))

    def run_alone(self, goal: Goal) -> None:
        """Without peers: one row against a bound."""
        for number in range(self._ours.times + 1):
            self._ours.go(number)
        if self._ours.trouble:
            self._group.notes.append(f"Not measured: {self._figure}: {self._ours.trouble}.")
        self._group.rows.append(Row(self._figure, "s", self._ours.middle("wall"), goal=goal))
