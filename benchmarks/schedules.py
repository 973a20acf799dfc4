"""Figures of schedules: the question what is due next, a run that begins, the idle daemon; 5,000 schedules.

Run it as `python benchmarks/schedules.py [--json]`; it works in a temporary folder and prints one line per figure.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mediadl.paths import Home
from mediadl.settings.schema import Settings
from mediadl.store import schedules, sources
from mediadl.store.database import Database
from mediadl.timing.rules import Rule
from mediadl.workers.scheduler import Scheduler

SCHEDULES = 5000
DUE = 100
IDLE_S = 20.0
SETTLE_S = 12.0
"""The daemon starts its children first, and calls itself idle some time after."""
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")

Note = Callable[..., None]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    figures: dict[str, dict[str, object]] = {}

    def note(name: str, value: float, unit: str, goal: str = "") -> None:
        figures[name] = {"value": value, "unit": unit, "goal": goal}
        if not asked.json:
            print(f"{name:58} {value:10.3f} {unit:6} {goal}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        empty, full = (Home(Path(folder) / name) for name in ("empty", "full"))
        with Database.open(full) as database:
            fill(database)
            asking(database, note)
            beginning(database, note)
        with Database.open(empty):
            pass
        note("idle daemon without schedules", idle_share(empty), "%")
        note("idle daemon with 5,000 schedules", idle_share(full), "%", "<= 0.2 %")
    if asked.json:
        print(json.dumps(figures))


def fill(database: Database) -> None:
    """Schedules of all kinds, due within the next weeks, but not in the next minutes."""
    rng = random.Random(7)
    now = time.time()
    with database.write() as tx:
        for n in range(SCHEDULES):
            name = f"account{n}"
            url = f"https://www.instagram.com/{name}/posts/"
            source = sources.ensure(tx, url, "instagram", "posts", "instagram", name, now)
            spec: dict[str, object] = {"cron": f"{rng.randrange(60)} {rng.randrange(24)} * * *"}
            if n % 3 == 0:
                spec = {"every_s": 3600 * rng.randint(1, 48), "windows": ["01:00-06:00"]}
            made = schedules.add(tx, f"schedule {n}", spec, [source], True, None, None, now)
            first = Rule.of(spec, anchor_at=now, seed=str(made)).first(now + 1800)
            schedules.set_next(tx, made, first, now)


def asking(database: Database, note: Note) -> None:
    read = database.read()
    now = time.time()
    note("next start of 5,000", timed(lambda: schedules.next_start(read)), "ms", "<= 5 ms")
    note("what is due of 5,000, nothing", timed(lambda: schedules.due(read, now, 20)), "ms", "<= 5 ms")
    note(
        "what is due of 5,000, 20 of all", timed(lambda: schedules.due(read, now + 1e9, 20)), "ms", "<= 5 ms"
    )
    note("all 5,000 listed", timed(lambda: schedules.list(read), times=5), "ms")
    scheduler = Scheduler(database)
    scheduler.tick(Settings())
    note("a look of the scheduler, nothing due", timed(lambda: scheduler.tick(Settings())), "ms", "<= 5 ms")
    settings = Settings()
    scheduler.tick(settings)
    share = timed(lambda: scheduler.tick(settings), times=20_000)
    note("a tick with nothing new", share * 1000, "µs")


def beginning(database: Database, note: Note) -> None:
    """Runs that are due all at once, as after a night asleep."""
    ahead = time.time() + 3600
    with database.write() as tx:
        tx.execute(
            "UPDATE schedules SET next_due_at = ?, next_start_at = ? WHERE id <= ?", (ahead, ahead, DUE)
        )
    settings = Settings()
    scheduler = Scheduler(database, wall=lambda: ahead)
    turns = []
    began = time.perf_counter()
    while schedules.due(database.read(), ahead, 1):
        started = time.perf_counter()
        scheduler.tick(settings)
        turns.append(time.perf_counter() - started)
    note("a run begins (of 100 due at once)", (time.perf_counter() - began) / DUE * 1000, "ms")
    note("longest turn meanwhile", max(turns) * 1000, "ms")
    with database.write() as tx:
        tx.execute("DELETE FROM download_queue")
        tx.execute("DELETE FROM schedule_runs")
        tx.execute(
            "UPDATE schedules SET next_due_at = ?, next_start_at = ? WHERE next_start_at < ?",
            (ahead, ahead, ahead),
        )


def timed(ask: Callable[[], object], times: int = 200) -> float:
    """Milliseconds of one call, in the middle."""
    found = []
    for _ in range(times):
        started = time.perf_counter()
        ask()
        found.append(time.perf_counter() - started)
    return statistics.median(found) * 1000


def idle_share(home: Home) -> float:
    """Processor time of a daemon that has nothing to do, without its children, in percent."""
    daemon = subprocess.Popen(
        [sys.executable, "-m", "mediadl", "daemon", "run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "MEDIADL_HOME": str(home.root)},
        process_group=0,
    )
    try:
        time.sleep(SETTLE_S)
        before, began = cpu_s(daemon.pid), time.monotonic()
        time.sleep(IDLE_S)
        return (cpu_s(daemon.pid) - before) / (time.monotonic() - began) * 100
    finally:
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30)


def cpu_s(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S


if __name__ == "__main__":
    main()
