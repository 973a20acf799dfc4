"""The gallery: time to a page of pictures, paging, and what a walk through 2,000 files leaves behind.

Alone: `python benchmarks/gallery.py`, with `--json` for one line of JSON. Nothing is measured through a terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import hashlib
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FILES = 2000
PHOTOS = 40
"""Different pictures; the other files are further names of them with a hash of their own, so that each is decoded."""
PHOTO = (1600, 1200)
SIZE = (140, 36)
TILES = 24
"""Of a page of that size."""
DEADLINE_S = 60.0

GOALS = {
    "page, warm disk cache": "<= 150 ms",
    "longest gap of the loop": "<= 100 ms",
    "memory added": "<= 60 MB",
    "processes left": "<= 0",
    "key to paint, p95": "<= 50 ms",
}


def make_files(folder: Path) -> list[Any]:
    """History rows of so many pictures."""
    from PIL import Image, ImageFilter

    from mediadl.models import Download, Identity, MediaKind

    rng = random.Random(7)
    rows = []
    for n in range(FILES):
        path = folder / f"{n:04}.jpg"
        if n < PHOTOS:
            noise = Image.frombytes("RGB", (160, 120), rng.randbytes(160 * 120 * 3))
            photo = noise.resize(PHOTO).filter(ImageFilter.GaussianBlur(4))
            photo.save(path, quality=88)
        else:
            path.hardlink_to(folder / f"{n % PHOTOS:04}.jpg")
        sha = hashlib.sha256(path.name.encode()).hexdigest()
        rows.append(
            Download(
                n + 1, 1, Identity("bench", str(n)), "generic", "ann", f"Photo {n:04} of the long winter", "",
                str(path), path.stat().st_size, sha, sha, MediaKind.IMAGE, "image/jpeg", *PHOTO, None, "", None, 0.0,
            )
        )  # fmt: skip
    return rows


class Bench:
    """An app with nothing but a gallery, and its line to the thumbnails."""

    def __init__(self, rows: Sequence[Any], home: Path) -> None:
        from textual.app import App
        from textual.message import Message

        from mediadl.paths import Home
        from mediadl.service.thumbnails import ThumbnailService
        from mediadl.widgets import gallery_text
        from mediadl.widgets.gallery import Gallery

        class Made(Message):
            def __init__(self, pictures: Sequence[Any]) -> None:
                super().__init__()
                self.pictures = pictures

        bench = self
        self.rows = rows
        self.service = ThumbnailService(Home(home))
        self.gallery: Any = Gallery(lambda row: row.id, gallery_text.face, gallery_text.caption)

        class GalleryApp(App[None]):
            def compose(self) -> Iterator[Any]:
                yield bench.gallery

            def on_mount(self) -> None:
                for n in range(2):
                    self.run_worker(bench.feed.run, thread=True, name=f"thumbnails-{n}", exit_on_error=False)

            def on_unmount(self) -> None:
                bench.feed.stop()

            def on_window_table_wanted(self) -> None:
                bench.read()

            def on_gallery_pictures_wanted(self) -> None:
                gallery, wish = bench.gallery, bench.service.wish
                bench.feed.want([wish(row, gallery.picture_box) for row in gallery.wanted_pictures()])

            def on_made(self, message: Made) -> None:
                bench.gallery.put_pictures(message.pictures)

        self.app: Any = GalleryApp()
        self.feed = self.service.feed(lambda pictures: self.app.post_message(Made(pictures)))

    def read(self) -> None:
        """Rows around the place."""
        from mediadl.widgets.window import read_window

        window = read_window(
            self.gallery.place,
            total=len(self.rows),
            page=lambda offset, limit: self.rows[offset : offset + limit],
            key=lambda row: row.id,
            index_of=lambda row_id: row_id - 1,
        )
        self.gallery.show(window)

    def pictured(self) -> bool:
        """Whether every tile of the page is painted with its picture."""
        first = self.gallery.first
        shown = (self.gallery._shown.get(n) for n in range(first, min(first + TILES, len(self.rows))))
        return all(seen is not None and seen[0].picture is not None for seen in shown)

    def cursor_painted(self) -> bool:
        """Whether the tile under the cursor is painted as such."""
        seen = self.gallery._shown.get(self.gallery.cursor)
        return seen is not None and seen[0].cursor and seen[0].row is not None

    async def until_pictured(self) -> None:
        """Wait for that."""
        deadline = time.monotonic() + DEADLINE_S
        while not self.pictured():
            assert time.monotonic() < deadline, "no pictures"
            await asyncio.sleep(0.001)

    @asynccontextmanager
    async def running(self) -> Any:
        """The app without a terminal, its gallery still empty."""
        async with self.app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            assert self.gallery.visible_rows == TILES, self.gallery.grid
            yield pilot


async def first_page(rows: Sequence[Any], home: Path) -> float:
    """Milliseconds from rows at hand to a page of pictures, in a program that has just started."""
    bench = Bench(rows, home)
    async with bench.running():
        began = time.monotonic()
        bench.read()
        await bench.until_pictured()
        return _ms(time.monotonic() - began)


async def walk(rows: Sequence[Any], home: Path) -> dict[str, float]:
    """Through all files page by page, then keys in a page that is there."""
    bench = Bench(rows, home)
    found: dict[str, float] = {}
    async with bench.running() as pilot:
        bench.read()
        await bench.until_pictured()
        # As the app does once it has started
        gc.collect()
        gc.freeze()
        before = _rss_mb()
        gaps: list[float] = []
        watching = asyncio.create_task(_watch_loop(gaps))
        began, pages = time.monotonic(), 0
        while bench.gallery.cursor + bench.gallery.grid.columns < len(rows):
            bench.gallery.page(1)
            pages += 1
            await pilot.pause()
            if pages % 5 == 0:  # a person looks at some pages and leafs past others
                await bench.until_pictured()
        await bench.until_pictured()
        found["walk"] = round(time.monotonic() - began, 1)
        found["cancelled"] = bench.feed.cancelled
        found["pictures held"] = len(bench.gallery._pictures)
        found["held in memory"] = round(bench.service.store.memory.size_bytes / 1e6, 1)
        took = []
        for n in range(60):
            started = time.monotonic()
            bench.gallery.move_across(-1 if n % 10 else -TILES)
            while not bench.cursor_painted():  # noqa: ASYNC110 - looks from outside
                await asyncio.sleep(0.001)
            took.append(time.monotonic() - started)
            await pilot.pause(0.02)
        found["key to paint, p95"] = _ms(sorted(took)[int(len(took) * 0.95)])
        found["key to paint, median"] = _ms(statistics.median(took))
        watching.cancel()
        found["longest gap of the loop"] = _ms(max(gaps))
        found["memory added"] = round(_rss_mb() - before, 1)
    deadline = time.monotonic() + 10
    while _children() and time.monotonic() < deadline:  # noqa: ASYNC110 - looks from outside
        await asyncio.sleep(0.01)
    found["processes left"] = len(_children())
    return found


UNITS = {
    "walk": "s", "cancelled": "wishes", "pictures held": "pictures", "held in memory": "MB", "memory added": "MB",
    "processes left": "processes",
}  # fmt: skip


def measure() -> dict[str, dict[str, object]]:
    """Every figure, as `make bench` takes it."""
    with tempfile.TemporaryDirectory(prefix="gallery-") as folder:
        root = Path(folder)
        (root / "media").mkdir()
        rows = make_files(root / "media")
        found = {"page, nothing kept": asyncio.run(first_page(rows, root / "home"))}
        warm = [asyncio.run(first_page(rows, root / "home")) for _ in range(5)]
        found["page, warm disk cache"] = statistics.median(warm)
        found |= asyncio.run(walk(rows, root / "home"))
    return {
        name: {"value": value, "unit": UNITS.get(name, "ms"), "goal": GOALS.get(name, "")}
        for name, value in found.items()
    }


async def _watch_loop(gaps: list[float]) -> None:
    """How late a task of 5 ms is."""
    while True:
        began = time.monotonic()
        await asyncio.sleep(0.005)
        gaps.append(time.monotonic() - began - 0.005)


def _children() -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
            if parent == os.getpid():
                found.append(int(folder.name))
    return found


def _rss_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the gallery.")
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    as_json = parser.parse_args().json
    found = measure()
    if as_json:
        print(json.dumps(found))
    else:
        for name, figure in found.items():
            print(f"{name:<26}{figure['value']:>10} {figure['unit']:<10}{figure['goal']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
