"""Short ways to make what the store's tests need."""

from __future__ import annotations

import contextlib
import functools
import sqlite3
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mediadl.models import Download, Identity, Job, JobRequest, Lane, MediaKind
from mediadl.paths import Home
from mediadl.store import jobs
from mediadl.store.migrations import migrate

NOW = 1_800_000_000.0
"""The time in these tests."""

BOOT = "boot-1"
WORKER = "worker-1"
LEASE = 100.0
"""End of a lease, on the boot clock."""


def request(n: int = 0, **fields: Any) -> JobRequest:
    """A request for a file."""
    return JobRequest(**{"url": f"https://host/{n}.jpg", "platform": "direct", "site": "host", **fields})


def add(tx: sqlite3.Connection, how_many: int = 1, **fields: Any) -> list[int]:
    """Add jobs."""
    return jobs.add(tx, [request(n, **fields) for n in range(how_many)], max_attempts=5, now=NOW)


def claim(tx: sqlite3.Connection, limit: int = 1, **other: Any) -> list[Job]:
    """Claim jobs as the one worker."""
    asked: dict[str, Any] = {
        "lane": Lane.RUNNER, "limit": limit, "per_site": 0, "worker": WORKER, "boot": BOOT, "lease_until": LEASE,
        "now": NOW,
    } | other  # fmt: skip
    return jobs.claim(tx, **asked)


def download(n: int = 1, **fields: Any) -> Download:
    """A stored file."""
    made: dict[str, Any] = {
        "id": 0, "job_id": 1, "identity": Identity("site", str(n)), "platform": "direct", "source": "someone",
        "title": f"Title {n}", "url": f"https://host/{n}", "path": f"/media/{n}.jpg", "size_bytes": n * 10,
        "sha256": "a" * 64, "received_sha256": "a" * 64, "kind": MediaKind.IMAGE, "mime": "image/jpeg", "width": 1,
        "height": 1, "duration_s": None, "backend": "direct", "posted_at": None, "stored_at": NOW + n,
    } | fields  # fmt: skip
    return Download(**made)


def python(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process that runs a piece of code; `sys.argv[1:]` are the arguments."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        process_group=0,
    )


def first_line(child: subprocess.Popen[str]) -> str:
    """The first line a process prints: it has come as far as that."""
    assert child.stdout
    return child.stdout.readline()


def finish(children: Iterable[subprocess.Popen[str]], timeout_s: float = 60) -> list[tuple[int, str, str]]:
    """Exit code, output and errors of each."""
    ended = []
    for child in children:
        out, err = child.communicate(timeout=timeout_s)
        ended.append((child.returncode, out, err))
    return ended


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, byte for byte; locks and SQLite's shared memory aside."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "run" and not path.name.endswith("-shm")
    }


def plain(home: Home) -> sqlite3.Connection:
    """The database by nothing but the driver, as other programs open it."""
    return sqlite3.connect(home.database, isolation_level=None)


def scratch() -> sqlite3.Connection:
    """A database in memory, for tests that need many of them."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(_schema())
    connection.execute("PRAGMA foreign_keys=ON")
    return connection


@functools.cache
def _schema() -> bytes:
    """An empty database, made once: the steps to the schema cost more than what most examples do with it."""
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection, 0)
        return connection.serialize()
