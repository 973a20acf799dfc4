"""Nurseries for the kill tests of schedules; run as `python schedule_killing.py race|statements HOME SEED SECONDS`.

`race`: schedulers and workers over one database, killed or frozen at random moments, on a clock that runs so fast that
hundreds of due times pass. `statements`: one scheduler, killed before each statement that a beginning run makes.
"""

from __future__ import annotations

import json
import logging
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from mediadl.models import JobStatus, Lane
from mediadl.paths import Home
from mediadl.settings.schema import Settings
from mediadl.store import jobs, schedules, sources
from mediadl.store.database import Connection, Database
from mediadl.store.locks import boot_id, boot_time_s
from mediadl.timing.rules import Rule
from mediadl.workers import run_ends
from mediadl.workers.scheduler import Scheduler

BASE = 1_780_272_000.0
SPEED = 600.0
"""Seconds on the wall in one of the machine's."""
EVERY_S = 60
SCHEDULES = 6
IN_STATEMENTS = 3
"""Schedules whose every statement is a moment to be killed at: their number counts squared."""
SCHEDULERS, WORKERS = 4, 2
LEASE_S = 0.4
PAUSE_S = (0.01, 0.08)
STOP_SHARE = 0.15


def wall(start: float) -> Callable[[], float]:
    """A clock that all processes share."""
    return lambda: BASE + (time.monotonic() - start) * SPEED


def make(database: Database, now: float, how_many: int = SCHEDULES) -> None:
    """Schedules with two accounts each."""
    with database.write() as tx:
        for n in range(how_many):
            ids = [source(tx, f"n{n}{letter}", now) for letter in "ab"]
            spec = {"every_s": EVERY_S, "time_zone": "UTC", "backfill": "none"}
            made = schedules.add(tx, f"s{n}", spec, ids, True, None, None, now)
            schedules.set_next(tx, made, Rule.of(spec, anchor_at=now, seed=str(made)).first(now), now)


def source(tx: Connection, name: str, now: float) -> int:
    url = f"https://www.instagram.com/{name}/posts/"
    return sources.ensure(tx, url, "instagram", "posts", "instagram", name, now)


def schedule(home: Home, start: float, end: float, _seed: int) -> None:
    """Look until the end, as a daemon does."""
    with Database.open(home) as database:
        scheduler = Scheduler(database, wall=lambda: min(wall(start)(), end), look_s=0.01)
        while wall(start)() < end or schedules.due(database.read(), end, 1):
            scheduler.tick(Settings())
            time.sleep(0.002)


def work(home: Home, start: float, end: float, seed: int) -> None:
    """End what is in the queue."""
    rng = random.Random(seed)
    with Database.open(home) as database:
        while wall(start)() < end or unfinished(database.read()):
            with database.write() as tx:
                now = wall(start)()
                jobs.recover(tx, worker=None, boot=boot_id(), now=now, deaths_allowed=1 << 30)
                claimed = jobs.claim(
                    tx, lane=Lane.RUNNER, limit=rng.randint(1, 4), per_site=0, worker=f"w-{os.getpid()}-{seed}",
                    boot=boot_id(), lease_until=boot_time_s() + LEASE_S, now=now,
                )  # fmt: skip
            for job in claimed:
                status = rng.choice([JobStatus.COMPLETED, JobStatus.FAILED])
                with database.write() as tx:
                    if jobs.settle(tx, job.id, job.fence, status, now=wall(start)()):
                        run_ends.settled(tx, [job.id], wall(start)())
            time.sleep(0.002)


def unfinished(read: Connection) -> int:
    """Jobs that have not ended."""
    by_status = jobs.counts(read).by_status
    return by_status.get(JobStatus.PENDING, 0) + by_status.get(JobStatus.ACTIVE, 0)


ROLES = {"scheduler": schedule, "worker": work}


def born(role: str, home: Home, start: float, end: float, seed: int) -> int:
    """A process that plays a role and ends."""
    pid = os.fork()
    if pid:
        return pid
    try:
        ROLES[role](home, start, end, seed)
    except BaseException as error:
        os.write(2, f"{role}: {error!r}\n".encode())
        os._exit(1)
    os._exit(0)


