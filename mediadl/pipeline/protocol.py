"""What the daemon and its children say to each other: one JSON object per line, on pipes of their own.

Two conversations. With the transfer child: `Fetch`, `Ingest`, `Cancel`, `Limits` go down, `Progress`, `Stored`,
`TransferFailed` come up; every transfer is named by a `key` that the daemon chose. With a runner child: one `RunJob`
goes down, then answers to `Asked`; `Found`, `Made`, `Working`, `Trouble`, `Ended` come up.

Lines are UTF-8 without raw line breaks. Unknown fields are ignored so that a nursery from before an update understands
the daemon after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from mediadl.models import FoundItem, LinkedJob, StoredFile, ThreadPage


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """How a child reaches the outside; the same for engines and for the fetcher."""

    proxy: str = ""
    ca_file: str = ""
    verify_tls: bool = True
    timeout_s: float = 30.0
    min_speed_bytes_per_s: int = 1024
    retries: int = 3
    """Quick tries inside one transfer; the queue's own attempts come after."""
    trusted: bool = True
    """False: private addresses are refused at every connect and redirect."""
    home: str = ""
    """Host the job was asked for at: pages there may not lead a trusted job to private addresses elsewhere."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """A stored file whose place a better one is to take, as it was when it was stored."""

    path: str
    sha256: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    min_gain: float = 1.15
    """How many times the area of the old one the new one needs at least."""
    keep_original: bool = False
    """The old file stays as `<stem>.original.<ext>`."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a finished file goes. The child adds the extension that fits the content."""

    root: str
    """Download folder; nothing is ever written outside of it."""
    work: str
    """The job's private folder (0700) below `root`, on the same file system: partial files and records."""
    folder: str
    """Relative folder below `root`, already safe; created when missing, never through a symbolic link."""
    names: tuple[str, ...]
    """Stems to try in this order when a name is taken by another file; already safe and short enough."""
    mtime: float | None = None
    """Becomes the file's modification time."""
    sidecar: dict[str, Any] | None = None
    """Metadata for `<name>.<ext>.json`; hash, size and media facts are added. None: no sidecar."""
    embed: dict[str, str] | None = None
    """Tags to write into the file (title, artist, date, comment, url); None: the bytes stay as served."""
    replaces: Replaced | None = None
    """The new file takes the place of this one, and only if it is better; `folder` and `names` do not count then."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """Download one plain media file, verify it, publish it."""

    OP: ClassVar[str] = "fetch"
    key: str
    job_id: int
    item: FoundItem
    target: Target
    network: NetworkOptions
    media_only: bool = True
    """Refuse HTML, JSON and XML (`NotMedia`)."""
    max_bytes: int = 0
    """Cap; 0: none but free space."""
    min_free_bytes: int = 0
    rate_bytes_per_s: int = 0
    """Limit for the job this belongs to; 0: only the global one."""
    careful: bool = False
    """Nothing is known of the host yet, or it refused lately: begin with one exchange at a time."""


@dataclass(frozen=True, slots=True)
class Ingest:
    """Verify and publish a file that an engine made in the job's work folder."""

    OP: ClassVar[str] = "ingest"
    key: str
    job_id: int
    item: FoundItem
    target: Target
    path: str
    """The engine's finished file inside `target.work`; moved, not copied."""
    merged: bool = False
    """Made of several streams: no server ever served these bytes."""


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop all transfers of a job; partial files and their records are kept unless `discard`."""

    OP: ClassVar[str] = "cancel"
    job_id: int
    discard: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Global limits; may change at any time."""

    OP: ClassVar[str] = "limits"
    rate_bytes_per_s: int = 0
    connections: int = 64
    connections_per_host: int = 32


@dataclass(frozen=True, slots=True)
class Reopen:
    """A site may be asked again: hosts that were closed when they refused its jobs take one request to begin with."""

    OP: ClassVar[str] = "reopen"
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TransferProgress:
    """How one transfer is doing; at most 4 per second and job."""

    OP: ClassVar[str] = "progress"
    key: str
    job_id: int
    done_bytes: int
    total_bytes: int | None
    speed_bytes_per_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Stored:
    """A file is verified, published and durable."""

    OP: ClassVar[str] = "stored"
    key: str
    job_id: int
    file: StoredFile
    reused: bool = False
    """True: the bytes were there already (a crash came between publishing and telling)."""


