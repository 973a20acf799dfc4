"""One bar per job at work and one for all of them, with Rich; imported only when a person watches."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

from mediadl.cli.views import ending
from mediadl.events import Event
from mediadl.models import Download, Job, JobStatus
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import size, span, speed
from mediadl.widgets.job_text import title

_MOST_BARS = 12


class Bars:
    """A `View` for a terminal."""

    def __init__(self, jobs: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn(
                "{task.description}",
                markup=False,
                table_column=Column(ratio=2, no_wrap=True, overflow="ellipsis"),
            ),
            BarColumn(bar_width=None, table_column=Column(ratio=1, min_width=8)),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TextColumn("{task.fields[amount]:>8}", markup=False),
            TextColumn("{task.fields[speed]:>10}", markup=False),
            TextColumn("{task.fields[left]:>6}", markup=False),
            console=self._console,
            expand=True,
        )
        self._jobs = jobs
        self._done = 0
        self._bytes_ended = 0
        self._open: dict[int, Job] = {}
        self._bars: dict[int, TaskID] = {}
        self._total: TaskID | None = None

    def __enter__(self) -> Self:
        if self._jobs > 1:
            self._total = self._progress.add_task(
                self._total_words(), total=100 * self._jobs, amount="", speed="", left=""
            )
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._progress.stop()

    def heard(self, events: Sequence[Event]) -> None:
        """Nothing: changes show in how the jobs stand."""

    def moved(self, jobs: Sequence[Job]) -> None:
        """Draw the jobs at work."""
        for job in jobs:
            self._open[job.id] = job
            if job.status is JobStatus.ACTIVE:
                self._draw(job)
            elif job.id in self._bars:
                self._describe(job)
        self._draw_total()

    def ended(self, job: Job, files: list[Download]) -> None:
        """Take its bar away and say in a line how it ended."""
        self._open.pop(job.id, None)
        bar = self._bars.pop(job.id, None)
        if bar is not None:
            self._progress.remove_task(bar)
        self._done += 1
        self._bytes_ended += sum(file.size_bytes for file in files)
        good = job.status is JobStatus.COMPLETED
        line = Text("✓ " if good else "✗ ", style="green" if good else "red")
        self._console.print(line + Text(safe_text(ending(job, files), limit=2000)), soft_wrap=True)
        self._draw_total()

    def _draw(self, job: Job) -> None:
        if job.id not in self._bars:
            if len(self._bars) >= _MOST_BARS:
                return
            self._bars[job.id] = self._progress.add_task("", total=100, amount="", speed="", left="")
        self._describe(job)

    def _describe(self, job: Job) -> None:
        items = f" {job.items_stored}/{job.items_total}" if (job.items_total or 0) > 1 else ""
        waits = f" {job.status}" if job.status is not JobStatus.ACTIVE else ""
        self._progress.update(
            self._bars[job.id],
            description=f"{job.id} {title(job)}{items}{waits}",
            completed=job.progress,
            amount=size(job.bytes_done),
            speed=speed(job.speed_bytes_per_s),
            left=_left(job),
        )

    def _draw_total(self) -> None:
        if self._total is None:
            return
        moving = [job for job in self._open.values() if job.status is JobStatus.ACTIVE]
        self._progress.update(
            self._total,
            description=self._total_words(),
            completed=100 * self._done + sum(job.progress for job in self._open.values()),
            amount=size(self._bytes_ended + sum(job.bytes_done for job in self._open.values())),
            speed=speed(sum(job.speed_bytes_per_s for job in moving)),
        )

    def _total_words(self) -> str:
        return f"Total {self._done}/{self._jobs} jobs"


def _left(job: Job) -> str:
    if not job.bytes_total or job.speed_bytes_per_s < 1:
        return ""
    return span((job.bytes_total - job.bytes_done) / job.speed_bytes_per_s)
