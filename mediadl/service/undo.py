"""What a change to jobs was, as far as it takes to take it back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mediadl.models import Priority, Wanted
from mediadl.service.bulk import Progress, in_parts
from mediadl.store import jobs
from mediadl.store.database import Connection, Database


@dataclass(slots=True)
class UndoLog:
    """Give an empty one to a verb, it is filled; `QueueService.undo` then takes back what it did.

    Removed jobs come back with number, place, status and items; what was at work goes on where it was. Jobs with which
    something else has happened since are left alone.
    """

    removed: list[int] = field(default_factory=list)
    stood: list[tuple[Wanted, jobs.Standing]] = field(default_factory=list)
    ranked: list[tuple[int, Priority, Priority]] = field(default_factory=list)
    """(job, priority before, priority after)"""
    placed: list[tuple[int, float, float]] = field(default_factory=list)
    """(job, position before, position after)"""

    @property
    def size(self) -> int:
        """How many jobs it is about."""
        told = (self.removed, (was.job_id for _, was in self.stood), *(
            (entry[0] for entry in entries) for entries in (self.ranked, self.placed)
        ))  # fmt: skip
        return len({job_id for ids in told for job_id in ids})

    def __bool__(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self.removed or self.stood or self.ranked or self.placed)


def take_back(store: Database, log: UndoLog, progress: Progress | None = None) -> int:
    """Take back what the log says, the last thing first; returns how many jobs are as before."""
    back: set[int] = set()
    places = [(job_id, after, before) for job_id, before, after in reversed(log.placed)]

    def moves_back(
        tx: Connection, part: Sequence[tuple[int, float, float]]
    ) -> list[tuple[int, float, float]]:
        back.update(jobs.place(tx, part, time.time()))
        return []

    in_parts(store, places, moves_back, progress)

    def returns(tx: Connection, part: Sequence[int]) -> list[int]:
        return jobs.give_back(tx, part, time.time())

    back.update(in_parts(store, log.removed, returns, progress))
    stood: dict[Wanted, dict[int, jobs.Standing]] = {}
    for wish, was in log.stood:
        stood.setdefault(wish, {})[was.job_id] = was
    for wish, before in stood.items():

        def stands(
            tx: Connection,
            part: Sequence[int],
            wish: Wanted = wish,
            before: Mapping[int, jobs.Standing] = before,
        ) -> list[int]:
            return jobs.stand_again(tx, [before[job_id] for job_id in part], wish, time.time())

        back.update(in_parts(store, list(before), stands, progress))
    ranked: dict[tuple[Priority, Priority], list[int]] = {}
    for job_id, was_rank, rank in log.ranked:
        ranked.setdefault((was_rank, rank), []).append(job_id)
    # The last step first: one job may have gone several
    for (was_rank, rank), ids in reversed(ranked.items()):

        def ranks(
            tx: Connection, part: Sequence[int], was: Priority = was_rank, now: Priority = rank
        ) -> list[int]:
            return jobs.set_priority(tx, jobs.by_priority(tx, part).get(now, []), was, time.time())

        back.update(in_parts(store, ids, ranks, progress))
    return len(back)
