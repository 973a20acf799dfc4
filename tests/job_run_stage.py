"""A run, its outbox, and the two children played by hand: the stage for tests of `pipeline.job_run`."""

from __future__ import annotations

from typing import Any

from mediadl.errors import DownloadError, MediaNotFound
from mediadl.models import (
    FoundItem,
    Identity,
    ItemState,
    Job,
    JobStatus,
    Lane,
    MediaFacts,
    MediaKind,
    Priority,
    StoredFile,
    Wanted,
)  # fmt: skip
from mediadl.pipeline.conditions import Conditions
from mediadl.pipeline.facts import ItemFact, Outbox, SettleFact, StoredFact
from mediadl.pipeline.job_run import JobRun
from mediadl.pipeline.outcome import Outcome
from mediadl.pipeline.protocol import (
    Ended,
    Fetch,
    Found,
    Ingest,
    NetworkOptions,
    Stored,
    Target,
    TransferFailed,
)  # fmt: skip


def make_job(**fields: Any) -> Job:
    values: dict[str, Any] = {
        "id": 1, "url": "https://site.example/p/1", "platform": "generic", "site": "site.example", "lane": Lane.RUNNER,
        "content_type": "", "title": "", "status": JobStatus.ACTIVE, "wanted": Wanted.RUN,
        "priority": Priority.NORMAL, "position": 1.0, "options": {}, "trusted": True, "reason": "", "message": "",
        "not_before": None, "backend": "", "tried": "", "attempts": 1, "max_attempts": 6, "fence": 1,
        "assigned_worker": "w", "progress": 0.0, "bytes_done": 0, "bytes_total": None, "speed_bytes_per_s": 0.0,
        "items_total": None, "items_stored": 0, "items_skipped": 0, "items_failed": 0, "created_at": 0.0,
        "started_at": 0.0, "finished_at": None, "estimated_completion": None,
    }  # fmt: skip
    return Job(**{**values, **fields})


def make_item(n: int, media_id: str | None = None) -> FoundItem:
    return FoundItem(n, Identity("site.example", media_id or f"m{n}"), url=f"https://cdn.example/{n}.jpg")


class Harness:
    """A run, its outbox, and the two children played by hand."""

    def __init__(
        self, job: Job | None = None, *, known: set[Identity] | None = None, busy: Any = None
    ) -> None:
        self.job = job or make_job()
        self.out = Outbox()
        self.busy: dict[Identity, int] = {} if busy is None else busy
        conditions = Conditions(
            network=NetworkOptions(),
            target=lambda item: Target("/target", "/private", "folder", (f"name-{item.n}",)),
            known=(known or set()).__contains__,
            stored_before={},
            decide=lambda error, _job: (
                Outcome(JobStatus.FAILED)
                if isinstance(error, MediaNotFound)
                else Outcome(JobStatus.WAITING, 10.0)
            ),
        )
        self.run = JobRun(self.job, conditions, self.busy, self.out)

    def listing(self, *items: FoundItem) -> Harness:
        self.run.start_listing()
        for item in items:
            self.run.on_runner(Found(item))
        return self

    def ended(self, error: DownloadError | None = None) -> None:
        self.run.on_runner(Ended("yt-dlp", error.to_dict() if error else None))
        self.run.on_runner_gone("exit 0")

    def fetches(self) -> list[Fetch]:
        found = [m for m in self.out.transfers if isinstance(m, Fetch)]
        self.out.transfers = [m for m in self.out.transfers if not isinstance(m, Fetch)]
        return found

    def store(self, fetch: Fetch | Ingest) -> None:
        media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg")
        file = StoredFile(f"/target/{fetch.key}.jpg", 100, "aa", "aa", media)
        self.run.on_transfer(Stored(fetch.key, fetch.job_id, file))

    def fail(self, fetch: Fetch, error: DownloadError) -> None:
        self.run.on_transfer(TransferFailed(fetch.key, fetch.job_id, error.to_dict()))

    def settlement(self) -> SettleFact | None:
        settled = [f for f in self.out.facts if isinstance(f, SettleFact)]
        assert len(settled) <= 1
        return settled[0] if settled else None

    def states(self) -> dict[int, ItemState]:
        return {f.item.n: f.state for f in self.out.facts if isinstance(f, ItemFact)} | {
            f.item.n: ItemState.STORED for f in self.out.facts if isinstance(f, StoredFact)
        }
