"""Every screen under load, at 100,000 jobs, 1,000,000 stored files and 1,000,000 log lines.

Eight active jobs are updated 25 times a second each by another process, as a busy daemon would. `make bench` runs it
as figure 7; alone: `python benchmarks/all_screens.py`, with `--json` for one line of JSON, with names of screens for
only those. `--home` keeps the data folder for another run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import screen_children as children  # noqa: E402 - runs as a script too

SIZE = (140, 45)
SETTLE_S = 10.0
CALM = 0.2
IDLE_S = 2.5
COLD_STARTS = 2


async def measure_one(home_root: Path, place: str) -> dict[str, float]:
    """The app begun on one screen; times in milliseconds."""
    from mediadl.app import MediadlApp

    services = open_at(home_root, place)
    began, worked = time.monotonic(), time.process_time()
    async with running(MediadlApp(services)) as watch:
        await watch.painted(place)
        found = {"first_paint": ms(time.monotonic() - began), "work": ms(time.process_time() - worked)}
        await calm()
        watch.gaps.clear()
        cpu, wall = time.process_time(), time.monotonic()
        await asyncio.sleep(IDLE_S)
        found["cpu"] = round((time.process_time() - cpu) / (time.monotonic() - wall) * 100, 1)
        found["gap"] = ms(max(watch.gaps))
        took = [(key, await watch.after(key)) for key in watch.moves()]
        times = [seconds for _, seconds in took]
        for name, keys in (("line", "jk"), ("page", ("pagedown", "pageup"))):
            found[name] = ms(statistics.median([seconds for key, seconds in took if key in keys]))
        found["keys"] = ms(sorted(times)[int(len(times) * 0.95)])
        found["key_median"] = ms(statistics.median(times))
        found["gap"] = max(found["gap"], ms(max(watch.gaps)))
        found["memory"] = round(children.rss_mb())
    services.close()
    return found


async def measure_browsing(home_root: Path, places: Sequence[str]) -> dict[str, float]:
    """One app that shows every screen, its dialogs and its other views, one after the other."""
    from mediadl.app import MediadlApp
    from mediadl.screens.pages import FIRST

    services = open_at(home_root, FIRST)
    found: dict[str, float] = {}
    async with running(MediadlApp(services)) as watch:
        await watch.painted(FIRST)
        await calm()
        for place in [name for name in places if name != FIRST]:
            # What the screen before still counts or searches is over
            await calm()
            watch.gaps.clear()
            began = time.monotonic()
            watch.press(KEY_OF[place])
            await watch.painted(place)
            found[f"switch_{place}"] = ms(time.monotonic() - began)
            await asyncio.sleep(0.5)
            found[f"switch_gap_{place}"] = ms(max(watch.gaps))
            for key in BROWSING.get(place, EVERYWHERE):
                watch.press(key)
                await asyncio.sleep(0.3)
        watch.gaps.clear()
        began = time.monotonic()
        watch.press(KEY_OF[FIRST])
        await watch.painted(FIRST)
        found[f"switch_{FIRST}"] = ms(time.monotonic() - began)
        await asyncio.sleep(1.0)
        found["memory"] = round(children.rss_mb())
    services.close()
    return found


FIRST_WORDS = {
    "dashboard": b"Recording 0",
    "queue": b"Recording 0",
    "scheduler": b"Recording 0",
    "history": b", part 9",
    "logs": b" of the ",
    "settings": b"Free-space",
}
"""What stands on a screen once it has its content."""

KEY_OF = {
    name: str(number)
    for number, name in enumerate(("dashboard", "queue", "scheduler", "history", "logs", "settings"), 1)
}
EVERYWHERE = ("enter", "escape", "question_mark", "escape", "ctrl+p", "escape", "pagedown", "G", "home")
BROWSING = {
    "history": (*EVERYWHERE, "slash", *"bread", "escape", "t", "pagedown", "pagedown", "pagedown", "t"),
    "logs": (*EVERYWHERE, "slash", *"page 33", "escape"),
    "settings": (*EVERYWHERE, "right_square_bracket", "right_square_bracket", "ctrl+t", "escape"),
}
"""Keys that open what a screen has."""


def open_at(home_root: Path, place: str) -> Any:
    """Services of a data folder whose last view was this screen."""
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(home_root))
    services.views.save({"place": place, "pages": {}})
    return services


class Watch:
    """Looks at a running app from outside."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._paint = asyncio.Event()
        self.gaps: list[float] = []
        """How late a timer of 10 ms was, in seconds."""
        show = app._display

        def note(screen: Any, renderable: Any) -> None:
            show(screen, renderable)
            self._paint.set()

        app._display = note

    @property
    def _list(self) -> Any:
        page = self._app.page
        return page.table if hasattr(page, "table") else page.form.fields

    def _filled(self, place: str) -> bool:
        if self._app.current_mode != place or not self._app.screen_stack:
            return False
        rows = self._list
        return rows.is_attached and rows.current is not None and self._shown(rows)

    @staticmethod
    def _shown(rows: Any) -> bool:
        if not hasattr(rows, "first"):
            return True
        return bool(rows._painted.get(rows.cursor - rows.first + 1) == rows._line(rows.cursor))

    async def painted(self, place: str) -> None:
        """Wait until the screen is in front with its content on it."""
        await self._until(lambda: self._filled(place))

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while True:
                self._paint.clear()
                await self._paint.wait()
                if condition():
                    return

    def press(self, key: str) -> None:
        """Press a key and go on."""
        from textual import events

        letter = {"slash": "/", "question_mark": "?", "right_square_bracket": "]", " ": " "}.get(key, key)
        self._app.post_message(events.Key(key, letter if len(letter) == 1 else None))

    def moves(self) -> Iterator[str]:
        """Keys that each move the cursor, however long the list is."""
        total = getattr(self._list, "total", 0)
        # The log begins at its end
        yield from ["home"] if total and self._list.cursor else ["G", "home"]
        yield from ["j"] * 15 + ["k"] * 15 if total > 15 else ["j", "k"] * 15 if total != 1 else []
        yield from ["pagedown"] * 15 if total > 1000 else ["pagedown", "pageup"] * 7 if total != 1 else []
        yield from ["G", "home"] * 6 if total != 1 else []

    async def after(self, key: str) -> float:
        """Seconds from a key that moves the cursor to the row under it being painted."""
        rows = self._list
        before = rows.cursor
        began = time.monotonic()
        self.press(key)
        await self._until(lambda: rows.cursor != before and rows.current is not None and self._shown(rows))
        took = time.monotonic() - began
        await asyncio.sleep(0.02)
        return took


