"""What callers are told: the records that the command line prints with `--json`, described."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field


class Job(BaseModel):
    """A job: what was asked for, and where it stands."""

    id: int
    url: str
    platform: str
    site: str
    content_type: str
    title: str
    status: str
    wanted: str
    priority: str
    reason: str
    message: str
    next_step: str
    not_before: str | None
    backend: str
    tried: str
    attempts: int
    max_attempts: int
    progress: float = Field(description="0 to 100.")
    bytes_done: int
    bytes_total: int | None
    speed_bytes_per_s: int
    items_total: int | None
    items_stored: int
    items_skipped: int
    items_failed: int
    created_at: str | None
    started_at: str | None
    finished_at: str | None
    estimated_completion: str | None
    options: dict[str, Any]


class Item(BaseModel):
    """A file of a job."""

    n: int
    site: str
    id: str
    index: int
    state: str
    title: str
    size: int | None
    reason: str
    message: str
    download_id: int | None


class Download(BaseModel):
    """A stored file."""

    id: int
    job_id: int | None
    platform: str
    source: str
    title: str
    url: str
    path: str = Field(description="Below the download folder, for those who do not see the settings.")
    size: int
    sha256: str
    received_sha256: str
    kind: str
    mime: str
    width: int | None
    height: int | None
    duration_s: float | None
    backend: str
    site: str
    media_id: str
    index: int
    posted_at: str | None
    stored_at: str | None
    only_copy_at: str | None


class Jobs(BaseModel):
    """A window of the queue."""

    total: int
    offset: int
    limit: int
    items: list[Job]


class Items(BaseModel):
    """A window of a job's files."""

    total: int
    offset: int
    limit: int
    items: list[Item]


class Downloads(BaseModel):
    """A window of the history."""

    total: int
    offset: int
    limit: int
    items: list[Download]


class Added(BaseModel):
    """A job that was put into the queue."""

    job_id: int
    url: str
    platform: str
    content_type: str
    title: str


class AddedJobs(BaseModel):
    """The jobs that were put into the queue."""

    jobs: list[Added]


class QueueCounts(BaseModel):
    """How many jobs stand where."""

    total: int
    pending: int
    active: int
    completed: int
    failed: int
    cancelled: int
    paused: int
    scheduled: int
    waiting: int
    speed_bytes_per_s: int
    bytes_done: int
    bytes_total: int


class Changed(BaseModel):
    """For which jobs something changed."""

    ids: list[int]


class Count(BaseModel):
    """How many."""

    count: int


class Deleted(BaseModel):
    """What a deletion did."""

    records: int
    files: int
    size: int
    missing: int
    refused: int
    refusals: list[Refusal]


class Refusal(BaseModel):
    """A file that was left."""

    id: int
    reason: str


class BulkDone(BaseModel):
    """What an act on many files did."""

    deleted: Deleted | None = None
    job_ids: list[int] | None = None
    refused: int | None = None


class Amount(BaseModel):
    """So many files, so many bytes."""

    files: int
    size: int


class DownloadStats(Amount):
    """The history in figures."""

    by_platform: dict[str, Amount]
    by_kind: dict[str, Amount]


class Tokens(BaseModel):
    """What a login gives."""

    access_token: str = Field(description="Goes into `Authorization: Bearer …`.")
    token_type: Literal["Bearer"] = "Bearer"
    expires_in: int = Field(description="Seconds.")
    refresh_token: str = Field(description="Good once; gives the next pair.")
    refresh_expires_at: str | None


class Me(BaseModel):
    """Who asks."""

    user_id: int | None
    name: str
    role: str
    rights: list[str]
    via: str


class Setting(BaseModel):
    """One setting."""

    key: str
    value: Any
    default: Any
    source: str
    title: str
    help: str
    allowed: str
    choices: list[str]


class Run(BaseModel):
    """A run of a schedule."""

    id: int
    schedule_id: int
    due_at: str | None
    kind: str
    state: str
    message: str
    missed: int
    started_at: str | None
    ended_at: str | None
    sources: int
    found: int
    new: int
    skipped: int
    failed: int
    size: int
    error: str


class Schedule(BaseModel):
    """A schedule."""

    id: int
    name: str
    enabled: bool
    owner_id: int | None
    next_due_at: str | None
    next_start_at: str | None
    last_due_at: str | None
    note: str
    created_at: str | None
    changed_at: str | None
    spec: dict[str, Any] = Field(description="What it was told, by the fields it is made with.")
    rule: str = ""
    gap_since: str | None = None
    ailing_sources: int = 0
    last_run: Run | None = None


class StartedRun(BaseModel):
    """A run that was asked for."""

    run: Run
    job_ids: list[int]


class LogLine(BaseModel):
    """A line of the log."""

    at: str
    level: str
    module: str
    message: str
    pid: int
    job: int | None = None


class Health(BaseModel):
    """How the program does."""

    status: Literal["ok", "trouble"]
    database: dict[str, Any] | None = None
    daemon: dict[str, Any] | None = None
    disk: dict[str, Any] | None = None
    engines: list[dict[str, Any]] | None = None


Deleted.model_rebuild()
