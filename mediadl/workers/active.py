"""An active job as the supervisor holds it: the run, and what is watched around it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mediadl.pipeline.job_run import JobRun
from mediadl.store import jobs
from mediadl.store.locks import boot_time_s

LEASE_S = 30.0

T = TypeVar("T")


@dataclass(slots=True)
class Active:
    """A run with what the supervisor needs around it."""

    run: JobRun
    root: Path
    """The download folder."""
    reserve_bytes: int
    """To stay free there."""
    held: bool = False
    """Its runner is not listened to at the moment."""
    engine_bytes: int = -1
    """What the engine had when it last moved; -1: it downloads nothing itself."""
    engine_moved_at: float = 0.0
    """Monotonic."""
    waits_until: float = 0.0
    """Monotonic; when its runner goes on after a pause it announced."""
    last_row: jobs.ProgressRow | None = None


def changed_rows(runs: Iterable[Active], now: float) -> list[jobs.ProgressRow]:
    """How far the runs are of which that is other than when it was asked last. `now`: epoch seconds."""
    rows = []
    for active in runs:
        row = progress_row(active.run, now)
        if row != active.last_row:
            active.last_row = row
            rows.append(row)
    return rows


def progress_row(run: JobRun, now: float) -> jobs.ProgressRow:
    """How far a run is, for the database. `now`: epoch seconds."""
    done, total, speed = run.meter.bytes_done(), run.bytes_total(), run.meter.speed_bytes_per_s()
    remaining = total - done if total is not None else None
    return jobs.ProgressRow(
        job_id=run.job.id,
        fence=run.job.fence,
        progress=run.percent(),
        bytes_done=done,
        bytes_total=total,
        speed_bytes_per_s=speed,
        items_total=run.tally.expected,
        items_stored=run.tally.stored,
        items_skipped=run.tally.skipped + run.tally.refused,
        items_failed=run.tally.failed,
        # Whole seconds: a row that only trembles is not written again
        estimated_completion=round(now + remaining / speed) if remaining is not None and speed > 0 else None,
    )


def emptied(values: list[T]) -> list[T]:
    """What was in a list that is empty from now on."""
    taken = values[:]
    values.clear()
    return taken


def lease_until() -> float:
    """When the lease of a job that is at work now runs out unless it is lengthened, on the clock of leases."""
    return boot_time_s() + LEASE_S