class running:  # noqa: N801 - used like a function
    """The app under a pilot, with a watch on it."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._running = self._app.run_test(size=SIZE)

    async def __aenter__(self) -> Watch:
        watch = Watch(self._app)
        await self._running.__aenter__()
        self._looking = asyncio.create_task(_watch_loop(watch.gaps))
        return watch

    async def __aexit__(self, *exc: Any) -> None:
        self._looking.cancel()
        await self._running.__aexit__(*exc)


async def _watch_loop(gaps: list[float]) -> None:
    last = time.monotonic()
    while True:
        await asyncio.sleep(0.01)
        now = time.monotonic()
        gaps.append(now - last - 0.01)
        last = now


async def calm() -> None:
    """Wait until what a start brings (the whole log is counted) is over."""
    deadline = time.monotonic() + SETTLE_S
    await asyncio.sleep(1.0)
    while time.monotonic() < deadline:
        cpu = time.process_time()
        await asyncio.sleep(0.5)
        if time.process_time() - cpu < CALM * 0.5:
            return


def ms(seconds: float) -> float:
    """Milliseconds."""
    return round(seconds * 1000, 1)


def run(home: Path, places: list[str]) -> dict[str, dict[str, float]]:
    """Measure each screen in a process of its own, then one that browses all, with a busy daemon beside."""
    found: dict[str, dict[str, float]] = {}
    with children.busy(home):
        for place in places:
            open_at(home, place).close()
            cold = min(children.cold_start(home, FIRST_WORDS[place]) for _ in range(COLD_STARTS))
            found[place] = children.json_of([__file__, place, "--home", str(home), "--measure", place])
            found[place]["cold"] = ms(cold)
        if len(places) > 1:
            found["all"] = children.json_of([__file__, *places, "--home", str(home), "--measure", "all"])
    return found


WORDS: dict[str, tuple[str, str, str]] = {
    "first_paint": ("first paint after app start", "ms", "<= 300"),
    "work": ("processor time of the first paint", "ms", ""),
    "switch": ("first paint after switching to it", "ms", "<= 300"),
    "keys": ("key to paint, 95 % of all keys", "ms", "<= 50"),
    "gap": ("longest gap of the event loop", "ms", "<= 100"),
    "cpu": ("processor", "% of a core", "<= 10"),
    "key_median": ("key to paint, median", "ms", ""),
    "switch_gap": ("longest gap while it is shown first", "ms", "<= 100"),
    "cold": ("command to its content in a terminal", "ms", "<= 1000"),
}
"""What each measured name says, its unit and its goal."""


def figures(found: dict[str, dict[str, float]]) -> dict[str, dict[str, object]]:
    """One figure per screen and name, then those of the whole."""
    browsing = found.get("all", {})
    figures: dict[str, dict[str, object]] = {}
    for place, values in found.items():
        if place == "all":
            continue
        for name, (words, unit, goal) in WORDS.items():
            value = values.get(name, browsing.get(f"{name}_{place}"))
            if value is not None:
                figures[f"{place.capitalize()}: {words}"] = {"value": value, "unit": unit, "goal": goal}
    if "memory" in browsing:
        words = "memory after browsing everything"
        figures[words] = {"value": browsing["memory"], "unit": "MB", "goal": "<= 150"}
    return figures


@contextmanager
def data_folder(kept: Path | None) -> Iterator[Path]:
    """A filled data folder: a given one, filled if it is not there yet, or one for this run."""
    from benchmarks import seeds

    with tempfile.TemporaryDirectory() as folder:
        root = kept or Path(folder) / "home"
        if not root.exists():
            seeds.everything(root)
        yield root


def main() -> None:
    """Entry."""
    from mediadl.screens.pages import PLACES

    names = [place.name for place in PLACES]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("places", nargs="*", metavar="SCREEN", help=f"which; default: {' '.join(names)}")
    parser.add_argument("--home", type=Path)
    parser.add_argument("--measure")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.measure:
        work: Awaitable[dict[str, float]] = (
            measure_browsing(given.home, given.places)
            if given.measure == "all"
            else measure_one(given.home, given.measure)
        )
        print(json.dumps(asyncio.run(_awaited(work))))
        return
    with data_folder(given.home) as home:
        found = figures(run(home, given.places or names))
    children.show(found, as_json=given.json)


async def _awaited(work: Awaitable[dict[str, float]]) -> dict[str, float]:
    return await work


if __name__ == "__main__":
    main()
