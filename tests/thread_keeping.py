"""Short ways to make threads, their posts and the ends of their checks, for the rooms that keep them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mediadl.errors import DownloadError
from mediadl.models import (
    FoundItem,
    Identity,
    ItemState,
    Job,
    JobStatus,
    Lane,
    MediaFacts,
    MediaKind,
    PostFile,
    StoredFile,
    ThreadPage,
    ThreadPost,
)
from mediadl.pipeline.facts import (
    Fact,
    ItemFact,
    SettleFact,
    StoredFact,
    ThreadReadFact,
    ThreadWalkedFact,
)
from mediadl.store import jobs
from mediadl.store.database import Database
from mediadl.workers.recorder import Settled, record
from store.making import NOW, add, claim

URL = "https://forum.example.org/threads/walks.77/"
SITE = "forum.example.org"
DAY = 86_400.0


def file(n: int, **fields: Any) -> PostFile:
    return PostFile(
        f"https://{SITE}/attachments/{n}", "attachment", Identity(SITE, str(n)), f"walk {n}.jpg", **fields
    )


def post(
    n: int, *files: PostFile, at: float | None = NOW - DAY, text: str = "", digest: str = ""
) -> ThreadPost:
    return ThreadPost(
        str(n), n, "ann", "11", at, "yesterday", f"{URL}post-{n}", text or f"Words of post {n}", "<p>x</p>",
        digest or f"d{n}", files,
    )  # fmt: skip


def page(number: int, *posts: ThreadPost) -> ThreadPage:
    return ThreadPage(
        f"{URL}page-{number}", number, "xenforo2", "77", "Walks", posts, tuple(one.id for one in posts)
    )


class Keeper:
    """Plays the daemon's recorder for one thread's job."""

    def __init__(self, database: Database, now: float = NOW, **options: Any) -> None:
        self.database = database
        self.now = now
        with database.write() as tx:
            (self.job_id,) = add(
                tx,
                lane=Lane.RUNNER,
                url=URL,
                platform="forum",
                site=SITE,
                content_type="thread",
                options=options,
            )

    def job(self) -> Job:
        return jobs.get(self.database.read(), self.job_id)

    def begin(self) -> Job:
        """Claim the job, early if need be."""
        with self.database.write() as tx:
            jobs.promote(tx, self.now + 400 * DAY)
            (job,) = claim(tx, now=self.now)
        return job

    def tell(self, *facts: Fact) -> list[Settled]:
        return record(self.database, list(facts), [], self.now)

    def check(
        self,
        *pages: ThreadPage,
        error: DownloadError | None = None,
        status: JobStatus = JobStatus.COMPLETED,
        walked: bool = True,
        stored: Sequence[int] = (),
        gone: tuple[str, ...] = (),
    ) -> Job:
        """One whole check; returns the job as it stands then."""
        job = self.begin()
        facts: list[Fact] = [ThreadReadFact(job, one) for one in pages]
        facts += [self.stored(job, n) for n in stored]
        if walked:
            last = max((one.number for one in pages), default=1)
            facts.append(ThreadWalkedFact(job, True, last, gone))
        facts.append(
            SettleFact(job, status, error, error.message if error else "", pages=len(pages), walked=walked,
                       stored=len(stored))
        )  # fmt: skip
        self.tell(*facts)
        return self.job()

    @staticmethod
    def stored(job: Job, n: int) -> StoredFact:
        item = FoundItem(n, Identity(SITE, str(n)))
        media = MediaFacts(MediaKind.IMAGE, "image/jpeg", "jpg")
        return StoredFact(
            job, item, StoredFile(f"/media/walk {n}.jpg", 10, "a" * 64, "a" * 64, media), "pages"
        )

    @staticmethod
    def failed(job: Job, n: int, reason: str) -> ItemFact:
        return ItemFact(job, FoundItem(n, Identity(SITE, str(n))), ItemState.FAILED, reason, "no")
