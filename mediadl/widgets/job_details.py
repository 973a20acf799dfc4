"""One job in full, as text: its facts, and why it stands where it does. Pure functions."""

from __future__ import annotations

import time
from collections.abc import Mapping

from textual.content import Content

from mediadl.models import ENDED_STATUSES, Job, JobStatus
from mediadl.security.text import safe_lines, safe_text
from mediadl.settings.filter_words import described
from mediadl.widgets import job_cure, job_text
from mediadl.widgets.amounts import size, span, speed
from mediadl.widgets.palette import STYLES
from mediadl.widgets.when import local

STRIP_KEYS: Mapping[str, str] = {name: job_cure.ACTIONS[name] for name in ("session", "copy", "retry")}
"""Cures that the list of jobs offers too."""

_BAR_CELLS = 30


def facts(job: Job, now: float, *, tight: bool = False) -> Content:
    """Title, address, state and numbers; `tight`: without blank lines."""
    lines = [
        Content.styled(job_text.title(job), "bold"),
        Content.styled(safe_text(job.url, limit=300), "$foreground-muted"),
        *([] if tight else [Content("")]),
        Content.assemble(
            (f"{job_text.GLYPHS[job.status]} {job_text.status_word(job)}", "bold"), f"  {_progress(job, now)}"
        ),
        Content.styled(_about(job), "$foreground-muted"),
    ]
    if job.status is JobStatus.ACTIVE:
        bar = [(text, STYLES[name]) for text, name in job_text.progress_parts(job, _BAR_CELLS)]
        lines.insert(3 if tight else 4, Content.assemble(*bar, "  ", (job_text.stage(job), "italic")))
    if job.tried:
        lines.append(Content.assemble(("Tried before  ", "$foreground-muted"), safe_text(job.tried)))
    if job.options:
        plain = sorted((k, v) for k, v in job.options.items() if k not in {"filters", "pick"})
        chosen = ", ".join(f"{safe_text(k)}={safe_text(v)}" for k, v in plain)
        if chosen:
            lines.append(Content.assemble(("Options  ", "$foreground-muted"), chosen))
        if only := "; ".join(safe_text(one) for one in described(job.options)):
            lines.append(Content.assemble(("Only  ", "$foreground-muted"), only))
    return Content("\n").join(lines)


def failure(job: Job, now: float, *, keys: Mapping[str, str] = STRIP_KEYS) -> Content | None:
    """Why the job failed or waits: title, cause, what helps, and the keys that do it; `None` when all is well.

    `keys` are those of the actions that can be done here, by name.
    """
    if not job_cure.is_troubled(job):
        return None
    headline, cause, step = job_text.failure_lines(job)
    style = "bold $text-error" if is_grave(job) else "bold $text-warning"
    when = job_text.waits(job, now)
    at = f" (at {local(job.not_before, now)})" if when and job.not_before is not None else ""
    lines = [
        Content.assemble(
            (f"{job_text.GLYPHS[job.status]} {headline}", style), f"  {f'goes on {when}{at}' if when else ''}"
        )
    ]
    if cause:
        lines.append(Content(safe_lines(cause)))
    if step:
        lines.append(Content.assemble(("What helps  ", "bold"), step))
    done: list[str | tuple[str, str]] = []
    for cure in job_cure.cures(job):
        if cure.action in keys:
            done += ["     " if done else "", (keys[cure.action], "bold $text-accent"), f" {cure.label}"]
    if done:
        lines.append(Content.assemble(*done))
    return Content("\n").join(lines)


def is_grave(job: Job) -> bool:
    """Whether the trouble needs a person."""
    return job.status is JobStatus.FAILED


def no_items(job: Job) -> str:
    """What stands in the place of an empty list of items."""
    if job.status is JobStatus.ACTIVE:
        return "Looking for media…"
    return "No items were found yet." if job.status not in ENDED_STATUSES else "No items were found."


def _progress(job: Job, now: float) -> str:
    pieces = []
    # At work, the bar says it
    if job.status not in {JobStatus.COMPLETED, JobStatus.ACTIVE} and (
        job.bytes_total is not None or job.progress
    ):
        pieces.append(f"{min(int(job.progress), 99)}%")
    if job.bytes_total is not None:
        pieces.append(f"{size(job.bytes_done)} of {size(job.bytes_total)}")
    elif job.bytes_done:
        pieces.append(size(job.bytes_done))
    if job.status is JobStatus.ACTIVE:
        pieces.append(speed(job.speed_bytes_per_s))
        left = job_text.eta_s(job, now)
        pieces.append(f"{span(left)} left" if left is not None else "")
    found = job_text.items(job)
    pieces.append(f"items {found}" if found else "")
    left_out = "left out" if "filters" in job.options else "already there"
    pieces.append(f"{job.items_skipped:,} {left_out}" if job.items_skipped else "")
    pieces.append(f"{job.items_failed:,} failed" if job.items_failed else "")
    return " · ".join(piece for piece in pieces if piece)


def _about(job: Job) -> str:
    pieces = [" ".join(filter(None, (safe_text(job.platform), safe_text(job.content_type))))]
    if job.backend:
        pieces.append(f"via {safe_text(job.backend)}")
    pieces.append(f"priority {job.priority.word}")
    if job.attempts:
        pieces.append(f"try {job.attempts} of {job.max_attempts}")
    for word, moment in (("added", job.created_at), ("started", job.started_at), ("ended", job.finished_at)):
        if moment is not None:
            pieces.append(f"{word} {time.strftime('%d %b %H:%M', time.localtime(moment))}")
    return " · ".join(pieces)
