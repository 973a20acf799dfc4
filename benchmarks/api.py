"""The API under load: listeners on event sockets, requests at a fixed rate, jobs that move meanwhile.

Run it as `python benchmarks/api.py [--seconds 300] [--listeners 200] [--rate 50]`. It works in a temporary folder,
starts `mediadl serve` and prints one line per figure: times of reads, what listeners heard, memory, descriptors and
threads of the server after a few seconds of the same, at work and at the end. It ends with 1 when the 95th percentile
of reads is over the goal, a request failed, or the server kept descriptors or processes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from mediadl.models import Download, Identity, JobRequest, Lane, MediaKind
from mediadl.paths import Home
from mediadl.security.permissions import Role
from mediadl.service import Services
from mediadl.store import downloads, job_runs, jobs

GOAL_S = 0.2
WARM_S = 5.0
PEOPLE = 20
JOBS, FILES, AT_WORK = 5000, 20_000, 8
PASSWORD = "correct horse battery staple 9"
READS = (
    "/api/v1/queue?limit=50",
    "/api/v1/queue/stats",
    "/api/v1/downloads?limit=50",
    "/api/v1/downloads?search=sunset&limit=50",
    "/api/v1/stats/overview",
    "/api/v1/stats/timeline",
    "/api/v1/platforms",
    "/api/v1/auth/me",
    "/api/v1/queue?status=active&limit=10",
    "/health",
)


@dataclass
class Tally:
    """What was measured."""

    took_s: list[float] = field(default_factory=list)
    by_path: dict[str, list[float]] = field(default_factory=dict)
    codes: Counter[int] = field(default_factory=Counter)
    heard: Counter[str] = field(default_factory=Counter)
    delays_s: list[float] = field(default_factory=list)
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process holds."""

    rss_mb: float
    descriptors: int
    threads: int


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=30.0)
    options.add_argument("--listeners", type=int, default=200)
    options.add_argument("--rate", type=float, default=50.0)
    asked = options.parse_args()
    # Ended from outside, it takes the server along
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home").create()
        os.environ |= {
            "MEDIADL_HOME": str(home.root),
            "MEDIADL_NO_DAEMON": "1",
            "MEDIADL_DOWNLOADS__DIRECTORY": str(Path(folder) / "files"),
        }
        with Services(home) as services:
            tokens = fill(services)
            with serving() as (process, port), working(services):
                return measure(process, port, tokens, asked.seconds, asked.listeners, asked.rate)


def fill(services: Services) -> list[str]:
    """Jobs, files and people; returns a token of each of them."""
    tokens = []
    for number in range(PEOPLE):
        name = f"user{number}"
        services.users.add(name, Role.ADMIN if number == 0 else Role.USER, PASSWORD)
        tokens.append(services.tokens.create("load", ["all"], user=name)[0])
    owners = [services.users.get(f"user{number}").id for number in range(PEOPLE)]
    with services.store.write() as tx:
        asked = [
            JobRequest(f"https://example.com/{number}.jpg", "direct", "example.com", Lane.TRANSFER,
                       title=f"File {number}", owner_id=owners[number % PEOPLE])
            for number in range(JOBS)
        ]  # fmt: skip
        jobs.add(tx, asked, max_attempts=5, now=time.time())
    with services.store.write() as tx:
        for number in range(FILES):
            downloads.add(tx, stored(number, owners[number % PEOPLE]))
    return tokens


def stored(number: int, owner_id: int) -> Download:
    return Download(
        id=0, job_id=None, identity=Identity("tiktok", str(number)), platform="tiktok", source=f"lena{number % 50}",
        title=f"Sunset {number}", url="https://www.tiktok.com/@lena/video/7", path=f"/none/{number}.mp4",
        size_bytes=1_000_000 + number, sha256="a" * 64, received_sha256="a" * 64, kind=MediaKind.VIDEO,
        mime="video/mp4", width=1080, height=1920, duration_s=9.0, backend="yt-dlp",
        posted_at=1_779_006_600.0, stored_at=1_779_006_600.0 + number, owner_id=owner_id,
    )  # fmt: skip


@contextlib.contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`mediadl serve` on a free port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mediadl", "serve", "--port", "0"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r":(\d+)", line)
        if found is None:
            raise SystemExit(f"it does not serve: {line}{process.stdout.read()}")
        yield process, int(found[1])
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        process.stdout.close()


