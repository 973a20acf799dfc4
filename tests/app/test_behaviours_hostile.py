"""Strings from outside are text on every screen: titles, addresses, messages, sources, file names, log lines."""

from __future__ import annotations

import time

import pytest

from mediadl.events import Event, EventKind
from mediadl.logs import LogWriter
from mediadl.models import Download, Identity, Item, ItemState, JobStatus, MediaKind
from mediadl.service import Services
from mediadl.store import downloads, journal
from terminal import scene
from terminal.anywhere import NAMES, Anywhere, opened
from terminal.hostile import BAD, HOSTILE, assert_harmless

WIDTH, HEIGHT = 100, 40

QUIT = "[@click=app.quit]press[/] [@click=app.leave]me[/]"

STRINGS = [QUIT, *(text.replace("\ud800", "") for text in HOSTILE.values()), "word " * 2000, "w" * 10_000]


def fill(services: Services) -> list[int]:
    """Every hostile string in every place that a person sees."""
    now = time.time()
    statuses = [
        JobStatus.FAILED,
        JobStatus.ACTIVE,
        JobStatus.WAITING,
        JobStatus.SCHEDULED,
        JobStatus.COMPLETED,
    ]
    ids = scene.write(services, [part(n, text, statuses[n % 5]) for n, text in enumerate(STRINGS)])
    with services.store.write() as tx:
        for n, text in enumerate(STRINGS):
            downloads.add(tx, stored(n, text, now))
    writer = LogWriter(services.home.logs, level="debug")
    for n, text in enumerate(STRINGS):
        writer.write("error", text[:30] or "empty", text, ids[n])
    writer.close()
    folder = services.home.root / "downloads [@click=app.leave]x[/] [bold]"
    services.settings.set("downloads.directory", str(folder))
    return ids


def part(number: int, text: str, status: JobStatus) -> scene.Part:
    """A job with the string wherever a site has a say."""
    item = Item(0, 1, Identity("s", "1"), ItemState.FAILED, text, 5, text[:20], text, None)
    return scene.Part(
        text, f"https://a{number}.example/{text[:2000]}", "generic", status, text[:40], reason="network", message=text,
        backend=text[:20], files=[item], total=10**9, progress=10,
    )  # fmt: skip


def stored(number: int, text: str, now: float) -> Download:
    """A stored file with the string wherever a site has a say."""
    name = text.replace("/", "_").replace("\0", "")[:3000]
    return Download(
        id=0, job_id=None, identity=Identity("s", str(number)), platform="generic", source=text[:300], title=text,
        url=f"https://a.example/{text[:2000]}", path=f"/media/{number}{name}", size_bytes=10_000,
        sha256="a" * 64, received_sha256="a" * 64, kind=MediaKind.IMAGE, mime=text[:30], width=10, height=10,
        duration_s=None, backend=text[:20], posted_at=None, stored_at=now - 60 - number,
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
async def test_hostile_strings_are_text_on_every_screen(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name, size=(WIDTH, HEIGHT)) as page:
        await page.press("home")
        for _ in range(len(STRINGS)):
            harmless(page)
            await page.press("j")
        harmless(page)
        await click_everywhere(page)

        assert page.place == name
        assert page.app.is_running
        assert page.app.return_value is None


@pytest.mark.parametrize("name", ["dashboard", "queue", "scheduler", "history", "logs"])
async def test_hostile_strings_are_text_in_every_dialog_that_shows_them(
    services: Services, name: str
) -> None:
    fill(services)
    async with opened(services, name, size=(WIDTH, HEIGHT)) as page:
        await page.press("home")
        for _ in range(len(STRINGS)):
            if page.cursor_id is not None:
                await page.press("enter")
                await page.until(lambda: page.depth == 2, "what Enter opens")
                harmless(page)
                await page.press("escape")
                await page.until(lambda: page.depth == 1, "closed")
            await page.press("j")
        await page.press("y")
        harmless(page)

        assert page.app.is_running


@pytest.mark.parametrize("keys", [("d",), ("t",), ("m",), ("c",), ("i",)], ids=lambda keys: keys[0])
async def test_hostile_names_are_text_in_gallery_menus_and_questions(
    services: Services, keys: tuple[str, ...]
) -> None:
    fill(services)
    async with opened(services, "history", size=(WIDTH, HEIGHT)) as page:
        await page.press("home", *keys)
        await page.until(lambda: page.depth == 2 or keys == ("t",), "what it opens")
        await page.pilot.pause()
        harmless(page)

        assert page.app.is_running


async def test_hostile_titles_are_text_in_toasts(services: Services) -> None:
    ids = fill(services)
    async with opened(services, "logs", size=(WIDTH, HEIGHT)) as page:
        for job_id in ids:
            page.app.clear_notifications()
            with services.store.write() as tx:
                payload = {"status": "failed", "reason": "not_found"}
                journal.append(tx, [Event(EventKind.JOB_CHANGED, job_id, payload)], time.time())
            await page.until(lambda: "Not found" in page.toasts(), "the toast")
            await page.pilot.pause()
            harmless(page)

        assert page.app.is_running


def harmless(page: Anywhere) -> None:
    """Nothing but text: no control reaches the screen, nothing is wider than it, header and keys are as ever."""
    lines = page.lines()
    assert len(lines) == HEIGHT
    assert_harmless(lines, WIDTH)
    if page.depth == 1:
        assert page.place.capitalize() in lines[0]
        assert page.hints
    assert not [bad for bad in BAD if bad != "\n" and bad in page.toasts()]


async def click_everywhere(page: Anywhere) -> None:
    """Click on the rows and on what tells of them; whatever a click means, it is none that a string asks for."""
    for y in range(3, HEIGHT - 2, 2):
        for x in (30, 45, 60):
            await page.pilot.click(offset=(x, y))
            if page.depth > 1:
                await page.press("escape")
            if page.app.screen.focused is not page.rows:
                await page.press("escape")