@dataclass(frozen=True, slots=True)
class TransferFailed:
    """A transfer ended without a file; `error` is `DownloadError.to_dict()`."""

    OP: ClassVar[str] = "failed"
    key: str
    job_id: int
    error: dict[str, Any]
    host: str = ""
    """The host that was closed over it; empty: none."""


@dataclass(frozen=True, slots=True)
class TransfersCancelled:
    """Nothing of the job moves any more; answers `Cancel`."""

    OP: ClassVar[str] = "cancelled"
    job_id: int


@dataclass(frozen=True, slots=True)
class Resting:
    """A way to the site that is left alone until a moment (epoch seconds)."""

    backend: str
    until: float
    account: bool = False
    """The way with the account's cookies; else that of a visitor."""


@dataclass(frozen=True, slots=True)
class RunJob:
    """Everything a runner needs to work on one job."""

    OP: ClassVar[str] = "run"
    job_id: int
    fence: int
    url: str
    module: str
    content_type: str
    options: dict[str, Any]
    work: str
    """Private folder of the job: engines put everything there."""
    network: NetworkOptions
    locks_file: str
    """File whose byte `job_id` the runner locks while it works."""
    skip_backends: tuple[str, ...] = ()
    """Backends that already gave up on this job."""
    resting: tuple[Resting, ...] = ()
    """Ways that are not to be tried now."""
    cookies_file: str = ""
    """A copy of the jar made for this job (0600), or where it will lie; empty: anonymous."""
    account: str = ""
    """Whose cookies these are; empty: nobody's."""
    ask_login: bool = False
    """The cookies come when they are asked for (`LoginNews`), fresh and to one job at a time."""
    user_agent: str = ""
    """Of the browser the cookies came from; empty: unknown."""
    user: str = ""
    password: str = field(default="", repr=False)
    """For a login by form; never leaves this pipe."""
    login: str = "needed"
    """When the cookies are used: `needed` (visitors' ways are tried first), `always` or `never`."""
    memory: dict[str, Any] = field(default_factory=dict)
    """What earlier runs remembered about the source."""
    quality: str = "best"
    request_delay_s: float = 0.0
    """About how long to pause between two requests for listings."""
    login_delay_s: float = 0.0
    """The same with the account; 0: no other."""
    budgeted: bool = False
    """Each request with the account is to be granted: `Spend`."""
    max_bytes: int = 0
    """Largest file the engine may download itself; 0: any."""
    rate_bytes_per_s: int = 0
    """Speed limit of what the engine downloads itself; 0: none."""
    ffmpeg: str = ""
    """Path of the ffmpeg binary; empty: none."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The daemon's answer to `Asked`: download it with the engine, or leave it."""

    OP: ClassVar[str] = "answer"
    n: int
    take: bool


@dataclass(frozen=True, slots=True)
class Grant:
    """The daemon's answer to `Spend`: the request is counted and may be sent, or it may be asked for again later."""

    OP: ClassVar[str] = "grant"
    n: int
    wait_s: float = 0.0
    """0: send it now."""
    why: str = ""
    last_at: float = 0.0
    """When the account sent the one before (epoch seconds); 0: nobody knows."""


@dataclass(frozen=True, slots=True)
class LoginReady:
    """The daemon's answer to `LoginNews`: the account is this job's alone now, its cookies lie in the copy."""

    OP: ClassVar[str] = "login_ready"
    account: str = ""
    user_agent: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    error: dict[str, Any] | None = None
    """No account can be had: `DownloadError.to_dict()`."""


@dataclass(frozen=True, slots=True)
class Known:
    """An item found was fetched before."""

    OP: ClassVar[str] = "known"
    n: int


@dataclass(frozen=True, slots=True)
class Enough:
    """Stop listing: the daemon needs no more items."""

    OP: ClassVar[str] = "enough"


@dataclass(frozen=True, slots=True)
class Working:
    """What the runner is doing now: backend at work, title of the whole, what is waited for."""

    OP: ClassVar[str] = "working"
    backend: str = ""
    title: str = ""
    items_total: int | None = None
    waiting_s: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Spend:
    """The runner is about to send a request with the account; it waits for `Grant`."""

    OP: ClassVar[str] = "spend"
    n: int
    account: str