@contextlib.contextmanager
def working(services: Services) -> Iterator[None]:
    """Jobs at work that get on four times a second, and one that is paused and resumed, so that something happens."""
    stopping = threading.Event()

    def work() -> None:
        now = time.time()
        with services.store.write() as tx:
            claimed = job_runs.claim(
                tx, lane=Lane.TRANSFER, limit=AT_WORK, per_site=AT_WORK, worker="w", boot="b",
                lease_until=now + 36_000, now=now,
            )  # fmt: skip
        for step in itertools.count(1):
            if stopping.wait(0.25):
                return
            rows = [
                job_runs.ProgressRow(job.id, job.fence, step % 100, step * 1000, 10**9, float(step))
                for job in claimed
            ]
            with services.store.write(durable=False) as tx:
                job_runs.progress(tx, rows)
            number = claimed[-1].id + 1 + step % 1000
            (services.queue.pause if step % 2 else services.queue.resume)([number])

    thread = threading.Thread(target=work, name="work")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def measure(
    process: subprocess.Popen[str], port: int, tokens: list[str], seconds: float, listeners: int, rate: float
) -> int:
    """Load the server and say what came of it; returns the exit code."""
    url = f"http://127.0.0.1:{port}"
    # Threads, connections and modules that are made once are no leak
    asyncio.run(load(process.pid, url, tokens, WARM_S, listeners, rate, Tally()))
    before = settled(process.pid)
    tally = Tally()
    during = asyncio.run(load(process.pid, url, tokens, seconds, listeners, rate, tally))
    after = settled(process.pid)
    children = running(process.pid)
    times = sorted(tally.took_s)
    p95 = times[int(0.95 * len(times))]
    failed = sum(number for code, number in tally.codes.items() if code != 200)
    print(f"reads: {len(times)} in {seconds:.0f} s, codes {dict(tally.codes)}")
    print(f"reads: median {statistics.median(times) * 1000:.1f} ms, p95 {p95 * 1000:.1f} ms, "
          f"p99 {times[int(0.99 * len(times))] * 1000:.1f} ms, worst {times[-1] * 1000:.1f} ms")  # fmt: skip
    for path, took in sorted(tally.by_path.items(), key=lambda pair: -statistics.median(pair[1])):
        took.sort()
        print(
            f"  {path}: median {statistics.median(took) * 1000:.1f} ms, p95 {took[int(0.95 * len(took))] * 1000:.1f} ms"
        )
    print(f"listeners: {listeners}, heard {dict(tally.heard)}, cut off {tally.lost}")
    print(f"server: {before} before, {during} at work, {after} when all had left; children {children}")
    kept = after.descriptors > before.descriptors + 20
    return int(p95 > GOAL_S or failed > 0 or tally.lost > 0 or kept or bool(children))


def settled(pid: int) -> Weight:
    """What a process holds once its clients have left."""
    last = weight(pid)
    while True:
        time.sleep(1)
        now = weight(pid)
        if now.descriptors >= last.descriptors:
            return now
        last = now


async def load(
    pid: int, url: str, tokens: list[str], seconds: float, listeners: int, rate: float, tally: Tally
) -> Weight:
    """Listen and ask for so long; returns what the server held near the end."""
    until = time.monotonic() + seconds
    headers = [{"Authorization": f"Bearer {token}"} for token in tokens]
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=30)) as client:
        tasks = [
            asyncio.create_task(
                listen(
                    client,
                    f"{url}/api/ws/{'downloads' if n % 2 else 'queue'}",
                    headers[n % PEOPLE],
                    until,
                    tally,
                )
            )
            for n in range(listeners)
        ]
        asks = []
        begun = time.monotonic()
        for number in itertools.count():
            due = begun + number / rate
            if due >= until:
                break
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            path = READS[number % len(READS)]
            asks.append(asyncio.create_task(ask(client, url, path, headers[number % PEOPLE], tally)))
        during = weight(pid)
        await asyncio.gather(*asks, *tasks)
    return during


async def ask(
    client: aiohttp.ClientSession, url: str, path: str, headers: dict[str, str], tally: Tally
) -> None:
    began = time.perf_counter()
    async with client.get(url + path, headers=headers) as answer:
        await answer.read()
    took = time.perf_counter() - began
    tally.took_s.append(took)
    tally.by_path.setdefault(path, []).append(took)
    tally.codes[answer.status] += 1


async def listen(
    client: aiohttp.ClientSession, url: str, headers: dict[str, str], until: float, tally: Tally
) -> None:
    async with client.ws_connect(url, headers=headers) as socket:
        with contextlib.suppress(TimeoutError):
            # Around all of it: a ping begins the time of one `receive` anew
            async with asyncio.timeout(until - time.monotonic()):
                async for message in socket:
                    tally.heard[json.loads(message.data)["event"]] += 1
                tally.lost += 1


def weight(pid: int) -> Weight:
    """What a process holds now."""
    status = Path(f"/proc/{pid}/status").read_text("utf-8")
    rss = int(status.split("VmRSS:")[1].split()[0]) / 1000
    threads = int(status.split("Threads:")[1].split()[0])
    return Weight(rss, len(list(Path(f"/proc/{pid}/fd").iterdir())), threads)


def running(pid: int) -> list[int]:
    """Children of a process that are none of the server's own helpers."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text("utf-8")
    return [int(word) for word in text.split() if not helper(int(word))]


def helper(pid: int) -> bool:
    with contextlib.suppress(FileNotFoundError):
        return b"nursery" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return True


if __name__ == "__main__":
    sys.exit(main())
