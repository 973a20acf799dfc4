"""The Scheduler screen with 5,000 schedules: first paint, key to paint, filters, gaps of the event loop, memory.

Run it as `python benchmarks/scheduler_screen.py [--json]`; it works in a temporary folder.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import history_screen as screens  # noqa: E402 - runs as a script too
from benchmarks import schedules as filling  # noqa: E402 - the same

SIZE = (140, 45)
RUNS = 20
"""Runs of each schedule that are remembered."""

FIGURES: dict[str, tuple[str, str, str]] = {
    "page": ("slowest page of the list, any place", "ms", "<= 20"),
    "found": ("slowest page of a search or a kind", "ms", "<= 50"),
    "counts": ("how many there are of each kind", "ms", ""),
    "hours": ("what starts in the next 24 hours", "ms", ""),
    "facts": ("everything about one schedule", "ms", "<= 20"),
    "first_paint": ("first paint of the Scheduler screen after its key", "ms", "<= 300"),
    "first_paint_cpu": ("processor time from that key to that paint", "ms", ""),
    "key_p95": ("key to paint, 95 % of all keys", "ms", "<= 50"),
    "type_p95": ("letter of a search to its rows, 95 %", "ms", ""),
    "gap": ("longest gap of the event loop meanwhile", "ms", "<= 100"),
    "memory": ("memory", "MB", "<= 150"),
}


def fill(root: Path) -> None:
    """The schedules, each with a past."""
    from mediadl.paths import Home
    from mediadl.store.database import Database

    now = time.time()
    with Database.open(Home(root)) as database:
        filling.fill(database)
        with database.write() as tx:
            ids = [row[0] for row in tx.execute("SELECT id FROM schedules")]
            tx.executemany(
                "INSERT INTO schedule_runs(schedule_id, due_at, state, started_at, ended_at, sources, found, new,"
                " size_bytes) VALUES (?, ?, ?, ?, ?, 1, 12, ?, 9000000)",
                [
                    (one, now - n * 86_400, "failed" if (one + n) % 37 == 0 else "done", now - n * 86_400,
                     now - n * 86_400 + 70, n % 5)
                    for one in ids for n in range(1, RUNS + 1)
                ],
            )  # fmt: skip
            tx.execute("UPDATE sources SET gap_since = ? WHERE id % 50 = 0", (now,))


def measure_store(root: Path) -> dict[str, float]:
    """Questions of the screen, each the slowest of its kind after a first try; milliseconds."""
    from mediadl.models.plans import PlanKind, PlanQuery
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(root))
    plans = services.plans
    total = plans.count(PlanQuery())

    def slowest(*asked: Callable[[], Any]) -> float:
        found = []
        for one in asked:
            one()
            taken = []
            for _ in range(5):
                began = time.perf_counter()
                one()
                taken.append((time.perf_counter() - began) * 1e3)
            found.append(statistics.median(taken))
        return round(max(found), 1)

    found = {
        "page": slowest(*(partial(plans.page, PlanQuery(), at, 100) for at in (0, total // 2, total - 100))),
        "found": slowest(
            partial(plans.page, PlanQuery(words="account49"), 0, 100),
            partial(plans.page, PlanQuery(PlanKind.TROUBLE), 0, 100),
        ),
        "counts": slowest(plans.counts),
        "hours": slowest(plans.hours),
        "facts": slowest(partial(plans.facts, 2500)),
    }
    services.close()
    return found


async def measure_screen(root: Path) -> dict[str, float]:
    """The app, headless; milliseconds."""
    from textual import events

    from mediadl.app import MediadlApp
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(root))
    # As at a first start, whatever was looked at last
    services.views.save({})
    app = MediadlApp(services)
    found: dict[str, float] = {}
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(2.0)
        gaps: list[float] = []
        watching = asyncio.create_task(screens._watch_loop(gaps))
        began, busy = time.perf_counter(), time.process_time()
        app.post_message(events.Key("3", "3"))
        await screens._true(lambda: type(app.page).__name__ == "SchedulerScreen")
        screen: Any = app.page
        await screens._true(
            lambda: screen.table.current is not None and screen.table._painted.get(1, ((),))[0]
        )
        found["first_paint"] = screens._ms(time.perf_counter() - began)
        found["first_paint_cpu"] = screens._ms(time.process_time() - busy)
        await pilot.pause(3.0)
        keys = [
            await screens._key(app, screen, key)
            for key in [*"jjjjjkkk", *["pagedown"] * 20, *["G", "home"] * 5]
        ]
        found["key_p95"] = screens._ms(screens._p95(keys))
        typed = [
            await screens._until_answered(screen, partial(screens._type, screen, text))
            for text in screens._prefixes("account49")
        ]
        found["type_p95"] = screens._ms(screens._p95(typed))
        found["gap"] = screens._ms(max(gaps))
        watching.cancel()
        found["memory"] = screens._memory_mb()
    services.close()
    return found


def run() -> dict[str, float]:
    """Fill, then measure store and screen in processes of their own."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "home"
        fill(root)
        for part in ("store", "screen"):
            child = subprocess.run(
                [sys.executable, __file__, "--home", str(root), "--measure", part],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=600,
                env={**os.environ, "MEDIADL_NO_DAEMON": "1"}, start_new_session=True,
            )  # fmt: skip
            found |= json.loads(child.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--measure", choices=["store", "screen"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.measure == "store":
        print(json.dumps(measure_store(given.home)))
        return
    if given.measure == "screen":
        print(json.dumps(asyncio.run(measure_screen(given.home))))
        return
    found = run()
    figures = {
        words: {"value": found[name], "unit": unit, "goal": goal}
        for name, (words, unit, goal) in FIGURES.items()
    }
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for words, figure in figures.items():
        print(f"{words:<55} {figure['value']:>8} {figure['unit']:<8} {figure['goal']}")


if __name__ == "__main__":
    main()
