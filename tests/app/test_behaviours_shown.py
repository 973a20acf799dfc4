"""Paste, honest progress, gallery: behaviours 12, 13 and 18 of the terminal program."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from textual.geometry import Region

from mediadl.models import JobQuery, JobStatus
from mediadl.service import Services
from mediadl.widgets.gallery import Gallery
from terminal import archive, history_page, scene
from terminal.anywhere import NAMES, Anywhere, fill, opened
from terminal.pty_program import on_a_terminal

# 12: paste anywhere


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_12_an_address_pasted_anywhere_fills_the_add_dialog(
    services: Services, name: str
) -> None:
    async with opened(services, name) as page:
        await page.paste("https://www.tiktok.com/@tiny.kiln/video/7301112223334445556")
        await page.opens("AddDialog")
        await page.until(lambda: "tiktok" in page.text().casefold(), "what it is")
        await page.press("enter")

        await page.until(lambda: services.queue.count(JobQuery()) == 1, "added")


async def test_behaviour_12_many_lines_are_added_together_after_a_preview(services: Services) -> None:
    lines = "\n".join(f"https://files.example/{n}.jpg" for n in range(12))
    async with opened(services, "logs") as page:
        await page.paste(lines)
        await page.opens("AddDialog")
        await page.until(lambda: "12 addresses" in page.text(), "the preview")
        await page.press("enter")

        await page.until(lambda: services.queue.count(JobQuery()) == 12, "all of them")


async def test_behaviour_12_what_is_no_address_is_said_before_it_is_added(services: Services) -> None:
    async with opened(services, "history") as page:
        await page.paste("not an address at all")
        await page.opens("AddDialog")
        await page.pilot.pause()
        await page.press("enter")

        assert page.dialog == "AddDialog"
        assert services.queue.count(JobQuery()) == 0


# 13: honest progress


UNKNOWN = scene.Part(
    "A stream without an end",
    "https://video.example/live",
    "generic",
    JobStatus.ACTIVE,
    speed=2e6,
    total=None,
)


@pytest.mark.parametrize("name", ["dashboard", "queue"])
async def test_behaviour_13_an_unknown_size_shows_no_percent(services: Services, name: str) -> None:
    scene.write(services, [UNKNOWN])
    async with opened(services, name) as page:
        await page.until(lambda: "1 active" in page.lines()[0], "the totals")
        row = next(line for line in page.lines()[1:] if "A stream without" in line)

        assert "%" not in row
        assert "%" not in page.lines()[0]
        assert "2.0 MB/s" in row


@pytest.mark.parametrize("name", NAMES)
async def test_behaviour_13_the_header_of_every_screen_has_the_totals(services: Services, name: str) -> None:
    fill(services)
    async with opened(services, name) as page:
        await page.until(lambda: "4 active" in page.lines()[0], "jobs at work")

        assert "MB/s" in page.lines()[0]
        assert "%" in page.lines()[0]


def test_behaviour_13_the_window_title_has_the_totals(services: Services) -> None:
    scene.write(services, [UNKNOWN])
    with on_a_terminal(services.home.root) as program:
        program.read_until(b"1 active")
        program.read_until(b"\x1b]2;")
        title = program.output.rpartition(b"\x1b]2;")[2].partition(b"\x07")[0].decode()

    assert "1 active" in title
    assert "MB/s" in title
    assert "%" not in title


# 18: the gallery


async def test_behaviour_18_overlays_are_the_visible_tiles_and_none_under_a_dialog(
    services: Services, tmp_path: Path
) -> None:
    archive.write(services, tmp_path, now=time.time())
    async with opened(services, "history", size=(100, 30)) as page:
        gallery = await gallery_of(page)
        for keys in (("home",), ("pagedown",), ("G",)):
            await page.press(*keys)
            await page.until(
                lambda: pictured_in_view(gallery) == {one.id for one in gallery.overlay_items()}, "equal"
            )
            for one in gallery.overlay_items():
                assert gallery.region.contains_region(Region(one.x, one.y, one.w, one.h))
        assert gallery.overlay_items()
        await page.press("?")
        await page.opens("HelpDialog")
        assert gallery.overlay_items() == ()
        await page.press("escape")
        await page.until(lambda: gallery.overlay_items(), "they are back")
        await page.press("2")
        await page.until(lambda: page.place == "queue", "another screen")
        assert gallery.overlay_items() == ()


async def test_behaviour_18_two_thousand_files_leave_no_more_than_two_pages_behind(
    services: Services,
) -> None:
    history_page.fill(services, 2000)
    async with opened(services, "history", size=(100, 30)) as page:
        gallery = await gallery_of(page)
        for _ in range(40):
            await page.press("pagedown")
            await page.until(lambda: gallery.current is not None, "tiles")

            assert len(gallery.loaded_rows) < 300
            assert len(gallery._pictures) <= len(gallery.loaded_rows)
            assert len(gallery.wanted_pictures()) <= 4 * gallery.visible_rows


async def gallery_of(page: Anywhere) -> Gallery[object]:
    """Switch to the gallery."""
    await page.press("t")
    await page.until(lambda: isinstance(page.rows, Gallery) and page.rows.current is not None, "tiles")
    gallery = page.rows
    assert isinstance(gallery, Gallery)
    return gallery


def pictured_in_view(gallery: Gallery[object]) -> set[int]:
    """Ids of the files of whole tiles in view that have a picture."""
    from mediadl.screens.history_verbs import PICTURED

    found = set()
    for index in range(gallery.first, gallery.first + gallery.visible_rows):
        row = gallery.row(index)
        if row is not None and row.kind in PICTURED:  # type: ignore[attr-defined]
            found.add(row.id)  # type: ignore[attr-defined]
    return found
