"""A queue as a person would have it, written through the store: every status, invented harmless titles."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from mediadl import logs
from mediadl.models import Identity, Item, ItemState, JobRequest, JobStatus, Lane, Priority
from mediadl.service import Services
from mediadl.store import items, job_runs, jobs

WORKER = "scene"
PLATFORMS = frozenset({"instagram", "tiktok"})
"""Whose site has the platform's name."""


@dataclass(frozen=True, slots=True)
class Part:
    """One job of the scene: how it is asked for and where it ends up."""

    title: str
    url: str
    platform: str
    status: JobStatus = JobStatus.PENDING
    content_type: str = ""
    priority: Priority = Priority.NORMAL
    progress: float = 0.0
    total: int | None = None
    speed: float = 0.0
    stored: int = 0
    found: int | None = None
    skipped: int = 0
    failed: int = 0
    backend: str = "yt-dlp"
    reason: str = ""
    message: str = ""
    due_s: float | None = None
    files: Sequence[Item] = field(default_factory=tuple)


def write(services: Services, parts: Sequence[Part], *, now: float | None = None) -> list[int]:
    """Put the parts into the queue, in their order; returns their ids."""
    at = time.time() if now is None else now
    asked = [
        JobRequest(
            url=part.url,
            platform=part.platform,
            site=part.platform if part.platform in PLATFORMS else host(part.url),
            lane=Lane.RUNNER,
            content_type=part.content_type,
            title=part.title,
            priority=part.priority,
            not_before=at + (part.due_s or 3600) if part.status is JobStatus.SCHEDULED else None,
        )
        for part in parts
    ]
    with services.store.write() as tx:
        ids = jobs.add(tx, asked, max_attempts=6, now=at - 600)
    started = [(job_id, part) for job_id, part in zip(ids, parts, strict=True) if _was_started(part)]
    run(services, started, now=at)
    with services.store.write() as tx:
        held = [n for n, part in zip(ids, parts, strict=True) if part.status is JobStatus.PAUSED]
        from mediadl.models import Wanted

        jobs.request(tx, held, Wanted.PAUSE, at)
    return ids


def host(url: str) -> str:
    """The host name of an address."""
    return url.split("/")[2] if "//" in url else url


def run(services: Services, started: Sequence[tuple[int, Part]], *, now: float) -> None:
    """Bring jobs to the state of their parts through claim, progress and settle."""
    by_id = dict(started)
    with services.store.write() as tx:
        tx.execute("UPDATE download_queue SET lane = 'transfer'")
        tx.executemany("UPDATE download_queue SET lane = 'runner' WHERE id = ?", [(n,) for n in by_id])
        claimed = job_runs.claim(
            tx,
            lane=Lane.RUNNER,
            limit=len(by_id),
            per_site=len(by_id),
            worker=WORKER,
            boot="b",
            lease_until=now + 1e9,
            now=now,
        )
        tx.execute("UPDATE download_queue SET lane = first_lane")
        assert {job.id for job in claimed} == set(by_id)
        for job in claimed:
            part = by_id[job.id]
            job_runs.describe(tx, job.id, job.fence, backend=part.backend)
            done = int((part.total or 0) * part.progress / 100)
            left = (part.total - done) / part.speed if part.total and part.speed else None
            job_runs.progress(
                tx,
                [
                    job_runs.ProgressRow(
                        job.id, job.fence, part.progress, done, part.total, part.speed, part.found, part.stored,
                        part.skipped, part.failed, now + left if left is not None else None,
                    )
                ],
            )  # fmt: skip
            items.put(tx, job.id, [_of(item, job.id) for item in part.files])
            if part.status is not JobStatus.ACTIVE:
                job_runs.settle(
                    tx, job.id, job.fence, part.status, now=now, reason=part.reason, message=part.message,
                    not_before=now + part.due_s if part.due_s else None,
                )  # fmt: skip


def items_of(number: int, *, title: Callable[[int], str] = lambda n: f"Picture {n}") -> list[Item]:
    """Items in every state."""
    states = [
        ItemState.STORED,
        ItemState.STORED,
        ItemState.SKIPPED,
        ItemState.FAILED,
        ItemState.ACTIVE,
        ItemState.FOUND,
    ]
    return [
        Item(
            0, n, Identity("example", f"p{n}"), states[n % len(states)], title(n), 1_400_000 + 70_000 * n,
            "network" if states[n % len(states)] is ItemState.FAILED else "",
            "connection reset by the server" if states[n % len(states)] is ItemState.FAILED else "", None,
        )
        for n in range(1, number + 1)
    ]  # fmt: skip


