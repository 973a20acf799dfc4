"""The nouns every room shares: plain frozen data, no behaviour that needs a service.

Times are seconds since the epoch in UTC (`*_at`), sizes are bytes. What came from outside (titles, names) has passed
the sanitizer before it gets here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum
from typing import Any

_YEAR_9999 = 253_370_764_800.0


class JobStatus(StrEnum):
    """Where a job stands. Only `store.jobs` writes it."""

    PENDING = "pending"
    """Ready to start as soon as there is room."""
    ACTIVE = "active"
    """A worker has it."""
    COMPLETED = "completed"
    """Everything asked for is stored, or was already."""
    FAILED = "failed"
    """Given up; the reason says why and what helps."""
    CANCELLED = "cancelled"
    """Ended by the user."""
    PAUSED = "paused"
    """Held by the user; partial files are kept."""
    SCHEDULED = "scheduled"
    """Starts at `not_before`."""
    WAITING = "waiting"
    """Held by a site, a login, the disk or a back-off; goes on by itself."""


OPEN_STATUSES = frozenset(
    {JobStatus.PENDING, JobStatus.ACTIVE, JobStatus.PAUSED, JobStatus.SCHEDULED, JobStatus.WAITING}
)
"""Statuses that are not an end."""

ENDED_STATUSES = frozenset({JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.CANCELLED})
"""Statuses that are an end until someone retries."""


class Wanted(StrEnum):
    """What the user wants of a job; front ends write it, the daemon obeys."""

    RUN = "run"
    PAUSE = "pause"
    CANCEL = "cancel"
    REMOVE = "remove"


class Priority(IntEnum):
    """Higher starts first; within one priority the manual position decides."""

    LOW = 0
    NORMAL = 1
    HIGH = 2

    @property
    def word(self) -> str:
        """`high`, `normal` or `low`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Priority:
        """The priority a word means.

        Raises:
            KeyError: no such word.
        """
        return cls[word.upper()]


class Lane(StrEnum):
    """Which kind of worker a job needs first."""

    RUNNER = "runner"
    """A runner child with the engines."""
    TRANSFER = "transfer"
    """Only the transfer child: a plain file."""


class ItemState(StrEnum):
    """Where one item of a job stands."""

    FOUND = "found"
    ACTIVE = "active"
    STORED = "stored"
    SKIPPED = "skipped"
    FAILED = "failed"


class MediaKind(StrEnum):
    """What a file is, coarse."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class JobRequest:
    """What a front end asks for: one URL and how to treat it."""

    url: str
    platform: str
    """The module's name."""
    site: str
    """Pacing key: requests to one site share limits and cool-downs."""
    lane: Lane = Lane.RUNNER
    content_type: str = ""
    """One of the module's content types; empty: what the URL says."""
    title: str = ""
    priority: Priority = Priority.NORMAL
    not_before: float | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """Validated options: quality, max_items, since, until, out, name, force and the module's own."""
    trusted: bool = True
    """The local owner may reach private addresses; remote callers may not."""
    owner_id: int | None = None
    """Whose it is; None: the owner's of this machine."""


@dataclass(frozen=True, slots=True)
class Job:
    """What was asked for: one URL or target with options, and a status."""

    id: int
    url: str
    platform: str
    site: str
    lane: Lane
    content_type: str
    title: str
    status: JobStatus
    wanted: Wanted
    priority: Priority
    position: float
    """Manual order within one priority; smaller starts first."""
    options: dict[str, Any]
    trusted: bool
    reason: str
    """Kind of the last failure or of what is waited for; empty when all is well."""
    message: str
    """One line for people: what happened, to what."""
    not_before: float | None
    backend: str
    """Backend at work, or the one that did it."""
    tried: str
    """Backends that were tried before, with why they gave up, as `name: reason; name: reason`."""
    attempts: int
    max_attempts: int
    fence: int
    """Rises with every claim; a writer with an older one is refused."""
    assigned_worker: str
    progress: float
    """0 to 100."""
    bytes_done: int
    bytes_total: int | None
    speed_bytes_per_s: float
    items_total: int | None
    items_stored: int
    items_skipped: int
    items_failed: int
    created_at: float
    started_at: float | None
    finished_at: float | None
    estimated_completion: float | None
    owner_id: int | None = None
    """Whose it is; None: the owner's of this machine."""


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes a media file the same one next time, whatever its name or address."""

    site: str
    """Site word, such as `tiktok` or a host name."""
    id: str
    """The site's stable id of the post or file."""
    index: int = 0
    """Number of the file within the post, from 0."""

    def __str__(self) -> str:
        return f"{self.site}:{self.id}:{self.index}"


