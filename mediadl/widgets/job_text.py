"""A job as text: glyphs, words and cells. Pure functions from the model, so that every screen says the same."""

from __future__ import annotations

from urllib.parse import urlsplit

from mediadl.errors import KINDS, Action, DownloadError
from mediadl.models import ENDED_STATUSES, ItemState, Job, JobStatus, Priority, Wanted
from mediadl.security.text import safe_text
from mediadl.widgets.amounts import plural, size, span, speed
from mediadl.widgets.columns import Part
from mediadl.widgets.when import local

GLYPHS: dict[JobStatus, str] = {
    JobStatus.PENDING: "○",
    JobStatus.ACTIVE: "▶",
    JobStatus.COMPLETED: "✓",
    JobStatus.FAILED: "✗",
    JobStatus.CANCELLED: "⊘",
    JobStatus.PAUSED: "‖",
    JobStatus.SCHEDULED: "◷",
    JobStatus.WAITING: "…",
}
"""One cell per status; the word always stands beside it."""

WORDS: dict[JobStatus, str] = {
    JobStatus.PENDING: "Pending",
    JobStatus.ACTIVE: "Active",
    JobStatus.COMPLETED: "Done",
    JobStatus.FAILED: "Failed",
    JobStatus.CANCELLED: "Cancelled",
    JobStatus.PAUSED: "Paused",
    JobStatus.SCHEDULED: "Scheduled",
    JobStatus.WAITING: "Waiting",
}

ITEM_GLYPHS: dict[ItemState, str] = {
    ItemState.FOUND: "○",
    ItemState.ACTIVE: "▶",
    ItemState.STORED: "✓",
    ItemState.SKIPPED: "≡",
    ItemState.FAILED: "✗",
}

_SHARED = frozenset({"site_rests", "budget"})
"""Reasons that hold many jobs together: the moment matters more than the cause."""

_ASKED = {Wanted.PAUSE: "pausing", Wanted.CANCEL: "cancelling", Wanted.REMOVE: "removing"}


def title(job: Job) -> str:
    """The job's title, or what its URL says, in harmless text."""
    if job.title:
        return safe_text(job.title)
    parts = urlsplit(job.url)
    host = (parts.hostname or "").removeprefix("www.")
    return safe_text(f"{host}{parts.path.rstrip('/')}" if host else job.url)


def status_word(job: Job) -> str:
    """The status in a word, or what is about to happen to it."""
    if job.status is JobStatus.ACTIVE and job.wanted is not Wanted.RUN:
        return _ASKED[job.wanted]
    return WORDS[job.status]


def reason_title(reason: str) -> str:
    """What a reason word means, such as `Login needed`; the word itself when it is no kind of failure."""
    kind = KINDS.get(reason)
    return kind.title if kind else safe_text(reason).replace("_", " ").capitalize()


def next_step(reason: str) -> str:
    """What helps against a reason; empty when nothing is known."""
    kind = KINDS.get(reason)
    return kind.next_step if kind else ""


def heals_itself(reason: str) -> bool:
    """Whether a job that waits for this reason goes on without a person."""
    kind: type[DownloadError] | None = KINDS.get(reason)
    return kind is None or kind.action is not Action.WAIT


def eta_s(job: Job, now: float) -> float | None:
    """Seconds until an active job is thought to end."""
    if job.status is not JobStatus.ACTIVE or job.estimated_completion is None:
        return None
    return max(0.0, job.estimated_completion - now)


def stage(job: Job) -> str:
    """What an active job is at, in a word or two; empty when nobody works on it."""
    if job.status is not JobStatus.ACTIVE:
        return ""
    if job.wanted is not Wanted.RUN:
        return _ASKED[job.wanted]
    if job.message:
        return safe_text(job.message)
    if not job.bytes_done and not job.items_stored:
        return "looking for media"
    return "finishing" if job.progress >= 100 else "downloading"


def error_text(job: Job) -> str:
    """Everything about its trouble for a report: what, why, what helps, where; empty when all is well."""
    headline, cause, step = failure_lines(job)
    if not headline:
        return ""
    lines = [headline, cause, step, safe_text(job.url, limit=4096)]
    if job.tried:
        lines.append(f"Tried before: {safe_text(job.tried)}")
    return "\n".join(line for line in lines if line)


def amount(job: Job) -> str:
    """Its size: what is known in all, else what has come so far."""
    return size(job.bytes_total or job.bytes_done or None)


def items(job: Job) -> str:
    """Items done of items found, such as `3/12`; empty for single files nothing is known of."""
    done = job.items_stored + job.items_skipped + job.items_failed
    if job.items_total is None:
        return str(done) if done else ""
    return f"{done}/{job.items_total}"


