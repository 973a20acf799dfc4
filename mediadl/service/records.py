"""The JSON form of what front ends show: stable keys, ISO 8601 UTC times, sizes in bytes. CLI and API print these."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from mediadl.errors import KINDS
from mediadl.events import Event
from mediadl.models import BackendTry, Download, Item, Job, JobStatus, QueueCounts, Session, Thread
from mediadl.security.text import safe_text
from mediadl.store.improvements import Before


def iso(at: float | None) -> str | None:
    """A moment as ISO 8601 UTC with milliseconds."""
    if at is None:
        return None
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def job(found: Job) -> dict[str, Any]:
    """A job."""
    return {
        "id": found.id,
        "url": found.url,
        "platform": found.platform,
        "site": found.site,
        "content_type": found.content_type,
        "title": found.title,
        "status": found.status.value,
        "wanted": found.wanted.value,
        "priority": found.priority.word,
        "reason": found.reason,
        "message": found.message,
        "next_step": next_step(found.reason),
        "not_before": iso(found.not_before),
        "backend": found.backend,
        "tried": found.tried,
        "attempts": found.attempts,
        "max_attempts": found.max_attempts,
        "progress": round(found.progress, 2),
        "bytes_done": found.bytes_done,
        "bytes_total": found.bytes_total,
        "speed_bytes_per_s": round(found.speed_bytes_per_s),
        "items_total": found.items_total,
        "items_stored": found.items_stored,
        "items_skipped": found.items_skipped,
        "items_failed": found.items_failed,
        "created_at": iso(found.created_at),
        "started_at": iso(found.started_at),
        "finished_at": iso(found.finished_at),
        "estimated_completion": iso(found.estimated_completion),
        "options": {
            name: iso(value) if name in {"since", "until"} else value for name, value in found.options.items()
        },
    }


def options_in_words(found: Job) -> dict[str, Any]:
    """What was asked for with a job, for people: filters as a sentence, picked items as a number."""
    from mediadl.settings.filter_words import described

    told = {name: value for name, value in job(found)["options"].items() if name not in {"filters", "pick"}}
    said = "; ".join(safe_text(one) for one in described(found.options))
    return told | {"only": said} if said else told


def item(found: Item) -> dict[str, Any]:
    """A file of a job."""
    return {
        "n": found.n,
        "site": found.identity.site,
        "id": found.identity.id,
        "index": found.identity.index,
        "state": found.state.value,
        "title": found.title,
        "size": found.size_bytes,
        "reason": found.reason,
        "message": found.message,
        "download_id": found.download_id,
    }


def thread(found: Thread) -> dict[str, Any]:
    """A forum's thread."""
    return {
        "id": found.id,
        "url": found.url,
        "site": found.site,
        "software": found.software,
        "thread_id": found.thread_id,
        "title": found.title,
        "job_id": found.job_id,
        "state": found.state.value,
        "why": found.why,
        "pages": found.pages,
        "posts": found.posts,
        "files": found.files,
        "linked": found.linked,
        "checks": found.checks,
        "empty_checks": found.empty_checks,
        "failures": found.failures,
        "newest_post_at": iso(found.newest_post_at),
        "last_check_at": iso(found.last_check_at),
        "last_full_at": iso(found.last_full_at),
        "next_check_at": iso(found.next_check_at),
        "expires_at": iso(found.expires_at),
        "folder": found.folder,
        "created_at": iso(found.created_at),
    }


def download(found: Download) -> dict[str, Any]:
    """A stored file."""
    return {
        "id": found.id,
        "job_id": found.job_id,
        "platform": found.platform,
        "source": found.source,
        "title": found.title,
        "url": found.url,
        "path": found.path,
        "size": found.size_bytes,
        "sha256": found.sha256,
        "received_sha256": found.received_sha256,
        "kind": found.kind.value,
        "mime": found.mime,
        "width": found.width,
        "height": found.height,
        "duration_s": found.duration_s,
        "backend": found.backend,
        "site": found.identity.site,
        "media_id": found.identity.id,
        "index": found.identity.index,
        "posted_at": iso(found.posted_at),
        "stored_at": iso(found.stored_at),
        "only_copy_at": iso(found.only_copy_at),
    }


