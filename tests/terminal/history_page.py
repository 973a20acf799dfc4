"""The History screen as a test sees it, and stored files as a person would have them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

from mediadl.app import MediadlApp
from mediadl.models import Download, Identity, MediaKind
from mediadl.screens.history import HistoryScreen
from mediadl.service import Services
from mediadl.store import archive, downloads
from mediadl.widgets.window_table import WindowTable
from terminal.page import Page

_DAY = 86_400.0
_KINDS = (MediaKind.IMAGE, MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO)
_PLATFORMS = ("instagram", "tiktok", "generic")
_SOURCES = ("harbour_sketches", "tiny.kiln", "slowbread", "video.example")


class History(Page):
    """The History screen in front."""

    @property
    def screen(self) -> HistoryScreen:
        return cast("HistoryScreen", self.app.page)

    @property
    def table(self) -> WindowTable[Download]:  # type: ignore[override]
        return self.screen.table

    @property
    def file(self) -> Download:
        current = self.table.current
        assert current is not None
        return current

    async def search(self, words: str) -> None:
        """Type words into the search."""
        await self.press("/", *("space" if letter == " " else letter for letter in words))

    async def total(self, number: int) -> None:
        """Wait until the list has so many rows."""
        await self.until(lambda: self.table.total == number, f"{number} rows, not {self.table.total}")
        await self.pilot.pause()

    async def choose(self, key: str) -> None:
        """Choose from a menu by its letter."""
        await self.opens("MenuDialog")
        await self.press(key)
        await self.opens("HistoryScreen")


@asynccontextmanager
async def opened(services: Services, size: tuple[int, int] = (120, 40)) -> AsyncIterator[History]:
    """The app with the History in front and its first rows loaded."""
    app = MediadlApp(services)
    async with app.run_test(size=size, notifications=True) as pilot:
        page = History(app, pilot)
        await pilot.press("4")
        await page.until(lambda: isinstance(app.page, HistoryScreen), "the History")
        await page.until(lambda: page.table.loaded, "the first rows")
        await pilot.pause()
        yield page


def fill(services: Services, number: int = 60, *, folder: Path | None = None) -> list[int]:
    """Stored files, the last one newest, one a quarter of a day; with files on disk if `folder` is given."""
    now = time.time()
    if folder is not None:
        services.settings.set("downloads.directory", str(folder))
    ids = []
    with services.store.write() as tx:
        for n in range(number):
            path = (folder or Path("/media")) / f"{n:03}.jpg"
            if folder is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"x" * (n + 1))
            one = Download(
                id=0, job_id=None, identity=Identity("tiktok", str(n)), platform=_PLATFORMS[n % 3],
                source=_SOURCES[n % 4], title=f"Picture {n:03} of the harbour", path=str(path),
                url=f"https://www.tiktok.com/@tiny.kiln/video/{7 * 10**18 + n}", size_bytes=(n + 1) * 100_000,
                sha256=f"{n:064x}", received_sha256=f"{n:064x}", kind=_KINDS[n % 4], mime="image/jpeg", width=1080,
                height=1350, duration_s=None, backend="gallery-dl", posted_at=now - 40 * _DAY,
                stored_at=now - 60 - (number - 1 - n) * _DAY / 4,
            )  # fmt: skip
            ids.append(downloads.add(tx, one))
            archive.add(tx, one.identity, ids[-1], now)
    return ids