@dataclass(frozen=True, slots=True)
class FoundItem:
    """One media file a module found, with all that is needed to fetch, name and describe it."""

    n: int
    """Running number within the job's run, from 1."""
    identity: Identity
    aliases: tuple[Identity, ...] = ()
    """Further identities of the same file, as other backends name it."""
    url: str = ""
    """Plain media URL; empty when only the engine itself can fetch it."""
    fallbacks: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    """Other renditions, the best first: for when this one is gone, or mute although sound is announced."""
    sound: bool = False
    """The site announces sound: a video without it is only taken when no rendition has any."""
    headers: dict[str, str] = field(default_factory=dict)
    """Request headers, cookies included; never stored or logged."""
    ext: str = ""
    """Expected extension without dot; the content decides in the end."""
    kind: MediaKind = MediaKind.OTHER
    size_bytes: int | None = None
    """Announced by the site; a file of another size is refused."""
    duration_s: float | None = None
    posted_at: float | None = None
    source: str = ""
    """Account, channel or host it belongs to."""
    folder: str = ""
    """What its folder calls the account: the first name of a subscribed source; empty: as `source`."""
    title: str = ""
    page_url: str = ""
    impersonate: str = ""
    """Browser to imitate when fetching, such as `chrome`; empty: none."""
    gate: str = ""
    """What a page that comes in place of the file means: a login is needed, in these words; empty: nothing special."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """What the engine knows of it, JSON-safe, for the sidecar."""

    def __post_init__(self) -> None:
        # Pages say what they like: what no calendar or database holds is not known
        if self.posted_at is not None and not 0 <= self.posted_at < _YEAR_9999:
            object.__setattr__(self, "posted_at", None)
        if self.size_bytes is not None and not 0 <= self.size_bytes < 2**63:
            object.__setattr__(self, "size_bytes", None)

    @property
    def names(self) -> tuple[Identity, ...]:
        """Every identity of the file, the strongest first."""
        return (self.identity, *self.aliases)


@dataclass(frozen=True, slots=True)
class Item:
    """One row of a job's details: a media file found, and what became of it."""

    job_id: int
    n: int
    identity: Identity
    state: ItemState
    title: str
    size_bytes: int | None
    reason: str
    message: str
    download_id: int | None


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """What verification saw in a file."""

    kind: MediaKind
    mime: str
    ext: str
    """Extension that fits the content, without dot."""
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    note: str = ""
    """What could not be checked, in words; empty when everything was."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A verified file under its final name, durable on disk."""

    path: str
    size_bytes: int
    sha256: str
    """Of the file as stored."""
    received_sha256: str
    """Of the bytes as the site served them; equals `sha256` unless something was embedded or merged."""
    media: MediaFacts
    sidecar: str = ""
    """Path of the metadata file, if one was written."""


@dataclass(frozen=True, slots=True)
class Download:
    """One stored file in the history."""

    id: int
    job_id: int | None
    identity: Identity
    platform: str
    source: str
    title: str
    url: str
    """Page it came from, without secrets."""
    path: str
    size_bytes: int
    sha256: str
    received_sha256: str
    kind: MediaKind
    mime: str
    width: int | None
    height: int | None
    duration_s: float | None
    backend: str
    posted_at: float | None
    stored_at: float
    owner_id: int | None = None
    """Whose job brought it; None: the owner's of this machine."""
    only_copy_at: float | None = None
    """Since when it is not to be had any more where it came from; None: it still is, or nobody knows."""
    former_names: tuple[str, ...] = ()
    """What its source was called before; only told of a single file."""


@dataclass(frozen=True, slots=True)
class SiteState:
    """How a site is doing: its cool-down and recent luck."""

    site: str
    cooldown_until: float | None
    cooldown_reason: str
    failures: int
    """In a row; makes the next cool-down longer."""
    last_success_at: float | None
    last_error: str


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many jobs stand where."""

    by_status: dict[JobStatus, int]
    speed_bytes_per_s: float
    bytes_done: int
    bytes_total: int

    @property
    def total(self) -> int:
        """All jobs."""
        return sum(self.by_status.values())


class JobSort(StrEnum):
    """Orders of the queue list."""

    ORDER = "order"
    """The order jobs start in: active first, then by priority and position, ended last."""
    ADDED = "added"
    STATUS = "status"
    PLATFORM = "platform"
    TITLE = "title"
    PROGRESS = "progress"
    SIZE = "size"


@dataclass(frozen=True, slots=True)
class JobQuery:
    """Which jobs, in which order."""

    statuses: frozenset[JobStatus] = frozenset()
    """Empty: all."""
    platform: str = ""
    search: str = ""
    """Words that must all be in title or URL, in any case."""
    sort: JobSort = JobSort.ORDER
    descending: bool = False
    owner_id: int | None = None
    """Only jobs of this account; None: everybody's."""