def before(found: Before | None) -> dict[str, Any]:
    """What a file was before a better version took its place; nothing when none did."""
    if found is None:
        return {}
    return {
        "improved_at": iso(found.improved_at),
        "improved_from": {
            "size": found.size_bytes,
            "sha256": found.sha256,
            "width": found.width,
            "height": found.height,
            "backend": found.backend,
        },
    }


def event(heard: Event) -> dict[str, Any]:
    """An event: its payload with `event`, `id` (of the job, null without one), `at` and `seq`."""
    return {
        **heard.payload,
        "event": heard.kind.value,
        "id": heard.job_id,
        "at": iso(heard.at),
        "seq": heard.id,
    }


def progress(found: Job) -> dict[str, Any]:
    """How far a job at work is."""
    return {
        "event": "progress",
        "id": found.id,
        "progress": round(found.progress, 2),
        "bytes_done": found.bytes_done,
        "bytes_total": found.bytes_total,
        "speed_bytes_per_s": round(found.speed_bytes_per_s),
        "items_total": found.items_total,
        "items_stored": found.items_stored,
        "items_skipped": found.items_skipped,
        "items_failed": found.items_failed,
    }


def outcome(found: Job, files: list[Download]) -> dict[str, Any]:
    """The last word on a job."""
    failed = found.status is not JobStatus.COMPLETED
    return {
        "event": "job",
        "id": found.id,
        "status": found.status.value,
        "files": [{"path": f.path, "size": f.size_bytes, "sha256": f.sha256} for f in files],
        "error": {
            "reason": found.reason,
            "message": found.message,
            "next_step": next_step(found.reason),
        }
        if failed
        else None,
    }


def counts(found: QueueCounts) -> dict[str, Any]:
    """How many jobs stand where."""
    return {
        "total": found.total,
        **{status.value: found.by_status.get(status, 0) for status in JobStatus},
        "speed_bytes_per_s": round(found.speed_bytes_per_s),
        "bytes_done": found.bytes_done,
        "bytes_total": found.bytes_total,
    }


def session(found: Session) -> dict[str, Any]:
    """A session, without its cookies."""
    return {
        "site": found.site,
        "account": found.account,
        "cookies": found.cookies,
        "expires_at": iso(found.expires_at),
        "imported_at": iso(found.imported_at),
        "broken_reason": found.broken_reason,
        "user_agent": found.user_agent,
        "has_password": found.has_password,
        "use": found.use or None,
        "checked_at": iso(found.checked_at),
        "checked": found.checked,
    }


def next_step(reason: str) -> str:
    """What to do about a reason of failure; empty for none."""
    return KINDS[reason].next_step if reason in KINDS else ""


def comes_back(found: Job) -> bool:
    """Whether a job has done its work for now and waits for its next time, as a watched thread does."""
    done = found.started_at is not None and found.attempts == 0
    return found.status is JobStatus.SCHEDULED and done and bool(found.options.get("watch"))


def exit_code(found: Job) -> int:
    """What a script hears of how a job ended or what it waits for."""
    if found.status is JobStatus.COMPLETED or comes_back(found):
        return 0
    return KINDS[found.reason].exit_code if found.reason in KINDS else 1


def title(reason: str) -> str:
    """A reason of failure in words; empty for none."""
    return KINDS[reason].title if reason in KINDS else reason.replace("_", " ")


def strip(tries: Sequence[BackendTry]) -> str:
    """Outcomes as a tiny strip, oldest first: `+` went well, `-` failed, `.` says nothing about the backend."""
    from mediadl.pipeline import lights

    return lights.strip(tries)
