"""Figures of the store: adding, claim and settle, pages of a long queue and of a long history.

Run it as `python benchmarks/store.py [--json]`; it works in a temporary folder and prints one line per figure.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from mediadl.models import (
    Download,
    HistoryQuery,
    HistorySort,
    Identity,
    Job,
    JobQuery,
    JobRequest,
    JobSort,
    JobStatus,
    Lane,
    MediaKind,
)
from mediadl.paths import Home
from mediadl.store import archive, downloads, jobs
from mediadl.store.database import Database
from mediadl.store.locks import boot_id, boot_time_s

QUEUE_ROWS = 100_000
HISTORY_ROWS = 200_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    figures: list[tuple[str, float, str, str]] = []

    def note(name: str, value: float, unit: str, goal: str = "") -> None:
        figures.append((name, value, unit, goal))
        if not asked.json:
            print(f"{name:58} {value:10.2f} {unit:6} {goal}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        with Database.open(home) as database:
            adding(database, note)
            claiming(database, note)
            queue_pages(database, note)
            blocked_claims(database, note)
            history(database, note)
        opening(home, note)
    if asked.json:
        print(
            json.dumps(
                {name: {"value": value, "unit": unit, "goal": goal} for name, value, unit, goal in figures}
            )
        )


Note = Callable[..., None]


def adding(database: Database, note: Note) -> None:
    requests = [
        JobRequest(f"https://host{n % 50}.example/file/{n}.jpg", "direct", f"host{n % 50}")
        for n in range(10_000)
    ]
    started = time.perf_counter()
    with database.write() as tx:
        jobs.add(tx, requests, max_attempts=5, now=time.time())
    note("add 10,000 jobs, one transaction", time.perf_counter() - started, "s", "<= 1")


def claiming(database: Database, note: Note) -> None:
    database.checkpoint(truncate=True)
    note("claim + settle, FULL, one by one, log growing", rounds_per_s(database, 500), "1/s", ">= 500")
    # What the daemon does every 5 s: from then on the log is written over, which costs the disk less
    database.checkpoint()
    note("claim + settle, FULL, one by one, log reused", rounds_per_s(database, 500), "1/s", ">= 500")
    database.checkpoint(truncate=True)


def rounds_per_s(database: Database, rounds: int) -> float:
    started = time.perf_counter()
    for _ in range(rounds):
        with database.write() as tx:
            (job,) = claim(tx, 1)
        with database.write() as tx:
            assert jobs.settle(tx, job.id, job.fence, JobStatus.COMPLETED, now=time.time())
    return rounds / (time.perf_counter() - started)


def claim(tx: sqlite3.Connection, limit: int, per_site: int = 4) -> list[Job]:
    return jobs.claim(
        tx, lane=Lane.RUNNER, limit=limit, per_site=per_site, worker="bench", boot=boot_id(),
        lease_until=boot_time_s() + 30, now=time.time(),
    )  # fmt: skip


def queue_pages(database: Database, note: Note) -> None:
    fill_queue(database)
    connection = database.read()
    rows = jobs.count(connection, JobQuery())
    everything = JobQuery()
    note(f"counts() at {rows:,} jobs", median_ms(lambda: jobs.counts(connection)), "ms", "<= 10")
    for offset in (0, rows // 4, rows // 2, rows - 50):
        taken = median_ms(partial(jobs.window, connection, everything, offset, 50))
        note(f"window(ORDER, offset {offset:,}, 50)", taken, "ms", "<= 20")
    for name, query in (
        ("failed only", JobQuery(frozenset({JobStatus.FAILED}))),
        ("pending + active", JobQuery(frozenset({JobStatus.PENDING, JobStatus.ACTIVE}))),
        ("one platform", JobQuery(platform="tiktok")),
        ("search, many hits", JobQuery(search="host1")),
        ("search, one hit", JobQuery(search="file/77777.jpg")),
        ("search, no hit", JobQuery(search="nothing like this")),
        *((f"sort {sort.value}", JobQuery(sort=sort)) for sort in JobSort if sort is not JobSort.ORDER),
    ):
        taken = median_ms(partial(jobs.window, connection, query, 0, 50))
        note(f"window, {name}", taken, "ms")
    note("count(search)", median_ms(lambda: jobs.count(connection, JobQuery(search="host1"))), "ms")
    note("index_of(middle)", median_ms(lambda: jobs.index_of(connection, everything, rows // 2)), "ms")
    started = time.perf_counter()
    jobs.ids(connection, everything)
    note("ids() of everything", (time.perf_counter() - started) * 1e3, "ms")
    claiming(database, note)


def fill_queue(database: Database) -> None:
    random.seed(7)
    present = jobs.count(database.read(), JobQuery())
    platforms = ("direct", "generic", "tiktok", "instagram")
    requests = [
        JobRequest(
            f"https://host{n % 50}.example/file/{n}.jpg",
            platforms[n % 4],
            f"host{n % 50}",
            title=f"Title {n}",
        )
        for n in range(QUEUE_ROWS - present)
    ]
    with database.write() as tx:
        jobs.add(tx, requests, max_attempts=5, now=time.time())
        tx.execute(
            "UPDATE download_queue SET status = CASE abs(random()) % 100 WHEN 0 THEN 'failed' WHEN 1 THEN 'paused'"
            " WHEN 2 THEN 'waiting' ELSE CASE WHEN id % 2 THEN 'completed' ELSE 'pending' END END,"
            " finished_at = created_at + id WHERE status = 'pending'"
        )
    database.checkpoint(truncate=True)


def blocked_claims(database: Database, note: Note) -> None:
    with database.write() as tx:
        tx.execute("UPDATE download_queue SET site = 'one' WHERE status = 'pending'")
        claim(tx, 4)
        (free,) = jobs.add(
            tx, [JobRequest("https://free.example/", "direct", "free")], max_attempts=5, now=time.time()
        )

    def once() -> None:
        with database.write(durable=False) as tx:
            (job,) = claim(tx, 1)
            assert job.id == free
            jobs.settle(tx, job.id, job.fence, JobStatus.PENDING, now=time.time(), refund_attempt=True)

    note("claim + settle behind ~48,000 jobs of a busy site", median_ms(once), "ms")


def history(database: Database, note: Note) -> None:
    words = [f"word{n}" for n in range(2000)]
    started = time.perf_counter()
    with database.write() as tx:
        for n in range(HISTORY_ROWS):
            title = " ".join(random.choices(words, k=6))
            kind = MediaKind.IMAGE if n % 3 else MediaKind.VIDEO
            downloads.add(
                tx,
                Download(
                    0, n, Identity("site", str(n)), "tiktok" if n % 2 else "instagram", f"user{n % 500}", title,
                    f"https://site.example/p/{n}", f"/media/tiktok/user{n % 500}/{n}.jpg", random.randrange(10**8),
                    "a" * 64, "a" * 64, kind, "image/jpeg", 1080, 1920, None, "gallery-dl", None, 1.7e9 + n,
                ),
            )  # fmt: skip
            archive.add(tx, Identity("site", str(n)), n, 1.7e9)
    taken = time.perf_counter() - started
    note(f"history + archive + full text, {HISTORY_ROWS:,} rows", HISTORY_ROWS / taken, "rows/s")
    database.checkpoint(truncate=True)
    connection = database.read()
    for name, query, offset in (
        ("first page", HistoryQuery(), 0),
        ("middle", HistoryQuery(), HISTORY_ROWS // 2),
        ("last page", HistoryQuery(), HISTORY_ROWS - 50),
        ("one platform", HistoryQuery(platform="tiktok"), 0),
        ("one source", HistoryQuery(source="user7"), 0),
        ("since, recent", HistoryQuery(since=1.7e9 + HISTORY_ROWS - 1000), 0),
        (
            "videos over 90 MB by size",
            HistoryQuery(kind=MediaKind.VIDEO, min_size_bytes=90_000_000, sort=HistorySort.SIZE),
            0,
        ),
        ("by title", HistoryQuery(sort=HistorySort.TITLE, descending=False), 0),
        ("search, one rare word", HistoryQuery(search="word77 word1234"), 0),
        ("search, every row", HistoryQuery(search="word"), 0),
        ("search, half, by size", HistoryQuery(search="word1", sort=HistorySort.SIZE), 0),
    ):
        taken = median_ms(partial(downloads.window, connection, query, offset, 50))
        note(f"history window, {name}", taken, "ms")
    for name, query in (
        ("all", HistoryQuery()),
        ("one platform", HistoryQuery(platform="tiktok")),
        ("one source", HistoryQuery(source="user7")),
        ("search, rare", HistoryQuery(search="word77 word1234")),
        ("search, every row", HistoryQuery(search="word")),
    ):
        note(f"history count, {name}", median_ms(partial(downloads.count, connection, query)), "ms")
    asked = [Identity("site", str(n)) for n in range(0, 20_000, 20)]
    note("archive.known of 1,000", median_ms(lambda: archive.known(connection, asked)), "ms")


def opening(home: Home, note: Note) -> None:
    def once() -> None:
        Database.open(home).close()

    note(f"open + close, {home.database.stat().st_size / 1e6:.0f} MB", median_ms(once), "ms")
    with tempfile.TemporaryDirectory() as folder:
        small = Home(Path(folder))
        started = time.perf_counter()
        Database.open(small).close()
        note("open + close, first time", (time.perf_counter() - started) * 1e3, "ms")
        note("open + close, empty queue", median_ms(lambda: Database.open(small).close()), "ms")
    code = (
        "import time; t = time.perf_counter(); import mediadl.store.database, mediadl.store.jobs;"
        " print(time.perf_counter() - t)"
    )
    imports = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(5)
    ]
    note("import of the store", min(imports) * 1e3, "ms")


def median_ms(action: Callable[[], object], rounds: int = 9) -> float:
    taken = []
    for _ in range(rounds):
        started = time.perf_counter()
        action()
        taken.append((time.perf_counter() - started) * 1e3)
    return statistics.median(taken)


if __name__ == "__main__":
    main()
