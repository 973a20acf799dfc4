"""A nursery of workers for the kill test: forks them, kills or freezes them at random moments, until all is done.

Run as `python killing.py HOME FOLDER SEED SECONDS`. What workers did is written outside of the database, to files that
are only ever appended to: `added` and `done` hold a line per acknowledged commit.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from pathlib import Path

from mediadl.models import JobRequest, JobStatus, Lane
from mediadl.paths import Home
from mediadl.store import archive, downloads, items, jobs, journal, sites  # noqa: F401 - loaded before the forks
from mediadl.store.database import Database
from mediadl.store.locks import boot_id, boot_time_s

LEASE_S = 0.4
WORKERS = 4
JOBS = 700
PAUSE_S = (0.01, 0.09)
STOP_SHARE = 0.2


def produce(home: Home, folder: Path, seed: int) -> None:
    """Add jobs until there are enough, telling each id after its commit."""
    rng = random.Random(seed)
    with Database.open(home) as database:
        while jobs.counts(database.read()).total < JOBS:
            asked = [JobRequest(f"https://host/{rng.random()}", "direct", rng.choice("abc"))] * rng.randint(
                1, 20
            )
            with database.write() as tx:
                ids = jobs.add(tx, asked, max_attempts=5, now=time.time())
            tell(folder / "added", *ids)


def work(home: Home, folder: Path, seed: int) -> None:
    """Claim and settle until nothing is left; put back what dead workers had."""
    rng = random.Random(seed)
    database = Database.open(home)
    name = f"worker-{os.getpid()}-{seed}"
    while True:
        with database.write() as tx:
            now = time.time()
            jobs.recover(tx, worker=None, boot=boot_id(), now=now, deaths_allowed=1 << 30)
            jobs.promote(tx, now)
            claimed = jobs.claim(
                tx, lane=Lane.RUNNER, limit=rng.randint(1, 4), per_site=rng.choice([0, 3]), worker=name, boot=boot_id(),
                lease_until=boot_time_s() + LEASE_S, now=now,
            )  # fmt: skip
        rng.shuffle(claimed)
        for job in claimed:
            if rng.random() < 0.3:
                with database.write(durable=False) as tx:
                    jobs.progress(
                        tx, [jobs.ProgressRow(job.id, job.fence, rng.random() * 100, rng.randrange(10**6))]
                    )
            end = rng.choices([JobStatus.COMPLETED, JobStatus.PENDING, JobStatus.WAITING], [8, 1, 1])[0]
            with database.write() as tx:
                settled = jobs.settle(tx, job.id, job.fence, end, now=time.time(), not_before=time.time())
            if settled and end is JobStatus.COMPLETED:
                tell(folder / "done", job.id)
        if rng.random() < 0.1:
            database.checkpoint(truncate=rng.random() < 0.3)
        if not claimed and finished(database, folder):
            database.close()
            return


def finished(database: Database, folder: Path) -> bool:
    """Whether the producer has ended and every job is completed."""
    counts = jobs.counts(database.read())
    return (folder / "produced").exists() and counts.by_status[JobStatus.COMPLETED] == counts.total


def tell(file: Path, *ids: int) -> None:
    """Append ids: one write, never half of it."""
    fd = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(fd, "".join(f"{job_id}\n" for job_id in ids).encode())
    os.close(fd)


def start(role: str, home: Home, folder: Path, seed: int) -> int:
    """A process that plays a role and ends."""
    pid = os.fork()
    if pid:
        return pid
    try:
        (produce if role == "producer" else work)(home, folder, seed)
    except BaseException as error:
        os.write(2, f"{role}: {error!r}\n".encode())
        os._exit(1)
    os._exit(0)


def main() -> None:
    home, folder, seed, seconds = (
        Home(Path(sys.argv[1])),
        Path(sys.argv[2]),
        int(sys.argv[3]),
        float(sys.argv[4]),
    )
    rng = random.Random(seed)
    running: dict[int, str] = {}
    frozen: dict[int, float] = {}
    starts = kills = stops = failed = 0
    end = time.monotonic() + seconds
    wanted = ["producer"] + ["worker"] * WORKERS
    while wanted or running:
        for role in wanted:
            starts += 1
            running[start(role, home, folder, seed * 10_000 + starts)] = role
        wanted = []
        time.sleep(rng.uniform(*PAUSE_S))
        if time.monotonic() < end and running:
            chosen = rng.choice(list(running))
            if rng.random() < STOP_SHARE and chosen not in frozen:
                frozen[chosen] = time.monotonic() + LEASE_S * 1.5
                os.kill(chosen, signal.SIGSTOP)
                stops += 1
            else:
                os.kill(chosen, signal.SIGKILL)
                kills += 1
        for pid in [pid for pid, until in frozen.items() if time.monotonic() > min(until, end)]:
            del frozen[pid]
            if pid in running:
                os.kill(pid, signal.SIGCONT)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG if time.monotonic() < end else 0)
            if not pid:
                break
            role = running.pop(pid)
            frozen.pop(pid, None)
            if os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
                wanted.append(role)
                break
            failed += status != 0
            if role == "producer":
                (folder / "produced").touch()
    print(json.dumps({"kills": kills, "stops": stops, "starts": starts, "failed": failed}))


if __name__ == "__main__":
    main()