@dataclass(frozen=True, slots=True)
class Tried:
    """How one backend did, in one manner."""

    OP: ClassVar[str] = "tried"
    backend: str
    logged_in: bool = False
    account: str = ""
    error: dict[str, Any] | None = None
    """`DownloadError.to_dict()`; None: it answered."""
    went_on: bool = False
    """Another backend was asked after the failure."""
    answer_s: float | None = None
    """Until the first item; None: there was none."""
    took_s: float = 0.0
    items: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """An item that our own fetcher can download."""

    OP: ClassVar[str] = "found"
    item: FoundItem


@dataclass(frozen=True, slots=True)
class Asked:
    """An item that only the engine can download; it waits for `Answer`."""

    OP: ClassVar[str] = "asked"
    item: FoundItem


@dataclass(frozen=True, slots=True)
class EngineProgress:
    """Progress of an item the engine downloads itself; at most 4 per second."""

    OP: ClassVar[str] = "engine_progress"
    n: int
    done_bytes: int
    total_bytes: int | None
    speed_bytes_per_s: float = 0.0
    stage: str = "downloading"


@dataclass(frozen=True, slots=True)
class Made:
    """The engine finished a file inside the work folder."""

    OP: ClassVar[str] = "made"
    n: int
    path: str
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """One item (`n`), or one backend as a whole (`n` = 0), failed; the runner goes on with what is left."""

    OP: ClassVar[str] = "trouble"
    error: dict[str, Any]
    n: int = 0
    backend: str = ""
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Remember:
    """Something about the source that later runs want to know; `value` None: forget it."""

    OP: ClassVar[str] = "remember"
    key: str
    value: Any = None
    if_complete: bool = False
    """Only when every item of the run was wanted and is there in the end."""


@dataclass(frozen=True, slots=True)
class LoginNews:
    """The runner needs the account and waits for `LoginReady`, or (`refused`) the site did not take it."""

    OP: ClassVar[str] = "login"
    refused: dict[str, Any] | None = None
    """`DownloadError.to_dict()`."""


@dataclass(frozen=True, slots=True)
class ThreadRead:
    """A page of a forum's thread was read: kept before its files are asked for."""

    OP: ClassVar[str] = "thread_read"
    page: ThreadPage


@dataclass(frozen=True, slots=True)
class ThreadWalked:
    """A check of a thread came to its end."""

    OP: ClassVar[str] = "thread_walked"
    full: bool
    """From the first page on."""
    last_page: int = 1
    gone: tuple[str, ...] = ()
    """Posts that were known and are not there any more."""


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """Posts of a subscribed source that came by: each with when it was posted and whether it was wanted."""

    OP: ClassVar[str] = "source_seen"
    posts: tuple[tuple[str, float | None, bool], ...]


@dataclass(frozen=True, slots=True)
class SourceOwner:
    """Who posts in a subscribed source, by the site's own stable id, and how they call themselves."""

    OP: ClassVar[str] = "source_owner"
    owner_id: str
    name: str


@dataclass(frozen=True, slots=True)
class SourceWalked:
    """The list of a subscribed source was walked to its frontier or its end, or until nobody wanted more."""

    OP: ClassVar[str] = "source_walked"
    complete: bool
    """Everything that follows is known, or nothing follows."""
    full: bool = False
    """Every post there is came by."""
    head: tuple[str, ...] = ()
    floor_at: float | None = None
    missing: tuple[str, ...] = ()
    """Posts of the old head that are gone from between others."""


@dataclass(frozen=True, slots=True)
class Linked:
    """An address that becomes a job of its own, once per job and address."""

    OP: ClassVar[str] = "linked"
    link: LinkedJob


@dataclass(frozen=True, slots=True)
class LogLine:
    """Something the engine said, already redacted and safe."""

    OP: ClassVar[str] = "log"
    level: str
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The runner's last word on the job. `error` None: the listing came to its natural end."""

    OP: ClassVar[str] = "ended"
    backend: str
    error: dict[str, Any] | None = None
    tried: tuple[str, ...] = field(default_factory=tuple)
    """Backends that gave up before, each as `name: reason`."""
    empty: str = ""
    """The site said plainly that there is nothing: its words for people."""


Message = (
    Fetch | Ingest | Cancel | Limits | Reopen | TransferProgress | Stored | TransferFailed | TransfersCancelled
    | RunJob | Answer | Grant | LoginReady | Known | Enough | Working | Spend | Tried | Found | Asked | EngineProgress
    | Made | Trouble | Remember | LoginNews | LogLine
    | ThreadRead | ThreadWalked | Linked | SourceSeen | SourceOwner | SourceWalked | Ended
)  # fmt: skip
