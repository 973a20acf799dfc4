"""The nouns of schedules and subscriptions: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class RunKind(StrEnum):
    """Why a run of a schedule began."""

    DUE = "due"
    """Its time had come."""
    MANUAL = "manual"
    """Someone asked for it."""
    GAP = "gap"
    """Someone wanted a gap filled: no limit of items, until everything known is reached."""


class RunState(StrEnum):
    """Where a run of a schedule stands."""

    HELD = "held"
    """Its time came outside the allowed hours; it starts with them."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """No source could be read."""
    SKIPPED = "skipped"
    """Left out by a rule; the message says which."""


class SourceState(StrEnum):
    """How a source is."""

    OK = "ok"
    PRIVATE = "private"
    GONE = "gone"
    """It is not found any more, nor under another name."""
    TERMINATED = "terminated"
    """The site closed it."""
    SILENT = "silent"
    """It posted nothing for so long that it is hardly looked at."""


OPEN_RUNS = frozenset({RunState.HELD, RunState.RUNNING})


class Walk(StrEnum):
    """How a source is read by one job."""

    KEEP_UP = "keep_up"
    """From the newest until everything known is reached."""
    BACKFILL = "backfill"
    """All of it, a part of the unknown at a time."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule that makes jobs."""

    id: int
    name: str
    enabled: bool
    spec: dict[str, Any]
    """What was told, JSON-safe: the fields of `mediadl.settings.schedule.ScheduleSpec`."""
    owner_id: int | None
    """Whose jobs it makes; None: the owner's of this machine."""
    last_due_at: float | None
    """The newest due time that was dealt with, whatever became of it."""
    next_due_at: float | None
    """None: never again."""
    next_start_at: float | None
    """When that run starts: chance and the allowed hours added."""
    note: str
    """What is wrong with it, in words; empty: nothing."""
    created_at: float
    changed_at: float


@dataclass(frozen=True, slots=True)
class ScheduleRun:
    """One run of a schedule."""

    id: int
    schedule_id: int
    due_at: float
    """The computed time; unique for each schedule."""
    kind: RunKind
    state: RunState
    message: str
    missed: int
    """Earlier due times that this run stands for as well."""
    started_at: float | None
    ended_at: float | None
    sources: int
    found: int
    new: int
    """Stored ones."""
    skipped: int
    failed: int
    size_bytes: int
    error: str
    """The first failure in words; empty: none."""
    starts_at: float | None = None
    """When a held one starts."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something that is looked at again and again: an account, a channel, a board."""

    id: int
    url: str
    """Canonical, as the module says it."""
    platform: str
    content_type: str
    site: str
    name: str
    """As it calls itself now."""
    folder: str
    """The name its files are kept under: the first one it had."""
    former_names: tuple[str, ...]
    owner_id: str
    """The site's own stable id of whoever posts; empty: not known."""
    state: SourceState
    state_since: float | None
    why: str
    head: tuple[str, ...]
    """Posts at the top of its list when everything below was known, newest first."""
    complete_at: float | None
    """When that was; None: never."""
    gap_since: float | None
    """Since when posts may be missing between what is new and what was known; None: nothing is missing."""
    backfill: bool
    """Older posts are still to be fetched."""
    checks: int
    empty_checks: int
    """In a row."""
    failures: int
    """In a row."""
    last_check_at: float | None
    last_new_at: float | None
    posts_30d: int
    created_at: float
    floor_at: float | None = None
    """No post older than this is new; None: not known."""
    backfilled_at: float | None = None
    """When everything it had before was there; None: never, or not asked for."""
    absent: int = 0
    """Checks in a row that did not find it."""
    newest_at: float | None = None
    """When its newest known post was posted."""
