"""The Dashboard's figures as cards. Pure functions from what the services say."""

from __future__ import annotations

from mediadl.models import Amount, Job, JobStatus, Outcomes, QueueCounts
from mediadl.models.plans import Plan
from mediadl.security.text import safe_text
from mediadl.service.daemon import DaemonStatus
from mediadl.service.stats import MONTH_DAYS, Overview, Space
from mediadl.widgets import job_text
from mediadl.widgets.amounts import count, plural, size, speed
from mediadl.widgets.cards import Bar, Card
from mediadl.widgets.line import Piece
from mediadl.widgets.when import local, rough, soon

CARDS = 6

_QUIET = "$foreground-muted"
_HANGS_S = 15.0
_SCARCE = 0.05
"""Share of the disk below which free space is a worry."""

_STATUSES = (
    (JobStatus.ACTIVE, "active", "bold $text-primary"),
    (JobStatus.PENDING, "pending", ""),
    (JobStatus.FAILED, "failed", "bold $text-error"),
)


def cards(
    overview: Overview | None,
    daemon: DaemonStatus | None,
    now: float,
    plan: Plan | None = None,
    plans: int = 0,
) -> tuple[Card, ...]:
    """All cards; those of what is not known yet say so with a dash. `plan`: the first of so many `plans`."""
    if overview is None:
        titles = ("Downloads", "Queue", "Success", "Storage", "Next", "Daemon")
        return tuple(Card(title, ((Piece("…", _QUIET),),), (Piece("…", _QUIET),)) for title in titles)
    return (
        downloads(overview.today, overview.week, overview.month),
        queue(overview.counts),
        success(overview.outcomes),
        storage(overview.stored, overview.space),
        planned(plan, plans, now),
        state(daemon, overview.counts, now),
    )


def downloads(today: Amount, week: Amount, month: Amount) -> Card:
    """What came today, in seven days, in thirty."""
    named = (("today", today), ("7 days", week), ("30 days", month))
    rows = tuple(
        (
            Piece(f"{word:<7}", _QUIET),
            Piece(count(amount.files), "bold" if amount.files else ""),
            *_sized(amount),
        )
        for word, amount in named
    )
    brief = tuple(Piece(f"{word} {' '.join(_amount(amount))}", "") for word, amount in named)
    return Card("Downloads", rows, brief)


def queue(counts: QueueCounts) -> Card:
    """How many jobs are at work, to come, failed; a click shows them."""
    rows, brief = [], []
    for status, word, style in _STATUSES:
        number = counts.by_status.get(status, 0)
        action = f"show_status('{status.value}')" if number else ""
        text = f"{job_text.GLYPHS[status]} {count(number)} {word}"
        piece = Piece(text, style if number else _QUIET, action=action)
        brief.append(piece)
        fast = speed(counts.speed_bytes_per_s) if status is JobStatus.ACTIVE else ""
        rows.append((piece, Piece(fast, _QUIET)) if fast else (piece,))
    return Card("Queue", tuple(rows), tuple(brief))


def success(outcomes: Outcomes) -> Card:
    """Share of jobs that succeeded, and what is counted."""
    tried = outcomes.completed + outcomes.failed
    if outcomes.success is None:
        said = f"no job ended in {MONTH_DAYS} days"
        return Card("Success", ((Piece("–", _QUIET),), (), (Piece(said, _QUIET),)), (Piece(said, _QUIET),))
    # 100 % is said only when it is true
    percent = 100 if not outcomes.failed else min(99, int(100 * outcomes.success))
    style = "$text-success" if percent >= 90 else "$text-warning" if percent >= 50 else "$text-error"
    of = f"{count(outcomes.completed)} of {plural(tried, 'job')}"
    return Card(
        "Success",
        (
            (Piece(f"{percent}%", f"bold {style}"), Piece(f"in {MONTH_DAYS} days", _QUIET)),
            (Bar(outcomes.success, style),),
            (Piece(of, _QUIET),),
        ),
        (Piece(f"{percent}%", f"bold {style}"), Piece(f"{of} that ended in {MONTH_DAYS} days", _QUIET)),
    )


def storage(stored: Amount, space: Space | None) -> Card:
    """What the stored files take, and what is free."""
    taken = (Piece(size(stored.size_bytes), "bold"), Piece(plural(stored.files, "file"), _QUIET))
    if space is None or not space.total_bytes:
        unknown = Piece("free space unknown", _QUIET)
        return Card("Storage", (taken, (), (unknown,)), (*taken, unknown))
    free = space.free_bytes / space.total_bytes
    scarce = free < _SCARCE
    style = "bold $text-error" if scarce else ""
    word = "only " if scarce else ""
    return Card(
        "Storage",
        (
            taken,
            (Bar(1 - free, "$text-error" if scarce else "$text-primary"),),
            (
                Piece(f"{word}{size(space.free_bytes)} free", style),
                Piece(f"of {size(space.total_bytes)}", _QUIET),
            ),
        ),
        (*taken, Piece(f"{word}{size(space.free_bytes)} free of {size(space.total_bytes)}", style)),
    )


def planned(plan: Plan | None, plans: int, now: float) -> Card:
    """What starts next by itself, and how much else does."""
    next_at = plan.not_before if isinstance(plan, Job) else plan.schedule.next_start_at if plan else None
    if plan is None or next_at is None:
        nothing = Piece("nothing scheduled", _QUIET)
        return Card("Next", ((nothing,),), (nothing,))
    when, at = soon(next_at, now), local(next_at, now)
    what = job_text.title(plan) if isinstance(plan, Job) else f"↻ {safe_text(plan.schedule.name)}"
    last = (Piece(f"and {count(plans - 1)} more", _QUIET, action="app.scheduler"),) if plans > 1 else ()
    return Card(
        "Next",
        ((Piece(when, "bold", action="app.scheduler"), Piece(at, _QUIET)), (Piece(what),), last),
        (Piece(when, "bold", action="app.scheduler"), Piece(at, _QUIET), Piece(what)),
    )


def state(daemon: DaemonStatus | None, counts: QueueCounts, now: float) -> Card:
    """Whether the background process lives."""
    if daemon is None:
        return Card("Daemon", ((Piece("…", _QUIET),),), (Piece("…", _QUIET),))
    if not daemon.running:
        waits = counts.by_status.get(JobStatus.PENDING, 0)
        why = "starts when needed" if not waits else "work is waiting"
        word = Piece("○ not running", _QUIET if not waits else "$text-warning")
        return Card("Daemon", ((word,), (Piece(why, _QUIET),)), (word, Piece(why, _QUIET)))
    hangs = (daemon.heartbeat_age_s or 0) > _HANGS_S
    word = (
        Piece("▲ not answering", "bold $text-warning") if hangs else Piece("● running", "bold $text-success")
    )
    since = f"for {rough(now - daemon.started_at)}" if daemon.started_at is not None else "starting"
    if hangs:
        since = f"silent for {rough(daemon.heartbeat_age_s or 0)}"
    # What it says of itself, such as the engines' state
    note = daemon.note if daemon.note != "starting" else ""
    return Card(
        "Daemon",
        ((word,), (Piece(since, _QUIET),), (Piece(note, _QUIET),) if note else ()),
        (word, Piece(since, _QUIET)),
    )


def _amount(amount: Amount) -> tuple[str, ...]:
    return (count(amount.files), size(amount.size_bytes)) if amount.files else ("0",)


def _sized(amount: Amount) -> tuple[Piece, ...]:
    return (Piece(size(amount.size_bytes), _QUIET),) if amount.files else ()
