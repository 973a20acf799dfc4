"""What a job's run wants written down and done: collected without side effects, carried out by the supervisor."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import (
    FoundItem,
    ItemState,
    Job,
    JobStatus,
    Lane,
    LinkedJob,
    StoredFile,
    ThreadPage,
    Wanted,
)
from mediadl.pipeline.protocol import Message, RunJob, SourceWalked, Tried


@dataclass(frozen=True, slots=True)
class ItemFact:
    """An item was seen, skipped or failed."""

    job: Job
    item: FoundItem
    state: ItemState
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class StoredFact:
    """A file is durable under its final name: history, archive and item belong into one transaction."""

    job: Job
    item: FoundItem
    file: StoredFile
    backend: str


@dataclass(frozen=True, slots=True)
class DescribeFact:
    """Something about an active job became known (title, backend, what was tried)."""

    job: Job
    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RememberFact:
    """A module wants later runs to know something about the source; `value` None: forget it."""

    job: Job
    key: str
    value: Any


@dataclass(frozen=True, slots=True)
class ThreadReadFact:
    """A page of a thread was read."""

    job: Job
    page: ThreadPage


@dataclass(frozen=True, slots=True)
class ThreadWalkedFact:
    """A check of a thread came to its end."""

    job: Job
    full: bool
    last_page: int
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DocumentsFact:
    """A thread's page and sidecars are on the disk."""

    job: Job
    posts: tuple[str, ...]
    """Those that changed since they were written down before."""
    folder: str


@dataclass(frozen=True, slots=True)
class LinkedFact:
    """Something found becomes a job of its own."""

    job: Job
    link: LinkedJob


@dataclass(frozen=True, slots=True)
class TriedFact:
    """A backend was asked, in one manner."""

    job: Job
    tried: Tried


@dataclass(frozen=True, slots=True)
class RefusedFact:
    """The site told us to stay away: from this moment on, not only when the run has ended."""

    job: Job
    error: DownloadError
    until: float


@dataclass(frozen=True, slots=True)
class AnsweredFact:
    """The site gives what was asked for, long before the run ends."""

    job: Job


@dataclass(frozen=True, slots=True)
class SourceSeenFact:
    """Posts of a subscribed source came by."""

    job: Job
    posts: tuple[tuple[str, float | None, bool], ...]


@dataclass(frozen=True, slots=True)
class SourceOwnerFact:
    """Who posts in a subscribed source became known."""

    job: Job
    owner_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A wanted item that could not be had, for a reason that may pass."""

    post: str
    """Empty: not known."""
    item: str
    title: str


@dataclass(frozen=True, slots=True)
class SourceNews:
    """What a run of a subscription found out about its source, apart from what it stored."""

    walked: SourceWalked | None = None
    """None: the list was not walked, or not everything found on it was dealt with."""
    cut: str = ""
    """The first post that was left out because the run took as many as it may; empty: none was."""
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class SettleFact:
    """The run is over."""

    job: Job
    status: JobStatus
    error: DownloadError | None = None
    message: str = ""
    not_before: float | None = None
    refund_attempt: bool = False
    lane: Lane | None = None
    backend: str = ""
    tried: str = ""
    cool_down_until: float | None = None
    """Let the whole site wait until then."""
    site_answered: bool = False
    """The site delivered something: its failure count starts anew."""
    discard_work: bool = False
    """Partial files are of no use any more."""
    wish: Wanted | None = None
    """What the user wanted, when it was ended for that; it may have been taken back by now."""
    fresh: bool = False
    """All attempts are given back: what comes next is another piece of work."""
    pages: int = 0
    """Pages of a thread or board that were read."""
    walked: bool = False
    """The thread was read to its end."""
    stored: int = 0
    """Files this run stored."""
    source: SourceNews | None = None
    """Of a job that belongs to a subscription."""


Fact = (
    ItemFact
    | StoredFact
    | DescribeFact
    | RememberFact
    | DocumentsFact
    | ThreadReadFact
    | ThreadWalkedFact
    | LinkedFact
    | TriedFact
    | RefusedFact
    | AnsweredFact
    | SourceSeenFact
    | SourceOwnerFact
    | SettleFact
)


@dataclass(slots=True)
class Outbox:
    """Everything the runs of one loop turn asked for. The supervisor empties it: facts first, then the rest."""

    facts: list[Fact] = field(default_factory=list)
    transfers: list[Message] = field(default_factory=list)
    runner_starts: list[RunJob] = field(default_factory=list)
    runner_messages: list[tuple[int, Message]] = field(default_factory=list)
    runner_stops: list[int] = field(default_factory=list)
    documents: list[Job] = field(default_factory=list)
    """Jobs whose threads are to be written down as pages and sidecars, once the facts are."""
