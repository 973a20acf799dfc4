"""The History screen with 1,000,000 stored files: first paint, key to paint, filters, gaps of the event loop, memory.

Run it as `python benchmarks/history_screen.py [--rows N] [--json]`; filling a history of that length takes two minutes,
`--home FOLDER` keeps it for the next time.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import resource
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

SIZE = (140, 45)
ROWS = 1_000_000
PLATFORMS = ("tiktok", "instagram", "generic", "direct", "forum")

FIGURES: dict[str, tuple[str, str, str]] = {
    "fill": ("filling history, archive and full text", "rows/s", ""),
    "page": ("slowest page of everything, any order, any place", "ms", "<= 20"),
    "filtered_first": ("slowest first page of a filter, any order", "ms", "<= 20"),
    "listing": ("slowest whole list of a filter", "ms", ""),
    "filtered_page": ("slowest page of a filter, any order, any place", "ms", "<= 20"),
    "count": ("slowest count of a filter", "ms", ""),
    "search_first": ("slowest first page of a search, newest first", "ms", ""),
    "inside": ("a search inside Japanese titles", "ms", ""),
    "first_paint": ("first paint of the History screen after its key", "ms", "<= 300"),
    "key_p95": ("key to paint, 95 % of all keys", "ms", "<= 50"),
    "type_p95": ("letter of a search to its rows, 95 %", "ms", ""),
    "sort_p95": ("order or filter to its rows, 95 %", "ms", ""),
    "gap": ("longest gap of the event loop meanwhile", "ms", "<= 100"),
    "memory": ("memory", "MB", "<= 150"),
}


def fill(home_root: Path, rows: int) -> float:
    """A history of so many rows; returns rows per second."""
    from mediadl.models import Download, Identity, MediaKind
    from mediadl.paths import Home
    from mediadl.store import archive, downloads
    from mediadl.store.database import Database

    rng = random.Random(3)
    words = ["".join(rng.choices("bcdfgklmnprstvaeiou", k=rng.randint(3, 9))) for _ in range(8000)]
    runs = ("猫の動画まとめ", "東京の夜景散歩", "日本料理教室", "山の写真集", "북한산 가을")
    sources = rng.choices(range(3000), [1 / (n + 1) for n in range(3000)], k=rows)
    kinds = rng.choices(list(MediaKind), [60, 35, 3, 1.5, 0.5], k=rows)
    began = time.perf_counter()
    with Database.open(Home(home_root)) as database:
        for start in range(0, rows, 20_000):
            with database.write(durable=False) as tx:
                for n in range(start, min(start + 20_000, rows)):
                    title = " ".join(rng.choices(words, k=rng.randint(3, 8)))
                    platform = rng.choices(PLATFORMS, [50, 30, 12, 5, 3])[0]
                    source = f"user{sources[n]}"
                    one = Download(
                        0, None, Identity(platform, str(n)), platform, source,
                        rng.choice(runs) + title if n % 20 == 0 else title,
                        f"https://{platform}.example/{source}/p/{n}", f"/media/{platform}/{source}/{n}.jpg",
                        int(rng.lognormvariate(13.5, 1.5)), "a" * 64, "a" * 64, kinds[n], "image/jpeg", 1080, 1920,
                        None, "gallery-dl", None, 1.7e9 + n * 60,
                    )  # fmt: skip
                    archive.add(tx, one.identity, downloads.add(tx, one), 1.7e9)
            database.checkpoint()
        database.checkpoint(truncate=True)
    return rows / (time.perf_counter() - began)


def measure_store(home_root: Path) -> dict[str, float]:
    """Pages, counts and whole lists, each the slowest of its kind after a first try; milliseconds."""
    from dataclasses import replace

    from mediadl.models import HistoryQuery, HistorySort, MediaKind
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(home_root))
    history = services.history
    total = history.count(HistoryQuery())
    last = history.page(HistoryQuery(), 0, 1)[0].stored_at
    filters = (
        HistoryQuery(platform="tiktok"),
        HistoryQuery(kind=MediaKind.OTHER),
        HistoryQuery(source="user7"),
        HistoryQuery(since=last - 30 * 86_400),
        HistoryQuery(min_size_bytes=10_000_000),
        HistoryQuery(
            platform="forum", kind=MediaKind.VIDEO, min_size_bytes=1_000_000, since=last - 300 * 86_400
        ),
    )
    found = dict.fromkeys(("page", "filtered_first", "listing", "filtered_page", "count"), 0.0)

    def slowest(name: str, action: Callable[[], Any]) -> Any:
        action()
        taken = []
        for _ in range(3):
            began = time.perf_counter()
            answer = action()
            taken.append((time.perf_counter() - began) * 1e3)
        found[name] = max(found[name], statistics.median(taken))
        return answer

    for sort in HistorySort:
        for down in (True, False):
            for place in (0, total // 3, total // 2, total - 100):
                query = HistoryQuery(sort=sort, descending=down)
                slowest("page", partial(history.page, query, place, 100))
        for narrow in filters:
            query = replace(narrow, sort=sort)
            if not history.begins_quickly(query):
                listing = slowest("listing", partial(history.listing, query))
            else:
                slowest("filtered_first", partial(history.page, query, 0, 100))
                slowest("count", partial(history.count, query))
                listing = slowest("listing", partial(history.listing, query))
            for place in (0, listing.total // 2, max(0, listing.total - 100)):
                slowest("filtered_page", partial(listing.page, services.store, place, 100))
    found["search_first"] = found["inside"] = 0.0
    for search in ("abc", "user1 tik", "jpg"):
        slowest("search_first", partial(history.page, HistoryQuery(search=search), 0, 100))
    slowest("inside", partial(history.page, HistoryQuery(search="の夜景"), 0, 100))
    services.close()
    return {name: round(value, 1) for name, value in found.items()}


async def measure_screen(home_root: Path) -> dict[str, float]:
    """The app, headless; milliseconds."""
    from textual import events

    from mediadl.app import MediadlApp
    from mediadl.paths import Home
    from mediadl.service import open_services

    services = open_services(Home(home_root))
    # As at a first start, whatever was looked at last
    services.views.save({})
    app = MediadlApp(services)
    found: dict[str, float] = {}
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause(2.0)
        gaps: list[float] = []
        watching = asyncio.create_task(_watch_loop(gaps))
        began = time.perf_counter()
        app.post_message(events.Key("4", "4"))
        await _true(lambda: type(app.page).__name__ == "HistoryScreen")
        screen: Any = app.page
        await _true(lambda: screen.table.current is not None and screen.table._painted.get(1, ((),))[0])
        found["first_paint"] = _ms(time.perf_counter() - began)
        await pilot.pause(1.0)
        gaps.clear()
        keys = [await _key(app, screen, key) for key in [*"jjjjjkkk", *["pagedown"] * 20, *["G", "home"] * 5]]
        found["key_p95"] = _ms(_p95(keys))
        typed = [
            await _until_answered(screen, partial(_type, screen, text)) for text in _prefixes("user1 tik")
        ]
        found["type_p95"] = _ms(_p95(typed))
        await pilot.press("escape")
        await pilot.pause(0.5)
        asked = [
            await _until_answered(screen, partial(screen.run_action, action))
            for action in ("next_kind", "reverse", "next_kind", "reverse", "next_kind", "previous_kind")
        ]
        found["sort_p95"] = _ms(_p95(asked))
        found["gap"] = _ms(max(gaps))
        watching.cancel()
        found["memory"] = _memory_mb()
    services.close()
    return found


async def _type(screen: Any, text: str) -> None:
    screen.filter_line.open_with(text)


async def _key(app: Any, screen: Any, key: str) -> float:
    """Seconds from a key to its row."""
    from textual import events

    before = screen.table.cursor
    began = time.perf_counter()
    app.post_message(events.Key(key, key if len(key) == 1 else None))
    await _true(lambda: screen.table.cursor != before and screen.table.current is not None)
    return time.perf_counter() - began


async def _until_answered(screen: Any, act: Callable[[], Any]) -> float:
    """Seconds until the rows of another list are shown."""
    shown: list[object] = []
    real = screen.table.show

    def show(window: object) -> None:
        shown.append(window)
        real(window)

    screen.table.show = show
    began = time.perf_counter()
    await act()
    await _true(lambda: shown)
    del screen.table.show
    taken = time.perf_counter() - began
    await asyncio.sleep(0.3)
    return taken


def _prefixes(text: str) -> list[str]:
    return [text[:n] for n in range(1, len(text) + 1) if text[n - 1] != " "]


async def _true(condition: Callable[[], Any]) -> None:
    """Look from outside until something is so."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.001)


def _memory_mb() -> int:
    with Path("/proc/self/statm").open() as stream:
        return round(int(stream.read().split()[1]) * resource.getpagesize() / 1e6)


async def _watch_loop(gaps: list[float]) -> None:
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


def run(rows: int, home: Path | None) -> dict[str, float]:
    """Fill where needed, then measure store and screen in processes of their own."""
    with tempfile.TemporaryDirectory() as folder:
        root = home or Path(folder) / "home"
        found = {"fill": 0.0}
        if not (root / "media_downloader.db").exists():
            found["fill"] = round(fill(root, rows))
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
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--measure", choices=["store", "screen"])
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.measure == "store":
        print(json.dumps(measure_store(given.home)))
        return
    if given.measure == "screen":
        print(json.dumps(asyncio.run(measure_screen(given.home))))
        return
    found = run(given.rows, given.home)
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
