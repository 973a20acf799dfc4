"""A data folder of a heavy user, written in seconds: a long queue, a long history, a long log.

History and queue are written in bulk past the triggers, which are put back afterwards with what they would have kept;
the result is what a million single downloads would have left.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mediadl.models import JobRequest, Lane
from mediadl.paths import Home
from mediadl.service import open_services
from mediadl.store import job_runs
from mediadl.store import jobs as table

ACTIVE = 8
JOBS = 100_000
FILES = 1_000_000
LINES = 1_000_000


def everything(root: Path, *, jobs: int = JOBS, files: int = FILES, lines: int = LINES) -> Home:
    """Jobs, history and log in one data folder."""
    home = Home(root).create()
    queue(home, jobs)
    if files:
        history(home, files)
    if lines:
        log(home, lines)
    return home


_ENDED = """
UPDATE download_queue SET status = CASE id % 10 WHEN 9 THEN 'failed' ELSE 'completed' END,
    reason = CASE id % 10 WHEN 9 THEN 'not_found' ELSE '' END,
    message = CASE id % 10 WHEN 9 THEN 'HTTP 404 for video.example' ELSE '' END,
    progress = 100.0, finished_at = :now - id
WHERE status = 'pending' AND id % 10 > 5
"""


def queue(home: Home, jobs: int) -> None:
    """So many jobs: eight active, one in a hundred planned, four in ten ended, the rest pending."""
    now = time.time()
    with open_services(home) as services:
        for start in range(0, jobs, 20_000):
            with services.store.write() as tx:
                table.add(
                    tx,
                    [
                        JobRequest(
                            url=f"https://video.example/watch?v={n:06}", platform="generic", site=f"site-{n % 50}",
                            title=f"Recording {n:06} of the long winter, part {n % 7}",
                            not_before=now + 600 + 60 * n if n % 100 == 50 else None,
                        )
                        for n in range(start, min(start + 20_000, jobs))
                    ],
                    max_attempts=6,
                    now=now,
                )  # fmt: skip
        with services.store.write() as tx:
            job_runs.claim(
                tx,
                lane=Lane.RUNNER,
                limit=ACTIVE,
                per_site=1,
                worker="bench",
                boot="b",
                lease_until=now + 1e6,
                now=now,
            )
            tx.execute(_ENDED, {"now": now})


_WORDS = (
    "morning", "canal", "lighthouse", "kiln", "bridge", "garden", "winter", "harbour", "glaze", "train", "atlas",
    "rehearsal", "bread", "radar", "roof", "ink", "tiles", "hut", "mist", "rowing", "paper", "plane", "noise",
)  # fmt: skip
_ROWS = """
WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :files)
INSERT INTO downloads(job_id, site, media_id, idx, platform, source, title, url, path, size_bytes, sha256, kind,
    mime, width, height, backend, stored_at)
SELECT i + 1, 'site', 'm' || i, 0, platform, platform || '_user' || (i % 500),
    'The ' || a.word || ' and the ' || b.word || ', part ' || i, 'https://' || platform || '.example/p/' || i,
    '/media/' || platform || '/user' || (i % 500) || '/' || i || extension, 20000 + (i * 7919) % 90000000,
    printf('%064x', i), kind, mime, 1080, 1920, 'gallery-dl', :newest - (:files - 1 - i) * 30.0
FROM n
    JOIN seed_words a ON a.n = i % :words
    JOIN seed_words b ON b.n = i * 7 % :words
    JOIN seed_kinds k ON k.n = i % 6
"""
_AFTER = (
    "DELETE FROM download_counts",
    "INSERT INTO download_counts SELECT platform, kind, COUNT(*), SUM(size_bytes) FROM downloads GROUP BY 1, 2",
    "DELETE FROM download_quarters",
    (
        "INSERT INTO download_quarters SELECT CAST(stored_at / 900 AS INTEGER), COUNT(*), SUM(size_bytes)"
        " FROM downloads GROUP BY 1"
    ),
    "INSERT INTO downloads_fts(downloads_fts) VALUES ('rebuild')",
    "ANALYZE",
)


def history(home: Home, files: int) -> None:
    """So many stored files, one each half minute until now; the files themselves do not exist."""
    with open_services(home) as services:
        services.queue.counts()
    with _bulk(home, "downloads") as connection:
        connection.execute("CREATE TEMP TABLE seed_words(n INTEGER PRIMARY KEY, word TEXT)")
        connection.executemany("INSERT INTO seed_words VALUES (?, ?)", enumerate(_WORDS))
        connection.execute(
            "CREATE TEMP TABLE seed_kinds(n INTEGER PRIMARY KEY, platform TEXT, kind TEXT, mime TEXT, extension TEXT)"
        )
        connection.executemany(
            "INSERT INTO seed_kinds VALUES (?, ?, ?, ?, ?)",
            [
                (0, "instagram", "image", "image/jpeg", ".jpg"),
                (1, "tiktok", "video", "video/mp4", ".mp4"),
                (2, "instagram", "video", "video/mp4", ".mp4"),
                (3, "generic", "image", "image/png", ".png"),
                (4, "direct", "audio", "audio/mpeg", ".mp3"),
                (5, "forum", "image", "image/jpeg", ".jpg"),
            ],
        )
        connection.execute(_ROWS, {"files": files, "newest": time.time() - 60, "words": len(_WORDS)})
        for statement in _AFTER:
            connection.execute(statement)


@contextmanager
def _bulk(home: Home, written: str) -> Iterator[sqlite3.Connection]:
    """A connection that does not sync and without the table's triggers and indexes, which come back at the end."""
    connection = sqlite3.connect(home.database, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-200000")
    kept = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('trigger', 'index')"
        " AND sql IS NOT NULL",
        (written,),
    ).fetchall()
    try:
        connection.execute("BEGIN")
        for kind, name, _ in kept:
            connection.execute(f"DROP {kind} {name}")
        yield connection
        for _, _, sql in kept:
            connection.execute(sql)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


_DAYS = 5
_MODULES = ("workers.daemon", "workers.pool", "pipeline.fetch", "modules.gallery", "store.database", "app")
_LEVELS = ("info", "info", "debug", "info", "warning", "info", "info", "error")


def log(home: Home, lines: int) -> None:
    """So many log lines over the last days, the newest a minute ago."""
    home.logs.mkdir(parents=True, exist_ok=True)
    now = datetime.now(UTC) - timedelta(minutes=1)
    each = lines // _DAYS
    for back in range(_DAYS):
        # Whole days before today; today's end now
        end = now if back == 0 else now.replace(hour=23, minute=59, second=0) - timedelta(days=back)
        begin = end.replace(hour=0, minute=0, second=0, microsecond=0)
        step_ms = max(1, int((end - begin).total_seconds() * 1000) // each)
        _log_day(home, begin, step_ms, each)


def _log_day(home: Home, begin: datetime, step_ms: int, lines: int) -> None:
    day = begin.strftime("%Y-%m-%d")
    with (home.logs / f"mediadl-{day}.jsonl").open("w") as stream:
        for n in range(lines):
            ms = n * step_ms
            record = {
                "at": f"{day}T{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02}.{ms % 1000:03}Z",
                "level": _LEVELS[n % 8],
                "module": _MODULES[n % 6],
                "job": n % 5000,
                "pid": 4000 + n % 3,
                "message": f"step {n}: looked at page {n % 97} of the {_WORDS[n % len(_WORDS)]}",
            }
            stream.write(json.dumps(record, separators=(",", ":")) + "\n")