def priority(job: Job) -> str:
    """`↑ high` and `↓ low`; normal says nothing."""
    if job.priority is Priority.NORMAL:
        return ""
    return "↑ high" if job.priority is Priority.HIGH else "↓ low"


def waits(job: Job, now: float) -> str:
    """Time left until a held job goes on, if one is known."""
    if job.not_before is None or job.status not in {JobStatus.WAITING, JobStatus.SCHEDULED}:
        return ""
    left = job.not_before - now
    return f"in {span(left)}" if left > 0 else "soon"


def goes_on(job: Job, now: float) -> str:
    """When a held job goes on, such as `goes on at 14:32 (in 4:10)`; empty when nobody knows."""
    left = waits(job, now)
    if not left or job.not_before is None:
        return ""
    return f"goes on at {local(job.not_before, now)} ({left})"


def note(job: Job, now: float) -> str:
    """The one thing worth knowing about a job now, short: the reason first, then details."""
    match job.status:
        case JobStatus.ACTIVE:
            return _active_note(job)
        case JobStatus.FAILED:
            return headed(reason_title(job.reason or "unknown"), safe_text(job.message))
        case JobStatus.WAITING:
            reason = reason_title(job.reason) if job.reason else "Waiting"
            until = goes_on(job, now) if job.reason in _SHARED else waits(job, now)
            joined = f"{reason}, {until}" if job.reason in _SHARED and until else f"{reason} {until}".strip()
            return headed(joined, safe_text(job.message))
        case JobStatus.SCHEDULED:
            return waits(job, now)
        case JobStatus.COMPLETED:
            return _outcome(job)
        case JobStatus.PENDING if job.attempts and job.reason:
            return f"{reason_title(job.reason)}, try {job.attempts + 1}"
        case _:
            return safe_text(job.message)


def narrow_note(job: Job, now: float) -> str:
    """The note where there is no room for columns of speed and time."""
    if job.status is JobStatus.ACTIVE:
        return " ".join(filter(None, (speed(job.speed_bytes_per_s), span(eta_s(job, now)))))
    if job.status is JobStatus.WAITING:
        return waits(job, now) or reason_title(job.reason)
    if job.status is JobStatus.FAILED:
        return reason_title(job.reason or "unknown")
    if job.status is JobStatus.COMPLETED and job.items_stored:
        return plural(job.items_stored, "file")
    return note(job, now)


def progress_parts(job: Job, width: int) -> list[Part]:
    """A bar and per cent; without a known size no per cent is invented."""
    if job.status is JobStatus.COMPLETED or (job.status in ENDED_STATUSES and not job.bytes_done):
        return []
    known = job.progress > 0 or job.bytes_total is not None or job.items_total is not None
    if not known and (job.bytes_done or job.status is JobStatus.ACTIVE):
        text = size(job.bytes_done) if job.bytes_done else "starting"
        return [(f"{text} …", "quiet")]
    if not known:
        return []
    return bar_parts(job.progress, width, paused=job.status is not JobStatus.ACTIVE)


def bar_parts(percent: float, width: int, *, paused: bool = False) -> list[Part]:
    """`━━━━╸───  45%` in `width` cells; the number alone when there is little room."""
    # 100 % is said only when it is true
    whole = 100 if percent >= 100 else min(99, int(percent))
    label = f"{whole:3}%"
    cells = width - 5
    if cells < 4:
        return [(label, "quiet" if paused else "bar")]
    halves = int(cells * 2 * min(percent, 100.0) / 100)
    full, half = divmod(halves, 2)
    filled = "━" * full + ("╸" if half else "")
    style = "quiet" if paused else "bar"
    return [(filled, style), ("─" * (cells - len(filled)), "rest"), (f" {label}", style)]


def failure_lines(job: Job) -> tuple[str, str, str]:
    """Title, cause and next step of what holds or ended a job; empty strings when all is well."""
    if not job.reason:
        return "", safe_text(job.message), ""
    return reason_title(job.reason), safe_text(job.message), next_step(job.reason)


def _active_note(job: Job) -> str:
    return safe_text(job.message) or (f"via {safe_text(job.backend)}" if job.backend else "")


def _outcome(job: Job) -> str:
    pieces = []
    by_rules = "filters" in job.options
    if by_rules and job.message and not job.items_stored:
        return safe_text(job.message)
    if job.items_stored:
        pieces.append(plural(job.items_stored, "file"))
    if job.items_skipped:
        pieces.append(f"{job.items_skipped:,} {'left out' if by_rules else 'already there'}")
    if job.items_failed:
        pieces.append(f"{job.items_failed:,} failed")
    return ", ".join(pieces) or safe_text(job.message)


def headed(head: str, tail: str) -> str:
    """`head: tail`, or the one that is there."""
    if not tail or tail == head:
        return head
    return f"{head}: {tail}" if head else tail