class Move(StrEnum):
    """Where a job goes within its priority."""

    TOP = "top"
    BOTTOM = "bottom"
    UP = "up"
    DOWN = "down"


class HistorySort(StrEnum):
    """Orders of the history list."""

    STORED = "stored"
    PLATFORM = "platform"
    SOURCE = "source"
    SIZE = "size"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which downloads, in which order (newest first unless told)."""

    platform: str = ""
    source: str = ""
    kind: MediaKind | None = None
    since: float | None = None
    until: float | None = None
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    search: str = ""
    """Words looked up in the full-text index; any input is safe."""
    sort: HistorySort = HistorySort.STORED
    descending: bool = True
    owner_id: int | None = None
    """Only files of this account; None: everybody's."""
    only_copy: bool = False
    """Only files that are not to be had any more where they came from."""


SESSION_SOON_S = 7 * 86_400.0
"""So long before a login runs out it is warned of."""


class SessionStanding(StrEnum):
    """How a session stands."""

    FINE = "fine"
    SOON = "soon"
    """It runs out within days."""
    RUN_OUT = "run_out"
    REFUSED = "refused"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class Session:
    """The login of one account at one site, without what is secret of it."""

    site: str
    account: str
    file: str
    """Name of the jar in the sessions folder, for one that is not sealed yet; else empty."""
    cookies: int
    expires_at: float | None
    """When the first login cookie runs out, if the file says."""
    imported_at: float
    broken_reason: str
    """Why the site refused it last time; empty: fine or not tried."""
    user_agent: str = ""
    """Of the browser the cookies came from; empty: unknown."""
    has_password: bool = False
    """A name and a password are there, for a login by form."""
    use: str = ""
    """`needed`, `always` or `never`; empty: as `platforms.login` says."""
    checked_at: float | None = None
    """When it was tested last."""
    checked: str = ""
    """What the test said, for people."""
    sealed_with: str = ""
    """Which key opens it; empty: not sealed."""
    locked: bool = False
    """That key is not here."""

    def standing(self, now: float) -> SessionStanding:
        """How it stands at a moment."""
        if self.locked:
            return SessionStanding.LOCKED
        if self.broken_reason:
            return SessionStanding.REFUSED
        if self.expires_at is not None and not self.has_password:
            if self.expires_at <= now:
                return SessionStanding.RUN_OUT
            if self.expires_at <= now + SESSION_SOON_S:
                return SessionStanding.SOON
        return SessionStanding.FINE


@dataclass(frozen=True, slots=True)
class WorkerInfo:
    """One process that takes part."""

    name: str
    kind: str
    """`daemon` or `screen`."""
    pid: int
    started_at: float
    heartbeat_at: float
    note: str


@dataclass(frozen=True, slots=True)
class Amount:
    """So many files, so many bytes."""

    files: int = 0
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class DayAmount:
    """What one local day brought."""

    day: date
    files: int
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Outcomes:
    """How jobs ended: also those taken off the list since; one that was tried again counts once, as it ended last."""

    completed: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def success(self) -> float | None:
        """Share of the completed among those not cancelled, 0 to 1; None when there are none."""
        tried = self.completed + self.failed
        return self.completed / tried if tried else None


class Health(StrEnum):
    """How well a site answers."""

    OK = "ok"
    TROUBLE = "trouble"
    """Errors, which may pass by themselves."""
    BLOCKED = "blocked"
    """It rests, or wants something only a person can give."""


@dataclass(frozen=True, slots=True)
class SiteHealth:
    """A site and how well it answers."""

    site: str
    platform: str
    """Empty: not known."""
    health: Health
    failures: int
    """Runs in a row that the site failed."""
    reason: str
    """Kind of the last failure; empty: none since the last success."""
    message: str
    last_success_at: float | None
    last_failure_at: float | None
    cooldown_until: float | None
    """None: it does not rest."""


