"""What listeners are told: one shape for everything about a job."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from mediadl.errors import KINDS, Action, MediadlError
from mediadl.events import Event, EventKind
from mediadl.models import Job, JobStatus
from mediadl.modules import registry
from mediadl.security.text import safe_text
from mediadl.service import records

PROGRESS = "download_progress"
QUEUE = "queue_updated"
LOG = "log"
NOTIFICATION = "notification"

JOB_EVENTS = (PROGRESS, QUEUE)

_TOLD_OF = {
    JobStatus.COMPLETED: "info",
    JobStatus.FAILED: "error",
}


def of_job(kind: str, job: Job) -> dict[str, Any]:
    """A job as it is now."""
    return {
        "event": kind,
        "id": job.id,
        "url": job.url,
        "platform": job.platform,
        "source": _source(job.url, job.platform) or job.site,
        "title": job.title,
        "status": job.status.value,
        "wanted": job.wanted.value,
        "priority": job.priority.word,
        "reason": job.reason,
        "message": job.message,
        "progress": round(job.progress, 2),
        "speed": round(job.speed_bytes_per_s),
        "eta": records.iso(job.estimated_completion),
        "downloaded": job.bytes_done,
        "file_size": job.bytes_total,
        "items_total": job.items_total,
        "items_stored": job.items_stored,
        "items_skipped": job.items_skipped,
        "items_failed": job.items_failed,
        "not_before": records.iso(job.not_before),
    }


def removed(job_id: int) -> dict[str, Any]:
    """A job that left the list."""
    return {"event": QUEUE, "id": job_id, "status": "removed"}


def notification(event: Event, job: Job | None) -> dict[str, Any] | None:
    """What deserves a person's attention of an event; None: nothing."""
    if event.kind is EventKind.JOB_CHANGED:
        return _of_change(event, job)
    if event.kind is EventKind.SESSION_CHANGED and event.payload.get("broken"):
        site = safe_text(event.payload.get("site", ""))
        return _note(event, "error", f"Login refused: {site}", "Its jobs wait for fresh cookies.")
    if event.kind is EventKind.ENGINE and event.payload.get("state") == "refused":
        name = safe_text(f"{event.payload.get('name', '')} {event.payload.get('after', '')}")
        return _note(event, "warning", f"{name} was not taken", safe_text(event.payload.get("reason", "")))
    return None


def _of_change(event: Event, job: Job | None) -> dict[str, Any] | None:
    """A job that ended, or waits for a person."""
    status = event.payload.get("status")
    reason = str(event.payload.get("reason") or "")
    if job is None or status not in {*_TOLD_OF, JobStatus.WAITING}:
        return None
    if status == JobStatus.WAITING and not _wants_a_person(reason):
        return None
    level = _TOLD_OF.get(JobStatus(status), "warning")
    words = records.title(reason) if reason else JobStatus(status).value
    return _note(event, level, job.title or job.url, words) | {"status": status, "reason": reason}


def _wants_a_person(reason: str) -> bool:
    return reason in KINDS and KINDS[reason].action in {Action.WAIT, Action.STOP}


def _note(event: Event, level: str, title: str, text: str) -> dict[str, Any]:
    return {
        "event": NOTIFICATION,
        "id": event.job_id,
        "at": records.iso(event.at),
        "level": level,
        "title": safe_text(title),
        "message": text,
    }


@lru_cache(maxsize=4096)
def _source(url: str, platform: str) -> str:
    """The account, channel or host of an address, as far as it says so itself."""
    try:
        return safe_text(registry.match(url, platform or None).source)
    except MediadlError:
        return ""