def log_lines(services: Services, job_id: int, number: int) -> None:
    """Log lines about a job."""
    writer = logs.LogWriter(services.home.logs)
    for n in range(number):
        level = ("info", "info", "error", "warning")[n % 4]
        writer.write(level, "pipeline.fetch", f"step {n}: looked at page {n}", job_id)


def _of(item: Item, job_id: int) -> Item:
    from dataclasses import replace

    return replace(item, job_id=job_id)


def _was_started(part: Part) -> bool:
    return part.status not in {JobStatus.PENDING, JobStatus.SCHEDULED, JobStatus.PAUSED}


EVERYDAY: tuple[Part, ...] = (
    Part("Morning mist over the canal, three hours of quiet rowing", "https://video.example/watch?v=canal3h", "generic",
         JobStatus.ACTIVE, "videos", Priority.HIGH, 64.2, 1_840_000_000, 11_800_000),
    Part("harbour_sketches — posts", "https://www.instagram.com/harbour_sketches/", "instagram",
         JobStatus.ACTIVE, "posts", Priority.NORMAL, 37.5, 164_000_000, 2_450_000, 45, 120, 3, 0, "gallery-dl",
         files=tuple(items_of(24))),
    Part("@tiny.kiln: 20 glazes in 60 seconds", "https://www.tiktok.com/@tiny.kiln/video/7301112223334445556", "tiktok",
         JobStatus.ACTIVE, "videos", Priority.NORMAL, 91.0, 48_300_000, 3_900_000),
    Part("openstreet-tiles-2026-11.tar", "https://files.example/tiles/openstreet-tiles-2026-11.tar", "direct",
         JobStatus.ACTIVE, "", Priority.LOW, 12.4, 21_400_000_000, 38_200_000, backend="transfer"),
    Part("Field recordings: rain on a tin roof", "https://sounds.example/sets/rain-on-a-tin-roof", "generic",
         JobStatus.PENDING, priority=Priority.HIGH),
    Part("@slowbread — all videos", "https://www.tiktok.com/@slowbread", "tiktok", content_type="videos"),
    Part("How to bind a book without glue", "https://video.example/watch?v=bindbook", "generic"),
    Part("Night trains of Europe, winter timetable", "https://video.example/watch?v=nighttrains", "generic"),
    Part("Letterpress forum: ink for cold rooms, page 1–14", "https://forum.example/threads/ink.4411/", "generic"),
    Part("mountain.huts — stories", "https://www.instagram.com/stories/mountain.huts/", "instagram",
         JobStatus.WAITING, "stories", reason="login_needed", message="stories need a logged-in session",
         backend="gallery-dl"),
    Part("windowbox_garden — posts", "https://www.instagram.com/windowbox_garden/", "instagram",
         JobStatus.WAITING, "posts", reason="rate_limited", message="HTTP 429 for www.instagram.com", due_s=272,
         backend="gallery-dl"),
    Part("Lecture 7: How bridges fail", "https://lectures.example/bridges/7", "generic", JobStatus.PAUSED),
    Part("Daily radar loop", "https://weather.example/radar/loop.mp4", "direct", JobStatus.SCHEDULED, due_s=5 * 3600),
    Part("paper_planes_club — highlights", "https://www.instagram.com/paper_planes_club/", "instagram",
         JobStatus.FAILED, "highlights", reason="private",
         message="the account is private and this session does not follow it", backend="gallery-dl"),
    Part("Old lighthouse interview", "https://video.example/watch?v=lighthouse", "generic",
         JobStatus.FAILED, reason="not_found", message="HTTP 404 for video.example/watch"),
    Part("Map atlas 1904, sheets 1–60", "https://library.example/atlas-1904/", "generic", JobStatus.COMPLETED,
         progress=100, total=742_000_000, stored=58, found=60, skipped=2, backend="gallery-dl"),
    Part("@tiny.kiln: first firing", "https://www.tiktok.com/@tiny.kiln/video/7300001112223334445", "tiktok",
         JobStatus.COMPLETED, "videos", progress=100, total=31_000_000, stored=1, found=1),
    Part("Sourdough in a cold kitchen", "https://video.example/watch?v=sourdough", "generic",
         JobStatus.COMPLETED, progress=100, total=388_000_000, stored=1, found=1),
    Part("city-noise-map.geojson", "https://files.example/city-noise-map.geojson", "direct",
         JobStatus.COMPLETED, progress=100, total=9_400_000, stored=1, found=1, backend="transfer"),
    Part("Concert stream, rehearsal day", "https://video.example/watch?v=rehearsal", "generic", JobStatus.CANCELLED),
)  # fmt: skip
"""What the README's picture shows."""