class PostFileState(StrEnum):
    """Where a file or link of a forum's post stands."""

    OPEN = "open"
    """Wanted, and not there yet."""
    STORED = "stored"
    LINKED = "linked"
    """A job of its own has it."""
    UNSUPPORTED = "unsupported"
    """A link that nobody can follow; kept in the thread's page."""
    UNWANTED = "unwanted"
    """Left out by the job's options."""
    GIVEN_UP = "given_up"
    """Gone, or failed too often."""


@dataclass(frozen=True, slots=True)
class PostFile:
    """A file or link of a forum's post."""

    url: str
    role: str
    """`attachment`, `image`, `embed` or `link`."""
    identity: Identity | None = None
    """None: not a file of its own."""
    name: str = ""
    fallback: str = ""
    """Address of a smaller copy, for when the file is gone."""
    state: PostFileState = PostFileState.OPEN


@dataclass(frozen=True, slots=True)
class ThreadPost:
    """A post of a thread as it is kept."""

    id: str
    number: int | None = None
    author: str = ""
    author_id: str = ""
    posted_at: float | None = None
    raw_date: str = ""
    url: str = ""
    text: str = ""
    html: str = ""
    digest: str = ""
    """Changes when text or media change."""
    files: tuple[PostFile, ...] = ()


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """One page of a thread that was read: what is new on it, and which posts it shows."""

    url: str
    number: int
    software: str
    thread_id: str = ""
    title: str = ""
    posts: tuple[ThreadPost, ...] = ()
    """New or edited ones, in the thread's order."""
    seen: tuple[str, ...] = ()
    """Ids of all posts on it."""


@dataclass(frozen=True, slots=True)
class LinkedJob:
    """An address found in another job that becomes a job of its own."""

    url: str
    platform: str = ""
    """Empty: whoever knows the address."""
    content_type: str = ""
    title: str = ""
    context: dict[str, Any] = field(default_factory=dict)
    """Where it was found: forum, thread, post, author, date."""


class WatchState(StrEnum):
    """Where a thread stands."""

    KNOWN = "known"
    """Was read; nobody looks after it."""
    WATCHED = "watched"
    """Is looked at again and again."""
    ENDED = "ended"
    """Was watched, until it ended by itself."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A forum's thread that was read."""

    id: int
    url: str
    site: str
    software: str
    thread_id: str
    """The forum's own number of it."""
    title: str
    job_id: int | None
    state: WatchState
    why: str
    """Why it ended, or what the last check said."""
    pages: int
    posts: int
    files: int
    """Stored ones."""
    linked: int
    """Links that became jobs."""
    checks: int
    empty_checks: int
    """In a row."""
    failures: int
    """In a row."""
    newest_post_at: float | None
    """When the newest post was written, else first seen."""
    last_check_at: float | None
    last_full_at: float | None
    next_check_at: float | None
    expires_at: float | None
    """None: it is not watched."""
    folder: str
    """Where its page lies."""
    created_at: float


@dataclass(frozen=True, slots=True)
class Breaker:
    """What is known of one way to a site: a backend, as a visitor or with an account."""

    failures: int = 0
    """Failures in a row that count."""
    challenges: int = 0
    """Bot checks among them."""
    opened: int = 0
    """How often it was opened without a success in between."""
    open_until: float | None = None
    """Nobody may try before; None: it is closed."""
    probe_until: float | None = None
    """A probe is on its way, and has until then to say something."""
    reason: str = ""
    """Kind of the failure that opened it."""


@dataclass(frozen=True, slots=True)
class BackendTry:
    """How one backend did, once."""

    at: float
    kind: str
    """Kind of the failure; empty: it answered."""
    message: str = ""
    logged_in: bool = False
    answer_s: float | None = None
    """Until the first item; None: there was none."""
    took_s: float = 0.0
    items: int = 0


class Light(StrEnum):
    """How well a backend does, as a traffic light; the reason always stands beside it."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    GREY = "grey"
    """Switched off, or never asked."""


@dataclass(frozen=True, slots=True)
class BackendHealth:
    """A backend, what it is asked for, and how it does there."""

    platform: str
    backend: str
    content_type: str
    """Empty: all of them together."""
    light: Light
    why: str
    """One line in words."""
    tries: tuple[BackendTry, ...] = ()
    """The last ones, oldest first."""
    last_success_at: float | None = None
    answer_s: float | None = None
    """Time to the first item, in the middle of those that had one."""
    rests_until: float | None = None
    reason: str = ""
    """Kind of the last failure; empty: none since the last success."""
