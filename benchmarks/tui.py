"""The Queue screen under load: first paint, key to paint, gaps of the event loop, CPU and memory, at 100,000 jobs.

Eight active jobs are updated 25 times a second each by another process, as a busy daemon would. It runs alone:
`python benchmarks/tui.py`, with `--json` for one line of JSON; `all_screens.py` has every screen.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import screen_children as children  # noqa: E402 - runs as a script too
from benchmarks import seeds  # noqa: E402 - the same

SIZE = (140, 45)


async def measure(home_root: Path, seconds: float) -> dict[str, float]:
    """Run the app headless and look at it; times in milliseconds."""
    began_import = time.monotonic()
    from mediadl.app import MediadlApp

    imported = time.monotonic() - began_import
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(home_root))
    memory_before = _rss_mb()
    found: dict[str, float] = {"import": _ms(imported)}
    began = time.monotonic()
    app = MediadlApp(services)
    async with app.run_test(size=SIZE) as pilot:
        table: Any = app.screen.table  # type: ignore[attr-defined]
        while not (table.current is not None and table._painted.get(1, ((),))[0]):  # noqa: ASYNC110 - looks from outside
            await asyncio.sleep(0.001)
        found["first_paint"] = _ms(time.monotonic() - began)
        await pilot.pause(2.0)

        gaps: list[float] = []
        watching = asyncio.create_task(_watch_loop(gaps))
        cpu, wall = time.process_time(), time.monotonic()
        await asyncio.sleep(seconds)
        found["cpu_percent"] = round((time.process_time() - cpu) / (time.monotonic() - wall) * 100, 1)
        found["idle_gap"] = _ms(max(gaps))

        gaps.clear()
        watch = Paint(app, table)
        times: list[float] = []
        for name, keys in KEYS.items():
            took = [await watch.after(key) for key in keys]
            times += took
            found[f"{name}_median"], found[f"{name}_p95"] = _ms(statistics.median(took)), _ms(_p95(took))
        found["key_p95"] = _ms(_p95(times))
        found["key_gap"] = _ms(max(gaps))
        watching.cancel()
        found["memory"] = round(_rss_mb())
        found["memory_added"] = round(_rss_mb() - memory_before)
    services.close()
    return found


KEYS: dict[str, list[str]] = {
    "line": ["j"] * 60 + ["k"] * 20,
    "page": ["pagedown"] * 40,
    "jump": ["G", "g"] * 10,
}


class Paint:
    """Waits for what a key makes visible: the row under the cursor, painted with its content."""

    def __init__(self, app: Any, table: Any) -> None:
        self._app = app
        self._table = table
        self._painted = asyncio.Event()
        self._render = table.render_line
        table.render_line = self._note

    def _note(self, y: int) -> Any:
        strip = self._render(y)
        table = self._table
        if y == table.cursor - table.first + 1 and table.current is not None:
            self._painted.set()
        return strip

    async def after(self, key: str) -> float:
        """Seconds from the key to the paint."""
        from textual import events

        self._painted.clear()
        began = time.monotonic()
        self._app.post_message(events.Key(key, key if len(key) == 1 else None))
        async with asyncio.timeout(10):
            await self._painted.wait()
        took = time.monotonic() - began
        await asyncio.sleep(0.02)
        return took


async def _watch_loop(gaps: list[float]) -> None:
    """Notes how late a timer of 10 ms is."""
    last = time.monotonic()
    while True:
        await asyncio.sleep(0.01)
        now = time.monotonic()
        gaps.append(now - last - 0.01)
        last = now


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _rss_mb() -> float:
    with Path("/proc/self/statm").open() as stream:
        return int(stream.read().split()[1]) * resource.getpagesize() / 1e6


def run(jobs: int = seeds.JOBS, seconds: float = 5.0) -> dict[str, float]:
    """Seed, start the other process, measure in a fresh one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        seeds.everything(home, jobs=jobs, files=0, lines=0)
        with children.busy(home):
            found = children.json_of([__file__, "--home", str(home), "--measure", str(seconds)])
    return dict(found)


FIGURES: dict[str, tuple[str, str, str]] = {
    "import": ("importing the app", "ms", ""),
    "first_paint": ("first paint of the Queue screen after app start", "ms", "<= 300"),
    "key_p95": ("key to paint, 95 % of all keys", "ms", "<= 50"),
    "line_median": ("key to paint, a line, median", "ms", ""),
    "page_median": ("key to paint, a page, median", "ms", ""),
    "jump_median": ("key to paint, first and last row, median", "ms", ""),
    "idle_gap": ("longest gap of the event loop, 200 events/s", "ms", "<= 100"),
    "key_gap": ("longest gap of the event loop while keys come as well", "ms", "<= 100"),
    "cpu_percent": ("processor while 8 jobs are active", "% of a core", "<= 10"),
    "memory": ("memory", "MB", "<= 150"),
    "memory_added": ("memory added by the app and its 100,000 rows", "MB", ""),
}
"""What each measured name says, its unit and its goal."""


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--measure", type=float)
    parser.add_argument("--jobs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.measure is not None:
        print(json.dumps(asyncio.run(measure(given.home, given.measure))))
    else:
        show(run(given.jobs, given.seconds), as_json=given.json)


def show(found: dict[str, float], *, as_json: bool) -> None:
    """Print the figures."""
    figures = {
        words: {"value": found[name], "unit": unit, "goal": goal}
        for name, (words, unit, goal) in FIGURES.items()
    }
    if as_json:
        print(json.dumps(figures, ensure_ascii=False))
        return
    for words, figure in figures.items():
        print(f"{words:<55} {figure['value']:>8} {figure['unit']:<12} {figure['goal']}")


if __name__ == "__main__":
    main()
