"""Facts written to the journal: what front ends hear, in the same transaction as the change itself.

A journal row is (id, at, kind, job_id, payload). Readers fold many rows to the latest state per job.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    """The words a journal row can carry."""

    JOB_ADDED = "job_added"
    JOB_CHANGED = "job_changed"
    """Status, reason, priority, position or backend changed; payload has the new values."""
    JOB_REMOVED = "job_removed"
    ITEM_STORED = "item_stored"
    ITEM_SKIPPED = "item_skipped"
    ITEM_FAILED = "item_failed"
    HISTORY_CHANGED = "history_changed"
    """Stored files or their records were deleted or came back; payload has the ids."""
    SITE_CHANGED = "site_changed"
    """A cool-down began or ended."""
    ENGINE = "engine"
    """An engine was updated, taken back, or a version was refused; payload: name, state, before, after, reason, by."""
    SESSION_CHANGED = "session_changed"
    """A site refused a login; payload has site, account and why."""
    SCHEDULE_CHANGED = "schedule_changed"
    """Payload: schedule, what (added, changed, removed, run); of a run also run, state, message and `again`."""
    DAEMON = "daemon"
    """The daemon started or stops."""


@dataclass(frozen=True, slots=True)
class Event:
    """One fact."""

    kind: EventKind
    job_id: int | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    """JSON-safe; never contains a secret."""
    id: int = 0
    """Given by the journal."""
    at: float = 0.0
    """Epoch seconds, given by the journal."""
