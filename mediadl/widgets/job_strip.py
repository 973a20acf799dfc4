"""The job under the cursor: its address, and what it waits for, failed of, or is doing."""

from __future__ import annotations

import time

from textual.content import Content
from textual.widgets import Static

from mediadl.models import Job, JobStatus
from mediadl.security.text import safe_text
from mediadl.widgets import job_details, job_text
from mediadl.widgets.amounts import size
from mediadl.widgets.columns import clip

_ROOMY = 6
"""Lines from which on there is room for everything."""


class JobStrip(Static):
    """The job under the cursor: two lines, or all of it where the window is high."""

    _said = Content("")

    def show(self, job: Job | None, now: float) -> None:
        """Say it; nothing for no job."""
        if job is None:
            self._say(Content(""))
            return
        if self.size.height >= _ROOMY:
            parts = [job_details.facts(job, now, tight=True), job_details.failure(job, now)]
            self._say(Content("\n").join(part for part in parts if part is not None))
            return
        width = max(self.size.width - 2, 10)
        title = clip(job_text.title(job), max(width // 2, 10))
        address = clip(safe_text(job.url), max(width - len(title) - 2, 0))
        first = Content.assemble((title, "bold"), "  ", (address, "$foreground-muted"))
        self._say(Content("\n").join([first, self._second(job, now, width)]))

    def _say(self, content: Content) -> None:
        # Its height is fixed: nothing around it moves
        if content != self._said:
            self._said = content
            self.update(content, layout=False)

    @staticmethod
    def _second(job: Job, now: float, width: int) -> Content:
        headline, cause, step = job_text.failure_lines(job)
        if headline and job.status in {JobStatus.FAILED, JobStatus.WAITING, JobStatus.PENDING}:
            style = "bold $text-error" if job.status is JobStatus.FAILED else "bold $text-warning"
            when = job_text.waits(job, now)
            text = ". ".join(part.rstrip(".") for part in (when, cause, step) if part)
            head = f"{job_text.GLYPHS[job.status]} {headline}"
            return Content.assemble((head, style), "  ", clip(text, max(width - len(head) - 2, 0)))
        return Content.assemble((clip(facts(job), width), "$foreground-muted"))


def facts(job: Job) -> str:
    """What is known of a job in one line."""
    pieces = [f"#{job.id}", safe_text(job.platform)]
    if job.content_type:
        pieces.append(safe_text(job.content_type))
    if job.backend:
        pieces.append(f"via {safe_text(job.backend)}")
    if job.bytes_total is not None and job.status is not JobStatus.COMPLETED:
        pieces.append(f"{size(job.bytes_done)} of {size(job.bytes_total)}")
    elif job.bytes_done:
        pieces.append(size(job.bytes_done))
    found = job_text.items(job)
    if found:
        pieces.append(f"items {found}")
    if job.attempts > 1:
        pieces.append(f"try {job.attempts} of {job.max_attempts}")
    pieces.append(f"added {time.strftime('%d %b %H:%M', time.localtime(job.created_at))}")
    if job.message and job.status is JobStatus.ACTIVE:
        pieces.append(safe_text(job.message))
    return " · ".join(pieces)
