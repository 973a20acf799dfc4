"""What watching jobs looks like: lines for a log, JSON for a script. Bars for a person are in `bars`."""

from __future__ import annotations

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from mediadl.cli import output
from mediadl.events import Event
from mediadl.models import Download, Job, JobStatus
from mediadl.service import records


class View(Protocol):
    """Shows how jobs do."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...

    def heard(self, events: Sequence[Event]) -> None:
        """Something happened to the jobs."""

    def moved(self, jobs: Sequence[Job]) -> None:
        """How open jobs stand now; those not named stand as before."""

    def ended(self, job: Job, files: list[Download]) -> None:
        """A job has come to its end, or waits for a person."""


class JsonView:
    """Each event a line; the last line of a job is its outcome."""

    _PROGRESS_S = 1.0

    def __init__(self) -> None:
        self._told: dict[int, tuple[float, tuple[Any, ...]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def heard(self, events: Sequence[Event]) -> None:
        """Print the events."""
        for event in events:
            output.record(records.event(event))

    def moved(self, jobs: Sequence[Job]) -> None:
        """Print progress, at most once a second per job."""
        now = time.monotonic()
        for job in jobs:
            state = (job.progress, job.bytes_done, job.items_stored, job.items_skipped, job.items_failed)
            at, before = self._told.get(job.id, (0.0, ()))
            if job.status is JobStatus.ACTIVE and state != before and now - at >= self._PROGRESS_S:
                self._told[job.id] = (now, state)
                output.record(records.progress(job))

    def ended(self, job: Job, files: list[Download]) -> None:
        """Print the outcome."""
        output.record(records.outcome(job, files))


class LineView:
    """A line per change and, now and then, one about progress; for logs."""

    _PROGRESS_S = 10.0

    def __init__(self) -> None:
        self._status: dict[int, tuple[JobStatus, str]] = {}
        self._told_at: dict[int, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def heard(self, events: Sequence[Event]) -> None:
        """Nothing: changes show in how the jobs stand."""

    def moved(self, jobs: Sequence[Job]) -> None:
        """Print what is new."""
        from mediadl.widgets.amounts import size, speed

        now = time.monotonic()
        for job in jobs:
            state = (job.status, job.reason)
            if self._status.get(job.id, (JobStatus.PENDING, "")) != state:
                self._status[job.id] = state
                self._told_at[job.id] = now
                why = f": {job.message or job.reason}" if job.reason else ""
                output.say(f"job {job.id} {job.status}{why}")
            elif job.status is JobStatus.ACTIVE and now - self._told_at.get(job.id, now) >= self._PROGRESS_S:
                self._told_at[job.id] = now
                moving = f", {speed(job.speed_bytes_per_s)}" if job.speed_bytes_per_s >= 1 else ""
                output.say(f"job {job.id} {job.progress:.0f} %, {size(job.bytes_done)}{moving}")

    def ended(self, job: Job, files: list[Download]) -> None:
        """Print how it ended."""
        output.say(ending(job, files))


def ending(job: Job, files: list[Download]) -> str:
    """How a job ended, in one line."""
    from mediadl.widgets.amounts import plural, size

    word = f"job {job.id} {job.status}"
    if job.status is not JobStatus.COMPLETED:
        step = records.next_step(job.reason)
        why = f": {(job.message or job.reason).rstrip('.')}." if job.reason or job.message else ""
        return f"{word}{why} {step}".rstrip()
    if len(files) == 1:
        return f"{word}: {files[0].path} ({size(files[0].size_bytes)})"
    if not files and job.message:
        return f"{word}: {job.message}"
    new = (
        f"{plural(len(files), 'file')}, {size(sum(f.size_bytes for f in files))}" if files else "nothing new"
    )
    known = f", {job.items_skipped} known already or not wanted" if job.items_skipped else ""
    return f"{word}: {new}{known}"