def race(home: Home, seed: int, seconds: float) -> dict[str, float]:
    """Kill and freeze until the time is over, then let them all come to an end."""
    rng = random.Random(seed)
    start = time.monotonic()
    end = BASE + seconds * SPEED
    with Database.open(home) as database:
        make(database, BASE)
    running: dict[int, str] = {}
    frozen: dict[int, float] = {}
    kills = stops = starts = failed = 0
    wanted = ["scheduler"] * SCHEDULERS + ["worker"] * WORKERS
    while wanted or running:
        for role in wanted:
            starts += 1
            running[born(role, home, start, end, seed * 10_000 + starts)] = role
        wanted = []
        time.sleep(rng.uniform(*PAUSE_S))
        is_over = wall(start)() >= end
        if not is_over:
            chosen = rng.choice(list(running))
            if rng.random() < STOP_SHARE and chosen not in frozen:
                frozen[chosen] = time.monotonic() + LEASE_S * 1.5
                os.kill(chosen, signal.SIGSTOP)
                stops += 1
            else:
                os.kill(chosen, signal.SIGKILL)
                kills += 1
        for pid in [pid for pid, until in frozen.items() if is_over or time.monotonic() > until]:
            del frozen[pid]
            if pid in running:
                os.kill(pid, signal.SIGCONT)
        while running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            role = running.pop(pid)
            frozen.pop(pid, None)
            if os.waitstatus_to_exitcode(status) == -signal.SIGKILL:
                wanted.append(role)
                continue
            failed += status != 0
    # What the last schedulers made when no worker was there any more
    work(home, start, end, seed)
    return {"kills": kills, "stops": stops, "starts": starts, "failed": failed, "end": end}


def statements(home: Home) -> dict[str, list[list[float]]]:
    """Kill before the first statement, the second, … of a look that begins runs; what was there after each."""
    now = BASE + EVERY_S
    with Database.open(home) as database:
        make(database, BASE, IN_STATEMENTS)
    seen: list[list[float]] = []
    status = -signal.SIGKILL
    while status == -signal.SIGKILL:
        copy = Home(home.root.with_name(f"copy-{len(seen)}"))
        shutil.copytree(home.root, copy.root)
        pid = os.fork()
        if not pid:
            begin_until(copy, now, len(seen))
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        with Database.open(copy) as database:
            seen.append(what_is_there(database.read()))
    return {"seen": seen, "status": [[status]]}


def begin_until(home: Home, now: float, last: int) -> None:
    """Let a scheduler look, and die before its statement of that number."""
    code = 1
    try:
        with Database.open(home) as database:
            left = [last]

            def count(_sql: str) -> None:
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                left[0] -= 1

            scheduler = Scheduler(database, wall=lambda: now)
            database.read().set_trace_callback(count)
            while schedules.due(database.read(), now, 1):
                scheduler.tick(Settings())
            database.read().set_trace_callback(None)
            code = 0
    finally:
        os._exit(code)


def what_is_there(read: Connection) -> list[float]:
    """Runs, jobs, jobs of runs, schedules whose next run is a later one, facts told."""
    asked = (
        "SELECT COUNT(*) FROM schedule_runs",
        "SELECT COUNT(*) FROM download_queue",
        "SELECT COUNT(*) FROM run_jobs",
        f"SELECT COUNT(*) FROM schedules WHERE next_due_at > {BASE + EVERY_S}",
        "SELECT COUNT(*) FROM journal WHERE kind = 'job_added'",
    )
    return [read.execute(sql).fetchone()[0] for sql in asked]


def main() -> None:
    logging.disable()
    what, home, seed, seconds = sys.argv[1], Home(Path(sys.argv[2])), int(sys.argv[3]), float(sys.argv[4])
    print(json.dumps(race(home, seed, seconds) if what == "race" else statements(home)))


if __name__ == "__main__":
    main()
